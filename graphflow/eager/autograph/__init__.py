"""AutoGraph: `if`, `while` and `for` on tensors inside of a traced function become operations.

`transform` rewrites the source of a function, `statements` and `expressions` are what the rewritten source calls: they look whether a
tensor decides, and let Python go on where none does.
"""
from .convert import converted

__all__ = ["converted"]
