"""FTRL-Proximal."""
from __future__ import annotations

from typing import Any

from ...core.export import export
from .adagrad import _constant_slot
from .tabled import TabledOptimizer


@export("train.FtrlOptimizer")
class FtrlOptimizer(TabledOptimizer):
    """Follow the regularized leader, proximally (McMahan et al. 2013); good for sparse linear models.

    learning_rate_power: at most 0. l2_shrinkage_regularization_strength: a penalty on the size, not a stabilizer.
    """
    slot_names = ("accum", "linear")

    def __init__(self, learning_rate: Any, learning_rate_power: float = -0.5, initial_accumulator_value: float = 0.1,
                 l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0, use_locking: bool = False,
                 name: str = "Ftrl", accum_name: str | None = None, linear_name: str | None = None,
                 l2_shrinkage_regularization_strength: float = 0.0, beta: float | None = None):
        for label, value, bad in (("initial_accumulator_value", initial_accumulator_value, initial_accumulator_value < 0.0),
                                  ("l1_regularization_strength", l1_regularization_strength, l1_regularization_strength < 0.0),
                                  ("l2_regularization_strength", l2_regularization_strength, l2_regularization_strength < 0.0),
                                  ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength,
                                   l2_shrinkage_regularization_strength < 0.0)):
            if bad:
                raise ValueError(f"{label} {value} needs to be positive or zero")
        if learning_rate_power > 0.0:
            raise ValueError(f"learning_rate_power {learning_rate_power} needs to be negative or zero")
        l2: Any = l2_regularization_strength
        if beta:
            l2 = l2_regularization_strength + beta / (2.0 * learning_rate)
        hyper = {"learning_rate": learning_rate, "l1_regularization_strength": l1_regularization_strength, "l2_regularization_strength": l2}
        shrink = l2_shrinkage_regularization_strength > 0
        if shrink:
            hyper["l2_shrinkage_regularization_strength"] = l2_shrinkage_regularization_strength
        hyper["learning_rate_power"] = learning_rate_power
        super().__init__(use_locking, name, hyper)
        self.op = "FtrlV2" if shrink else "Ftrl"
        self.dense = ("grad", *hyper)
        self.sparse = ("grad", "indices", *hyper)
        self._initial, self._accum_name, self._linear_name = initial_accumulator_value, accum_name, linear_name

    def _create_slots(self, var_list: list[Any]) -> None:
        for v in var_list:
            _constant_slot(self, v, self._initial, "accum", self._accum_name or self._name)
            self._zeros_slot(v, "linear", self._linear_name or self._name + "_1")
