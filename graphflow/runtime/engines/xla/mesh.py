"""How arrays lie on several devices: a mesh with named axes, and a rule for each variable and feed.

The compiler (XLA's own partitioner, GSPMD: Xu et al. 2021, arXiv:2105.04663) splits the work accordingly and adds what devices must
exchange; results are those of one device up to rounding, wherever arrays lie.
"""
from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from ....core import errors
from ....plan.complaints import at_op
from ....plan.node import Node
from .values import XlaValue

_AXIS = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*([1-9]\d*)\s*\Z")
_EXAMPLE = 'for example "data=8" or "data=4,model=2"'


class Placement:
    """mesh: "name=size,...", the first axis being the one that batches are split over; "" for one device, where nothing is placed.

    sharding: rules "regular expression=axis,axis" for variables by name, the first that fits whole counts: an axis of the mesh, or nothing,
    per dimension ("embedding.*=model," splits rows). Variables that no rule names are copied to every device. ValueError for a text that
    is none, or names more devices than JAX has.
    """

    def __init__(self, mesh: str = "", sharding: Sequence[str] = ()):
        self.mesh: Mesh | None = None
        self.here: Placement = self              # where runs lie that change no variables
        self.rules: list[tuple[re.Pattern[str], tuple[str | None, ...]]] = []
        if not mesh:
            if sharding:
                raise ValueError(f"sharding rules {list(sharding)} need a mesh, {_EXAMPLE}")
            return
        found = [_AXIS.match(part) for part in mesh.split(",")]
        if None in found:
            raise ValueError(f"mesh={mesh!r} is not a list of name=size, {_EXAMPLE}")
        sizes = {m[1]: int(m[2]) for m in found if m}
        if len(sizes) < len(found):
            raise ValueError(f"mesh={mesh!r} names an axis twice")
        devices, count = jax.devices(), math.prod(sizes.values())
        if count > len(devices):
            raise ValueError(f"mesh={mesh!r} needs {count} devices, JAX has {len(devices)} ({devices[0].platform}); to try it on a CPU, "
                             f"set XLA_FLAGS=--xla_force_host_platform_device_count={count} before the program starts")
        self.mesh = Mesh(np.array(devices[:count]).reshape(tuple(sizes.values())), tuple(sizes))
        self.batch = next(iter(sizes))
        self.rules = [self._rule(text, sizes) for text in sharding]

    @staticmethod
    def _rule(text: str, sizes: dict[str, int]) -> tuple[re.Pattern[str], tuple[str | None, ...]]:
        pattern, equals, axes = text.rpartition("=")
        names = tuple(axis.strip() or None for axis in axes.split(","))
        unknown = [name for name in names if name is not None and name not in sizes]
        if not equals or unknown:
            raise ValueError(f"sharding rule {text!r} is not 'regular expression=axis,axis' with axes of the mesh ({', '.join(sizes)})")
        return re.compile(pattern), names

    def put(self, array: np.ndarray, where: Any) -> Any:
        """A copy of an array, as it lies on devices."""
        return jax.device_put(np.array(array), where)

    def lent(self, value: XlaValue) -> Any:
        """What a run gets of a variable."""
        return value.data

    def variable(self, key: str, shape: tuple[int, ...]) -> Any:
        """Where a variable lies; None without a mesh. ValueError if a rule names an axis that does not divide its size."""
        if self.mesh is None:
            return None
        for pattern, names in self.rules:
            if pattern.fullmatch(key):
                for size, name in zip(shape, names, strict=False):
                    if name is not None and size % self.mesh.shape[name]:
                        raise ValueError(f"variable {key} of shape {shape} cannot be split by {name}={self.mesh.shape[name]}: {size} rows "
                                         f"do not divide")
                return NamedSharding(self.mesh, PartitionSpec(*names[:len(shape)]))
        return NamedSharding(self.mesh, PartitionSpec())

    def feed(self, node: Node) -> Any:
        """Where a fed array lies: split on its first axis. One of a size that the graph knows is copied where it does not divide."""
        if self.mesh is None:
            return None
        parts = self.mesh.shape[self.batch]
        if node.shape and node.shape[0] % parts == 0:
            return NamedSharding(self.mesh, PartitionSpec(self.batch))
        if node.shape and node.source is not None and not node.source.inputs and any_size(node.source.outputs[0].shape):
            below = node.shape[0] // parts * parts
            raise errors.InvalidArgumentError(None, node.source, at_op(node.source, (
                f"a batch of {node.shape[0]} does not divide over {self.batch}={parts} devices; "
                f"{' or '.join(str(n) for n in (below, below + parts) if n)} would")))
        return NamedSharding(self.mesh, PartitionSpec())


def any_size(shape: Any) -> bool:
    """Whether a graph leaves open how many rows a tensor has."""
    return shape.ndims is None or (shape.ndims > 0 and shape.dims[0].value is None)
