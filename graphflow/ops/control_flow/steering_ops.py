"""TF1's nodes that steer values: Switch, Merge, and what loops are made of. Graphs that TensorFlow 1 wrote have them.

A value goes on along one output of a Switch; the other one is dead, and so is whatever needs it, up to a Merge, which passes on the
input that is alive. Enter brings a value into the frame of a loop, NextIteration into its next turn, Exit out of it. No kernel does
this: `ops.control_flow.frames` reads `steers`, and `runtime.frames` carries it out.
"""
from __future__ import annotations

from functools import reduce
from typing import Any

from ...core import dtypes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType
from ...core.make import make, variable_spec
from ...core.op import Op, Spec, require_rank
from ...core.outcomes import Effect, Several
from ...core.shapes import relax
from .. import functions as F
from ..state.resource import variable_shape
from .sides import ALIVE, Side, joined, root_of


class Steering(Op):
    """Base: the first input comes out again."""
    folds = False       # another value may come, in another turn
    T: Any

    def infer(self, *inputs: Spec) -> Any:
        return Spec(self._out(), inputs[0].shape)

    def _out(self) -> DType:
        return self.T.ref_dtype if type(self).signature().ref_inputs else self.T

    def accesses(self, operation: Any) -> Any:
        return () if type(self).signature().ref_inputs else super().accesses(operation)

    def passed(self, op: Any, home: dict[Any, Any]) -> dict[Any, Any]:
        """{output that is a handle or reference: what `home` says of the input that it passes on}"""
        found = {home[t] for t in op._inputs if t in home}
        if len(found) > 1 and _is_handle(op.outputs[0]):
            names = ", ".join(map(str, sorted(found)))
            raise NotImplementedError(f"{op.name}: which of several resources ({names}) it passes on is known in the run only; use each "
                                      "one in its own branch")
        return {t: key for key in found for t in op.outputs if _is_handle(t)}

    def kernel(self, xp: Any, *inputs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} in a partial run is not there yet: run the parts by separate "
                                  "Session.run calls, feeding the values between them")


def _is_handle(tensor: Any) -> bool:
    return tensor.dtype.is_ref or tensor.dtype is dtypes.resource


def _zeros_for(tensor: Any) -> Any:
    """Zeros like a tensor, a list, or like the variable behind a handle."""
    if tensor.dtype.base_dtype is dtypes.variant:
        return make(F.ZerosLike, tensor)
    if tensor.dtype.base_dtype is not dtypes.resource:
        return F.zeros_like(tensor)
    spec = variable_spec(tensor)
    return F.zeros(variable_shape(tensor), spec.dtype.base_dtype)


class Switch(Steering, Several, sig="data: T, pred: bool -> output_false: T, output_true: T"):
    """`data` along the output that `pred` names; the other one is dead."""
    steers = "switch"
    T: DType

    def infer(self, *inputs: Spec) -> Any:
        require_rank(inputs[1], 0)
        return (Spec(self._out(), inputs[0].shape),) * 2

    def grad(self, op: Any, *dys: Any) -> Any:
        """The gradient of the output that is alive."""
        if all(dy is None for dy in dys):
            return None, None
        given = [_zeros_for(op.inputs[0]) if dy is None else convert_to_tensor(dy) for dy in dys]
        sides = [make(Switch, dy, op.inputs[1])[i] for i, dy in enumerate(given)]      # zeros without inputs would be alive too
        return make(Merge, sides)[0], None


class RefSwitch(Switch, sig="data: &T, pred: bool -> output_false: &T, output_true: &T"):
    """Switch of a reference."""


class Merge(Steering, Several, sig="inputs: T*N -> output: T, value_index: int32"):
    """The input that is alive, and which one that is; dead when none is."""
    steers = "merge"
    least = {"N": 1}
    T: DType
    N: int

    def infer(self, *inputs: Spec) -> Any:
        return Spec(self._out(), reduce(relax, [spec.shape for spec in inputs])), Spec(dtypes.int32, ())

    def grad(self, op: Any, *dys: Any) -> Any:
        """To the input that was taken; those of the others are dead."""
        if dys[0] is None:
            return [None] * len(op.inputs)
        dy = convert_to_tensor(dys[0])
        choice = _choice(op)
        if choice is None:
            return [make(Switch, dy, F.equal(op.outputs[1], i))[1] for i in range(len(op.inputs))]
        no, yes = make(Switch, dy, choice.predicate)
        return (yes, no) if choice.value else (no, yes)


class RefMerge(Merge, sig="inputs: &T*N -> output: &T, value_index: int32"):
    """Merge of references."""


def _choice(merge: Any) -> Side | None:
    """The side on which the first of two inputs lies and the second does not, if the two differ in nothing else."""
    if len(merge.inputs) != 2:
        return None
    one, other = (_sides(t) for t in merge.inputs)
    mine, others = list(one - other), list(other - one)
    if len(mine) != 1 or len(others) != 1 or not all(what.__class__ is Side for what in (*mine, *others)):
        return None
    return mine[0] if mine[0].root is others[0].root else None


def _sides(tensor: Any) -> frozenset[Any]:
    """The sides that a tensor lies on; of the turns of loops nothing is said."""
    known: dict[Any, frozenset[Any]] = tensor.graph.extension("sides", dict)
    made: dict[Any, Side] = tensor.graph.extension("sides made", dict)
    stack = [tensor._op]
    while stack:
        op = stack[-1]
        turning = op._op_def.steers == "merge" and any(t._op._op_def.steers == "next" for t in op._inputs)
        sources = [t for t in op._inputs if not (turning and t._op._op_def.steers == "next")]
        waiting = [s for s in (*(t._op for t in sources), *op._control) if s not in known]
        if waiting and op not in known:
            stack += waiting
            continue
        stack.pop()
        if op in known:
            continue
        inputs = [known.get(t, known[t._op]) for t in sources]
        if op._op_def.steers == "merge":
            found = joined(inputs)
            known[op] = frozenset([op.outputs[0]]) if found is None else found
            continue
        known[op] = ALIVE.union(*inputs, *(known[c] for c in op._control))
        if op._op_def.steers == "switch" and not isinstance(op._inputs[1]._op._op_def, LoopCond):
            root = root_of(op._inputs[1], guards=known)
            for t, value in zip(op.outputs, (False, True)):
                known[t] = known[op] | {made.setdefault((root, value), Side(root, value, op._inputs[1]))}
    return known.get(tensor, known[tensor._op])


class Enter(Steering, sig="data: T -> output: T"):
    """`data` in the frame `frame_name`: in its first turn, or, if it is constant, in every one."""
    steers = "enter"
    T: DType
    frame_name: str
    is_constant: bool = False
    parallel_iterations: int = 10

    def infer(self, *inputs: Spec) -> Any:
        return Spec(self._out(), inputs[0].shape if self.is_constant else None)

    def kernel(self, xp: Any, *inputs: Any) -> Any:
        return inputs[0]


class RefEnter(Enter, sig="data: &T -> output: &T"):
    """Enter of a reference."""


class Exit(Steering, sig="data: T -> output: T"):
    """`data` outside of the frame, when it is alive."""
    steers = "exit"
    T: DType


class RefExit(Exit, sig="data: &T -> output: &T"):
    """Exit of a reference."""


class NextIteration(Steering, sig="data: T -> output: T"):
    """`data` in the next turn of its frame."""
    steers = "next"
    T: DType


class RefNextIteration(NextIteration, sig="data: &T -> output: &T"):
    """NextIteration of a reference."""


class LoopCond(Steering, sig="input: bool -> output: bool"):
    """Whether a loop goes on; the Switches of its variables ask it."""

    def infer(self, *inputs: Spec) -> Any:
        require_rank(inputs[0], 0)
        return Spec(dtypes.bool, ())

    def kernel(self, xp: Any, *inputs: Any) -> Any:
        return inputs[0]


class ControlTrigger(Effect, sig="->"):
    """Never dead: it runs when its control inputs are done, even if they are dead."""
    steers = "trigger"

    def infer(self) -> tuple[()]:
        return ()

    def kernel(self, xp: Any) -> tuple[()]:
        return ()
