"""InputLayer and Input: where a graph of layers begins."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.dtypes import as_dtype
from ...core.export import export
from ..backend.settings import floatx
from ..backend.state import get_uid
from ..backend.symbolic import symbolic
from . import op_layer  # noqa: F401  # is entered in history
from .layer import Layer
from .node import Node


@export("keras.layers.InputLayer")
class InputLayer(Layer):
    """A placeholder as a layer. input_shape: without the batch, batch_size (None: any); or batch_input_shape with it; or input_tensor."""

    def __init__(self, input_shape: Any = None, batch_size: int | None = None, dtype: Any = None, input_tensor: Any = None,
                 sparse: bool = False, name: str | None = None, ragged: bool = False, **kwargs: Any):
        if "batch_input_shape" in kwargs:
            shape = kwargs.pop("batch_input_shape")
            if input_shape is not None and shape is not None:
                raise ValueError("Only provide the input_shape OR batch_input_shape argument to InputLayer, not both at the same time.")
            if shape is not None:
                batch_size, input_shape = shape[0], tuple(shape[1:])
        kwargs.pop("optional", None)
        if kwargs:
            raise ValueError(f"Unrecognized keyword arguments: {list(kwargs)}")
        if ragged:
            raise NotImplementedError("Input(ragged=True): ragged tensors are not there; give padded values and a Masking layer.")
        name = name or f"input_{get_uid('input')}"
        if dtype is None:
            dtype = floatx() if input_tensor is None else input_tensor.dtype.base_dtype
        super().__init__(name=name, dtype=as_dtype(dtype).name)
        self.built, self.sparse, self.ragged, self.batch_size = True, sparse, ragged, batch_size
        self.supports_masking = True
        self.is_placeholder = input_tensor is None
        if input_tensor is None:
            rest = None if input_shape is None else tf.TensorShape(input_shape).as_list()
            self._batch_input_shape = None if rest is None else (batch_size, *rest)
            with symbolic():
                make = tf.sparse_placeholder if sparse else tf.placeholder
                input_tensor = make(self._dtype, self._batch_input_shape, name=name)
        else:
            self._batch_input_shape = tuple(input_tensor.shape.as_list())
        self._input_tensor = input_tensor
        _begin(self, input_tensor)

    def get_config(self) -> dict[str, Any]:
        return {"batch_input_shape": self._batch_input_shape, "dtype": self.dtype, "sparse": self.sparse, "ragged": self.ragged,
                "name": self.name, "optional": False}


def _begin(layer: Any, tensor: Any) -> None:
    """The node of an input layer: its own tensor comes in and goes out."""
    node = Node(layer, [], tensor)
    node.input_tensors, node.flat_inputs = tensor, [tensor]


@export("keras.Input", "keras.layers.Input")
def Input(shape: Any = None, batch_size: int | None = None, name: str | None = None, dtype: Any = None, sparse: bool = False,
          tensor: Any = None, ragged: bool = False, **kwargs: Any) -> Any:
    """A tensor that a Model is fed: shape without the batch, or batch_shape with it. tensor: one that is there already.

    Raises ValueError for both or none of the shapes.
    """
    batch_shape = kwargs.pop("batch_shape", None)
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments: {list(kwargs)}")
    if shape is not None and batch_shape is not None:
        raise ValueError("Only provide the `shape` OR `batch_input_shape` argument to Input, not both at the same time.")
    if shape is None and batch_shape is None and tensor is None:
        raise ValueError("Please provide to Input a `shape` or a `tensor` or a `type_spec` argument. Note that `shape` does not include "
                         "the batch dimension.")
    if batch_shape is not None:
        batch_size, shape = batch_shape[0], tuple(batch_shape[1:])
    layer = InputLayer(shape, batch_size, dtype, tensor, sparse, name, ragged)
    return layer._input_tensor
