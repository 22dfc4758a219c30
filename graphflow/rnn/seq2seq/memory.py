"""What attention looks at: a memory of steps, masked behind the sequences' ends, with the keys made from it."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core import context, nest
from ...core.convert import convert_to_tensor
from ...core.dtypes import as_dtype, float32
from ...core.export import export
from ...layers.base import Layer
from ...ops.array.basic import identity, reshape, shape
from ...ops.array.fill import ones, ones_like
from ...ops.array.grid import sequence_mask
from ...ops.array.joining import concat
from ...ops.array.select import where
from ...ops.checks.asserts import assert_positive
from ...ops.scopes import name_scope
from ..state import zero_state_of


@export("contrib.seq2seq.AttentionMechanism")
class AttentionMechanism:
    """Base of mechanisms: called with (query [batch, size], state), they give (alignments [batch, steps of the memory], next state)."""

    @property
    def alignments_size(self) -> Any:
        """How many steps the memory has."""
        raise NotImplementedError(f"{type(self).__name__} does not define alignments_size")

    @property
    def state_size(self) -> Any:
        """The shape of the state, without the batch."""
        raise NotImplementedError(f"{type(self).__name__} does not define state_size")


class Memory(AttentionMechanism):
    """A mechanism over a memory [batch, steps, size]: values, zero behind the sequences' ends, and keys made from them.

    probability_fn(scores, state): the alignments; scores behind a sequence's end are `score_mask_value` (minus infinity) before.
    custom_key_value_fn(keys, values): other keys and values.
    """

    def __init__(self, query_layer: Any, memory: Any, probability_fn: Callable[[Any, Any], Any], memory_sequence_length: Any = None,
                 memory_layer: Any = None, check_inner_dims_defined: bool = True, score_mask_value: Any = None,
                 custom_key_value_fn: Callable[[Any, Any], Any] | None = None, name: str | None = None):
        for what, layer in (("query_layer", query_layer), ("memory_layer", memory_layer)):
            if layer is not None and not isinstance(layer, Layer):
                raise TypeError(f"{what} is not a Layer: {type(layer).__name__}")
        if not callable(probability_fn):
            raise TypeError(f"probability_fn must be callable, saw type: {type(probability_fn).__name__}")
        self._query_layer, self._memory_layer, self.dtype = query_layer, memory_layer, as_dtype(memory_layer.dtype or float32)
        if score_mask_value is None:
            score_mask_value = self.dtype.np.type(-np.inf)
        with name_scope(name, "BaseAttentionMechanismInit", nest.flatten(memory)):
            lengths = None
            if memory_sequence_length is not None:
                lengths = convert_to_tensor(memory_sequence_length, name="memory_sequence_length")
            self._probability = lambda score, state: probability_fn(_masked(score, lengths, score_mask_value), state)
            self._values = _prepared(memory, lengths, check_inner_dims_defined)
            self._keys = self._values if memory_layer is None else memory_layer(self._values)
            if custom_key_value_fn is not None:
                self._keys, self._values = custom_key_value_fn(self._keys, self._values)
            known = self._keys.static or (None, None)
            self._batch_size = shape(self._keys)[0] if known[0] is None else known[0]
            self._alignments_size = shape(self._keys)[1] if known[1] is None else known[1]

    @property
    def memory_layer(self) -> Any:
        return self._memory_layer

    @property
    def query_layer(self) -> Any:
        return self._query_layer

    @property
    def values(self) -> Any:
        """[batch, steps, size]."""
        return self._values

    @property
    def keys(self) -> Any:
        """[batch, steps, num_units]."""
        return self._keys

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    @property
    def alignments_size(self) -> Any:
        return self._alignments_size

    @property
    def state_size(self) -> Any:
        return self._alignments_size

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Any:
        """What a wrapper's first step takes for the alignments before it: zeros [batch, steps]."""
        return zero_state_of(self._alignments_size, batch_size, dtype)

    def initial_state(self, batch_size: Any, dtype: Any) -> Any:
        """The state before the first step: the initial alignments."""
        return self.initial_alignments(batch_size, dtype)


def _prepared(memory: Any, lengths: Any, check_inner: bool) -> Any:
    memory = convert_to_tensor(memory, name="memory")
    known = memory.static
    if check_inner and (known is None or len(known) < 3 or None in known[2:]):
        raise ValueError(f"Expected memory {memory.name} to have fully defined inner dims, but saw shape: {memory.shape}")
    if lengths is None:
        return memory
    mask = sequence_mask(lengths, maxlen=shape(memory)[1], dtype=memory.dtype)
    rest = len(known) - 2 if known is not None else None
    tail = ones([rest], "int32") if rest is not None else ones([shape(shape(memory))[0] - 2], "int32")
    return memory * reshape(mask, concat([shape(mask), tail], 0))


def _masked(score: Any, lengths: Any, value: Any) -> Any:
    if lengths is None:
        return score
    check = assert_positive(lengths, message="All values in memory_sequence_length must greater than zero.")
    with context.default_graph().control_dependencies([check]):
        inside = sequence_mask(identity(lengths), maxlen=shape(score)[1])
    return where(inside, score, value * ones_like(score))
