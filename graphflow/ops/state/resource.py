"""Reading parts of resource variables: rows, elements, the shape."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.constant import constant_op
from ...core.dtypes import DType, int32
from ...core.errors import UnimplementedError
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.tensor import Tensor
from ...core.values import IndexedSlices
from .. import functions as F
from ..array.basic import reshape
from ..array.coordinates import as_rows, in_range, row_numbers
from ..array.indexing import scatter_nd
from ..array.joining import concat
from ..array.layout import expand_dims, size
from ..dtype_sets import INDEX
from .variables import VarHandleOp


class VariableShape(Op, sig="input: @ -> output: out_type"):
    """The shape of a resource variable at run."""
    out_type: DType = one_of(INDEX, default=int32)

    def infer(self, input: Spec) -> Spec:
        return Spec(self.out_type, (None,))

    def kernel(self, xp: Any, input: Any) -> Any:
        return np.array(input.shape, self.out_type.np)

    def grad(self, op: Any, dy: Any) -> Any:
        return (None,)


class ResourceGather(Op, sig="resource: @, indices: Tindices -> output: dtype"):
    """Rows of a resource variable."""
    batch_dims: int = 0
    validate_indices: bool = True
    dtype: DType
    Tindices: DType = one_of(INDEX)

    def infer(self, resource: Spec, indices: Spec) -> Spec:
        return Spec(self.dtype, None)

    def kernel(self, xp: Any, resource: Any, indices: Any) -> Any:
        if self.batch_dims:
            raise UnimplementedError(None, None, "ResourceGather with batch_dims: gather from the variable's value instead")
        return xp.take(resource, in_range(xp, indices, resource.shape[0]), 0)

    def grad(self, op: Any, dy: Any) -> Any:
        handle, indices = op.inputs
        whole = variable_shape(handle)
        count = expand_dims(size(indices), 0)
        values = reshape(dy, concat([count, whole[1:]], 0))
        return IndexedSlices(values, reshape(indices, count), whole), None


class ResourceGatherNd(Op, sig="resource: @, indices: Tindices -> output: dtype"):
    """Elements or slices of a resource variable by coordinates."""
    dtype: DType
    Tindices: DType = one_of(INDEX)

    def infer(self, resource: Spec, indices: Spec) -> Spec:
        return Spec(self.dtype, None)

    def kernel(self, xp: Any, resource: Any, indices: Any) -> Any:
        return xp.take(as_rows(xp, resource, indices.shape[-1]), row_numbers(xp, indices, resource.shape)[0], 0)

    def grad(self, op: Any, dy: Any) -> Any:
        handle, indices = op.inputs
        whole = make(VariableShape, handle, out_type=indices.dtype.base_dtype)
        if len(indices.static or ()) == 2 and indices.static[-1] == 1:
            return IndexedSlices(dy, F.squeeze(indices, -1), whole), None
        return scatter_nd(indices, dy, whole), None


def variable_shape(handle: Tensor, out_type: DType = int32) -> Tensor:
    """The shape of the variable behind a handle; a constant when it is static."""
    op_def = handle.op._op_def
    if isinstance(op_def, VarHandleOp) and op_def.shape is not None and None not in op_def.shape:
        return constant_op(list(op_def.shape), out_type)
    return make(VariableShape, handle, out_type=out_type)
