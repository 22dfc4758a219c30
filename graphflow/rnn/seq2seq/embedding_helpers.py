"""Helpers that feed a decoder with what it said: the likeliest symbol, or one drawn by its probability."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core import nest
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.export import export
from ...core.tensor import Tensor
from ...ops.array.axes import size as size_of
from ...ops.array.basic import cast
from ...ops.array.tile import tile
from ...ops.control_flow.cond import cond
from ...ops.elementwise.comparison import equal
from ...ops.nn.embedding import embedding_lookup
from ...ops.random.choices import multinomial
from ...ops.reduce.positions import argmax
from ...ops.reduce.reduction import reduce_all
from .helpers import Helper


def lookup(embedding: Any) -> Callable[[Any], Any]:
    """ids -> their vectors, from a function of that kind or from a matrix (or list of parts) of vectors."""
    return embedding if callable(embedding) else lambda ids: embedding_lookup(embedding, ids)


def single(outputs: Any) -> Any:
    """The outputs, if they are one tensor."""
    if not isinstance(outputs, Tensor):
        raise TypeError(f"Expected outputs to be a single Tensor, got: {type(outputs)}")
    return outputs


@export("contrib.seq2seq.GreedyEmbeddingHelper")
class GreedyEmbeddingHelper(Helper):
    """Each step reads the embedding of the symbol that the step before found likeliest, until that is `end_token`, a scalar.

    embedding: a matrix [symbols, size], a list of its parts, or a function of ids. start_tokens: int32 [batch].
    """

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any):
        self._embedding = lookup(embedding)
        self._start_tokens = convert_to_tensor(start_tokens, int32, name="start_tokens")
        self._end_token = convert_to_tensor(end_token, int32, name="end_token")
        if self._start_tokens.static is None or len(self._start_tokens.static) != 1:
            raise ValueError(f"start_tokens must be a vector; {self._start_tokens.name} has shape {self._start_tokens.shape}")
        if self._end_token.static != ():
            raise ValueError(f"end_token must be a scalar; {self._end_token.name} has shape {self._end_token.shape}")
        self._batch_size = size_of(self._start_tokens)
        self._start_inputs = self._embedding(self._start_tokens)

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    def initialize(self, name: str | None = None) -> Any:
        return tile([False], [self._batch_size]), self._start_inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        return cast(argmax(single(outputs), axis=-1), int32)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        finished = equal(sample_ids, self._end_token)
        following = cond(reduce_all(finished), lambda: self._start_inputs, lambda: self._embedding(sample_ids))
        for one, start in zip(nest.flatten(following), nest.flatten(self._start_inputs), strict=True):
            one.set_shape(start.shape)
        return finished, following, state


@export("contrib.seq2seq.SampleEmbeddingHelper")
class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """As GreedyEmbeddingHelper, but symbols are drawn by softmax(outputs / softmax_temperature)."""

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any, softmax_temperature: Any = None, seed: int | None = None):
        super().__init__(embedding, start_tokens, end_token)
        self._temperature, self._seed = softmax_temperature, seed

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        logits = single(outputs) if self._temperature is None else single(outputs) / self._temperature
        return drawn(logits, self._seed)


def drawn(logits: Any, seed: int | None) -> Any:
    """A class for each row of logits [batch, classes], int32 [batch]."""
    return multinomial(logits, 1, seed=seed, output_dtype=int32)[:, 0]
