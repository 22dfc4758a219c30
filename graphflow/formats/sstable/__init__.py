"""LevelDB's immutable table, the container of `.index` files and of V1 checkpoints: sorted keys and their values.

    data block, trailer | data block, trailer | ... | metaindex block, trailer | index block, trailer | footer

The index block has one entry per data block: a key that is at least the block's last, and the block's place (`Handle`).
All integers are little-endian; `blocks` knows the bytes of a block, `framing` trailer, handles and footer.
"""
from __future__ import annotations

from .reader import TableReader
from .writer import TableWriter, table_bytes

__all__ = ["TableReader", "TableWriter", "table_bytes"]
