"""tf.distributions.Distribution: the base class of all families.

A family gives what it knows by methods with an underscore (`_sample_n`, `_log_prob`, `_mean`, ...); what it does not give follows here
from what it gives. Every public method puts its ops below the distribution's name.
"""
from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

import graphflow as tf

from ..core.export import export, export_values
from .divergence import kl_divergence


@export("distributions.ReparameterizationType")
class ReparameterizationType:
    """Whether gradients flow through samples to parameters: FULLY_REPARAMETERIZED or NOT_REPARAMETERIZED; equal only to itself."""

    def __init__(self, rep_type: str):
        self._rep_type = rep_type

    def __repr__(self) -> str:
        return f"<Reparameterization Type: {self._rep_type}>"


FULLY_REPARAMETERIZED = ReparameterizationType("FULLY_REPARAMETERIZED")
NOT_REPARAMETERIZED = ReparameterizationType("NOT_REPARAMETERIZED")
export_values(__name__, distributions__FULLY_REPARAMETERIZED="FULLY_REPARAMETERIZED",
              distributions__NOT_REPARAMETERIZED="NOT_REPARAMETERIZED")


@export("distributions.Distribution")
class Distribution:
    """A batch of distributions of one family: `batch_shape` of them, each over events of `event_shape`.

    Samples have shape sample_shape + batch_shape + event_shape; densities of values are broadcast over the batch. validate_args: check
    parameters and values in runs. allow_nan_stats=False: a moment that does not exist is an error in runs in place of nan. parameters: the
    arguments of __init__, for `copy`. A family of one's own calls this __init__ and defines the methods with an underscore.
    """
    broadcasting: tuple[str, ...] = ()      # parameters whose shapes together are the batch's

    def __init__(self, dtype: Any, reparameterization_type: Any, validate_args: bool, allow_nan_stats: bool, parameters: Any = None,
                 graph_parents: Any = None, name: str | None = None):
        self._graph_parents = list(graph_parents or [])
        for i, parent in enumerate(self._graph_parents):
            if parent is None or not tf.is_tensor(parent):
                raise ValueError(f"Graph parent item {i} is not a Tensor; {parent}.")
        if not name or not name.endswith("/"):
            with tf.name_scope(name or type(self).__name__) as name:
                pass
        self._dtype, self._name = None if dtype is None else tf.as_dtype(dtype), name
        self._reparameterization_type, self._validate_args = reparameterization_type, validate_args
        self._allow_nan_stats, self._parameters = allow_nan_stats, dict(parameters or {})

    name = property(lambda self: self._name)
    dtype = property(lambda self: self._dtype)
    reparameterization_type = property(lambda self: self._reparameterization_type)
    allow_nan_stats = property(lambda self: self._allow_nan_stats)
    validate_args = property(lambda self: self._validate_args)

    @property
    def parameters(self) -> dict[str, Any]:
        """The arguments that made this distribution."""
        return {key: value for key, value in self._parameters.items() if key != "self" and not key.startswith("__")}

    def copy(self, **override_parameters_kwargs: Any) -> Any:
        """One of the same class, with some parameters replaced."""
        return type(self)(**{**self.parameters, **override_parameters_kwargs})

    @classmethod
    def param_shapes(cls, sample_shape: Any, name: str = "DistributionParamShapes") -> dict[str, Any]:
        """{parameter: int32 tensor of the shape it needs for samples of sample_shape}."""
        with tf.name_scope(name, values=[sample_shape]):
            return cls._param_shapes(sample_shape)

    @classmethod
    def param_static_shapes(cls, sample_shape: Any) -> dict[str, Any]:
        """As param_shapes, as TensorShapes. ValueError where sample_shape is not known."""
        if not isinstance(sample_shape, tf.TensorShape):
            known = tf.get_static_value(tf.convert_to_tensor(sample_shape, tf.int32))
            if known is None:
                raise ValueError("sample_shape must be a fully-defined TensorShape, or a tensor whose value is known")
            sample_shape = tf.TensorShape(known.tolist())
        if not sample_shape.is_fully_defined():
            raise ValueError(f"sample_shape must be a fully-defined TensorShape, not {sample_shape}")
        found = cls.param_shapes(sample_shape.as_list())
        return {name: tf.TensorShape(tf.get_static_value(shape).tolist()) for name, shape in found.items()}

    @classmethod
    def _param_shapes(cls, sample_shape: Any) -> dict[str, Any]:
        if not cls.broadcasting:
            raise NotImplementedError(f"param_shapes is not there for {cls.__name__}")
        shape = tf.convert_to_tensor(sample_shape, tf.int32)
        return dict.fromkeys(cls.broadcasting, shape)

    def _scope(self, name: str, *values: Any) -> Any:
        return _Scopes(self._name, name, [*values, *self._graph_parents])

    # Shapes

    @property
    def batch_shape(self) -> Any:
        """TensorShape of the batch, as far as it is known."""
        return tf.TensorShape(self._batch_shape())

    @property
    def event_shape(self) -> Any:
        """TensorShape of one event, as far as it is known."""
        return tf.TensorShape(self._event_shape())

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Any:
        """int32 vector: the shape of the batch."""
        with self._scope(name):
            if self.batch_shape.is_fully_defined():
                return tf.convert_to_tensor(np.array(self.batch_shape.as_list(), np.int32), name="batch_shape")
            return self._batch_shape_tensor()

    def event_shape_tensor(self, name: str = "event_shape_tensor") -> Any:
        """int32 vector: the shape of one event."""
        with self._scope(name):
            if self.event_shape.is_fully_defined():
                return tf.convert_to_tensor(np.array(self.event_shape.as_list(), np.int32), name="event_shape")
            return self._event_shape_tensor()

    def is_scalar_event(self, name: str = "is_scalar_event") -> Any:
        """bool tensor: an event is one number."""
        with self._scope(name):
            return tf.convert_to_tensor(_has_no_axes(self.event_shape, self.event_shape_tensor), name="is_scalar_event")

    def is_scalar_batch(self, name: str = "is_scalar_batch") -> Any:
        """bool tensor: the batch is one distribution."""
        with self._scope(name):
            return tf.convert_to_tensor(_has_no_axes(self.batch_shape, self.batch_shape_tensor), name="is_scalar_batch")

    def _batch_shape(self) -> Any:
        shape = tf.TensorShape([])
        for name in self.broadcasting:
            shape = tf.broadcast_static_shape(shape, getattr(self, name).shape)
        return shape

    def _batch_shape_tensor(self) -> Any:
        shapes = [tf.shape(getattr(self, name)) for name in self.broadcasting]
        found = shapes[0]
        for shape in shapes[1:]:
            found = tf.broadcast_dynamic_shape(found, shape)
        return found

    def _event_shape(self) -> Any:
        return tf.TensorShape([])

    def _event_shape_tensor(self) -> Any:
        return tf.constant([], tf.int32)

    # Samples

    def sample(self, sample_shape: Any = (), seed: Any = None, name: str = "sample") -> Any:
        """Draws of shape sample_shape + batch_shape + event_shape, dtype of the distribution."""
        with self._scope(name, sample_shape):
            shape = tf.convert_to_tensor(sample_shape, tf.int32, name="sample_shape")
            known = tf.get_static_value(shape)
            n = tf.reduce_prod(shape) if known is None else int(np.prod(known))
            if shape.shape.ndims == 0:
                shape = tf.expand_dims(shape, 0) if known is None else tf.convert_to_tensor(known.reshape(1), name="sample_shape")
            elif shape.shape.ndims is None:
                shape = tf.reshape(shape, [-1])
            drawn = self._sample_n(n, seed)
            drawn = tf.reshape(drawn, tf.concat([shape, tf.shape(drawn)[1:]], 0))
            drawn.set_shape(_static(shape).concatenate(self.batch_shape).concatenate(self.event_shape))
            return drawn

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        raise NotImplementedError(f"sample_n is not implemented: {type(self).__name__}")

    # Densities and probabilities. Each pair follows from the other one where a family gives one only.

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        """The natural logarithm of the density, or mass, at value."""
        return self._of_value(name, value, (("_log_prob", _same), ("_prob", tf.log)))

    def prob(self, value: Any, name: str = "prob") -> Any:
        """The density, or mass, at value."""
        return self._of_value(name, value, (("_prob", _same), ("_log_prob", tf.exp)))

    def cdf(self, value: Any, name: str = "cdf") -> Any:
        """The probability of at most value."""
        return self._of_value(name, value, (("_cdf", _same), ("_log_cdf", tf.exp)))

    def log_cdf(self, value: Any, name: str = "log_cdf") -> Any:
        """The logarithm of cdf."""
        return self._of_value(name, value, (("_log_cdf", _same), ("_cdf", tf.log)))

    def survival_function(self, value: Any, name: str = "survival_function") -> Any:
        """The probability of more than value."""
        return self._of_value(name, value, (("_survival_function", _same), ("_cdf", lambda p: 1.0 - p),
                                            ("_log_cdf", lambda p: 1.0 - tf.exp(p))))

    def log_survival_function(self, value: Any, name: str = "log_survival_function") -> Any:
        """The logarithm of survival_function."""
        return self._of_value(name, value, (("_log_survival_function", _same), ("_cdf", lambda p: tf.log1p(-p)),
                                            ("_log_cdf", lambda p: tf.log1p(-tf.exp(p)))))

    def quantile(self, value: Any, name: str = "quantile") -> Any:
        """The x at which cdf(x) is value."""
        return self._of_value(name, value, (("_quantile", _same),))

    def _of_value(self, name: str, value: Any, ways: tuple[tuple[str, Callable[[Any], Any]], ...]) -> Any:
        with self._scope(name, value):
            value = tf.convert_to_tensor(value, self._dtype_of_values(), name="value")
            return self._first(name, ways, value)

    def _dtype_of_values(self) -> Any:
        return None

    def _first(self, name: str, ways: tuple[tuple[str, Callable[[Any], Any]], ...], *arguments: Any) -> Any:
        for method, then in ways:
            found = getattr(self, method, None)
            if found is not None:
                return then(found(*arguments))
        raise NotImplementedError(f"{name} is not implemented: {type(self).__name__}")

    # Moments

    def mean(self, name: str = "mean") -> Any:
        """The expectation, of shape batch_shape + event_shape."""
        return self._moment(name, (("_mean", _same),))

    def mode(self, name: str = "mode") -> Any:
        """Where the density is greatest."""
        return self._moment(name, (("_mode", _same),))

    def variance(self, name: str = "variance") -> Any:
        """The expected squared distance from the mean, of each element of an event."""
        return self._moment(name, (("_variance", _same), ("_stddev", tf.square)))

    def stddev(self, name: str = "stddev") -> Any:
        """The square root of the variance."""
        return self._moment(name, (("_stddev", _same), ("_variance", tf.sqrt)))

    def covariance(self, name: str = "covariance") -> Any:
        """Of families over vectors: matrices of shape batch_shape + [k, k]."""
        return self._moment(name, (("_covariance", _same),))

    def entropy(self, name: str = "entropy") -> Any:
        """The expected -log_prob, in nats."""
        return self._moment(name, (("_entropy", _same),))

    def _moment(self, name: str, ways: tuple[tuple[str, Callable[[Any], Any]], ...]) -> Any:
        with self._scope(name):
            return self._first(name, ways)

    def cross_entropy(self, other: Any, name: str = "cross_entropy") -> Any:
        """The expected -other.log_prob under this distribution: the entropy and the divergence from other together."""
        with self._scope(name):
            return kl_divergence(self, other, allow_nan_stats=self.allow_nan_stats) + self.entropy()

    def kl_divergence(self, other: Any, name: str = "kl_divergence") -> Any:
        """The Kullback-Leibler divergence KL(this || other). NotImplementedError for pairs of families without a registered one."""
        with self._scope(name):
            return kl_divergence(self, other, allow_nan_stats=self.allow_nan_stats)

    def _undefined(self, defined: Any, value: Any, what: str) -> Any:
        """value where `defined` holds, nan elsewhere, or an error in runs where nan is not allowed."""
        if self.allow_nan_stats:
            return tf.where_v2(defined, value, tf.constant(np.nan, value.dtype))
        with tf.control_dependencies([tf.Assert(tf.reduce_all(defined), [what])]):
            return tf.identity(value)

    def _checked(self, value: Any, *checks: tuple[Callable[..., Any], str]) -> Any:
        """value, after checks in runs where arguments are validated."""
        if not self.validate_args:
            return value
        with tf.control_dependencies([check(value, message=message) for check, message in checks]):
            return tf.identity(value)

    def __str__(self) -> str:
        return (f'tfp.distributions.{type(self).__name__}("{self.name}", batch_shape={self.batch_shape}, event_shape={self.event_shape}, '
                f"dtype={self.dtype.name})")

    def __repr__(self) -> str:
        return (f"<tfp.distributions.{type(self).__name__} '{self.name}' batch_shape={self.batch_shape} "
                f"event_shape={self.event_shape} dtype={self.dtype.name}>")


class _Scopes:
    """The scope of a distribution, and one of a method in it."""

    def __init__(self, *scopes: Any):
        outer, inner, values = scopes
        self._scopes = [tf.name_scope(outer), tf.name_scope(inner, values=values)]

    def __enter__(self) -> None:
        for scope in self._scopes:
            scope.__enter__()

    def __exit__(self, *error: Any) -> None:
        for scope in reversed(self._scopes):
            scope.__exit__(*error)


def arguments() -> dict[str, Any]:
    """The arguments of the function that calls this: what a family's __init__ keeps for `copy`."""
    frame: Any = inspect.currentframe()
    return dict(frame.f_back.f_locals)


def _same(value: Any) -> Any:
    return value


def _static(shape: Any) -> Any:
    known = tf.get_static_value(shape)
    return tf.TensorShape([None] * (shape.shape.dims[0].value or 0) if shape.shape.is_fully_defined() else None) if known is None else \
        tf.TensorShape(known.tolist())


def _has_no_axes(shape: Any, tensor: Callable[[], Any]) -> Any:
    return shape.ndims == 0 if shape.ndims is not None else tf.equal(tf.shape(tensor())[0], 0)
