"""tf.metrics: values over several batches against numpy; the nodes are TensorFlow's (oracle)."""

import subprocess

import numpy as np
import pytest

import graphflow as tf

LABELS = [np.array([1, 0, 1, 1]), np.array([0, 0, 1])]
PREDICTIONS = [np.array([1, 1, 0, 1]), np.array([0, 1, 1])]
ALL_LABELS, ALL_PREDICTIONS = np.concatenate(LABELS), np.concatenate(PREDICTIONS)


def over_batches(build, batches, dtype=tf.int64):
    """(the update op's result per batch, the value at the end) of build(labels, predictions)."""
    with tf.Graph().as_default(), tf.Session() as sess:
        places = [tf.placeholder(dtype, [None]) for _ in batches[0]]
        value, update = build(*places)
        sess.run(tf.local_variables_initializer())
        assert sess.run(value) == 0
        return [sess.run(update, dict(zip(places, batch, strict=True))) for batch in batches], sess.run(value)


def check(build, expected, dtype=tf.int64, labels=LABELS, predictions=PREDICTIONS):
    updates, value = over_batches(build, list(zip(labels, predictions, strict=True)), dtype)
    assert value == updates[-1] == pytest.approx(expected, rel=1e-6)


def test_accuracy_and_counts():
    t, p = ALL_LABELS, ALL_PREDICTIONS
    check(tf.metrics.accuracy, np.mean(t == p))
    check(tf.metrics.true_positives, np.sum((t == 1) & (p == 1)))
    check(tf.metrics.false_positives, np.sum((t == 0) & (p == 1)))
    check(tf.metrics.true_negatives, np.sum((t == 0) & (p == 0)))
    check(tf.metrics.false_negatives, np.sum((t == 1) & (p == 0)))
    check(tf.metrics.precision, 3 / 5)
    check(tf.metrics.recall, 3 / 4)


def test_precision_and_recall_are_0_where_nothing_is_true():
    nothing = [np.zeros(3, int)]
    check(tf.metrics.precision, 0, labels=nothing, predictions=nothing)
    check(tf.metrics.recall, 0, labels=nothing, predictions=nothing)


def test_errors_of_real_values():
    labels, predictions = [np.array([1.0, 2.0]), np.array([4.0])], [np.array([1.5, 0.0]), np.array([5.0])]
    errors = np.array([0.5, -2.0, 1.0])
    for build, expected in (
        (tf.metrics.mean_absolute_error, np.mean(np.abs(errors))),
        (tf.metrics.mean_squared_error, np.mean(errors**2)),
        (tf.metrics.root_mean_squared_error, np.sqrt(np.mean(errors**2))),
        (lambda t, p: tf.metrics.mean_relative_error(t, p, t), np.mean([0.5, 1, 0.25])),
    ):
        check(build, expected, tf.float32, labels, predictions)


def test_mean_and_percentage_below_with_weights():
    values, weights = [np.array([1.0, 2.0]), np.array([6.0])], [np.array([1.0, 0.0]), np.array([3.0])]
    check(tf.metrics.mean, (1 + 18) / 4, tf.float32, values, weights)
    check(lambda v, w: tf.metrics.percentage_below(v, 3.0, w), 1 / 4, tf.float32, values, weights)
    check(lambda t, p: tf.metrics.true_positives(t, p, 0.5), 1.5)


def test_the_variables_are_local_and_the_tensors_join_collections():
    with tf.Graph().as_default():
        value, update = tf.metrics.mean([1.0], metrics_collections=["m"], updates_collections=[tf.GraphKeys.UPDATE_OPS])
        assert [v.op.name for v in tf.local_variables()] == ["mean/total", "mean/count"]
        assert tf.get_collection(tf.GraphKeys.METRIC_VARIABLES) == tf.local_variables()
        assert not tf.trainable_variables() and not tf.global_variables()
        assert tf.get_collection("m") == [value] and tf.get_collection(tf.GraphKeys.UPDATE_OPS) == [update]


PROGRAM = """
def nodes(tf):
    labels, predictions = tf.placeholder(tf.int64, [None], name="l"), tf.placeholder(tf.int64, [None], name="p")
    real = [tf.placeholder(tf.float32, [3], name=name) for name in "abw"]
    tf.metrics.accuracy(labels, predictions)
    tf.metrics.precision(labels, predictions)
    tf.metrics.recall(labels, predictions)
    tf.metrics.mean(real[0])
    tf.metrics.root_mean_squared_error(real[0], real[1])
    tf.metrics.mean_absolute_error(real[0], real[1])
    tf.metrics.percentage_below(real[0], 0.5)
    for op in tf.get_default_graph().get_operations():
        yield " ".join([op.name, op.type, *(t.name for t in op.inputs), *("^" + c.name for c in op.control_inputs)])
"""


@pytest.mark.oracle
def test_the_nodes_are_tensorflows(tensorflow_python):
    code = PROGRAM + "import tensorflow.compat.v1 as tf; tf.disable_v2_behavior(); print('\\n'.join(nodes(tf)))"
    done = subprocess.run([tensorflow_python, "-c", code], capture_output=True, text=True)
    space = {}
    exec(PROGRAM, space)
    with tf.Graph().as_default():
        assert list(space["nodes"](tf)) == done.stdout.splitlines(), done.stderr
