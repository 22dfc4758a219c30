"""tf.contrib.opt.MovingAverageOptimizer: an optimizer that keeps averages of the variables too."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ...train.optimizers.base import Optimizer


@export("contrib.opt.MovingAverageOptimizer")
class MovingAverageOptimizer(Optimizer):
    """Steps of `opt`, after each of which exponential moving averages of the variables are updated.

    sequential_update: the averages see the variables after the step; else before or after. `swapping_saver` saves the averages under the
    variables' names, so that an evaluation that restores it uses them.
    """

    def __init__(self, opt: Any, average_decay: float = 0.9999, num_updates: Any = None, sequential_update: bool = True):
        super().__init__(use_locking=False, name="MovingAverage")
        self._optimizer, self._sequential = opt, sequential_update
        self._averages = tf.train.ExponentialMovingAverage(average_decay, num_updates=num_updates)
        self._swap: dict[str, Any] | None = None

    def compute_gradients(self, *args: Any, **kwargs: Any) -> Any:
        """The wrapped optimizer's."""
        return self._optimizer.compute_gradients(*args, **kwargs)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Any:
        """The wrapped optimizer's step, and the update of the averages."""
        pairs = list(grads_and_vars)
        step = self._optimizer.apply_gradients(pairs, global_step=global_step, name=name)
        variables = [variable for _, variable in pairs]
        with tf.control_dependencies([step] if self._sequential else []):
            update = self._averages.apply(variables)
        self._swap = {v.op.name: self._averages.average(v) for v in variables}
        return tf.group(step, update)

    def swapping_saver(self, var_list: Any = None, name: str = "swapping_saver", **kwargs: Any) -> Any:
        """A saver that writes the averages under the names of their variables; RuntimeError before apply_gradients."""
        if self._swap is None:
            raise RuntimeError("Must call apply_gradients or minimize before creating the swapping_saver")
        chosen = tf.global_variables() if var_list is None else var_list
        named = dict(chosen) if isinstance(chosen, dict) else {v.op.name: v for v in chosen}
        hidden = {id(average) for average in self._swap.values()}
        swapped = {key: self._swap.get(v.op.name, v) for key, v in named.items() if id(v) not in hidden}
        return tf.train.Saver(swapped, name=name, **kwargs)
