"""From one formula per optimizer to its four op classes.

`states` are the variables that the op changes, in the order of its inputs; `dense` and `sparse` list the other inputs. A formula
takes (xp, attributes, states..., inputs by name) and returns the new states. The sparse ops apply it to the rows that have a
gradient (indices must not repeat: Optimizer adds up repeated ones first), in place.
"""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ...core import dtypes
from ...core.effects import UPDATE, by_signature
from ...core.op import Op, Spec, one_of, require
from ...core.shapes import compatible
from ..array.coordinates import outside
from ..dtype_sets import NUMERIC

OPS: dict[str, dict[str, type[Op]]] = {}
_INDEX = (dtypes.int32, dtypes.int64)


def _updates(op_def: Op, states: dict[str, int], operation: Any) -> Any:
    """`Op.accesses` of the resource ops."""
    return by_signature(operation, **states)


class _Update(Op):
    """Base: outputs and kernel from the class's `formula`, `states` and `names`."""
    formula: Any = None
    state_count: Any = 1
    names: Any = ()

    def infer(self, *inputs: Any) -> Any:
        grad = inputs[self.grad_position]
        if inputs[0].dtype is dtypes.resource:  # a handle's own shape says nothing of the variable's
            return self.result(inputs[0])
        require(compatible(inputs[0].shape, grad.shape), f"Dimensions must be equal: var has shape {inputs[0].shape} and grad {grad.shape}")
        return self.result(inputs[0])

    grad_position = -1

    def result(self, var: Spec) -> Any:
        return var

    def kernel(self, xp: Any, *values: Any) -> Any:
        states, rest = values[:self.state_count], values[self.state_count:]
        return self.formula(xp, self, *states, **dict(zip(self.names, rest)))


class _SparseUpdate(_Update):
    """The formula on the rows named by `indices`."""
    mutates = True

    def infer(self, *inputs: Any) -> Any:
        grad, indices = inputs[self.grad_position], inputs[self.state_count + self.names.index("indices")]
        if grad.shape is not None and indices.shape is not None and inputs[0].shape is not None:
            require(compatible(inputs[0].shape[1:], grad.shape[1:]),
                    f"var and grad must match beyond the first dimension: {inputs[0].shape} and {grad.shape}")
            require(compatible(indices.shape, grad.shape[:1]), f"grad must have as many rows as indices: {grad.shape} and {indices.shape}")
        return self.result(inputs[0])

    def kernel(self, xp: Any, *values: Any) -> Any:
        states, rest = values[:self.state_count], values[self.state_count:]
        given = dict(zip(self.names, rest))
        rows, size = given.pop("indices"), states[0].shape[0]
        xp.check(outside(rows, size), f"indices contains {{value}}, not in [0, {size})", rows)
        news = self.formula(xp, self, *[xp.take(s, rows, 0) for s in states], **given)
        news = news if isinstance(news, tuple) else (news,)
        return tuple(xp.scatter_rows(state, rows, new, "update", 1) for state, new in zip(states, news))


def update_op(name: str, formula: Callable[..., Any], states: str, dense: str, sparse: str | None, doc: str, grad: str = "grad",
              module: str = __name__, **attributes: bool) -> None:
    """Registers Apply<name>, ResourceApply<name> and, if `sparse` is given, SparseApply<name> and ResourceSparseApply<name>."""
    family = OPS.setdefault(name, {})
    kinds = [("ref", False), ("resource", False)] + ([("ref", True), ("resource", True)] if sparse is not None else [])
    for style, is_sparse in kinds:
        names = (sparse if is_sparse else dense).split()  # type: ignore[union-attr]
        mark = "&T" if style == "ref" else "@"
        inputs = [f"{s}: {mark}" for s in states.split()]
        inputs += [f"{n}: {'Tindices' if n == 'indices' else 'int64' if n == 'global_step' else 'T'}" for n in names]
        full = ("Resource" if style == "resource" else "") + ("Sparse" if is_sparse else "") + "Apply" + name
        body: dict[str, Any] = {
            "__module__": module, "__doc__": doc, "formula": staticmethod(formula), "state_count": len(states.split()),
            "names": tuple(names), "grad_position": len(states.split()) + names.index("grad" if is_sparse else grad), "T": one_of(NUMERIC),
            "__annotations__": {"T": "DType", **({"Tindices": "DType"} if is_sparse else {}), "use_locking": "bool",
                                **dict.fromkeys(attributes, "bool")}, "use_locking": False, **attributes}
        if is_sparse:
            body["Tindices"] = one_of(_INDEX)
        if style == "resource":
            body["accesses"] = functools.partialmethod(_updates, dict.fromkeys(states.split(), UPDATE))
            body["result"] = lambda self, var: ()
        family[style + ("_sparse" if is_sparse else "")] = type(
            full, (_SparseUpdate if is_sparse else _Update,), body,
            sig=f"{', '.join(inputs)} ->" + (" out: &T" if style == "ref" else ""))


