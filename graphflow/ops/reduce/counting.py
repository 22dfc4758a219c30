"""Histograms of integers and of real numbers, and the confusion matrix."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, dtypes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, load, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import cast, shape_internal
from ..checks import asserts as checks
from ..control_flow.flow import with_dependencies
from ..elementwise import binary, clip, unary
from . import reduction

_COUNTABLE = (int32, int64, dtypes.float32, dtypes.float64)


class _Counts(Op):
    """How often each of 0 ... size - 1 occurs (or the sum of the weights there); others are not counted."""
    host = True         # numpy counts real arrays
    static = {"size": 0}
    T: DType = one_of(_COUNTABLE)

    def infer(self, arr: Any, size: Any, weights: Any) -> Spec:
        return Spec(self.T, (None if size.value is None else int(size.value),))

    def kernel(self, xp: Namespace, arr: Any, size: Any, weights: Any) -> Any:
        size, values = int(size), np.ravel(arr)
        if size < 0:
            raise ValueError(f"size ({size}) must be non-negative")
        if (values < 0).any():
            raise ValueError("Input arr must be non-negative!")
        kept = values < size
        if np.size(weights):
            out = np.zeros(size, self.T.np)
            np.add.at(out, values[kept], np.ravel(weights)[kept])
            return out
        return np.bincount(values[kept], minlength=size).astype(self.T.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None, None


class Bincount(_Counts, sig="arr: int32, size: int32, weights: T -> bins: T"):
    """Counts of int32 numbers, as graphs of TF 1.x hold them."""


class DenseBincount(_Counts, sig="input: Tidx, size: Tidx, weights: T -> output: T"):
    """Counts of whole numbers; of a matrix, row by row; binary_output: 1 for each that occurs."""
    Tidx: DType = one_of((int32, int64))
    binary_output: bool = False

    def infer(self, arr: Any, size: Any, weights: Any) -> Spec:
        rows = () if arr.shape is None or len(arr.shape) < 2 else (arr.shape[0],)
        return Spec(self.T, None if arr.shape is None else (*rows, None if size.value is None else int(size.value)))

    def kernel(self, xp: Namespace, arr: Any, size: Any, weights: Any) -> Any:
        if np.ndim(arr) == 2:
            heavy = np.size(weights) > 0
            counted = [self.kernel(xp, row, size, weights[i] if heavy else weights) for i, row in enumerate(arr)]
            return np.stack(counted) if counted else np.zeros((0, int(size)), self.T.np)
        counts = super().kernel(xp, arr, size, weights)
        return (counts > 0).astype(self.T.np) if self.binary_output else counts


@export("bincount", "math.bincount")
def bincount(arr: Any, weights: Any = None, minlength: Any = None, maxlength: Any = None, dtype: Any = int32) -> Tensor:
    """How often each whole number from 0 occurs in `arr` (int32, any shape); with weights, the sums of the weights.

    The result has max(arr) + 1 entries, at least minlength and at most maxlength (greater numbers are not counted).
    """
    with context.default_graph().name_scope("bincount"):
        arr = convert_to_tensor(arr, name="arr")
        if weights is not None:
            weights = convert_to_tensor(weights, name="weights")
        if not arr.dtype.is_integer:
            arr = cast(arr, int32)
        nonempty = F.size(arr) > 0
        size = cast(nonempty, arr.dtype) * (reduction.reduce_max(arr) + 1)
        if minlength is not None:
            size = binary.maximum(convert_to_tensor(minlength, arr.dtype.base_dtype, name="minlength"), size)
        if maxlength is not None:
            size = binary.minimum(convert_to_tensor(maxlength, arr.dtype.base_dtype, name="maxlength"), size)
        if weights is not None:
            weights = F.reshape(weights, [-1])
        arr = F.reshape(arr, [-1])
        if weights is None:
            weights = constant_op(np.zeros(0, as_dtype(dtype).np), as_dtype(dtype))
        return make(DenseBincount, arr, size, weights)


class HistogramFixedWidth(Op, sig="values: T, value_range: T, nbins: int32 -> out: dtype", static={"nbins": 0}):
    """How many values lie in each of nbins equal intervals of the range; outliers count in the first and the last."""
    host = True         # numpy counts real arrays
    T: DType = one_of(_COUNTABLE)
    dtype: DType = one_of((int32, int64), default=int32)

    def infer(self, values: Any, value_range: Any, nbins: Any) -> Spec:
        require(value_range.shape is None or value_range.shape in ((2,), (None,)), "value_range must be a vector of 2 elements")
        return Spec(self.dtype, (None if nbins.value is None else int(nbins.value),))

    def kernel(self, xp: Namespace, values: Any, value_range: Any, nbins: Any) -> Any:
        low, high = (float(v) for v in np.ravel(value_range))
        nbins = int(nbins)
        if not low < high:
            raise ValueError(f"value_range should satisfy value_range[0] < value_range[1], but got '[{low}, {high}]'")
        if nbins <= 0:
            raise ValueError(f"nbins should be a positive number, but got '{nbins}'")
        step = (high - low) / nbins
        places = np.clip(np.floor((np.ravel(values).astype(np.float64) - low) / step), 0, nbins - 1).astype(np.int64)
        return np.bincount(places, minlength=nbins).astype(self.dtype.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None, None


@export("histogram_fixed_width")
def histogram_fixed_width(values: Any, value_range: Any, nbins: Any = 100, dtype: Any = int32, name: str | None = None) -> Tensor:
    """How many values lie in each of `nbins` equal intervals of [value_range[0], value_range[1]]; outliers count at the ends."""
    return make(HistogramFixedWidth, values, value_range, nbins, name=name or "histogram_fixed_width",
                dtype=as_dtype(dtype))


@export("histogram_fixed_width_bins")
def histogram_fixed_width_bins(values: Any, value_range: Any, nbins: Any = 100, dtype: Any = int32, name: str | None = None) -> Tensor:
    """The number of the interval, as in `tf.histogram_fixed_width`, that each value lies in; int32, shape of `values`."""
    with context.default_graph().name_scope(name or "histogram_fixed_width_bins"):
        values = convert_to_tensor(values, name="values")
        shape = shape_internal(values)
        values = F.reshape(values, [-1])
        value_range = convert_to_tensor(value_range, name="value_range")
        nbins = convert_to_tensor(nbins, int32, name="nbins")
        check = checks.assert_(nbins > 0, [f"nbins {nbins} must > 0"])
        nbins = with_dependencies([check], nbins)
        count = cast(nbins, values.dtype)
        scaled = F.truediv(values - value_range[0], value_range[1] - value_range[0], name="scaled_values")
        indices = unary.floor(count * scaled, name="indices")
        indices = cast(clip.clip_by_value(indices, 0, count - 1), int32)
        return F.reshape(indices, shape)


def remove_squeezable_dimensions(labels: Any, predictions: Any, expected_rank_diff: int = 0) -> tuple[Tensor, Tensor]:
    """(labels, predictions) whose ranks differ by expected_rank_diff: whichever has one axis too many, of size 1, loses it."""
    with context.default_graph().name_scope("remove_squeezable_dimensions"):
        predictions, labels = convert_to_tensor(predictions), convert_to_tensor(labels)
        a, b = labels.static, predictions.static
        if a is None or b is None:
            return _squeezed_in_run(labels, predictions, expected_rank_diff)
        extra = len(b) - len(a) - expected_rank_diff
        if extra == 1 and b[-1] in (1, None):
            predictions = F.squeeze(predictions, [-1])
        elif extra == -1 and a[-1] in (1, None):
            labels = F.squeeze(labels, [-1])
    return labels, predictions


def _squeezed_in_run(labels: Tensor, predictions: Tensor, expected: int) -> tuple[Tensor, Tensor]:
    """The same where only a run knows one of the ranks."""
    extra, whole = F.rank(predictions) - F.rank(labels), (labels, predictions)
    if not predictions.static or predictions.static[-1] in (1, None):
        predictions = F.cond(F.equal(expected + 1, extra), lambda: F.squeeze(whole[1], [-1]), lambda: whole[1])
    if not labels.static or labels.static[-1] in (1, None):
        labels = F.cond(F.equal(expected - 1, extra), lambda: F.squeeze(whole[0], [-1]), lambda: whole[0])
    return labels, predictions


def _guarded(value: Tensor, check: Any) -> Tensor:
    return with_dependencies([check], value)


@export("confusion_matrix", "math.confusion_matrix")
def confusion_matrix(labels: Any, predictions: Any, num_classes: Any = None, dtype: Any = int32, name: str | None = None,
                     weights: Any = None) -> Tensor:
    """A matrix whose entry [i, j] counts the examples of class i that were predicted as class j (or sums their weights).

    labels, predictions: vectors of class numbers from 0. num_classes: the greatest number plus 1 by default. InvalidArgumentError
    at run for numbers out of range.
    """
    with context.default_graph().name_scope(name or "confusion_matrix"):
        labels, predictions = convert_to_tensor(labels, name="labels"), convert_to_tensor(predictions, name="predictions")
        labels, predictions = remove_squeezable_dimensions(labels, predictions)
        predictions, labels = cast(predictions, int64), cast(labels, int64)
        labels = _guarded(labels, checks.assert_non_negative(labels, message="`labels` contains negative values"))
        predictions = _guarded(predictions, checks.assert_non_negative(predictions, message="`predictions` contains negative values"))
        if num_classes is None:
            num_classes = binary.maximum(reduction.reduce_max(predictions), reduction.reduce_max(labels)) + 1
        else:
            limit = cast(num_classes, int64)
            labels = _guarded(labels, checks.assert_less(labels, limit, message="`labels` out of bound"))
            predictions = _guarded(predictions, checks.assert_less(predictions, limit, message="`predictions` out of bound"))
        if weights is not None:
            weights = convert_to_tensor(weights, name="weights")
            predictions.get_shape().assert_is_compatible_with(weights.get_shape())
            weights = cast(weights, dtype)
        shape = F.stack([num_classes, num_classes])
        indices = F.stack([labels, predictions], axis=1)
        values = F.ones_like(predictions, dtype) if weights is None else weights
        return make(load("ScatterNd"), indices, values, cast(shape, int64))
