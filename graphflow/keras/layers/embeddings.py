"""Embedding: vectors for numbers."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..engine.layer import Layer
from .arguments import config_of, take


@export("keras.layers.Embedding")
class Embedding(Layer):
    """Row i of a learned table for each number i: [batch, time] become [batch, time, output_dim]. mask_zero: 0 is no word."""

    def __init__(self, input_dim: int, output_dim: int, embeddings_initializer: Any = "uniform", embeddings_regularizer: Any = None,
                 activity_regularizer: Any = None, embeddings_constraint: Any = None, mask_zero: bool = False, input_length: Any = None,
                 **kwargs: Any):
        if "input_shape" not in kwargs and "batch_input_shape" not in kwargs:
            length = (input_length,) if not isinstance(input_length, (list, tuple)) else tuple(input_length)
            kwargs["input_shape"] = length if input_length is not None else (None,)
        super().__init__(activity_regularizer=activity_regularizer, **{"dtype": kwargs.pop("dtype", tf.keras.backend.floatx()), **kwargs})
        self.input_dim, self.output_dim, self.mask_zero, self.input_length = input_dim, output_dim, mask_zero, input_length
        take(self, embeddings_initializer=embeddings_initializer, embeddings_regularizer=embeddings_regularizer,
             embeddings_constraint=embeddings_constraint)
        self.supports_masking = mask_zero

    def build(self, input_shape: Any) -> None:
        self.embeddings = self.add_weight("embeddings", (self.input_dim, self.output_dim), initializer=self.embeddings_initializer,
                                          regularizer=self.embeddings_regularizer, constraint=self.embeddings_constraint)
        self.built = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return tf.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        sizes = tf.TensorShape(input_shape).as_list()
        if self.input_length is None:
            return tf.TensorShape([*sizes, self.output_dim])
        lengths = list(self.input_length) if isinstance(self.input_length, (list, tuple)) else [self.input_length]
        if len(lengths) != len(sizes) - 1:
            raise ValueError(f'"input_length" is {self.input_length}, but received input has shape {tuple(sizes)}')
        return tf.TensorShape([sizes[0], *(a if a is not None else b for a, b in zip(lengths, sizes[1:])), self.output_dim])

    def call(self, inputs: Any) -> Any:
        if inputs.dtype.base_dtype not in (tf.int32, tf.int64):
            inputs = tf.cast(inputs, tf.int32)
        return tf.nn.embedding_lookup(self.embeddings, inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **config_of(self, "input_dim", "output_dim", "embeddings_initializer", "embeddings_regularizer",
                                                    "activity_regularizer", "embeddings_constraint", "mask_zero", "input_length")}
