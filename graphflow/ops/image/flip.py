"""Mirroring and turning images, also at random. Where only a run knows whether an image is a batch, a `cond` of both."""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.tensor import Tensor
from .. import functions as F
from ..array.axes import rank, transpose
from ..array.basic import cast, reshape, shape_internal
from ..array.grid import reverse
from ..control_flow.flow import with_dependencies
from ..elementwise.comparison import equal, less
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


def _of_rank(image: Tensor, made: Callable[[int], Tensor]) -> Tensor:
    """made(3) for an image, made(4) for a batch of images."""
    if image.static is not None:
        return made(len(image.static))
    result: Tensor = F.cond(equal(rank(image), 3), lambda: made(3), lambda: made(4))
    return result


def _flip(image: Any, axis: int, scope: str) -> Tensor:
    with context.default_graph().name_scope(scope):
        image = _checked(image)
        return _of_rank(image, lambda dims: reverse(image, [dims + axis]))


@export("image.flip_left_right")
def flip_left_right(image: Any) -> Tensor:
    """The mirror image. image: [height, width, channels] or [batch, height, width, channels]."""
    return _flip(image, COLS, "flip_left_right")


@export("image.flip_up_down")
def flip_up_down(image: Any) -> Tensor:
    """The image upside down. image: [height, width, channels] or [batch, height, width, channels]."""
    return _flip(image, ROWS, "flip_up_down")


def _random_flip(image: Any, axis: int, seed: int | None, scope: str) -> Tensor:
    with context.default_graph().name_scope(scope) as whole:
        image = _checked(image)

        def flipped(dims: int) -> Tensor:
            mirrored = functools.partial(reverse, image, [dims + axis])
            if dims == 3:
                chosen = less(random_uniform([], 0, 1.0, seed=seed), 0.5)
                result: Tensor = F.cond(chosen, mirrored, lambda: image, name=whole)
                result.set_shape(image.static)
                return result
            batch = shape_internal(image)[0]
            numbers = reshape(random_uniform([batch], 0, 1.0, seed=seed), [batch, 1, 1, 1])
            flips = cast(round_(numbers), image.dtype.base_dtype)
            return flips * mirrored() + (1 - flips) * image

        return _of_rank(image, flipped)


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
        return _of_rank(image, lambda dims: transpose(image, [*range(dims - 3), dims - 2, dims - 3, dims - 1], name="transpose"))


@export("image.rot90")
def rot90(image: Any, k: Any = 1, name: str | None = None) -> Tensor:
    """The image turned k quarters of a circle anticlockwise.

    image: [height, width, channels] or [batch, height, width, channels]. k: an int, or a scalar int32 tensor.
    """
    with context.default_graph().name_scope(name or "rot90") as scope:
        image = _checked(image)
        k = convert_to_tensor(k, int32, name="k")
        k.shape.assert_has_rank(0)
        turns = make(FloorMod, k, 4, name="mod")
        return _of_rank(image, lambda dims: _turned(image, k, turns, dims, scope))


def _turned(image: Tensor, k: Tensor, turns: Tensor, dims: int, scope: str) -> Tensor:
    """An image of this rank turned k quarters, which are `turns` more than whole circles."""
    cases = [(equal(turns, n), functools.partial(_turned_by, image, n, dims)) for n in (1, 2, 3)]
    result: Tensor = F.case(cases, lambda: image, exclusive=True, name=scope)
    if image.static is not None:
        height, width = image.static[-3:-1]
        known = constant_value(k)
        sizes = [None, None] if known is None else [width, height] if known % 2 else [height, width]
        result.set_shape([*image.static[:-3], *sizes, image.static[-1]])
    return result


def _turned_by(image: Tensor, turns: int, dims: int) -> Tensor:
    """An image of this rank turned 1 to 3 quarters."""
    first = dims - 3
    swapped = [*range(first), first + 1, first, first + 2]
    if turns == 1:
        return transpose(reverse(image, [first + 1]), swapped)
    if turns == 3:
        return reverse(transpose(image, swapped), [first + 1])
    return reverse(image, [first, first + 1])
