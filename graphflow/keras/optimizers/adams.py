"""Adam, Adamax and Nadam."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .base import Optimizer
from .plain import after, rows


class _Moments(Optimizer):
    """What the three share: hyperparameters beta_1, beta_2, epsilon, and slots m and v."""
    slot_names: tuple[str, ...] = ("m", "v")

    def __init__(self, learning_rate: Any, beta_1: Any, beta_2: Any, epsilon: Any, name: str, **kwargs: Any):
        super().__init__(name, **kwargs)
        self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
        self._set_hyper("decay", self._initial_decay)
        self._set_hyper("beta_1", beta_1)
        self._set_hyper("beta_2", beta_2)
        self.epsilon = 1e-7 if epsilon is None else epsilon

    def _prepare(self, dtype: Any) -> Any:
        beta_1, beta_2 = self._get_hyper("beta_1", dtype), self._get_hyper("beta_2", dtype)
        step = tf.cast(self.iterations + 1, dtype)
        return {"lr": self._rate(dtype), "beta_1": beta_1, "beta_2": beta_2, "power_1": tf.pow(beta_1, step),
                "power_2": tf.pow(beta_2, step)}

    def _means(self, grad: Any, indices: Any, var: Any, s: Any) -> tuple[Any, Any]:
        """The moving means of sparse gradients and of their squares, updated: (m, v)."""
        found = []
        for name, beta, value in (("m", s["beta_1"], grad), ("v", s["beta_2"], grad * grad)):
            slot = self.get_slot(var, name)
            shrunk = slot.assign(slot * beta)
            with after(shrunk):
                added = slot.scatter_add(rows(value * (1 - beta), indices))
            with after(added):
                found.append(slot.read_value())
        return found[0], found[1]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "learning_rate": self._number("learning_rate"), "decay": self._initial_decay,
                "beta_1": self._number("beta_1"), "beta_2": self._number("beta_2"), "epsilon": self.epsilon}


@export("keras.optimizers.Adam")
class Adam(_Moments):
    """Adaptive moments (Kingma and Ba 2015; epsilon is their epsilon hat). amsgrad: divides by the largest v so far (Reddi 2018)."""

    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: Any = 1e-7, amsgrad: bool = False,
                 name: str = "Adam", **kwargs: Any):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, name, **kwargs)
        self.amsgrad = amsgrad
        self.slot_names = ("m", "v", "vhat") if amsgrad else ("m", "v")

    def _dense(self, grad: Any, var: Any, s: Any) -> Any:
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        if not self.amsgrad:
            return self._op("Adam", [var, m, v], [s["power_1"], s["power_2"], s["lr"], s["beta_1"], s["beta_2"], self.epsilon, grad],
                            use_nesterov=False)
        vhat = self.get_slot(var, "vhat")
        new_m, new_v = m + (grad - m) * (1 - s["beta_1"]), v + (grad * grad - v) * (1 - s["beta_2"])
        new_vhat = tf.maximum(vhat, new_v)
        step = self._bias_free(s) * new_m / (tf.sqrt(new_vhat) + self.epsilon)
        return tf.group(m.assign(new_m), v.assign(new_v), vhat.assign(new_vhat), var.assign_sub(step))

    def _bias_free(self, s: Any) -> Any:
        return s["lr"] * tf.sqrt(1 - s["power_2"]) / (1 - s["power_1"])

    def _sparse(self, grad: Any, indices: Any, var: Any, s: Any) -> Any:
        m, v = self._means(grad, indices, var, s)
        kept = []
        if self.amsgrad:
            vhat = self.get_slot(var, "vhat")
            v = tf.maximum(vhat, v)
            kept.append(vhat.assign(v))
        return tf.group(*kept, var.assign_sub(self._bias_free(s) * m / (tf.sqrt(v) + self.epsilon)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "amsgrad": self.amsgrad}


@export("keras.optimizers.Adamax")
class Adamax(_Moments):
    """Adam by the largest gradient in place of the mean square (Kingma and Ba 2015, section 7.1)."""

    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: Any = 1e-7, name: str = "Adamax",
                 **kwargs: Any):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, name, **kwargs)

    def _dense(self, grad: Any, var: Any, s: Any) -> Any:
        return self._op("AdaMax", [var, self.get_slot(var, "m"), self.get_slot(var, "v")],
                        [s["power_1"], s["lr"], s["beta_1"], s["beta_2"], self.epsilon, grad])

    def _sparse(self, grad: Any, indices: Any, var: Any, s: Any) -> Any:
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        new_m = s["beta_1"] * tf.gather(m, indices) + (1 - s["beta_1"]) * grad
        new_v = tf.maximum(s["beta_2"] * tf.gather(v, indices), tf.abs(grad))
        step = s["lr"] / (1 - s["power_1"]) * (new_m / (new_v + self.epsilon))
        return tf.group(m.scatter_update(rows(new_m, indices)), v.scatter_update(rows(new_v, indices)), var.scatter_sub(rows(step,
                                                                                                                             indices)))


@export("keras.optimizers.Nadam")
class Nadam(_Moments):
    """Adam with Nesterov's momentum (Dozat 2016)."""

    def __init__(self, learning_rate: Any = 0.001, beta_1: Any = 0.9, beta_2: Any = 0.999, epsilon: Any = 1e-7, name: str = "Nadam",
                 **kwargs: Any):
        kwargs["decay"] = kwargs.pop("schedule_decay", 0.004)
        super().__init__(learning_rate, beta_1, beta_2, epsilon, name, **kwargs)
        self._schedule: Any = None

    def _create_slots(self, var_list: list[Any]) -> None:
        if self._schedule is None:
            dtype = var_list[0].dtype.base_dtype
            self._schedule = tf.Variable(1.0, name="momentum_cache", trainable=False, dtype=dtype, use_resource=True)
            self._weights.append(self._schedule)
        super()._create_slots(var_list)

    def _prepare(self, dtype: Any) -> Any:
        beta_1, beta_2 = self._get_hyper("beta_1", dtype), self._get_hyper("beta_2", dtype)
        step, decay = tf.cast(self.iterations + 1, dtype), tf.cast(self._initial_decay, dtype)
        base = tf.constant(0.96, dtype)
        now = beta_1 * (1.0 - 0.5 * tf.pow(base, decay * step))
        then = beta_1 * (1.0 - 0.5 * tf.pow(base, decay * (step + 1)))
        product = self._schedule * now
        kept = self._schedule.assign(product)
        with after(kept):
            product = tf.identity(product)
        return {"lr": self._get_hyper("learning_rate", dtype), "beta_1": beta_1, "beta_2": beta_2, "now": now, "then": then,
                "product": product, "next": product * then, "power_2": tf.pow(beta_2, step)}

    def _step(self, grad: Any, m: Any, v: Any, s: Any) -> Any:
        mean = (1.0 - s["now"]) * (grad / (1.0 - s["product"])) + s["then"] * (m / (1.0 - s["next"]))
        return s["lr"] * mean / (tf.sqrt(v / (1.0 - s["power_2"])) + self.epsilon)

    def _dense(self, grad: Any, var: Any, s: Any) -> Any:
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        new_m = s["beta_1"] * m + (1 - s["beta_1"]) * grad
        new_v = s["beta_2"] * v + (1 - s["beta_2"]) * tf.square(grad)
        return tf.group(m.assign(new_m), v.assign(new_v), var.assign_sub(self._step(grad, new_m, new_v, s)))

    def _sparse(self, grad: Any, indices: Any, var: Any, s: Any) -> Any:
        m, v = self._means(grad, indices, var, s)
        step = self._step(grad, tf.gather(m, indices), tf.gather(v, indices), s)
        return tf.group(var.scatter_sub(rows(step, indices)))
