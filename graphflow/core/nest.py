"""Nested structures of lists, tuples, named tuples and dicts: flat lists of their leaves and back. Dicts go by their keys."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .export import export


@export("nest.is_nested", "contrib.framework.nest.is_nested", "contrib.framework.nest.is_sequence")
def is_nested(structure: Any) -> bool:
    """Whether it is a list, tuple, named tuple or dict; texts and arrays are leaves."""
    return isinstance(structure, (list, tuple, Mapping))


is_sequence = is_nested     # its name inside of TF1


@export("nest.flatten", "contrib.framework.nest.flatten")
def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """The leaves in order; [structure] for a leaf."""
    return list(_leaves(structure))


def _leaves(structure: Any) -> Iterator[Any]:
    if not is_nested(structure):
        yield structure
        return
    for item in _items(structure):
        yield from _leaves(item)


def _items(structure: Any) -> list[Any]:
    if isinstance(structure, Mapping):
        return [structure[k] for k in _keys(structure)]
    return list(structure)


def _keys(structure: Mapping[Any, Any]) -> list[Any]:
    try:
        return sorted(structure)
    except TypeError:
        raise TypeError(f"nest only supports dicts with sortable keys, got {list(structure)}") from None


@export("nest.pack_sequence_as", "contrib.framework.nest.pack_sequence_as")
def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """The leaves of flat_sequence in the form of structure; ValueError when their number differs."""
    flat = list(flat_sequence) if is_nested(flat_sequence) else None
    if flat is None:
        raise TypeError(f"flat_sequence must be a sequence, not {type(flat_sequence).__name__}: {flat_sequence!r}")
    count = len(flatten(structure))
    if count != len(flat):
        raise ValueError(f"Could not pack sequence. Structure had {count} elements, but flat_sequence had {len(flat)} elements. "
                         f"Structure: {structure}, flat_sequence: {flat}.")
    return packed(structure, iter(flat))


def packed(structure: Any, leaves: Iterator[Any], nested: Callable[[Any], bool] = is_nested) -> Any:
    """The next leaves in the form of a structure; nested: what has leaves inside."""
    if not nested(structure):
        return next(leaves)
    items = [packed(item, leaves, nested) for item in _items(structure)]
    kind: Any = type(structure)
    if isinstance(structure, Mapping):
        found = dict(zip(_keys(structure), items))
        ordered = [(k, found[k]) for k in structure]
        return kind(structure.default_factory, ordered) if hasattr(structure, "default_factory") else kind(ordered)
    return kind(*items) if hasattr(structure, "_fields") else kind(items)


@export("nest.assert_same_structure", "contrib.framework.nest.assert_same_structure")
def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """ValueError where one is nested and the other is not or has another length, TypeError where types or keys differ."""
    if is_nested(nest1) != is_nested(nest2):
        raise ValueError(f"The two structures don't have the same nested structure.\n\nFirst structure: {nest1}\n\n"
                         f"Second structure: {nest2}")
    if not is_nested(nest1):
        return
    if check_types and type(nest1) is not type(nest2):
        raise TypeError("The two structures don't have the same sequence type. First structure has type "
                        f"{type(nest1)}, while second structure has type {type(nest2)}.")
    if isinstance(nest1, Mapping) and isinstance(nest2, Mapping) and set(nest1) != set(nest2):
        raise ValueError(f"The two dictionaries don't have the same set of keys: {list(nest1)}, {list(nest2)}")
    first, second = _items(nest1), _items(nest2)
    if len(first) != len(second):
        raise ValueError(f"The two structures don't have the same number of elements.\n\nFirst structure: {nest1}\n\n"
                         f"Second structure: {nest2}")
    for a, b in zip(first, second):
        assert_same_structure(a, b, check_types)


@export("nest.map_structure", "contrib.framework.nest.map_structure")
def map_structure(func: Callable[..., Any], *structure: Any, check_types: bool = True, expand_composites: bool = False) -> Any:
    """func of the leaves at the same place of each structure, in the form of the first."""
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types)
    return pack_sequence_as(structure[0], [func(*leaves) for leaves in zip(*[flatten(s) for s in structure])])
