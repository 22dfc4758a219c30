"""Seeds of stateless draws made from other seeds."""
from __future__ import annotations

import enum
from typing import Any

from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.tensor import Tensor
from ..array.stacking import stack
from .stateless import stateless_random_uniform


@export("random.Algorithm")
class Algorithm(enum.Enum):
    """Generators of random words that stateless functions may be asked for; only Philox exists here."""
    PHILOX = 1
    THREEFRY = 2
    AUTO_SELECT = 3


@export("random.split")
def split(seed: Any, num: int = 2, alg: Any = "auto_select") -> Tensor:
    """`num` new seeds from one: shape [num, 2], dtype of `seed`."""
    seed = convert_to_tensor(seed)
    return stateless_random_uniform([num, 2], seed, None, None, seed.dtype, alg=alg)


@export("random.fold_in")
def fold_in(seed: Any, data: Any, alg: Any = "auto_select") -> Tensor:
    """A new seed, shape [2], from a seed and an integer."""
    data = convert_to_tensor(data)
    first = stateless_random_uniform([], seed, None, None, data.dtype, alg=alg)
    return stack([first, data])
