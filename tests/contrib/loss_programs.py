"""Programs of tf.contrib.losses that are compared with tf-slim's: nodes of the losses' ends, collections, values."""
import numpy as np

from tests.contrib.layer_programs import collections, prepare  # noqa: F401


def losses(tf):
    if hasattr(tf, "contrib"):
        return tf.contrib.losses
    import tf_slim
    return tf_slim.losses


def metric_learning(tf):
    if hasattr(tf, "contrib"):
        return tf.contrib.losses.metric_learning
    from tf_slim.losses import metric_learning as found
    return found


def _data():
    draw = np.random.RandomState(0)
    return draw.rand(4, 3).astype(np.float32), draw.randint(0, 2, [4, 3]).astype(np.float32)


def program_weighted_losses(tf):
    ours = losses(tf)
    p, y = (tf.constant(v) for v in _data())
    found = []
    for weights in (1.0, 0.0, np.array([1.0, 0.0, 2.0, 3.0], np.float32), np.array([[1.0], [0.0], [2.0], [3.0]], np.float32),
                    np.arange(12, dtype=np.float32).reshape(4, 3)):
        found += [ours.mean_squared_error(p, y, weights), ours.absolute_difference(p, y, weights), ours.log_loss(p, y, weights),
                  ours.sigmoid_cross_entropy(p, y, weights)]
        if np.ndim(weights) < 2:
            found += [ours.softmax_cross_entropy(p, y, weights), ours.mean_pairwise_squared_error(p, y, weights),
                      ours.cosine_distance(p, y, axis=1, weights=weights)]
    return [*found, ours.get_total_loss(), collections(tf)]


def program_other_losses(tf):
    ours = losses(tf)
    p, y = (tf.constant(v) for v in _data())
    tf.add_to_collection("regularization_losses", tf.constant(2.0))
    found = [ours.hinge_loss(p, y), ours.softmax_cross_entropy(p, y, label_smoothing=0.1, scope="smooth"),
             ours.sigmoid_cross_entropy(p, y, label_smoothing=0.1), ours.sparse_softmax_cross_entropy(p, tf.constant([0, 2, 1, 1])),
             ours.sparse_softmax_cross_entropy(p, tf.constant([[0], [2], [1], [1]]), np.array([0.0, 1, 2, 3], np.float32)),
             ours.compute_weighted_loss(p), ours.compute_weighted_loss(p * 2.0, 2.0)]
    ours.add_loss(tf.constant(5.0, name="mine"))
    return [*found, ours.get_total_loss(), ours.get_total_loss(False, name="bare"), tf.gradients(found[1], p)[0], collections(tf)]


def program_metric_learning(tf):
    ours = metric_learning(tf)
    draw = np.random.RandomState(3)
    e = draw.randn(8, 5).astype(np.float32)
    e = tf.constant(e / np.linalg.norm(e, axis=1, keepdims=True))
    f = tf.constant(draw.randn(8, 5).astype(np.float32))
    labels = tf.constant([0, 1, 2, 0, 1, 2, 0, 3])
    found = [ours.triplet_semihard_loss(labels, e), ours.triplet_semihard_loss(labels, e, 0.1), ours.npairs_loss(labels, e, f),
             ours.lifted_struct_loss(labels, e), ours.contrastive_loss(tf.cast(labels > 0, tf.int32), e, f, 3.0),
             ours.pairwise_distance(e), ours.pairwise_distance(e, squared=True)]
    return [*found, *(tf.gradients(loss, e)[0] for loss in found[:5])]
