"""Adam."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.export import export
from ...core.make import make
from ...ops.array.basic import cast
from ...ops.control_flow.flow import group
from ...ops.elementwise.unary import sqrt
from ...ops.state.assign import assign, assign_sub
from ...ops.state.scatter import ROWS_RESOURCE, scatter_add
from .tabled import TabledOptimizer


@export("train.AdamOptimizer")
class AdamOptimizer(TabledOptimizer):
    """Adaptive moments (Kingma and Ba 2015, the variant at the end of section 2: epsilon is their epsilon hat).

    beta1, beta2: decay of the averages of the gradient and of its square.
    """
    op, slot_names = "Adam", ("m", "v")
    dense = ("beta1_power", "beta2_power", "learning_rate", "beta1", "beta2", "epsilon", "grad")

    def __init__(self, learning_rate: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-08, use_locking: bool = False,
                 name: str = "Adam"):
        super().__init__(use_locking, name, {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon})

    def _create_slots(self, var_list: list[Any]) -> None:
        first = min(var_list, key=lambda v: v.name)
        for key in ("beta1", "beta2"):
            self._create_non_slot_variable(self._call_if_callable(self._hyper[key]), f"{key}_power", first)
        for v in var_list:
            self._zeros_slot(v, "m", self._name)
            self._zeros_slot(v, "v", self._name)

    def _powers(self) -> tuple[Any, Any]:
        graph = context.default_graph()
        return self._get_non_slot_variable("beta1_power", graph), self._get_non_slot_variable("beta2_power", graph)

    def _apply(self, style: str, names: tuple[str, ...], var: Any, given: dict[str, Any]) -> Any:
        dtype = var.dtype.base_dtype
        power1, power2 = (cast(p.value() if style == "resource" else p, dtype) for p in self._powers())
        return super()._apply(style, names, var, {**given, "beta1_power": power1, "beta2_power": power2})

    def _sparse(self, values: Any, var: Any, indices: Any, scatter_add: Any) -> Any:
        """Moments decay everywhere, the gradient comes to its rows, the step is taken everywhere, as TF1 does."""
        dtype = var.dtype.base_dtype
        power1, power2 = (cast(p, dtype) for p in self._powers())
        rate, beta1, beta2, epsilon = (cast(self._tensors[k], dtype) for k in ("learning_rate", "beta1", "beta2", "epsilon"))
        rate = rate * sqrt(1 - power2) / (1 - power1)
        graph = context.default_graph()
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        m_scaled = values * (1 - beta1)
        decayed = assign(m, m * beta1, use_locking=self._use_locking)
        with graph.control_dependencies([decayed]):
            new_m = scatter_add(m, indices, m_scaled)
        v_scaled = (values * values) * (1 - beta2)
        decayed = assign(v, v * beta2, use_locking=self._use_locking)
        with graph.control_dependencies([decayed]):
            new_v = scatter_add(v, indices, v_scaled)
        root = sqrt(new_v)
        step = assign_sub(var, rate * new_m / (root + epsilon), use_locking=self._use_locking)
        return group(step, new_m, new_v)

    def _apply_sparse(self, grad: Any, var: Any) -> Any:
        return self._sparse(grad.values, var, grad.indices, lambda x, i, v: scatter_add(x, i, v, use_locking=self._use_locking))

    def _resource_apply_sparse(self, grad: Any, var: Any, indices: Any) -> Any:
        def scatter(x: Any, i: Any, v: Any) -> Any:
            with context.default_graph().control_dependencies([make(ROWS_RESOURCE["add"], x.handle, i, v)]):
                return x.value()

        return self._sparse(grad, var, indices, scatter)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        graph = context.default_graph()
        with graph.control_dependencies(update_ops):
            power1, power2 = self._powers()
            with graph.colocate_with(power1):
                first = power1.assign(power1 * self._tensors["beta1"], use_locking=self._use_locking)
                second = power2.assign(power2 * self._tensors["beta2"], use_locking=self._use_locking)
        return group(*update_ops, first, second, name=name_scope)
