"""tf.contrib.layers.optimize_loss: one call that makes a training step."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphflow as tf

from ...core.export import export, export_values
from ...train.moving_averages import assign_moving_average

Pairs = list[tuple[Any, Any]]
OPTIMIZER_CLS_NAMES: dict[str, Callable[..., Any]] = {
    "Adagrad": tf.train.AdagradOptimizer,
    "Adam": tf.train.AdamOptimizer,
    "Ftrl": tf.train.FtrlOptimizer,
    "Momentum": lambda learning_rate: tf.train.MomentumOptimizer(learning_rate, momentum=0.9),
    "RMSProp": tf.train.RMSPropOptimizer,
    "SGD": tf.train.GradientDescentOptimizer,
}
OPTIMIZER_SUMMARIES = ["learning_rate", "loss", "gradients", "gradient_norm", "global_gradient_norm"]
export_values(__name__, contrib__layers__OPTIMIZER_CLS_NAMES="OPTIMIZER_CLS_NAMES",
              contrib__layers__OPTIMIZER_SUMMARIES="OPTIMIZER_SUMMARIES")


@export("contrib.layers.optimize_loss")
def optimize_loss(loss: Any, global_step: Any, learning_rate: Any, optimizer: Any, gradient_noise_scale: float | None = None,
                  gradient_multipliers: Any = None, clip_gradients: Any = None, learning_rate_decay_fn: Any = None, update_ops: Any = None,
                  variables: Any = None, name: str | None = None, summaries: Any = None, colocate_gradients_with_ops: bool = False,
                  increment_global_step: bool = True) -> Any:
    """The loss, which is given after a step of the optimizer and after the update operations (None: those of GraphKeys.UPDATE_OPS).

    learning_rate: float, scalar tensor or None. optimizer: a name of OPTIMIZER_CLS_NAMES, an optimizer, its class, or a function of the
    learning rate. clip_gradients: a norm to clip by, or a function of (gradient, variable) pairs. gradient_noise_scale: normal noise that
    is added. gradient_multipliers: {variable or its name: factor}. learning_rate_decay_fn: of (learning rate, step).
    summaries: of OPTIMIZER_SUMMARIES; None means loss, learning_rate and global_gradient_norm. ValueError for what fits none of these.
    """
    loss = tf.convert_to_tensor(loss)
    tf.assert_scalar(loss)
    if global_step is None:
        global_step = tf.train.get_global_step()
    else:
        tf.train.assert_global_step(global_step)
    wanted = ["loss", "learning_rate", "global_gradient_norm"] if summaries is None else summaries
    with tf.variable_scope(name, "OptimizeLoss", [loss, global_step]):
        updates = dict.fromkeys(tf.get_collection(tf.GraphKeys.UPDATE_OPS)) if update_ops is None else update_ops
        loss = _after(list(updates), loss) if updates else loss
        rate = None if learning_rate is None else _rate(learning_rate)
        for kind in wanted:
            if kind not in OPTIMIZER_SUMMARIES:
                raise ValueError(f"Summaries should be one of [{', '.join(OPTIMIZER_SUMMARIES)}], you provided {kind}.")
        if rate is not None and learning_rate_decay_fn is not None:
            if global_step is None:
                raise ValueError("global_step is required for learning_rate_decay_fn.")
            rate = learning_rate_decay_fn(rate, global_step)
            if "learning_rate" in wanted:
                tf.summary.scalar("learning_rate", rate)
        made = _optimizer(optimizer, rate)
        pairs = made.compute_gradients(loss, tf.trainable_variables() if variables is None else variables,
                                       colocate_gradients_with_ops=colocate_gradients_with_ops)
        if gradient_noise_scale is not None:
            pairs = _with_noise(pairs, gradient_noise_scale)
        if gradient_multipliers is not None:
            pairs = _multiplied(pairs, gradient_multipliers)
            if not pairs:
                raise ValueError("Empty list of (gradient, var) pairs encountered. This is most likely to be caused by an improper "
                                 "value of gradient_multipliers.")
        norms = "global_gradient_norm" in wanted or "gradient_norm" in wanted
        if norms:
            tf.summary.scalar("global_norm/gradient_norm", tf.global_norm([gradient for gradient, _ in pairs]))
        if clip_gradients is not None:
            pairs = _clipped(pairs, clip_gradients)
        if "loss" in wanted:
            tf.summary.scalar("loss", loss)
        _summarize(pairs, wanted)
        if clip_gradients is not None and norms:
            tf.summary.scalar("global_norm/clipped_gradient_norm", tf.global_norm([gradient for gradient, _ in pairs]))
        step = made.apply_gradients(pairs, global_step=global_step if increment_global_step else None, name="train")
        return _after([step], loss)


def _after(operations: list[Any], tensor: Any) -> Any:
    """The tensor, given after these operations."""
    with tf.name_scope(None, "control_dependency", [*operations, tensor]) as name, tf.get_default_graph().colocate_with(tensor), \
            tf.control_dependencies(operations):
        return tf.identity(tensor, name=name)


def _rate(learning_rate: Any) -> Any:
    if isinstance(learning_rate, tf.Tensor) and learning_rate.shape.ndims == 0:
        return learning_rate
    if not isinstance(learning_rate, float):
        raise ValueError(f"Learning rate should be 0d Tensor or float. Got {learning_rate} of type {type(learning_rate)}")
    if learning_rate < 0.0:
        raise ValueError(f"Invalid learning_rate {learning_rate}.")
    return tf.get_variable("learning_rate", [], trainable=False, initializer=tf.constant_initializer(learning_rate))


def _optimizer(optimizer: Any, rate: Any) -> Any:
    is_class = isinstance(optimizer, type) and issubclass(optimizer, tf.train.Optimizer)
    if rate is None and (is_class or isinstance(optimizer, str)):
        kind = "class" if is_class else "string"
        raise ValueError(f"Learning rate is None, but should be specified if optimizer is {kind} ({optimizer}).")
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZER_CLS_NAMES:
            raise ValueError(f"Optimizer name should be one of [{', '.join(OPTIMIZER_CLS_NAMES)}], you provided {optimizer}.")
        return OPTIMIZER_CLS_NAMES[optimizer](learning_rate=rate)
    if is_class:
        return optimizer(learning_rate=rate)
    if isinstance(optimizer, tf.train.Optimizer):
        return optimizer
    if not callable(optimizer):
        raise ValueError("Unrecognized optimizer: should be string, subclass of Optimizer, instance of subclass of Optimizer or function "
                         f"with one argument. Got {optimizer}.")
    made = optimizer() if rate is None else optimizer(rate)
    if not isinstance(made, tf.train.Optimizer):
        raise ValueError(f"Unrecognized optimizer: function should return subclass of Optimizer. Got {made}.")
    return made


def _mapped(gradient: Any, function: Callable[[Any], Any]) -> Any:
    """The function of a gradient's values, dense or slices."""
    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(function(gradient.values), gradient.indices, gradient.dense_shape)
    return function(gradient)


def _with_noise(pairs: Pairs, scale: float) -> Pairs:
    found = []
    for gradient, variable in pairs:
        if gradient is not None:
            shape = gradient.dense_shape if isinstance(gradient, tf.IndexedSlices) else gradient.shape
            gradient = gradient + tf.truncated_normal(shape) * scale
        found.append((gradient, variable))
    return found


def _multiplied(pairs: Pairs, factors: Any) -> Pairs:
    def multiplied(gradient: Any, variable: Any) -> Any:
        key = variable if variable in factors else variable.name
        if gradient is None or key not in factors:
            return gradient
        return _mapped(gradient, lambda values: values * tf.cast(factors[key], values.dtype))

    return [(multiplied(gradient, variable), variable) for gradient, variable in pairs]


def _clipped(pairs: Pairs, how: Any) -> Pairs:
    if isinstance(how, float):
        clipped, _ = tf.clip_by_global_norm([gradient for gradient, _ in pairs], how)
        return list(zip(clipped, [variable for _, variable in pairs]))
    if callable(how):
        return how(pairs)
    raise ValueError(f"Unknown type {type(how)} for clip_gradients")


def _summarize(pairs: Pairs, wanted: Any) -> None:
    for gradient, variable in pairs:
        values = gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient
        if values is None:
            continue
        name = variable.name.replace(":", "_")
        if "gradients" in wanted:
            tf.summary.histogram(f"gradients/{name}", values)
        if "gradient_norm" in wanted:
            tf.summary.scalar(f"gradient_norm/{name}", tf.global_norm([values]))


@export("contrib.layers.adaptive_clipping_fn")
def adaptive_clipping_fn(std_factor: float = 2.0, decay: float = 0.95, static_max_norm: float | None = None, global_step: Any = None,
                         report_summary: bool = False, epsilon: float = 1e-8, name: str | None = None) -> Callable[[Pairs], Pairs]:
    """A function for `clip_gradients`: norms over exp(mean + std_factor deviation) of the past log norms come down to their mean.

    static_max_norm: never above that. global_step: the averages begin with few steps where it is given.
    """

    def averaged(leaf: str, value: Any, rate: Any) -> Any:
        variable = tf.get_variable(leaf, shape=value.shape, dtype=value.dtype, initializer=tf.zeros_initializer(), trainable=False)
        return assign_moving_average(variable, value, rate, zero_debias=False)

    def clip(pairs: Pairs) -> Pairs:
        norm = tf.global_norm([gradient for gradient, _ in pairs])
        with tf.variable_scope(name, "AdaptiveMaxNorm", [norm]):
            log_norm = tf.log(norm + epsilon)
            rate: Any = decay
            if global_step is not None:
                steps = tf.cast(global_step, tf.float32)
                rate = tf.minimum(decay, steps / (steps + 1.0))
            mean = averaged("mean", log_norm, rate)
            square = averaged("sq_mean", tf.square(log_norm), rate)
            deviation = tf.sqrt(tf.maximum(epsilon, square - tf.square(mean)))
            bound = tf.exp(mean + std_factor * deviation)
        if report_summary:
            tf.summary.scalar("global_norm/adaptive_max_gradient_norm", bound)
        factor = tf.where(norm < bound, tf.ones_like(norm), tf.exp(mean) / norm)
        if static_max_norm is not None:
            factor = tf.minimum(static_max_norm / norm, factor)
        return [(None if gradient is None else _mapped(gradient, lambda values: values * factor), variable) for gradient, variable in pairs]

    return clip
