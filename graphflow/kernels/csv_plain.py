"""CSV records taken apart some thousand at a time: the numbers of a column are read together, from the records' bytes."""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .decimals import plain_numbers
from .packed import Rows, lengths


class Columns(NamedTuple):
    """What a table is made of. value: (field, type, column, record) -> a field read by itself; ValueError for one that cannot be."""
    types: list[str]
    defaults: list[Any]
    missing: bytes
    select: tuple[int, ...]
    value: Callable[[bytes, str, int, int], Any]


def fill(made: list[np.ndarray], records: list[bytes], table: Columns, delimiter: bytes, quotes: bool) -> bool:
    """Fills the columns and tells True; False where a record is wrong, or has not as many fields as the others."""
    whole = delimiter.join([*records, bytes(16)])                       # the padding may be read, and is no field
    text = whole[:-17]
    data = np.frombuffer(text + delimiter, np.uint8)
    quoted = quotes and b'"' in text
    if b"" in records or quotes and not quoted and (b"\n" in text or b"\r" in text):
        return False
    ends = np.flatnonzero(data == delimiter[0])
    if quoted:
        inside = np.bitwise_xor.accumulate((data == ord('"')).view(np.uint8)).view(bool)
        if (~inside & ((data == ord("\n")) | (data == ord("\r")))).any():
            return False
        ends = ends[~inside[ends]]
    behind = np.cumsum(lengths(records) + 1) - 1                        # where each record ends
    last = np.searchsorted(ends, behind)
    width = int(last[0]) + 1
    wanted = table.select or range(len(table.types))
    if max(wanted) >= width or not table.select and width != len(table.types):
        return False
    if last[-1] >= ends.size or (last != np.arange(1, len(records) + 1) * width - 1).any() or (ends[last] != behind).any():
        return False
    lows, highs = np.concatenate([[0], ends[:-1] + 1]).reshape(-1, width), ends.reshape(-1, width)
    words = np.frombuffer(whole, "<u8", len(whole) // 8)
    pieces = functools.cache(lambda: text.split(delimiter))

    def read(source: int) -> list[bytes]:
        if not quoted:
            return pieces()[source::width]
        return [_unquoted(text[low:high]) for low, high in zip(lows[:, source].tolist(), highs[:, source].tolist())]

    try:
        if quoted:                          # fields that no column wants must be right too
            for source in set(range(width)) - set(wanted):
                read(source)
        for k, source in enumerate(wanted):
            rows = Rows(words, np.ascontiguousarray(lows[:, source]))
            _column(made[k], rows, np.ascontiguousarray(highs[:, source] - lows[:, source]), read, source, k, table)
    except ValueError:
        return False                    # who reads record after record says which is the first that is wrong
    return True


def _unquoted(field: bytes) -> bytes:
    """What a field stands for. ValueError for quotes out of place."""
    if b'"' not in field:
        return field
    inner = field[1:-1]
    if len(field) < 2 or not field[0] == field[-1] == ord('"'):
        raise ValueError
    if b'"' in inner:
        if b'"' in inner.replace(b'""', b""):
            raise ValueError
        return inner.replace(b'""', b'"')
    return inner


def _column(column: np.ndarray, rows: Rows, sizes: np.ndarray, read: Callable[[int], list[bytes]], source: int, k: int,
            table: Columns) -> None:
    """read: gives the fields of the column, which most columns of numbers do without."""
    if table.types[k] == "string":
        fields = read(source)
        column[:] = fields
        apart = np.fromiter((field in (b"", table.missing) for field in fields), bool, len(fields))
    else:
        column[...], plain = plain_numbers(rows, sizes, column.dtype)
        apart, fields = ~plain, []
        if table.missing:
            fields = read(source)
            apart |= np.fromiter((field == table.missing for field in fields), bool, len(fields))
        elif apart.any():
            fields = read(source)
    for i in np.flatnonzero(apart).tolist():
        if fields[i] not in (b"", table.missing):
            column[i] = table.value(fields[i], table.types[k], k, i)
        elif table.defaults[k] is None:
            raise ValueError
        else:
            column[i] = table.defaults[k]
