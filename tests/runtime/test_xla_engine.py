"""The xla engine: training as on the numpy engine, checks, host calls, random streams, what it leaves to the numpy engine."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.runtime.engines import fallback

pytest.importorskip("jax")
ENGINES = ("numpy", "xla")


def on(engine, program):
    """What a program of a session gives in a graph and session of its own."""
    with tf.Graph().as_default():
        tf.set_random_seed(7)
        return program(lambda: tf.Session(config=tf.ConfigProto(engine=engine)))


def trained(session):
    x, y = tf.placeholder(tf.float32, [None, 8]), tf.placeholder(tf.int64, [None])
    hidden = tf.layers.batch_normalization(tf.layers.dense(x, 16, tf.nn.relu), training=True)
    hidden = tf.layers.dropout(hidden, 0.5, training=True, seed=3)
    table = tf.get_variable("table", [5, 16])
    loss = tf.losses.sparse_softmax_cross_entropy(y, tf.layers.dense(hidden + tf.gather(table, y), 5))
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        step = tf.train.AdamOptimizer(0.01).minimize(loss)
    random = np.random.RandomState(0)
    with session() as s:
        s.run(tf.global_variables_initializer())
        losses = [s.run([loss, step], {x: random.randn(rows, 8), y: random.randint(0, 5, rows)})[0] for rows in (6, 6, 1, 4)]
        before = s.run(tf.trainable_variables())
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"= 7 is not in \[0, 5\)"):
            s.run(step, {x: random.randn(2, 8), y: [1, 7]})
        return losses, before, s.run(tf.trainable_variables())


def test_a_network_trains_as_on_the_numpy_engine_and_a_failed_step_changes_nothing():
    (losses, values, _), (ours, mine, after) = on("numpy", trained), on("xla", trained)
    assert all(np.array_equal(a, b) for a, b in zip(mine, after, strict=True))
    np.testing.assert_allclose(ours, losses, rtol=2e-5)
    for a, b in zip(mine, values, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("engine", ENGINES)
def test_branches_loops_and_their_checks(engine):
    def program(session):
        n, limit = tf.placeholder(tf.int32, []), tf.placeholder(tf.int32, [])
        table = tf.constant([1.0, 2.0, 4.0])
        total = tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + tf.cond(i < limit, lambda: tf.gather(table, i), lambda: -1.0)),
                              [0, 0.0])[1]
        with session() as s:
            found = [s.run(total, {n: 3, limit: 9}), s.run(total, {n: 5, limit: 3}), s.run(total, {n: 0, limit: 3})]
            with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices = 3 is not in \[0, 3\)"):
                s.run(total, {n: 5, limit: 9})
            return found
    assert on(engine, program) == [7.0, 5.0, 0.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_no_device_holds_runs_on_the_numpy_engine(engine):
    def program(session):
        text = tf.get_variable("text", initializer=["a", "bc"])
        number = tf.get_variable("number", [2], tf.float64, initializer=tf.zeros_initializer())
        both = tf.group(number.assign_add(tf.cast(tf.strings.length(text), tf.float64)), text.assign(text + "!"))
        values, where = tf.unique(tf.placeholder(tf.int32, [None], name="x"))
        with session() as s:
            s.run(tf.global_variables_initializer())
            s.run(both)
            s.run(both)
            return s.run([text, number, values, where * 2], {"x:0": [3, 1, 3]})
    text, number, values, where = on(engine, program)
    assert text.tolist() == [b"a!!", b"bc!!"] and number.tolist() == [3.0, 5.0] and number.dtype == np.float64
    assert values.tolist() == [3, 1] and where.tolist() == [0, 2, 0]


def test_random_streams_are_those_of_the_other_engines():
    def program(session):
        x = tf.placeholder(tf.float32, [])
        draws = [tf.random_uniform([3], seed=1) + x, tf.random_normal([2, 2], seed=2) * x, tf.random_uniform([4], 0, 9, tf.int32, seed=3)]
        with session() as s:
            return [s.run(draws, {x: 1.0}) for _ in range(2)]
    for ours, theirs in zip(on("xla", program), on("numpy", program), strict=True):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_fed_array_may_change_and_a_fetched_one_is_the_users():
    def program(session):
        x = tf.placeholder(tf.float32, [1000, 100])
        v = tf.get_variable("v", [100], initializer=tf.zeros_initializer())
        step = v.assign_add(tf.reduce_sum(x, 0))
        with session() as s:
            s.run(v.initializer)
            fed = np.ones([1000, 100], "f")
            for _ in range(3):
                s.run(step.op, {x: fed})
                fed += 1
            found = s.run(v)
            found += 1
            return found, s.run(v)
    found, now = on("xla", program)
    assert (now == 6000).all() and (found == 6001).all()


def test_savers_and_partly_written_variables(tmp_path):
    def program(session):
        a, b = tf.get_variable("a", [4], initializer=tf.ones_initializer()), tf.get_variable("b", [2, 2])
        rows = tf.scatter_update(a, [1, 3], [5.0, 6.0])
        saver = tf.train.Saver()
        with session() as s:
            s.run(tf.global_variables_initializer())
            s.run(rows)
            kept = s.run([a, b])
            path = saver.save(s, str(tmp_path / "model"))
        with session() as s:
            saver.restore(s, path)
            return kept, s.run([a, b])
    kept, restored = on("xla", program)
    assert kept[0].tolist() == [1, 5, 1, 6]
    for x, y in zip(kept, restored, strict=True):
        np.testing.assert_array_equal(x, y)


def sequences(session):
    """Values and gradients of a dynamic_rnn, a map, a scan and a loop that writes an array; how many plans the numpy engine ran."""
    x, lengths = tf.placeholder(tf.float32, [4, 6, 3]), tf.placeholder(tf.int32, [4])
    outputs, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(5), x, sequence_length=lengths, dtype=tf.float32)
    mapped = tf.map_fn(lambda row: tf.reduce_sum(tf.cumsum(row) ** 2), x)
    scanned = tf.scan(lambda a, b: a * 0.5 + tf.cond(a > 1.0, lambda: tf.reduce_sum(b), lambda: 1.0), x, 0.0)
    loss = tf.reduce_sum(outputs ** 2) + tf.reduce_sum(mapped) + tf.reduce_sum(scanned)
    step = tf.train.AdamOptimizer(0.01).minimize(loss)
    slope = tf.gradients(loss, x)[0]
    count = tf.placeholder(tf.int32, [])
    written = tf.while_loop(lambda i, array, s: i < count, lambda i, array, s: (i + 1, array.write(i, s), s * 2),
                            [0, tf.TensorArray(tf.float32, 5), 1.0])[1].stack()
    random = np.random.RandomState(0)
    with session() as s:
        s.run(tf.global_variables_initializer())
        feeds = {x: random.randn(4, 6, 3), lengths: [6, 3, 1, 5]}
        losses = [s.run([loss, step], feeds)[0] for _ in range(3)]
        with pytest.raises(tf.errors.InvalidArgumentError, match="element 5 in a list with 5 elements"):
            s.run(written, {count: 6})
        return [losses, *s.run([outputs, mapped, scanned, slope], feeds), s.run(written, {count: 3})]


def test_recurrent_networks_and_lists_are_compiled(monkeypatch):
    staged = []
    make = fallback.Staged.__init__

    def noted(self, engine, plan, *rest):
        if plan.inputs:
            staged.append(plan)
        make(self, engine, plan, *rest)
    wanted = on("numpy", sequences)
    monkeypatch.setattr(fallback.Staged, "__init__", noted)
    for ours, theirs in zip(on("xla", sequences), wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-5)
    assert len(staged) == 1             # the one that failed, to say why


def test_sparse_gradients_of_as_many_rows_as_a_run_has():
    def program(session):
        ids = tf.placeholder(tf.int64, [None])
        table = tf.get_variable("table", [9, 4])
        loss = tf.reduce_sum(tf.gather(table, ids) ** 2)
        step = tf.train.AdamOptimizer(0.1).minimize(loss)
        with session() as s:
            s.run(tf.global_variables_initializer())
            for run in range(40):
                s.run(step, {ids: [run % 9, (run + 1) % 9, 3 if run < 25 else run % 9]})
            return s.run(table)
    np.testing.assert_allclose(on("xla", program), on("numpy", program), rtol=1e-5, atol=1e-6)


def test_batches_of_many_sizes_run_by_a_plan_that_knows_none():
    def program(session):
        x = tf.placeholder(tf.float32, [None, 2])
        total = tf.reduce_sum(x * 2.0)
        with session() as s:
            return [s.run(total, {x: np.ones([rows, 2])}) for rows in range(1, 30)]
    assert on("xla", program) == [4.0 * rows for rows in range(1, 30)]
