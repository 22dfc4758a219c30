"""Programs as TF1's users wrote them, in small: they must give TensorFlow's nodes and values (see tests/oracle/programs.py).

A name that ends in `_values` says that TensorFlow makes a `cond` there, so that only values are compared.
"""
import numpy as np

ROWS = np.random.RandomState(0).randn(6, 4).astype("f")


def _dense(tf, x, units, scope):
    with tf.variable_scope(scope):
        w = tf.get_variable("w", [x.shape[1], units], initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=units))
        return tf.nn.xw_plus_b(x, w, tf.get_variable("b", [units], initializer=tf.zeros_initializer()))


def program_slots_are_named_under_the_scope_of_minimize(tf):
    """A target network and a trained one; the optimizer's slots are train/eval/w/Adam and so on."""
    with tf.variable_scope("eval"):
        q = _dense(tf, tf.constant(ROWS), 3, "l1")
    with tf.variable_scope("target"):
        _dense(tf, tf.constant(ROWS), 3, "l1")
    with tf.variable_scope("train"):
        step = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_mean(q * q))
    tf.train.AdamOptimizer(0.1).minimize(tf.reduce_mean(q), var_list=tf.trainable_variables("eval"))
    with tf.control_dependencies([step]):
        return [tf.identity(v.read_value()) for v in tf.trainable_variables()]


def program_slots_of_every_kind(tf):
    w = tf.Variable(ROWS, name="w")
    loss = tf.reduce_sum(tf.square(w))
    with tf.name_scope("training"):
        steps = [make(tf.train).minimize(loss) for make in (
            lambda t: t.MomentumOptimizer(0.1, 0.9), lambda t: t.AdagradOptimizer(0.1), lambda t: t.FtrlOptimizer(0.1),
            lambda t: t.FtrlOptimizer(0.1, l2_shrinkage_regularization_strength=0.1), lambda t: t.RMSPropOptimizer(0.01))]
    assert [v.op.name for v in tf.global_variables()] == ["w", "w/Momentum", "w/Adagrad", "w/Ftrl", "w/Ftrl_1", "w/Ftrl_2", "w/Ftrl_3",
                                                          "w/RMSProp", "w/RMSProp_1"]
    return steps[:1]


def program_averages_of_trained_variables_values(tf):
    w = tf.Variable([1.0, 2.0], name="w")
    step = tf.train.GradientDescentOptimizer(1.0).minimize(tf.reduce_sum(w * w))
    ema = tf.train.ExponentialMovingAverage(0.5, num_updates=7)
    with tf.control_dependencies([step]):
        update = ema.apply([w])
        doubled = w * 2.0
    with tf.control_dependencies([update]):
        return [ema.average(w) + 0.0, doubled, tf.identity(w.read_value())]


def program_averages_of_a_tensor(tf):
    with tf.variable_scope("bn"):
        mean = tf.reduce_mean(tf.constant(ROWS), 0)
        ema = tf.train.ExponentialMovingAverage(0.9)
        with tf.control_dependencies([ema.apply([mean])]):
            plain = ema.average(mean) + 0.0
    assert ema.average(mean).op.name == "bn/bn/Mean/ExponentialMovingAverage"
    return [plain]


def program_averages_without_the_bias_of_zero(tf):
    with tf.variable_scope("bn"):
        mean = tf.reduce_mean(tf.constant(ROWS), 0)
        ema = tf.train.ExponentialMovingAverage(0.9, zero_debias=True)
        with tf.control_dependencies([ema.apply([mean])]):
            return [ema.average(mean) + 0.0]


def program_operations_after_a_write_see_it(tf):
    w = tf.Variable([1.0, 2.0, 3.0], name="w")
    seen = []
    for write in (lambda: w.assign(w + 1.0), lambda: w.assign_add([1.0, 1.0, 1.0]), lambda: tf.scatter_update(w, [0], [9.0])):
        with tf.control_dependencies(seen[-1:]), tf.control_dependencies([write()]):
            seen.append(tf.stack([w, w * 2.0]))
    return seen


def program_policy_gradient_gathers_from_a_reshaped_output(tf):
    output = tf.nn.softmax(_dense(tf, tf.placeholder_with_default(ROWS, [None, 4]), 3, "policy"))
    indexes = tf.range(0, tf.shape(output)[0]) * tf.shape(output)[1] + tf.constant([0, 1, 2, 0, 1, 2])
    chosen = tf.gather(tf.reshape(output, [-1]), indexes)
    loss = -tf.reduce_mean(tf.log(chosen) * tf.constant([1.0, 0.5, -1.0, 2.0, 0.1, 0.3]))
    squeezed = tf.gather(tf.squeeze(tf.expand_dims(output, 0), [0]), [0, 2])
    return [loss, *tf.gradients(loss, tf.trainable_variables()), *tf.gradients(squeezed, tf.trainable_variables())]


def program_weighted_losses(tf):
    x = tf.constant(ROWS)
    tf.losses.mean_squared_error(x, x * 2.0)
    tf.losses.absolute_difference(x, x * 3.0, weights=tf.constant([[1.0], [0.0], [2.0], [1.0], [1.0], [1.0]]))
    tf.losses.huber_loss(x, x * 3.0, reduction=tf.losses.Reduction.MEAN)
    tf.losses.log_loss(tf.sigmoid(x), tf.sigmoid(x * 2.0), reduction=tf.losses.Reduction.SUM_OVER_BATCH_SIZE)
    return [tf.losses.get_total_loss(), *tf.losses.get_losses()]


def program_a_custom_gradient_marks_its_arguments(tf):
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)
        return tf.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))

    x = tf.constant([0.5, 100.0, -3.0])
    y = log1pexp(x) * 2.0
    return [y, *tf.gradients(y, x)]


def program_sparse_cross_entropy_of_placeholders(tf):
    labels = tf.placeholder_with_default(np.array([0, 2, 1, 1, 0, 2]), [None])
    column = tf.placeholder_with_default(np.array([[0], [2], [1], [1], [0], [2]]), [None, 1])
    logits = _dense(tf, tf.placeholder_with_default(ROWS, [None, 4]), 3, "net")
    return [tf.losses.sparse_softmax_cross_entropy(labels, logits), tf.losses.sparse_softmax_cross_entropy(column, logits)]


def program_weights_of_unknown_rows_values(tf):
    labels = tf.placeholder_with_default(np.array([[0], [2], [1], [1], [0], [2]]), [None, 1])
    logits = _dense(tf, tf.placeholder_with_default(ROWS, [None, 4]), 3, "net")
    return [tf.losses.sparse_softmax_cross_entropy(labels, logits, weights=[[1.0], [0.0], [1.0], [2.0], [1.0], [1.0]])]


def program_weighted_sparse_embeddings(tf):
    at, shape = [[0, 0], [0, 1], [1, 0], [3, 2]], [4, 4]
    good = tf.SparseTensor(at, tf.constant([1, 3, 0, 2], tf.int64), shape)
    weights = tf.SparseTensor(at, [1.0, 2.0, -0.5, 3.0], shape)
    table = tf.Variable(ROWS)
    found = [tf.nn.embedding_lookup_sparse(table, good, weights, combiner=c) for c in ("sum", "mean", "sqrtn")]
    return [*found, *[g.values for g in tf.gradients(found, table)]]


def program_safe_sparse_embeddings_values(tf):
    at, shape = [[0, 0], [0, 1], [1, 0], [3, 2]], [4, 4]
    ids = tf.SparseTensor(at, tf.constant([1, 3, 0, -2], tf.int64), shape)
    weights = tf.SparseTensor(at, [1.0, 2.0, -0.5, 3.0], shape)
    deep = tf.SparseTensor([[0, 0, 0], [1, 1, 1]], tf.constant([2, 1], tf.int64), [2, 2, 3])
    table, lookup = tf.constant(ROWS), tf.nn.safe_embedding_lookup_sparse
    return [*[lookup(table, ids, weights, combiner=c) for c in ("sum", "mean", "sqrtn")], lookup(table, ids),
            lookup(table, ids, default_id=2), lookup(table, deep)]


def _labels_and_probabilities(tf):
    rng = np.random.RandomState(0)
    return tf.constant(rng.randint(0, 2, 12)), tf.constant(rng.rand(12).astype("f")), tf.constant(rng.rand(12).astype("f"))


def program_areas_under_curves_values(tf):
    labels, predictions, weights = _labels_and_probabilities(tf)
    pairs = [tf.metrics.auc(labels, predictions, num_thresholds=7),
             tf.metrics.auc(labels, predictions, curve="PR", summation_method="careful_interpolation", num_thresholds=7),
             tf.metrics.auc(labels, predictions, curve="PR", summation_method="minoring", thresholds=[0.5, 0.2]),
             tf.metrics.auc(labels, predictions, weights, summation_method="majoring", num_thresholds=5, name="weighted")]
    return [update for _, update in pairs]


def program_rates_at_thresholds_values(tf):
    labels, predictions, weights = _labels_and_probabilities(tf)
    pairs = [tf.metrics.precision_at_thresholds(labels, predictions, [0.2, 0.5, 0.9]),
             tf.metrics.recall_at_thresholds(labels, predictions, [0.2, 0.5, 0.9], weights),
             tf.metrics.true_positives_at_thresholds(labels, predictions, [0.2, 0.5]),
             tf.metrics.false_negatives_at_thresholds(labels, predictions, [0.2, 0.5]),
             tf.metrics.true_negatives_at_thresholds(labels, predictions, [0.2, 0.5]),
             tf.metrics.false_positives_at_thresholds(labels, predictions, [0.2, 0.5]),
             tf.metrics.sensitivity_at_specificity(labels, predictions, 0.6, num_thresholds=9)]
    return [update for _, update in pairs]


def program_metrics_of_classes(tf):
    labels, predictions = tf.constant([0, 2, 1, 1, 0, 2]), tf.constant([0, 1, 1, 2, 0, 0])
    pairs = [tf.metrics.mean_per_class_accuracy(labels, predictions, 4),
             tf.metrics.mean_per_class_accuracy(tf.reshape(labels, [2, 3]), tf.reshape(predictions, [2, 3]), 4, tf.ones([2, 3]) * 0.5),
             tf.metrics.mean_tensor(tf.constant(ROWS)), tf.metrics.mean_tensor(tf.constant(ROWS), tf.constant(ROWS[:, :1])),
             tf.metrics.mean_cosine_distance(tf.constant(ROWS), tf.constant(ROWS[::-1]), 1)]
    return [update for _, update in pairs]


def program_older_metrics(tf):
    labels, predictions, weights = _labels_and_probabilities(tf)
    column = tf.expand_dims(labels, 1)
    pairs = [tf.metrics.mean(predictions), tf.metrics.mean(predictions, weights),
             tf.metrics.accuracy(column, tf.cast(predictions > 0.5, tf.int64)),
             tf.metrics.precision(labels, predictions > 0.5), tf.metrics.recall(column, predictions > 0.5),
             tf.metrics.mean_squared_error(tf.cast(labels, tf.float32), predictions), tf.metrics.percentage_below(predictions, 0.3),
             tf.metrics.root_mean_squared_error(tf.cast(column, tf.float32), predictions)]
    return [update for _, update in pairs]


def program_intersection_over_union_values(tf):
    labels, predictions = tf.constant([[0, 2, 1], [1, 0, 2]]), tf.constant([[0, 1, 1], [2, 0, 0]])
    return [tf.metrics.mean_iou(labels, predictions, 4)[1], tf.metrics.mean_iou(labels, predictions, 3, tf.ones([2, 3]) * 0.5)[1]]


def program_dilated_convolutions_of_images_of_any_size(tf):
    rng = np.random.RandomState(0)
    x = tf.placeholder_with_default(rng.randn(1, 7, 8, 2).astype("f"), [None, None, None, 2])
    w = tf.constant(rng.randn(3, 3, 2, 3).astype("f"))
    same, valid = tf.nn.atrous_conv2d(x, w, 2, "SAME"), tf.nn.atrous_conv2d(x, w, 2, "VALID")
    return [same, valid, tf.nn.pool(x, [2, 2], "MAX", "VALID", dilation_rate=[2, 3]), *tf.gradients(same * same, [x, w])]


def program_second_gradients_of_batch_norm_values(tf):
    rng = np.random.RandomState(0)
    x, scale, offset = tf.constant(rng.randn(4, 3, 3, 2).astype("f")), tf.constant([1.5, 0.5]), tf.constant([0.1, -0.2])
    found = []
    for training in (True, False):
        given = (None, None) if training else (tf.constant([0.1, 0.2]), tf.constant([1.1, 0.9]))
        y = tf.nn.fused_batch_norm(x, scale, offset, *given, 1e-3, is_training=training)[0]
        dx, dscale, doffset = tf.gradients(y ** 3, [x, scale, offset])
        found += [dx, *tf.gradients(tf.reduce_sum(dx ** 2) + tf.reduce_sum(dscale * doffset), [x, scale])]
    return found


def program_gradients_stop_at_writes(tf):
    """A moving mean written and used in one expression: nothing flows through the write, as if it were a constant."""
    x = tf.Variable(ROWS, name="x")
    mean, count = tf.Variable(np.zeros(4, "f"), name="mean"), tf.Variable(np.ones((3, 4), "f"), name="count")
    moved = tf.assign(mean, mean * 0.9 + tf.reduce_mean(x, 0) * 0.1)
    loss = tf.reduce_sum((x - moved) ** 2) + tf.reduce_sum(tf.scatter_add(count, [0, 1], x[:2]) * 2.0)
    return tf.gradients(loss, [x])


def program_concatenated_states_of_unknown_batches(tf):
    x = tf.placeholder_with_default(ROWS, [None, 4])
    w = tf.get_variable("w", [8, 4], initializer=tf.random_uniform_initializer(-1, 1, seed=1))
    state = tf.zeros(tf.stack([tf.shape(x)[0], 4]))
    for _ in range(2):
        state = tf.tanh(tf.matmul(tf.concat([x, state], 1), w))
    mixed = tf.concat([tf.ones([6, 4]) * w[:1], x * w[0], state], 1)
    return [state, *tf.gradients([state, mixed], w)]


def program_sparse_steps_of_adam(tf):
    table = tf.Variable(ROWS, name="table")
    step = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(tf.gather(table, [0, 2, 2]) ** 2))
    with tf.control_dependencies([step]):
        return [tf.identity(table.read_value())]
