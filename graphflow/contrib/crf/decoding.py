"""The best tag sequence of a conditional random field, by Viterbi's algorithm: in numpy, and as operations."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export


@export("contrib.crf.viterbi_decode")
def viterbi_decode(score: Any, transition_params: Any) -> tuple[list[int], Any]:
    """(tags, their score) of the best sequence of one example, outside of the graph.

    score: array [time, tags]. transition_params: array [tags, tags]. Ties go to the lower tag.
    """
    best, back = np.array(score[0]), []
    for row in score[1:]:
        through = best[:, None] + transition_params
        back.append(np.argmax(through, 0))
        best = row + np.max(through, 0)
    tags = [int(np.argmax(best))]
    for pointers in reversed(back):
        tags.append(int(pointers[tags[-1]]))
    return tags[::-1], np.max(best)


class _Cell(tf.nn.rnn_cell.RNNCell):
    def __init__(self, tags: int):
        super().__init__()
        self._tags = tags


@export("contrib.crf.CrfDecodeForwardRnnCell")
class CrfDecodeForwardRnnCell(_Cell):
    """From the best scores of sequences that end in each tag to those one step longer; its output says which tag came before."""

    def __init__(self, transition_params: Any):
        tags = tf.TensorShape(transition_params.shape).as_list()[-1]
        if tags is None:
            raise ValueError("transition_params: the number of tags must be known")
        super().__init__(tags)
        self._transitions = tf.expand_dims(transition_params, 0)

    @property
    def state_size(self) -> Any:
        return self._tags

    @property
    def output_size(self) -> Any:
        return self._tags

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        """inputs, state: [batch, tags]; (int32 [batch, tags], new state)."""
        through = tf.expand_dims(state, 2) + self._transitions
        return tf.argmax(through, 1, output_type=tf.int32), inputs + tf.reduce_max(through, [1])


@export("contrib.crf.CrfDecodeBackwardRnnCell")
class CrfDecodeBackwardRnnCell(_Cell):
    """From the tag of a step to that of the step before, by what CrfDecodeForwardRnnCell gave: [batch, 1] each."""

    def __init__(self, num_tags: int):
        super().__init__(num_tags)

    @property
    def state_size(self) -> Any:
        return 1

    @property
    def output_size(self) -> Any:
        return 1

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        """inputs: int32 [batch, tags]; state: int32 [batch, 1]."""
        rows = tf.range(tf.shape(inputs)[0])
        found = tf.expand_dims(tf.gather_nd(inputs, tf.stack([rows, tf.squeeze(state, [1])], 1)), 1)
        return found, found


@export("contrib.crf.crf_decode")
def crf_decode(potentials: Any, transition_params: Any, sequence_length: Any) -> tuple[Any, Any]:
    """(int32 [batch, time] best tags, [batch] their scores); 0 behind the end of a sequence.

    potentials: [batch, time, tags]; their number must be known. Ties go to the lower tag.
    """
    potentials, transition_params = tf.convert_to_tensor(potentials), tf.convert_to_tensor(transition_params)
    tags = potentials.shape.as_list()[2]
    if tags is None:
        raise ValueError(f"potentials: the number of tags must be known, but the shape is {potentials.shape}")
    lengths = tf.maximum(tf.cast(sequence_length, tf.int32), 0)
    steps = tf.maximum(lengths - 1, 0)
    # one step more than there are, which no sequence reaches: a loop without steps could not say its outputs' shape
    rest = tf.concat([potentials[:, 1:], tf.zeros_like(potentials[:, :1])], 1)
    back, best = tf.nn.dynamic_rnn(CrfDecodeForwardRnnCell(transition_params), rest, sequence_length=steps,
                                   initial_state=potentials[:, 0], time_major=False, dtype=tf.int32, scope="crf_decode_forward")
    back = tf.reverse_sequence(back, steps, seq_axis=1)
    last = tf.expand_dims(tf.argmax(best, axis=1, output_type=tf.int32), 1)
    before, _ = tf.nn.dynamic_rnn(CrfDecodeBackwardRnnCell(tags), back, sequence_length=steps, initial_state=last, time_major=False,
                                  dtype=tf.int32, scope="crf_decode_backward")
    found = tf.concat([last, tf.squeeze(before, [2])[:, :-1]], 1)
    found = tf.reverse_sequence(found, tf.maximum(lengths, 1), seq_axis=1)
    score = tf.reduce_max(best, axis=1)
    empty = tf.less_equal(lengths, 0)
    return tf.where(empty, tf.zeros_like(found), found), tf.where(empty, tf.zeros_like(score), score)
