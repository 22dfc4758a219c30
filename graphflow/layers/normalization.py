"""Batch normalization. S. Ioffe and C. Szegedy, "Batch normalization", 2015.

Images and volumes go through one FusedBatchNormV3; other ranks, several axes and other dtypes through means and products. The updates of
the moving statistics are put in GraphKeys.UPDATE_OPS: a training step must run them.
"""
from __future__ import annotations

from typing import Any

from ..core import context, shapes
from ..core.constant import constant
from ..core.convert import convert_to_tensor
from ..core.dtypes import as_dtype, bfloat16, float16, float32
from ..core.export import export
from ..core.tensor import Tensor
from ..core.tensor_shape import as_shape
from ..ops.array.basic import cast, reshape
from ..ops.nn.batch_norm import batch_normalization as nn_batch_normalization
from ..ops.nn.batch_norm import fused_batch_norm
from ..ops.nn.moments import moments
from ..ops.scopes import name_scope
from ..ops.state.assign import assign_sub
from ..variables.enums import VariableAggregation, VariableSynchronization
from .arguments import ONES, ZEROS, choose, initializer_of, known_flag
from .base import Layer
from .spec import InputSpec

_FUSED = {(4, 1): "NCHW", (5, 1): "NCDHW", (4, 3): "NHWC", (5, 4): "NDHWC"}     # (rank, axis of the channels)


@export("layers.BatchNormalization")
class BatchNormalization(Layer):
    """gamma (inputs - mean) / sqrt(variance + epsilon) + beta: statistics of the batch while training, moving ones otherwise."""

    unlisted = frozenset(("renorm", "renorm_clipping", "renorm_momentum", "virtual_batch_size", "adjustment", "fused"))

    def __init__(self, axis: Any = -1, momentum: float = 0.99, epsilon: float = 1e-3, center: bool = True, scale: bool = True,
                 beta_initializer: Any = ZEROS, gamma_initializer: Any = ONES, moving_mean_initializer: Any = ZEROS,
                 moving_variance_initializer: Any = ONES, beta_regularizer: Any = None, gamma_regularizer: Any = None,
                 beta_constraint: Any = None, gamma_constraint: Any = None, renorm: bool = False, renorm_clipping: Any = None,
                 renorm_momentum: float = 0.99, fused: bool | None = None, trainable: bool = True, virtual_batch_size: int | None = None,
                 adjustment: Any = None, name: str | None = None, **kwargs: Any):
        super().__init__(trainable, name, **kwargs)
        refused = [n for n, given in (("renorm", renorm), ("virtual_batch_size", virtual_batch_size is not None),
                                      ("adjustment", adjustment is not None)) if given]
        if refused:
            raise NotImplementedError(f"tf.layers.BatchNormalization: {', '.join(refused)} is not there; leave it out, or build the "
                                      "normalization from tf.nn.moments and tf.nn.batch_normalization.")
        self.axis = list(axis) if isinstance(axis, (list, tuple)) else [int(axis)]
        self.momentum, self.epsilon, self.center, self.scale, self.fused = momentum, epsilon, center, scale, fused
        self.beta_initializer, self.gamma_initializer = initializer_of(beta_initializer), initializer_of(gamma_initializer)
        self.moving_mean_initializer = initializer_of(moving_mean_initializer)
        self.moving_variance_initializer = initializer_of(moving_variance_initializer)
        self.beta_regularizer, self.gamma_regularizer = beta_regularizer, gamma_regularizer
        self.beta_constraint, self.gamma_constraint = beta_constraint, gamma_constraint

    @property
    def _param_dtype(self) -> Any:
        """Statistics of 16 bits would be too coarse."""
        dtype = as_dtype(self._dtype or "float32")
        return float32 if dtype in (float16, bfloat16) else dtype

    def build(self, input_shape: Any) -> None:
        known = shapes.as_tuple(input_shape)
        if known is None:
            raise ValueError("Input has undefined rank. Give it one with set_shape or tf.reshape.")
        rank = len(known)
        self.axis = _places(self.axis, known)
        sizes = {axis: known[axis] for axis in self.axis}
        self._data_format: Any = _FUSED.get((rank, self.axis[0])) if len(self.axis) == 1 else None
        possible = self._data_format is not None and self._param_dtype is float32
        self.fused = possible if self.fused is None else bool(self.fused) and possible
        self.input_spec = InputSpec(ndim=rank, axes=sizes)
        one = len(self.axis) == 1
        self._param_shape = [sizes[self.axis[0]]] if one else [sizes.get(axis, 1) for axis in range(rank)]
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight("gamma", self._param_shape, self._param_dtype, self.gamma_initializer, self.gamma_regularizer,
                                         constraint=self.gamma_constraint)
        if self.center:
            self.beta = self.add_weight("beta", self._param_shape, self._param_dtype, self.beta_initializer, self.beta_regularizer,
                                        constraint=self.beta_constraint)
        partitioner = self._scope.partitioner
        self._scope.set_partitioner(None)     # moving statistics are never cut in slices
        try:
            self.moving_mean = self._statistic("moving_mean", self.moving_mean_initializer)
            self.moving_variance = self._statistic("moving_variance", self.moving_variance_initializer)
        finally:
            self._scope.set_partitioner(partitioner)
        self.built = True

    def _statistic(self, name: str, initializer: Any) -> Any:
        return self.add_weight(name, self._param_shape, self._param_dtype, initializer, trainable=False,
                               synchronization=VariableSynchronization.ON_READ, aggregation=VariableAggregation.MEAN)

    def call(self, inputs: Any, training: Any = False) -> Any:
        return self._fused(inputs, training) if self.fused else self._plain(inputs, training)

    def _fused(self, inputs: Any, training: Any) -> Any:
        beta = self.beta if self.center else constant(0.0, self._param_dtype, self._param_shape)
        gamma = self.gamma if self.scale else constant(1.0, self._param_dtype, self._param_shape)

        def run(is_training: bool) -> Any:
            return fused_batch_norm(inputs, gamma, beta, self.moving_mean, self.moving_variance, self.epsilon, self._data_format,
                                    is_training)

        outputs, mean, variance = choose(training, lambda: run(True), lambda: run(False))
        known = known_flag(training)
        if known is not False:
            # where `training` is false the statistics are kept: momentum 1
            momentum = (convert_to_tensor(self.momentum) if known else
                        choose(training, lambda: constant(self.momentum), lambda: constant(1.0)))
            self.add_update([self._mix(self.moving_mean, mean, momentum), self._mix(self.moving_variance, variance, momentum)])
        return outputs

    def _plain(self, inputs: Any, training: Any) -> Any:
        dtype, rank = inputs.dtype.base_dtype, len(inputs.static)
        static = inputs.static
        if dtype in (float16, bfloat16):
            inputs = cast(inputs, float32)
        others = [axis for axis in range(rank) if axis not in self.axis]
        across = [1] * rank
        across[self.axis[0]] = static[self.axis[0]]

        def spread(v: Any) -> Any:
            """A vector of channels shaped to be broadcast over the inputs."""
            if v is None or len(v.static) == rank or others == list(range(rank - 1)):
                return v
            return reshape(v, across)

        gamma, beta = spread(self.gamma), spread(self.beta)
        if known_flag(training) is False:
            mean, variance = self.moving_mean, self.moving_variance
        else:
            batch_mean, batch_variance = moments(inputs, others, keep_dims=len(self.axis) > 1)
            mean = choose(training, lambda: batch_mean, lambda: convert_to_tensor(self.moving_mean))
            variance = choose(training, lambda: batch_variance, lambda: convert_to_tensor(self.moving_variance))
            for variable, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
                self.add_update(self._update_if(training, variable, value))
        gamma, beta = (None if v is None else cast(v, inputs.dtype.base_dtype) for v in (gamma, beta))
        outputs = nn_batch_normalization(inputs, spread(mean), spread(variance), beta, gamma, self.epsilon)
        if dtype in (float16, bfloat16):
            outputs = cast(outputs, dtype)
        outputs.set_shape(static)
        return outputs

    def _update_if(self, training: Any, variable: Any, value: Any) -> Any:
        return choose(training, lambda: self._mix(variable, value, self.momentum), lambda: convert_to_tensor(variable))

    def _mix(self, variable: Any, value: Any, momentum: Any) -> Any:
        """variable -= (variable - value) (1 - momentum)."""
        with name_scope("AssignMovingAvg") as scope, context.default_graph().colocate_with(variable):
            decay = convert_to_tensor(1.0 - momentum, name="decay")
            dtype = variable.dtype.base_dtype
            if decay.dtype.base_dtype is not dtype:
                decay = cast(decay, dtype)
            return assign_sub(variable, (variable - cast(value, dtype)) * decay, name=scope)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape)


def _places(axes: list[int], known: Any) -> list[int]:
    """Axes counted from the front; ValueError for one that is not there, is named twice, or whose size is unknown."""
    rank = len(known)
    bad = [axis for axis in axes if not -rank <= axis < rank]
    if bad:
        raise ValueError(f"Invalid value for `axis` argument: {bad[0]} is not in the expected range [{-rank}, {rank}) of inputs of shape "
                         f"{known}")
    found = [axis % rank for axis in axes]
    if len(set(found)) != len(found):
        raise ValueError(f"Duplicate axis: {tuple(axes)}")
    for axis in found:
        if known[axis] is None:
            raise ValueError(f"Input has undefined `axis` dimension. Received input with shape {known} and axis={tuple(found)}; give the "
                             "placeholder that size.")
    return found


@export("layers.batch_normalization")
def batch_normalization(inputs: Any, axis: Any = -1, momentum: float = 0.99, epsilon: float = 1e-3, center: bool = True,
                        scale: bool = True, beta_initializer: Any = ZEROS, gamma_initializer: Any = ONES,
                        moving_mean_initializer: Any = ZEROS, moving_variance_initializer: Any = ONES, beta_regularizer: Any = None,
                        gamma_regularizer: Any = None, beta_constraint: Any = None, gamma_constraint: Any = None, training: Any = False,
                        trainable: bool = True, name: str | None = None, reuse: Any = None, renorm: bool = False,
                        renorm_clipping: Any = None, renorm_momentum: float = 0.99, fused: bool | None = None,
                        virtual_batch_size: int | None = None, adjustment: Any = None) -> Tensor:
    """inputs normalized along all axes but `axis`: by their own statistics where `training` (bool or tensor), else by moving ones.

    The training step must run what is in GraphKeys.UPDATE_OPS, else the moving statistics stay as they began.
    """
    layer = BatchNormalization(axis, momentum, epsilon, center, scale, beta_initializer, gamma_initializer, moving_mean_initializer,
                               moving_variance_initializer, beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint, renorm,
                               renorm_clipping, renorm_momentum, fused, trainable, virtual_batch_size, adjustment, name, _reuse=reuse,
                               _scope=name)
    return layer(inputs, training=training)
