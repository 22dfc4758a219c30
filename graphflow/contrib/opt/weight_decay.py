"""Weight decay apart from the gradient (Loshchilov and Hutter, 2017): tf.contrib.opt.AdamWOptimizer and its kin."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ...train.optimizers.adam import AdamOptimizer
from ...train.optimizers.momentum import MomentumOptimizer


@export("contrib.opt.DecoupledWeightDecayExtension")
class DecoupledWeightDecayExtension:
    """To be inherited in front of an optimizer: before its step each variable gets weight_decay times itself less.

    weight_decay: a number, a tensor or a function that gives one; it is not multiplied by the learning rate.
    """

    def __init__(self, weight_decay: Any, **kwargs: Any):
        self._decayed: Any = None
        self._weight_decay = weight_decay
        super().__init__(**kwargs)

    def minimize(self, loss: Any, global_step: Any = None, var_list: Any = None, gate_gradients: int = 1, aggregation_method: Any = None,
                 colocate_gradients_with_ops: bool = False, name: str | None = None, grad_loss: Any = None,
                 decay_var_list: Any = None) -> Any:
        """The optimizer's minimize; decay_var_list: the variables that decay (None: all)."""
        self._decayed = None if decay_var_list is None else {id(v) for v in decay_var_list}
        return super().minimize(loss, global_step=global_step, var_list=var_list, gate_gradients=gate_gradients,  # type: ignore[misc]
                                aggregation_method=aggregation_method, colocate_gradients_with_ops=colocate_gradients_with_ops, name=name,
                                grad_loss=grad_loss)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None, decay_var_list: Any = None) -> Any:
        """The optimizer's apply_gradients; decay_var_list: the variables that decay (None: all)."""
        if decay_var_list is not None:
            self._decayed = {id(v) for v in decay_var_list}
        return super().apply_gradients(grads_and_vars, global_step=global_step, name=name)  # type: ignore[misc]

    def _first_decay(self, var: Any) -> list[Any]:
        if self._decayed is not None and id(var) not in self._decayed:
            return []
        rate = self._weight_decay() if callable(self._weight_decay) else self._weight_decay
        return [var.assign_sub(tf.cast(rate, var.dtype.base_dtype) * var)]

    def _apply_dense(self, grad: Any, var: Any) -> Any:
        with tf.control_dependencies(self._first_decay(var)):
            return super()._apply_dense(grad, var)  # type: ignore[misc]

    def _resource_apply_dense(self, grad: Any, var: Any) -> Any:
        with tf.control_dependencies(self._first_decay(var)):
            return super()._resource_apply_dense(grad, var)  # type: ignore[misc]

    def _apply_sparse(self, grad: Any, var: Any) -> Any:
        with tf.control_dependencies(self._first_decay(var)):
            return super()._apply_sparse(grad, var)  # type: ignore[misc]

    def _resource_apply_sparse(self, grad: Any, var: Any, indices: Any) -> Any:
        with tf.control_dependencies(self._first_decay(var)):
            return super()._resource_apply_sparse(grad, var, indices)  # type: ignore[misc]


@export("contrib.opt.AdamWOptimizer")
class AdamWOptimizer(DecoupledWeightDecayExtension, AdamOptimizer):
    """Adam, with weight decay apart from it."""

    def __init__(self, weight_decay: Any, learning_rate: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-8,
                 use_locking: bool = False, name: str = "AdamW"):
        super().__init__(weight_decay, learning_rate=learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon, use_locking=use_locking,
                         name=name)


@export("contrib.opt.MomentumWOptimizer")
class MomentumWOptimizer(DecoupledWeightDecayExtension, MomentumOptimizer):
    """Momentum, with weight decay apart from it."""

    def __init__(self, weight_decay: Any, learning_rate: Any, momentum: Any, use_locking: bool = False, name: str = "MomentumW",
                 use_nesterov: bool = False):
        super().__init__(weight_decay, learning_rate=learning_rate, momentum=momentum, use_locking=use_locking, name=name,
                         use_nesterov=use_nesterov)


@export("contrib.opt.extend_with_decoupled_weight_decay")
def extend_with_decoupled_weight_decay(base_optimizer: Any) -> Any:
    """A class like base_optimizer, whose constructor takes weight_decay first and everything else by keyword."""
    return type(f"OptimizerWithDecoupledWeightDecay{base_optimizer.__name__}", (DecoupledWeightDecayExtension, base_optimizer), {})
