"""Reading parts of resource variables: rows, elements, the shape."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.constant import constant_op
from ...core.dtypes import DType, int32
from ...core.errors import UnimplementedError
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.values import IndexedSlices
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.axes import expand_dims, size
from ..array.basic import reshape
from ..array.coordinates import as_rows, in_range, row_numbers
from ..array.joining import concat
from ..array.scattering import scatter_nd
from ..dtype_sets import INDEX
from .variables import VarHandleOp


class VariableShape(Op, sig="input: @ -> output: out_type"):
    """The shape of a resource variable at run."""
    out_type: DType = one_of(INDEX, default=int32)

    def infer(self, input: Spec) -> Spec:
        return Spec(self.out_type, (None,))

    def kernel(self, xp: Namespace, input: Any) -> Any:
        return np.array(input.shape, self.out_type.np)

    @classmethod
    def frozen(cls, node: Any, dtype: int) -> Any:
        node.op = "Shape"
        node.attr["T"].type = dtype
        return [node]

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


class ResourceGather(Op, sig="resource: @, indices: Tindices -> output: dtype"):
    """Rows of a resource variable."""
    batch_dims: int = 0
    validate_indices: bool = True
    dtype: DType
    Tindices: DType = one_of(INDEX)

    def infer(self, resource: Spec, indices: Spec) -> Spec:
        return Spec(self.dtype, None)

    def kernel(self, xp: Namespace, resource: Any, indices: Any) -> Any:
        if self.batch_dims:
            raise UnimplementedError(None, None, "ResourceGather with batch_dims: gather from the variable's value instead")
        return xp.take(resource, in_range(xp, indices, resource.shape[0]), 0)

    @classmethod
    def frozen(cls, node: Any, dtype: int) -> Any:
        """GatherV2 along axis 0, which wants the axis as a constant."""
        axis = type(node)(name=f"{node.name}/axis", op="Const")
        zero = axis.attr["value"].tensor
        axis.attr["dtype"].type = zero.dtype = int32.number
        zero.tensor_shape.SetInParent()
        zero.int_val.append(0)
        indices, batch_dims = node.attr["Tindices"].type, node.attr["batch_dims"].i
        node.op = "GatherV2"
        node.attr.clear()
        node.attr["Tparams"].type, node.attr["Tindices"].type, node.attr["Taxis"].type = dtype, indices, int32.number
        node.attr["batch_dims"].i = batch_dims
        node.input.insert(2, axis.name)      # before control inputs
        return [axis, node]

    def grad(self, op: Operation, dy: Any) -> Any:
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

    def kernel(self, xp: Namespace, resource: Any, indices: Any) -> Any:
        return xp.take(as_rows(xp, resource, indices.shape[-1]), row_numbers(xp, indices, resource.shape)[0], 0)

    @classmethod
    def frozen(cls, node: Any, dtype: int) -> Any:
        indices = node.attr["Tindices"].type
        node.op = "GatherNd"
        node.attr.clear()
        node.attr["Tparams"].type, node.attr["Tindices"].type = dtype, indices
        return [node]

    def grad(self, op: Operation, dy: Any) -> Any:
        handle, indices = op.inputs
        whole = make(VariableShape, handle, out_type=indices.dtype.base_dtype)
        known = indices.static
        if known is not None and len(known) == 2 and known[-1] == 1:
            return IndexedSlices(dy, F.squeeze(indices, -1), whole), None
        return scatter_nd(indices, dy, whole), None


def variable_shape(handle: Tensor, out_type: DType = int32) -> Tensor:
    """The shape of the variable behind a handle; a constant when it is static."""
    op_def = handle.op._op_def
    if isinstance(op_def, VarHandleOp) and op_def.shape is not None and None not in op_def.shape:
        return constant_op(list(op_def.shape), out_type)
    return make(VariableShape, handle, out_type=out_type)
