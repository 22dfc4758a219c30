"""Programs of tf.layers that are compared with TensorFlow's: nodes, collections, initial values and training steps."""
import numpy as np

_COLLECTIONS = ("variables", "trainable_variables", "regularization_losses", "update_ops")


def prepare(tf):
    tf.enable_control_flow_v2()


def _images(n=6, size=8, channels=3):
    return np.random.RandomState(0).randn(n, size, size, channels).astype(np.float32)


def _collections(tf):
    """What is in which collection, as the bytes of one text."""
    graph = tf.get_default_graph()
    lines = [f"{key}: {getattr(item, 'name', item)}" for key in _COLLECTIONS for item in graph.get_collection(key)]
    return tf.constant(np.frombuffer("\n".join(lines).encode(), np.uint8))


def _square(tf):
    return lambda weight: tf.reduce_sum(weight * weight)


def program_dense(tf):
    tf.set_random_seed(1)
    x = tf.constant(np.random.RandomState(0).randn(5, 8).astype(np.float32))
    h = tf.layers.dense(x, 4, tf.nn.relu, kernel_regularizer=_square(tf))
    h = tf.layers.dense(h, 4, name="shared", use_bias=False)
    h = tf.layers.dense(h, 4, name="shared", use_bias=False, reuse=True)
    h = tf.layers.dropout(h, 0.5, training=True, seed=3)
    h = tf.layers.dropout(h, 0.5)
    return [h, *tf.trainable_variables(), _collections(tf)]


def program_dense_of_higher_rank(tf):
    tf.set_random_seed(1)
    x = np.random.RandomState(0).randn(2, 3, 8)
    known = tf.placeholder_with_default(x, [None, 3, 8])
    unknown = tf.placeholder_with_default(x, [None, None, 8])
    return [tf.layers.dense(known, 3, tf.tanh), tf.layers.dense(unknown, 3, "relu", kernel_initializer="he_normal",
                                                                bias_initializer="ones")]


def program_layers_as_objects(tf):
    tf.set_random_seed(4)
    x = tf.placeholder_with_default(np.ones([2, 4]), [None, 4])
    layer = tf.layers.Dense(3, activation=tf.nn.tanh)
    a, b, c = layer(x), layer(x), layer.apply(x)
    named = tf.layers.Dense(3, name="mine")
    d = named(x)
    assert [v.name for v in layer.trainable_weights] == ["dense/kernel:0", "dense/bias:0"]
    assert (layer.name, layer.scope_name, layer.dtype) == ("dense_1", "dense", "float64")
    assert (named.name, named.scope_name, tf.layers.Dense(3).name) == ("mine", "mine", "dense_2")
    return [a, b, c, d, _collections(tf)]


def program_scopes(tf):
    tf.set_random_seed(4)
    x = tf.placeholder_with_default(np.ones([2, 4], np.float32), [None, 4])
    with tf.variable_scope("outer", initializer=tf.constant_initializer(2.0)):
        a = tf.layers.dense(x, 3, activity_regularizer=_square(tf), kernel_regularizer=_square(tf))
        b = tf.layers.dense(x, 3)
    with tf.variable_scope("outer", reuse=True):
        c = tf.layers.dense(x, 3, name="dense")
    with tf.variable_scope("outer", reuse=tf.AUTO_REUSE):
        d = tf.layers.dense(x, 3, name="dense", kernel_regularizer=_square(tf))
        e = tf.layers.dense(x, 3, name="new", kernel_regularizer=_square(tf))
    with tf.name_scope("names"):
        f = tf.layers.dense(x, 3, name="inside", kernel_regularizer=_square(tf))
    return [a, b, c, d, f, e, _collections(tf)]


def program_convolutions(tf):
    tf.set_random_seed(2)
    x = tf.placeholder_with_default(_images(), [None, 8, 8, 3])
    h = tf.layers.conv2d(x, 4, 3, activation=tf.nn.relu, padding="same", bias_regularizer=_square(tf))
    h = tf.layers.max_pooling2d(h, 2, 2)
    h = tf.layers.average_pooling2d(h, 2, 1)
    h = tf.layers.conv2d_transpose(h, 2, 3, 2)
    h = tf.layers.separable_conv2d(h, 4, 3)
    dilated = tf.layers.conv2d(x, 2, (3, 2), dilation_rate=2)
    strided = tf.layers.conv2d(x, 2, 3, 2, "same")
    return [tf.layers.flatten(h), dilated, strided, _collections(tf)]


def program_convolutions_of_unknown_sizes(tf):
    tf.set_random_seed(2)
    x = tf.placeholder_with_default(_images(), [None, None, None, 3])
    return [tf.layers.conv2d(x, 2, 3, 2), tf.layers.conv2d_transpose(x, 2, 3, 2, padding="same"), tf.layers.conv2d_transpose(x, 2, 4, 3),
            tf.layers.flatten(x), tf.layers.max_pooling2d(x, 3, 2, "same")]


def program_sequences(tf):
    tf.set_random_seed(3)
    x = tf.placeholder_with_default(np.random.RandomState(0).randn(2, 9, 3).astype(np.float32), [None, 9, 3])
    h = tf.layers.conv1d(x, 4, 3)
    h = tf.layers.separable_conv1d(h, 4, 3)
    h = tf.layers.max_pooling1d(h, 2, 2)
    h = tf.layers.average_pooling1d(h, 2, 1)
    return [h, _collections(tf)]


def program_volumes(tf):
    tf.set_random_seed(3)
    x = tf.placeholder_with_default(np.random.RandomState(0).randn(1, 8, 8, 8, 2).astype(np.float32), [None, 8, 8, 8, 2])
    h = tf.layers.conv3d(x, 3, 3)
    h = tf.layers.max_pooling3d(h, 2, 2)
    h = tf.layers.average_pooling3d(h, 2, 1)
    return [tf.layers.conv3d_transpose(h, 2, 3), _collections(tf)]


def program_batch_normalization(tf):
    x = tf.placeholder_with_default(_images(), [None, 8, 8, 3])
    layer = tf.layers.batch_normalization
    fetches = [layer(x, training=True), layer(x, training=True, trainable=False, name="frozen"),
               layer(x, training=True, center=False, scale=False, name="plain"), layer(x, training=True, fused=False, momentum=0.9),
               layer(x, training=True, axis=[1, 3]), layer(x, axis=1, fused=False),
               layer(tf.reshape(x, [-1, 3]), training=True, epsilon=0.1),
               layer(tf.cast(x, tf.float64), training=True)]
    with tf.control_dependencies(tf.get_collection("update_ops")):
        fetches.append(tf.no_op())
    return [*fetches, _collections(tf)]


def program_batch_normalization_by_a_tensor(tf):
    x = tf.placeholder_with_default(_images(), [None, 8, 8, 3])
    training = tf.placeholder_with_default(True, [])
    y = tf.layers.batch_normalization(x, training=training)
    with tf.control_dependencies(tf.get_collection("update_ops")):
        return [y, tf.no_op(), _collections(tf)]


def program_training(tf):
    tf.set_random_seed(7)
    x = tf.constant(_images(16))
    y = tf.constant(np.arange(16) % 4)
    h = tf.layers.conv2d(x, 8, 3, padding="same", use_bias=False, kernel_initializer=tf.variance_scaling_initializer())
    h = tf.nn.relu(tf.layers.batch_normalization(h, training=True))
    h = tf.layers.max_pooling2d(h, 2, 2)
    h = tf.layers.separable_conv2d(h, 8, 3, padding="same", activation=tf.nn.elu)
    h = tf.layers.conv2d_transpose(h, 4, 3, 2, padding="same", activation=tf.nn.tanh)
    h = tf.layers.dense(tf.layers.flatten(h), 16, tf.nn.relu, kernel_regularizer=_square(tf))
    h = tf.layers.dropout(h, 0.4, training=True, seed=3)
    logits = tf.layers.dense(h, 4)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    loss += 0.01 * tf.losses.get_regularization_loss()
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    return [loss, step, _collections(tf)]
