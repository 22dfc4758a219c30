"""Small neural-network programs, run by graphflow and by TensorFlow (see tests/oracle/programs.py)."""
import numpy as np


def values(*shape, seed=0, dtype=np.float32):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def with_gradients(tf, y, xs, order=2):
    """[y, dy/dx..., d(sum of squares of those)/dx...]."""
    first = tf.gradients(y, xs)
    found = [y, *first]
    if order == 2:
        second = tf.gradients([tf.reduce_sum(tf.square(g)) for g in first if g is not None], xs)
        found += [g for g in second if g is not None]
    return found


def program_activations(tf):
    found = []
    for name in ("relu", "relu6", "elu", "selu", "softplus", "leaky_relu"):
        x = tf.constant(3 * values(4, 5), name="x_" + name)
        found += with_gradients(tf, getattr(tf.nn, name)(x), [x])
    for name in ("softsign", "crelu", "sigmoid", "tanh"):
        x = tf.constant(values(4, 5), name="x_" + name)
        found += with_gradients(tf, getattr(tf.nn, name)(x), [x], order=1)
    return found


def program_softmax(tf):
    found = []
    for name in ("softmax", "log_softmax"):
        x = tf.constant(values(4, 5), name="x_" + name)
        found += with_gradients(tf, getattr(tf.nn, name)(x) * tf.constant(values(4, 5, seed=1)), [x])
        x = tf.constant(values(3, 4, 2), name="x3_" + name)
        found += with_gradients(tf, getattr(tf.nn, name)(x, axis=1) * tf.constant(values(3, 4, 2, seed=1)), [x], order=1)
    return found


def program_softmax_cross_entropy(tf):
    x, z = tf.constant(values(4, 5)), tf.constant(np.abs(values(4, 5, seed=1)))
    found = with_gradients(tf, tf.nn.softmax_cross_entropy_with_logits(labels=z, logits=x), [x])
    found += with_gradients(tf, tf.nn.softmax_cross_entropy_with_logits_v2(labels=z, logits=x), [x, z], order=1)
    x3, z3 = tf.constant(values(2, 3, 5)), tf.constant(np.abs(values(2, 3, 5, seed=1)))
    return found + with_gradients(tf, tf.nn.softmax_cross_entropy_with_logits_v2(labels=z3, logits=x3, axis=1), [x3, z3], order=1)


def program_sparse_cross_entropy(tf):
    x, z = tf.constant(values(4, 5)), tf.constant([0, 4, 2, 2])
    found = with_gradients(tf, tf.nn.sparse_softmax_cross_entropy_with_logits(labels=z, logits=x), [x])
    x3, z3 = tf.constant(values(2, 3, 5)), tf.constant([[0, 1, 4], [3, 3, 2]])
    return found + with_gradients(tf, tf.nn.sparse_softmax_cross_entropy_with_logits(labels=z3, logits=x3), [x3], order=1)


def program_other_cross_entropies(tf):
    x, z = tf.constant(values(4, 5)), tf.constant(np.abs(values(4, 5, seed=1)))
    found = with_gradients(tf, tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x), [x, z], order=1)
    found += with_gradients(tf, tf.nn.weighted_cross_entropy_with_logits(labels=z, logits=x, pos_weight=2.5), [x], order=1)
    return found + with_gradients(tf, tf.nn.log_poisson_loss(z, x, compute_full_loss=True), [x], order=1)


def program_bias_and_l2(tf):
    x, b, w = tf.constant(values(4, 5)), tf.constant(values(5)), tf.constant(values(5, 5))
    found = with_gradients(tf, tf.nn.bias_add(x, b), [x, b])
    found += with_gradients(tf, tf.nn.xw_plus_b(x, w, b), [x, w, b], order=1)
    found += with_gradients(tf, tf.nn.relu_layer(x, w, b), [x, w, b], order=1)
    return found + with_gradients(tf, tf.nn.l2_loss(x), [x])


def program_conv2d(tf):
    found = []
    explicit = [[0, 0], [1, 2], [0, 1], [0, 0]]
    for padding, strides, dilations in (("SAME", 1, 1), ("VALID", 2, 1), ("SAME", [1, 1, 2, 1], 1), (explicit, 1, 1)):
        x, w = tf.constant(values(2, 8, 7, 3)), tf.constant(values(3, 2, 3, 4))
        found += with_gradients(tf, tf.nn.conv2d(x, w, strides, padding, dilations=dilations), [x, w], order=2)
    return found + [tf.nn.conv2d(x, w, 1, "VALID", dilations=2)]


def program_conv_transposes(tf):
    x, w = tf.constant(values(2, 4, 4, 3)), tf.constant(values(3, 3, 5, 3))
    found = with_gradients(tf, tf.nn.conv2d_transpose(x, w, [2, 8, 8, 5], [1, 2, 2, 1]), [x, w], order=1)
    batch = tf.shape(tf.placeholder_with_default(values(2, 1), [None, 1]))[0]
    found += [tf.nn.conv2d_transpose(x, w, tf.stack([batch, 9, 9, 5]), [1, 2, 2, 1], "VALID")]
    s, v = tf.constant(values(2, 7, 3)), tf.constant(values(3, 3, 4))
    found += with_gradients(tf, tf.nn.conv1d(s, v, 2, "SAME"), [s, v], order=1)
    return found + [tf.nn.conv1d_transpose(tf.constant(values(2, 4, 3)), tf.constant(values(3, 5, 3)), [2, 8, 5], 2)]


def program_conv3d(tf):
    x, w = tf.constant(values(2, 5, 6, 4, 3)), tf.constant(values(2, 3, 2, 3, 4))
    found = with_gradients(tf, tf.nn.conv3d(x, w, [1, 1, 2, 1, 1], "SAME"), [x, w], order=2)
    y, v = tf.constant(values(1, 2, 3, 2, 3)), tf.constant(values(2, 2, 2, 4, 3))
    return found + with_gradients(tf, tf.nn.conv3d_transpose(y, v, [1, 4, 6, 4, 4], [1, 2, 2, 2, 1]), [y, v], order=1)


def program_pools(tf):
    x = tf.constant(np.round(values(2, 7, 6, 3)))
    found = []
    for padding in ("SAME", "VALID"):
        found += with_gradients(tf, tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], padding), [x])
        found += with_gradients(tf, tf.nn.avg_pool(x, [1, 3, 2, 1], [1, 2, 1, 1], padding), [x])
    y = tf.constant(values(1, 4, 5, 6, 2))
    found += with_gradients(tf, tf.nn.max_pool3d(y, 2, 2, "SAME"), [y], order=1)
    found += with_gradients(tf, tf.nn.avg_pool3d(y, [1, 2, 3, 2, 1], [1, 1, 2, 2, 1], "SAME"), [y])
    found += [tf.nn.max_pool1d(tf.constant(values(2, 6, 3)), 2, 2, "SAME"), tf.nn.avg_pool1d(tf.constant(values(2, 6, 3)), 3, 2, "SAME")]
    return found + list(tf.nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME", include_batch_in_index=True))


def program_digit_network(tf):
    x, z = tf.placeholder_with_default(np.abs(values(2, 784)), [None, 784]), tf.one_hot([3, 7], 10)
    image = tf.reshape(x, [-1, 28, 28, 1])
    for number, shape in enumerate(((5, 5, 1, 4), (5, 5, 4, 6))):
        w = tf.Variable(tf.constant(0.1 * values(*shape)), name=f"w{number}")
        b = tf.Variable(tf.constant(0.05, shape=[shape[-1]]), name=f"b{number}")
        image = tf.nn.conv2d(input=image, filter=w, strides=[1, 1, 1, 1], padding="SAME") + b
        image = tf.nn.relu(tf.nn.max_pool(value=image, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME"))
    flat = tf.reshape(image, [-1, image.get_shape()[1:4].num_elements()])
    w = tf.Variable(tf.constant(0.1 * values(294, 10)))
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=tf.matmul(flat, w), labels=z))
    train = tf.train.AdamOptimizer(1e-3).minimize(loss)
    with tf.control_dependencies([train]):
        return [tf.identity(loss)]
