"""raw_rnn, a loop whose every step the caller writes, and a static loop that keeps its state between runs."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..core import context, nest
from ..core.constant import constant
from ..core.convert import convert_to_tensor
from ..core.dtypes import int32
from ..core.export import export
from ..core.tensor_shape import TensorShape
from ..ops.array.basic import identity, shape
from ..ops.array.fill import zeros
from ..ops.control_flow.while_loop import while_loop
from ..ops.data_flow.tensor_array import TensorArray
from ..ops.elementwise.comparison import logical_not, logical_or
from ..ops.reduce.reduction import reduce_all
from ..variables.scope import variable_scope
from .cell import check_cell
from .state import joined, joined_static, kept
from .static import static_rnn


def _sizes(structure: Any, cell: Any, state: Any) -> tuple[Any, list[Any], list[Any], list[TensorShape]]:
    """(structure, sizes, dtypes, known sizes) of what a step emits; the structure holds tensors, or None for the cell's own output."""
    if structure is None:
        sizes = nest.flatten(cell.output_size)
        dtype = nest.flatten(state)[0].dtype.base_dtype
        known = [TensorShape([size] if isinstance(size, int) else size) for size in sizes]
        return cell.output_size, known, [dtype] * len(sizes), known
    leaves = [convert_to_tensor(leaf) for leaf in nest.flatten(structure)]
    sizes = [leaf.shape if leaf.shape.is_fully_defined() else shape(leaf) for leaf in leaves]
    return structure, sizes, [leaf.dtype.base_dtype for leaf in leaves], [leaf.shape for leaf in leaves]


@export("nn.raw_rnn")
def raw_rnn(cell: Any, loop_fn: Callable[..., Any], parallel_iterations: int | None = None, swap_memory: bool = False,
            scope: Any = None) -> Any:
    """(TensorArrays of what was emitted, final state, final loop state) of a cell whose steps loop_fn joins.

    loop_fn(time, cell_output, cell_state, loop_state) gives (finished, bool [batch]; the next input; the next state; what to emit;
    the next loop state). It is called first with time 0 and Nones, where the emitted values say structure, dtypes and shapes (without
    the batch), or None for those of the cell's output. Finished examples emit zeros and keep their state; the loop ends when all have.
    """
    check_cell("cell", cell)
    if not callable(loop_fn):
        raise TypeError(f"Argument `loop_fn` must be a callable. Received: {loop_fn}.")
    with variable_scope(scope or "rnn"):
        time = constant(0, int32)
        finished, inputs, state, emitted, loop_state = loop_fn(time, None, None, None)
        keeps = loop_state is not None
        loop_state = loop_state if keeps else constant(0, int32)
        first = [convert_to_tensor(x) for x in nest.flatten(inputs)]
        known = [x.static[0] if x.static else None for x in first]
        batch_known = next((size for size in known if size is not None), None)
        batch = batch_known if batch_known is not None else shape(first[0])[0]
        nest.assert_same_structure(state, cell.state_size)
        structure, sizes, dtypes, shapes = _sizes(emitted, cell, state)
        arrays = [TensorArray(dtype, size=0, dynamic_size=True, element_shape=TensorShape([batch_known]).concatenate(each),
                              tensor_array_name=f"rnn_output_{i}") for i, (dtype, each) in enumerate(zip(dtypes, shapes, strict=True))]
        nothing = [_zeros(batch, size, dtype) for size, dtype in zip(sizes, dtypes, strict=True)]

        def step(time: Any, finished: Any, inputs: Any, arrays: Any, state: Any, loop_state: Any) -> Any:
            output, inner = cell(inputs, state)
            nest.assert_same_structure(state, inner)
            over, following, new, emit, after = loop_fn(time + 1, output, inner, loop_state)
            nest.assert_same_structure(state, new)
            nest.assert_same_structure(inputs, following)
            emit = nest.flatten(emit)
            if len(emit) != len(nothing):
                raise ValueError(f"loop_fn emits {len(emit)} tensors in a step, but gave the structure of {len(nothing)} at time 0")
            emit = [kept(finished, zero, leaf) for zero, leaf in zip(nothing, emit, strict=True)]
            state_after = [kept(finished, old, leaf) for old, leaf in zip(nest.flatten(state), nest.flatten(new), strict=True)]
            written = [array.write(time, leaf) for array, leaf in zip(arrays, emit, strict=True)]
            return (time + 1, logical_or(finished, over), following, written,
                    nest.pack_sequence_as(state, state_after) if nest.is_nested(state) else state_after[0],
                    loop_state if after is None else after)

        _, _, _, arrays, state, loop_state = while_loop(
            lambda time, finished, *_: logical_not(reduce_all(finished)), step, [time, finished, inputs, arrays, state, loop_state],
            parallel_iterations=parallel_iterations or 32, swap_memory=swap_memory)
        arrays = nest.pack_sequence_as(structure, list(arrays)) if nest.is_nested(structure) else arrays[0]
        return arrays, state, loop_state if keeps else None


def _zeros(batch: Any, size: Any, dtype: Any) -> Any:
    made = zeros(joined(batch, size), dtype)
    if isinstance(size, TensorShape):
        made.set_shape(joined_static(batch, size))
    return made


@export("nn.static_state_saving_rnn", "contrib.rnn.static_state_saving_rnn", old=["nn.state_saving_rnn"])
def static_state_saving_rnn(cell: Any, inputs: Sequence[Any], state_saver: Any, state_name: Any, sequence_length: Any = None,
                            scope: Any = None) -> tuple[list[Any], Any]:
    """`static_rnn` that begins with state_saver.state(name) and hands its last state to state_saver.save_state(name, state).

    state_name: a name, or a structure of names like the cell's state.
    """
    if nest.is_nested(cell.state_size) != nest.is_nested(state_name):
        raise ValueError("state_name should be the same type as cell.state_size.\n"
                         f"  state_name: {state_name}\n  cell.state_size: {cell.state_size}")
    names = nest.flatten(state_name)
    if len(names) != len(nest.flatten(cell.state_size)):
        raise ValueError(f"#elems(state_name) != #elems(state_size): {len(names)} vs. {len(nest.flatten(cell.state_size))}")
    begin = [state_saver.state(name) for name in names]
    begin = nest.pack_sequence_as(cell.state_size, begin) if nest.is_nested(cell.state_size) else begin[0]
    outputs, state = static_rnn(cell, inputs, initial_state=begin, sequence_length=sequence_length, scope=scope)
    saves = [state_saver.save_state(name, part) for name, part in zip(names, nest.flatten(state), strict=True)]
    with context.default_graph().control_dependencies(saves):
        outputs[-1] = nest.map_structure(identity, outputs[-1]) if nest.is_nested(outputs[-1]) else identity(outputs[-1])
        state = nest.map_structure(identity, state) if nest.is_nested(state) else identity(state)
    return outputs, state
