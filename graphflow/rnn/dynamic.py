"""dynamic_rnn: a cell in a while loop along time, for batches and lengths known when the graph runs."""
from __future__ import annotations

from typing import Any

from ..core import context, nest
from ..core.constant import constant
from ..core.convert import convert_to_tensor
from ..core.dtypes import int32
from ..core.export import export
from ..core.tensor_shape import TensorShape
from ..ops.array.axes import rank, transpose
from ..ops.array.basic import cast, identity, shape
from ..ops.array.fill import range as range_
from ..ops.array.fill import zeros
from ..ops.array.grid import reverse, reverse_sequence
from ..ops.array.joining import concat
from ..ops.array.stacking import stack
from ..ops.checks.asserts import assert_
from ..ops.control_flow.while_loop import while_loop
from ..ops.data_flow.tensor_array import TensorArray
from ..ops.elementwise.binary import maximum, minimum
from ..ops.elementwise.comparison import equal
from ..ops.reduce.reduction import reduce_all, reduce_max, reduce_min
from ..ops.scopes import name_scope
from ..variables.scope import variable_scope
from .cell import check_cell
from .state import batch_of, joined, joined_static, kept, state_dtype


def swapped(x: Any) -> Any:
    """[batch, time, ...] as [time, batch, ...], or the other way round."""
    known = x.static
    if known is not None and len(known) < 2:
        raise ValueError(f"Expected input tensor to have rank at least 2. Received input with shape {known}")
    count = rank(x)
    turned = transpose(x, concat([[1, 0], range_(2, count)], axis=0))
    if known is not None:
        turned.set_shape([known[1], known[0], *known[2:]])
    return turned


def checked_length(sequence_length: Any, batch: Any) -> Any:
    """The lengths, after a check when the graph runs that there is one per example."""
    sizes, wanted = shape(sequence_length), stack([batch])
    check = assert_(reduce_all(equal(sizes, wanted)), [f"Expected shape for Tensor {sequence_length.name} is ", wanted,
                                                       " but saw shape: ", sizes])
    with context.default_graph().control_dependencies([check]):
        return identity(sequence_length, name="CheckSeqLen")


def initial(cell: Any, state: Any, batch: Any, dtype: Any) -> Any:
    """The state to begin with; ValueError without one and without a dtype."""
    if state is not None:
        return state
    if not dtype:
        raise ValueError("If no initial_state is provided, argument `dtype` must be specified")
    return cell.zero_state(batch, dtype)


@export("nn.dynamic_rnn")
def dynamic_rnn(cell: Any, inputs: Any, sequence_length: Any = None, initial_state: Any = None, dtype: Any = None,
                parallel_iterations: int | None = None, swap_memory: bool = False, time_major: bool = False, scope: Any = None) -> Any:
    """(outputs, final state) of a cell run along inputs [batch, time, ...] ([time, batch, ...] with time_major), nested or not.

    outputs: like the inputs, with the cell's output size. sequence_length: int vector [batch]; past an example's end outputs are zero and
    the state stays. initial_state: else zeros of `dtype`. The variables are under `scope`, 'rnn' by default.
    """
    check_cell("cell", cell)
    with variable_scope(scope or "rnn"):
        flat = [convert_to_tensor(x) for x in nest.flatten(inputs)]
        if not time_major:
            flat = [swapped(x) for x in flat]
        if sequence_length is not None:
            sequence_length = cast(convert_to_tensor(sequence_length), int32)
            if sequence_length.static is not None and len(sequence_length.static) != 1:
                raise ValueError("Argument sequence_length must be a vector of length batch_size. Received sequence_length of shape: "
                                 f"{sequence_length.static}")
            sequence_length = identity(sequence_length, name="sequence_length")
        batch = batch_of(flat)
        state = initial(cell, initial_state, batch, dtype)
        if sequence_length is not None:
            sequence_length = checked_length(sequence_length, batch)
        outputs, state = _loop(cell, nest.pack_sequence_as(inputs, flat) if nest.is_nested(inputs) else flat[0], flat, state,
                               parallel_iterations or 32, swap_memory, sequence_length, dtype)
        return (outputs if time_major else nest.map_structure(swapped, outputs)), state


def _check_inputs(flat: list[Any]) -> tuple[Any, Any]:
    """(time steps, batch) as far as they are known; ValueError for inputs that do not fit."""
    for x in flat:
        known = x.static
        if known is None or len(known) < 3:
            raise ValueError(f"Inputs of dynamic_rnn have rank 3 at least, [batch, time, size...]; received {x.name} of shape {known}")
        if None in known[2:]:
            raise ValueError("Input size (depth of inputs) must be accessible via shape inference, but saw value None for "
                             f"input={x.name} of shape {known}. Give the placeholder that size.")
        for place, what in enumerate(("Time steps", "Batch_size")):
            if known[place] != flat[0].static[place]:
                raise ValueError(f"{what} is not the same for all the elements in the input: {known[place]} for {x.name}, "
                                 f"{flat[0].static[place]} for {flat[0].name}")
    steps, batch = flat[0].static[:2]
    return steps, batch


def _loop(cell: Any, inputs: Any, flat: list[Any], state: Any, parallel_iterations: int, swap_memory: bool, sequence_length: Any,
          dtype: Any) -> Any:
    known_steps, known_batch = _check_inputs(flat)
    sizes = nest.flatten(cell.output_size)
    steps = shape(flat[0])[0]
    batch = batch_of(flat)
    dtype = state_dtype(dtype, state)
    zero_outputs = [zeros(joined(batch, size), dtype) for size in sizes]
    longest = steps
    if sequence_length is not None:
        reduce_min(sequence_length)      # unused, as in TensorFlow; seeds that count the ops made so far depend on it
        longest = reduce_max(sequence_length)
    time = constant(0, int32, name="time")
    with name_scope("dynamic_rnn") as base:
        pass
    written = tuple(TensorArray(dtype, steps, element_shape=TensorShape([known_batch, *nest.flatten(TensorShape(
        [size] if isinstance(size, int) else size).as_list())]), tensor_array_name=f"{base}output_{i}") for i, size in enumerate(sizes))
    read = [TensorArray(x.dtype, steps, element_shape=TensorShape(x.static[1:]), tensor_array_name=f"{base}input_{i}")
            for i, x in enumerate(flat)]
    read = [array.unstack(x) for array, x in zip(read, flat)]

    def step(time: Any, written: Any, state: Any) -> Any:
        leaves = [array.read(time) for array in read]
        for x, whole in zip(leaves, flat):
            x.set_shape(whole.static[1:])
        now = nest.pack_sequence_as(inputs, leaves) if nest.is_nested(inputs) else leaves[0]
        if sequence_length is None:
            output, new = cell(now, state)
        else:
            over = time >= sequence_length
            output, new = cell(now, state)
            nest.assert_same_structure(state, new)
            out = [kept_beside(over, old, leaf) for old, leaf in zip(zero_outputs, nest.flatten(output))]
            after = [kept_beside(over, old, leaf) for old, leaf in zip(nest.flatten(state), nest.flatten(new))]
            output = out
            new = nest.pack_sequence_as(state, after) if nest.is_nested(state) else after[0]
        written = tuple(array.write(time, leaf) for array, leaf in zip(written, nest.flatten(output)))
        return time + 1, written, new

    bound = minimum(steps, maximum(1, longest))
    _, written, state = while_loop(lambda time, *_: time < bound, step, (time, written, state), parallel_iterations=parallel_iterations,
                                   swap_memory=swap_memory, maximum_iterations=steps)
    outputs = [array.stack() for array in written]
    for output, size in zip(outputs, sizes):
        output.set_shape(joined_static([known_steps, known_batch], size))
    size = cell.output_size
    return (nest.pack_sequence_as(size, outputs) if nest.is_nested(size) else outputs[0]), state


def kept_beside(over: Any, old: Any, new: Any) -> Any:
    """old where the sequence is over, else new, beside which the choice is placed."""
    with context.default_graph().colocate_with(new):
        return kept(over, old, new)


@export("nn.bidirectional_dynamic_rnn")
def bidirectional_dynamic_rnn(cell_fw: Any, cell_bw: Any, inputs: Any, sequence_length: Any = None, initial_state_fw: Any = None,
                              initial_state_bw: Any = None, dtype: Any = None, parallel_iterations: int | None = None,
                              swap_memory: bool = False, time_major: bool = False, scope: Any = None) -> Any:
    """((outputs forwards, outputs backwards), (state, state)): one cell along time, one against it; outputs in the inputs' order."""
    check_cell("cell_fw", cell_fw)
    check_cell("cell_bw", cell_bw)
    along, across = (0, 1) if time_major else (1, 0)

    def turned(x: Any) -> Any:
        if sequence_length is None:
            return reverse(x, axis=[along])
        return reverse_sequence(input=x, seq_lengths=sequence_length, seq_axis=along, batch_axis=across)

    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as inside:
            forwards, state_fw = dynamic_rnn(cell_fw, inputs, sequence_length, initial_state_fw, dtype, parallel_iterations, swap_memory,
                                             time_major, inside)
        with variable_scope("bw") as inside:
            backwards, state_bw = dynamic_rnn(cell_bw, nest.map_structure(turned, inputs), sequence_length, initial_state_bw, dtype,
                                              parallel_iterations, swap_memory, time_major, inside)
    return (forwards, nest.map_structure(turned, backwards)), (state_fw, state_bw)
