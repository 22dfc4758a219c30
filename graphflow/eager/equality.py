"""`==` and `!=` of tensors as TensorFlow 2 has them: element by element."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.convert import convert_to_tensor
from ..core.errors import InvalidArgumentError
from ..core.shapes import compatible
from ..ops.elementwise.comparison import equal, not_equal


def compare(x: Any, y: Any, how: str) -> Any:
    """A tensor of booleans; False (of !=: True) where the shapes do not broadcast or y is no tensor's value."""
    try:
        other = convert_to_tensor(y, x.dtype)
    except (TypeError, ValueError):
        return how != "equal"
    try:
        return equal(x, other) if how == "equal" else not_equal(x, other)
    except (InvalidArgumentError, ValueError):
        if context.default_graph().eager and compatible(x._spec.shape, other._spec.shape):
            raise
        return how != "equal"
