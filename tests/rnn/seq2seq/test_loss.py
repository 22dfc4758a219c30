"""sequence_loss over each pair of axes, against numpy."""
import numpy as np
import pytest

import graphflow as tf

RANDOM = np.random.default_rng(0)
LOGITS, TARGETS = RANDOM.standard_normal((3, 4, 5)).astype(np.float32), RANDOM.integers(0, 5, (3, 4))
WEIGHTS = (RANDOM.random((3, 4)) * (RANDOM.random((3, 4)) > 0.3)).astype(np.float32)
ENTROPIES = -np.take_along_axis(LOGITS - np.log(np.exp(LOGITS).sum(-1, keepdims=True)), TARGETS[..., None], -1)[..., 0] * WEIGHTS
COUNTS = (WEIGHTS != 0).astype(np.float32)


def over_axes(x):
    """The loss made of each entry's loss, by (average over steps, over batch, sum over steps, over batch)."""
    return {
        (True, True, False, False): x.sum() / WEIGHTS.sum(),
        (True, False, False, False): x.sum(1) / WEIGHTS.sum(1),
        (False, True, False, False): x.sum(0) / WEIGHTS.sum(0),
        (False, False, False, False): x,
        (False, False, True, True): x.sum() / COUNTS.sum(),
        (False, False, True, False): x.sum(1) / COUNTS.sum(1),
        (False, False, False, True): x.sum(0) / COUNTS.sum(0),
    }


@pytest.mark.parametrize("how", over_axes(ENTROPIES))
def test_losses_over_the_axes(how):
    with tf.Graph().as_default(), tf.Session() as session:
        logits = tf.placeholder_with_default(LOGITS, [None, None, None])
        found, given = session.run([tf.contrib.seq2seq.sequence_loss(logits, TARGETS, WEIGHTS, *how), tf.contrib.seq2seq.sequence_loss(
            logits, TARGETS, WEIGHTS, *how, softmax_loss_function=lambda labels, logits: tf.cast(labels, tf.float32) * 0 + 2)])
    np.testing.assert_allclose(found, over_axes(ENTROPIES)[how], rtol=1e-5)
    np.testing.assert_allclose(given, over_axes(2 * WEIGHTS)[how], rtol=1e-6)


def test_no_weight_at_all_gives_zero_not_nan():
    with tf.Graph().as_default(), tf.Session() as session:
        assert session.run(tf.contrib.seq2seq.sequence_loss(LOGITS, TARGETS, np.zeros_like(WEIGHTS))) == 0


def test_what_does_not_fit_is_refused():
    loss = tf.contrib.seq2seq.sequence_loss
    with tf.Graph().as_default():
        with pytest.raises(ValueError, match="Logits must be a .batch_size x sequence_length x logits. tensor"):
            loss(LOGITS[0], TARGETS, WEIGHTS)
        with pytest.raises(ValueError, match="Weights must be a .batch_size x sequence_length. tensor"):
            loss(LOGITS, TARGETS, WEIGHTS[0])
        with pytest.raises(ValueError, match="average_across_batch and sum_over_batch cannot"):
            loss(LOGITS, TARGETS, WEIGHTS, False, True, False, True)
        with pytest.raises(ValueError, match="ambiguous order"):
            loss(LOGITS, TARGETS, WEIGHTS, False, True, True)
