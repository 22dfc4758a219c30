"""Momentum, plain and Nesterov's."""
from __future__ import annotations

from typing import Any

from ...core.export import export
from .tabled import TabledOptimizer


@export("train.MomentumOptimizer")
class MomentumOptimizer(TabledOptimizer):
    """accumulation = momentum * accumulation + gradient; var -= learning_rate * accumulation.

    use_nesterov: look ahead along the accumulation (Sutskever et al. 2013).
    """
    op, slot_names = "Momentum", ("momentum",)
    dense, sparse = ("learning_rate", "grad", "momentum"), ("learning_rate", "grad", "indices", "momentum")

    def __init__(self, learning_rate: Any, momentum: Any, use_locking: bool = False, name: str = "Momentum", use_nesterov: bool = False):
        super().__init__(use_locking, name, {"learning_rate": learning_rate, "momentum": momentum})
        self.op_attributes = {"use_nesterov": use_nesterov}

    def _create_slots(self, var_list: list[Any]) -> None:
        for v in var_list:
            self._zeros_slot(v, "momentum", self._name)
