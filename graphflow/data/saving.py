"""What is not there yet of saving iterators."""
from __future__ import annotations

from typing import Any

from ..core.export import export


@export("data.experimental.make_saveable_from_iterator", "contrib.data.make_saveable_from_iterator")
def make_saveable_from_iterator(iterator: Any, external_state_policy: Any = None) -> Any:
    """Would save how far an iterator is."""
    raise NotImplementedError("make_saveable_from_iterator: graphflow does not save how far an iterator is; after a restore begin the "
                              "dataset anew, with dataset.skip(n) for the elements that were used already")
