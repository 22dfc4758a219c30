"""Metrics of the k best classes, run by graphflow and by TensorFlow (see tests/oracle/programs.py)."""
import numpy as np

RANDOM = np.random.default_rng(0)
SCORES, DEEP = RANDOM.random((5, 7), np.float32), RANDOM.random((2, 3, 6), np.float32)
ONE, MANY, WEIGHTS = RANDOM.integers(0, 7, 5), RANDOM.integers(0, 7, (5, 3)), RANDOM.random(5)
PADDED = np.array([[1, -1, 2], [3, 7, 9], [0, 0, 1], [-1, -1, -1], [2, 2, 2]])
TRUTH, GUESS = RANDOM.integers(0, 2, 50).astype(bool), RANDOM.random(50, np.float32)


def sparse(tf):
    return tf.SparseTensor([[0, 0], [0, 1], [1, 0], [3, 0], [3, 1], [3, 2]], np.array([1, 2, 3, 4, 5, 6]), [5, 3])


def updates(tf, functions):
    """The updates of each function for one, many and sparse labels, with weights, of rank 3, with unknown shapes."""
    found = []
    for function in functions:
        for k in (1, 2, 7):
            found += [function(labels, SCORES, k)[1] for labels in (ONE, MANY, PADDED, sparse(tf))]
            found += [function(MANY, SCORES, k, weights=w)[1] for w in (0.5, WEIGHTS)]
        found.append(function(np.tile([1, 4], (2, 3, 1)), DEEP, 3, weights=np.array([[0.25], [0.5]]))[1])
        found.append(function(tf.placeholder_with_default(MANY, [None, None]), tf.placeholder_with_default(SCORES, [None, None]), 2)[1])
    return found


def program_precision_and_recall(tf):
    return updates(tf, (tf.metrics.precision_at_k, tf.metrics.recall_at_k))


def program_average_precision(tf):
    return updates(tf, (tf.metrics.average_precision_at_k,))


def program_of_one_class(tf):
    found = []
    for function in (tf.metrics.precision_at_k, tf.metrics.recall_at_k):
        for class_id in (2, 6):
            found += [function(labels, SCORES, 3, class_id=class_id)[1] for labels in (ONE, MANY, sparse(tf))]
            found.append(function(MANY, SCORES, 3, class_id=class_id, weights=WEIGHTS)[1])
    return found


def program_of_the_best_classes(tf):
    best = tf.constant([[0, 1], [2, 3], [4, 5], [6, 0], [1, 2]], tf.int64)
    found = []
    for function in (tf.metrics.precision_at_top_k, tf.metrics.recall_at_top_k):
        found += [function(MANY, best)[1], function(sparse(tf), best, k=2, weights=WEIGHTS)[1], function(MANY, best, class_id=1)[1]]
    return found


def program_specificity(tf):
    weights = np.linspace(0, 1, 50)
    return [tf.metrics.specificity_at_sensitivity(TRUTH, GUESS, s, weights=w, num_thresholds=n)[1]
            for s in (0.0, 0.3, 0.7, 1.0) for w, n in ((None, 200), (weights, 20))]
