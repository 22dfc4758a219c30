"""Whole programs: a second run of the passes changes none of their plans, and in every order passes give the same values."""
import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import graphflow as tf
from graphflow.plan.passes import fusion
from graphflow.runtime.executor import Executor
from tests import opdb
from tests.opdb import _run
from tests.plan.examined import ORDERS, watch

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.py"))
X = np.linspace(-1, 1, 24, dtype="f").reshape(4, 6)


@pytest.fixture
def counts(monkeypatch):
    """Counts of the plans that the test has run, each of them examined."""
    monkeypatch.setattr(Executor, "run", Executor.run)
    monkeypatch.setattr(fusion, "MINIMUM", 4)
    monkeypatch.setattr(fusion, "BLOCK", 16)
    with tf.Graph().as_default():
        tf.set_random_seed(1)
        yield watch(Executor)


def branches():
    x = tf.placeholder(tf.float32, [4, 6])
    v = tf.get_variable("v", [6], initializer=tf.ones_initializer())

    def inner():
        return tf.cond(tf.reduce_sum(x) > 5, lambda: tf.exp(x) * v, lambda: tf.transpose(tf.reshape(x, [6, 4])) - v)

    y = tf.cond(tf.reduce_max(x) > 0.5, inner, lambda: x * 2)
    z = tf.case([(x[0, 0] > 0, lambda: v + 1), (x[0, 1] > 0, lambda: v.assign_add(v))], default=lambda: tf.sqrt(v))
    return [y, z, tf.gradients(y, [x, v])], {x: X}


def loops():
    x = tf.placeholder(tf.float32, [4, 6])
    total = tf.get_variable("total", [], initializer=tf.zeros_initializer())

    def turn(i, y):
        again = tf.while_loop(lambda j, _: j < i, lambda j, z: (j + 1, tf.tanh(z) * 0.5 + x), (0, y))[1]
        with tf.control_dependencies([total.assign_add(tf.reduce_sum(again))]):
            return i + 1, tf.cond(i > 1, lambda: again + 1, lambda: tf.transpose(tf.transpose(again)))
    _, y = tf.while_loop(lambda i, _: i < 3, turn, (0, x))
    steps = tf.scan(lambda before, row: before * 0.5 + row, x)
    return [y, steps, tf.map_fn(lambda row: row / (1 + tf.reduce_sum(row * row)), x)], {x: X}


def gradients_of_loops():
    x = tf.placeholder(tf.float32, [4, 6])
    w = tf.get_variable("w", [6, 6], initializer=tf.orthogonal_initializer())
    _, y = tf.while_loop(lambda i, _: i < 4, lambda i, y: (i + 1, tf.tanh(tf.matmul(y, w))), (0, x))
    loss = tf.reduce_sum(y * y)
    return [loss, tf.train.MomentumOptimizer(0.1, 0.9).minimize(loss), tf.gradients(loss, x)], {x: X}


def recurrent_training():
    x, labels = tf.placeholder(tf.float32, [4, 3, 2]), tf.placeholder(tf.int64, [4])
    outputs, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(5), x, sequence_length=tf.constant([3, 1, 2, 3]), dtype=tf.float32)
    logits = tf.layers.dense(tf.nn.dropout(state.h, keep_prob=0.8), 3)
    loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    return [loss, outputs, tf.train.AdamOptimizer(0.01).minimize(loss)], {x: X.reshape(4, 3, 2), labels: np.arange(4) % 3}


def convolution_training():
    x = tf.placeholder(tf.float32, [2, 8, 8, 3])
    h = tf.layers.conv2d(x, 4, 3, padding="same", activation=tf.nn.relu)
    h = tf.layers.max_pooling2d(tf.layers.batch_normalization(h, training=True), 2, 2)
    loss = tf.reduce_mean(tf.square(tf.layers.flatten(h))) + tf.reduce_sum(tf.random_uniform([3]))
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        step = tf.train.RMSPropOptimizer(0.01).minimize(loss)
    return [loss, step, h], {x: np.linspace(-1, 1, 384, dtype="f").reshape(2, 8, 8, 3)}


def embeddings_and_slices():
    table = tf.get_variable("table", [7, 3], initializer=tf.random_normal_initializer(seed=2))
    ids = tf.placeholder(tf.int32, [5])
    rows = tf.nn.embedding_lookup(table, ids)
    parts = tf.dynamic_partition(rows, ids % 2, 2)
    loss = tf.reduce_sum(rows[:, 1:] * rows[:, :2]) + tf.add_n([tf.reduce_sum(p) for p in parts])
    return [loss, tf.train.AdagradOptimizer(0.1).minimize(loss), tf.strided_slice(table, [5, 0], [0, 3], [-2, 1])], {ids: [1, 6, 1, 0, 3]}


@pytest.mark.parametrize("program", [branches, loops, gradients_of_loops, recurrent_training, convolution_training, embeddings_and_slices])
def test_programs_with_bodies_and_training(program, counts):
    fetches, feeds = program()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(fetches, feeds)
        session.run([leaf for leaf in fetches if isinstance(leaf, tf.Tensor)], feeds)
    assert counts["plans"] == counts["run"] >= 2
    assert bool(counts["bodies"]) == (program in (branches, loops, gradients_of_loops, recurrent_training))


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in opdb.cases() if case[1] == case[0].dtypes[0]], ids=opdb.case_id)
def test_every_row_of_the_op_database(case, monkeypatch):
    monkeypatch.setattr(Executor, "run", Executor.run)
    counts = watch(Executor, ORDERS[::5])
    row, dtype = case
    for example in row.cases(dtype):
        built = _run.Built(row, example)
        built.run()
        waits = any(op._op_def.may_wait for op in built.graph.get_operations())      # such an operation runs without a plan
        assert counts["plans"] or waits or not built.outputs


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example(name, tmp_path):
    command = [sys.executable, "-m", "tests.plan.examined", str(ROOT / "examples" / f"{name}.py"), "--small"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    counts = ast.literal_eval(done.stdout.splitlines()[-1])
    assert counts.get("run", 0) > 0 or name == "layer_names", counts     # which runs nothing
