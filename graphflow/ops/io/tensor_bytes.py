"""Tensors from and to bytes: raw memory and TensorProto messages."""
from __future__ import annotations

from typing import Any

import numpy as np

from graphflow.core.dtypes import DType, as_dtype, string, uint8, uint16
from graphflow.core.dtypes import bool as bool_type
from graphflow.core.errors import InvalidArgumentError
from graphflow.core.export import export
from graphflow.core.make import make
from graphflow.core.op import Op, Spec, one_of
from graphflow.core.tensor import Tensor
from graphflow.formats import proto
from graphflow.formats.errors import FormatError
from graphflow.formats.proto import parse, to_bytes
from graphflow.formats.tensor_proto import array_from_proto, proto_from_array

from ...kernels.contract import Namespace
from ..dtype_sets import COMPLEX, FLOATING, SIGNED


class DecodeRaw(Op, sig="bytes: string -> output: out_type", host=True):
    """The bytes of strings as numbers; all strings must have one length."""
    differentiable = False

    out_type: DType = one_of(FLOATING, COMPLEX, SIGNED, uint8, uint16, bool_type)
    little_endian: bool = True

    def infer(self, data: Spec) -> Spec:
        return Spec(self.out_type, None if data.shape is None else (*data.shape, None))

    def kernel(self, xp: Namespace, data: Any) -> Any:
        strings = np.asarray(data, object)
        texts = strings.ravel().tolist()
        lengths = set(map(len, texts))
        dtype = self.out_type.np
        if len(lengths) > 1:
            raise InvalidArgumentError(None, None, "DecodeRaw requires input strings to all be the same size, but found sizes "
                                       f"{sorted(lengths)[:4]}")  # fmt: skip
        length = lengths.pop() if lengths else 0
        if length % dtype.itemsize:
            raise InvalidArgumentError(None, None, f"Input to DecodeRaw has length {length} that is not a multiple of {dtype.itemsize}, "
                                       f"the size of {self.out_type.name}")  # fmt: skip
        joined = b"".join(texts)
        if self.out_type is bool_type:
            return (np.frombuffer(joined, np.uint8) != 0).reshape(*strings.shape, -1)
        stored = dtype.newbyteorder("<" if self.little_endian else ">")
        return np.frombuffer(joined, stored).astype(dtype).reshape(*strings.shape, length // dtype.itemsize)


class ParseTensor(Op, sig="serialized: string -> output: out_type", host=True):
    """The tensor of a serialized TensorProto."""
    differentiable = False

    out_type: DType

    def infer(self, serialized: Spec) -> Spec:
        return Spec(self.out_type, None)

    def kernel(self, xp: Namespace, serialized: Any) -> Any:
        try:
            message = parse(np.asarray(serialized, object).item(), proto.TensorProto, "serialized")
            if message.dtype != self.out_type.number:
                found = as_dtype(message.dtype).name if message.dtype else "invalid"
                raise InvalidArgumentError(None, None, f"Type mismatch between parsed tensor ({found}) and dtype ({self.out_type.name})")
            return array_from_proto(message, "serialized")
        except FormatError as error:
            raise InvalidArgumentError(None, None, f"Could not parse `serialized` as TensorProto: {error}") from None


class SerializeTensor(Op, sig="tensor: T -> serialized: string", host=True):
    """The serialized TensorProto of a tensor."""
    differentiable = False

    T: DType

    def infer(self, tensor: Spec) -> Spec:
        return Spec(string, ())

    def kernel(self, xp: Namespace, tensor: Any) -> Any:
        result = np.empty((), object)
        result[()] = to_bytes(proto_from_array(np.asarray(tensor), self.T.number, content=True))
        return result


@export("decode_raw", "io.decode_raw")
def decode_raw(input_bytes: Any = None, out_type: Any = None, little_endian: bool = True, name: Any = None, bytes: Any = None) -> Tensor:
    """The bytes of each string as numbers of `out_type`, in a last dimension of their own. All strings must have one length."""
    data = input_bytes if input_bytes is not None else bytes
    if data is None or out_type is None:
        raise ValueError("Must specify both `input_bytes` and `out_type`.")
    return make(DecodeRaw, data, out_type=as_dtype(out_type), little_endian=little_endian, name=name)


@export("parse_tensor", "io.parse_tensor")
def parse_tensor(serialized: Any, out_type: Any, name: Any = None) -> Tensor:
    """The tensor of a serialized TensorProto of that type."""
    return make(ParseTensor, serialized, out_type=as_dtype(out_type), name=name)


@export("serialize_tensor", "io.serialize_tensor")
def serialize_tensor(tensor: Any, name: Any = None) -> Tensor:
    """The serialized TensorProto of a tensor."""
    return make(SerializeTensor, tensor, name=name)
