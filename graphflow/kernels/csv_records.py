"""Lines of comma-separated values taken apart by RFC 4180: fields in quotes may hold delimiters, line ends and doubled quotes."""
from __future__ import annotations

from typing import Any

import numpy as np

from .csv_plain import Columns, fill
from .packed import CHUNK

_RANGES = {"int32": (-(1 << 31), (1 << 31) - 1), "int64": (-(1 << 63), (1 << 63) - 1)}
_WORDS = {"float32": "float", "float64": "double"}


def fields(record: bytes, delimiter: bytes, quotes: bool) -> list[bytes]:
    """The fields of a record. ValueError for quotes out of place."""
    if not record:
        return []
    if not quotes:
        return record.split(delimiter)
    if b'"' not in record:
        if b"\n" in record or b"\r" in record:
            raise ValueError("Unquoted fields cannot have quotes/CRLFs inside")
        return record.split(delimiter)
    found, at = [], 0
    while True:
        field, at = _quoted(record, at + 1, delimiter) if record[at : at + 1] == b'"' else _plain(record, at, delimiter)
        found.append(field)
        if at >= len(record):
            return found
        at += 1  # past the delimiter
        if at == len(record):
            return [*found, b""]


def _plain(record: bytes, start: int, delimiter: bytes) -> tuple[bytes, int]:
    end = record.find(delimiter, start)
    end = len(record) if end < 0 else end
    field = record[start:end]
    if any(mark in field for mark in (b'"', b"\n", b"\r")):
        raise ValueError("Unquoted fields cannot have quotes/CRLFs inside")
    return field, end


def _quoted(record: bytes, start: int, delimiter: bytes) -> tuple[bytes, int]:
    """A field after its opening quote; the offset after its closing one."""
    pieces, at = [], start
    while True:
        end = record.find(b'"', at)
        if end < 0:
            raise ValueError("Quoted field has to end with quote followed by delim or end")
        pieces.append(record[at:end])
        if record[end + 1 : end + 2] != b'"':
            break
        pieces.append(b'"')
        at = end + 2
    if record[end + 1 : end + 2] not in (b"", delimiter):
        raise ValueError("Quote inside a string has to be escaped by another quote")
    return b"".join(pieces), end + 1


def columns(records: list[bytes], types: list[str], defaults: list[Any], delimiter: bytes, quotes: bool, missing: bytes,
            select: tuple[int, ...]) -> list[np.ndarray[Any, Any]]:
    """An array per column.

    types: names of dtypes. defaults: a value, or None where the field is required. select: positions, () for all.
    """
    made = [np.empty(len(records), object if t == "string" else t) for t in types]
    with np.errstate(over="ignore"):  # a number too large for float32 is infinite
        table = Columns(types, defaults, missing, select, _value)
        for first in range(0, len(records), CHUNK):
            part = records[first : first + CHUNK]
            into = [column[first : first + CHUNK] for column in made]
            if not fill(into, part, table, delimiter, quotes):
                _fill(into, part, table, delimiter, quotes, first)
    return made


def _fill(made: list[np.ndarray[Any, Any]], records: list[bytes], table: Columns, delimiter: bytes, quotes: bool, first: int) -> None:
    """Fills the columns record after record. first: the number of records[0], for errors."""
    types, select = table.types, table.select
    for i, record in enumerate(records):
        found = fields(record, delimiter, quotes)
        if select:
            found = [found[k] for k in select if k < len(found)]
        if len(found) != len(types):
            raise ValueError(f"Expect {len(types)} fields but have {len(found)} in record {first + i}")
        for k, field in enumerate(found):
            if not field or field == table.missing:
                if table.defaults[k] is None:
                    raise ValueError(f"Field {k} is required but missing in record {first + i}!")
                made[k][i] = table.defaults[k]
            else:
                made[k][i] = _value(field, types[k], k, first + i)


def _value(field: bytes, kind: str, position: int, record: int) -> Any:
    if kind == "string":
        return field
    try:
        text = field.decode("ascii").strip(" ")
        if "_" in text:
            raise ValueError
        if kind not in _RANGES:
            return float(text)
        number = int(text)
        low, high = _RANGES[kind]
        if not low <= number <= high:
            raise ValueError
        return number
    except ValueError:
        text = field.decode("utf-8", "replace")
        raise ValueError(f"Field {position} in record {record} is not a valid {_WORDS.get(kind, kind)}: {text}") from None
