"""Programs of tf.contrib.layers and tf.contrib.slim that are compared with tf-slim on TensorFlow: nodes, collections, values."""
import numpy as np

_COLLECTIONS = ("variables", "trainable_variables", "model_variables", "regularization_losses", "update_ops", "ends", "mine", "others",
                "weights", "biases", "activations", "losses", "summaries")


def prepare(tf):
    from tests.contrib import tf_slim_side
    tf_slim_side.prepare(tf)


class _Both:
    """The names of several namespaces."""

    def __init__(self, *spaces):
        self.spaces = spaces

    def __getattr__(self, name):
        for space in self.spaces:
            if hasattr(space, name):
                return getattr(space, name)
        raise AttributeError(name)


def contrib(tf):
    """What has the names of tf.contrib.slim and tf.contrib.layers."""
    if hasattr(tf, "contrib"):
        return _Both(tf.contrib.slim, tf.contrib.layers)
    import tf_slim
    return _Both(tf_slim, tf_slim.layers)


def collections(tf):
    """What is in which collection, as the bytes of one text."""
    graph = tf.get_default_graph()
    lines = [f"{key}: {getattr(item, 'name', item)}" for key in _COLLECTIONS for item in graph.get_collection(key)]
    return tf.constant(np.frombuffer("\n".join(lines).encode(), np.uint8))


def images(tf, size=8, channels=3, n=2, dtype=np.float32):
    return tf.constant(np.random.RandomState(0).randn(n, size, size, channels).astype(dtype))


def rows(tf, n=5, width=8, dtype=np.float32):
    return tf.constant(np.random.RandomState(1).randn(n, width).astype(dtype))


def program_fully_connected(tf):
    slim = contrib(tf)
    tf.set_random_seed(1)
    h = slim.fully_connected(rows(tf), 4)
    h = slim.fully_connected(h, 4, activation_fn=tf.tanh, scope="named", weights_regularizer=slim.l2_regularizer(0.1),
                             biases_regularizer=slim.l1_regularizer(0.2), outputs_collections="ends", variables_collections=["mine"])
    h = slim.fully_connected(h, 4, activation_fn=None, scope="named", reuse=True)
    h = slim.fully_connected(h, 3, biases_initializer=None, weights_initializer=slim.variance_scaling_initializer(seed=3),
                             variables_collections={"weights": ["mine"], "biases": ["others"]}, trainable=False)
    h = slim.fully_connected(h, 3, normalizer_fn=slim.batch_norm, normalizer_params={"is_training": False, "scale": True})
    h = slim.fully_connected(tf.reshape(h, [1, 5, 3]), 2, None)
    return [h, *tf.global_variables(), collections(tf)]


def program_activations_as_layers(tf):
    slim = contrib(tf)
    tf.set_random_seed(1)
    h = slim.linear(rows(tf), 4)
    h = slim.relu(h, 4)
    return [h, collections(tf)]


def program_convolutions(tf):
    slim = contrib(tf)
    tf.set_random_seed(2)
    x = images(tf)
    a = slim.conv2d(x, 4, [3, 3])
    a = slim.conv2d(a, 4, 3, stride=2, padding="VALID", scope="conv/one", normalizer_fn=slim.batch_norm)
    a = slim.conv2d(a, 4, 1, rate=2, biases_initializer=None, activation_fn=None, outputs_collections=["ends"])
    c = slim.conv3d(tf.reshape(x, [2, 4, 4, 4, 3]), 2, [2, 2, 2])
    d = slim.conv2d_in_plane(x, [3, 2], stride=2)
    return [a, c, d, *tf.global_variables(), collections(tf)]


def program_transposed_and_separable(tf):
    slim = contrib(tf)
    tf.set_random_seed(3)
    x = images(tf)
    a = slim.conv2d_transpose(x, 2, [4, 4], stride=2, activation_fn=tf.sigmoid)
    a = slim.conv2d_transpose(a, 2, 3, padding="VALID", normalizer_fn=slim.batch_norm)
    b = slim.conv3d_transpose(tf.reshape(x, [2, 4, 4, 4, 3]), 2, 2, 2)
    c = slim.separable_conv2d(x, 5, [3, 3], 2, weights_regularizer=slim.l2_regularizer(0.1), variables_collections=["mine"])
    d = slim.separable_conv2d(x, None, [3, 3], 2, stride=2)
    e = slim.separable_conv2d(x, None, 3, 1, normalizer_fn=slim.batch_norm, biases_initializer=None)
    return [a, b, c, d, e, *tf.global_variables(), collections(tf)]


def program_pooling_and_shapes(tf):
    slim = contrib(tf)
    x = images(tf)
    v = tf.reshape(x, [2, 4, 4, 4, 3])
    found = [slim.max_pool2d(x, 2), slim.max_pool2d(x, [3, 2], stride=[1, 2], padding="SAME", scope="p", outputs_collections="ends"),
             slim.avg_pool2d(x, [2, 2]), slim.max_pool3d(v, 2), slim.avg_pool3d(v, 2, 1), slim.pool(x, 3, "AVG", stride=2),
             slim.flatten(x), slim.flatten(tf.placeholder_with_default(x, [None, 8, 8, 3]), scope="flat"),
             slim.one_hot_encoding([1, 0, 2], 3), slim.softmax(slim.flatten(x)), slim.softmax(x),
             slim.unit_norm(x, 1), slim.unit_norm(rows(tf), 1, 1e-3), slim.maxout(rows(tf), 4),
             slim.maxout(tf.placeholder_with_default(rows(tf), [None, 8]), 2),
             slim.images_to_sequence(x)]
    return [*found, collections(tf)]


def program_dropout(tf):
    slim = contrib(tf)
    tf.set_random_seed(5)
    x = rows(tf)
    training = tf.placeholder_with_default(True, [])
    return [slim.dropout(x), slim.dropout(x, 0.8, is_training=False), slim.dropout(x, 0.3, seed=4, noise_shape=[5, 1], scope="drop"),
            slim.dropout(x, 0.5, is_training=training), collections(tf)]


def program_batch_norm(tf):
    slim = contrib(tf)
    x, r = images(tf), rows(tf)
    found = [slim.batch_norm(x), slim.batch_norm(x, scale=True, center=False, is_training=False, scope="given", decay=0.5),
             slim.batch_norm(r, activation_fn=tf.nn.relu), slim.batch_norm(r, fused=False, epsilon=0.1),
             slim.batch_norm(x, fused=False, variables_collections={"beta": ["mine"], "moving_mean": ["others"]}),
             slim.batch_norm(tf.transpose(x, [0, 3, 1, 2]), fused=False, data_format="NCHW", scale=True),
             slim.batch_norm(x, param_initializers={"beta": tf.ones_initializer(), "moving_variance": tf.constant_initializer(4.0)},
                             param_regularizers={"beta": slim.l2_regularizer(0.3)})]
    return [*found, *tf.get_collection("update_ops"), *tf.global_variables(), collections(tf)]


def program_batch_norm_with_updates_at_once(tf):
    slim = contrib(tf)
    x, r = images(tf), rows(tf)
    found = [slim.batch_norm(x, updates_collections=None, decay=0.9), slim.batch_norm(r, updates_collections=None),
             slim.batch_norm(r, updates_collections="mine", is_training=True, scale=True, decay=0.5),
             slim.batch_norm(r, updates_collections=None, fused=False),
             slim.batch_norm(x, updates_collections="others", fused=False),
             slim.batch_norm(r, zero_debias_moving_mean=True), slim.batch_norm(r, updates_collections=None, is_training=False),
             slim.batch_norm(x, batch_weights=tf.constant([1.0, 2.0]), decay=0.9)]
    return [*found, *tf.get_collection("mine"), *tf.get_collection("update_ops"), *tf.global_variables(), collections(tf)]


def program_batch_norm_of_either_phase(tf):
    slim = contrib(tf)
    x = images(tf)
    training = tf.placeholder_with_default(True, [], name="training")
    found = [slim.batch_norm(x, is_training=training), slim.batch_norm(x, is_training=training, scope="second", decay=0.5)]
    return [*found, collections(tf)]


def program_batch_norm_of_other_dtypes_and_ranks(tf):
    slim = contrib(tf)
    x = images(tf, dtype=np.float64)
    volume = tf.reshape(images(tf), [2, 4, 4, 4, 3])
    unknown = tf.placeholder_with_default(rows(tf), [None, 8])
    found = [slim.batch_norm(x, fused=False), slim.batch_norm(volume), slim.batch_norm(unknown, scale=True),
             slim.batch_norm(tf.placeholder_with_default(images(tf), [None, None, None, 3]))]
    return [*found, collections(tf)]


def program_norms_of_examples(tf):
    slim = contrib(tf)
    x = images(tf, channels=4)
    first = tf.transpose(x, [0, 3, 1, 2])
    found = [slim.layer_norm(x), slim.layer_norm(rows(tf), center=False, activation_fn=tf.nn.relu, scope="ln"),
             slim.layer_norm(x, begin_norm_axis=-1, scale=False), slim.layer_norm(x, begin_norm_axis=2, begin_params_axis=2),
             slim.instance_norm(x), slim.instance_norm(first, data_format="NCHW", variables_collections=["mine"]),
             slim.group_norm(x, 2), slim.group_norm(first, 2, channels_axis=-3, reduction_axes=(-2, -1)),
             slim.group_norm(tf.placeholder_with_default(x, [None, 8, 8, 4]), 4, mean_close_to_zero=True),
             slim.bias_add(x), slim.bias_add(x, tf.nn.relu, tf.ones_initializer(), outputs_collections="ends")]
    return [*found, *tf.global_variables(), collections(tf)]


def program_arg_scopes(tf):
    slim = contrib(tf)
    tf.set_random_seed(7)
    x = images(tf)
    with slim.arg_scope([slim.conv2d, slim.fully_connected], activation_fn=tf.nn.elu, weights_regularizer=slim.l2_regularizer(0.01),
                        weights_initializer=tf.truncated_normal_initializer(stddev=0.1)):
        with slim.arg_scope([slim.conv2d], padding="VALID", normalizer_fn=slim.batch_norm) as scope:
            with slim.arg_scope([slim.batch_norm, slim.dropout], is_training=False):
                a = slim.repeat(x, 2, slim.conv2d, 4, [3, 3], scope="block")
                a = slim.dropout(a, 0.5)
            a = slim.conv2d(a, 2, 2, padding="SAME")
        b = slim.stack(slim.flatten(a), slim.fully_connected, [6, 5, 4], scope="fc")
    with slim.arg_scope(scope):
        c = slim.stack(x, slim.conv2d, [(4, 3), (2, 1)])
    return [a, b, c, collections(tf)]


def program_variables(tf):
    slim = contrib(tf)
    tf.set_random_seed(8)
    with tf.variable_scope("outer"):
        a = slim.model_variable("a", [2, 3], initializer=tf.truncated_normal_initializer(stddev=0.1))
        b = slim.variable("b", [3], initializer=tf.ones_initializer(), trainable=False, collections=["mine", "variables"])
        c = slim.local_variable(tf.constant(2.0), name="c")
    with slim.arg_scope([slim.variable], device="/cpu:0"):
        d = slim.model_variable("d", [1], initializer=tf.zeros_initializer())
    names = [v.op.name for v in [*slim.get_variables("outer"), *slim.get_model_variables(), *slim.get_variables_by_name("b"),
                                 *slim.get_variables_by_suffix("a", "outer"), *slim.get_variables_to_restore(exclude=["outer/a"]),
                                 *slim.get_local_variables(), *slim.get_trainable_variables(), slim.get_unique_variable("outer/a")]]
    return [a, b, c, d, tf.constant(np.frombuffer(" ".join(names).encode(), np.uint8)), collections(tf)]


def program_regularizers(tf):
    slim = contrib(tf)
    w = tf.get_variable("w", initializer=np.arange(6, dtype=np.float32).reshape(2, 3))
    v = tf.get_variable("v", initializer=np.ones(2))
    l1, l2 = slim.l1_regularizer(0.1), slim.l2_regularizer(0.2, "mine")
    both = slim.l1_l2_regularizer(0.3, 0.4)
    assert slim.l2_regularizer(0.0)(w) is None
    apply = slim.apply_regularization
    return [l1(w), l2(w), l2(v), both(w), apply(l1, [w, w]), collections(tf)]
