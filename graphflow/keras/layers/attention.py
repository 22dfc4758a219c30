"""Attention: what a query finds among values, by the likeness of their keys.

Attention: M.-T. Luong and others, 2015. AdditiveAttention: D. Bahdanau and others, 2015. MultiHeadAttention: A. Vaswani and others, 2017.
"""
from __future__ import annotations

import math
from typing import Any

import graphflow as tf

from ...core.export import export
from ..backend.mathematics import in_train_phase
from ..backend.state import learning_phase
from ..engine.layer import Layer
from .arguments import config_of, take


class _Dense(Layer):
    """Attention of queries [batch, Tq, dim] over values [batch, Tv, dim] and keys like these; given as [query, value] or with the keys."""

    def __init__(self, causal: bool = False, dropout: float = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.causal, self.dropout, self.supports_masking = causal, dropout, True

    def _scores(self, query: Any, key: Any) -> Any:
        raise NotImplementedError

    def call(self, inputs: Any, mask: Any = None, training: Any = None, return_attention_scores: bool = False) -> Any:
        self._check(inputs, mask)
        query, value, key = inputs[0], inputs[1], inputs[2] if len(inputs) > 2 else inputs[1]
        scores = self._scores(query, key)
        query_mask, value_mask = (mask[0], mask[1]) if mask else (None, None)
        allowed = None if value_mask is None else tf.expand_dims(value_mask, -2)
        if self.causal:
            sizes = tf.shape(scores)
            lower = tf.greater_equal(tf.expand_dims(tf.range(sizes[-2]), 1), tf.expand_dims(tf.range(sizes[-1]), 0))
            lower = tf.expand_dims(lower, 0)
            allowed = lower if allowed is None else tf.logical_and(allowed, lower)
        if allowed is not None:
            scores = scores - tf.cast(tf.logical_not(allowed), scores.dtype.base_dtype) * (65504.0 if scores.dtype == tf.float16 else 1e9)
        weights = tf.nn.softmax(scores)
        if self.dropout > 0:
            phase = learning_phase() if training is None else training
            whole = weights
            weights = in_train_phase(lambda: tf.nn.dropout(whole, rate=self.dropout), whole, phase)
        found = tf.matmul(weights, value)
        if query_mask is not None:
            found = found * tf.cast(tf.expand_dims(query_mask, -1), found.dtype.base_dtype)
        return (found, weights) if return_attention_scores else found

    def _check(self, inputs: Any, mask: Any) -> None:
        name = type(self).__name__
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(f"{name} layer must be called on a list of inputs, namely [query, value] or [query, value, key]. Received: "
                             f"{inputs}.")
        if not 2 <= len(inputs) <= 3:
            raise ValueError(f"{name} layer accepts inputs list of length 2 or 3, namely [query, value] or [query, value, key]. Received "
                             f"length: {len(inputs)}.")
        if mask is not None and (not isinstance(mask, (list, tuple)) or not 2 <= len(mask) <= len(inputs)):
            raise ValueError(f"{name} layer mask must be a list of the masks of query and value, one for each input, namely [query_mask, "
                             f"value_mask]. Received: {mask}.")

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None if not mask or mask[0] is None else tf.convert_to_tensor(mask[0])

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tf.TensorShape([*tf.TensorShape(input_shape[0]).as_list()[:-1], tf.TensorShape(input_shape[1]).as_list()[-1]])

    def get_config(self) -> dict[str, Any]:
        causal = {"causal": True} if self.causal else {}      # Keras 2.x has no such argument
        return {**super().get_config(), **causal, "dropout": self.dropout}


@export("keras.layers.Attention")
class Attention(_Dense):
    """softmax(query key^T) value. use_scale: the scores times a weight.

    score_mode: 'dot', or 'concat': scores are a weight times the sum of tanh(query + key), the scale inside of the tanh.
    """

    def __init__(self, use_scale: bool = False, score_mode: str = "dot", **kwargs: Any):
        super().__init__(**kwargs)
        if score_mode not in ("dot", "concat"):
            raise ValueError(f"Invalid value for argument score_mode. Expected one of {{'dot', 'concat'}}. Received: {score_mode}")
        self.use_scale, self.score_mode = use_scale, score_mode
        self.scale: Any = None
        self.concat_score_weight: Any = None

    def build(self, input_shape: Any) -> None:
        if self.use_scale:
            self.scale = self.add_weight("scale", (), initializer="ones")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight("concat_score_weight", (), initializer="ones")
        self.built = True

    def _scores(self, query: Any, key: Any) -> Any:
        if self.score_mode == "concat":
            added = tf.expand_dims(query, -2) + tf.expand_dims(key, -3)
            return self.concat_score_weight * tf.reduce_sum(tf.tanh(added if self.scale is None else self.scale * added), axis=-1)
        scores = tf.matmul(query, key, transpose_b=True)
        return scores if self.scale is None else scores * self.scale

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "use_scale": self.use_scale, "score_mode": self.score_mode}


@export("keras.layers.AdditiveAttention")
class AdditiveAttention(_Dense):
    """softmax(sum(tanh(query + key))) value. use_scale: the sum over features is weighted."""

    def __init__(self, use_scale: bool = True, **kwargs: Any):
        super().__init__(**kwargs)
        self.use_scale = use_scale
        self.scale: Any = None

    def build(self, input_shape: Any) -> None:
        if self.use_scale:
            self.scale = self.add_weight("scale", (tf.TensorShape(input_shape[1]).as_list()[-1],), initializer="glorot_uniform")
        self.built = True

    def _scores(self, query: Any, key: Any) -> Any:
        found = tf.tanh(tf.expand_dims(query, -2) + tf.expand_dims(key, -3))
        return tf.reduce_sum(found if self.scale is None else self.scale * found, -1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "use_scale": self.use_scale}


class _Projection(Layer):
    """A product with a kernel by an einsum, and a bias."""

    def __init__(self, equation: str, kernel_shape: Any, bias_shape: Any, like: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self._equation, self._kernel_shape, self._bias_shape = equation, kernel_shape, bias_shape
        self.__dict__["_like"] = like       # which holds this layer: no layer of it

    def build(self, input_shape: Any) -> None:
        like = self._like
        self.kernel = self.add_weight("kernel", self._kernel_shape, initializer=like.kernel_initializer,
                                      regularizer=like.kernel_regularizer, constraint=like.kernel_constraint)
        self.bias = self.add_weight("bias", self._bias_shape, initializer=like.bias_initializer, regularizer=like.bias_regularizer,
                                    constraint=like.bias_constraint) if like.use_bias else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        found = tf.einsum(self._equation, inputs, self.kernel)
        return found if self.bias is None else found + self.bias

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "equation": self._equation}


@export("keras.layers.MultiHeadAttention")
class MultiHeadAttention(Layer):
    """Attention in several heads: call(query, value, key=None, attention_mask=None, return_attention_scores=False).

    query [batch, T, dim], value and key [batch, S, dim]; outputs [batch, T, dim], or output_shape in place of the last axis.
    attention_mask: bool [batch, T, S], or [batch, heads, T, S]. use_causal_mask: no position looks at later ones.
    """
    supports_masking = True

    def __init__(self, num_heads: int, key_dim: int, value_dim: int | None = None, dropout: float = 0.0, use_bias: bool = True,
                 output_shape: int | None = None, attention_axes: Any = None, kernel_initializer: Any = "glorot_uniform",
                 bias_initializer: Any = "zeros", kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        if attention_axes is not None and tuple(attention_axes if isinstance(attention_axes, (list, tuple)) else [attention_axes]) != (1,):
            raise NotImplementedError(f"MultiHeadAttention(attention_axes={attention_axes}): it attends along axis 1 of [batch, time, "
                                      "dim]; reshape the inputs so that it is the one.")
        if output_shape is not None and not isinstance(output_shape, int):
            raise NotImplementedError(f"MultiHeadAttention(output_shape={output_shape}): give one size and reshape the output.")
        self.num_heads, self.key_dim, self.value_dim, self.dropout = num_heads, key_dim, value_dim or key_dim, dropout
        self._size, self._axes = output_shape, attention_axes
        take(self, use_bias=use_bias, kernel_initializer=kernel_initializer, bias_initializer=bias_initializer,
             kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
             bias_constraint=bias_constraint)

    def __call__(self, query: Any, value: Any = None, key: Any = None, **kwargs: Any) -> Any:  # type: ignore[override]
        """The outputs for a query, values and keys (the values where none are given)."""
        if value is None:
            raise TypeError("MultiHeadAttention is called with a query and a value: layer(query, value)")
        return super().__call__(query, value=value, key=value if key is None else key, **kwargs)

    def _make(self, query: Any, value: Any, key: Any) -> None:
        heads = self.num_heads
        for name, x, size in (("query", query, self.key_dim), ("key", key, self.key_dim), ("value", value, self.value_dim)):
            setattr(self, f"_{name}_dense", _Projection("btd,dhk->bthk", (x.static[-1], heads, size), (heads, size), self, name=name))
        width = self._size or query.static[-1]
        self._output_dense = _Projection("bthk,hko->bto", (heads, self.value_dim, width), (width,), self, name="attention_output")

    def call(self, query: Any, value: Any = None, key: Any = None, attention_mask: Any = None, return_attention_scores: bool = False,
             training: Any = None, use_causal_mask: bool = False) -> Any:
        if not hasattr(self, "_output_dense"):
            self._make(query, value, key)
        scaled = self._query_dense(query) * (1.0 / math.sqrt(self.key_dim))
        scores = tf.einsum("bthk,bshk->bhts", scaled, self._key_dense(key))
        allowed = self._allowed(query, value, key, attention_mask, use_causal_mask, scores)
        if allowed is not None:
            scores = scores + (1.0 - tf.cast(allowed, scores.dtype.base_dtype)) * -1e9
        weights = tf.nn.softmax(scores)
        dropped = weights
        if self.dropout > 0:
            phase = learning_phase() if training is None else training
            dropped = in_train_phase(lambda: tf.nn.dropout(weights, rate=self.dropout), weights, phase)
        found = self._output_dense(tf.einsum("bhts,bshk->bthk", dropped, self._value_dense(value)))
        return (found, weights) if return_attention_scores else found

    def _allowed(self, query: Any, value: Any, key: Any, mask: Any, causal: bool, scores: Any) -> Any:
        """What attends to what, bool [batch, heads or 1, T, S]; None: everything to everything."""
        parts = []
        if mask is not None:
            mask = tf.cast(tf.convert_to_tensor(mask), tf.bool)
            parts.append(tf.expand_dims(mask, 1) if len(mask.static) == 3 else mask)
        for x, shape in ((query, lambda m: m[:, None, :, None]), (value, lambda m: m[:, None, None, :]),
                         *([(key, lambda m: m[:, None, None, :])] if key is not value else [])):
            known = getattr(x, "_keras_mask", None)
            if known is not None:
                parts.append(shape(known))
        if causal:
            sizes = tf.shape(scores)
            parts.append(tf.greater_equal(tf.expand_dims(tf.range(sizes[2]), 1), tf.expand_dims(tf.range(sizes[3]), 0))[None, None])
        found = parts[0] if parts else None
        for part in parts[1:]:
            found = tf.logical_and(found, part)
        return found

    def compute_output_shape(self, input_shape: Any) -> Any:
        sizes = tf.TensorShape(input_shape).as_list()
        return tf.TensorShape([*sizes[:-1], self._size or sizes[-1]])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_heads": self.num_heads, "key_dim": self.key_dim, "value_dim": self.value_dim,
                "dropout": self.dropout, "use_bias": self.use_bias, "output_shape": self._size, "attention_axes": self._axes,
                **config_of(self, "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer",
                            "activity_regularizer", "kernel_constraint", "bias_constraint")}
