"""Tables in text files: a line per entry, with columns between delimiters."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...core.dtypes import DType, string
from ...core.errors import InvalidArgumentError, OutOfRangeError

WHOLE_LINE, LINE_NUMBER = -2, -1
_C_NAMES = {"float32": "float", "float64": "double"}


def pairs_of_file(name: bytes, key_dtype: DType, value_dtype: DType, what: Any) -> Iterator[tuple[Any, Any]]:
    """Key and value of each line of a file. what: key_index, value_index (columns, or the two above), vocab_size, delimiter, offset.

    InvalidArgumentError for empty lines, missing columns, fields that are no numbers, fewer lines than vocab_size.
    """
    delimiter = what.delimiter.encode() if isinstance(what.delimiter, str) else what.delimiter
    if len(delimiter) != 1:
        raise InvalidArgumentError(None, None, "delimiter should be only 1 char")
    shown, columns = name.decode("utf-8", "replace"), max(what.key_index, what.value_index) + 1
    key_of, value_of = _field(what.key_index, key_dtype, what.offset), _field(what.value_index, value_dtype, what.offset)
    count = position = 0
    with open(name, "rb") as file:
        for count, raw in enumerate(file, 1):
            position += len(raw)
            line = raw.removesuffix(b"\n").replace(b"\r", b"")
            if not line:
                raise InvalidArgumentError(None, None, f"Invalid content in {shown}: empty line found at position {position}.")
            fields = line.split(delimiter) if columns > 0 else []
            if len(fields) < columns:
                raise InvalidArgumentError(None, None, f"Invalid number of columns in {shown} line {count - 1} ("
                                                       f"{line.decode('utf-8', 'replace')}) : expected at least {columns} got "
                                                       f"{len(fields)}")
            yield key_of(count - 1, line, fields), value_of(count - 1, line, fields)
            if count == what.vocab_size:
                return
    if not count:
        raise OutOfRangeError(None, None, f"Read less bytes than requested: {shown} is empty")
    if what.vocab_size > count:
        raise InvalidArgumentError(None, None, f"Invalid vocab_size in {shown}: expected {what.vocab_size} but got {count}")


def _field(index: int, dtype: DType, offset: int) -> Callable[[int, bytes, list[bytes]], Any]:
    """What takes the key or the value from the number of a line, the line and its columns."""
    if index == LINE_NUMBER:
        return lambda number, line, fields: number + offset
    convert: Callable[[bytes], Any] = bytes if dtype is string else int if dtype.is_integer else float

    def taken(number: int, line: bytes, fields: list[bytes]) -> Any:
        field = line if index == WHOLE_LINE else fields[index]
        try:
            found = None if convert is not bytes and b"_" in field else convert(field)      # Python alone takes 1_000
        except ValueError:
            found = None
        if found is None or (convert is int and not dtype.min <= found <= dtype.max):
            raise InvalidArgumentError(None, None, f"Field {field.decode('utf-8', 'replace')} in line {number} is not a valid "
                                                   f"{_C_NAMES.get(dtype.name, dtype.name)}.")
        return found
    return taken
