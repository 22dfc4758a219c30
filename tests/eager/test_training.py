"""Optimizers, datasets, checkpoints and gradients of one's own with eager execution."""
from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from tests.eager.switched import eagerly


@pytest.fixture(autouse=True)
def _eager():
    with eagerly():
        yield


OPTIMIZERS = {
    "GradientDescent": lambda: tf.train.GradientDescentOptimizer(0.1), "Adam": lambda: tf.train.AdamOptimizer(0.1),
    "Momentum": lambda: tf.train.MomentumOptimizer(0.1, 0.9), "Adagrad": lambda: tf.train.AdagradOptimizer(0.1),
    "RMSProp": lambda: tf.train.RMSPropOptimizer(0.1), "Adadelta": lambda: tf.train.AdadeltaOptimizer(0.1),
    "Ftrl": lambda: tf.train.FtrlOptimizer(0.1),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_take_the_steps_that_they_take_in_graphs(name):
    rows = [0, 2, 0]
    with tf.Graph().as_default(), tf.Session() as session:
        w, table = tf.Variable([1.0, 2.0], use_resource=True), tf.Variable(np.ones((3, 2), np.float32), use_resource=True)
        train = OPTIMIZERS[name]().minimize(tf.reduce_sum(w * w) + tf.reduce_sum(tf.square(tf.gather(table, rows))))
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(train)
        wanted = session.run([w, table])
    w, table = tf.Variable([1.0, 2.0]), tf.Variable(np.ones((3, 2), np.float32))
    optimizer, step = OPTIMIZERS[name](), tf.Variable(0, dtype=tf.int64, trainable=False)

    def loss():
        return tf.reduce_sum(w * w) + tf.reduce_sum(tf.square(tf.nn.embedding_lookup(table, rows)))

    assert optimizer.minimize(loss) is None
    optimizer.minimize(loss, global_step=step)
    with tf.GradientTape() as tape:
        value = loss()
    optimizer.apply_gradients(zip(tape.gradient(value, [w, table]), [w, table], strict=True), global_step=step)
    np.testing.assert_allclose(w.numpy(), wanted[0], rtol=1e-6)
    np.testing.assert_allclose(table.numpy(), wanted[1], rtol=1e-6)
    assert step.numpy() == 2


def test_a_loss_is_a_function():
    with pytest.raises(RuntimeError, match="should be a function when eager execution is enabled"):
        tf.train.GradientDescentOptimizer(0.1).minimize(tf.Variable(1.0) * 2)


def test_python_loops_over_datasets():
    data = tf.data.Dataset.from_tensor_slices({"a": np.arange(5), "b": np.arange(5) * 2.0}).map(
        lambda row: (row["a"] + 1, row["b"])).filter(lambda a, b: a > 2).batch(2)
    for _ in range(2):
        found = [(a.numpy().tolist(), b.numpy().tolist()) for a, b in data]
        assert found == [([3, 4], [4.0, 6.0]), ([5], [8.0])]


def test_a_checkpoint_gives_values_back(tmp_path):
    w, optimizer = tf.Variable([1.0, 2.0]), tf.train.AdamOptimizer(0.1)
    optimizer.minimize(lambda: tf.reduce_sum(w * w))
    checkpoint = tf.train.Checkpoint(w=w, optimizer=optimizer, more=[tf.Variable(3)])
    manager = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=2)
    prefixes = [manager.save() for _ in range(3)]
    assert manager.checkpoints == prefixes[1:]
    kept = w.numpy()
    optimizer.minimize(lambda: tf.reduce_sum(w * w))
    moment = optimizer.get_slot(w, "m").numpy()
    checkpoint.restore(manager.latest_checkpoint).assert_consumed()
    assert w.numpy().tolist() == kept.tolist()
    assert optimizer.get_slot(w, "m").numpy().tolist() != moment.tolist()
    assert checkpoint.save_counter.numpy() == 3


def test_gradients_of_ones_own():
    scale = tf.Variable(2.0)

    @tf.custom_gradient
    def scaled(x):
        def grad(dy, variables=None):
            return dy * 10.0, [dy * 100.0 for _ in variables]
        return x * scale, grad

    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = scaled(x * x)
    of_x, of_scale = tape.gradient(y, [x, scale])
    assert (y.numpy(), of_x.numpy(), of_scale.numpy()) == (18.0, 60.0, 100.0)


def test_python_functions_as_operations():
    x = tf.constant(3.0)
    assert tf.py_func(lambda a: a + np.float32(1), [x], tf.float32).numpy() == 4.0

    def f(x):
        return tf.py_function(lambda a: a * a, [x], tf.float32)

    for function in (f, tf.contrib.eager.defun(f)):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        assert (y.numpy(), tape.gradient(y, x).numpy()) == (9.0, 6.0)


def test_python_functions_in_graphs():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [])
        y = tf.py_function(lambda a: a * a * float(a.numpy()), [x], tf.float32)
        assert session.run([y, tf.gradients(y, x)[0]], {x: 2.0}) == [8.0, 8.0]


def test_functions_that_differentiate_functions():
    tfe = tf.contrib.eager
    v = tfe.Variable(2.0)
    assert [g.numpy() for g in tfe.gradients_function(lambda x, y: x * x * y)(3.0, 2.0)] == [12.0, 9.0]
    assert tfe.gradients_function(lambda x, y: x * y, params=["y"])(3.0, 2.0)[0].numpy() == 3.0
    value, pairs = tfe.implicit_value_and_gradients(lambda x: x * v * v)(3.0)
    assert (value.numpy(), pairs[0][0].numpy(), pairs[0][1]) == (12.0, 12.0, v)
    with pytest.raises(ValueError, match="No trainable variables were accessed"):
        tfe.implicit_gradients(lambda: tf.constant(1.0))()


def test_tables_queues_and_layers_work():
    table = tf.contrib.lookup.HashTable(tf.contrib.lookup.KeyValueTensorInitializer(["a", "b"], [1, 2]), -1)
    assert table.lookup(tf.constant(["b", "z"])).numpy().tolist() == [2, -1]
    queue = tf.FIFOQueue(3, [tf.float32])
    queue.enqueue(1.0)
    assert (queue.dequeue().numpy(), queue.size().numpy()) == (1.0, 0)
    assert tf.layers.dense(tf.ones((1, 2)), 3).shape.as_list() == [1, 3]
