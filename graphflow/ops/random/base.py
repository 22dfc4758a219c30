"""What the random ops share: shapes given as tensors, a stream per operation and session."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, bfloat16, float16, float32, float64, int32
from ...core.errors import InvalidArgumentError
from ...core.op import Op, Shape
from ...core.operation import Operation
from ...core.run_context import Context
from ...core.tensor import Tensor
from ...core.tensor_shape import Dimension
from ...kernels.namespace import numpy_namespace
from ...kernels.random import Stream
from ...kernels.random.drawing import as_words
from ...kernels.random.philox import BLOCKS_PER_OUTPUT

FLOATING = (float16, bfloat16, float32, float64)


class RandomOp(Op):
    """An op with a stream of its own; its place in it moves on with every run of the session."""
    seed: Any
    seed2: Any
    stateful = True

    def stream(self, ctx: Context) -> Stream:
        return ctx.state(lambda: Stream(self.seed, self.seed2))

    def grad(self, op: Operation, *dy: Any) -> Any:
        return (None,) * len(op.inputs)


class DrawingOp(RandomOp):
    """A random op that only takes its share of the stream; its kernel gets the place and is pure."""
    draws = True

    def blocks(self, shape: Any, *inputs: Any) -> int:
        """How many blocks of the stream one run takes."""
        return sizes_of(shape, None)[1] * BLOCKS_PER_OUTPUT

    def take(self, ctx: Context, blocks: int) -> np.ndarray:
        """The place in the stream of this session, which moves on by so many blocks, as words for kernels.random.drawing."""
        return as_words(self.stream(ctx).reserve(blocks))

    def run(self, ctx: Context, *inputs: Any) -> Any:
        return self.kernel(numpy_namespace, self.take(ctx, self.blocks(*inputs)), *inputs)


def shape_tensor(shape: Any) -> Tensor:
    """A shape argument (sequence, TensorShape, tensor, sequence with tensors) as a tensor named 'shape'."""
    dtype = None
    if isinstance(shape, (tuple, list)):
        dtype = None if shape else int32
        shape = [size.value if isinstance(size, Dimension) else size for size in shape]
    return convert_to_tensor(shape, dtype, "shape")


def static_shape(shape: Any) -> Shape:
    """The static output shape that a static shape input says."""
    return shape.partial if shape.value is None else tuple(int(size) for size in np.ravel(shape.value))


def sizes_of(shape: np.ndarray, op: Any) -> tuple[tuple[int, ...], int]:
    """The sizes in a shape tensor's value, and their product; InvalidArgumentError for a negative one."""
    if shape.ndim != 1:
        raise InvalidArgumentError(None, op, f"shape must be a vector of {{int32,int64}}, got shape {list(shape.shape)}")
    sizes = tuple(int(size) for size in shape)
    if any(size < 0 for size in sizes):
        raise InvalidArgumentError(None, op, f"Dimension {min(sizes)} must be >= 0 in the shape {list(sizes)}")
    return sizes, math.prod(sizes)


def check_dtype(dtype: DType, accepted: tuple[DType, ...]) -> DType:
    """`dtype`, or ValueError when it is not among the accepted ones."""
    if dtype not in accepted:
        names = ", ".join(f"tf.{d.name}" for d in accepted)
        raise ValueError(f"Argument `dtype` got invalid value {dtype}. Accepted dtypes are ({names}).")
    return dtype
