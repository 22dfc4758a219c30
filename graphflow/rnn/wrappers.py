"""Cells made of cells: stacks, dropout, residual connections, devices."""
from __future__ import annotations

import hashlib
from typing import Any

from ..core import nest
from ..core.convert import convert_to_tensor
from ..core.export import export
from ..core.known import constant_value
from ..ops.array.joining import concat
from ..ops.array.slicing import slice
from ..ops.nn.dropout import dropout
from ..ops.scopes import device, name_scope
from ..variables.scope import variable_scope
from .cell import LSTMStateTuple, RNNCell, check_cell


@export("nn.rnn_cell.MultiRNNCell", "contrib.rnn.MultiRNNCell")
class MultiRNNCell(RNNCell):
    """Cells one above the other: each gets the output of the one below; the state is a tuple of theirs."""

    def __init__(self, cells: Any, state_is_tuple: bool = True):
        super().__init__()
        if not nest.is_nested(cells):
            raise TypeError(f"cells must be a list or tuple, but received: {cells}.")
        if not cells:
            raise ValueError("Must specify at least one cell for MultiRNNCell.")
        self._cells, self._state_is_tuple = list(cells), state_is_tuple
        if not state_is_tuple and any(nest.is_nested(cell.state_size) for cell in cells):
            raise ValueError("Some cells return tuples of states, but the flag state_is_tuple is not set. State sizes are: "
                             f"{[cell.state_size for cell in cells]}")

    @property
    def state_size(self) -> Any:
        sizes = [cell.state_size for cell in self._cells]
        return tuple(sizes) if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        return self._cells[-1].output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        if not self._state_is_tuple:
            return super().zero_state(batch_size, dtype)
        with name_scope(f"{type(self).__name__}ZeroState"):
            return tuple(cell.zero_state(batch_size, dtype) for cell in self._cells)

    @property
    def trainable_weights(self) -> list[Any]:
        """Those of the cells that are layers."""
        return [v for cell in self._cells for v in getattr(cell, "trainable_weights", [])] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Any]:
        found = [v for cell in self._cells for v in getattr(cell, "non_trainable_weights", [])]
        return found if self.trainable else [v for cell in self._cells for v in getattr(cell, "trainable_weights", [])] + found

    def call(self, inputs: Any, state: Any) -> Any:
        if self._state_is_tuple and not nest.is_nested(state):
            raise ValueError(f"Expected state to be a tuple of length {len(self._cells)}, but received: {state}")
        output, at, after = inputs, 0, []
        for number, cell in enumerate(self._cells):
            with variable_scope(f"cell_{number}"):
                if self._state_is_tuple:
                    own = state[number]
                else:
                    own = slice(state, [0, at], [-1, cell.state_size])
                    at += cell.state_size
                output, new = cell(output, own)
                after.append(new)
        return output, tuple(after) if self._state_is_tuple else concat(after, 1)


class CellWrapper(RNNCell):
    """A cell around another one: sizes, states and weights are the inner one's; it opens no scope of its own."""

    def __init__(self, cell: Any, **kwargs: Any):
        super().__init__(**kwargs)
        check_cell("cell", cell)
        self.cell = cell

    @property
    def wrapped_cell(self) -> Any:
        return self.cell

    @property
    def state_size(self) -> Any:
        return self.cell.state_size

    @property
    def output_size(self) -> Any:
        return self.cell.output_size

    @property
    def trainable_weights(self) -> list[Any]:
        return list(getattr(self.cell, "trainable_weights", []))

    @property
    def non_trainable_weights(self) -> list[Any]:
        return list(getattr(self.cell, "non_trainable_weights", []))

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with name_scope(f"{type(self).__name__}ZeroState"):
            return self.cell.zero_state(batch_size, dtype)


@export("nn.rnn_cell.DropoutWrapper", "contrib.rnn.DropoutWrapper")
class DropoutWrapper(CellWrapper):
    """Dropout of a cell's inputs, outputs and states, anew in each step; the memory c of an LSTM is left alone.

    The keep_prob arguments are numbers in [0, 1] or scalar tensors.
    """

    def __init__(self, cell: Any, input_keep_prob: Any = 1.0, output_keep_prob: Any = 1.0, state_keep_prob: Any = 1.0,
                 variational_recurrent: bool = False, input_size: Any = None, dtype: Any = None, seed: int | None = None,
                 dropout_state_filter_visitor: Any = None, **kwargs: Any):
        super().__init__(cell, dtype=dtype, **kwargs)
        if variational_recurrent or dropout_state_filter_visitor is not None:
            raise NotImplementedError("tf.nn.rnn_cell.DropoutWrapper: variational_recurrent and dropout_state_filter_visitor are not "
                                      "there; leave them out, or multiply by a mask of your own in a cell of your own.")
        self._seed = seed
        with name_scope("DropoutWrapperInit"):
            self._input_keep_prob = self._probability("input_keep_prob", input_keep_prob)
            self._state_keep_prob = self._probability("state_keep_prob", state_keep_prob)
            self._output_keep_prob = self._probability("output_keep_prob", output_keep_prob)

    @staticmethod
    def _probability(name: str, given: Any) -> Any:
        tensor = convert_to_tensor(given)
        value = constant_value(tensor)
        if value is None:
            return tensor
        if not 0 <= value <= 1:
            raise ValueError(f"Parameter {name} must be between 0 and 1. Received {value}")
        return float(value)

    def _seed_of(self, what: str, number: int) -> int | None:
        """A seed of its own for each tensor, made of the one given by TensorFlow's rule."""
        if self._seed is None:
            return None
        return int(hashlib.md5(f"{self._seed}{what}_{number}".encode()).hexdigest()[:8], 16) & 0x7FFFFFFF

    def _dropped(self, values: Any, what: str, keep: Any) -> Any:
        if isinstance(keep, float) and keep >= 1:
            return values
        numbers = iter(range(len(nest.flatten(values))))

        def one(value: Any) -> Any:
            return dropout(value, rate=1.0 - keep, seed=self._seed_of(what, next(numbers)))

        def walk(part: Any) -> Any:
            if isinstance(part, LSTMStateTuple):
                next(numbers)
                return LSTMStateTuple(part.c, one(part.h))
            if nest.is_nested(part):
                return nest.pack_sequence_as(part, [leaf for item in part for leaf in nest.flatten(walk(item))])
            return one(part)

        return walk(values)

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        inputs = self._dropped(inputs, "input", self._input_keep_prob)
        output, new = self.cell(inputs, state, scope=scope)
        new = self._dropped(new, "state", self._state_keep_prob)
        return self._dropped(output, "output", self._output_keep_prob), new


@export("nn.rnn_cell.ResidualWrapper", "contrib.rnn.ResidualWrapper")
class ResidualWrapper(CellWrapper):
    """A cell whose output is added to its inputs, or residual_fn(inputs, output)."""

    def __init__(self, cell: Any, residual_fn: Any = None, **kwargs: Any):
        super().__init__(cell, **kwargs)
        self._residual_fn = residual_fn

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        output, new = self.cell(inputs, state, scope=scope)
        if self._residual_fn is not None:
            return self._residual_fn(inputs, output), new
        nest.assert_same_structure(inputs, output)
        return nest.map_structure(lambda x, y: x + y, inputs, output), new


@export("nn.rnn_cell.DeviceWrapper", "contrib.rnn.DeviceWrapper")
class DeviceWrapper(CellWrapper):
    """A cell whose operations are placed on a device."""

    def __init__(self, cell: Any, device: Any, **kwargs: Any):
        super().__init__(cell, **kwargs)
        self._device = device

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with name_scope(f"{type(self).__name__}ZeroState"), device(self._device):
            return self.cell.zero_state(batch_size, dtype)

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        with device(self._device):
            return self.cell(inputs, state, scope=scope)
