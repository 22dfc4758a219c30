"""Models without embeddings: a decoder, and encoders before it."""
from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from ...core.dtypes import float32
from ...core.export import export
from ...variables.scope import get_variable_scope, variable_scope
from ..static import static_rnn


@export("nn.seq2seq.rnn_decoder", "contrib.legacy_seq2seq.rnn_decoder")
def rnn_decoder(decoder_inputs: Sequence[Any], initial_state: Any, cell: Any, loop_function: Any = None,
                scope: Any = None) -> tuple[list[Any], Any]:
    """(the outputs of a cell over a list of inputs [batch, size], the last state).

    loop_function(output, i): the input of step i from the output before; decoder_inputs are then used for the first step only.
    """
    with variable_scope(scope or "rnn_decoder"):
        state, outputs = initial_state, list[Any]()
        for i, value in enumerate(decoder_inputs):
            if loop_function is not None and outputs:
                with variable_scope("loop_function", reuse=True):
                    value = loop_function(outputs[-1], i)
            if i:
                get_variable_scope().reuse_variables()
            output, state = cell(value, state)
            outputs.append(output)
        return outputs, state


@export("nn.seq2seq.basic_rnn_seq2seq", "contrib.legacy_seq2seq.basic_rnn_seq2seq")
def basic_rnn_seq2seq(encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], cell: Any, dtype: Any = float32,
                      scope: Any = None) -> tuple[list[Any], Any]:
    """(outputs, state) of `rnn_decoder` that begins with the state of an encoder; the two have variables of their own."""
    with variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = static_rnn(copy.deepcopy(cell), encoder_inputs, dtype=dtype)
        return rnn_decoder(decoder_inputs, state, cell)


@export("nn.seq2seq.tied_rnn_seq2seq", "contrib.legacy_seq2seq.tied_rnn_seq2seq")
def tied_rnn_seq2seq(encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], cell: Any, loop_function: Any = None,
                     dtype: Any = float32, scope: Any = None) -> tuple[list[Any], Any]:
    """As basic_rnn_seq2seq, with one cell for both; loop_function is the decoder's."""
    with variable_scope("combined_tied_rnn_seq2seq"):
        scope = scope or "tied_rnn_seq2seq"
        _, state = static_rnn(cell, encoder_inputs, dtype=dtype, scope=scope)
        get_variable_scope().reuse_variables()
        return rnn_decoder(decoder_inputs, state, cell, loop_function=loop_function, scope=scope)
