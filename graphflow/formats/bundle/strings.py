"""The bytes of a string tensor.

    varint length of each element ... | 4 bytes masked CRC of the lengths | the bytes of all elements, one after another

The CRC of the lengths covers each as a 4-byte little-endian number (8-byte above 2**32 - 1), not its varint. The entry's CRC
goes on from there, over the four stored bytes and the elements: so it is not the CRC of what lies in the file. A big-endian
machine writes the numbers and the stored CRC in its own order.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from graphflow.formats import varint
from graphflow.formats.crc import crc32c, mask

ByteOrder = Literal["little", "big"]


def encode(elements: list[bytes]) -> tuple[bytes, int]:
    """(bytes to store, CRC of the entry, not masked yet)."""
    lengths = [len(element) for element in elements]
    length_crc = lengths_crc(lengths, "little")
    stored = mask(length_crc).to_bytes(4, "little")
    body = b"".join(elements)
    return varint.encode_all(lengths) + stored + body, crc32c(body, crc32c(stored, length_crc))


def decode(data: memoryview | bytes, count: int, byte_order: ByteOrder = "little") -> tuple[list[bytes], int]:
    """(elements, CRC of the entry, not masked yet); ValueError when the bytes are damaged or hold no `count` strings."""
    if not data and not count:
        return [], 0
    if len(data) < count + 4:
        raise ValueError(f"{count} strings need at least {count + 4} bytes, found {len(data)}")
    lengths, position = [], 0
    for _ in range(count):
        length, position = varint.decode(data, position)
        lengths.append(length)
    stored = data[position:position + 4]
    length_crc = lengths_crc(lengths, byte_order)
    if int.from_bytes(stored, byte_order) != mask(length_crc):
        raise ValueError(f"The length checksum does not match: stored {int.from_bytes(stored, byte_order):#010x}, "
                         f"computed {mask(length_crc):#010x}")
    position += 4
    if sum(lengths) != len(data) - position:
        raise ValueError(f"the lengths add up to {sum(lengths)} bytes, but {len(data) - position} are there")
    body = memoryview(data)[position:]
    return list(_cut(body, lengths)), crc32c(body, crc32c(stored, length_crc))


def lengths_crc(lengths: Iterable[int], byte_order: ByteOrder) -> int:
    return crc32c(b"".join(length.to_bytes(4 if length < 1 << 32 else 8, byte_order) for length in lengths))


def _cut(body: memoryview, lengths: list[int]) -> Iterator[bytes]:
    position = 0
    for length in lengths:
        yield bytes(body[position:position + length])
        position += length
