"""GatherTree: the beams that a beam search found, from what it kept of each step."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import shapes
from ...core.dtypes import DType, int32
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.tensor import Tensor
from ...kernels.contract import Namespace


class GatherTree(Op, sig="step_ids: T, parent_ids: T, max_sequence_lengths: int32, end_token: T -> beams: T"):
    """The whole beams [time, batch, beams] of a search that kept, for each step, a symbol and the beam of the step before."""
    T: DType = one_of(int32)
    host = True         # which beam a step comes from depends on the step behind it

    def infer(self, step_ids: Spec, parent_ids: Spec, max_sequence_lengths: Spec, end_token: Spec) -> Spec:
        for one, rank in ((step_ids, 3), (parent_ids, 3), (max_sequence_lengths, 1), (end_token, 0)):
            require(one.shape is None or len(one.shape) == rank, f"Shape must be rank {rank} but is {shapes.describe(one.shape)}")
        require(shapes.compatible(step_ids.shape, parent_ids.shape), f"step_ids and parent_ids must have one shape: "
                f"{shapes.describe(step_ids.shape)} vs {shapes.describe(parent_ids.shape)}")
        return Spec(self.T, step_ids.shape if step_ids.shape is not None else parent_ids.shape or (None, None, None))

    def kernel(self, xp: Namespace, step_ids: Any, parent_ids: Any, max_sequence_lengths: Any, end_token: Any) -> Any:
        symbols, parents = np.asarray(step_ids), np.asarray(parent_ids)
        steps, batch, beams = symbols.shape
        last = np.minimum(np.asarray(max_sequence_lengths), steps) - 1
        found = np.full(symbols.shape, end_token, symbols.dtype)
        at = np.tile(np.arange(beams), (batch, 1))
        for time in range(steps - 1, -1, -1):
            rows = np.flatnonzero(time <= last)
            bad = (at[rows] < 0) | (at[rows] >= beams)
            xp.check(bad, "{value} is no beam: there are " + str(beams), at[rows])
            found[time, rows] = np.take_along_axis(symbols[time, rows], at[rows], 1)
            at[rows] = np.take_along_axis(parents[time, rows], at[rows], 1)
        over = np.logical_or.accumulate(found == end_token, axis=0)
        return np.where(over, np.asarray(end_token, found.dtype), found)


@export("contrib.seq2seq.gather_tree")
def gather_tree(step_ids: Any, parent_ids: Any, max_sequence_lengths: Any, end_token: Any, name: str | None = None) -> Tensor:
    """The beams, int32 [time, batch, beams], that end in each place of the last step, `end_token` behind the first of its kind.

    step_ids, parent_ids: int32 [time, batch, beams], each step's symbols and the beams before them. max_sequence_lengths: int32 [batch],
    where each search of the batch ended. InvalidArgumentError for parents that are no beams.
    """
    return make(GatherTree, step_ids, parent_ids, max_sequence_lengths, end_token, name=name)
