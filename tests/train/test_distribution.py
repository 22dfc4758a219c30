"""tf.distribute: scopes, runs, reductions; all devices and hosts are one replica."""
import json

import numpy as np
import pytest

import graphflow as tf
from graphflow.runtime import engines, hosts
from graphflow.train import distribution


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    monkeypatch.setattr(hosts, "_entered", {})
    monkeypatch.setattr(engines, "program_mesh", "")
    monkeypatch.delenv("TF_CONFIG", raising=False)


def test_a_step_in_a_strategy_is_that_of_one_device():
    strategy = tf.distribute.MirroredStrategy()
    with tf.Graph().as_default(), strategy.scope():
        rows = np.arange(12, dtype=np.float32).reshape(6, 2)
        dataset = tf.data.Dataset.from_tensor_slices(rows).batch(3 * strategy.num_replicas_in_sync)
        iterator = tf.data.make_one_shot_iterator(strategy.experimental_distribute_dataset(dataset))
        w = tf.get_variable("w", [2], initializer=tf.ones_initializer())

        def step(x):
            loss = tf.reduce_sum(tf.square(tf.reduce_sum(x * w, 1))) / 3
            with tf.control_dependencies([tf.train.GradientDescentOptimizer(0.001).minimize(loss)]):
                return tf.identity(loss)

        loss = strategy.reduce(tf.distribute.ReduceOp.SUM, strategy.experimental_run_v2(step, (iterator.get_next(),)))
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            found = [session.run(loss) for _ in range(2)]
            first = np.square(rows[:3].sum(1)).sum() / 3
            weights = 1 - 0.001 * 2 / 3 * (rows[:3].sum(1)[:, None] * rows[:3]).sum(0)
            np.testing.assert_allclose(found, [first, np.square(rows[3:] @ weights).sum() / 3], rtol=1e-5)


def test_where_one_is():
    strategy, seen = tf.distribute.OneDeviceStrategy("/cpu:0"), []
    assert not tf.distribute.has_strategy() and tf.distribute.get_replica_context().replica_id_in_sync_group == 0

    def inside():
        replica = tf.distribute.get_replica_context()
        seen.extend([replica.strategy is strategy, tf.distribute.in_cross_replica_context(), replica.all_reduce("sum", 3.0),
                     replica.merge_call(lambda s, x: (s is strategy, tf.distribute.in_cross_replica_context(), x), (5,))])
        return 7

    with strategy.scope():
        assert tf.distribute.get_strategy() is strategy and tf.distribute.in_cross_replica_context()
        assert tf.Variable(1.0).device == "/device:CPU:0"
        assert strategy.experimental_local_results(strategy.run(inside)) == (7,)
    assert seen == [True, False, 3.0, (True, True, 5)] and not tf.distribute.has_strategy()
    with pytest.raises(ValueError, match="MAX"):
        strategy.reduce("max", 1.0)


def test_a_value_is_reduced_along_an_axis():
    strategy = tf.distribute.MirroredStrategy()
    x = tf.constant([[1.0, 2.0], [3.0, 5.0]])
    with tf.Session() as session:
        found = session.run([strategy.reduce("MEAN", x, axis=0), strategy.reduce(tf.distribute.ReduceOp.SUM, {"x": x}, axis=1)["x"]])
    assert found[0].tolist() == [2.0, 3.5] and found[1].tolist() == [3.0, 8.0]


def test_each_of_several_hosts_gets_its_rows_of_a_batch():
    hosts.enter(hosts.numbered("here:80", 1, 3))
    dataset = tf.data.Dataset.range(12).map(lambda i: (i, -i)).batch(6)
    shares = tf.data.make_one_shot_iterator(tf.distribute.Strategy().experimental_distribute_dataset(dataset)).get_next()
    assert [part.shape.as_list() for part in shares] == [[None], [None]]
    with tf.Session(config=tf.ConfigProto(engine="numpy")) as session:
        assert [[part.tolist() for part in session.run(shares)] for _ in range(2)] == [[[2, 3], [-2, -3]], [[8, 9], [-8, -9]]]


def test_workers_of_tf_config_are_hosts(monkeypatch):
    assert tf.distribute.experimental.MultiWorkerMirroredStrategy().num_replicas_in_sync == 1 and hosts.entered() is None
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": 1}}))
    monkeypatch.setattr(distribution.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotImplementedError, match="a cluster of 2 workers needs JAX: python -m pip install 'graphflow-tf1"):
        tf.distribute.experimental.MultiWorkerMirroredStrategy()
    monkeypatch.setattr(distribution.importlib.util, "find_spec", lambda name: True)
    tf.distribute.experimental.MultiWorkerMirroredStrategy()
    assert hosts.of("").me == "worker 1 (b:2)"


def test_a_keras_model_trains_in_a_scope():
    with tf.Graph().as_default(), tf.distribute.MirroredStrategy().scope():
        tf.set_random_seed(1)
        model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
        model.compile(tf.keras.optimizers.SGD(0.05), "mse")
        x = np.random.RandomState(0).randn(32, 2)
        losses = model.fit(x, x.sum(1, keepdims=True), batch_size=8, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2


def test_several_devices_are_a_mesh(monkeypatch):
    class Two:
        @staticmethod
        def local_devices():
            return 2

    monkeypatch.setattr(engines, "choose", lambda config: "xla")
    monkeypatch.setattr(engines, "load", lambda name: Two)
    tf.distribute.MirroredStrategy()
    assert engines.chosen(None)[1] == "data=2"
