"""Connectionist temporal classification as programs use it: training, lengths of 0, labels without a path, other blanks, decoding."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.kernels.ctc_decoding import beams


def run(fetches, feeds=None):
    return tf.Session().run(fetches, feeds)


def logits(time=6, batch=2, classes=4, seed=0):
    return np.random.default_rng(seed).normal(size=(time, batch, classes)).astype(np.float32)


LABELS = tf.SparseTensorValue(np.array([[0, 0], [0, 1], [1, 0]]), np.int32([1, 2, 0]), np.array([2, 2]))


def test_a_fed_batch_of_unknown_sizes_trains_to_its_labels():
    x, labels = tf.placeholder(tf.float32, [None, None, 5]), tf.sparse_placeholder(tf.int32)
    lengths = tf.placeholder(tf.int32, [None])
    scores = tf.layers.dense(x, 4)
    loss = tf.reduce_mean(tf.nn.ctc_loss(labels, scores, lengths))
    step = tf.train.AdamOptimizer(0.05).minimize(loss)
    (decoded,), _ = tf.nn.ctc_greedy_decoder(scores, lengths)
    distance = tf.reduce_mean(tf.edit_distance(tf.cast(decoded, tf.int32), labels))
    feeds = {x: logits(classes=5), labels: LABELS, lengths: [6, 4]}
    with tf.Session() as session:
        tf.set_random_seed(1)
        session.run(tf.global_variables_initializer())
        before = session.run(loss, feeds)
        for _ in range(150):
            session.run(step, feeds)
        assert session.run(loss, feeds) < 0.1 * before
        assert session.run(distance, feeds) == 0.0
    assert tf.nn.ctc_loss(labels, x, lengths).shape.as_list() == [None]


def test_batch_major_logits_and_half_precision_give_the_same_loss():
    x = logits()
    loss = run(tf.nn.ctc_loss(tf.SparseTensor(*LABELS), x, [6, 4]))
    np.testing.assert_allclose(run(tf.nn.ctc_loss(tf.SparseTensor(*LABELS), x.transpose(1, 0, 2), [6, 4], time_major=False)), loss, 1e-5)
    half = run(tf.nn.ctc_loss(tf.SparseTensor(*LABELS), x.astype(np.float16), [6, 4]))
    assert half.dtype == np.float16
    np.testing.assert_allclose(half, loss, 1e-2)


def test_labels_without_a_path_cost_infinity_and_more_labels_than_frames_nothing_where_ignored():
    x = tf.constant(logits())
    twice = tf.SparseTensor(LABELS.indices, np.int32([1, 1, 0]), [2, 2])
    loss = tf.nn.ctc_loss(twice, x, [2, 4])                          # 1 1 takes a blank between: three frames
    value, gradient = run([loss, tf.gradients(loss, x)[0]])
    assert value[0] == np.inf and np.isfinite(value[1])
    e = np.exp(logits()[:2, 0])
    np.testing.assert_allclose(gradient[:2, 0], e / e.sum(-1, keepdims=True), 1e-5)
    assert not gradient[2:, 0].any()
    loss = tf.nn.ctc_loss(twice, x, [0, 4], ignore_longer_outputs_than_inputs=True)
    value, gradient = run([loss, tf.gradients(loss, x)[0]])
    assert value[0] == 0.0 and not gradient[:, 0].any() and gradient[:4, 1].any()


def test_a_second_gradient_is_refused():
    x = tf.constant(logits())
    gradient = tf.gradients(tf.nn.ctc_loss(tf.SparseTensor(*LABELS), x, [6, 4]), x)[0]
    with pytest.raises(LookupError, match="no way to take the second derivative of ctc_loss"):
        tf.gradients(gradient, x)


@pytest.mark.parametrize("blank", [0, 1, 3, -2])
def test_dense_labels_and_any_blank_give_the_loss_of_sparse_ones(blank):
    x = logits()
    others = [c for c in range(4) if c != blank % 4]                 # the class that each label stands for
    dense = np.array([[others[1], others[2]], [others[0], 0]])
    moved = x[:, :, [*others, blank % 4]]
    right = run(tf.nn.ctc_loss(tf.SparseTensor(*LABELS), moved, [6, 4]))
    given = tf.nn.ctc_loss_v2(dense, x, [2, 1], [6, 4], blank_index=blank)
    np.testing.assert_allclose(run(given), right, 1e-5)
    sparse = tf.SparseTensor(LABELS.indices, np.int32([others[1], others[2], others[0]]), [2, 2])
    np.testing.assert_allclose(run(tf.nn.ctc_loss_v2(sparse, x, None, [6, 4], blank_index=blank)), right, 1e-5)
    with pytest.raises(ValueError, match="`blank_index` must be provided"):
        tf.nn.ctc_loss_v2(sparse, x, None, [6, 4])
    with pytest.raises(TypeError, match="Expected argument `labels` to be a SparseTensor"):
        tf.nn.ctc_loss(dense, x, [6, 4])


def test_dense_rows_may_be_empty_and_longer_than_the_frames():
    x = logits()
    loss = run(tf.nn.ctc_loss_v2([[1, 2], [3, 2]], x, [0, 2], [3, 1]))
    e = np.exp(x[:3, 0])
    np.testing.assert_allclose(loss[0], -np.log(e[:, 0] / e.sum(-1)).sum(), 1e-5)     # nothing but blanks
    assert loss[1] == np.inf


def test_rows_of_labels_are_collapsed_and_their_different_labels_listed():
    rows, lengths = run(tf.nn.collapse_repeated([[1, 1, 2, 2, 1], [1, 2, 3, 4, 5]], [4, 5]))
    assert rows.tolist() == [[1, 2, 0, 0, 0], [1, 2, 3, 4, 5]] and lengths.tolist() == [2, 5]
    different, places = run(tf.nn.ctc_unique_labels([[3, 4, 4, 3], [0, 0, 1, 0]]))
    assert different.tolist() == [[3, 4, 0, 0], [0, 1, 0, 0]] and places.tolist() == [[0, 1, 1, 0], [0, 0, 1, 0]]


def test_decoders_take_repeats_and_lengths_of_zero():
    x = np.log(np.float32([[[.8, .1, .1]], [[.8, .1, .1]], [[.1, .1, .8]], [[.8, .1, .1]]]))      # 0 0 blank 0
    for merge, labels in ((True, [0, 0]), (False, [0, 0, 0])):
        (found,), score = run(tf.nn.ctc_greedy_decoder(x, [4], merge_repeated=merge))
        assert found.values.tolist() == labels
        np.testing.assert_allclose(score, -4 * np.log([[.8]]), 1e-5)
    (found,), _ = run(tf.nn.ctc_beam_search_decoder(x, [4]))
    assert found.values.tolist() == [0]                              # TF1's default leaves out a label that follows itself
    (found,), _ = run(tf.nn.ctc_beam_search_decoder_v2(x, [4]))
    assert found.values.tolist() == [0, 0]
    (found,), score = run(tf.nn.ctc_beam_search_decoder(x, [0]))
    assert found.dense_shape.tolist() == [1, 0] and score == 0.0


def test_a_narrow_beam_drops_a_prefix_that_came_back_too_weak_as_tensorflow_does():
    x = np.float32([[1.7599163, -0.9180348, 2.1944582], [-1.1434308, -0.0603126, -1.5569843], [8.517308, -0.86418533, 1.0680645],
                    [0.60484004, -1.7244242, 0.21324378]])
    labels, score = beams(x, 4, 4)[0]
    assert labels == (1, 0) and abs(score + 0.9758824) < 1e-6        # TensorFlow 2.21; -0.97629 where the prefix grows on
