"""One step of beam search: scores of all continuations, and which of them go on."""
from __future__ import annotations

import collections
from typing import Any

import numpy as np

from ...core.constant import constant
from ...core.dtypes import int32, int64
from ...core.export import export
from ...ops.array.axes import expand_dims
from ...ops.array.basic import cast, fill, reshape, shape
from ...ops.array.fill import one_hot, ones_like, zeros_like
from ...ops.array.fill import range as range_
from ...ops.array.indexing import gather
from ...ops.array.select import where_v2
from ...ops.elementwise.binary import minimum
from ...ops.elementwise.comparison import equal, logical_not, logical_or
from ...ops.elementwise.division import floordiv, floormod
from ...ops.elementwise.unary import log
from ...ops.nn.softmax import log_softmax
from ...ops.nn.top_k import top_k
from ...ops.reduce.reduction import reduce_sum

_State = collections.namedtuple("_State", ("cell_state", "log_probs", "finished", "lengths", "accumulated_attention_probs"))
_Output = collections.namedtuple("_Output", ("scores", "predicted_ids", "parent_ids"))
_Final = collections.namedtuple("_Final", ("predicted_ids", "beam_search_decoder_output"))


@export("contrib.seq2seq.BeamSearchDecoderState")
class BeamSearchDecoderState(_State):
    """The cell's state [batch, beams, ...]; log_probs, finished, lengths (int64) [batch, beams]; the attention so far, or ()."""
    __slots__ = ()


@export("contrib.seq2seq.BeamSearchDecoderOutput")
class BeamSearchDecoderOutput(_Output):
    """A step's scores, symbols, and the beams before it that they continue; [batch, beams]."""
    __slots__ = ()


@export("contrib.seq2seq.FinalBeamSearchDecoderOutput")
class FinalBeamSearchDecoderOutput(_Final):
    """predicted_ids, int32 [batch, time, beams], the likeliest beam first; and the outputs of all steps."""
    __slots__ = ()


def length_penalty(lengths: Any, weight: float) -> Any:
    """((5 + length) / 6) ^ weight (Wu et al. 2016, arXiv:1609.08144, equation 14)."""
    return ((5.0 + cast(lengths, "float32")) / 6.0) ** weight


def _scores(log_probs: Any, lengths: Any, finished: Any, attention: Any, length_weight: Any, coverage_weight: Any) -> Any:
    scores = log_probs
    if not _is_zero(length_weight):
        scores = log_probs / cast(length_penalty(lengths, length_weight), log_probs.dtype)
    if _is_zero(coverage_weight):
        return scores
    seen = where_v2(equal(attention, 0.0), ones_like(attention), minimum(attention, 1.0))      # 0: behind the end of a memory
    covered = reduce_sum(log(seen), 2) * cast(finished, scores.dtype)       # equation 15
    return scores + expand_dims(covered * coverage_weight, 2)


def _is_zero(weight: Any) -> bool:
    return isinstance(weight, (int, float)) and weight == 0


def beam_step(logits: Any, next_cell_state: Any, state: Any, take: Any, attention_now: Any, beam_width: int, end_token: Any,
              length_weight: Any, coverage_weight: Any) -> Any:
    """(BeamSearchDecoderOutput, BeamSearchDecoderState) from logits [batch, beams, symbols].

    take(cell_state, rows): the cell's state with its first two axes, as one, taken at rows. attention_now: this step's alignments, or ().
    """
    batch = shape(logits)[0]
    symbols = logits.shape[2].value if logits.shape[2].value is not None else shape(logits)[2]
    going = logical_not(state.finished)
    step = log_softmax(logits)
    never = constant(float(np.finfo(step.dtype.np).min), step.dtype)
    ended = one_hot(end_token, symbols, on_value=constant(0.0, step.dtype), off_value=never)
    step = where_v2(expand_dims(state.finished, 2), reshape(ended, [1, 1, -1]), step)     # what has finished stays so, at no cost
    total = expand_dims(state.log_probs, 2) + step

    grown = one_hot(fill([batch, beam_width], cast(end_token, int32)), symbols, on_value=constant(0, int64), off_value=constant(1, int64))
    lengths = expand_dims(state.lengths, 2) + grown * expand_dims(cast(going, int64), 2)
    attention = state.accumulated_attention_probs
    if not _is_zero(coverage_weight):
        attention = attention + where_v2(expand_dims(state.finished, 2), zeros_like(attention_now), attention_now)
    scores = _scores(total, lengths, state.finished, attention, length_weight, coverage_weight)

    best, places = top_k(reshape(scores, [batch, -1]), beam_width)
    best.set_shape([logits.shape[0].value, beam_width])
    words, parents = cast(floormod(places, symbols), int32), cast(floordiv(places, symbols), int32)
    rows = expand_dims(range_(batch), 1)      # of the first axis, for what has the first two axes joined

    def chosen(x: Any, at: Any, width: Any) -> Any:
        """x [batch, ...] as [batch * width], at `at` [batch, beams]."""
        found = gather(reshape(x, [-1]), at + rows * width)
        found.set_shape(best.shape)
        return found

    finished_before = chosen(state.finished, parents, beam_width)
    after = BeamSearchDecoderState(
        cell_state=take(next_cell_state, reshape(parents + rows * beam_width, [-1])),
        log_probs=chosen(total, places, beam_width * symbols),
        finished=logical_or(finished_before, equal(words, end_token)),
        lengths=chosen(state.lengths, parents, beam_width) + cast(logical_not(finished_before), int64),
        accumulated_attention_probs=() if _is_zero(coverage_weight) else _attention_at(attention, parents + rows * beam_width))
    return BeamSearchDecoderOutput(best, words, parents), after


def _attention_at(attention: Any, rows: Any) -> Any:
    found = gather(reshape(attention, [-1, shape(attention)[2]]), rows)
    found.set_shape(attention.shape)
    return found
