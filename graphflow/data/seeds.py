"""The seeds of a dataset's random order, as tensors."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.constant import constant_op
from ..core.convert import convert_to_tensor
from ..core.dtypes import int64
from ..core.tensor import Tensor
from ..ops import functions as F
from ..ops.random.seeds import get_seed


def seed_tensors(seed: Any) -> tuple[Tensor, Tensor]:
    """(seed, seed2), int64; two zeros mean: of the operating system's entropy."""
    first: Any
    second: Any
    first, second = (get_seed(0)[0], seed) if isinstance(seed, Tensor) else get_seed(seed)
    one = convert_to_tensor(0 if first is None else first, int64, "seed")
    if second is None:
        return one, constant_op(0, int64, name="seed2")
    with context.default_graph().name_scope("seed2") as scope:
        two = convert_to_tensor(second, int64)
        both = F.logical_and(F.equal(one, 0), F.equal(two, 0))
        return one, F.where_v2(both, constant_op(2**31 - 1, int64), two, name=scope)
