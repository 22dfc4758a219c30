"""Relatives of Adam in tf.contrib.opt: Nadam (Dozat, 2015), lazy Adam for sparse gradients, AdaMax (Kingma and Ba, 2015, section 7.1)."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ...train.optimizers.adam import AdamOptimizer


@export("contrib.opt.NadamOptimizer")
class NadamOptimizer(AdamOptimizer):
    """Adam with Nesterov's momentum."""

    def __init__(self, learning_rate: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-8, use_locking: bool = False,
                 name: str = "Adam"):
        super().__init__(learning_rate, beta1, beta2, epsilon, use_locking, name)
        self.op_attributes = {"use_nesterov": True}

    def _sparse(self, values: Any, var: Any, indices: Any, scatter_add: Any) -> Any:
        """Moments decay everywhere; the step is taken at the gradient's rows."""
        rate, beta1, beta2, epsilon = _numbers(self, var)
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        with tf.control_dependencies([tf.assign(m, m * beta1, use_locking=self._use_locking)]):
            new_m = scatter_add(m, indices, values * (1 - beta1))
        with tf.control_dependencies([tf.assign(v, v * beta2, use_locking=self._use_locking)]):
            new_v = scatter_add(v, indices, values * values * (1 - beta2))
        step = rate * (values * (1 - beta1) + beta1 * tf.gather(new_m, indices)) / (tf.sqrt(tf.gather(new_v, indices)) + epsilon)
        return tf.group(scatter_add(var, indices, -step), new_m, new_v)


@export("contrib.opt.LazyAdamOptimizer")
class LazyAdamOptimizer(AdamOptimizer):
    """Adam that, for sparse gradients, leaves the moments of rows without gradient as they are: faster, and not quite the same."""

    def _sparse(self, values: Any, var: Any, indices: Any, scatter_add: Any) -> Any:
        rate, beta1, beta2, epsilon = _numbers(self, var)
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        old_m, old_v = tf.gather(m, indices), tf.gather(v, indices)
        new_m, new_v = beta1 * old_m + (1 - beta1) * values, beta2 * old_v + (1 - beta2) * values * values
        step = rate * new_m / (tf.sqrt(new_v) + epsilon)
        return tf.group(scatter_add(var, indices, -step), scatter_add(m, indices, new_m - old_m), scatter_add(v, indices, new_v - old_v))


def _numbers(optimizer: Any, var: Any) -> tuple[Any, Any, Any, Any]:
    """The learning rate with Adam's correction, beta1, beta2 and epsilon, in the variable's dtype."""
    dtype = var.dtype.base_dtype
    power1, power2 = (tf.cast(p, dtype) for p in optimizer._powers())
    rate, beta1, beta2, epsilon = (tf.cast(optimizer._tensors[k], dtype) for k in ("learning_rate", "beta1", "beta2", "epsilon"))
    return rate * tf.sqrt(1 - power2) / (1 - power1), beta1, beta2, epsilon


@export("contrib.opt.AdaMaxOptimizer")
class AdaMaxOptimizer(AdamOptimizer):
    """Adam with the largest decayed magnitude of the gradient in place of its root mean square; sparse gradients step at their rows."""

    def __init__(self, learning_rate: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-8, use_locking: bool = False,
                 name: str = "AdaMax"):
        super().__init__(learning_rate, beta1, beta2, epsilon, use_locking, name)

    def _step(self, grad: Any, var: Any) -> Any:
        dtype = var.dtype.base_dtype
        rate, beta1, beta2, epsilon = (tf.cast(self._tensors[k], dtype) for k in ("learning_rate", "beta1", "beta2", "epsilon"))
        power1 = tf.cast(self._powers()[0], dtype)
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        new_m = tf.assign(m, beta1 * m + (1 - beta1) * grad, use_locking=self._use_locking)
        new_v = tf.assign(v, tf.maximum(beta2 * v, tf.abs(grad)), use_locking=self._use_locking)
        return tf.assign_sub(var, rate / (1 - power1) * new_m / (new_v + epsilon), use_locking=self._use_locking)

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        return self._step(grad, var).op

    def _resource_apply_dense(self, grad: Any, var: Any) -> Any:
        return tf.group(self._step(grad, var))

    def _sparse(self, values: Any, var: Any, indices: Any, scatter_add: Any) -> Any:
        dtype = var.dtype.base_dtype
        rate, beta1, beta2, epsilon = (tf.cast(self._tensors[k], dtype) for k in ("learning_rate", "beta1", "beta2", "epsilon"))
        power1 = tf.cast(self._powers()[0], dtype)
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        old_m, old_v = tf.gather(m, indices), tf.gather(v, indices)
        new_m, new_v = beta1 * old_m + (1 - beta1) * values, tf.maximum(beta2 * old_v, tf.abs(values))
        step = rate / (1 - power1) * new_m / (new_v + epsilon)
        return tf.group(scatter_add(var, indices, -step), scatter_add(m, indices, new_m - old_m), scatter_add(v, indices, new_v - old_v))
