"""Seeds for the second and later draws of one sample, by TensorFlow's rule, so that seeded samples are its numbers."""
from __future__ import annotations

import hashlib
from typing import Any


def new_seed(seed: Any, salt: str) -> int | None:
    """A seed of 31 bits from a seed and a word, None for None: the first 32 bits of their md5."""
    if seed is None:
        return None
    return int(hashlib.md5(f"{seed}{salt}".encode(), usedforsecurity=False).hexdigest()[:8], 16) & 0x7FFFFFFF
