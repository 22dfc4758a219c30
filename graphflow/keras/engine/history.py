"""Operations between layers: `layer(x + 1)` becomes a layer of its own, so that a Model finds its way through them."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ..backend.sessions import get_value
from ..backend.state import of_graph
from .node import Node, history_of

WRAPPERS: list[Any] = []      # the class of such layers, entered where it is defined


def complete(tensors: Any) -> None:
    """Gives a history to tensors that were computed from outputs of layers by plain operations."""
    if not of_graph().has_history:
        return
    loose = [x for x in tf.nest.flatten(tensors) if isinstance(x, tf.Tensor) and history_of(x) is None]
    loose = [x for x in loose if _above(x)]
    for x in loose:
        if history_of(x) is None:
            _wrap(x.op)


def _above(x: Any) -> bool:
    """Whether any tensor with a history is above x."""
    seen: set[int] = set()
    stack = [x.op]
    while stack:
        op = stack.pop()
        for t in op.inputs:
            if history_of(t) is not None:
                return True
            if id(t.op) not in seen:
                seen.add(id(t.op))
                stack.append(t.op)
    return False


def _wrap(op: Any) -> None:
    pending = [op]
    while pending:
        op = pending[-1]
        if all(history_of(t) is not None for t in op.outputs):
            pending.pop()
            continue
        dependent = [t for t in op.inputs if history_of(t) is not None or _above(t)]
        waiting = [t.op for t in dependent if history_of(t) is None]
        if waiting:
            pending.extend(waiting)
            continue
        pending.pop()
        chosen = {id(t) for t in dependent}
        constants = {i: _value(t) for i, t in enumerate(op.inputs) if id(t) not in chosen}
        layer = WRAPPERS[0](op.node_def, name=op.name, constants=constants, op=op)
        inputs = dependent[0] if len(dependent) == 1 else list(dependent)
        Node(layer, inputs, list(op.outputs))
        layer.built = True


def _value(t: Any) -> Any:
    known = tf.get_static_value(t)
    if known is not None:
        return known
    value = get_value(t)
    return value if isinstance(value, np.ndarray) else np.asarray(value)
