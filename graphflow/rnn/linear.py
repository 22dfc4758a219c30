"""What contrib's cells share: a product with a bias, whose variables stand in the scope that is open."""
from __future__ import annotations

from typing import Any

from ..core import nest
from ..core.convert import convert_to_tensor
from ..ops.array.joining import concat
from ..ops.linalg.matmul import matmul
from ..ops.nn.bias import bias_add
from ..variables.get import get_variable
from ..variables.initializers import Zeros


def linear(parts: Any, size: int, bias: bool = True, initializer: Any = None, bias_initializer: Any = None) -> Any:
    """[parts, joined] kernel + bias, [batch, size]; variables 'kernel' and 'bias' of the present scope. ValueError for parts whose size
    the graph does not know."""
    flat = [convert_to_tensor(part) for part in nest.flatten(parts)]
    rows = []
    for part in flat:
        known = part.static
        if known is None or len(known) != 2 or known[1] is None:
            raise ValueError(f"linear expects [batch, size] with a known size, received {part.name} of shape {part.shape}")
        rows.append(known[1])
    dtype = flat[0].dtype.base_dtype
    kernel = get_variable("kernel", [sum(rows), size], dtype=dtype, initializer=initializer)
    product = matmul(flat[0] if len(flat) == 1 else concat(flat, 1), kernel)
    if not bias:
        return product
    return bias_add(product, get_variable("bias", [size], dtype=dtype, initializer=bias_initializer or Zeros(dtype)))
