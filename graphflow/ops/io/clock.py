"""The time of a run."""
from __future__ import annotations

import time
from typing import Any

import numpy as np

from ...core.dtypes import float64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec
from ...core.run_context import Context
from ...core.tensor import Tensor


class Timestamp(Op, sig="-> ts: float64", stateful=True):
    """The time of the run, in seconds since 1970."""
    differentiable = False

    def infer(self) -> Spec:
        return Spec(float64, ())

    def run(self, ctx: Context) -> Any:
        return np.float64(time.time())


@export("timestamp")
def timestamp(name: str | None = None) -> Tensor:
    """The time when it is run, in seconds since 1970, float64."""
    return make(Timestamp, name=name)
