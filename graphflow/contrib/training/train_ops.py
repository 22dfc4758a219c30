"""create_train_op of tf.contrib.training and tf.contrib.slim.learning, and what it does to gradients."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import graphflow as tf

from ...core.export import export
from ..homes import home

Pairs = list[tuple[Any, Any]]
_named = home("training", "slim.learning")
USE_GLOBAL_STEP = 0


def mapped(gradient: Any, function: Callable[[Any], Any]) -> Any:
    """The function of a gradient's values, dense or slices."""
    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(function(gradient.values), gradient.indices, gradient.dense_shape)
    return function(gradient)


def _times(factor: Any) -> Callable[[Any], Any]:
    return lambda values: values * factor


@_named("clip_gradient_norms")
def clip_gradient_norms(gradients_to_variables: Any, max_norm: Any) -> Pairs:
    """(gradient, variable) pairs with each gradient's norm at most max_norm."""
    return [(None if gradient is None else mapped(gradient, lambda values: tf.clip_by_norm(values, max_norm)), variable)
            for gradient, variable in gradients_to_variables]


@export("contrib.training.clip_gradient_norms_fn")
def clip_gradient_norms_fn(max_norm: Any) -> Callable[[Any], Pairs]:
    """clip_gradient_norms as a function of the pairs: a transform_grads_fn."""
    return lambda pairs: clip_gradient_norms(pairs, max_norm)


@_named("multiply_gradients")
def multiply_gradients(grads_and_vars: Any, gradient_multipliers: Any) -> Pairs:
    """(gradient, variable) pairs, multiplied where gradient_multipliers = {variable or its name: factor} has one.

    ValueError for no list, no dict, an empty one, and a factor for a gradient that is None.
    """
    if not isinstance(grads_and_vars, list):
        raise ValueError("`grads_and_vars` must be a list.")
    if not gradient_multipliers:
        raise ValueError("`gradient_multipliers` is empty.")
    if not isinstance(gradient_multipliers, dict):
        raise ValueError("`gradient_multipliers` must be a dict.")
    found = []
    for gradient, variable in grads_and_vars:
        key = variable if variable in gradient_multipliers else variable.op.name
        if key in gradient_multipliers:
            if gradient is None:
                raise ValueError(f"Requested multiple of `None` gradient: {variable.op.name}")
            factor = gradient_multipliers[key]
            if not isinstance(factor, tf.Tensor):
                factor = tf.constant(factor, dtype=gradient.dtype)
            gradient = mapped(gradient, _times(factor))
        found.append((gradient, variable))
    return found


def gradients_summaries(pairs: Any, separator: str) -> list[Any]:
    """Histograms of gradients and scalars of their norms."""
    found = []
    for gradient, variable in pairs:
        if gradient is None:
            tf.logging.info("Var %s has no gradient", variable.op.name)
            continue
        values = gradient.values if isinstance(gradient, tf.IndexedSlices) else gradient
        name = variable.op.name + separator
        found += [tf.summary.histogram(f"{name}gradient", values), tf.summary.scalar(f"{name}gradient_norm", tf.global_norm([values]))]
    return found


@export("contrib.training.add_gradients_summaries")
def add_gradients_summaries(grads_and_vars: Any) -> list[Any]:
    """A histogram `name_gradient` and a scalar `name_gradient_norm` for each variable that has a gradient."""
    return gradients_summaries(grads_and_vars, "_")


def after(operations: list[Any], tensor: Any) -> Any:
    """The tensor, given after these operations."""
    with tf.name_scope(None, "control_dependency", [*operations, tensor]) as name, tf.get_default_graph().colocate_with(tensor), \
            tf.control_dependencies(operations):
        return tf.identity(tensor, name=name)


@export("contrib.training.create_train_op")
def create_train_op(total_loss: Any, optimizer: Any, global_step: Any = USE_GLOBAL_STEP, update_ops: Any = None,
                    variables_to_train: Any = None, transform_grads_fn: Any = None, summarize_gradients: bool = False,
                    gate_gradients: Any = tf.train.Optimizer.GATE_OP, aggregation_method: Any = None,
                    colocate_gradients_with_ops: bool = False, check_numerics: bool = True) -> Any:
    """A tensor: the loss, given after one step of the optimizer; it joins GraphKeys.TRAIN_OP.

    global_step: None for none; by default the graph's, made where there is none. update_ops: None means GraphKeys.UPDATE_OPS; they run
    before the loss is computed. transform_grads_fn: of (gradient, variable) pairs. check_numerics: the run fails where the loss is no
    number.
    """
    if global_step is USE_GLOBAL_STEP:
        global_step = tf.train.get_or_create_global_step()
    everywhere = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    updates = list(dict.fromkeys(everywhere if update_ops is None else update_ops))
    if not set(everywhere) <= set(updates):
        tf.logging.warning("update_ops in create_train_op does not contain all the update_ops in GraphKeys.UPDATE_OPS")
    if updates:
        with tf.control_dependencies(updates):
            barrier = tf.no_op(name="update_barrier")
        total_loss = after([barrier], total_loss)
    if variables_to_train is None:
        variables_to_train = tf.trainable_variables()
    if not variables_to_train:
        raise ValueError("There are no variables to train: make them before create_train_op, with trainable=True.")
    pairs = optimizer.compute_gradients(total_loss, variables_to_train, gate_gradients=gate_gradients,
                                        aggregation_method=aggregation_method, colocate_gradients_with_ops=colocate_gradients_with_ops)
    if transform_grads_fn:
        pairs = transform_grads_fn(pairs)
    if summarize_gradients:
        with tf.name_scope("summarize_grads"):
            add_gradients_summaries(pairs)
    step = optimizer.apply_gradients(pairs, global_step=global_step)
    with tf.name_scope("train_op"):
        if check_numerics:
            total_loss = tf.check_numerics(total_loss, "LossTensor is inf or nan")
        train_op = after([step], total_loss)
    train_ops = tf.get_default_graph().get_collection_ref(tf.GraphKeys.TRAIN_OP)
    if not any(op is train_op for op in train_ops):
        train_ops.append(train_op)
    return train_op


@export("contrib.training.train")
def train(train_op: Any, logdir: str | None, master: str = "", is_chief: bool = True, scaffold: Any = None, hooks: Any = None,
          chief_only_hooks: Any = None, save_checkpoint_secs: Any = 600, save_summaries_steps: Any = 100, config: Any = None,
          max_wait_secs: int = 7200, run_metadata: Any = None) -> Any:
    """Runs train_op in a MonitoredTrainingSession until a hook or the end of the input stops it; the last loss.

    logdir None: ValueError unless both save_checkpoint_secs and save_summaries_steps are None.
    """
    if logdir is None and is_chief:
        for name, value in (("save_summaries_steps", save_summaries_steps), ("save_checkpoint_secs", save_checkpoint_secs)):
            if value:
                raise ValueError(f"logdir cannot be None when {name} is not None")
    loss = None
    with tf.train.MonitoredTrainingSession(
            master=master, is_chief=is_chief, checkpoint_dir=logdir, scaffold=scaffold, hooks=hooks, chief_only_hooks=chief_only_hooks,
            save_checkpoint_secs=save_checkpoint_secs, save_summaries_steps=save_summaries_steps, config=config,
            max_wait_secs=max_wait_secs) as session:
        while not session.should_stop():
            loss = session.run(train_op, run_metadata=run_metadata)
    return loss
