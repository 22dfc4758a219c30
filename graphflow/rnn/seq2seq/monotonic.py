"""Monotonic attention (Raffel et al. 2017, arXiv:1704.00784): it moves along the memory and never back."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.export import export
from ...ops.array.axes import transpose
from ...ops.array.basic import cast, shape
from ...ops.array.fill import one_hot, ones, zeros
from ...ops.array.joining import concat
from ...ops.control_flow.sequences import scan
from ...ops.elementwise.clip import clip_by_value
from ...ops.elementwise.unary import exp, log, sigmoid
from ...ops.random.distributions import random_normal
from ...ops.reduce.scans import cumprod, cumsum
from ...ops.scopes import name_scope
from ...variables.get import get_variable
from ...variables.scope import variable_scope
from .attention import dot_scale, dot_score, of_units, sum_score, sum_weights
from .memory import Memory


@export("contrib.seq2seq.safe_cumprod")
def safe_cumprod(x: Any, *args: Any, **kwargs: Any) -> Any:
    """`tf.cumprod` of numbers in [0, 1] by a sum of logarithms, whose gradient has no division by zero; arguments are cumsum's."""
    with name_scope(None, "SafeCumprod", [x]):
        x = convert_to_tensor(x, name="x")
        return exp(cumsum(log(clip_by_value(x, np.finfo(x.dtype.np).tiny, 1)), *args, **kwargs))


@export("contrib.seq2seq.monotonic_attention")
def monotonic_attention(p_choose_i: Any, previous_attention: Any, mode: str) -> Any:
    """The probabilities [batch, steps] of attending to each step, from those of stopping there and the attention of the step before.

    mode: 'recursive', exact and slow; 'parallel', by cumulative sums; 'hard', for probabilities that are 0 or 1.
    """
    p = convert_to_tensor(p_choose_i, name="p_choose_i")
    before = convert_to_tensor(previous_attention, name="previous_attention")
    if mode == "recursive":
        batch = shape(p)[0]
        passed = concat([ones([batch, 1], p.dtype), 1 - p[:, :-1]], 1)
        reached = scan(lambda x, step: step[0] * x + step[1], [transpose(passed), transpose(before)], zeros([batch], p.dtype))
        attention = p * transpose(reached)
        attention.set_shape(p.shape)
        return attention
    if mode == "parallel":
        passed = safe_cumprod(1 - p, axis=1, exclusive=True)
        return p * passed * cumsum(before / clip_by_value(passed, 1e-10, 1.0), axis=1)
    if mode == "hard":
        p *= cumsum(before, axis=1)
        return p * cumprod(1 - p, axis=1, exclusive=True)
    raise ValueError(f"mode must be 'recursive', 'parallel', or 'hard'; received {mode!r}.")


def _probability(noise: float, mode: str, seed: int | None) -> Callable[[Any, Any], Any]:
    def function(score: Any, before: Any) -> Any:
        if noise > 0:
            score += noise * random_normal(shape(score), dtype=score.dtype, seed=seed)
        chosen = cast(score > 0, score.dtype) if mode == "hard" else sigmoid(score)
        return monotonic_attention(chosen, before, mode)
    return function


class _Monotonic(Memory):
    """A mechanism that attends to the first step before its own first one."""

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Any:
        """All on the first step."""
        return one_hot(zeros([batch_size], int32), self.alignments_size, dtype=dtype)

    def _biased(self, score: Any, begin: float) -> Any:
        return score + get_variable("attention_score_bias", dtype=score.dtype.base_dtype, initializer=float(begin))


@export("contrib.seq2seq.BahdanauMonotonicAttention")
class BahdanauMonotonicAttention(_Monotonic):
    """Monotonic attention with Bahdanau's scores. sigmoid_noise: standard deviation of noise on the scores, for training;
    score_bias_init: where the learned bias of the scores begins; mode: of `monotonic_attention`."""

    def __init__(self, num_units: int, memory: Any, memory_sequence_length: Any = None, normalize: bool = False,
                 score_mask_value: Any = None, sigmoid_noise: float = 0.0, sigmoid_noise_seed: int | None = None,
                 score_bias_init: float = 0.0, mode: str = "parallel", dtype: Any = None,
                 custom_key_value_fn: Callable[[Any, Any], Any] | None = None, name: str = "BahdanauMonotonicAttention"):
        super().__init__(of_units(num_units, "query_layer", dtype), memory, _probability(sigmoid_noise, mode, sigmoid_noise_seed),
                         memory_sequence_length, of_units(num_units, "memory_layer", dtype), score_mask_value=score_mask_value,
                         custom_key_value_fn=custom_key_value_fn, name=name)
        self._num_units, self._normalize, self._bias, self._name = num_units, normalize, score_bias_init, name

    def __call__(self, query: Any, state: Any) -> tuple[Any, Any]:
        with variable_scope(None, "bahdanau_monotonic_attention", [query]):
            query = self._query_layer(query)
            score = sum_score(query, self._keys, *sum_weights(query, self._num_units, self._normalize))
            alignments = self._probability(self._biased(score, self._bias), state)
        return alignments, alignments


@export("contrib.seq2seq.LuongMonotonicAttention")
class LuongMonotonicAttention(_Monotonic):
    """Monotonic attention with Luong's scores; arguments as BahdanauMonotonicAttention's, scale as LuongAttention's."""

    def __init__(self, num_units: int, memory: Any, memory_sequence_length: Any = None, scale: bool = False, score_mask_value: Any = None,
                 sigmoid_noise: float = 0.0, sigmoid_noise_seed: int | None = None, score_bias_init: float = 0.0, mode: str = "parallel",
                 dtype: Any = None, custom_key_value_fn: Callable[[Any, Any], Any] | None = None, name: str = "LuongMonotonicAttention"):
        super().__init__(None, memory, _probability(sigmoid_noise, mode, sigmoid_noise_seed), memory_sequence_length,
                         of_units(num_units, "memory_layer", dtype), score_mask_value=score_mask_value,
                         custom_key_value_fn=custom_key_value_fn, name=name)
        self._num_units, self._scale, self._bias, self._name = num_units, scale, score_bias_init, name

    def __call__(self, query: Any, state: Any) -> tuple[Any, Any]:
        with variable_scope(None, "luong_monotonic_attention", [query]):
            score = dot_score(query, self._keys, dot_scale(query, self._scale))
            alignments = self._probability(self._biased(score, self._bias), state)
        return alignments, alignments
