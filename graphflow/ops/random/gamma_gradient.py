"""The gradient of gamma numbers towards their shape parameter, by implicit reparameterisation."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.dtypes import DType, float32, float64, int32
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.shapes import broadcast
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ...kernels.random import gamma_sample_slope
from .. import functions as F
from ..array.basic import reshape, shape_internal
from ..array.fill import ones
from ..array.fill import range as range_
from ..array.joining import concat
from ..elementwise.binary import Mul
from ..reduce.reduction import reduce_sum


class RandomGammaGrad(Op, sig="alpha: T, sample: T -> output: T", host=True):
    """d sample / d alpha of gamma numbers of scale 1."""
    T: DType = one_of((float32, float64))

    def infer(self, alpha: Spec, sample: Spec) -> Spec:
        return Spec(self.T, broadcast(alpha.shape, sample.shape))

    def kernel(self, xp: Namespace, alpha: Any, sample: Any) -> Any:
        return gamma_sample_slope(alpha, sample)


def of_leading_samples(shape: Tensor, alpha: Tensor, sample: Tensor, dy: Tensor) -> Tensor:
    """The gradient towards alpha when the samples lie along the leading axes, as many as `shape` has entries."""
    with context.default_graph().control_dependencies([dy]):
        return _summed(shape_internal(shape)[0], alpha, sample, dy)


def of_trailing_parameters(shape: Tensor, alpha: Tensor, sample: Tensor, dy: Tensor) -> Tensor:
    """The gradient towards alpha when `shape` is the whole output's and alpha's axes are its last ones."""
    with context.default_graph().control_dependencies([dy]):
        whole = shape_internal(shape)[0]
        return _summed(whole - F.rank(alpha), alpha, sample, dy)


def _summed(axes: Tensor, alpha: Tensor, sample: Tensor, dy: Tensor) -> Tensor:
    wide = concat([ones([axes], int32), shape_internal(alpha)], 0)
    slope = make(RandomGammaGrad, reshape(alpha, wide), sample)
    return reduce_sum(make(Mul, dy, slope, name="mul"), range_(axes))
