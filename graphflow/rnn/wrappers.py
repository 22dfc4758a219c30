"""Cells made of cells: stacks, residual connections, devices."""
from __future__ import annotations

from typing import Any

from ..core import nest
from ..core.export import export
from ..ops.array.joining import concat
from ..ops.array.slice import slice
from ..ops.scopes import device, name_scope
from ..variables.scope import variable_scope
from .cell import RNNCell, check_cell


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

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """Cells of the arguments that `get_config` gave. custom_objects: name -> class, of cells that are no RNNCell."""
        return cls([_cell_from(inner, custom_objects) for inner in config["cells"]], config["state_is_tuple"])

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

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """A cell of the arguments that `get_config` gave. custom_objects: name -> class, of an inner cell that is no RNNCell."""
        return cls(**{**config, "cell": _cell_from(config["cell"], custom_objects)})

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


def _cell_from(given: dict[str, Any], custom_objects: dict[str, Any] | None) -> Any:
    """The cell of {'class_name', 'config'}."""
    classes, known = [RNNCell], dict(custom_objects or {})
    while classes:
        cls = classes.pop()
        classes.extend(cls.__subclasses__())
        known.setdefault(cls.__name__, cls)
    if given["class_name"] not in known:
        raise ValueError(f"there is no cell of class {given['class_name']}: give custom_objects={{{given['class_name']!r}: the class}}")
    return known[given["class_name"]].from_config(given["config"])
