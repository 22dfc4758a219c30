"""String ops that sharded savers need to make the names of their files: joining, and matching a regular expression."""
from __future__ import annotations

import re
from typing import Any

import numpy as np

from graphflow.core import dtypes
from graphflow.core.op import Op, Spec, require
from graphflow.core.shapes import compatible


class StringJoin(Op, sig="inputs: string* -> output: string", host=True):
    """The strings at each place, joined; scalars go with every place."""
    N: int
    separator: str = ""

    def infer(self, *inputs: Spec) -> Spec:
        shape: Any = ()
        for spec in inputs:
            if spec.shape != ():
                require(shape == () or compatible(shape, spec.shape), f"Dimensions must be equal, but are {shape} and {spec.shape}")
                shape = spec.shape
        return Spec(dtypes.string, shape)

    def kernel(self, xp: Any, *inputs: Any) -> Any:
        arrays = np.broadcast_arrays(*(np.asarray(item, object) for item in inputs))
        joined = np.empty(arrays[0].shape, object)
        glue = self.separator.encode()
        for index in np.ndindex(joined.shape):
            joined[index] = glue.join(_bytes(array[index]) for array in arrays)
        return joined


class StaticRegexFullMatch(Op, sig="input: string -> output: bool", host=True):
    """Whether each string matches the pattern as a whole."""
    pattern: str

    def infer(self, x: Spec) -> Spec:
        return Spec(dtypes.bool, x.shape)

    def kernel(self, xp: Any, x: Any) -> Any:
        pattern, strings = re.compile(self.pattern.encode()), np.asarray(x, object)
        found = np.empty(strings.shape, bool)
        for index in np.ndindex(strings.shape):
            found[index] = pattern.fullmatch(_bytes(strings[index])) is not None
        return found


def _bytes(item: Any) -> bytes:
    return item if isinstance(item, bytes) else str(item).encode()
