"""tf.contrib.metrics: predictions come first."""
import numpy as np
import pytest

import graphflow as tf

metrics = tf.contrib.metrics
BINARY = np.array([1, 0, 1, 1, 0, 1]), np.array([1, 1, 1, 0, 0, 1])
SCORES = np.array([0.9, 0.4, 0.3, 0.8], np.float32), np.array([True, False, True, True])


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def value(pair, runs=1):
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        for _ in range(runs):
            last = session.run(pair[1])
        result = session.run(pair[0])
    if np.shape(last) == np.shape(result):      # the update of mean_iou gives its counts
        np.testing.assert_allclose(result, last, rtol=1e-6)
    return np.asarray(result).tolist()


@pytest.mark.parametrize(("name", "wanted"), [
    ("accuracy", 4 / 6), ("precision", 3 / 4), ("recall", 3 / 4), ("true_positives", 3), ("true_negatives", 1), ("false_positives", 1),
    ("false_negatives", 1)])
def test_counts_of_right_and_wrong(name, wanted):
    # false positives and negatives differ once weights tell them apart
    function = getattr(metrics, f"streaming_{name}")
    predictions, labels = (tf.constant(v) for v in BINARY)
    np.testing.assert_allclose(value(function(predictions, labels)), wanted, rtol=1e-6)
    weights = np.array([1.0, 10, 1, 2, 1, 1])
    predicted, label = BINARY
    sums = {(p, y): weights[(predicted == p) & (label == y)].sum() for p in (0, 1) for y in (0, 1)}
    both = {"accuracy": (sums[1, 1] + sums[0, 0]) / weights.sum(), "precision": sums[1, 1] / (sums[1, 1] + sums[1, 0]),
            "recall": sums[1, 1] / (sums[1, 1] + sums[0, 1]), "true_positives": sums[1, 1], "true_negatives": sums[0, 0],
            "false_positives": sums[1, 0], "false_negatives": sums[0, 1]}
    np.testing.assert_allclose(value(function(predictions, labels, weights=weights)), both[name], rtol=1e-6)


@pytest.mark.parametrize(("name", "arguments"), [
    ("auc", {}), ("sensitivity_at_specificity", {"specificity": 0.5}), ("specificity_at_sensitivity", {"sensitivity": 0.5}),
    ("precision_at_thresholds", {"thresholds": [0.35, 0.85]}), ("recall_at_thresholds", {"thresholds": [0.35, 0.85]})])
def test_scores_by_thresholds_are_those_of_the_core(name, arguments):
    scores, labels = (tf.constant(v) for v in SCORES)
    ours = value(getattr(metrics, f"streaming_{name}")(scores, labels, **arguments))
    assert ours == value(getattr(tf.metrics, name)(labels, scores, **arguments))


@pytest.mark.parametrize(("name", "more", "wanted"), [
    ("mean_absolute_error", {}, 1.5), ("mean_squared_error", {}, 2.5), ("root_mean_squared_error", {}, 2.5 ** 0.5),
    ("mean_relative_error", {"normalizer": np.array([1.0, 4.0], np.float32)}, 0.75)])
def test_errors_of_numbers(name, more, wanted):
    found = getattr(metrics, f"streaming_{name}")(tf.constant([2.0, 4.0]), tf.constant([1.0, 2.0]), **more)
    np.testing.assert_allclose(value(found), wanted)


def test_classes_and_ranks():
    assert value(metrics.streaming_mean_iou(tf.constant([0, 1, 1]), tf.constant([0, 1, 0]), 2)) == 0.5
    scores = tf.constant([[0.1, 0.6, 0.3], [0.5, 0.2, 0.3]])
    assert value(metrics.streaming_recall_at_k(scores, tf.constant([2, 1]), 2)) == 0.5
    labels = tf.constant([[2], [1]], tf.int64)
    assert value(metrics.streaming_sparse_recall_at_k(scores, labels, 2)) == 0.5
    assert value(metrics.streaming_sparse_precision_at_k(scores, labels, 2)) == 0.25
    assert value(metrics.streaming_mean_cosine_distance(tf.constant([[1.0, 0.0]]), tf.constant([[0.0, 1.0]]), 1)) == 1.0
    with tf.Session() as session:
        assert session.run(metrics.confusion_matrix([0, 1], [1, 1], 2)).tolist() == [[0, 1], [0, 1]]


def test_accuracy_of_a_batch():
    with tf.Session() as session:
        np.testing.assert_allclose(session.run(metrics.accuracy(*(tf.constant(v) for v in BINARY))), 4 / 6, rtol=1e-6)
        np.testing.assert_allclose(session.run(metrics.accuracy(*(tf.constant(v) for v in BINARY), weights=[1.0, 0, 0, 3, 0, 0])), 0.25)
    with pytest.raises(ValueError, match="Labels should have bool, integer, or string dtype"):
        metrics.accuracy(tf.ones([2]), tf.ones([2]))
    with pytest.raises(ValueError, match="Dtypes of predictions and labels should match"):
        metrics.accuracy(tf.constant([1]), tf.constant([True]))


def test_f1_is_the_best_over_all_thresholds():
    scores, labels = SCORES
    best = max(2 * tp / (2 * tp + fp + fn) for t in np.linspace(0, 1, 101)
               for tp, fp, fn in [(((scores > t) & labels).sum(), ((scores > t) & ~labels).sum(), ((scores <= t) & labels).sum())])
    np.testing.assert_allclose(value(metrics.f1_score(tf.constant(labels), tf.constant(scores))), best, rtol=1e-4)


@pytest.mark.parametrize("weighted", [False, True])
def test_covariance_and_correlation_of_several_batches(weighted):
    draw = np.random.RandomState(0)
    x, y, w = draw.randn(7).astype(np.float32), draw.randn(7).astype(np.float32), draw.randint(1, 4, 7).astype(np.float32)
    often = (w if weighted else np.ones(7)).astype(int)
    xs, ys = np.tile(np.repeat(x, often), 2), np.tile(np.repeat(y, often), 2)
    weights = w if weighted else None
    np.testing.assert_allclose(value(metrics.streaming_covariance(tf.constant(x), tf.constant(y), weights), 2), np.cov(xs, ys)[0, 1],
                               rtol=1e-4)
    np.testing.assert_allclose(value(metrics.streaming_pearson_correlation(tf.constant(x), tf.constant(y), weights), 2),
                               np.corrcoef(xs, ys)[0, 1], rtol=1e-4)


def test_maps_of_metrics():
    values, updates = metrics.aggregate_metric_map({"mean": metrics.streaming_mean(tf.constant([1.0, 3.0])),
                                                    "count": metrics.count(tf.ones([3]), weights=tf.constant([1.0, 0.0, 2.0]))})
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        session.run(updates)
        assert session.run(values) == {"mean": 2.0, "count": 3.0}
    assert len(metrics.aggregate_metrics((1, 2), (3, 4))[0]) == 2
    with pytest.raises(ValueError, match="at least one"):
        metrics.aggregate_metrics()
    assert tf.contrib.slim.metrics.streaming_accuracy is metrics.streaming_accuracy
