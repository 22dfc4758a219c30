"""Functions of numpy arrays that compiled code calls back on the host."""
from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import jax
from jax.sharding import Mesh, PartitionSpec

_now = threading.local()


@contextlib.contextmanager
def for_each_of(mesh: Mesh) -> Iterator[None]:
    """While a plan of several hosts is traced: each host calls its own functions, so that none waits for another one's results."""
    before, _now.mesh = getattr(_now, "mesh", None), mesh
    try:
        yield
    finally:
        _now.mesh = before


def call_back(function: Callable[..., Any], kinds: Any, args: Any) -> Any:
    """What a function gives, called once the arrays are known; kinds: shapes and types of its results. It has no other effect."""
    def called(*arrays: Any) -> Any:
        return jax.pure_callback(function, kinds, *arrays, vmap_method="sequential")

    mesh = getattr(_now, "mesh", None)
    if mesh is None:
        return called(*args)
    return jax.shard_map(called, mesh=mesh, in_specs=PartitionSpec(), out_specs=PartitionSpec(), check_vma=False)(*args)
