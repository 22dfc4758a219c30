"""Models over symbols: inputs are lists of int vectors [batch], embedded; outputs may be fed back."""
from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Sequence
from typing import Any

from ...core import nest
from ...core.convert import convert_to_tensor
from ...core.dtypes import float32
from ...core.export import export
from ...ops.array.basic import stop_gradient
from ...ops.control_flow.cond import cond
from ...ops.linalg.matmul import matmul
from ...ops.nn.bias import bias_add
from ...ops.nn.embedding import embedding_lookup
from ...ops.reduce.positions import argmax
from ...variables.get import get_variable
from ...variables.scope import get_variable_scope, variable_scope
from ..projections import EmbeddingWrapper, OutputProjectionWrapper
from ..static import static_rnn
from .decoders import rnn_decoder, tied_rnn_seq2seq


def fed_back(embedding: Any, output_projection: Any = None, update_embedding: bool = True) -> Callable[[Any, int], Any]:
    """A loop_function: the embedding of the symbol that is likeliest by the output before."""
    def loop_function(previous: Any, _: int) -> Any:
        if output_projection is not None:
            previous = bias_add(matmul(previous, output_projection[0]), output_projection[1])
        found = embedding_lookup(embedding, argmax(previous, 1))
        return found if update_embedding else stop_gradient(found)
    return loop_function


def check_projection(output_projection: Any, num_symbols: int) -> None:
    """ValueError unless it is (weights [n, num_symbols], biases [num_symbols])."""
    if output_projection is not None:
        convert_to_tensor(output_projection[0]).shape.assert_is_compatible_with([None, num_symbols])
        convert_to_tensor(output_projection[1]).shape.assert_is_compatible_with([num_symbols])


def by_flag(feed_previous: Any, decode: Callable[[bool, bool], tuple[list[Any], Any]]) -> tuple[list[Any], Any]:
    """decode(feed_previous, update_embedding), of which a bool tensor chooses when the graph runs."""
    if isinstance(feed_previous, bool):
        return decode(feed_previous, True)

    def branch(fed: bool) -> list[Any]:
        with variable_scope(get_variable_scope(), reuse=None if fed else True):
            outputs, state = decode(fed, False)
        shapes.append((len(outputs), state))
        return [*outputs, *nest.flatten(state)]

    shapes: list[tuple[int, Any]] = []
    flat = cond(feed_previous, lambda: branch(True), lambda: branch(False))
    count, state = shapes[0]
    return list(flat[:count]), nest.pack_sequence_as(state, list(flat[count:])) if nest.is_nested(state) else flat[count]


@export("nn.seq2seq.embedding_rnn_decoder", "contrib.legacy_seq2seq.embedding_rnn_decoder")
def embedding_rnn_decoder(decoder_inputs: Sequence[Any], initial_state: Any, cell: Any, num_symbols: int, embedding_size: int,
                          output_projection: Any = None, feed_previous: bool = False, update_embedding_for_previous: bool = True,
                          scope: Any = None) -> tuple[list[Any], Any]:
    """(outputs, state) of `rnn_decoder` over embedded symbols.

    output_projection: (weights, biases) that make outputs scores of symbols. feed_previous: each step reads the likeliest symbol of the
    step before, so that only the first input counts; gradients reach its embedding with update_embedding_for_previous.
    """
    with variable_scope(scope or "embedding_rnn_decoder"):
        check_projection(output_projection, num_symbols)
        embedding = get_variable("embedding", [num_symbols, embedding_size])
        loop = fed_back(embedding, output_projection, update_embedding_for_previous) if feed_previous else None
        return rnn_decoder([embedding_lookup(embedding, i) for i in decoder_inputs], initial_state, cell, loop_function=loop)


@export("nn.seq2seq.embedding_rnn_seq2seq", "contrib.legacy_seq2seq.embedding_rnn_seq2seq")
def embedding_rnn_seq2seq(encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], cell: Any, num_encoder_symbols: int,
                          num_decoder_symbols: int, embedding_size: int, output_projection: Any = None, feed_previous: Any = False,
                          dtype: Any = None, scope: Any = None) -> tuple[list[Any], Any]:
    """(outputs, state) of an encoder and `embedding_rnn_decoder` after it. Outputs are scores [batch, num_decoder_symbols], or the cell's
    with an output_projection. feed_previous: a bool, or a bool tensor."""
    with variable_scope(scope or "embedding_rnn_seq2seq") as inside:
        if dtype is not None:
            inside.set_dtype(dtype)
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        _, begin = static_rnn(encoder, encoder_inputs, dtype=dtype or inside.dtype)
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)
        return by_flag(feed_previous, lambda fed, update: embedding_rnn_decoder(
            decoder_inputs, begin, cell, num_decoder_symbols, embedding_size, output_projection, fed, update))


@export("nn.seq2seq.embedding_tied_rnn_seq2seq", "contrib.legacy_seq2seq.embedding_tied_rnn_seq2seq")
def embedding_tied_rnn_seq2seq(encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], cell: Any, num_symbols: int,
                               embedding_size: int, num_decoder_symbols: int | None = None, output_projection: Any = None,
                               feed_previous: Any = False, dtype: Any = None, scope: Any = None) -> tuple[list[Any], Any]:
    """As embedding_rnn_seq2seq, with one embedding and one cell for both sides."""
    with variable_scope(scope or "embedding_tied_rnn_seq2seq") as inside:
        if dtype is not None:
            inside.set_dtype(dtype)
        dtype = dtype or inside.dtype or float32
        check_projection(output_projection, num_decoder_symbols or num_symbols)
        embedding = get_variable("embedding", [num_symbols, embedding_size], dtype=dtype)
        encoded, decoded = ([embedding_lookup(embedding, x) for x in side] for side in (encoder_inputs, decoder_inputs))
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols or num_symbols)
        return by_flag(feed_previous, lambda fed, update: tied_rnn_seq2seq(
            encoded, decoded, cell, loop_function=fed_back(embedding, output_projection, update) if fed else None, dtype=dtype))


@export("nn.seq2seq.one2many_rnn_seq2seq", "contrib.legacy_seq2seq.one2many_rnn_seq2seq")
def one2many_rnn_seq2seq(encoder_inputs: Sequence[Any], decoder_inputs_dict: dict[str, Sequence[Any]], enc_cell: Any,
                         dec_cells_dict: dict[str, Any], num_encoder_symbols: int, num_decoder_symbols_dict: dict[str, int],
                         embedding_size: int, feed_previous: Any = False, dtype: Any = None, scope: Any = None) -> tuple[Any, Any]:
    """({name: outputs}, {name: state}): one encoder and a decoder for each name, as for translation into several languages."""
    with variable_scope(scope or "one2many_rnn_seq2seq") as inside:
        if dtype is not None:
            inside.set_dtype(dtype)
        encoder = EmbeddingWrapper(enc_cell, num_encoder_symbols, embedding_size)
        _, begin = static_rnn(encoder, encoder_inputs, dtype=dtype or inside.dtype)
        outputs, states = {}, {}
        for name, decoder_inputs in decoder_inputs_dict.items():
            symbols = num_decoder_symbols_dict[name]
            with variable_scope(f"one2many_decoder_{name}"):
                cell = OutputProjectionWrapper(dec_cells_dict[name], symbols)
                decode = functools.partial(embedding_rnn_decoder, decoder_inputs, begin, cell, symbols, embedding_size, None)
                outputs[name], states[name] = by_flag(feed_previous, decode)
        return outputs, states
