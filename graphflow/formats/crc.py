"""CRC32C (Castagnoli), and the mask under which checksums are stored.

A stored checksum is rotated and offset so that a checksum over data that itself holds checksums stays strong.
"""

from __future__ import annotations

from typing import Any

_OFFSET = 0xA282EAD8
_32_BITS = 0xFFFFFFFF


def crc32c(data: Any, start: int = 0) -> int:
    """Checksum of a bytes-like object; start: the checksum of what came before it."""
    import crc32c as library  # at first use: saves 20 ms; only files need it

    return library.crc32c(data, start)


def mask(crc: int) -> int:
    """The form in which a checksum is stored."""
    return (((crc >> 15) | (crc << 17)) + _OFFSET) & _32_BITS


def unmask(stored: int) -> int:
    """The checksum that was stored."""
    rotated = (stored - _OFFSET) & _32_BITS
    return ((rotated >> 17) | (rotated << 15)) & _32_BITS


def masked_crc32c(data: Any) -> int:
    """Checksum of a bytes-like object as it is stored."""
    return mask(crc32c(data))
