"""Decoders that look back at the encoder's steps (Vinyals et al. 2015, arXiv:1412.7449)."""
from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from ...core import nest
from ...core.convert import convert_to_tensor
from ...core.export import export
from ...ops.array.basic import reshape, shape
from ...ops.array.fill import zeros
from ...ops.array.joining import concat
from ...ops.array.stacking import stack
from ...ops.conv.conv import conv2d
from ...ops.elementwise.unary import tanh
from ...ops.nn.embedding import embedding_lookup
from ...ops.nn.softmax import softmax
from ...ops.reduce.reduction import reduce_sum
from ...variables.get import get_variable
from ...variables.scope import get_variable_scope, variable_scope
from ..linear import linear
from ..projections import EmbeddingWrapper, OutputProjectionWrapper
from ..static import static_rnn
from .embedded import by_flag, check_projection, fed_back


class _Heads:
    """What is attended to, [batch, steps, size], prepared once for all steps of the decoder."""

    def __init__(self, states: Any, count: int):
        known = states.static
        self.size, self.steps = known[2], known[1] if known[1] is not None else shape(states)[1]
        self.hidden = reshape(states, [-1, self.steps, 1, self.size])
        self.features, self.v = [], []
        for a in range(count):
            kernel = get_variable(f"AttnW_{a}", [1, 1, self.size, self.size], dtype=states.dtype)
            self.features.append(conv2d(self.hidden, kernel, [1, 1, 1, 1], "SAME"))
            self.v.append(get_variable(f"AttnV_{a}", [self.size], dtype=states.dtype))

    def attend(self, query: Any) -> list[Any]:
        """What each head finds, [batch, size]; query: a state, nested or not."""
        flat = nest.flatten(query)
        query = flat[0] if len(flat) == 1 else concat(flat, 1)
        found = []
        for a, (features, v) in enumerate(zip(self.features, self.v, strict=True)):
            with variable_scope(f"Attention_{a}"):
                asked = reshape(linear(query, self.size), [-1, 1, 1, self.size])
                weights = softmax(reduce_sum(v * tanh(features + asked), [2, 3]))
                found.append(reshape(reduce_sum(reshape(weights, [-1, self.steps, 1, 1]) * self.hidden, [1, 2]), [-1, self.size]))
        return found


@export("nn.seq2seq.attention_decoder", "contrib.legacy_seq2seq.attention_decoder")
def attention_decoder(decoder_inputs: Sequence[Any], initial_state: Any, attention_states: Any, cell: Any, output_size: int | None = None,
                      num_heads: int = 1, loop_function: Any = None, dtype: Any = None, scope: Any = None,
                      initial_state_attention: bool = False) -> tuple[list[Any], Any]:
    """(outputs [batch, output_size], state) of a cell that attends to attention_states [batch, steps, size] in each step.

    decoder_inputs: a list of [batch, n]. loop_function: as in rnn_decoder. initial_state_attention: the first step attends by the initial
    state, else it reads zeros; needed where decoding goes on from a state.
    """
    if not decoder_inputs:
        raise ValueError("Must provide at least 1 input to attention decoder.")
    if num_heads < 1:
        raise ValueError("With less than 1 heads, use a non-attention decoder.")
    attention_states = convert_to_tensor(attention_states)
    if attention_states.static is None or len(attention_states.static) != 3 or attention_states.static[2] is None:
        raise ValueError(f"Shape[2] of attention_states must be known: {attention_states.shape}")
    output_size = cell.output_size if output_size is None else output_size
    with variable_scope(scope or "attention_decoder", dtype=dtype):
        heads = _Heads(attention_states, num_heads)
        state, outputs = initial_state, list[Any]()
        if initial_state_attention:
            found = heads.attend(state)
        else:
            nothing = zeros(stack([shape(decoder_inputs[0])[0], heads.size]), dtype=attention_states.dtype)
            nothing.set_shape([None, heads.size])
            found = [nothing] * num_heads
        for i, x in enumerate(decoder_inputs):
            if i:
                get_variable_scope().reuse_variables()
            if loop_function is not None and outputs:
                with variable_scope("loop_function", reuse=True):
                    x = loop_function(outputs[-1], i)
            x = convert_to_tensor(x)
            if x.static is None or x.static[-1] is None:
                raise ValueError(f"Could not infer input size from input: {x.name}")
            output, state = cell(linear([x, *found], x.static[-1]), state)
            with variable_scope(get_variable_scope(), reuse=True if i == 0 and initial_state_attention else None):
                found = heads.attend(state)
            with variable_scope("AttnOutputProjection"):
                outputs.append(linear([output, *found], output_size))
        return outputs, state


@export("nn.seq2seq.embedding_attention_decoder", "contrib.legacy_seq2seq.embedding_attention_decoder")
def embedding_attention_decoder(decoder_inputs: Sequence[Any], initial_state: Any, attention_states: Any, cell: Any, num_symbols: int,
                                embedding_size: int, num_heads: int = 1, output_size: int | None = None, output_projection: Any = None,
                                feed_previous: bool = False, update_embedding_for_previous: bool = True, dtype: Any = None,
                                scope: Any = None, initial_state_attention: bool = False) -> tuple[list[Any], Any]:
    """`attention_decoder` over embedded symbols, int vectors [batch]; arguments as those of embedding_rnn_decoder."""
    output_size = cell.output_size if output_size is None else output_size
    check_projection(output_projection, num_symbols)
    with variable_scope(scope or "embedding_attention_decoder", dtype=dtype):
        embedding = get_variable("embedding", [num_symbols, embedding_size])
        loop = fed_back(embedding, output_projection, update_embedding_for_previous) if feed_previous else None
        return attention_decoder([embedding_lookup(embedding, i) for i in decoder_inputs], initial_state, attention_states, cell,
                                 output_size, num_heads, loop, initial_state_attention=initial_state_attention)


@export("nn.seq2seq.embedding_attention_seq2seq", "contrib.legacy_seq2seq.embedding_attention_seq2seq")
def embedding_attention_seq2seq(encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], cell: Any, num_encoder_symbols: int,
                                num_decoder_symbols: int, embedding_size: int, num_heads: int = 1, output_projection: Any = None,
                                feed_previous: Any = False, dtype: Any = None, scope: Any = None,
                                initial_state_attention: bool = False) -> tuple[list[Any], Any]:
    """(outputs, state) of an encoder over symbols and a decoder that attends to its outputs; arguments as embedding_rnn_seq2seq's."""
    with variable_scope(scope or "embedding_attention_seq2seq", dtype=dtype) as inside:
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        steps, begin = static_rnn(encoder, encoder_inputs, dtype=dtype or inside.dtype)
        attended = concat([reshape(step, [-1, 1, cell.output_size]) for step in steps], 1)
        output_size = None
        if output_projection is None:
            cell, output_size = OutputProjectionWrapper(cell, num_decoder_symbols), num_decoder_symbols
        return by_flag(feed_previous, lambda fed, update: embedding_attention_decoder(
            decoder_inputs, begin, attended, cell, num_decoder_symbols, embedding_size, num_heads, output_size, output_projection, fed,
            update, initial_state_attention=initial_state_attention))
