"""FTRL-Proximal."""
from __future__ import annotations

from typing import Any

from ...core.convert import convert_to_tensor
from ...core.dtypes import float32
from ...core.export import export
from ...core.shapes import is_fully_defined
from ...ops.array.fill import ones
from ...ops.elementwise.binary import maximum
from .slots import constant_initializer_of
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
        names = ["learning_rate", "l1_regularization_strength", "l2_regularization_strength", "learning_rate_power"]
        shrink = l2_shrinkage_regularization_strength > 0
        if shrink:
            names.insert(3, "l2_shrinkage_regularization_strength")
        super().__init__(use_locking, name, {"learning_rate": learning_rate, "l1_regularization_strength": l1_regularization_strength})
        self.op = "FtrlV2" if shrink else "Ftrl"
        self.dense, self.sparse = ("grad", *names), ("grad", "indices", *names)
        self._rate, self._l2, self._beta = learning_rate, l2_regularization_strength, 0.0 if beta is None else beta
        self._later = {"beta": self._beta, "l2_shrinkage_regularization_strength": l2_shrinkage_regularization_strength,
                       "learning_rate_power": learning_rate_power}
        self._initial, self._accum_name, self._linear_name = initial_accumulator_value, accum_name, linear_name

    def _prepare(self) -> None:
        """The strength of l2 has `beta` added in, as the update ops do not know it."""
        super()._prepare()
        l2 = self._l2 + self._beta / (2.0 * maximum(self._call_if_callable(self._rate), 1e-36))
        self._tensors["l2_regularization_strength"] = l2
        self._tensors.update({k: convert_to_tensor(v, name=k) for k, v in self._later.items()})

    def _create_slots(self, var_list: list[Any]) -> None:
        def initial(shape: Any, dtype: Any = float32, partition_info: Any = None) -> Any:
            return ones(shape, dtype) * self._initial

        for v in var_list:
            accum = initial if is_fully_defined(v.static) else constant_initializer_of(v, self._initial)
            self._get_or_make_slot_with_initializer(v, accum, v.static, v.dtype.base_dtype, "accum", self._accum_name or self._name)
            self._zeros_slot(v, "linear", self._linear_name or self._name)
