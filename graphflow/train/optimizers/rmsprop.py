"""RMSProp, by the mean square or by the variance of the gradient."""
from __future__ import annotations

from typing import Any

from ...core.export import export
from ...core.shapes import is_fully_defined
from ...ops.array.fill import ones
from .slots import constant_initializer_of
from .tabled import TabledOptimizer


@export("train.RMSPropOptimizer")
class RMSPropOptimizer(TabledOptimizer):
    """Divides the gradient by a running average of its magnitude (Tieleman and Hinton 2012).

    decay: of the average. centered: use the variance instead of the mean square.
    """
    _inputs = ("learning_rate", "decay", "momentum", "epsilon", "grad")
    dense, sparse = _inputs, (*_inputs, "indices")

    def __init__(self, learning_rate: Any, decay: Any = 0.9, momentum: Any = 0.0, epsilon: Any = 1e-10, use_locking: bool = False,
                 centered: bool = False, name: str = "RMSProp"):
        super().__init__(use_locking, name, {"learning_rate": learning_rate, "decay": decay, "momentum": momentum, "epsilon": epsilon})
        self._centered = centered
        self.op = "CenteredRMSProp" if centered else "RMSProp"
        self.slot_names = ("mg", "rms", "momentum") if centered else ("rms", "momentum")

    def _create_slots(self, var_list: list[Any]) -> None:
        for v in var_list:
            known = is_fully_defined(v.static)
            initial = (lambda shape, dtype: ones(list(shape), dtype)) if known else constant_initializer_of(v, 1.0)
            self._get_or_make_slot_with_initializer(v, initial, v.static, v.dtype.base_dtype, "rms", self._name)
            if self._centered:
                self._zeros_slot(v, "mg", self._name)
            self._zeros_slot(v, "momentum", self._name)
