"""Optimizer: hyperparameters that are variables, slots for each weight, and one update for each gradient.

Hyperparameters become variables when the first updates are made, so `K.set_value(model.optimizer.lr, 0.1)` changes the training that
goes on. The arithmetic is that of the ops of tf.train where these have it.
"""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core import context
from ...core.export import export
from ...core.make import make
from ...core.values import IndexedSlices
from ...ops.scopes import name_scope
from ...ops.training import OPS
from ...train.optimizers.slots import deduplicate
from ..backend.sessions import batch_get_value, batch_set_value, get_value
from ..initializers import named as initializers
from .rates import LearningRateSchedule, serialize_rate


@export("keras.optimizers.Optimizer")
class Optimizer:
    """Base class. clipnorm, clipvalue: bounds of each gradient's norm and elements. decay: the rate is divided by 1 + decay steps."""
    slot_names: tuple[str, ...] = ()

    def __init__(self, name: str, **kwargs: Any):
        self._hyper: dict[str, Any] = {}
        self._slots: dict[Any, dict[str, Any]] = {}
        self._weights: list[Any] = []
        self._iterations: Any = None
        self._made_hyper = False
        for key, value in kwargs.items():
            if key not in ("clipnorm", "clipvalue", "lr", "decay", "global_clipnorm"):
                raise TypeError(f"Unexpected keyword argument passed to optimizer: {key}. Allowed kwargs are {{'clipnorm', 'clipvalue', "
                                "'lr', 'decay', 'global_clipnorm'}.")
            if value is not None and not callable(value) and value < 0:
                raise ValueError(f"Expected {key} >= 0, received: {value}")
        self.clipnorm, self.clipvalue = kwargs.pop("clipnorm", None), kwargs.pop("clipvalue", None)
        self.global_clipnorm = kwargs.pop("global_clipnorm", None)
        if self.clipnorm is not None and self.global_clipnorm is not None:
            raise ValueError(f"Cannot accept both `clipnorm` and `global_clipnorm`. Received: `clipnorm`={self.clipnorm}, "
                             f"`global_clipnorm`={self.global_clipnorm}.")
        self._initial_decay = kwargs.pop("decay", 0.0)
        self._name = name

    # -- hyperparameters ----------------------------------------------------------------------------------------------
    def _set_hyper(self, name: str, value: Any) -> None:
        if self._made_hyper and isinstance(self._hyper.get(name), tf.Variable) and not callable(value):
            batch_set_value([(self._hyper[name], value)])
        else:
            self._hyper[name] = value

    def _get_hyper(self, name: str, dtype: Any = None) -> Any:
        self._create_hypers()
        value = self._hyper[name]
        if isinstance(value, LearningRateSchedule):
            return value
        if callable(value):
            value = value()
        return value if dtype is None else tf.cast(value, dtype)

    def __getattr__(self, name: str) -> Any:
        hyper = self.__dict__.get("_hyper", {})
        name = "learning_rate" if name == "lr" else name
        if name in hyper:
            return self._get_hyper(name)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        name = "learning_rate" if name == "lr" else name
        if name in self.__dict__.get("_hyper", {}):
            self._set_hyper(name, value)
        else:
            super().__setattr__(name, value)

    def _create_hypers(self) -> None:
        if self._made_hyper:
            return
        graph = context.default_graph()
        with graph.control_dependencies(None):
            for name, value in sorted(self._hyper.items()):
                if callable(value) or isinstance(value, (tf.Tensor, tf.Variable)):
                    continue
                self._hyper[name] = tf.Variable(float(value), name=name, trainable=False, dtype=tf.float32, use_resource=True)
        self._made_hyper = True

    @property
    def iterations(self) -> Any:
        """The variable that counts steps."""
        if self._iterations is None:
            with context.default_graph().control_dependencies(None):
                self._iterations = tf.Variable(0, name="iter", trainable=False, dtype=tf.int64, use_resource=True)
            self._weights.append(self._iterations)
        return self._iterations

    @iterations.setter
    def iterations(self, variable: Any) -> None:
        if self._iterations is not None:
            raise RuntimeError("Cannot set `iterations` to a new Variable after the Optimizer weights have been created.")
        self._iterations = variable
        self._weights.append(variable)

    def _rate(self, dtype: Any) -> Any:
        """The learning rate of this step."""
        rate = self._get_hyper("learning_rate", dtype)
        if isinstance(rate, LearningRateSchedule):
            rate = tf.cast(rate(tf.cast(self.iterations, dtype)), dtype)
        if self._initial_decay > 0.0:
            rate = rate / (1.0 + tf.cast(self._initial_decay, dtype) * tf.cast(self.iterations, dtype))
        return rate

    # -- slots --------------------------------------------------------------------------------------------------------
    def add_slot(self, var: Any, slot_name: str, initializer: Any = "zeros", shape: Any = None) -> Any:
        """The slot variable `slot_name` of a weight, made where it is not there."""
        slots = self._slots.setdefault(_key(var), {})
        if slot_name not in slots:
            maker = initializers.get(initializer) if isinstance(initializer, str) else initializer
            sizes, dtype = var.shape.as_list() if shape is None else list(shape), var.dtype.base_dtype
            slots[slot_name] = tf.Variable(lambda: maker(sizes, dtype=dtype), name=f"{var._shared_name}/{slot_name}", trainable=False,
                                           dtype=dtype, use_resource=True)
            self._weights.append(slots[slot_name])
        return slots[slot_name]

    def get_slot(self, var: Any, slot_name: str) -> Any:
        """The slot variable of a weight; None where it has none."""
        return self._slots.get(_key(var), {}).get(slot_name)

    def _trackable_children(self) -> dict[str, Any]:
        """What checkpoints find: the count of steps and the hyperparameters."""
        if tf.executing_eagerly():      # so that an optimizer that has not stepped yet is restored too
            _ = self.iterations
            self._create_hypers()
        found = {} if self._iterations is None else {"iter": self._iterations}
        return {**found, **{name: value for name, value in self._hyper.items() if isinstance(value, tf.Variable)}}

    def get_slot_names(self) -> list[str]:
        """The names of all slots."""
        return list(dict.fromkeys(name for slots in self._slots.values() for name in slots))

    def _create_slots(self, var_list: list[Any]) -> None:
        for name in self.slot_names:
            for var in var_list:
                self.add_slot(var, name)

    # -- steps --------------------------------------------------------------------------------------------------------
    def get_gradients(self, loss: Any, params: Any) -> list[Any]:
        """The gradients of a loss, clipped; ValueError where a variable has none."""
        params = list(params)
        with name_scope(f"{self._name}/gradients"):
            grads = tf.gradients(loss, params)
            for grad, param in zip(grads, params):
                if grad is None:
                    raise ValueError(f"Variable {param.name} has `None` for gradient. Please make sure that all of your ops have a "
                                     "gradient "
                                     "defined (i.e. are differentiable). Common ops without gradient: K.argmax, K.round, K.eval.")
            return self._clipped(grads)

    def _clipped(self, grads: list[Any]) -> list[Any]:
        if self.clipvalue is not None:
            grads = [tf.clip_by_value(g, -self.clipvalue, self.clipvalue) for g in grads]
        if self.clipnorm is not None:
            grads = [tf.clip_by_norm(g, self.clipnorm) for g in grads]
        if self.global_clipnorm is not None:
            grads, _ = tf.clip_by_global_norm(grads, self.global_clipnorm)
        return grads

    def get_updates(self, loss: Any, params: Any) -> list[Any]:
        """The operations of one step down the gradient of a loss."""
        params = list(params)
        grads = self.get_gradients(loss, params)
        return [self._apply(list(zip(grads, params)), None)]

    def minimize(self, loss: Any, var_list: Any, grad_loss: Any = None, name: str | None = None, tape: Any = None) -> Any:
        """One step down the gradient of a loss: a tensor, or a function that gives it; var_list may be a function too.

        Where operations run at once, a loss that is a tensor needs the tape that recorded it.
        """
        if not callable(loss) and tape is None and tf.executing_eagerly():
            raise ValueError("`tape` is required when a `Tensor` loss is passed: with tf.GradientTape() as tape: compute the loss; then "
                             "minimize(loss, variables, tape=tape), or give a function that computes the loss.")
        if tape is None and (not callable(loss) or not tf.executing_eagerly_outside_functions()):
            loss = loss() if callable(loss) else loss
            variables = list(var_list() if callable(var_list) else var_list)
            grads = tf.gradients(loss, variables, grad_ys=grad_loss)
        else:
            if callable(loss):
                with tf.GradientTape() as tape:
                    loss = loss()
            variables = list(var_list() if callable(var_list) else var_list)
            grads = tape.gradient(loss, variables, grad_loss)
        return self._apply([(g, v) for g, v in zip(self._clipped_known(grads), variables) if g is not None], name)

    def _clipped_known(self, grads: list[Any]) -> list[Any]:
        found = iter(self._clipped([g for g in grads if g is not None]))
        return [None if g is None else next(found) for g in grads]

    def apply_gradients(self, grads_and_vars: Any, name: str | None = None) -> Any:
        """The operation that applies pairs (gradient, variable) and counts the step; pairs without gradient are left out."""
        pairs = [(g, v) for g, v in grads_and_vars if g is not None]
        if context.behavior.tensor_equality and pairs:          # in TensorFlow 2 this bounds gradients too
            pairs = list(zip(self._clipped([g for g, _ in pairs]), [v for _, v in pairs]))
        return self._apply(pairs, name)

    def _apply(self, pairs: list[Any], name: str | None) -> Any:
        if not pairs:
            raise ValueError("No gradients provided for any variable.")
        variables = [v for _, v in pairs]
        graph = context.default_graph()
        with name_scope(name or self._name) if tf.executing_eagerly() else _nothing():
            with graph.control_dependencies(None):
                _ = self.iterations
                self._create_hypers()
                self._create_slots(variables)
            shared: dict[Any, Any] = {dtype: self._prepare(dtype) for dtype in dict.fromkeys(v.dtype.base_dtype for v in variables)}
            updates = [self._update(g, v, shared[v.dtype.base_dtype]) for g, v in pairs]
            with graph.control_dependencies([u for u in updates if u is not None]):
                return tf.group(self.iterations.assign_add(1))

    def _update(self, grad: Any, var: Any, shared: Any) -> Any:
        with name_scope(f"update_{var.op.name.rpartition('/')[2]}"):
            if isinstance(grad, IndexedSlices):
                if var.constraint is not None:
                    raise RuntimeError("Cannot use a constraint function on a sparse variable.")
                return self._sparse(*deduplicate(grad.values, grad.indices), var, shared)
            done = self._dense(grad, var, shared)
            if var.constraint is None:
                return done
            with context.default_graph().control_dependencies([] if done is None else [done]):
                return tf.group(var.assign(var.constraint(var)))

    def _prepare(self, dtype: Any) -> Any:
        """What the updates of all variables of a dtype share; the learning rate."""
        return {"lr": self._rate(dtype)}

    def _dense(self, grad: Any, var: Any, shared: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no update for dense gradients")

    def _sparse(self, grad: Any, indices: Any, var: Any, shared: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no update for sparse gradients")

    def _op(self, family: str, states: list[Any], inputs: list[Any], sparse: bool = False, **attributes: Any) -> Any:
        """The update op of tf.train for these states."""
        dtype = states[0].dtype.base_dtype
        values = [x if hasattr(x, "graph") else tf.constant(x, dtype) for x in inputs]
        return make(OPS[family]["resource_sparse" if sparse else "resource"], *[v.handle for v in states], *values, use_locking=True,
                    **attributes)

    # -- values -------------------------------------------------------------------------------------------------------
    @property
    def weights(self) -> list[Any]:
        """The step count, then the slots."""
        return self._weights

    def variables(self) -> list[Any]:
        """The same as `weights`."""
        return self._weights

    def get_weights(self) -> list[Any]:
        """The values of `weights`."""
        return batch_get_value(self.weights)

    def set_weights(self, weights: Any) -> None:
        """Gives `weights` these values; ValueError where number or shapes differ."""
        if len(self.weights) != len(weights):
            raise ValueError(f"You called `set_weights(weights)` on optimizer {self._name} with a weight list of length {len(weights)}, "
                             "but "
                             f"the optimizer was expecting {len(self.weights)} weights. Provided weights: {str(weights)[:50]}...")
        batch_set_value(zip(self.weights, weights))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = {"name": self._name}
        for key in ("clipnorm", "clipvalue", "global_clipnorm"):
            if getattr(self, key) is not None:
                config[key] = getattr(self, key)
        return config

    def _number(self, name: str) -> Any:
        """A hyperparameter for get_config."""
        value = self._hyper[name]
        if isinstance(value, LearningRateSchedule):
            return serialize_rate(value)
        if callable(value):
            return value()
        return get_value(value) if isinstance(value, (tf.Tensor, tf.Variable)) else value

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """An optimizer from what `get_config` gave."""
        config = dict(config)
        if "lr" in config:
            config["learning_rate"] = config.pop("lr")
        if isinstance(config.get("learning_rate"), dict):
            config["learning_rate"] = LearningRateSchedule.deserialize(config["learning_rate"], custom_objects)
        return cls(**config)


class _nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *exception: object) -> None: ...


def _key(variable: Any) -> Any:
    return getattr(variable, "_unique_id", None) or variable._shared_name
