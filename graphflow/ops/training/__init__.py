"""The update ops of optimizers: dense and sparse, by reference and by resource handle, from one formula each."""
from . import adaptive, formulas
from .formulas import OPS, update_op

__all__ = ["OPS", "adaptive", "formulas", "update_op"]
