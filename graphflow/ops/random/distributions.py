"""Uniform, normal and truncated normal numbers of a given shape."""
from __future__ import annotations

from typing import Any, ClassVar

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, float32, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Spec, one_of, require
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..elementwise.binary import AddV2, Mul, Sub
from .base import FLOATING, DrawingOp, RandomOp, check_dtype, shape_tensor, sizes_of, static_shape
from .seeds import seed_attributes


class ShapedOp(DrawingOp):
    """Numbers of one distribution; `how` is its name in kernels.random.drawing."""
    dtype: Any
    how: ClassVar[str] = ""

    def infer(self, shape: Any) -> Spec:
        return Spec(self.dtype, static_shape(shape))

    def kernel(self, xp: Namespace, place: Any, shape: Any) -> Any:
        return xp.draw(place, self.how, sizes_of(shape, None)[0], self.dtype.np)


class RandomUniform(ShapedOp, sig="shape: T -> output: dtype", static={"shape": 1}, how="uniform"):
    """Uniform numbers in [0, 1)."""
    seed: int = 0
    seed2: int = 0
    dtype: DType = one_of(FLOATING)
    T: DType = one_of((int32, int64))


class RandomStandardNormal(ShapedOp, sig="shape: T -> output: dtype", static={"shape": 1}, how="normal"):
    """Normal numbers of mean 0 and standard deviation 1."""
    seed: int = 0
    seed2: int = 0
    dtype: DType = one_of(FLOATING)
    T: DType = one_of((int32, int64))


class TruncatedNormal(ShapedOp, sig="shape: T -> output: dtype", static={"shape": 1}, how="truncated_normal"):
    """Standard normal numbers, those beyond two standard deviations drawn again."""
    seed: int = 0
    seed2: int = 0
    dtype: DType = one_of(FLOATING)
    T: DType = one_of((int32, int64))


class RandomUniformInt(DrawingOp, sig="shape: T, minval: Tout, maxval: Tout -> output: Tout", static={"shape": 1}):
    """Uniform integers in [minval, maxval)."""
    seed: int = 0
    seed2: int = 0
    Tout: DType = one_of((int32, int64))
    T: DType = one_of((int32, int64))

    def infer(self, shape: Any, minval: Any, maxval: Any) -> Spec:
        for name, bound in (("minval", minval), ("maxval", maxval)):
            require(bound.shape in (None, ()), f"{name} must be 0-D, got shape {bound.shape}")
        return Spec(self.Tout, static_shape(shape))

    def kernel(self, xp: Namespace, place: Any, shape: Any, minval: Any, maxval: Any) -> Any:
        return integers(xp, place, shape, minval, maxval, self.Tout)


def integers(xp: Namespace, place: Any, shape: Any, minval: Any, maxval: Any, dtype: DType) -> Any:
    """Integers in [minval, maxval); InvalidArgumentError for an empty range, unless no number is wanted."""
    sizes, count = sizes_of(shape, None)
    if count:
        xp.check(minval >= maxval, "Need minval < maxval, got {each[0]} >= {each[1]}", xp.stack([minval, maxval], 0))
    return xp.draw_integers(place, minval, maxval, sizes, dtype.np)


@export("random_uniform", "random.uniform")
def random_uniform(shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32, seed: int | None = None,
                   name: str | None = None) -> Tensor:
    """Uniform numbers in [minval, maxval), of the given shape.

    dtype: floating (maxval None: 1), int32 or int64 (maxval is needed). Bounds may be tensors: for floats any that broadcast
    with the shape, for integers scalars. seed: see `tf.set_random_seed`.
    """
    dtype = check_dtype(as_dtype(dtype), (*FLOATING, int32, int64))
    if maxval is None:
        if dtype.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {dtype!r}")
        maxval = 1
    with context.default_graph().name_scope(name or "random_uniform") as scope:
        shape = shape_tensor(shape)
        from_zero = isinstance(minval, int) and minval == 0
        unit = from_zero and isinstance(maxval, int) and maxval == 1
        if not unit or dtype.is_integer:
            minval = convert_to_tensor(minval, dtype, "min")
            maxval = convert_to_tensor(maxval, dtype, "max")
        seeds = seed_attributes(seed)
        if dtype.is_integer:
            return make(RandomUniformInt, shape, minval, maxval, name=scope, **seeds)
        numbers = make(RandomUniform, shape, dtype=dtype, **seeds)
        if from_zero:
            return numbers if unit else make(Mul, numbers, maxval)
        return scaled_uniform(numbers, minval, maxval, scope)


def scaled_uniform(numbers: Tensor, minval: Any, maxval: Any, scope: str) -> Tensor:
    """Numbers of [0, 1) in [minval, maxval)."""
    width = make(Sub, maxval, minval, name="sub")
    return make(AddV2, make(Mul, numbers, width, name="mul"), minval, name=scope)


@export("random_normal", "random.normal")
def random_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, seed: int | None = None,
                  name: str | None = None) -> Tensor:
    """Normal numbers of the given shape; mean and stddev may be tensors that broadcast with it."""
    return _scaled(RandomStandardNormal, shape, mean, stddev, dtype, seed, name or "random_normal")


@export("truncated_normal", "random.truncated_normal")
def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, seed: int | None = None,
                     name: str | None = None) -> Tensor:
    """As `random_normal`, but numbers more than two standard deviations from the mean are drawn again."""
    return _scaled(TruncatedNormal, shape, mean, stddev, dtype, seed, name or "truncated_normal")


def _scaled(cls: type[RandomOp], shape: Any, mean: Any, stddev: Any, dtype: Any, seed: int | None, name: str) -> Tensor:
    dtype = as_dtype(dtype)
    with context.default_graph().name_scope(name) as scope:
        shape = shape_tensor(shape)
        mean = convert_to_tensor(mean, dtype, "mean")
        stddev = convert_to_tensor(stddev, dtype, "stddev")
        numbers = make(cls, shape, dtype=dtype, **seed_attributes(seed))
        return make(AddV2, make(Mul, numbers, stddev, name="mul"), mean, name=scope)
