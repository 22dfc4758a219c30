"""Binary form of messages: reading with errors that say where a file is damaged, and writing the same bytes each time.

The parser of the protobuf package is strict and bounded (100 levels, lengths checked) but says only that something is wrong.
So when it refuses, the bytes are walked once more here, for the offset.
"""

from __future__ import annotations

from typing import Any, TypeVar

from graphflow.formats.errors import DataLossError

MAX_DEPTH = 100
_WIRE_NAMES = {0: "varint", 1: "8 bytes", 2: "length-delimited", 3: "group start", 4: "group end", 5: "4 bytes"}

M = TypeVar("M")


def parse(data: Any, message_type: type[M], source: str = "<bytes>") -> M:
    """The message that `data` (bytes, or a buffer) holds.

    source: the name of the file, for the error. Raises DataLossError that names it, the byte offset and what is wrong there.
    """
    data = data if isinstance(data, bytes) else bytes(data)
    message: Any = message_type()
    try:
        message.ParseFromString(data)
    except RecursionError:
        raise _refusal(message, data, source, f"nested deeper than {MAX_DEPTH} messages") from None
    except Exception as error:  # DecodeError, and what older parsers let through
        raise _refusal(message, data, source, str(error)) from None
    return message


def to_bytes(message: Any) -> bytes:
    """The bytes of a message, map keys sorted, so that equal messages give equal bytes."""
    return message.SerializeToString(deterministic=True)


def _refusal(message: Any, data: bytes, source: str, reason: str) -> DataLossError:
    name = message.DESCRIPTOR.full_name
    fault = locate_fault(data, message.DESCRIPTOR)
    if fault is None:
        return DataLossError(f"{source}: Error parsing message {name}: {reason}.")
    offset, what = fault
    return DataLossError(f"{source}: Error parsing message {name} at byte {offset} of {len(data)}: {what}.")


def locate_fault(data: bytes, descriptor: Any) -> tuple[int, str] | None:
    """(byte offset, what is wrong there) of the first fault in the wire form, or None if the walk finds none."""
    try:
        _walk(data, 0, len(data), descriptor, 0)
    except _FaultError as fault:
        return fault.offset, fault.what
    return None


class _FaultError(Exception):
    def __init__(self, offset: int, what: str) -> None:
        super().__init__(what)
        self.offset, self.what = offset, what


def _walk(data: bytes, at: int, end: int, descriptor: Any, depth: int) -> None:
    """Checks the fields of one message, and of the messages inside it. descriptor: None inside unknown fields."""
    groups: list[int] = []
    while at < end:
        start = at
        tag, at = _varint(data, at, end, "a field's tag")
        number, wire = tag >> 3, tag & 7
        if number == 0 or wire > 5:
            raise _FaultError(start, f"expected a field, found field number {number} of wire type {wire}")
        if wire == 3:
            groups.append(number)
            if depth + len(groups) > MAX_DEPTH:
                raise _FaultError(start, f"nested deeper than {MAX_DEPTH} messages")
        elif wire == 4:
            if not groups or groups.pop() != number:
                raise _FaultError(start, f"the end of group {number} without its start")
        elif wire == 2:
            at = _delimited(data, at, end, None if descriptor is None or groups else descriptor.fields_by_number.get(number), depth)
        else:
            at = _varint(data, at, end, f"field {number}")[1] if wire == 0 else at + (8 if wire == 1 else 4)
            if at > end:
                raise _FaultError(start, f"field {number} needs {_WIRE_NAMES[wire]}, but the message ends at byte {end}")
    if groups:
        raise _FaultError(end, f"the end of group {groups[-1]} is missing")


def _delimited(data: bytes, at: int, end: int, field: Any, depth: int) -> int:
    """Checks one length-delimited field and returns the offset after it."""
    start = at
    length, at = _varint(data, at, end, "a length")
    what = "an unknown field" if field is None else field.full_name.removeprefix("tensorflow.")
    if length > end - at:
        raise _FaultError(start, f"{what} claims {length} bytes, but {end - at} are left")
    if field is not None and field.message_type is not None:
        if depth + 1 >= MAX_DEPTH:
            raise _FaultError(start, f"nested deeper than {MAX_DEPTH} messages")
        _walk(data, at, at + length, field.message_type, depth + 1)
    elif field is not None and field.type == field.TYPE_STRING:
        try:
            data[at : at + length].decode("utf-8")
        except UnicodeDecodeError as error:
            raise _FaultError(at + error.start, f"{what} must be UTF-8, found {data[at : at + 40]!r}") from None
    return at + length


def _varint(data: bytes, at: int, end: int, what: str) -> tuple[int, int]:
    """(value, offset after it)."""
    start, value, shift = at, 0, 0
    while at < end:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >= 1 << 64:
                break
            return value, at
        shift += 7
        if shift >= 70:
            break
    else:
        raise _FaultError(start, f"{what} is cut: the message ends at byte {end}")
    raise _FaultError(start, f"{what} is a varint of more than 64 bits")
