"""The numpy engine: a plan becomes one function of straight-line Python whose ufuncs write into reused buffers."""
from .program import compile_plan

__all__ = ["compile_plan"]
