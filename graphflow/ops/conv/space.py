"""Blocks of space moved into the batch or the channels and back; dilated convolution and pooling of any rank built on them."""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.deprecation import either
from ...core.dtypes import DType, int32
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.op import Op, Shape, Spec, one_of, one_word, require, require_rank
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import shape_internal
from ..array.joining import concat
from ..array.pad import with_border
from ..array.stacking import stack
from ..dtype_sets import INDEX
from .conv import conv1d, conv2d, conv3d
from .geometry import assemble, channels_first, check_padding, from_last, spatial, to_last
from .pool import avg_pool, avg_pool1d, avg_pool3d, max_pool, max_pool1d, max_pool3d


def _to_batch(xp: Namespace, x: Any, block: Sequence[int], pads: Any) -> Any:
    """[N, space..., rest] -> [prod(block) N, padded space / block..., rest]."""
    block, pads = [int(b) for b in block], [[int(p) for p in pair] for pair in pads]
    m = len(block)
    x = with_border(xp, x, [[0, 0], *pads], np.zeros((), x.dtype))
    split: list[int] = []
    for n, b in zip(x.shape[1:], block):
        if n % b:
            raise ValueError(f"padded_shape[{len(split) // 2}]={n} is not divisible by block_shape[{len(split) // 2}]={b}")
        split += [n // b, b]
    rest = x.shape[1 + m:]
    order = [*range(2, 2 * m + 1, 2), 0, *range(1, 2 * m, 2), *range(2 * m + 1, 2 * m + 1 + len(rest))]
    moved = xp.transpose(xp.reshape(x, (x.shape[0], *split, *rest)), order)
    return xp.reshape(moved, (x.shape[0] * math.prod(block), *split[::2], *rest))


def _to_space(xp: Namespace, x: Any, block: Sequence[int], crops: Any) -> Any:
    """The reverse of _to_batch: crops instead of pads."""
    block = [int(b) for b in block]
    m, count = len(block), int(np.prod(block, dtype=np.int64))
    rest, space = x.shape[1 + m:], x.shape[1:1 + m]
    x = xp.reshape(x, (*block, x.shape[0] // count, *space, *rest))
    order = [m]
    for i in range(m):
        order += [m + 1 + i, i]
    x = xp.transpose(x, [*order, *range(2 * m + 1, len(x.shape))])
    x = xp.reshape(x, (x.shape[0], *[n * b for n, b in zip(space, block)], *rest))
    return x[(slice(None), *[slice(int(a), n - int(b)) for (a, b), n in zip(crops, x.shape[1:])])]


def _moved(shape: Shape, block: Any, edges: Any, into_batch: bool) -> Shape:
    """Static result shape of the two kernels above."""
    if block.value is None:
        blocks = block.shape[0] if block.shape else None
        if shape is None or blocks is None:
            return None if shape is None else (None,) * len(shape)
        return (*(None,) * (1 + blocks), *shape[1 + blocks:])
    sizes = [int(b) for b in np.ravel(block.value)]
    for i, b in enumerate(sizes):
        require(b >= 1, f"block_shape must be positive: block_shape[{i}] = {b}")
    for lo, hi in () if edges.value is None else edges.value:
        require(lo >= 0 and hi >= 0, f"{'paddings' if into_batch else 'crops'} cannot be negative: [{lo}, {hi}]")
    if shape is None:
        return None
    total, m = int(np.prod(sizes, dtype=np.int64)), len(sizes)
    require(len(shape) >= 1 + m, f"Shape must be at least rank {1 + m} but is rank {len(shape)}")
    batch, out = shape[0], list[int | None]()
    for i, b in enumerate(sizes):
        n = shape[1 + i]
        if edges.value is None or n is None:
            out.append(None)
            continue
        lo, hi = (int(e) for e in edges.value[i])
        if into_batch:
            require((n + lo + hi) % b == 0, f"Dimension size must be evenly divisible by {b} but is {n + lo + hi}")
            out.append((n + lo + hi) // b)
        else:
            require(n * b >= lo + hi, f"cropped size must be non-negative but is {n * b - lo - hi}")
            out.append(n * b - lo - hi)
    if batch is not None:
        require(into_batch or batch % total == 0, f"Dimension size must be evenly divisible by {total} but is {batch}")
        batch = batch * total if into_batch else batch // total
    return (batch, *out, *shape[1 + m:])


class SpaceToBatchND(Op, sig="input: T, block_shape: Tblock_shape, paddings: Tpaddings -> output: T",
                     static={"block_shape": 1, "paddings": 2}):
    """Blocks of the spatial axes become entries of the batch."""
    T: DType
    Tblock_shape: DType = one_of(INDEX, default=int32)
    Tpaddings: DType = one_of(INDEX, default=int32)

    def infer(self, x: Spec, block: Any, pads: Any) -> Spec:
        return Spec(self.T, _moved(x.shape, block, pads, True))

    def kernel(self, xp: Namespace, x: Any, block: Any, pads: Any) -> Any:
        return _to_batch(xp, x, block, pads)

    def grad(self, op: Operation, dy: Any) -> Any:
        return make(BatchToSpaceND, dy, op.inputs[1], op.inputs[2]), None, None


class BatchToSpaceND(Op, sig="input: T, block_shape: Tblock_shape, crops: Tcrops -> output: T", static={"block_shape": 1, "crops": 2}):
    """Entries of the batch become blocks of the spatial axes."""
    T: DType
    Tblock_shape: DType = one_of(INDEX, default=int32)
    Tcrops: DType = one_of(INDEX, default=int32)

    def infer(self, x: Spec, block: Any, crops: Any) -> Spec:
        return Spec(self.T, _moved(x.shape, block, crops, False))

    def kernel(self, xp: Namespace, x: Any, block: Any, crops: Any) -> Any:
        return _to_space(xp, x, block, crops)

    def grad(self, op: Operation, dy: Any) -> Any:
        return make(SpaceToBatchND, dy, op.inputs[1], op.inputs[2]), None, None


class SpaceToDepth(Op, sig="input: T -> output: T"):
    """Blocks of the spatial axes become channels."""
    least = {"block_size": 2}
    T: DType
    block_size: int
    data_format: str = one_word("NHWC", "NCHW", "NCHW_VECT_C", default="NHWC")

    def infer(self, x: Spec) -> Spec:
        require(self.block_size >= 2, f"Value for attr 'block_size' of {self.block_size} must be at least minimum 2")
        require_rank(x, 4)
        if x.shape is None:
            return Spec(self.T, (None,) * 4)
        b, axis = self.block_size, 1 if channels_first(self.data_format) else 3
        require(all(n is None or n % b == 0 for n in spatial(x.shape, self.data_format)),
                f"Dimension size must be evenly divisible by {b} but is {spatial(x.shape, self.data_format)}")
        depth = x.shape[axis]
        space = [None if n is None else n // b for n in spatial(x.shape, self.data_format)]
        return Spec(self.T, assemble(x.shape[0], space, None if depth is None else depth * b * b, self.data_format))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        x, b = to_last(xp, x, self.data_format), self.block_size
        n, h, w, c = x.shape
        y = xp.transpose(xp.reshape(x, (n, h // b, b, w // b, b, c)), (0, 1, 3, 2, 4, 5))
        return from_last(xp, xp.reshape(y, (n, h // b, w // b, b * b * c)), self.data_format)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (make(DepthToSpace, dy, block_size=self.block_size, data_format=self.data_format),)


class DepthToSpace(Op, sig="input: T -> output: T"):
    """Channels become blocks of the spatial axes."""
    least = {"block_size": 2}
    T: DType
    block_size: int
    data_format: str = one_word("NHWC", "NCHW", "NCHW_VECT_C", default="NHWC")

    def infer(self, x: Spec) -> Spec:
        require(self.block_size >= 2, f"Value for attr 'block_size' of {self.block_size} must be at least minimum 2")
        require_rank(x, 4)
        if x.shape is None:
            return Spec(self.T, (None,) * 4)
        b = self.block_size
        depth = x.shape[1 if channels_first(self.data_format) else 3]
        require(depth is None or depth % (b * b) == 0, f"Dimension size must be evenly divisible by {b * b} but is {depth}")
        space = [None if n is None else n * b for n in spatial(x.shape, self.data_format)]
        return Spec(self.T, assemble(x.shape[0], space, None if depth is None else depth // (b * b), self.data_format))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        x, b = to_last(xp, x, self.data_format), self.block_size
        n, h, w, c = x.shape
        y = xp.transpose(xp.reshape(x, (n, h, w, b, b, c // (b * b))), (0, 1, 3, 2, 4, 5))
        return from_last(xp, xp.reshape(y, (n, h * b, w * b, c // (b * b))), self.data_format)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (make(SpaceToDepth, dy, block_size=self.block_size, data_format=self.data_format),)


@export("space_to_batch_nd", "manip.space_to_batch_nd")
def space_to_batch_nd(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Tensor:
    """Pads the axes after the batch, cuts them into blocks of block_shape and moves the place inside a block into the batch."""
    return make(SpaceToBatchND, input, block_shape, paddings, name=name)


@export("batch_to_space_nd", "manip.batch_to_space_nd")
def batch_to_space_nd(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Tensor:
    """The reverse of space_to_batch_nd; crops are cut off at the end."""
    return make(BatchToSpaceND, input, block_shape, crops, name=name)


@export("space_to_batch", "nn.space_to_batch")
def space_to_batch(input: Any, paddings: Any, block_size: Any = None, name: str | None = None, block_shape: Any = None) -> Tensor:
    """space_to_batch_nd with square blocks of block_size over height and width."""
    block_size = either(block_size, block_shape, "block_size", "block_shape")
    result = space_to_batch_nd(input, np.array([block_size, block_size], dtype=np.int64), paddings, name=name)
    if result.static is None:
        result.set_shape((None,) * 4)
    return result


@export("batch_to_space")
def batch_to_space(input: Any, crops: Any, block_size: Any, name: str | None = None, block_shape: Any = None) -> Tensor:
    """The reverse of space_to_batch."""
    block_size = either(block_size, block_shape, "block_size", "block_shape")
    result = batch_to_space_nd(input, np.array([block_size, block_size], dtype=np.int64), crops, name=name)
    if result.static is None:
        result.set_shape((None,) * 4)
    return result


@export("space_to_depth", "nn.space_to_depth")
def space_to_depth(input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC") -> Tensor:
    """[batch, height, width, channels] -> [batch, height / b, width / b, channels * b * b]."""
    return make(SpaceToDepth, input, name=name, block_size=block_size, data_format=data_format)


@export("depth_to_space", "nn.depth_to_space")
def depth_to_space(input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC") -> Tensor:
    """[batch, height, width, channels] -> [batch, height * b, width * b, channels / (b * b)]."""
    return make(DepthToSpace, input, name=name, block_size=block_size, data_format=data_format)


@export("required_space_to_batch_paddings")
def required_space_to_batch_paddings(input_shape: Any, block_shape: Any, base_paddings: Any = None, name: str | None = None) -> Any:
    """(paddings, crops): base_paddings with more after each axis until it divides by its block, and what to crop afterwards.

    input_shape, block_shape [m] and base_paddings [m, 2]: what is known while the graph is built becomes constants.
    """
    with context.default_graph().name_scope(name or "required_space_to_batch_paddings"):
        shape = convert_to_tensor(input_shape, int32, "input_shape")
        if constant_value(shape) is None:
            return _paddings_at_run(shape, convert_to_tensor(block_shape, int32, "block_shape"), base_paddings)
        known = _known(shape, "input_shape")
        block = _known(block_shape, "block_shape")
        base = np.zeros((len(block), 2), np.int64) if base_paddings is None else \
            _known(convert_to_tensor(base_paddings, int32, "base_paddings"), "base_paddings")
        more = (-(known + base.sum(1))) % block
        pads = np.stack([base[:, 0], base[:, 1] + more], 1)
        crops = np.stack([np.zeros_like(more), more], 1)
        return constant_op(pads.tolist(), int32, name="paddings"), constant_op(crops.tolist(), int32, name="crops")


def _paddings_at_run(shape: Tensor, block: Tensor, base: Any) -> tuple[Tensor, Tensor]:
    """The same, computed from sizes that only a run knows."""
    count = (block.static or shape.static or (None,))[0]
    if count is None:
        raise ValueError("required_space_to_batch_paddings: the length of block_shape must be known; give it a static shape")
    base = convert_to_tensor(np.zeros((count, 2), np.int32) if base is None else base, int32, "base_paddings")
    start, end = base[:, 0], base[:, 1]
    more = (block - (shape + start + end) % block) % block
    end = end + more
    pads = stack([[start[i], end[i]] for i in range(count)], name="paddings")
    return pads, stack([[0, more[i]] for i in range(count)], name="crops")


def _known(value: Any, what: str) -> np.ndarray:
    found = constant_value(convert_to_tensor(value, int32)) if not isinstance(value, np.ndarray) else value
    if found is None:
        raise NotImplementedError(f"{what} must be known while the graph is built; give the input a static shape")
    return np.asarray(found, np.int64)


@export("nn.with_space_to_batch")
def with_space_to_batch(input: Any, dilation_rate: Any, padding: Any, op: Callable[..., Tensor], filter_shape: Any = None,
                        spatial_dims: Any = None, data_format: str | None = None) -> Tensor:
    """op(input, num_spatial_dims, padding) with windows dilated by moving blocks of dilation_rate into the batch.

    padding "SAME" needs filter_shape. op is called as op(tensor, number of spatial axes, "VALID").
    """
    input = convert_to_tensor(input, name="input")
    rate = _known(rates := convert_to_tensor(dilation_rate, int32, "dilation_rate"), "dilation_rate")
    if (rate < 1).any():
        raise ValueError(f"`dilation_rate` must be positive, got {rate.tolist()}")
    first = 2 if (data_format or "").startswith("NC") else 1
    axes = list(range(first, first + len(rate))) if spatial_dims is None else [int(d) for d in spatial_dims]
    if (rate == 1).all():
        return op(input, len(rate), padding)
    if axes != list(range(axes[0], axes[0] + len(axes))):
        raise NotImplementedError("with_space_to_batch over axes that are not neighbours is missing; transpose the input first")
    check_padding(padding)
    base, stacked = np.zeros((len(rate), 2), np.int64), None
    if padding == "SAME":
        if filter_shape is None:
            raise ValueError("filter_shape must be specified for SAME padding")
        filter_shape = convert_to_tensor(filter_shape, int32, "filter_shape")
        reach = (_known(filter_shape, "filter_shape")[:len(rate)] - 1) * rate
        base = np.stack([reach // 2, reach - reach // 2], 1)
        stacked = constant_op(base.tolist(), int32, name="stack")
    block = np.ones(axes[-1], np.int32)
    block[axes[0] - 1:] = rate
    static = input.static
    ones = axes[0] - 1
    if static is None or any(static[a] is None for a in axes):
        sizes = shape_internal(input, optimize=False)
        given = base.astype(np.int32) if stacked is None else stacked
        pads, crops = required_space_to_batch_paddings(stack([sizes[a] for a in axes]), rates, given)
        before = [constant_op([[0, 0]] * ones, int32)] if ones else []
        pads, crops = (concat([*before, each[0:len(rate)]], 0) for each in (pads, crops))
    else:
        pads, crops = required_space_to_batch_paddings([static[a] for a in axes], rate, base if stacked is None else stacked)
        pads, crops = constant_value(pads), constant_value(crops)
        if ones:
            pads, crops = (np.concatenate([[[0, 0]] * ones, each]).astype(np.int32) for each in (pads, crops))
    moved = space_to_batch_nd(input, block, pads)
    return batch_to_space_nd(op(moved, len(rate), "VALID"), block, crops)


@export("nn.convolution")
def convolution(input: Any, filter: Any, padding: Any, strides: Any = None, dilation_rate: Any = None, name: str | None = None,
                data_format: str | None = None, filters: Any = None, dilations: Any = None) -> Tensor:
    """Convolution of one, two or three spatial axes by the rank of the filter; strides and dilation_rate per spatial axis."""
    filter = either(filter, filters, "filter", "filters")
    rate = either(dilation_rate, dilations, "dilation_rate", "dilations")
    with context.default_graph().name_scope(name or "convolution") as scope:
        input, filter = convert_to_tensor(input, name="input"), convert_to_tensor(filter, name="filter")
        shape = filter.static if filter.static is not None else input.static
        if shape is None:
            raise ValueError("rank of input or filter must be known")
        axes = len(shape) - 2
        if axes not in (1, 2, 3):
            raise ValueError(f"`num_spatial_dims` must be 1, 2, or 3. Received: num_spatial_dims={axes}")
        strides = _per_axis(strides, axes, "strides")
        rate = _per_axis(rate, axes, "dilation_rate")
        if max(strides) > 1 and max(rate) > 1:
            raise ValueError(f"strides > 1 not supported in conjunction with dilation_rate > 1. Received: strides={strides} and "
                             f"dilation_rate={rate}")
        first = (data_format or "").startswith("NC")
        if max(rate) > 1:
            def run(x: Tensor, _: Any, padding: Any) -> Tensor:
                return convolution(x, filter, padding, name=scope, data_format=data_format)

            return with_space_to_batch(input, rate, padding, run, filter_shape=list(filter.static or ()), data_format=data_format)
        full = lambda values: [1, 1, *values] if first else [1, *values, 1]  # noqa: E731
        if axes == 1:
            return conv1d(input, filter, strides[0], padding, data_format="NCW" if first else "NWC", name=scope, dilations=rate[0])
        if axes == 2:
            return conv2d(input, filter, full(strides), padding, data_format="NCHW" if first else "NHWC", dilations=full(rate), name=scope)
        return conv3d(input, filter, full(strides), padding, data_format or "NDHWC", full(rate), scope)


def _per_axis(values: Any, axes: int, what: str) -> list[int]:
    values = [1] * axes if values is None else [int(v) for v in (values if hasattr(values, "__iter__") else [values] * axes)]
    if len(values) != axes:
        raise ValueError(f"`len({what})` should be {axes}. Received: {what}={values}")
    if min(values) < 1:
        raise ValueError(f"all values of `{what}` must be positive. Received: {what}={values}")
    return values


@export("nn.atrous_conv2d")
def atrous_conv2d(value: Any, filters: Any, rate: int, padding: Any, name: str | None = None) -> Tensor:
    """conv2d of stride 1 whose filter taps lie `rate` apart."""
    return convolution(value, filters, padding, dilation_rate=[rate, rate], name=name)


@export("nn.atrous_conv2d_transpose")
def atrous_conv2d_transpose(value: Any, filters: Any, output_shape: Any, rate: int, padding: Any, name: str | None = None) -> Tensor:
    """The transpose of atrous_conv2d; filters is [height, width, out, in]."""
    check_padding(padding)
    with context.default_graph().name_scope(name or "atrous_conv2d_transpose") as scope:
        return F.conv2d_transpose(value, filters, output_shape, [1, 1, 1, 1], padding, dilations=[1, rate, rate, 1], name=scope)


@export("nn.pool")
def pool(input: Any, window_shape: Any, pooling_type: str, padding: Any, dilation_rate: Any = None, strides: Any = None,
         name: str | None = None, data_format: str | None = None, dilations: Any = None) -> Tensor:
    """Max ("MAX") or average ("AVG") pool of one, two or three spatial axes; strides and dilation_rate per spatial axis."""
    window = list(window_shape)
    axes = len(window)
    rate = _per_axis(either(dilation_rate, dilations, "dilation_rate", "dilations"), axes, "dilation_rate")
    strides = _per_axis(strides, axes, "strides")
    if max(strides) > 1 and max(rate) > 1:
        raise ValueError("strides > 1 not supported in conjunction with dilation_rate > 1")
    kinds: dict[tuple[str, int], Any] = {("MAX", 1): max_pool1d, ("MAX", 2): max_pool, ("MAX", 3): max_pool3d, ("AVG", 1): avg_pool1d,
                                         ("AVG", 2): avg_pool, ("AVG", 3): avg_pool3d}
    if (pooling_type, axes) not in kinds:
        raise ValueError("Input `pooling_type` must be MAX or AVG and `window_shape` have 1 to 3 entries. "
                         f"Received: {pooling_type}, {window}")
    first = (data_format or "").startswith("NC")
    full_format = {1: "NCW" if first else "NWC", 2: "NCHW" if first else "NHWC", 3: "NCDHW" if first else "NDHWC"}[axes]
    with context.default_graph().name_scope(name or pooling_type.lower() + "_pool") as scope:
        input = convert_to_tensor(input, name="input")

        def run(x: Tensor, _: Any, padding: Any) -> Tensor:
            return kinds[pooling_type, axes](x, window, strides, padding, full_format, name=scope)

        if pooling_type == "AVG" and max(rate) > 1 and padding == "SAME":
            raise ValueError("average pools of dilated windows have no SAME padding, as the padding would count; pad the input yourself")
        return with_space_to_batch(input, rate, padding, run, filter_shape=window, data_format=data_format)
