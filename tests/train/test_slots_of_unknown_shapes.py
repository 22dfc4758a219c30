"""Optimizers and warm starts of variables whose shapes are known only when run, or that object checkpoints hold."""
import numpy as np
import pytest

import graphflow as tf

OPTIMIZERS = {
    "sgd": lambda: tf.train.GradientDescentOptimizer(0.1), "momentum": lambda: tf.train.MomentumOptimizer(0.1, 0.9),
    "adagrad": lambda: tf.train.AdagradOptimizer(0.1), "adam": lambda: tf.train.AdamOptimizer(0.1),
    "rmsprop": lambda: tf.train.RMSPropOptimizer(0.1), "centered": lambda: tf.train.RMSPropOptimizer(0.1, centered=True),
    "adadelta": lambda: tf.train.AdadeltaOptimizer(0.1), "ftrl": lambda: tf.train.FtrlOptimizer(0.1),
    "proximal": lambda: tf.train.ProximalAdagradOptimizer(0.1),
    "da": lambda: tf.train.AdagradDAOptimizer(0.1, tf.train.get_or_create_global_step()),
}


def trained(make, variable):
    with tf.Graph().as_default(), tf.Session() as s:
        v = variable()
        optimizer = make()
        step = optimizer.apply_gradients([(tf.constant([0.5, 0.25]), v)])
        s.run(tf.global_variables_initializer())
        s.run(step)
        s.run(step)
        return s.run([v, *optimizer.variables()])


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("style", [True, False])
def test_a_step_is_that_of_a_known_shape(name, style):
    known = trained(OPTIMIZERS[name], lambda: tf.get_variable("w", initializer=[1.0, 2.0], use_resource=style))
    unknown = trained(OPTIMIZERS[name], lambda: tf.get_variable("w", initializer=tf.constant([1.0, 2.0]), validate_shape=False,
                                                                use_resource=style))
    for a, b in zip(known, unknown, strict=True):
        assert np.array_equal(a, b)
    if style:
        open_ = trained(OPTIMIZERS[name], lambda: tf.Variable(np.array([1.0, 2.0], "f"), shape=[None], use_resource=True, name="w"))
        assert all(np.array_equal(a, b) for a, b in zip(known, open_, strict=True))


def test_warm_start_from_a_checkpoint_of_objects(tmp_path):
    with tf.Graph().as_default(), tf.Session() as s:
        v = tf.get_variable("v", initializer=[0.5])
        s.run(v.initializer)
        tf.train.Checkpoint(x=v).save(str(tmp_path / "o"))
    with tf.Graph().as_default(), tf.Session() as s:
        v = tf.get_variable("v", initializer=[0.0])
        tf.train.warm_start(str(tmp_path))
        s.run(tf.global_variables_initializer())
        assert s.run(v).tolist() == [0.5]
