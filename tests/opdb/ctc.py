"""Rows of graphflow/ops/nn/ctc.py. The references go through all paths there are: every class at every frame."""

from __future__ import annotations

import itertools

import numpy as np

from . import error, row, sample, zeros
from ._raw import raw

WHERE = np.array([[0, 0], [0, 1], [1, 0]])
VALUES = np.int32([1, 1, 0])
LENGTHS = np.int32([4, 3])
ROWS = [[1, 1], [0]]


def paths_of(logits, length, blank, merge=True):
    """{labels: probability}, from all paths through the first frames."""
    e = np.exp(np.asarray(logits, np.float64))
    p = e / e.sum(-1, keepdims=True)
    found: dict = {}
    for path in itertools.product(range(p.shape[1]), repeat=length):
        labels = [c for i, c in enumerate(path) if c != blank and not (merge and i and c == path[i - 1])]
        found[tuple(labels)] = found.get(tuple(labels), 0.0) + np.prod([p[i, c] for i, c in enumerate(path)])
    return found


def losses(x, blank=-1, merge=True, collapse=False):
    blank %= x.shape[2]
    rows = [[1], [0]] if collapse else [[c + (blank == 0) for c in one] for one in ROWS]
    return np.array([-np.log(paths_of(x[:, i], LENGTHS[i], blank, merge).get(tuple(rows[i]), 0.0)) for i in range(2)])


def sparse_parts(rows):
    where = np.array([[i, j] for i, one in enumerate(rows) for j in range(len(one))], np.int64).reshape(-1, 2)
    return [where, np.array([c for one in rows for c in one], np.int64), np.array([len(rows), max(map(len, rows))])]


def call(tf, x, lengths=LENGTHS, where=WHERE, values=VALUES, **more):
    return tf.nn.ctc_loss(tf.SparseTensor(where, values, [2, 2]), x, lengths, **more)


TYPES = ("float32", "float64")
row("CTCLoss", call, name="ctc_loss", dtypes=TYPES, second=False, samples=lambda r: [sample(r(4, 2, 3))], reference=losses,
    errors=[error("errors.InvalidArgumentError", "Not enough time for target transition sequence (required: 2, available: 1)", zeros(4, 2, 3),
                  lengths=np.int32([1, 3])),
            error("errors.InvalidArgumentError", "sequence_length(1) <= 4", zeros(4, 2, 3), lengths=np.int32([4, 5])),
            error("errors.InvalidArgumentError", "seq_len(0) < 0", zeros(4, 2, 3), lengths=np.int32([-1, 3])),
            error("errors.InvalidArgumentError", "All labels must be nonnegative integers, batch: 1", zeros(4, 2, 3), values=np.int32([1, 1, -1])),
            error("errors.InvalidArgumentError", "Labels length is zero in batch 1", zeros(4, 2, 3), where=WHERE[:2], values=VALUES[:2]),
            error("errors.InvalidArgumentError", "Saw a non-null label (index >= num_classes - 1) following a null label", zeros(4, 2, 3),
                  values=np.int32([2, 1, 0])),
            error("errors.InvalidArgumentError", "indices[1] = [0,0] is out of order", zeros(4, 2, 3), where=WHERE[[1, 0, 2]]),
            error(ValueError, "Shape must be rank 3 but is rank 2", zeros(4, 2)),
            error(ValueError, "Dimensions must be equal, but are 2 and 3", zeros(4, 2, 3), lengths=np.int32([4, 3, 3]))])
row("CTCLoss", lambda tf, x: call(tf, x, ctc_merge_repeated=False), name="ctc_loss of labels that repeat", dtypes=TYPES, second=False,
    samples=lambda r: [sample(r(4, 2, 3))], reference=lambda x: losses(x, merge=False))
row("CTCLoss", lambda tf, x: call(tf, x, preprocess_collapse_repeated=True), name="ctc_loss of collapsed labels", dtypes=TYPES,
    second=False, samples=lambda r: [sample(r(4, 2, 3))], reference=lambda x: losses(x, collapse=True))
row("CTCLossV2", lambda tf, x: raw(tf, "CTCLossV2", inputs=x, labels_indices=WHERE, labels_values=VALUES + np.int32(1),
                                   sequence_length=LENGTHS)[0], name="CTCLossV2", dtypes=("float32",), second=False, nodes=False,
    oracle="TensorFlow's runs on a GPU only", samples=lambda r: [sample(r(4, 2, 3))], reference=lambda x: losses(x, 0))
row("CTCLoss", lambda tf, x: tf.nn.ctc_loss_v2(np.int32([[2, 2], [1, 0]]), x, np.int32([2, 1]), LENGTHS), name="ctc_loss_v2", dtypes=TYPES,
    second=False, nodes="built of other ops than TensorFlow's", samples=lambda r: [sample(r(4, 2, 3))], reference=lambda x: losses(x, 0),
    oracle="TensorFlow's takes float32 only")


def greedy(x, merge=True):
    rows, scores = [], []
    for i, length in enumerate(LENGTHS):
        best = x[:length, i].argmax(1)
        scores.append([-x[:length, i].max(1).sum()])
        rows.append([c for t, c in enumerate(best) if c != x.shape[2] - 1 and not (merge and t and c == best[t - 1])])
    return [*sparse_parts(rows), np.array(scores, x.dtype)]


def best_labels(x, count):
    """What a search that drops nothing finds: the labels of the greatest probability."""
    ranked = [sorted(paths_of(x[:, i], n, x.shape[2] - 1).items(), key=lambda item: -item[1])[:count] for i, n in enumerate(LENGTHS)]
    parts = [sparse_parts([one[j][0] for one in ranked]) for j in range(count)]
    return [*[v for part in parts for v in part], np.log([[p for _, p in one] for one in ranked]).astype(x.dtype)]


def flat(result):
    return [*[v for one in result[0] for v in (one.indices, one.values, one.dense_shape)], result[1]]


row("CTCGreedyDecoder", lambda tf, x, lengths=LENGTHS, **more: flat(tf.nn.ctc_greedy_decoder(x, lengths, **more)), name="ctc_greedy_decoder",
    dtypes=TYPES, gradient=False, samples=lambda r: [sample(r.distinct(4, 2, 3))], reference=greedy,
    errors=[error("errors.FailedPreconditionError", "sequence_length(0) <= 4", zeros(4, 2, 3), lengths=np.int32([5, 3])),
            error("errors.InvalidArgumentError", "blank_index expected to be between -3 and 2 but was 3", zeros(4, 2, 3), blank_index=3),
            error("errors.InvalidArgumentError", "inputs must not be empty", zeros(0, 2, 3))])
row("CTCGreedyDecoder", lambda tf, x: flat(tf.nn.ctc_greedy_decoder(x, LENGTHS, merge_repeated=False)), name="ctc_greedy_decoder with repeats",
    dtypes=TYPES, gradient=False, samples=lambda r: [sample(r.distinct(4, 2, 3))], reference=lambda x: greedy(x, False))
row("CTCBeamSearchDecoder", lambda tf, x, **more: flat(tf.nn.ctc_beam_search_decoder(x, LENGTHS, **more)), name="ctc_beam_search_decoder",
    dtypes=TYPES, gradient=False, samples=lambda r: [sample(r.distinct(4, 2, 3), merge_repeated=False, top_paths=3)],
    reference=lambda x, **_: best_labels(x, 3),
    errors=[error("errors.InvalidArgumentError", "requested more paths than the beam width", zeros(4, 2, 3), beam_width=1, top_paths=2),
            error("errors.InvalidArgumentError", "Less leaves in the beam search than requested", zeros(4, 2, 1), top_paths=2),
            error(ValueError, "less than minimum 1", zeros(4, 2, 3), top_paths=0)])
