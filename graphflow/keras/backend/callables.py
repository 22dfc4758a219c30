"""K.function: a graph's inputs and outputs as a function of arrays."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export
from .sessions import get_session


class Function:
    """Called with arrays for `inputs`, it gives the values of `outputs`, after which `updates` have run."""

    def __init__(self, inputs: Any, outputs: Any, updates: Any = None, name: str | None = None):
        self.inputs, self.outputs = list(tf.nest.flatten(inputs)), outputs
        self._flat = tf.nest.flatten(outputs)
        with tf.control_dependencies(self._flat[:1]):
            found = [tf.assign(*update) if isinstance(update, tuple) else update for update in updates or ()]
            self.updates = tf.group(*found) if found else None
        self._session: Any = None
        self._call: Any = None

    def __call__(self, inputs: Any) -> Any:
        values = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        if len(values) != len(self.inputs):
            raise TypeError(f"this function takes {len(self.inputs)} inputs, got {len(values)}")
        session = get_session()
        if session is not self._session:
            fetches = [*self._flat, *([self.updates] if self.updates is not None else [])]
            self._call, self._session = session.make_callable(fetches, self.inputs), session
        arrays = [np.asarray(v, x.dtype.base_dtype.as_numpy_dtype) for v, x in zip(values, self.inputs)]
        found = self._call(*arrays)[:len(self._flat)]
        return tf.nest.pack_sequence_as(self.outputs, list(found)) if isinstance(self.outputs, (list, tuple, dict)) else found[0]


@export("keras.backend.function")
def function(inputs: Any, outputs: Any, updates: Any = None, name: str | None = None, **kwargs: Any) -> Any:
    """A function of arrays that runs a graph in Keras's session. updates: operations, or pairs (variable, new value)."""
    if kwargs:
        raise ValueError(f"Invalid argument(s) {sorted(kwargs)} passed to K.function: it takes inputs, outputs, updates and name.")
    return Function(inputs, outputs, updates, name)
