"""The op functions and classes of all families, found on first touch: what `grad` methods call, as kernels call `xp`.

    from .. import functions as F
    F.reduce_sum(dy, axis)      a public function, by its TF1 name (the last part of it: `F.conv2d` is tf.nn.conv2d)
    F.TopKV2                    the class of an op type, for `make`; any other upper-case name is a public class

Gradients need functions of every family, so families that imported each other would form one big cycle. Names are found on first
touch in the generated table of public names, hence a module that is imported for its forward op costs nothing for its gradient.
"""
import importlib
from typing import Any

from .._public import api as _api
from ..core.op import load

_SPACES = ("", "math.", "nn.", "linalg.", "image.", "strings.", "sparse.", "random.", "io.", "signal.")


def _where(name: str) -> str:
    for space in _SPACES:
        where = _api.TABLE.get(space + name, "!")
        if "!" not in where and where.startswith("graphflow.ops."):
            return where
    raise AttributeError(f"graphflow.ops has no public function {name!r}: F gives functions by their TF1 names and classes by op type")


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _api.OPS:
        found: Any = load(name)
    else:
        module, _, attribute = _where(name).partition(":")
        found = getattr(importlib.import_module(module), attribute)
    globals()[name] = found
    return found
