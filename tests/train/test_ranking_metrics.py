"""tf.metrics of the k best classes: TensorFlow's values, names and collections."""
import numpy as np
import pytest

import graphflow as tf
from tests.oracle.programs import run_program, tensorflow_results
from tests.train import ranking_programs

PROGRAMS = sorted(name for name in vars(ranking_programs) if name.startswith("program_"))
LABELS = np.array([[0, 1], [2, 2]])
SCORES = np.array([[0.1, 0.6, 0.3], [0.5, 0.3, 0.2]], np.float32)       # best first: 1, 2, 0 and 0, 1, 2


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results(ranking_programs.__name__, tensorflow_python, tmp_path_factory.mktemp("ranking"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_values(name, theirs):
    ours = run_program(getattr(ranking_programs, name), tf)
    for got, want in zip(ours["runs"], theirs[name]["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=1e-6)


@pytest.mark.parametrize(("function", "k", "expected"), [
    (tf.metrics.precision_at_k, 1, 1 / 2), (tf.metrics.precision_at_k, 3, 3 / 6), (tf.metrics.recall_at_k, 1, 1 / 3),
    (tf.metrics.recall_at_k, 3, 1.0), (tf.metrics.average_precision_at_k, 2, (1 / 2 + 0) / 2),
    (tf.metrics.average_precision_at_k, 3, ((1 + 2 / 3) / 2 + (1 / 3) / 2) / 2),
])  # fmt: skip
def test_over_two_batches(function, k, expected):
    with tf.Graph().as_default(), tf.Session() as session:
        labels, scores = tf.placeholder(tf.int64, [None, 2]), tf.placeholder(tf.float32, [None, 3])
        value, update = function(labels, scores, k, metrics_collections=["values"], updates_collections="updates")
        session.run(tf.local_variables_initializer())
        for i in range(2):
            session.run(update, {labels: LABELS[i:i + 1], scores: SCORES[i:i + 1]})
        assert session.run(value) == pytest.approx(expected)
        assert (tf.get_collection("values"), tf.get_collection("updates")) == ([value], [update])
        assert len(tf.get_collection(tf.GraphKeys.METRIC_VARIABLES)) == 2 and value.dtype == tf.float64


def test_names_of_variables():
    with tf.Graph().as_default():
        value, update = tf.metrics.recall_at_k(LABELS, SCORES, 2, class_id=1)
        assert (value.name, update.name) == ("recall_at_2_class1:0", "recall_at_2_class1/update:0")
        assert [v.op.name for v in tf.local_variables()] == ["recall_at_2_class1/true_positive_at_2_class1",
                                                             "recall_at_2_class1/false_negative_at_2_class1"]


def test_refused():
    with tf.Graph().as_default():
        with pytest.raises(ValueError, match="Invalid k=0"):
            tf.metrics.average_precision_at_k(LABELS, SCORES, 0)
        with pytest.raises(ValueError, match="Unexpected labels shape"):
            tf.metrics.precision_at_top_k(np.zeros((2, 3, 2), int), np.zeros((2, 2), int))
        with pytest.raises(ValueError, match="`sensitivity` must be in the range"):
            tf.metrics.specificity_at_sensitivity([True], [0.5], 2.0)
