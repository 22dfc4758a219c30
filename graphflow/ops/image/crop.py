"""Cutting images and padding them with zeros."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import float32, float64, int32
from ...core.export import export
from ...core.operation import Operation
from ...core.tensor import Tensor
from ..array.axes import squeeze
from ..array.basic import cast, reshape, shape_internal
from ..array.pad import pad
from ..array.slice import slice as slice_
from ..array.stacking import stack
from ..checks.asserts import assert_
from ..control_flow.flow import with_dependencies
from ..elementwise.comparison import equal, logical_or
from ..elementwise.unary import floor
from .dimensions import batched, check, check_at_least_3d, dimensions, greatest, is_tensor, least
from .resize import ResizeMethod, resize_images


@export("image.crop_to_bounding_box")
def crop_to_bounding_box(image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any) -> Tensor:
    """The part of target_height by target_width pixels whose upper left corner is (offset_height, offset_width).

    image: [height, width, channels] or [batch, height, width, channels]. Offsets and sizes may be tensors.
    ValueError (at run InvalidArgumentError) when the part does not lie inside of the image.
    """
    with context.default_graph().name_scope("crop_to_bounding_box"):
        image, is_batch = batched(image)
        checks = check_at_least_3d(image, require_static=False)
        batch, height, width, depth = dimensions(image, 4)
        checks += check(offset_width >= 0, "offset_width must be >= 0.")
        checks += check(offset_height >= 0, "offset_height must be >= 0.")
        checks += check(target_width > 0, "target_width must be > 0.")
        checks += check(target_height > 0, "target_height must be > 0.")
        checks += check(width >= target_width + offset_width, "width must be >= target + offset.")
        checks += check(height >= target_height + offset_height, "height must be >= target + offset.")
        image = with_dependencies(checks, image)
        begin = stack([0, offset_height, offset_width, 0])
        cropped = slice_(image, begin, stack([shape_internal(image)[0], target_height, target_width, shape_internal(image)[3]]))
        cropped.set_shape([None if is_tensor(d) else d for d in (batch, target_height, target_width, depth)])
        return cropped if is_batch else squeeze(cropped, axis=[0])


@export("image.pad_to_bounding_box")
def pad_to_bounding_box(image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any) -> Tensor:
    """The image on a black one of target_height by target_width pixels, its upper left corner at (offset_height, offset_width).

    image: [height, width, channels] or [batch, height, width, channels]. Offsets and sizes may be tensors.
    ValueError (at run InvalidArgumentError) when there is no room for the image.
    """
    with context.default_graph().name_scope("pad_to_bounding_box"):
        image, is_batch = batched(image)
        batch, height, width, depth = dimensions(image, 4)
        after_width = target_width - offset_width - width
        after_height = target_height - offset_height - height
        checks = check_at_least_3d(image, require_static=False)
        checks += check(offset_height >= 0, "offset_height must be >= 0")
        checks += check(offset_width >= 0, "offset_width must be >= 0")
        checks += check(after_width >= 0, "width must be <= target - offset")
        checks += check(after_height >= 0, "height must be <= target - offset")
        image = with_dependencies(checks, image)
        paddings = reshape(stack([0, 0, offset_height, after_height, offset_width, after_width, 0, 0]), [4, 2])
        padded = pad(image, paddings)
        padded.set_shape([None if is_tensor(d) else d for d in (batch, target_height, target_width, depth)])
        return padded if is_batch else squeeze(padded, axis=[0])


@export("image.central_crop")
def central_crop(image: Any, central_fraction: Any) -> Tensor:
    """The middle of an image: `central_fraction` of its height and of its width.

    image: [height, width, channels] or [batch, height, width, channels]. central_fraction: in (0, 1], a number or a scalar tensor.
    """
    with context.default_graph().name_scope("central_crop"):
        image = convert_to_tensor(image, name="image")
        if is_tensor(central_fraction):
            inside = logical_or(central_fraction > 0.0, central_fraction <= 1.0)
            image = with_dependencies([assert_(inside, ["central_fraction must be within (0, 1]"])], image)
        elif not 0.0 < central_fraction <= 1.0:
            raise ValueError(f"central_fraction must be within (0, 1], got {central_fraction}")
        elif central_fraction == 1.0:
            return image
        with_dependencies(check_at_least_3d(image, require_static=False), image)
        rank = None if image.static is None else len(image.static)
        if rank not in (3, 4):
            raise ValueError(f"`image` should either be a Tensor with rank = 3 or rank = 4. Had rank = {rank}.")
        sizes: list[Any] = list((image.static or ())[-3:-1])
        sizes = [shape_internal(image)[rank - 3 + i] if size is None else size for i, size in enumerate(sizes)]
        starts = [_central_start(size, central_fraction) for size in sizes]
        kept = [size - start * 2 for size, start in zip(sizes, starts)]
        first: list[Any] = [0] if rank == 4 else []
        whole: list[Any] = [-1] if rank == 4 else []
        cropped = slice_(image, stack([*first, *starts, 0]), stack([*whole, *kept, -1]))
        cropped.set_shape([*(image.static or ())[:rank - 3], *[None if is_tensor(d) else d for d in kept], (image.static or (None,))[-1]])
        return cropped


def _central_start(size: Any, fraction: Any) -> Any:
    """Where the middle begins on an axis of `size` pixels."""
    if not is_tensor(size) and not is_tensor(fraction):
        return int((size - size * float(fraction)) / 2)
    wide = cast(size, float64)
    return cast((wide - wide * cast(fraction, float64)) / 2, int32)


@export("image.resize_image_with_crop_or_pad", "image.resize_with_crop_or_pad")
def resize_image_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Tensor:
    """An image of target_height by target_width pixels: its middle where it is too large, black borders where it is too small.

    image: [height, width, channels] or [batch, height, width, channels]. The sizes may be tensors.
    """
    with context.default_graph().name_scope("resize_image_with_crop_or_pad"):
        image, is_batch = batched(image)
        checks = _target_checks(image, target_height, target_width)
        image = with_dependencies(checks, image)
        if is_tensor(target_height):
            target_height = with_dependencies(checks, target_height)
        if is_tensor(target_width):
            target_width = with_dependencies(checks, target_width)
        _, height, width, _ = dimensions(image, 4)
        offset_width, border_width = _crop_and_border(target_width - width)
        offset_height, border_height = _crop_and_border(target_height - height)
        cropped = crop_to_bounding_box(image, offset_height, offset_width, least(target_height, height), least(target_width, width))
        resized = pad_to_bounding_box(cropped, border_height, border_width, target_height, target_width)
        _, height, width, _ = dimensions(resized, 4)
        checks = check(_equal(height, target_height), "resized height is not correct.")
        checks += check(_equal(width, target_width), "resized width is not correct.")
        resized = with_dependencies(checks, resized)
        return resized if is_batch else squeeze(resized, axis=[0])


def _target_checks(image: Tensor, target_height: Any, target_width: Any) -> list[Operation]:
    checks = check_at_least_3d(image, require_static=False)
    checks += check(target_width > 0, "target_width must be > 0.")
    return checks + check(target_height > 0, "target_height must be > 0.")


def _crop_and_border(difference: Any) -> tuple[Any, Any]:
    """(pixels to cut off, pixels to add) before the first, when `difference` pixels are to be added in all."""
    return greatest(-difference // 2, 0), greatest(difference // 2, 0)


def _equal(x: Any, y: Any) -> Any:
    return equal(x, y) if is_tensor(x) or is_tensor(y) else x == y


@export("image.resize_image_with_pad")
def resize_image_with_pad(image: Any, target_height: Any, target_width: Any, method: Any = ResizeMethod.BILINEAR,
                          align_corners: bool = False) -> Tensor:
    """The image resized to fit target_height by target_width pixels, its proportions kept, in the middle of black borders.

    image: [height, width, channels] or [batch, height, width, channels]; method, align_corners: see `tf.image.resize_images`.
    """
    with context.default_graph().name_scope("resize_image_with_pad"):
        image, is_batch = batched(image)
        image = with_dependencies(_target_checks(image, target_height, target_width), image)
        _, height, width, _ = dimensions(image, 4)
        rows, cols = cast(height, float32), cast(width, float32)
        target_rows, target_cols = cast(target_height, float32), cast(target_width, float32)
        ratio = greatest(cols / target_cols, rows / target_rows)
        new_rows, new_cols = rows / ratio, cols / ratio
        size = [cast(floor(new_rows), int32), cast(floor(new_cols), int32)]
        before_rows, before_cols = (target_rows - new_rows) / 2, (target_cols - new_cols) / 2
        before_rows, before_cols = floor(before_rows), floor(before_cols)
        border_height = greatest(0, cast(before_rows, int32))
        border_width = greatest(0, cast(before_cols, int32))
        resized = resize_images(image, size, method, align_corners)
        padded = pad_to_bounding_box(resized, border_height, border_width, target_height, target_width)
        dimensions(padded, 4)
        return padded if is_batch else squeeze(padded, axis=[0])
