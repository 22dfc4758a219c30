"""random_crop: a part of a tensor, of a given size, from a random place."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.export import export
from ...core.make import make
from ...core.tensor import Tensor
from ..array.basic import shape_internal
from ..array.slice import slice as slice_
from ..checks.asserts import assert_
from ..control_flow.flow import with_dependencies
from ..elementwise.binary import AddV2, Sub
from ..elementwise.comparison import greater_equal
from ..elementwise.division import FloorMod
from ..reduce.reduction import reduce_all
from .distributions import random_uniform


@export("random_crop", "image.random_crop")
def random_crop(value: Any, size: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """A part of `value` of shape `size`, from a random place; a size along an axis equal to the whole leaves that axis whole.

    size: one entry per axis, none greater than the value's, else InvalidArgumentError at run.
    """
    with context.default_graph().name_scope(name or "random_crop") as scope:
        value = convert_to_tensor(value, name="value")
        size = convert_to_tensor(size, int32, "size")
        shape = shape_internal(value)
        check = assert_(reduce_all(greater_equal(shape, size)), ["Need value.shape >= size, got ", shape, size], summarize=1000)
        shape = with_dependencies([check], shape)
        limit = make(AddV2, make(Sub, shape, size, name="sub"), 1, name="add")
        numbers = random_uniform(shape_internal(shape), maxval=int32.max, dtype=int32, seed=seed)
        return slice_(value, make(FloorMod, numbers, limit, name="mod"), size, name=scope)
