"""More neural-network programs for the oracle: normalisation, dropout, embeddings, sampling, losses."""
import numpy as np

from tests.ops.nn_programs import values, with_gradients


def program_dropout(tf):
    tf.set_random_seed(7)
    keep = tf.placeholder_with_default(np.float32(0.6), [])
    x = tf.constant(values(4, 50))
    return [tf.nn.dropout(x, 0.75), tf.nn.dropout(x, rate=0.25, noise_shape=[4, 1], seed=3), tf.nn.dropout(x, keep),
            *tf.gradients(tf.nn.dropout(x, keep_prob=0.5, seed=1), [x])]


def program_embedding_lookup(tf):
    w = tf.Variable(tf.constant(values(7, 3)))
    parts = [tf.Variable(tf.constant(values(4 - i // 2, 3, seed=i))) for i in range(3)]
    ids = tf.constant([[0, 3], [6, 3]])
    found = [tf.nn.embedding_lookup(w, ids), tf.nn.embedding_lookup(parts, ids), tf.nn.embedding_lookup(parts, ids, "div")]
    return found + [tf.convert_to_tensor(tf.gradients(found[0], w.value())[0])]


def program_moments(tf):
    x = tf.constant(values(3, 4, 5))
    mean, variance = tf.nn.moments(x, [0, 1])
    found = with_gradients(tf, variance * mean, [x], order=1)
    found += list(tf.nn.moments(x, [1], keep_dims=True))
    found += list(tf.nn.weighted_moments(x, [0], tf.constant(np.abs(values(3, 1, 5)))))
    count, total, squares, shift = tf.nn.sufficient_statistics(x, [0, 1], shift=0.5)
    return found + [count, total, squares, *tf.nn.normalize_moments(count, total, squares, shift), tf.nn.l2_normalize(x, 1)]


def program_batch_norm(tf):
    x, scale, offset = tf.constant(values(3, 4, 4, 5)), tf.constant(values(5, seed=1)), tf.constant(values(5, seed=2))
    mean, variance = tf.nn.moments(x, [0, 1, 2])
    found = with_gradients(tf, tf.square(tf.nn.batch_normalization(x, mean, variance, offset, scale, 1e-3)), [x, scale, offset], order=1)
    y, m, v = tf.nn.fused_batch_norm(x, scale, offset)
    found += [m, v, *with_gradients(tf, tf.square(y), [x, scale, offset], order=1)]
    mean, variance = tf.constant(values(5, seed=3)), tf.constant(np.abs(values(5, seed=4)))
    y, m, v = tf.nn.fused_batch_norm(x, scale, offset, mean, variance, is_training=False)
    return found + with_gradients(tf, tf.square(y), [x, scale, offset], order=1)


def program_lrn_and_depthwise(tf):
    x = tf.constant(values(2, 5, 6, 4))
    found = with_gradients(tf, tf.nn.lrn(x, 2, bias=1.5, alpha=0.3, beta=0.75), [x], order=1)
    w, p = tf.constant(values(3, 2, 4, 2)), tf.constant(values(1, 1, 8, 5))
    found += with_gradients(tf, tf.nn.depthwise_conv2d(x, w, [1, 1, 1, 1], "SAME"), [x, w], order=2)
    return found + with_gradients(tf, tf.nn.separable_conv2d(x, w, p, [1, 2, 2, 1], "SAME"), [x, w, p], order=1)


def program_spaces(tf):
    x, w = tf.constant(values(2, 8, 6, 4)), tf.constant(values(3, 3, 4, 2))
    found = [tf.nn.atrous_conv2d(x, w, 2, "SAME"), tf.nn.convolution(x, w, "VALID", strides=[2, 1])]
    found += with_gradients(tf, tf.space_to_batch_nd(x, [2, 3], [[0, 0], [1, 2]]), [x], order=1)
    found += [tf.batch_to_space_nd(tf.space_to_batch_nd(x, [2, 3], [[0, 0], [1, 2]]), [2, 3], [[0, 0], [1, 2]])]
    found += [tf.space_to_batch(x, [[0, 0], [0, 0]], 2), *with_gradients(tf, tf.space_to_depth(x, 2), [x], order=1)]
    found += [tf.depth_to_space(x, 2), tf.nn.pool(x, [2, 2], "MAX", "SAME", strides=[2, 2])]
    return found + with_gradients(tf, tf.nn.dilation2d(x, tf.constant(values(2, 3, 4)), [1, 1, 2, 1], [1, 2, 1, 1], "SAME"), [x], order=1)


def program_top_k(tf):
    x = tf.constant(np.round(2 * values(4, 6)))
    values_, indices = tf.nn.top_k(x, 3)
    return [values_, indices, *tf.gradients(values_, [x]), tf.nn.in_top_k(x, [0, 5, 2, 2], 2)]


def program_sampled_losses(tf):
    tf.set_random_seed(5)
    w, b = tf.constant(values(20, 3)), tf.constant(values(20, seed=1))
    labels, x = tf.constant([[3], [0], [7]], tf.int64), tf.constant(values(3, 3, seed=2))
    found = with_gradients(tf, tf.nn.nce_loss(weights=w, biases=b, labels=labels, inputs=x, num_sampled=4, num_classes=20), [x], order=1)
    return found + with_gradients(tf, tf.nn.sampled_softmax_loss(w, b, labels, x, 4, 20), [x], order=1)


def program_losses(tf):
    z, p = tf.constant(np.abs(values(3, 4))), tf.constant(np.abs(values(3, 4, seed=1)) / 4)
    reductions = tf.losses.Reduction
    found = [tf.losses.mean_squared_error(z, p), tf.losses.absolute_difference(z, p, weights=2.0, reduction=reductions.SUM),
             tf.losses.hinge_loss(z, p, reduction=reductions.MEAN),
             tf.losses.huber_loss(z, p, delta=0.5, loss_collection=None, reduction=reductions.NONE),
             tf.losses.log_loss(z, p, reduction=reductions.SUM_OVER_BATCH_SIZE),
             tf.losses.cosine_distance(z, p, axis=1), tf.losses.mean_pairwise_squared_error(z, p),
             tf.losses.sigmoid_cross_entropy(z, p, label_smoothing=0.2), tf.losses.softmax_cross_entropy(z, p, label_smoothing=0.1),
             tf.losses.sparse_softmax_cross_entropy(tf.constant([0, 3, 1]), p, weights=tf.constant([1.0, 0.0, 2.0]))]
    return [*found, tf.losses.get_total_loss()]
