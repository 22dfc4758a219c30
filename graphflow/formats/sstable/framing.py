"""What frames the blocks of a table.

    trailer, after each block:  1 byte compression (0 none, 1 Snappy) | 4 bytes masked CRC32C of the stored block and that byte
    handle:                     varint offset | varint size without the trailer
    footer, last 48 bytes:      metaindex handle | index handle | zeros up to byte 40 | magic 57 fb 80 8b 24 75 47 db
"""
from __future__ import annotations

from typing import NamedTuple

from graphflow.formats import varint
from graphflow.formats.errors import DataLossError

FOOTER_SIZE = 48
TRAILER_SIZE = 5
MAGIC = bytes.fromhex("57fb808b247547db")
UNCOMPRESSED, SNAPPY = 0, 1


class Handle(NamedTuple):
    """Where a block lies: offset in the file, and size without its trailer."""

    offset: int
    size: int

    def to_bytes(self) -> bytes:
        return varint.encode(self.offset) + varint.encode(self.size)


def read_handle(data: bytes, position: int = 0) -> tuple[Handle, int]:
    """(handle, position after it); ValueError when it is cut off."""
    offset, position = varint.decode(data, position)
    size, position = varint.decode(data, position)
    return Handle(offset, size), position


def footer_bytes(metaindex: Handle, index: Handle) -> bytes:
    return (metaindex.to_bytes() + index.to_bytes()).ljust(FOOTER_SIZE - len(MAGIC), b"\0") + MAGIC


def read_footer(footer: bytes, name: str, file_size: int) -> Handle:
    """The handle of the index block; DataLossError when these 48 bytes are no footer."""
    at = file_size - FOOTER_SIZE
    if footer[-len(MAGIC):] != MAGIC:
        raise DataLossError(f"{name}: not an sstable (bad magic number): the last 8 bytes, at byte {at + 40}, should be "
                            f"{MAGIC.hex(' ')}, found {footer[-8:].hex(' ')}. The file is cut short, or is no checkpoint.")
    try:
        metaindex, position = read_handle(footer)
        index, _ = read_handle(footer, position)
    except ValueError:
        raise DataLossError(f"{name}: the footer at byte {at} holds no block handles: {footer[:40].hex(' ')}") from None
    for what, handle in (("metaindex", metaindex), ("index", index)):
        check_handle(handle, f"the footer's {what} block", name, file_size)
    return index


def check_handle(handle: Handle, what: str, name: str, file_size: int) -> None:
    """DataLossError unless the block and its trailer lie inside the file."""
    if handle.offset + handle.size + TRAILER_SIZE > file_size:
        raise DataLossError(f"{name}: {what} should lie at bytes {handle.offset} to {handle.offset + handle.size + TRAILER_SIZE}, "
                            f"but the file has {file_size} bytes: the file is cut short or damaged.")
