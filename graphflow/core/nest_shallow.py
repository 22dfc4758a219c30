"""Structures taken apart down to the depth of a shallower one: what lies deeper stays whole."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .export import export
from .nest import _items, _keys, is_nested, packed


@export("contrib.framework.nest.assert_shallow_structure")
def assert_shallow_structure(shallow_tree: Any, input_tree: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """That `input_tree` has the form of `shallow_tree` as far as that goes.

    ValueError where lengths or keys differ, TypeError where one is nested and the other is not, or types differ (check_types).
    """
    for _ in _leaves_up_to(shallow_tree, input_tree, check_types):
        pass


@export("contrib.framework.nest.flatten_up_to")
def flatten_up_to(shallow_tree: Any, input_tree: Any, check_types: bool = True, expand_composites: bool = False) -> list[Any]:
    """What `input_tree` has in place of each leaf of `shallow_tree`, in order. Errors as of `assert_shallow_structure`."""
    return list(_leaves_up_to(shallow_tree, input_tree, check_types))


@export("contrib.framework.nest.map_structure_up_to")
def map_structure_up_to(shallow_tree: Any, func: Callable[..., Any], *inputs: Any, **kwargs: Any) -> Any:
    """func of what each of `inputs` has in place of each leaf of `shallow_tree`, in the form of that.

    check_types (keyword): as in `flatten_up_to`. ValueError without inputs.
    """
    if not inputs:
        raise ValueError("Cannot map over no sequences")
    check_types = kwargs.pop("check_types", True)
    kwargs.pop("expand_composites", None)
    if kwargs:
        raise TypeError(f"map_structure_up_to() got unexpected keyword arguments {sorted(kwargs)}")
    found = [func(*parts) for parts in zip(*[flatten_up_to(shallow_tree, each, check_types) for each in inputs])]
    return packed(shallow_tree, iter(found))


@export("contrib.framework.nest.flatten_with_joined_string_paths")
def flatten_with_joined_string_paths(structure: Any, separator: str = "/", expand_composites: bool = False) -> list[tuple[str, Any]]:
    """(path, leaf) for each leaf in order; a path joins keys, field names and places."""
    return [(separator.join(map(str, path)), leaf) for path, leaf in _paths(structure, ())]


def _leaves_up_to(shallow: Any, tree: Any, check_types: bool) -> Iterator[Any]:
    if not is_nested(shallow):
        yield tree
        return
    if not is_nested(tree):
        raise TypeError(f"If shallow structure is a sequence, input must also be a sequence. Input has type: {type(tree)}.")
    if check_types and type(shallow) is not type(tree):
        raise TypeError(f"The two structures don't have the same sequence type. Input structure has type {type(tree)}, while shallow "
                        f"structure has type {type(shallow)}.")
    if len(shallow) != len(tree):
        raise ValueError(f"The two structures don't have the same sequence length. Input structure has length {len(tree)}, while shallow "
                         f"structure has length {len(shallow)}.")
    if isinstance(shallow, Mapping) and isinstance(tree, Mapping):
        missing = [key for key in shallow if key not in tree]
        if missing:
            raise ValueError("The shallow_tree's keys are not a subset of the input_tree's keys. The shallow_tree has the following keys "
                             f"that are not in the input_tree: {missing}.")
    for inner, part in zip(_items(shallow), _items(tree)):
        yield from _leaves_up_to(inner, part, check_types)


def _paths(structure: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if not is_nested(structure):
        yield path, structure
        return
    keys: Any = _keys(structure) if isinstance(structure, Mapping) else getattr(structure, "_fields", range(len(structure)))
    for key, item in zip(keys, _items(structure)):
        yield from _paths(item, (*path, key))
