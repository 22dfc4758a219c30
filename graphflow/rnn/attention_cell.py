"""AttentionCellWrapper: a cell that attends to its own last outputs."""
from __future__ import annotations

from typing import Any

from ..core import nest
from ..core.export import export
from ..ops.array.axes import expand_dims
from ..ops.array.basic import reshape
from ..ops.array.joining import concat
from ..ops.array.slice import slice
from ..ops.conv.conv import conv2d
from ..ops.elementwise.unary import tanh
from ..ops.nn.softmax import softmax
from ..ops.reduce.reduction import reduce_sum
from ..variables.get import get_variable
from ..variables.scope import variable_scope
from .cell import RNNCell, check_cell
from .linear import linear


@export("contrib.rnn.AttentionCellWrapper")
class AttentionCellWrapper(RNNCell):
    """A cell with attention over its last attn_length outputs (Cheng, Dong and Lapata 2016, arXiv:1601.06733).

    attn_size: of what is kept of an output, the cell's output size by default; attn_vec_size: of the scores' hidden layer, attn_size by
    default; input_size: what inputs are projected to, their own size by default. State: (the cell's, attention, all kept outputs).
    """

    def __init__(self, cell: Any, attn_length: int, attn_size: int | None = None, attn_vec_size: int | None = None,
                 input_size: int | None = None, state_is_tuple: bool = True, reuse: Any = None):
        super().__init__(_reuse=reuse)
        check_cell("cell", cell)
        if nest.is_nested(cell.state_size) and not state_is_tuple:
            raise ValueError(f"Cell returns tuple of states, but the flag state_is_tuple is not set. State size is: {cell.state_size}")
        if attn_length <= 0:
            raise ValueError(f"attn_length should be greater than zero, got {attn_length}")
        self._cell, self._attn_length, self._input_size, self._state_is_tuple = cell, attn_length, input_size, state_is_tuple
        self._attn_size = cell.output_size if attn_size is None else attn_size
        self._attn_vec_size = self._attn_size if attn_vec_size is None else attn_vec_size

    @property
    def state_size(self) -> Any:
        size = (self._cell.state_size, self._attn_size, self._attn_size * self._attn_length)
        return size if self._state_is_tuple else sum(size)

    @property
    def output_size(self) -> Any:
        return self._attn_size

    def call(self, inputs: Any, state: Any) -> Any:
        inner, found, kept = state if self._state_is_tuple else self._parts(state)
        kept = reshape(kept, [-1, self._attn_length, self._attn_size])
        size = self._input_size or inputs.shape.as_list()[1]
        output, inner = self._cell(linear([inputs, found], size), inner)
        query = concat(nest.flatten(inner), 1) if self._state_is_tuple and nest.is_nested(inner) else inner
        found = self._attend(query, kept)
        with variable_scope("attn_output_projection"):
            output = linear([output, found], self._attn_size)
        kept = reshape(concat([slice(kept, [0, 1, 0], [-1, -1, -1]), expand_dims(output, 1)], 1), [-1, self._attn_length * self._attn_size])
        after = (inner, found, kept)
        return output, after if self._state_is_tuple else concat(list(after), 1)

    def _parts(self, state: Any) -> list[Any]:
        sizes = [self._cell.state_size, self._attn_size, self._attn_size * self._attn_length]
        starts = [0, sizes[0], sizes[0] + sizes[1]]
        return [slice(state, [0, start], [-1, size]) for start, size in zip(starts, sizes, strict=True)]

    def _attend(self, query: Any, kept: Any) -> Any:
        with variable_scope("attention"):
            kernel = get_variable("attn_w", [1, 1, self._attn_size, self._attn_vec_size], dtype=kept.dtype)
            v = get_variable("attn_v", [self._attn_vec_size], dtype=kept.dtype)
            hidden = reshape(kept, [-1, self._attn_length, 1, self._attn_size])
            asked = reshape(linear(query, self._attn_vec_size), [-1, 1, 1, self._attn_vec_size])
            weights = softmax(reduce_sum(v * tanh(conv2d(hidden, kernel, [1, 1, 1, 1], "SAME") + asked), [2, 3]))
            return reshape(reduce_sum(reshape(weights, [-1, self._attn_length, 1, 1]) * hidden, [1, 2]), [-1, self._attn_size])
