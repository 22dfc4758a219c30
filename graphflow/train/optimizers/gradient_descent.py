"""Plain gradient descent."""
from __future__ import annotations

from typing import Any

from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.make import make
from ...core.values import IndexedSlices
from ...ops.array.basic import cast
from ...ops.state.scatter import ROWS_RESOURCE
from ...ops.training import OPS
from .base import Optimizer


@export("train.GradientDescentOptimizer")
class GradientDescentOptimizer(Optimizer):
    """var -= learning_rate * gradient. learning_rate: a number, tensor, or function of none."""

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent"):
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._learning_rate_tensor: Any = None

    def _prepare(self) -> None:
        self._learning_rate_tensor = convert_to_tensor(self._call_if_callable(self._learning_rate), name="learning_rate")

    def _rate(self, var: Any) -> Any:
        return cast(self._learning_rate_tensor, var.dtype.base_dtype)

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        return make(OPS["GradientDescent"]["ref"], var._ref(), self._rate(var), grad, use_locking=self._use_locking).op

    def _resource_apply_dense(self, grad: Any, var: Any) -> Any:
        return make(OPS["GradientDescent"]["resource"], var.handle, self._rate(var), grad, use_locking=self._use_locking)

    def _apply_sparse_duplicate_indices(self, grad: Any, var: Any) -> Any:
        delta = IndexedSlices(grad.values * self._rate(var), grad.indices, grad.dense_shape)
        return var.scatter_sub(delta, use_locking=self._use_locking)

    def _resource_apply_sparse_duplicate_indices(self, grad: Any, handle: Any, indices: Any) -> Any:
        return make(ROWS_RESOURCE["add"], handle.handle, indices, -grad * self._rate(handle))
