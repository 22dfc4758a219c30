"""Operations. Importing any of them hangs Python's operators and slicing on Tensor and registers conversions."""
from ..graphdef import methods as methods
from . import operators as operators  # first: the others use operators
from .array import slicing as slicing
from .array import stacking as stacking
from .elementwise import aggregate as aggregate
