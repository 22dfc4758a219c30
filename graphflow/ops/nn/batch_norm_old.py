"""The batch normalization op of the first TensorFlow, in graphs that it wrote."""
from __future__ import annotations

from typing import Any

from ...core.dtypes import DType
from ...core.op import Op, Spec, one_of, require_rank
from ...core.operation import Operation
from ...core.shapes import merge
from ...kernels.contract import Namespace
from .. import functions as F
from ..dtype_sets import NUMERIC, QUANTIZED


class BatchNormWithGlobalNormalization(Op, sig="t: T, m: T, v: T, beta: T, gamma: T -> result: T"):
    """(t - m) / sqrt(v + variance_epsilon) [* gamma] + beta over the last of four axes."""
    T: DType = one_of(NUMERIC, QUANTIZED)
    variance_epsilon: float
    scale_after_normalization: bool

    def infer(self, t: Spec, *vectors: Spec) -> Spec:
        require_rank(t, 4)
        count = None if t.shape is None else t.shape[3:]
        for vector in vectors:
            require_rank(vector, 1)
            count = merge(count, vector.shape)
        return Spec(self.T, None if t.shape is None else (*t.shape[:3], *(count or (None,))))

    def kernel(self, xp: Namespace, t: Any, m: Any, v: Any, beta: Any, gamma: Any) -> Any:
        factor = xp.rsqrt(v + xp.astype(self.variance_epsilon, v.dtype))
        return (t - m) * (factor * gamma if self.scale_after_normalization else factor) + beta

    def grad(self, op: Operation, dy: Any) -> Any:
        t, m, v, _, gamma = op.inputs
        factor = F.rsqrt(v + F.cast(self.variance_epsilon, self.T))
        scale = factor * gamma if self.scale_after_normalization else factor
        rows = (0, 1, 2)
        dt = dy * scale
        weighed = F.reduce_sum(dy * (t - m), rows)
        dv = -0.5 * weighed * scale * factor * factor
        dgamma = weighed * factor if self.scale_after_normalization else F.zeros_like(gamma)
        return dt, -F.reduce_sum(dt, rows), dv, F.reduce_sum(dy, rows), dgamma
