"""Attention: scores of a query against a memory, made into weights of the memory's steps."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...core.dtypes import float32
from ...core.export import export
from ...layers.core import Dense
from ...ops.array.axes import expand_dims, squeeze
from ...ops.elementwise.unary import rsqrt, square, tanh
from ...ops.linalg.matmul import matmul
from ...ops.nn.softmax import softmax
from ...ops.reduce.reduction import reduce_sum
from ...variables.get import get_variable
from ...variables.initializers import Constant, Ones, Zeros
from ...variables.scope import variable_scope
from .memory import Memory


def of_units(num_units: int, name: str, dtype: Any) -> Dense:
    return Dense(num_units, name=name, use_bias=False, dtype=dtype or float32)


def by_softmax(given: Callable[[Any], Any] | None) -> Callable[[Any, Any], Any]:
    """probability_fn(score, state) from one of the score alone; softmax by default."""
    function = given or softmax
    return lambda score, _: function(score)


def dot_score(query: Any, keys: Any, scale: Any) -> Any:
    """Luong's: the products of the query [batch, n] with each key [batch, steps, n]; [batch, steps]."""
    depth, units = query.shape[-1], keys.shape[-1]
    if depth.value is None or depth.value != units.value:
        raise ValueError(f"Incompatible or unknown inner dimensions between query and keys. Query ({query.name}) has units: {depth}. "
                         f"Keys ({keys.name}) have units: {units}. Perhaps you need to set num_units to the query's dimension ({depth})?")
    score = squeeze(matmul(expand_dims(query, 1), keys, transpose_b=True), [1])
    return score if scale is None else scale * score


def sum_score(query: Any, keys: Any, v: Any, g: Any, b: Any) -> Any:
    """Bahdanau's: the sum of v tanh(key + query + b); with g, v is given that length (weight normalisation, arXiv:1602.07868)."""
    total = keys + expand_dims(query, 1)
    if g is None:
        return reduce_sum(v * tanh(total), [2])
    return reduce_sum(g * v * rsqrt(reduce_sum(square(v))) * tanh(total + b), [2])


def dot_scale(query: Any, scale: bool) -> Any:
    """The variable attention_g, a scalar that begins at 1, if asked for."""
    return get_variable("attention_g", shape=(), dtype=query.dtype.base_dtype, initializer=Ones()) if scale else None


def sum_weights(query: Any, num_units: int, normalize: bool) -> tuple[Any, Any, Any]:
    """The variables attention_v and, with normalize, attention_g and attention_b."""
    dtype = query.dtype.base_dtype
    v = get_variable("attention_v", [num_units], dtype=dtype)
    if not normalize:
        return v, None, None
    g = get_variable("attention_g", shape=(), dtype=dtype, initializer=Constant(math.sqrt(1 / num_units)))
    return v, g, get_variable("attention_b", [num_units], dtype=dtype, initializer=Zeros())


@export("contrib.seq2seq.LuongAttention")
class LuongAttention(Memory):
    """Multiplicative attention (Luong, Pham and Manning 2015, arXiv:1508.04025): the query's size must be num_units.

    memory: [batch, steps, size]; memory_sequence_length: [batch], what is behind is masked. scale: multiply scores by a learned scalar.
    probability_fn(scores): softmax by default.
    """

    def __init__(self, num_units: int, memory: Any, memory_sequence_length: Any = None, scale: bool = False,
                 probability_fn: Callable[[Any], Any] | None = None, score_mask_value: Any = None, dtype: Any = None,
                 custom_key_value_fn: Callable[[Any, Any], Any] | None = None, name: str = "LuongAttention"):
        super().__init__(None, memory, by_softmax(probability_fn), memory_sequence_length, of_units(num_units, "memory_layer", dtype),
                         score_mask_value=score_mask_value, custom_key_value_fn=custom_key_value_fn, name=name)
        self._num_units, self._scale, self._name = num_units, scale, name

    def __call__(self, query: Any, state: Any) -> tuple[Any, Any]:
        with variable_scope(None, "luong_attention", [query]):
            alignments = self._probability(dot_score(query, self._keys, dot_scale(query, self._scale)), state)
        return alignments, alignments


@export("contrib.seq2seq.BahdanauAttention")
class BahdanauAttention(Memory):
    """Additive attention (Bahdanau, Cho and Bengio 2015, arXiv:1409.0473): query and memory are projected to num_units.

    Arguments as LuongAttention's; normalize: with weight normalisation.
    """

    def __init__(self, num_units: int, memory: Any, memory_sequence_length: Any = None, normalize: bool = False,
                 probability_fn: Callable[[Any], Any] | None = None, score_mask_value: Any = None, dtype: Any = None,
                 custom_key_value_fn: Callable[[Any, Any], Any] | None = None, name: str = "BahdanauAttention"):
        super().__init__(of_units(num_units, "query_layer", dtype), memory, by_softmax(probability_fn), memory_sequence_length,
                         of_units(num_units, "memory_layer", dtype), score_mask_value=score_mask_value,
                         custom_key_value_fn=custom_key_value_fn, name=name)
        self._num_units, self._normalize, self._name = num_units, normalize, name

    def __call__(self, query: Any, state: Any) -> tuple[Any, Any]:
        with variable_scope(None, "bahdanau_attention", [query]):
            query = self._query_layer(query)
            score = sum_score(query, self._keys, *sum_weights(query, self._num_units, self._normalize))
            alignments = self._probability(score, state)
        return alignments, alignments
