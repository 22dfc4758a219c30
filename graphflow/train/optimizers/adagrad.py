"""Adagrad and its relatives."""
from __future__ import annotations

from typing import Any

from ...core.convert import convert_to_tensor
from ...core.dtypes import int64
from ...core.export import export
from ...ops.array.basic import cast
from .slots import constant_initializer_of
from .tabled import TabledOptimizer


def _constant_slot(optimizer: Any, var: Any, value: float, slot: str, name: str) -> Any:
    dtype, shape = var.dtype.base_dtype, var.static
    return optimizer._get_or_make_slot_with_initializer(
        var, constant_initializer_of(var, value), shape, dtype, slot, name)


@export("train.AdagradOptimizer")
class AdagradOptimizer(TabledOptimizer):
    """accumulator += gradient^2; var -= learning_rate * gradient / sqrt(accumulator) (Duchi et al. 2011)."""
    op, slot_names = "Adagrad", ("accumulator",)
    dense: tuple[str, ...] = ("learning_rate", "grad")
    sparse: tuple[str, ...] = ("learning_rate", "grad", "indices")

    def __init__(self, learning_rate: Any, initial_accumulator_value: float = 0.1, use_locking: bool = False, name: str = "Adagrad"):
        if initial_accumulator_value <= 0.0:
            raise ValueError(f"initial_accumulator_value must be positive: {initial_accumulator_value}")
        super().__init__(use_locking, name, {"learning_rate": learning_rate})
        self._initial = initial_accumulator_value

    def _create_slots(self, var_list: list[Any]) -> None:
        for v in var_list:
            _constant_slot(self, v, self._initial, "accumulator", self._name)


@export("train.ProximalAdagradOptimizer")
class ProximalAdagradOptimizer(AdagradOptimizer):
    """Adagrad with l1 and l2 regularization by proximal steps (Duchi and Singer 2009)."""
    op = "ProximalAdagrad"
    _l = ("l1_regularization_strength", "l2_regularization_strength")
    dense, sparse = ("learning_rate", *_l, "grad"), ("learning_rate", *_l, "grad", "indices")

    def __init__(self, learning_rate: Any, initial_accumulator_value: float = 0.1, l1_regularization_strength: float = 0.0,
                 l2_regularization_strength: float = 0.0, use_locking: bool = False, name: str = "ProximalAdagrad"):
        super().__init__(learning_rate, initial_accumulator_value, use_locking, name)
        self._hyper = {"learning_rate": learning_rate, "l1_regularization_strength": l1_regularization_strength,
                       "l2_regularization_strength": l2_regularization_strength}


@export("train.ProximalGradientDescentOptimizer")
class ProximalGradientDescentOptimizer(TabledOptimizer):
    """Gradient descent with l1 and l2 regularization by proximal steps (Duchi and Singer 2009)."""
    op = "ProximalGradientDescent"
    _l = ("l1_regularization_strength", "l2_regularization_strength")
    dense, sparse = ("learning_rate", *_l, "grad"), ("learning_rate", *_l, "grad", "indices")

    def __init__(self, learning_rate: Any, l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0,
                 use_locking: bool = False, name: str = "ProximalGradientDescent"):
        super().__init__(use_locking, name, {"learning_rate": learning_rate, "l1_regularization_strength": l1_regularization_strength,
                                             "l2_regularization_strength": l2_regularization_strength})


@export("train.AdagradDAOptimizer")
class AdagradDAOptimizer(TabledOptimizer):
    """Adagrad by dual averaging, for sparse linear models (Duchi et al. 2011); needs the global step."""
    op, slot_names = "AdagradDA", ("gradient_accumulator", "gradient_squared_accumulator")
    _l = ("learning_rate", "l1_regularization_strength", "l2_regularization_strength", "global_step")
    dense, sparse = ("grad", *_l), ("grad", "indices", *_l)

    def __init__(self, learning_rate: Any, global_step: Any, initial_gradient_squared_accumulator_value: float = 0.1,
                 l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0, use_locking: bool = False,
                 name: str = "AdagradDA"):
        if initial_gradient_squared_accumulator_value <= 0.0:
            raise ValueError(f"initial_gradient_squared_accumulator_value must be positive: {initial_gradient_squared_accumulator_value}")
        super().__init__(use_locking, name, {"learning_rate": learning_rate, "l1_regularization_strength": l1_regularization_strength,
                                             "l2_regularization_strength": l2_regularization_strength})
        self._initial, self._global_step = initial_gradient_squared_accumulator_value, global_step

    def _create_slots(self, var_list: list[Any]) -> None:
        for v in var_list:
            _constant_slot(self, v, 0.0, "gradient_accumulator", self._name)
            _constant_slot(self, v, self._initial, "gradient_squared_accumulator", self._name)

    def _apply(self, style: str, names: tuple[str, ...], var: Any, given: dict[str, Any]) -> Any:
        step = cast(convert_to_tensor(self._global_step), int64) + 1  # the step that this update makes
        return super()._apply(style, names, var, {**given, "global_step": step})
