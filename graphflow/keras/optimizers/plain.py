"""SGD, RMSprop, Adagrad, Adadelta and Ftrl."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core import context
from ...core.export import export
from .base import Optimizer


def rows(values: Any, indices: Any) -> Any:
    """IndexedSlices of these rows, for a variable's scatter functions."""
    return tf.IndexedSlices(values, indices)


def after(operation: Any) -> Any:
    """Context manager: what is made inside runs after the operation."""
    return context.default_graph().control_dependencies([] if tf.executing_eagerly() else [operation])


@export("keras.optimizers.SGD")
class SGD(Optimizer):
    """w -= learning_rate g; with momentum v = momentum v - learning_rate g, w += v (nesterov: w += momentum v - learning_rate g)."""

    def __init__(self, learning_rate: Any = 0.01, momentum: Any = 0.0, nesterov: bool = False, name: str = "SGD", **kwargs: Any):
        super().__init__(name, **kwargs)
        self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        self._momentum = callable(momentum) or isinstance(momentum, tf.Tensor) or momentum > 0
        if isinstance(momentum, (int, float)) and not 0 <= momentum <= 1:
            raise ValueError(f"`momentum` must be between [0, 1]. Received: momentum={momentum} (of type {type(momentum)}).")
        self._set_hyper("momentum", momentum)
        self._set_hyper("decay", self._initial_decay)
        self.nesterov = nesterov

    def _create_slots(self, var_list: list[Any]) -> None:
        if self._momentum:
            for var in var_list:
                self.add_slot(var, "momentum")

    def _prepare(self, dtype: Any) -> Any:
        return {"lr": self._rate(dtype), "momentum": self._get_hyper("momentum", dtype)}

    def _dense(self, grad: Any, var: Any, shared: Any) -> Any:
        if not self._momentum:
            return self._op("GradientDescent", [var], [shared["lr"], grad])
        velocity, step = self.get_slot(var, "momentum"), shared["lr"] * grad
        new = velocity * shared["momentum"] - step
        kept = velocity.assign(new)
        with after(kept):
            return tf.group(var.assign_add(new * shared["momentum"] - step if self.nesterov else new))

    def _sparse(self, grad: Any, indices: Any, var: Any, shared: Any) -> Any:
        step = shared["lr"] * grad
        if not self._momentum:
            return tf.group(var.scatter_sub(rows(step, indices)))
        velocity = self.get_slot(var, "momentum")
        new = tf.gather(velocity, indices) * shared["momentum"] - step
        kept = velocity.scatter_update(rows(new, indices))
        with after(kept):
            return tf.group(var.scatter_add(rows(new * shared["momentum"] - step if self.nesterov else new, indices)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "learning_rate": self._number("learning_rate"), "decay": self._initial_decay,
                "momentum": self._number("momentum"), "nesterov": self.nesterov}


@export("keras.optimizers.RMSprop")
class RMSprop(Optimizer):
    """Divides the gradient by a running mean of its size (Tieleman and Hinton 2012). rho: how much of the mean is kept each step."""

    def __init__(self, learning_rate: Any = 0.001, rho: Any = 0.9, momentum: Any = 0.0, epsilon: float = 1e-7, centered: bool = False,
                 name: str = "RMSprop", **kwargs: Any):
        super().__init__(name, **kwargs)
        self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        self._set_hyper("decay", self._initial_decay)
        self._set_hyper("rho", rho)
        self._momentum = callable(momentum) or isinstance(momentum, tf.Tensor) or momentum > 0
        self._set_hyper("momentum", momentum)
        self.epsilon, self.centered = 1e-7 if epsilon is None else epsilon, centered

    def _create_slots(self, var_list: list[Any]) -> None:
        wanted = ["rms", *(["momentum"] if self._momentum else []), *(["mg"] if self.centered else [])]
        for name in wanted:
            for var in var_list:
                self.add_slot(var, name)

    def _prepare(self, dtype: Any) -> Any:
        return {"lr": self._rate(dtype), "rho": self._get_hyper("rho", dtype), "momentum": self._get_hyper("momentum", dtype)}

    def _dense(self, grad: Any, var: Any, shared: Any) -> Any:
        lr, rho = shared["lr"], shared["rho"]
        rms = self.get_slot(var, "rms")
        if self._momentum:
            states = [var, *([self.get_slot(var, "mg")] if self.centered else []), rms, self.get_slot(var, "momentum")]
            return self._op("CenteredRMSProp" if self.centered else "RMSProp", states, [lr, rho, shared["momentum"], self.epsilon, grad])
        square = rho * rms + (1 - rho) * tf.square(grad)
        kept, size = [rms.assign(square)], square
        if self.centered:
            mean = self.get_slot(var, "mg")
            new = rho * mean + (1 - rho) * grad
            kept.append(mean.assign(new))
            size = square - tf.square(new)
        return tf.group(*kept, var.assign_sub(lr * grad / (tf.sqrt(size) + self.epsilon)))

    def _sparse(self, grad: Any, indices: Any, var: Any, shared: Any) -> Any:
        lr, rho = shared["lr"], shared["rho"]
        rms = self.get_slot(var, "rms")
        if self._momentum:
            states = [var, *([self.get_slot(var, "mg")] if self.centered else []), rms, self.get_slot(var, "momentum")]
            return self._op("CenteredRMSProp" if self.centered else "RMSProp", states,
                            [lr, rho, shared["momentum"], self.epsilon, grad, indices], sparse=True)
        shrunk = rms.assign(rms * rho)
        with after(shrunk):
            added = rms.scatter_add(rows(tf.square(grad) * (1 - rho), indices))
        with after(added):
            size = tf.gather(rms, indices)
        if self.centered:
            mean = self.get_slot(var, "mg")
            shrunk = mean.assign(mean * rho)
            with after(shrunk):
                added = mean.scatter_add(rows(grad * (1 - rho), indices))
            with after(added):
                size = size - tf.square(tf.gather(mean, indices))
        return tf.group(var.scatter_sub(rows(lr * grad / (tf.sqrt(size) + self.epsilon), indices)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "learning_rate": self._number("learning_rate"), "decay": self._initial_decay,
                "rho": self._number("rho"), "momentum": self._number("momentum"), "epsilon": self.epsilon, "centered": self.centered}


@export("keras.optimizers.Adagrad")
class Adagrad(Optimizer):
    """Divides the gradient by the root of the sum of its squares so far (Duchi and others 2011)."""

    def __init__(self, learning_rate: Any = 0.001, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7, name: str = "Adagrad",
                 **kwargs: Any):
        if initial_accumulator_value < 0.0:
            raise ValueError(f"initial_accumulator_value must be non-negative: {initial_accumulator_value}")
        super().__init__(name, **kwargs)
        self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        self._set_hyper("decay", self._initial_decay)
        self._initial_accumulator_value, self.epsilon = initial_accumulator_value, 1e-7 if epsilon is None else epsilon

    def _create_slots(self, var_list: list[Any]) -> None:
        for var in var_list:
            self.add_slot(var, "accumulator", tf.constant_initializer(self._initial_accumulator_value, dtype=var.dtype.base_dtype))

    def _dense(self, grad: Any, var: Any, shared: Any) -> Any:
        return self._op("AdagradV2", [var, self.get_slot(var, "accumulator")], [shared["lr"], self.epsilon, grad])

    def _sparse(self, grad: Any, indices: Any, var: Any, shared: Any) -> Any:
        return self._op("AdagradV2", [var, self.get_slot(var, "accumulator")], [shared["lr"], self.epsilon, grad, indices], sparse=True)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "learning_rate": self._number("learning_rate"), "decay": self._initial_decay,
                "initial_accumulator_value": self._initial_accumulator_value, "epsilon": self.epsilon}


@export("keras.optimizers.Adadelta")
class Adadelta(Optimizer):
    """Steps as long as the running mean of earlier ones, over the running mean of gradients (Zeiler 2012)."""
    slot_names = ("accum_grad", "accum_var")

    def __init__(self, learning_rate: Any = 0.001, rho: Any = 0.95, epsilon: float = 1e-7, name: str = "Adadelta", **kwargs: Any):
        super().__init__(name, **kwargs)
        self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        self._set_hyper("decay", self._initial_decay)
        self._set_hyper("rho", rho)
        self.epsilon = 1e-7 if epsilon is None else epsilon

    def _prepare(self, dtype: Any) -> Any:
        return {"lr": self._rate(dtype), "rho": self._get_hyper("rho", dtype)}

    def _states(self, var: Any) -> list[Any]:
        return [var, self.get_slot(var, "accum_grad"), self.get_slot(var, "accum_var")]

    def _dense(self, grad: Any, var: Any, shared: Any) -> Any:
        return self._op("Adadelta", self._states(var), [shared["lr"], shared["rho"], self.epsilon, grad])

    def _sparse(self, grad: Any, indices: Any, var: Any, shared: Any) -> Any:
        return self._op("Adadelta", self._states(var), [shared["lr"], shared["rho"], self.epsilon, grad, indices], sparse=True)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "learning_rate": self._number("learning_rate"), "decay": self._initial_decay,
                "rho": self._number("rho"), "epsilon": self.epsilon}


@export("keras.optimizers.Ftrl")
class Ftrl(Optimizer):
    """Follow the regularized leader (McMahan and others 2013)."""

    def __init__(self, learning_rate: Any = 0.001, learning_rate_power: float = -0.5, initial_accumulator_value: float = 0.1,
                 l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0, name: str = "Ftrl",
                 l2_shrinkage_regularization_strength: float = 0.0, beta: float = 0.0, **kwargs: Any):
        if initial_accumulator_value < 0.0:
            raise ValueError(f"`initial_accumulator_value` needs to be positive or zero. Received: {initial_accumulator_value}.")
        if learning_rate_power > 0.0:
            raise ValueError(f"`learning_rate_power` needs to be negative or zero. Received: {learning_rate_power}.")
        super().__init__(name, **kwargs)
        self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        self._set_hyper("decay", self._initial_decay)
        self._set_hyper("learning_rate_power", learning_rate_power)
        self._set_hyper("l1_regularization_strength", l1_regularization_strength)
        self._set_hyper("l2_regularization_strength", l2_regularization_strength)
        self._set_hyper("beta", beta)
        self._initial_accumulator_value = initial_accumulator_value
        self._l2_shrinkage_regularization_strength = l2_shrinkage_regularization_strength

    def _create_slots(self, var_list: list[Any]) -> None:
        for var in var_list:
            self.add_slot(var, "accumulator", tf.constant_initializer(self._initial_accumulator_value, dtype=var.dtype.base_dtype))
            self.add_slot(var, "linear")

    def _prepare(self, dtype: Any) -> Any:
        lr = self._rate(dtype)
        l2 = self._get_hyper("l2_regularization_strength", dtype) + self._get_hyper("beta", dtype) / (2.0 * lr)
        shrinkage = self._l2_shrinkage_regularization_strength
        inputs = [lr, self._get_hyper("l1_regularization_strength", dtype), l2, *([tf.cast(shrinkage, dtype)] if shrinkage > 0 else []),
                  self._get_hyper("learning_rate_power", dtype)]
        return {"inputs": inputs, "op": "FtrlV2" if shrinkage > 0 else "Ftrl"}

    def _states(self, var: Any) -> list[Any]:
        return [var, self.get_slot(var, "accumulator"), self.get_slot(var, "linear")]

    def _dense(self, grad: Any, var: Any, shared: Any) -> Any:
        return self._op(shared["op"], self._states(var), [grad, *shared["inputs"]])

    def _sparse(self, grad: Any, indices: Any, var: Any, shared: Any) -> Any:
        return self._op(shared["op"], self._states(var), [grad, indices, *shared["inputs"]], sparse=True)

    def get_config(self) -> dict[str, Any]:
        names = ("learning_rate_power", "l1_regularization_strength", "l2_regularization_strength", "beta")
        return {**super().get_config(), "learning_rate": self._number("learning_rate"), "decay": self._initial_decay,
                "initial_accumulator_value": self._initial_accumulator_value, **{name: self._number(name) for name in names},
                "l2_shrinkage_regularization_strength": self._l2_shrinkage_regularization_strength}
