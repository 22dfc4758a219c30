"""Mirroring and turning images, also at random.

Where the rank of an image is unknown axes are counted from the last one in the graph; TensorFlow makes a `cond` of it.
"""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.tensor import Tensor
from ..array.basic import cast, identity, reshape, shape_internal
from ..array.fill import range as range_
from ..array.grid import reverse
from ..array.indexing import boolean_mask
from ..array.joining import concat
from ..array.layout import rank, transpose
from ..array.select import where
from ..array.stacking import stack
from ..control_flow.flow import with_dependencies
from ..elementwise.comparison import equal, greater_equal, less, logical_and, logical_or
from ..elementwise.division import FloorMod
from ..elementwise.unary import round_
from ..random.distributions import random_uniform
from .dimensions import check_at_least_3d

ROWS, COLS = -3, -2     # axes, counted from the last


def _checked(image: Any) -> Tensor:
    image = convert_to_tensor(image, name="image")
    image = with_dependencies(check_at_least_3d(image, require_static=False), image)
    if image.static is not None and len(image.static) not in (3, 4):
        raise ValueError(f"'image' (shape {image.shape}) must have either 3 or 4 dimensions.")
    return image


def _axis(image: Tensor, axis: int) -> Any:
    """An axis counted from the first: a number if the rank is known."""
    return rank(image) + axis if image.static is None else len(image.static) + axis


def _flip(image: Any, axis: int, scope: str) -> Tensor:
    with context.default_graph().name_scope(scope):
        image = _checked(image)
        return reverse(image, [_axis(image, axis)])


@export("image.flip_left_right")
def flip_left_right(image: Any) -> Tensor:
    """The mirror image. image: [height, width, channels] or [batch, height, width, channels]."""
    return _flip(image, COLS, "flip_left_right")


@export("image.flip_up_down")
def flip_up_down(image: Any) -> Tensor:
    """The image upside down. image: [height, width, channels] or [batch, height, width, channels]."""
    return _flip(image, ROWS, "flip_up_down")


def _random_flip(image: Any, axis: int, seed: int | None, scope: str) -> Tensor:
    with context.default_graph().name_scope(scope):
        image = _checked(image)
        if image.static is None:
            raise NotImplementedError(f"{scope}: the rank of the image is unknown, and without tf.cond (later work) nothing can "
                                      "decide at run whether it is a batch: give it a rank: image.set_shape([None, None, None]).")
        if len(image.static) == 3:
            chosen = less(random_uniform([], 0, 1.0, seed=seed), 0.5)
            return where(chosen, reverse(image, [_axis(image, axis)]), image)
        batch = shape_internal(image)[0]
        numbers = reshape(random_uniform([batch], 0, 1.0, seed=seed), [batch, 1, 1, 1])
        flips = cast(round_(numbers), image.dtype.base_dtype)
        flipped = flips * reverse(image, [_axis(image, axis)])
        return flipped + (1 - flips) * image


@export("image.random_flip_left_right")
def random_flip_left_right(image: Any, seed: int | None = None) -> Tensor:
    """The image, or its mirror image as often. Each image of a [batch, height, width, channels] batch decides for itself."""
    return _random_flip(image, COLS, seed, "random_flip_left_right")


@export("image.random_flip_up_down")
def random_flip_up_down(image: Any, seed: int | None = None) -> Tensor:
    """The image, or as often upside down. Each image of a [batch, height, width, channels] batch decides for itself."""
    return _random_flip(image, ROWS, seed, "random_flip_up_down")


@export("image.transpose_image", "image.transpose")
def transpose_image(image: Any, name: str | None = None) -> Tensor:
    """Rows become columns. image: [height, width, channels] or [batch, height, width, channels]."""
    with context.default_graph().name_scope(name or "transpose"):
        image = _checked(image)
        if image.static is not None:
            return transpose(image, [1, 0, 2] if len(image.static) == 3 else [0, 2, 1, 3], name="transpose")
        count = rank(image)
        return transpose(image, concat([range_(count - 3), stack([count - 2, count - 3, count - 1])], 0), name="transpose")


@export("image.rot90")
def rot90(image: Any, k: Any = 1, name: str | None = None) -> Tensor:
    """The image turned k quarters of a circle anticlockwise.

    image: [height, width, channels] or [batch, height, width, channels]. k: an int, or a scalar int32 tensor.
    TensorFlow makes a `case` of it.
    """
    with context.default_graph().name_scope(name or "rot90") as scope:
        image = _checked(image)
        k = convert_to_tensor(k, int32, name="k")
        k.shape.assert_has_rank(0)
        turns = make(FloorMod, k, 4, name="mod")
        known = constant_value(turns)
        if known is not None and image.static is not None:
            return _turned(image, int(known), scope)
        rows, cols = _axis(image, ROWS), _axis(image, COLS)
        axes = boolean_mask(stack([rows, cols]), stack([greater_equal(turns, 2), logical_and(greater_equal(turns, 1), less(turns, 3))]))
        odd = logical_or(equal(turns, 1), equal(turns, 3))
        order = concat([range_(rows), where(odd, stack([cols, rows]), stack([rows, cols])), stack([cols + 1])], 0)
        return transpose(reverse(image, axes), order, name=scope)


def _turned(image: Tensor, turns: int, scope: str) -> Tensor:
    """An image of known rank turned 0 to 3 quarters."""
    first = len(image.static or ()) - 3
    swapped = [*range(first), first + 1, first, first + 2]
    if turns == 1:
        return transpose(reverse(image, [first + 1]), swapped, name=scope)
    if turns == 3:
        return reverse(transpose(image, swapped), [first + 1], name=scope)
    return reverse(image, [first, first + 1], name=scope) if turns else identity(image, name=scope)
