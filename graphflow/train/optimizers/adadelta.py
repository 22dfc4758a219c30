"""Adadelta."""
from __future__ import annotations

from typing import Any

from ...core.export import export
from .tabled import TabledOptimizer


@export("train.AdadeltaOptimizer")
class AdadeltaOptimizer(TabledOptimizer):
    """Steps in units of past steps over past gradients (Zeiler 2012). rho: decay of both averages."""
    op, slot_names = "Adadelta", ("accum", "accum_update")
    dense, sparse = ("lr", "rho", "epsilon", "grad"), ("lr", "rho", "epsilon", "grad", "indices")

    def __init__(self, learning_rate: Any = 0.001, rho: Any = 0.95, epsilon: Any = 1e-08, use_locking: bool = False,
                 name: str = "Adadelta"):
        super().__init__(use_locking, name, {"lr": learning_rate, "rho": rho, "epsilon": epsilon})

    def _create_slots(self, var_list: list[Any]) -> None:
        for v in var_list:
            self._zeros_slot(v, "accum", self._name)
            self._zeros_slot(v, "accum_update", self._name)
