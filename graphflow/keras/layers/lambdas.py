"""Lambda: a function as a layer."""
from __future__ import annotations

import types
from typing import Any

import graphflow as tf

from ...core.export import export
from ..engine.layer import Layer
from ..utils.functions import func_dump, func_load
from ..utils.objects import deserialize_keras_object, has_arg


@export("keras.layers.Lambda")
class Lambda(Layer):
    """function(inputs, **arguments). output_shape: without the batch, or a function of the input's shape, where it cannot be told."""

    def __init__(self, function: Any, output_shape: Any = None, mask: Any = None, arguments: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.function, self._output_shape, self.mask, self.arguments = function, output_shape, mask, dict(arguments or {})
        self.supports_masking = mask is not None

    def call(self, inputs: Any, mask: Any = None, training: Any = None) -> Any:
        arguments = dict(self.arguments)
        if has_arg(self.function, "mask"):
            arguments["mask"] = mask
        if has_arg(self.function, "training"):
            arguments["training"] = training
        return self.function(inputs, **arguments)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self._output_shape is None:
            return super().compute_output_shape(input_shape)
        if callable(self._output_shape):
            return tf.TensorShape(self._output_shape(tf.TensorShape(input_shape)))
        return tf.TensorShape([tf.TensorShape(input_shape).as_list()[0], *self._output_shape])

    def get_config(self) -> dict[str, Any]:
        function, kind, module = _plain(self.function)
        shape, shape_kind, shape_module = _plain(self._output_shape) if callable(self._output_shape) else (self._output_shape, "raw", None)
        config = {**super().get_config(), "function": function, "function_type": kind, "module": module, "output_shape": shape,
                  "output_shape_type": shape_kind, "output_shape_module": shape_module, "arguments": self.arguments}
        if self.mask is not None:
            config["mask"], config["mask_type"], config["mask_module"] = _plain(self.mask)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A layer from what get_config gave; the code of a lambda is run, so load models only from those you trust."""
        config = dict(config)
        for name in ("function", "output_shape", "mask"):
            kind = config.pop(f"{name}_type", "raw")
            module = config.pop("module" if name == "function" else f"{name}_module", None)
            if name in config:
                config[name] = _restored(config[name], kind, module, custom_objects)
        return cls(**config)


def _plain(function: Any) -> tuple[Any, str, Any]:
    if isinstance(function, types.LambdaType) and function.__name__ == "<lambda>":
        return func_dump(function), "lambda", function.__module__
    if callable(function):
        return function.__name__, "function", function.__module__
    return None, "raw", None


def _restored(value: Any, kind: str, module: Any, custom_objects: Any) -> Any:
    if kind == "function":
        return deserialize_keras_object(value, None, custom_objects, "function in Lambda layer")
    return func_load(value, vars(tf)) if kind == "lambda" else value
