"""Connectionist temporal classification (Graves et al., 2006): losses and decoders."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, bfloat16, bool_, float16, float32, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.tensor import Tensor
from ...core.values import SparseTensor
from .. import functions as F
from ..array.axes import expand_dims, transpose
from ..array.basic import cast, shape_internal
from .ctc_nodes import CTCBeamSearchDecoder, CTCGreedyDecoder, CTCLoss


def _single(x: Any, time_major: bool) -> tuple[Tensor, DType]:
    """(logits [time, batch, classes] in a dtype that CTC computes in, their own dtype)."""
    logits = convert_to_tensor(x, name="logits")
    dtype = logits.dtype.base_dtype
    logits = logits if time_major else transpose(logits, [1, 0, 2])
    return (cast(logits, float32) if dtype in (float16, bfloat16) else logits), dtype


@export("nn.ctc_loss")
def ctc_loss(labels: Any, inputs: Any = None, sequence_length: Any = None, preprocess_collapse_repeated: bool = False,
             ctc_merge_repeated: bool = True, ignore_longer_outputs_than_inputs: bool = False, time_major: bool = True,
             logits: Any = None) -> Tensor:
    """Minus the log probability, in nats, of each label sequence under frames of logits (Graves et al., 2006, equation 8).

    labels: int32 SparseTensor [batch, most labels], none of its rows empty; labels lie in [0, classes - 1), since the blank is the last
    class. inputs (or logits): floating, [time, batch, classes], or [batch, time, classes] without time_major; a softmax is part of the
    loss. sequence_length: int32 [batch], the frames of each. Returns [batch]; infinite where no path gives the labels.

    preprocess_collapse_repeated: repeated labels count once. ctc_merge_repeated: a label that goes on for several frames is one label.
    ignore_longer_outputs_than_inputs: a sequence with more labels than frames has loss 0; otherwise InvalidArgumentError when run.
    The gradient flows into the logits, once: LookupError for a second one.
    """
    if not isinstance(labels, SparseTensor):
        raise TypeError(f"Expected argument `labels` to be a SparseTensor. Received labels={labels} of type: {type(labels).__name__}; "
                        "tf.nn.ctc_loss_v2 takes dense labels with their lengths")
    if inputs is not None and logits is not None:
        raise ValueError("Cannot specify both 'inputs' and 'logits'")
    x, dtype = _single(inputs if logits is None else logits, time_major)
    loss = make(CTCLoss, x, labels.indices, labels.values, sequence_length, name=None,
                preprocess_collapse_repeated=preprocess_collapse_repeated, ctc_merge_repeated=ctc_merge_repeated,
                ignore_longer_outputs_than_inputs=ignore_longer_outputs_than_inputs)[0]
    return loss if loss.dtype is dtype else cast(loss, dtype)


@export("nn.ctc_loss_v2")
def ctc_loss_v2(labels: Any, logits: Any, label_length: Any, logit_length: Any, logits_time_major: bool = True, unique: Any = None,
                blank_index: int | None = None, name: str | None = None) -> Tensor:
    """The loss of ctc_loss, of dense labels, and with a blank of one's choice.

    labels: integers [batch, most labels] with label_length [batch], or a SparseTensor (then label_length is not used and blank_index must
    be given). logits: [time, batch, classes], or [batch, time, classes] without logits_time_major; logit_length: [batch].
    blank_index: the blank's class (0), from the end where negative. unique: taken and not needed.
    Returns [batch]; infinite where no path gives the labels, also where there are more labels than frames.
    """
    if isinstance(labels, SparseTensor):
        if blank_index is None:
            raise ValueError("Argument `blank_index` must be provided when labels is a SparseTensor.")
        x, places = _blank_last(convert_to_tensor(logits, name="logits"), labels.values, blank_index)
        return ctc_loss(SparseTensor(labels.indices, places, labels.dense_shape), x, logit_length, time_major=logits_time_major)
    with context.default_graph().name_scope(name or "ctc_loss_dense"):
        labels = cast(convert_to_tensor(labels, name="labels"), int32)
        counts = cast(convert_to_tensor(label_length, name="label_length"), int32)
        frames = cast(convert_to_tensor(logit_length, name="logit_length"), int32)
        x, places = _blank_last(convert_to_tensor(logits, name="logits"), labels, blank_index or 0)
        null = shape_internal(x)[2] - 1                          # a row without labels has one that is no class
        column = expand_dims(F.range(shape_internal(labels)[1]), 0)
        real = F.less(column, expand_dims(counts, 1))
        kept = F.where(F.less(column, expand_dims(F.maximum(counts, 1), 1)))
        values = F.gather_nd(F.where(real, places, F.fill(shape_internal(labels), null)), kept)
        rows = SparseTensor(kept, values, shape_internal(labels, out_type=int64))
        loss = ctc_loss(rows, x, frames, ignore_longer_outputs_than_inputs=True, time_major=logits_time_major)
        return F.where(F.less(frames, counts), F.fill(shape_internal(loss), cast(float("inf"), loss.dtype)), loss)


def _blank_last(logits: Tensor, labels: Any, blank: Any) -> tuple[Tensor, Tensor]:
    """Logits with the blank's class moved to the end, and the labels' new numbers."""
    if blank < 0:
        blank = shape_internal(logits)[2] + blank
    parts = [logits[:, :, :blank], logits[:, :, blank + 1:], logits[:, :, blank:blank + 1]]
    return F.concat(parts, 2), F.where(F.less(labels, blank), labels, labels - 1)


@export("nn.ctc_unique_labels")
def ctc_unique_labels(labels: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(the different labels of each row, padded by 0, int64; each label's place among them, int32): both of the shape of `labels`."""
    with context.default_graph().name_scope(name or "ctc_unique_labels"):
        labels = convert_to_tensor(labels, name="labels")
        same = F.equal(expand_dims(labels, 2), expand_dims(labels, 1))                # [row, place, earlier place]
        first = F.argmax(cast(same, int32), 2, output_type=int32)
        count = shape_internal(labels)[1]
        leads = F.equal(first, expand_dims(F.range(count), 0))
        place = F.gather(F.cumsum(cast(leads, int32), 1) - 1, first, batch_dims=1)
        hits = F.logical_and(F.equal(expand_dims(place, 1), F.reshape(F.range(count), [1, -1, 1])), expand_dims(leads, 1))
        return F.reduce_sum(cast(hits, int64) * expand_dims(cast(labels, int64), 1), 2), place


@export("nn.collapse_repeated")
def collapse_repeated(labels: Any, seq_length: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(rows of labels with repeats left out, padded by 0 to the longest; the new lengths). labels: [batch, most]; seq_length: [batch]."""
    with context.default_graph().name_scope(name or "collapse_repeated_labels"):
        labels, seq_length = convert_to_tensor(labels, name="labels"), convert_to_tensor(seq_length, name="seq_length")
        column = expand_dims(F.range(shape_internal(labels)[1]), 0)
        new = F.concat([F.ones_like(labels[:, :1], dtype=bool_), F.not_equal(labels[:, 1:], labels[:, :-1])], 1)
        kept = F.logical_and(new, F.less(column, expand_dims(cast(seq_length, int32), 1)))
        counts = F.reduce_sum(cast(kept, int32), 1)
        places = F.where(kept)
        target = F.cumsum(cast(kept, int64), 1) - 1
        rows = F.stack([places[:, 0], F.gather_nd(target, places)], 1)
        size = F.stack([shape_internal(labels)[0], F.reduce_max(counts)])
        return F.scatter_nd(rows, F.gather_nd(labels, places), cast(size, int64)), cast(counts, seq_length.dtype)


@export("nn.ctc_greedy_decoder")
def ctc_greedy_decoder(inputs: Any, sequence_length: Any, merge_repeated: bool = True,
                       blank_index: int | None = None) -> tuple[list[SparseTensor], Tensor]:
    """([decoded], minus the sum of the greatest logits of each sequence, [batch, 1]): each frame's likeliest class, less blanks.

    inputs: float32 or float64 logits [time, batch, classes]; sequence_length: int32 [batch]. decoded: int64 SparseTensor
    [batch, most labels]. merge_repeated: frames in a row of one class give one label. blank_index: the blank's class (the last).
    FailedPreconditionError when run for a length beyond time.
    """
    parts = make(CTCGreedyDecoder, inputs, sequence_length, merge_repeated=merge_repeated,
                 blank_index=-1 if blank_index is None else blank_index, name=None)
    return [SparseTensor(*parts[:3])], parts[3]


@export("nn.ctc_beam_search_decoder")
def ctc_beam_search_decoder(inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1,
                            merge_repeated: bool = True) -> tuple[list[SparseTensor], Tensor]:
    """(the top_paths likeliest label sequences, their log probabilities [batch, top_paths]), by a search over prefixes of labels.

    inputs: float32 or float64 logits [time, batch, classes], the blank the last class; sequence_length: int32 [batch]. Each sequence is
    an int64 SparseTensor [batch, most labels]. beam_width: how many prefixes are kept at each frame. merge_repeated: a label that follows
    itself in a sequence is left out (TF1's default; it is seldom wanted). Each prefix counts once, with all of its paths.
    """
    parts = make(CTCBeamSearchDecoder, inputs, sequence_length, beam_width=beam_width, top_paths=top_paths,
                 merge_repeated=merge_repeated, name=None)
    return [SparseTensor(*parts[i:3 * top_paths:top_paths]) for i in range(top_paths)], parts[-1]


@export("nn.ctc_beam_search_decoder_v2")
def ctc_beam_search_decoder_v2(inputs: Any, sequence_length: Any, beam_width: int = 100,
                               top_paths: int = 1) -> tuple[list[SparseTensor], Tensor]:
    """ctc_beam_search_decoder without merge_repeated."""
    return ctc_beam_search_decoder(inputs, sequence_length, beam_width, top_paths, merge_repeated=False)
