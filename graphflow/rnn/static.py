"""static_rnn: a cell repeated in the graph, once per element of a list of inputs."""
from __future__ import annotations

from typing import Any

from ..core import nest
from ..core.convert import convert_to_tensor
from ..core.dtypes import int32
from ..core.export import export
from ..ops.array.basic import cast, shape
from ..ops.array.fill import zeros
from ..ops.array.grid import reverse_sequence
from ..ops.array.joining import concat
from ..ops.array.stacking import stack, unstack
from ..ops.control_flow.cond import cond
from ..ops.reduce.reduction import reduce_max, reduce_min
from ..variables.scope import variable_scope
from .cell import check_cell
from .dynamic import initial, kept_beside
from .state import joined, joined_static, state_dtype


def _check(inputs: Any) -> None:
    if not isinstance(inputs, (list, tuple)):
        raise TypeError(f"inputs must be a list of tensors, one per step (tf.unstack(x, axis=1) makes one); received {inputs}")
    if not inputs:
        raise ValueError("inputs must not be empty")


@export("nn.static_rnn", "contrib.rnn.static_rnn", old=["nn.rnn"])
def static_rnn(cell: Any, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None, scope: Any = None) -> Any:
    """(list of outputs, final state) of a cell run along a list of inputs [batch, size], nested or not.

    sequence_length: int vector [batch]; past an example's end outputs are zero and the state stays. initial_state: else zeros of `dtype`.
    """
    check_cell("cell", cell)
    _check(inputs)
    with variable_scope(scope or "rnn") as inside:
        first = convert_to_tensor(nest.flatten(inputs[0])[0])
        known = first.static
        batch = known[0] if known and known[0] is not None else shape(first)[0]
        state = initial(cell, initial_state, batch, dtype)
        rule = None if sequence_length is None else _Ending(cell, state, batch, dtype, sequence_length)
        outputs = []
        for time, x in enumerate(inputs):
            if time > 0:
                inside.reuse_variables()
            if rule is None:
                output, state = cell(x, state)
            else:
                output, state = rule.step(time, x, state)
            outputs.append(output)
        return outputs, state


class _Ending:
    """One step where each example has a length of its own: what is past its end gives zeros and keeps its state."""

    def __init__(self, cell: Any, state: Any, batch: Any, dtype: Any, sequence_length: Any):
        self.cell = cell
        self.lengths = cast(convert_to_tensor(sequence_length, name="sequence_length"), int32)
        if self.lengths.static is not None and len(self.lengths.static) != 1:
            raise ValueError(f"sequence_length must be a vector of length batch_size; received shape {self.lengths.static}")
        dtype = state_dtype(dtype, state)
        self.zeros = [self._zero(batch, size, dtype) for size in nest.flatten(cell.output_size)]
        self.shortest, self.longest = reduce_min(self.lengths), reduce_max(self.lengths)

    @staticmethod
    def _zero(batch: Any, size: Any, dtype: Any) -> Any:
        made = zeros(joined(batch, size), dtype)
        made.set_shape(joined_static(batch if isinstance(batch, int) else [None], size))
        return made

    def step(self, time: int, x: Any, state: Any) -> Any:
        """(output, state): nothing is computed once all sequences are over, nothing is chosen while all go on."""
        before = nest.flatten(state)
        size = self.cell.output_size
        over = self.lengths <= time

        def run() -> Any:
            output, new = self.cell(x, state)
            nest.assert_same_structure(state, new)
            fresh = nest.flatten(output) + nest.flatten(new)
            return cond(time < self.shortest, lambda: fresh,
                        lambda: [kept_beside(over, old, leaf) for old, leaf in zip(self.zeros + before, fresh)])

        found = cond(self.longest <= time, lambda: self.zeros + before, run)
        for leaf, old in zip(found, self.zeros + before):
            leaf.set_shape(old.static)
        output, after = found[:len(self.zeros)], found[len(self.zeros):]
        return (nest.pack_sequence_as(size, output) if nest.is_nested(size) else output[0],
                nest.pack_sequence_as(state, after) if nest.is_nested(state) else after[0])


def _reversed(inputs: list[Any], lengths: Any) -> list[Any]:
    """The list backwards; with lengths each example backwards within its own."""
    if lengths is None:
        return list(reversed(inputs))
    flat = [nest.flatten(x) for x in inputs]
    turned = [unstack(reverse_sequence(input=stack(list(each), axis=0), seq_lengths=lengths, seq_axis=0, batch_axis=1), axis=0)
              for each in zip(*flat)]
    return [nest.pack_sequence_as(x, list(leaves)) if nest.is_nested(x) else leaves[0] for x, leaves in zip(inputs, zip(*turned))]


@export("nn.static_bidirectional_rnn", "contrib.rnn.static_bidirectional_rnn", old=["nn.bidirectional_rnn"])
def static_bidirectional_rnn(cell_fw: Any, cell_bw: Any, inputs: Any, initial_state_fw: Any = None, initial_state_bw: Any = None,
                             dtype: Any = None, sequence_length: Any = None, scope: Any = None) -> Any:
    """(outputs, state forwards, state backwards): outputs of both directions joined along the last axis."""
    check_cell("cell_fw", cell_fw)
    check_cell("cell_bw", cell_bw)
    _check(inputs)
    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as inside:
            forwards, state_fw = static_rnn(cell_fw, inputs, initial_state_fw, dtype, sequence_length, inside)
        with variable_scope("bw") as inside:
            turned = _reversed(list(inputs), sequence_length)
            backwards, state_bw = static_rnn(cell_bw, turned, initial_state_bw, dtype, sequence_length, inside)
    backwards = _reversed(backwards, sequence_length)
    flat = [[concat([a, b], 1) for a, b in zip(nest.flatten(f), nest.flatten(w))] for f, w in zip(forwards, backwards)]
    return [nest.pack_sequence_as(f, leaves) if nest.is_nested(f) else leaves[0] for f, leaves in zip(forwards, flat)], state_fw, state_bw
