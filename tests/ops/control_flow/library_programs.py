"""Functions of the library that make branches and loops themselves: their nodes and values must be TensorFlow's (control flow v2)."""

from __future__ import annotations

import numpy as np


def prepare(tf):
    """Called in TensorFlow's process before the programs."""
    tf.enable_control_flow_v2()


def fed(tf, value, shape=None, name="x"):
    """A value whose static shape is `shape`, unknown by default."""
    return tf.placeholder_with_default(value, shape, name=name)


def program_piecewise_constant_of_a_step(tf):
    step = tf.train.get_or_create_global_step()
    return [tf.train.piecewise_constant(step, [5, 10], [1.0, 0.5, 0.25])]


def program_piecewise_constant_of_numbers(tf):
    values = [7.0, 5.0, 10.0, 10.5, 30.0]
    edges, rates = [5.0, 10.0, 20.0], [1.0, 0.5, 0.25, 0.125]
    return [tf.train.piecewise_constant(fed(tf, np.float32(v), []), edges, rates, name="rate") for v in values]


def program_is_non_decreasing(tf):
    rows = [[1.0, 2.0, 2.0], [2.0, 1.0], [1.0], []]
    return [tf.is_non_decreasing(fed(tf, np.float32(row), [None])) for row in rows]


def program_is_strictly_increasing(tf):
    return [tf.is_strictly_increasing(fed(tf, np.int32(rows))) for rows in ([[1, 2], [3, 4]], [[1, 2], [2, 3]], [[1]], 3)]


def program_loss_with_weights_of_unknown_rank(tf):
    x = fed(tf, np.float32([[1, 2], [3, 4]]))
    return [tf.losses.mean_squared_error(x, x * 2.0, fed(tf, np.float32(w), name="w")) for w in (2.0, [[1.0], [0.0]], [[1.0, 0.0]])]


def program_loss_with_weights_of_unknown_sizes(tf):
    x = fed(tf, np.float32([[1, 2], [3, 4]]), [None, 2])
    return [tf.losses.absolute_difference(x, x * 2.0, fed(tf, np.float32([[1.0], [0.5]]), [None, 1], "w"))]


def program_metric_with_weights_of_unknown_rank(tf):
    values = fed(tf, np.float32([1, 2, 3]))
    return [tf.metrics.mean(values, fed(tf, np.float32([1, 0, 1]), name="w"))[1]]


def program_metric_of_labels_of_unknown_rank(tf):
    labels, predictions = fed(tf, np.float32([[1], [2]])), fed(tf, np.float32([1, 4]), name="p")
    return [tf.metrics.mean_absolute_error(labels, predictions, fed(tf, np.float32([[1], [0.5]]), name="w"))[1]]


def program_confusion_matrix_of_unknown_ranks(tf):
    return [tf.confusion_matrix(fed(tf, np.int64([[1], [0], [1]])), fed(tf, np.int64([1, 1, 0]), name="p"), 2)]


def program_rot90(tf):
    image, batch = np.arange(12.0).reshape(2, 3, 2), np.arange(24.0).reshape(2, 2, 3, 2)
    turns = [tf.image.rot90(fed(tf, image, [2, 3, 2]), fed(tf, np.int32(k), [], "k")) for k in (0, 1, 2, 3, 5, -1)]
    return [*turns, tf.image.rot90(fed(tf, batch, [None, None, 3, 2]), fed(tf, np.int32(3), [], "k"))]


def program_random_flips(tf):
    tf.set_random_seed(4)
    image = fed(tf, np.arange(12.0).reshape(2, 3, 2), [2, 3, 2])
    return [flip(image, seed=k) for k in range(4) for flip in (tf.image.random_flip_left_right, tf.image.random_flip_up_down)]


def program_hessians(tf):
    x = fed(tf, np.float64([1.0, 2.0]), [2])
    return tf.hessians(tf.reduce_sum(x * x * x) * x[0], [x])


def program_hessians_of_unknown_sizes(tf):
    x = fed(tf, np.float64([[1.0, 2.0]]), [None, 2])
    return tf.hessians(tf.reduce_sum(tf.sin(x) * x), x)


def images(dims):
    return np.arange(np.prod((2, 2, 3, 2)[4 - dims:]), dtype=np.float32).reshape((2, 2, 3, 2)[4 - dims:])


def program_flips_of_unknown_rank(tf):
    return [turn(fed(tf, images(dims))) for dims in (3, 4)
            for turn in (tf.image.flip_left_right, tf.image.flip_up_down, tf.image.transpose_image)]


def program_random_flips_of_unknown_rank(tf):
    return [flip(fed(tf, images(dims)), seed=k) for dims in (3, 4) for k in range(3)
            for flip in (tf.image.random_flip_left_right, tf.image.random_flip_up_down)]


def program_rot90_of_unknown_rank(tf):
    return [tf.image.rot90(fed(tf, images(dims)), k) for dims in (3, 4) for k in range(5)]


def program_zero_fraction(tf):
    values = fed(tf, np.float32([[1, 0], [0, 2]]), [2, 2]), fed(tf, np.int64([0, 3, 4])), fed(tf, np.float64([]), [None])
    return [tf.nn.zero_fraction(v) for v in values]


def program_spectral_norm(tf):
    x = np.arange(12.0).reshape(2, 3, 2)
    return [tf.norm(fed(tf, x, shape), 2, axis, keepdims=keep) for shape in ([2, 3, 2], [None, 3, 2], None)
            for axis in ((0, 1), (-1, 0)) for keep in (False, True)]


def program_gradient_of_spectral_norm(tf):
    x = fed(tf, np.float64([[1, 2], [3, 5], [0, 1]]), [3, 2])
    return [tf.norm(x, 2, (0, 1)), tf.gradients(tf.norm(x, 2, (1, 0)), x)[0]]


def program_least_squares_of_unknown_sizes(tf):
    tall = np.float64([[1, 2], [3, 5], [0, 1]])
    solved = []
    for a in (tall, tall.T):
        b = fed(tf, np.ones((len(a), 1)), [None, 1], "b")
        solved += [tf.matrix_solve_ls(fed(tf, a, shape), b, l2) for shape in ([None, None], [None, a.shape[1]], None) for l2 in (0.0, 0.5)]
    return solved


def program_gradient_of_least_squares_of_unknown_sizes(tf):
    a, b = fed(tf, np.float64([[1, 2], [3, 5], [0, 1]]), [None, 2]), fed(tf, np.float64([[1], [0], [2]]), [None, 1], "b")
    return tf.gradients(tf.matrix_solve_ls(a, b, 0.1), [a, b])


def program_similarity_on_scales_with_odd_edges(tf):
    x = np.random.default_rng(5).uniform(0, 1, (1, 27, 24, 2)).astype(np.float32)
    first, second = fed(tf, x), fed(tf, 0.9 * x)
    return [tf.image.ssim_multiscale(first, second, 1.0, power_factors=(0.2, 0.3, 0.5), filter_size=5)]


def program_batches_of_what_is_to_be_kept(tf):
    x, y, keep = (fed(tf, np.float32([1, 2]), [2], name) for name in ("x", "y", "z"))
    one, each = fed(tf, True, [], "one"), fed(tf, np.array([True, False]), [2], "each")
    tf.train.maybe_batch([x, y], one, 2)
    tf.train.maybe_batch([x, y], each, 2, enqueue_many=True)
    tf.train.maybe_batch([x], one, 2, enqueue_many=True)
    tf.train.maybe_batch([x], False, 2)
    tf.train.maybe_batch_join([[x], [y]], one, 2)
    tf.train.maybe_shuffle_batch([x], 2, 10, 4, tf.constant(True), seed=3)
    tf.train.maybe_shuffle_batch_join([[x], [y]], 2, 10, 4, one, seed=3)
    return [keep]


def program_moving_averages(tf):
    w, step = tf.get_variable("w", initializer=np.float32([1, 2])), tf.train.get_or_create_global_step()
    r = tf.get_variable("r", initializer=np.float32([1, 2]), use_resource=True)
    first = tf.train.ExponentialMovingAverage(0.9, step).apply([w])
    second = tf.train.ExponentialMovingAverage(0.5, name="slow")
    return [tf.group(first, second.apply([r])), second.average(r).op]


def program_moving_average_of_a_tensor_without_bias(tf):
    x = fed(tf, np.float32([1, 2]), [2])
    average = tf.train.ExponentialMovingAverage(0.9, zero_debias=True)
    with tf.control_dependencies([average.apply([x])]):
        return [tf.identity(average.average(x))]


def program_initialized_values(tf):
    w = tf.Variable(np.float32([1, 2]), name="w")
    twice = tf.Variable(w.initialized_value() * 2.0, name="twice")
    more = tf.Variable(twice * 3.0, name="more")
    return [w.op, twice.op, more.initialized_value().op]


def program_losses_with_regularizers(tf):
    w = tf.get_variable("w", initializer=np.float32([1, 2]), regularizer=lambda v: 0.5 * tf.nn.l2_loss(v))
    tf.losses.mean_squared_error(w, fed(tf, np.float32([2, 2]), [2]), fed(tf, np.float32(2)))
    return [tf.losses.get_total_loss()]


for _program in (program_moving_averages, program_initialized_values):      # TensorFlow cannot run a branch that reads a reference
    _program.only_nodes = True


def program_checks_with_data(tf):
    x, n = fed(tf, np.float32([1, 2]), [2]), fed(tf, np.int32(3), [], "n")
    checks = [tf.Assert(n > 2, [x, n]), tf.assert_less(x, 4.0), tf.assert_equal(n, 3, data=[x]), tf.assert_near(x, x)]
    with tf.control_dependencies(checks):
        return [tf.identity(x)]


def program_exponential_of_matrices(tf):
    stack = np.float64([[[0.0, 1.0], [-1.0, 0.5]], [[4.0, -7.0], [2.0, 0.1]]])
    return [tf.linalg.expm(fed(tf, stack, shape)) for shape in ([2, 2, 2], [None, 2, 2])]
