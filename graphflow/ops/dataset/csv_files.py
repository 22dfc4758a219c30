"""Datasets of what CSV files hold: a record is a line, or several where a field in quotes has line ends."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...core import errors
from ...core.dtypes import DType
from ...core.op import Shape
from ...formats.local_path import local_path
from ...kernels.csv_records import columns
from .base import DatasetOp, Element, Next, Run, text
from .files import opened

_CHUNK = 128      # records that are taken apart at once


class CSVDatasetV2(DatasetOp, sig="filenames: string, compression_type: string, buffer_size: int64, header: bool, field_delim: string, "
                                  "use_quote_delim: bool, na_value: string, select_cols: int64, record_defaults: [output_types], "
                                  "exclude_cols: int64 -> handle: variant", stateful=True):
    """The records of CSV files: a scalar for each column."""
    output_types: list[DType]
    output_shapes: list[Shape]
    least = {"output_types": 1, "output_shapes": 1}

    def start(self, run: Run, filenames: Any, compression: Any, buffer_size: Any, header: Any, delimiter: Any, quotes: Any, missing: Any,
              select: Any, *rest: Any) -> Next:
        defaults, exclude = [np.asarray(d).ravel().tolist() for d in rest[:-1]], np.asarray(rest[-1]).tolist()
        files = iter(np.asarray(filenames, object).ravel().tolist())
        table = ([t.name for t in self.output_types], [d[0] if d else None for d in defaults], _bytes(delimiter), bool(np.asarray(quotes)),
                 _bytes(missing))
        chosen = tuple(np.asarray(select).tolist())
        ready: list[Any] = []                   # elements, or errors in their places, the next one last
        records: Iterator[bytes] | None = None

        def elements(part: list[bytes]) -> list[Any]:
            try:
                found = columns(part, *table, chosen or _kept(part[0], table, exclude))
                return list(zip(*[[column[i, ...] for i in range(len(part))] for column in found]))
            except ValueError as error:
                if len(part) == 1:
                    return [errors.InvalidArgumentError(None, None, str(error))]
                return [element for record in part for element in elements([record])]

        def following() -> Element:
            nonlocal records, ready
            while not ready:
                if records is None:
                    records = _records(text(next(files)), compression, bool(np.asarray(header)), table[3])
                try:
                    part = [record for record, _ in zip(records, range(_CHUNK))]
                except OSError as error:
                    records = None
                    raise errors.of_file_error(error) from error
                if part:
                    ready = elements(part)[::-1]
                else:
                    records = None
            element = ready.pop()
            if isinstance(element, Exception):
                raise element
            return tuple(element)
        return following


def _bytes(value: Any) -> bytes:
    return text(value).encode("utf-8", "surrogateescape")


def _kept(record: bytes, table: Any, exclude: list[int]) -> tuple[int, ...]:
    """The columns that are left where some are excluded."""
    return tuple(i for i in range(len(table[0]) + len(exclude)) if i not in exclude) if exclude else ()


def _records(name: str, compression: Any, header: bool, quotes: bool) -> Iterator[bytes]:
    with opened(local_path(name), compression) as file:
        held = b""
        for line in file:
            held += line
            if quotes and held.count(b'"') % 2:
                continue            # inside of quotes: the record goes on
            record, held = held.rstrip(b"\n").removesuffix(b"\r"), b""
            if header:
                header = False
            else:
                yield record
        if held:
            yield held
