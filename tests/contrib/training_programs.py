"""Training steps of tf.contrib.slim.learning, contrib.training and contrib.layers.optimize_loss, compared with tf-slim's."""
import numpy as np

from tests.contrib.layer_programs import collections, contrib, images, prepare, rows  # noqa: F401


def learning(tf):
    return contrib(tf).learning


def training(tf):
    if hasattr(tf, "contrib"):
        return tf.contrib.training
    from tf_slim.training import training as found
    return found


def _loss(tf, slim):
    with slim.arg_scope([slim.fully_connected], normalizer_fn=slim.batch_norm):
        h = slim.fully_connected(rows(tf), 6, scope="one")
    h = slim.fully_connected(h, 3, None, scope="two", weights_regularizer=slim.l2_regularizer(0.1))
    loss = tf.losses.mean_squared_error(np.eye(5, 3, dtype=np.float32), h)
    return loss + tf.add_n(tf.get_collection("regularization_losses"))


def program_slim_train_op(tf):
    tf.set_random_seed(1)
    slim = contrib(tf)
    loss = _loss(tf, slim)
    step = learning(tf).create_train_op(loss, tf.train.GradientDescentOptimizer(0.1), summarize_gradients=True, clip_gradient_norm=0.5,
                                        gradient_multipliers={"two/weights": 2.0, "two/biases": tf.constant(0.5)})
    with tf.control_dependencies([step]):
        after = [tf.identity(v) for v in tf.trainable_variables()]
    return [step, tf.train.get_global_step(), *after, collections(tf)]


def program_training_train_op(tf):
    tf.set_random_seed(2)
    slim = contrib(tf)
    loss = _loss(tf, slim)
    ours = training(tf)
    step = ours.create_train_op(loss, tf.train.MomentumOptimizer(0.1, 0.9), transform_grads_fn=ours.clip_gradient_norms_fn(1.0),
                                variables_to_train=tf.trainable_variables("two"), summarize_gradients=True, check_numerics=False)
    bare = ours.create_train_op(loss, tf.train.GradientDescentOptimizer(0.1), global_step=None, update_ops=[])
    return [step, bare, tf.train.get_global_step(), *tf.get_collection("train_op"), collections(tf)]


def _after(tf, step):
    with tf.control_dependencies([step]):
        return [step, *(tf.identity(v) for v in tf.global_variables())]


def program_optimize_loss(tf):
    tf.set_random_seed(3)
    slim = contrib(tf)
    loss = _loss(tf, slim)
    step = slim.optimize_loss(loss, tf.train.get_or_create_global_step(), 0.1, "SGD", clip_gradients=1.0,
                              gradient_multipliers={"two/weights:0": 0.5})
    return [*_after(tf, step), collections(tf)]


def program_optimize_loss_by_a_class(tf):
    tf.set_random_seed(3)
    slim = contrib(tf)
    step = slim.optimize_loss(_loss(tf, slim), tf.train.get_or_create_global_step(), tf.constant(0.1),
                              tf.train.AdamOptimizer, name="mine", variables=tf.trainable_variables("two"),
                              summaries=["loss", "gradients", "gradient_norm"], update_ops=[],
                              learning_rate_decay_fn=lambda rate, n: tf.train.exponential_decay(rate, n, 10, 0.5))
    return [*_after(tf, step), collections(tf)]


def program_optimize_loss_by_a_function(tf):
    tf.set_random_seed(3)
    slim = contrib(tf)
    step = tf.train.get_or_create_global_step()
    found = slim.optimize_loss(_loss(tf, slim), None, None, lambda: tf.train.RMSPropOptimizer(0.01), increment_global_step=False,
                               clip_gradients=slim.adaptive_clipping_fn(global_step=step, report_summary=True, static_max_norm=0.1),
                               summaries=["learning_rate"])
    return [*_after(tf, found), collections(tf)]
