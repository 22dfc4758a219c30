"""Datasets of CSV files: records as tuples of columns, and batches of features by name."""
from __future__ import annotations

import csv
import gzip
import itertools
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ..core import dtypes
from ..core.constant import constant_op
from ..core.convert import convert_to_tensor
from ..core.dtypes import DType, as_dtype
from ..core.export import export
from ..core.known import constant_value
from ..core.make import make
from ..core.tensor import Tensor
from ..ops.dataset.csv_files import CSVDatasetV2
from . import structure
from .dataset import Dataset
from .filenames import matching_names
from .transformations import AUTOTUNE, ignore_errors, parallel_interleave

_TYPES = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64, dtypes.string)     # from the narrowest to the widest
_BUFFER = 4 * 1024 * 1024


@export("data.experimental.CsvDataset", "contrib.data.CsvDataset")
class CsvDataset(Dataset):
    """The records of CSV files: a tuple of scalars, one for each column.

    record_defaults: for each column a dtype (the field is required) or a value that stands for a missing field. header: leave the first
    record of each file out. select_cols: the columns to read, ascending. na_value: another text for a missing field.
    """

    def __init__(self, filenames: Any, record_defaults: Any, compression_type: Any = None, buffer_size: Any = None, header: Any = False,
                 field_delim: Any = ",", use_quote_delim: Any = True, na_value: Any = "", select_cols: Any = None,
                 exclude_cols: Any = None):
        names = convert_to_tensor(filenames, dtypes.string, "filenames")
        defaults = [_default(value) for value in record_defaults]
        form = tuple(structure.Leaf(d.dtype, ()) for d in defaults)
        inputs = [convert_to_tensor(value, dtype, name) for name, dtype, value in (
            ("compression_type", dtypes.string, compression_type or ""), ("buffer_size", dtypes.int64, buffer_size or _BUFFER),
            ("header", dtypes.bool, header), ("field_delim", dtypes.string, field_delim),
            ("use_quote_delim", dtypes.bool, use_quote_delim), ("na_value", dtypes.string, na_value),
            ("select_cols", dtypes.int64, np.array([] if select_cols is None else select_cols, np.int64)))]
        excluded = convert_to_tensor(np.array([] if exclude_cols is None else exclude_cols, np.int64), dtypes.int64, "exclude_cols")
        variant = make(CSVDatasetV2, names, *inputs, defaults, excluded, name=None, **structure.flat_attributes(form))
        super().__init__(variant, form)


def _default(value: Any) -> Tensor:
    if isinstance(value, (DType, type, np.dtype)):
        return constant_op(np.array([], as_dtype(value).np), dtype=as_dtype(value))
    return convert_to_tensor(value)


@export("data.experimental.make_csv_dataset", "contrib.data.make_csv_dataset")
def make_csv_dataset(file_pattern: Any, batch_size: Any, column_names: Any = None, column_defaults: Any = None, label_name: Any = None,
                     select_columns: Any = None, field_delim: str = ",", use_quote_delim: bool = True, na_value: str = "",
                     header: bool = True, num_epochs: Any = None, shuffle: bool = True, shuffle_buffer_size: int = 10000,
                     shuffle_seed: Any = None, prefetch_buffer_size: Any = None, num_parallel_reads: Any = None, sloppy: bool = False,
                     num_rows_for_inference: int | None = 100, compression_type: Any = None, ignore_errors: bool = False) -> Dataset:
    """Batches of CSV files' records: an OrderedDict of columns by name, or (features, label) where label_name is given.

    Names come from the first line unless column_names are given; types from the first num_rows_for_inference records (None: all)
    unless column_defaults are. num_epochs: how often (None: without end). ValueError for columns that are not there.
    """
    names = matching_names(file_pattern)
    dataset = Dataset.from_tensor_slices(names)
    if shuffle:
        dataset = dataset.shuffle(len(names), shuffle_seed)
    reader = _Reader(names, field_delim, use_quote_delim, header, compression_type)
    if column_names is None:
        if not header:
            raise ValueError("Expected `column_names` or `header` arguments. Neither is provided.")
        column_names = reader.names()
    column_names = list(column_names)
    twice = sorted({n for n in column_names if column_names.count(n) > 1})
    if twice:
        raise ValueError(f"Either `column_names` argument or CSV header row contains duplicate column names: {twice}.")
    chosen = None if select_columns is None else _places(select_columns, column_names)
    if column_defaults is None:
        column_defaults = reader.types(len(column_names), na_value, num_rows_for_inference, chosen)
    if chosen is not None:
        if len(chosen) != len(column_defaults):
            raise ValueError("If specified, `column_defaults` and `select_columns` must have the same length: they have "
                             f"{len(column_defaults)} and {len(chosen)}.")
        column_names = [column_names[i] for i in chosen]
    if label_name is not None and label_name not in column_names:
        raise ValueError(f"`label_name` provided must be one of the columns: {column_names}. Received: {label_name}.")

    def records(filename: Any) -> Dataset:
        found: Dataset = CsvDataset(filename, column_defaults, compression_type, None, header, field_delim, use_quote_delim, na_value,
                                    chosen)
        return found.apply(_ignored()) if ignore_errors else found

    def named(*columns: Any) -> Any:
        features = OrderedDict(zip(column_names, columns))
        return features if label_name is None else (features, features.pop(label_name))

    dataset = dataset.apply(parallel_interleave(records, 1 if num_parallel_reads in (None, AUTOTUNE) else num_parallel_reads, 1, sloppy))
    if shuffle:
        dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed)
    if num_epochs != 1:
        dataset = dataset.repeat(num_epochs)
    dataset = dataset.batch(batch_size, drop_remainder=num_epochs is None).map(named)
    return dataset.prefetch(AUTOTUNE if prefetch_buffer_size is None else prefetch_buffer_size)


_ignored = ignore_errors        # make_csv_dataset has an argument of that name


def _places(columns: Any, names: list[str]) -> list[int]:
    """The numbers of columns that are given by number or name, ascending."""
    kinds = {type(c) for c in columns}
    if kinds <= {int}:
        found = sorted(columns)
        if found and not 0 <= found[0] <= found[-1] < len(names):
            raise ValueError(f"`select_columns` {columns} are not all in [0, {len(names)})")
    elif kinds <= {str}:
        absent = [c for c in columns if c not in names]
        if absent:
            raise ValueError(f"`select_columns` has columns that the files lack: {absent}; they have {names}")
        found = sorted(names.index(c) for c in columns)
    else:
        raise ValueError("`select_columns` must be a list of integers or of strings.")
    if len(set(found)) != len(found):
        raise ValueError("`select_columns` has duplicate columns.")
    return found


class _Reader:
    """Looks into the files while the graph is built."""

    def __init__(self, files: list[str], delimiter: str, quotes: bool, header: bool, compression: Any):
        self.files, self.delimiter, self.quotes, self.header = files, delimiter, quotes, header
        kind = constant_value(compression) if isinstance(compression, Tensor) else compression
        self.kind = kind.decode() if isinstance(kind, bytes) else kind or ""

    def rows(self, file: str) -> Iterator[list[str]]:
        if self.kind not in ("", "GZIP"):
            raise ValueError(f"columns of files of `compression_type` {self.kind} cannot be looked at: give column_names and "
                             "column_defaults")
        stream: Any = gzip.open(file, "rt") if self.kind == "GZIP" else open(file, newline="")  # noqa: SIM115
        with stream:
            yield from csv.reader(stream, delimiter=self.delimiter, quoting=csv.QUOTE_MINIMAL if self.quotes else csv.QUOTE_NONE)

    def names(self) -> list[str]:
        first = next(self.rows(self.files[0]), [])
        for file in self.files[1:]:
            if next(self.rows(file), []) != first:
                raise ValueError("All CSV files must have the same column names in their header row, but some files have different ones.")
        return first

    def types(self, count: int, missing: str, rows: int | None, chosen: list[int] | None) -> list[Tensor]:
        """For each column a required field of the narrowest type that fits what the first rows hold; float32 where they hold nothing."""
        places = range(count) if chosen is None else chosen
        found: dict[int, int] = {}
        for row in itertools.islice(self._records(count), rows):
            for i in places:
                if row[i] not in ("", missing):
                    found[i] = max(found.get(i, 0), _narrowest(row[i], found.get(i, 0)))
        kinds = [_TYPES[found[i]] if i in found else dtypes.string for i in places]
        return [constant_op("" if kind is dtypes.string else kind.np.type(0), dtype=kind, shape=[1]) for kind in kinds]

    def _records(self, count: int) -> Iterable[list[str]]:
        for file in self.files:
            for row in itertools.islice(self.rows(file), int(self.header), None):
                if len(row) != count:
                    raise ValueError(f"Problem inferring types: CSV row {row} has {len(row)} fields, expected: {count}.")
                yield row


def _narrowest(field: str, least: int) -> int:
    """The number of the narrowest type from `least` on that holds a field."""
    for i in range(least, len(_TYPES) - 1):
        try:
            if i < 2:
                if np.iinfo(_TYPES[i].np).min <= int(field) <= np.iinfo(_TYPES[i].np).max:
                    return i
            elif float(field) < np.finfo(_TYPES[i].np).max:
                return i
        except ValueError:
            continue
    return len(_TYPES) - 1
