"""Structures of dataset elements: tuples, named tuples and dicts. Lists are no structures here: they become tensors."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..core.nest import packed


def is_nested(structure: Any) -> bool:
    """Whether it has leaves inside."""
    return isinstance(structure, (tuple, Mapping)) and not hasattr(structure, "dense_shape")


def _items(structure: Any) -> list[Any]:
    return [structure[k] for k in sorted(structure)] if isinstance(structure, Mapping) else list(structure)


def flatten(structure: Any) -> list[Any]:
    """The leaves in order, dicts by their keys; [structure] for a leaf."""
    if not is_nested(structure):
        return [structure]
    return [leaf for item in _items(structure) for leaf in flatten(item)]


def pack(structure: Any, flat: list[Any]) -> Any:
    """The leaves in the form of a structure."""
    return packed(structure, iter(flat), is_nested)


def map_structure(function: Callable[[Any], Any], structure: Any) -> Any:
    """function of each leaf, in the form of the structure."""
    return pack(structure, [function(leaf) for leaf in flatten(structure)])


def flatten_up_to(shallow: Any, structure: Any) -> list[Any]:
    """What stands at the places of the leaves of `shallow`; TypeError or ValueError where the forms differ."""
    if not is_nested(shallow):
        return [structure]
    if not is_nested(structure) and not isinstance(structure, list):
        raise TypeError(f"If shallow structure is a sequence, input must also be a sequence. Input has type: {type(structure)}.")
    if isinstance(shallow, Mapping) != isinstance(structure, Mapping):
        raise TypeError("The two structures don't have the same sequence type. Input structure has type "
                        f"{type(structure)}, while shallow structure has type {type(shallow)}.")
    if len(shallow) != len(structure):
        raise ValueError("The two structures don't have the same sequence length. Input structure has length "
                         f"{len(structure)}, while shallow structure has length {len(shallow)}.")
    if isinstance(shallow, Mapping) and set(shallow) != set(structure):
        raise ValueError(f"The two structures don't have the same keys. Input structure has keys {sorted(structure)}, while shallow "
                         f"structure has keys {sorted(shallow)}.")
    return [leaf for a, b in zip(_items(shallow), _items(structure)) for leaf in flatten_up_to(a, b)]
