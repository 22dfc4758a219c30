"""Operations that call functions of a library, run at once."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.op import Op


def run_holder(graph: Any, op_def: Op, inputs: Sequence[Any]) -> Any:
    """The outputs of a call of a library's function."""
    raise NotImplementedError(f"{type(op_def).__name__} of a graph's function cannot be called eagerly yet: wrap it in tf.function")
