"""What the caller of `tf.gradients` or a tape may choose."""
from __future__ import annotations

import enum

from ..core.export import export


@export("UnconnectedGradients")
class UnconnectedGradients(enum.Enum):
    """What the gradient of y by an unconnected x is: None or zeros."""
    NONE = "none"
    ZERO = "zero"


@export("AggregationMethod")
class AggregationMethod:
    """How gradients of several uses are added up; all give the same numbers up to rounding."""
    ADD_N = 0
    DEFAULT = ADD_N
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2
