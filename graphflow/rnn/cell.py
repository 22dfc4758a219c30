"""RNNCell: a layer of (inputs, state) that gives (output, new state), and the tuple that an LSTM's state is."""
from __future__ import annotations

import collections
from typing import Any

from ..core.convert import convert_to_tensor
from ..core.export import export
from ..layers.base import Layer
from ..ops.array.basic import shape
from ..ops.scopes import name_scope
from ..variables.scope import get_variable_scope, variable_scope
from .state import zero_state_of

_StateTuple = collections.namedtuple("_StateTuple", ("c", "h"))


@export("nn.rnn_cell.LSTMStateTuple", "contrib.rnn.LSTMStateTuple")
class LSTMStateTuple(_StateTuple):
    """An LSTM's state: c, what it remembers, and h, what it last gave out."""
    __slots__ = ()

    @property
    def dtype(self) -> Any:
        """Of both; TypeError when they differ."""
        if self.c.dtype != self.h.dtype:
            raise TypeError(f"Inconsistent dtypes for internal state: {self.c.dtype} vs {self.h.dtype}")
        return self.c.dtype


@export("nn.rnn_cell.RNNCell", "contrib.rnn.RNNCell")
class RNNCell(Layer):
    """Base class of cells: subclasses define `call(inputs, state)`, `state_size` and `output_size`; sizes are ints, shapes, or nested."""

    opens_no_scope = False

    def __init__(self, trainable: bool = True, name: str | None = None, dtype: Any = None, **kwargs: Any):
        super().__init__(trainable, name, dtype, **kwargs)
        self._around: Any = None

    def __call__(self, inputs: Any, state: Any, scope: Any = None, *args: Any, **kwargs: Any) -> Any:
        """(output, new state) for inputs [batch, n] and a state; scope names the variable scope of the first call."""
        if self.opens_no_scope:
            return super().__call__(inputs, state, *args, scope=scope, **kwargs)
        # TensorFlow enters the scope around such a cell once more, so that names of its operations hold that scope twice: s/s/cell/...
        if self._around is None:
            self._around = variable_scope(get_variable_scope() if scope is None else scope)
        with self._around as inside:
            return super().__call__(inputs, state, *args, scope=None if scope is None else inside, **kwargs)

    @property
    def state_size(self) -> Any:
        """The size of each tensor of the state, without the batch."""
        raise NotImplementedError(f"{type(self).__name__} does not define state_size")

    @property
    def output_size(self) -> Any:
        """The size of the output, without the batch."""
        raise NotImplementedError(f"{type(self).__name__} does not define output_size")

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Zeros [batch_size, size] for each size of the state; batch_size is an int or a scalar tensor."""
        with name_scope(f"{type(self).__name__}ZeroState"):
            return zero_state_of(self.state_size, batch_size, dtype)

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """The state to begin with: zeros, of the inputs' batch and dtype where inputs are given."""
        if inputs is not None:
            inputs = convert_to_tensor(inputs, name="inputs")
            batch_size = inputs.static[0] if inputs.static and inputs.static[0] else shape(inputs)[0]
            dtype = inputs.dtype
        if batch_size is None or dtype is None:
            raise ValueError("batch_size and dtype cannot be None while constructing initial state: "
                             f"batch_size={batch_size}, dtype={dtype}")
        return self.zero_state(batch_size, dtype)


def check_cell(name: str, cell: Any) -> None:
    """TypeError when it is nothing like a cell."""
    missing = [a for a in ("output_size", "state_size") if not hasattr(type(cell), a) and not hasattr(cell, a)]
    if not hasattr(cell, "zero_state") and not hasattr(cell, "get_initial_state"):
        missing.append("zero_state")
    if not callable(cell) or isinstance(cell, type):
        missing.append("being callable (is it a class rather than a cell?)")
    if missing:
        raise TypeError(f"The argument {name!r} ({cell}) is not an RNNCell: it lacks {', '.join(missing)}")
