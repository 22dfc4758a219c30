"""Stacks of bidirectional layers: each layer reads the joined outputs of the one below."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.export import export
from ..ops.array.joining import concat
from ..variables.scope import variable_scope
from .dynamic import bidirectional_dynamic_rnn
from .static import static_bidirectional_rnn


def _check(cells_fw: Any, cells_bw: Any, initial_fw: Any, initial_bw: Any) -> None:
    for name, cells in (("cells_fw", cells_fw), ("cells_bw", cells_bw)):
        if not isinstance(cells, (list, tuple)) or not cells:
            raise ValueError(f"{name} must be a list of RNN cells, one per layer; received {cells}")
    if len(cells_fw) != len(cells_bw):
        raise ValueError(f"Forward and Backward cells must have the same depth: {len(cells_fw)} and {len(cells_bw)}.")
    for name, states in (("initial_states_fw", initial_fw), ("initial_states_bw", initial_bw)):
        if states is not None and (not isinstance(states, (list, tuple)) or len(states) != len(cells_fw)):
            raise ValueError(f"{name} must be a list of state tensors, one per layer ({len(cells_fw)}); received {states}")


@export("contrib.rnn.stack_bidirectional_rnn")
def stack_bidirectional_rnn(cells_fw: Sequence[Any], cells_bw: Sequence[Any], inputs: Sequence[Any], initial_states_fw: Any = None,
                            initial_states_bw: Any = None, dtype: Any = None, sequence_length: Any = None, scope: Any = None) -> Any:
    """(outputs, last states forwards, last states backwards), the states as tuples over the layers, for a list of inputs
    [batch, size]."""
    _check(cells_fw, cells_bw, initial_states_fw, initial_states_bw)
    states_fw, states_bw = [], []
    with variable_scope(scope or "stack_bidirectional_rnn"):
        for i, (fw, bw) in enumerate(zip(cells_fw, cells_bw, strict=True)):
            with variable_scope(f"cell_{i}"):
                inputs, state_fw, state_bw = static_bidirectional_rnn(
                    fw, bw, inputs, initial_states_fw and initial_states_fw[i], initial_states_bw and initial_states_bw[i], dtype,
                    sequence_length)
            states_fw.append(state_fw)
            states_bw.append(state_bw)
    return inputs, tuple(states_fw), tuple(states_bw)


@export("contrib.rnn.stack_bidirectional_dynamic_rnn")
def stack_bidirectional_dynamic_rnn(cells_fw: Sequence[Any], cells_bw: Sequence[Any], inputs: Any, initial_states_fw: Any = None,
                                    initial_states_bw: Any = None, dtype: Any = None, sequence_length: Any = None,
                                    parallel_iterations: int | None = None, time_major: bool = False, scope: Any = None,
                                    swap_memory: bool = False) -> Any:
    """(outputs [batch, time, size], last states forwards, last states backwards), the states as tuples over the layers."""
    _check(cells_fw, cells_bw, initial_states_fw, initial_states_bw)
    states_fw, states_bw = [], []
    with variable_scope(scope or "stack_bidirectional_rnn"):
        for i, (fw, bw) in enumerate(zip(cells_fw, cells_bw, strict=True)):
            with variable_scope(f"cell_{i}"):
                outputs, (state_fw, state_bw) = bidirectional_dynamic_rnn(
                    fw, bw, inputs, sequence_length, initial_states_fw and initial_states_fw[i],
                    initial_states_bw and initial_states_bw[i], dtype, parallel_iterations, swap_memory, time_major)
                inputs = concat(list(outputs), 2)
            states_fw.append(state_fw)
            states_bw.append(state_bw)
    return inputs, tuple(states_fw), tuple(states_bw)
