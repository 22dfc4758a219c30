"""AbstractRNNCell: the base of a program's own cells."""
from __future__ import annotations

from typing import Any

from ...core.export import export
from ..engine.layer import Layer
from .cells import zero_states


@export("keras.layers.AbstractRNNCell")
class AbstractRNNCell(Layer):
    """A cell of a program's own: subclasses define `call(inputs, states)` -> (output, states), `state_size` and `output_size`.

    state_size: the size of the state, or a list of them, without the batch.
    """

    def call(self, inputs: Any, states: Any) -> Any:
        """(output, states) of one step; inputs: [batch, features]."""
        raise NotImplementedError(f"{type(self).__name__} must define call(inputs, states) -> (output, states)")

    @property
    def state_size(self) -> Any:
        """The size of each state."""
        raise NotImplementedError(f"{type(self).__name__} must define state_size")

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        raise NotImplementedError(f"{type(self).__name__} must define output_size")

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """Zeros [batch_size, size] for each state."""
        return zero_states(self, inputs, batch_size, dtype)
