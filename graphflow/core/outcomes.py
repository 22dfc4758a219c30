"""What `make` gives back for an op class, as type checkers see it: one tensor, unless the class derives from one of these two.

A test holds that the signatures agree.
"""
from __future__ import annotations

from .op import Op


class Effect(Op):
    """An op without outputs: `make` gives the Operation."""


class Several(Op):
    """An op of several outputs or of a list of them: `make` gives a named tuple of tensors, or a list."""
