"""From one formula per optimizer to its four op classes.

`states` are the variables that the op changes, in the order of its inputs; `dense` and `sparse` name the op on references, that on
resources, and the other inputs of both. A formula takes (xp, attributes, states..., inputs by name) and returns the new states. The
sparse ops apply it to the rows that have a gradient (indices must not repeat: Optimizer adds up repeated ones first), in place.
"""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ...core.effects import UPDATE, by_signature
from ...core.op import Op, Spec, one_of, require, require_rank
from ...core.operation import Operation
from ...core.outcomes import Effect
from ...core.shapes import compatible, describe, merge
from ...kernels.contract import Namespace
from ..array.coordinates import outside
from ..dtype_sets import INDEX, NUMERIC

OPS: dict[str, dict[str, type[Op]]] = {}
_WHOLE = frozenset(("grad", "delta", "indices"))     # of the inputs that are no states; all others are scalars


def _updates(op_def: Op, states: dict[str, int], operation: Operation) -> Any:
    """`Op.accesses` of the resource ops."""
    return by_signature(operation, **states)


class _Update(Op):
    """Base: outputs and kernel from the class's `formula`, `states` and `names`."""
    formula: Any = None
    state_count: Any = 1
    names: Any = ()

    def infer(self, *inputs: Any) -> Any:
        for spec in inputs[1:self.state_count]:
            merge(inputs[0].shape, spec.shape)
        for name, spec in zip(self.names, inputs[self.state_count:]):
            if name not in _WHOLE:
                require_rank(spec, 0)
        self.fits(inputs[0], **dict(zip(self.names, inputs[self.state_count:])))
        return self.result(inputs[0])

    def check(self, *inputs: Any) -> None:
        for name, spec in zip(self.names, inputs[self.state_count:]):
            require(name in _WHOLE or not spec.shape, f"{name} is not a scalar: {describe(spec.shape)}")

    def fits(self, var: Any, delta: Any = None, grad: Any = None, indices: Any = None, **rest: Any) -> None:
        """ValueError when the gradient is none for the variable."""
        name, given = ("grad", grad) if delta is None else ("delta", delta)
        require(compatible(var.shape, given.shape),
                f"var and {name} do not have the same shape: {describe(var.shape)} vs. {describe(given.shape)}")

    def result(self, var: Spec) -> Any:
        return var

    def kernel(self, xp: Namespace, *values: Any) -> Any:
        states, rest = values[:self.state_count], values[self.state_count:]
        return self.formula(xp, self, *states, **dict(zip(self.names, rest)))


class _SparseUpdate(_Update):
    """The formula on the rows named by `indices`."""
    mutates = True

    def fits(self, var: Any, delta: Any = None, grad: Any = None, indices: Any = None, **rest: Any) -> None:
        require_rank(indices, 1)
        if grad.shape is not None and var.shape is not None:
            require(var.shape and len(grad.shape) == len(var.shape) and compatible(var.shape[1:], grad.shape[1:]),
                    f"var and grad must match beyond the first dimension: {describe(var.shape)} vs. {describe(grad.shape)}")
        if grad.shape and indices.shape is not None:
            require(compatible(indices.shape, grad.shape[:1]),
                    f"grad must be the same size as indices in the first dimension: {describe(grad.shape)} vs. {describe(indices.shape)}")

    def kernel(self, xp: Namespace, *values: Any) -> Any:
        states, rest = values[:self.state_count], values[self.state_count:]
        given = dict(zip(self.names, rest))
        rows, size = given.pop("indices"), states[0].shape[0]
        xp.check(outside(rows, size), f"indices contains {{value}}, not in [0, {size})", rows)
        news = self.formula(xp, self, *[xp.take(s, rows, 0) for s in states], **given)
        news = news if isinstance(news, tuple) else (news,)
        return tuple(xp.scatter_rows(state, rows, new, "update", 1) for state, new in zip(states, news))


Row = tuple[str, str, str]        # the op's name on references, that on resources, the inputs after the states


def update_op(name: str, formula: Callable[..., Any], states: str, dense: Row, sparse: Row | None, doc: str,
              module: str = __name__, **attributes: bool) -> None:
    """Registers the ops of one optimizer in OPS[name], as "ref" and "resource", those of `sparse` as "ref_sparse" and "resource_sparse"."""
    family = OPS.setdefault(name, {})
    rows = [(dense, False)] + ([(sparse, True)] if sparse is not None else [])
    for (on_reference, on_resource, inputs_after), is_sparse, style in ((*r, s) for r in rows for s in ("ref", "resource")):
        full, names = on_reference if style == "ref" else on_resource, inputs_after.split()
        mark = "&T" if style == "ref" else "@"
        inputs = [f"{s}: {mark}" for s in states.split()]
        inputs += [f"{n}: {'Tindices' if n == 'indices' else 'int64' if n == 'global_step' else 'T'}" for n in names]
        body: dict[str, Any] = {
            "__module__": module, "__doc__": doc, "formula": staticmethod(formula), "state_count": len(states.split()),
            "names": tuple(names), "T": one_of(NUMERIC),
            "__annotations__": {"T": "DType", **({"Tindices": "DType"} if is_sparse else {}), "use_locking": "bool",
                                **dict.fromkeys(attributes, "bool")}, "use_locking": False, **attributes}
        if is_sparse:
            body["Tindices"] = one_of(INDEX)
        if style == "resource":
            body["accesses"] = functools.partialmethod(_updates, dict.fromkeys(states.split(), UPDATE))
            body["result"] = lambda self, var: ()
        base = _SparseUpdate if is_sparse else _Update
        family[style + ("_sparse" if is_sparse else "")] = type(
            full, (base,) if style == "ref" else (base, Effect), body,
            sig=f"{', '.join(inputs)} ->" + (" out: &T" if style == "ref" else ""))


