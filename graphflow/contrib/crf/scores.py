"""Conditional random fields of linear chains (Lafferty et al., 2001): scores of tag sequences and their likelihood.

inputs: float32, shape [batch, time, tags]: a score for each tag at each step. transition_params: [tags, tags], from row to column.
sequence_lengths: integers, shape [batch]; steps behind them do not count, and a sequence of length 0 has score and log norm 0.
"""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export


def _lengths(sequence_lengths: Any) -> Any:
    return tf.maximum(tf.cast(sequence_lengths, tf.int32), 0)


def _mask(sequence_lengths: Any, count: Any) -> Any:
    return tf.sequence_mask(_lengths(sequence_lengths), maxlen=count, dtype=tf.float32)


@export("contrib.crf.crf_unary_score")
def crf_unary_score(tag_indices: Any, sequence_lengths: Any, inputs: Any) -> Any:
    """The sum of the chosen tags' scores, shape [batch]."""
    chosen = tf.one_hot(tag_indices, tf.shape(inputs)[2], dtype=inputs.dtype)
    return tf.reduce_sum(tf.reduce_sum(inputs * chosen, 2) * _mask(sequence_lengths, tf.shape(inputs)[1]), 1)


@export("contrib.crf.crf_binary_score")
def crf_binary_score(tag_indices: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """The sum of the transitions between neighbouring tags, shape [batch]."""
    tag_indices = tf.convert_to_tensor(tag_indices)
    transitions = tf.gather_nd(transition_params, tf.stack([tag_indices[:, :-1], tag_indices[:, 1:]], 2))
    return tf.reduce_sum(transitions * _mask(_lengths(sequence_lengths) - 1, tf.shape(transitions)[1]), 1)


@export("contrib.crf.crf_sequence_score")
def crf_sequence_score(inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """The score of the given tags (integers, [batch, time]), not normalized: shape [batch]."""
    inputs = tf.convert_to_tensor(inputs)
    return (crf_unary_score(tag_indices, sequence_lengths, inputs)
            + crf_binary_score(tag_indices, sequence_lengths, transition_params))


@export("contrib.crf.crf_multitag_sequence_score")
def crf_multitag_sequence_score(inputs: Any, tag_bitmap: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """The log of the sum of exp of the scores of all sequences that tag_bitmap (boolean, [batch, time, tags]) allows: shape [batch]."""
    inputs = tf.convert_to_tensor(inputs)
    allowed = tf.where(tag_bitmap, inputs, tf.fill(tf.shape(inputs), float("-inf")))
    return crf_log_norm(allowed, sequence_lengths, transition_params)


@export("contrib.crf.CrfForwardRnnCell")
class CrfForwardRnnCell(tf.nn.rnn_cell.RNNCell):
    """One step of the forward algorithm: from the log sums of all sequences that end in each tag to those one step longer."""

    def __init__(self, transition_params: Any):
        super().__init__()
        self._transitions = tf.expand_dims(transition_params, 0)
        self._tags = tf.TensorShape(transition_params.shape).as_list()[-1]

    @property
    def state_size(self) -> Any:
        return self._tags

    @property
    def output_size(self) -> Any:
        return self._tags

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        """inputs, state: [batch, tags]. The output is the new state."""
        found = inputs + tf.reduce_logsumexp(tf.expand_dims(state, 2) + self._transitions, [1])
        return found, found


@export("contrib.crf.crf_log_norm")
def crf_log_norm(inputs: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """The log of the sum of exp of the scores of all tag sequences: shape [batch]."""
    inputs, transition_params = tf.convert_to_tensor(inputs), tf.convert_to_tensor(transition_params)
    lengths = _lengths(sequence_lengths)
    first = inputs[:, 0]
    _, sums = tf.nn.dynamic_rnn(CrfForwardRnnCell(transition_params), inputs[:, 1:], sequence_length=tf.maximum(lengths - 1, 0),
                                initial_state=first, dtype=tf.float32, scope="crf_forward")
    norm = tf.reduce_logsumexp(sums, [1])
    return tf.where(tf.less_equal(lengths, 0), tf.zeros_like(norm), norm)


@export("contrib.crf.crf_log_likelihood")
def crf_log_likelihood(inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any = None) -> tuple[Any, Any]:
    """(log probability of the given tags, shape [batch]; the transitions).

    transition_params None: the variable `transitions` [tags, tags] of the current variable scope.
    """
    inputs = tf.convert_to_tensor(inputs)
    if transition_params is None:
        tags = inputs.shape.as_list()[2]
        transition_params = tf.get_variable("transitions", [tags, tags])
    score = crf_sequence_score(inputs, tag_indices, sequence_lengths, transition_params)
    return score - crf_log_norm(inputs, sequence_lengths, transition_params), transition_params
