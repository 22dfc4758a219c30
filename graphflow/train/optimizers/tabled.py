"""Base of the optimizers whose update is one op: which hyperparameters it has, and which inputs the op takes."""
from __future__ import annotations

from typing import Any

from ...core.convert import convert_to_tensor
from ...core.make import make
from ...ops.array.basic import cast
from ...ops.training import OPS
from .base import Optimizer


class TabledOptimizer(Optimizer):
    """`hyper`: constructor values by node name. `op`: family of update ops; `slot_names`: its states after the variable;
    `dense`, `sparse`: the op's further inputs, as names of hyperparameters, 'grad' or 'indices'."""
    op = ""
    slot_names: tuple[str, ...] = ()
    dense: tuple[str, ...] = ()
    sparse: tuple[str, ...] = ()
    op_attributes: dict[str, Any]

    def __init__(self, use_locking: bool, name: str, hyper: dict[str, Any]):
        super().__init__(use_locking, name)
        self._hyper = hyper
        self._tensors: dict[str, Any] = {}
        self.op_attributes = {}

    def _prepare(self) -> None:
        self._tensors = {k: convert_to_tensor(self._call_if_callable(v), name=k) for k, v in self._hyper.items()}

    def _family(self, var: Any) -> str:
        return self.op

    def _states(self, var: Any) -> list[Any]:
        return [var, *[self.get_slot(var, n) for n in self.slot_names]]

    def _apply(self, style: str, names: tuple[str, ...], var: Any, given: dict[str, Any]) -> Any:
        dtype = var.dtype.base_dtype
        states = [v.handle if style.startswith("resource") else v._ref() for v in self._states(var)]
        values = [given[n] if n in given else cast(self._tensors[n], dtype) for n in names]
        made = make(OPS[self._family(var)][style], *states, *values, use_locking=self._use_locking, **self.op_attributes)
        return getattr(made, "op", made)

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        return self._apply("ref", self.dense, var, {"grad": grad})

    def _resource_apply_dense(self, grad: Any, var: Any) -> Any:
        return self._apply("resource", self.dense, var, {"grad": grad})

    def _apply_sparse(self, grad: Any, var: Any) -> Any:
        return self._apply("ref_sparse", self.sparse, var, {"grad": grad.values, "indices": grad.indices})

    def _resource_apply_sparse(self, grad: Any, var: Any, indices: Any) -> Any:
        return self._apply("resource_sparse", self.sparse, var, {"grad": grad, "indices": indices})
