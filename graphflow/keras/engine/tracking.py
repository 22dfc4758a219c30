"""What hangs on a layer: weights and layers that were assigned to it, alone or in lists and dicts, in the order of assignment."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import graphflow as tf


class Tracked:
    """Base of layers: notes what is assigned to its attributes. `_attached`: attribute -> layer, or container of layers and variables."""

    _attached: dict[str, Any]

    def __setattr__(self, name: str, value: Any) -> None:
        attached = self.__dict__.get("_attached")
        if attached is not None and name not in _OWN:
            attached.pop(name, None)
            if holds(value):
                attached[name] = value
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        self.__dict__.get("_attached", {}).pop(name, None)
        super().__delattr__(name)


_OWN = frozenset("""
    _attached _inbound_nodes _outbound_nodes _trainable_weights _non_trainable_weights _losses _updates _metrics _layers inputs outputs
    _compiled_metrics _compile_metrics _compile_weighted_metrics _compile_arguments _metric_results _steps _outputs loss loss_weights
    optimizer history _states _target_tensors _initial_weights input_spec _nested_inputs _nested_outputs
""".split())  # noqa: SIM905


def holds(value: Any) -> bool:
    """Whether it is, or may come to hold, a layer or a variable."""
    return isinstance(value, (Tracked, tf.Variable, list, dict)) or isinstance(value, tuple) and any(map(holds, value))


def leaves(value: Any) -> Iterator[Any]:
    """The layers and variables in a value, in order."""
    if isinstance(value, (Tracked, tf.Variable)):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)


def unique(items: Any) -> list[Any]:
    """Each once, in order, by identity."""
    return list({id(item): item for item in items}.values())
