"""Sequence: batches by number."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...core.export import export


@export("keras.utils.Sequence")
class Sequence:
    """Base class of data that gives batch number i by `self[i]` and their number by `len(self)`."""

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError("a Sequence must define __getitem__(index)")

    def __len__(self) -> int:
        raise NotImplementedError("a Sequence must define __len__()")

    def on_epoch_end(self) -> None:
        """Called after each epoch."""

    def __iter__(self) -> Iterator[Any]:
        for i in range(len(self)):
            yield self[i]
