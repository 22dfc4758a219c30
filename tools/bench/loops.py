"""Loops, branches and recurrent networks: the work of `workloads` that lies in functions."""

from __future__ import annotations

from typing import Any

import numpy as np
from google.protobuf import text_format

from tools.bench.common import Step, Workload, rand, session

TURNS, ROWS, RUNS = 10_000, 10_000, 100


def while_turns(tf: Any, small: bool) -> Step:
    """while_loop(i < n, i + 1), 10,000 times."""
    n = tf.placeholder(tf.int32, [])
    last = tf.while_loop(lambda i: i < n, lambda i: i + 1, [tf.constant(0)])
    sess = session(tf)
    return lambda: sess.run(last, {n: 100 if small else TURNS})


_V1 = """
node { name: "n" op: "Placeholder" attr { key: "dtype" value { type: DT_INT32 } } attr { key: "shape" value { shape { } } } }
node { name: "zero" op: "Const" attr { key: "dtype" value { type: DT_INT32 } }
  attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 0 } } } }
node { name: "enter" op: "Enter" input: "zero" attr { key: "T" value { type: DT_INT32 } } attr { key: "frame_name" value { s: "w" } } }
node { name: "limit" op: "Enter" input: "n" attr { key: "T" value { type: DT_INT32 } } attr { key: "frame_name" value { s: "w" } }
  attr { key: "is_constant" value { b: true } } }
node { name: "merge" op: "Merge" input: "enter" input: "next" attr { key: "N" value { i: 2 } } attr { key: "T" value { type: DT_INT32 } } }
node { name: "less" op: "Less" input: "merge" input: "limit" attr { key: "T" value { type: DT_INT32 } } }
node { name: "go_on" op: "LoopCond" input: "less" }
node { name: "switch" op: "Switch" input: "merge" input: "go_on" attr { key: "T" value { type: DT_INT32 } } }
node { name: "i" op: "Identity" input: "switch:1" attr { key: "T" value { type: DT_INT32 } } }
node { name: "one" op: "Const" input: "^i" attr { key: "dtype" value { type: DT_INT32 } }
  attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 1 } } } }
node { name: "add" op: "Add" input: "i" input: "one" attr { key: "T" value { type: DT_INT32 } } }
node { name: "next" op: "NextIteration" input: "add" attr { key: "T" value { type: DT_INT32 } } }
node { name: "exit" op: "Exit" input: "switch" attr { key: "T" value { type: DT_INT32 } } }
"""


def while_of_v1(tf: Any, small: bool) -> Step:
    """The same loop in the nodes of TF1: Enter, Merge, Switch, NextIteration and Exit, imported."""
    graph = tf.GraphDef()
    text_format.Parse(_V1, graph)
    n, last = tf.import_graph_def(graph, return_elements=["n:0", "exit:0"], name="")
    sess = session(tf)
    return lambda: sess.run(last, {n: 100 if small else TURNS})


def while_gradient(tf: Any, small: bool) -> Step:
    """10,000 turns of a sine, and their gradient."""
    n, x = tf.placeholder(tf.int32, []), tf.placeholder(tf.float32, [])
    last = tf.while_loop(lambda i, _: i < n, lambda i, a: (i + 1, tf.sin(a) * 1.001), [tf.constant(0), x])[1]
    gradient = tf.gradients(last, x)
    sess = session(tf)
    return lambda: sess.run(gradient, {n: 100 if small else TURNS, x: 1.0})


def _recurrent(tf: Any, small: bool, fixed: bool = True) -> tuple[Any, dict[Any, Any]]:
    steps = 3 if small else 100
    batch, length = (32, steps) if fixed else (None, None)
    x, y = tf.placeholder(tf.float32, [batch, length, 16]), tf.placeholder(tf.float32, [batch, 4])
    outputs, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell(64), x, dtype=tf.float32)
    loss = tf.reduce_mean(tf.square(tf.matmul(outputs[:, -1], tf.Variable(rand(64, 4) * 0.1)) - y))
    return tf.train.AdamOptimizer(0.001).minimize(loss), {x: rand(32, steps, 16), y: rand(32, 4)}


def dynamic_rnn(tf: Any, small: bool) -> Step:
    """A training step of one 64-wide LSTM over 100 steps, batch 32, with Adam."""
    train, feed = _recurrent(tf, small)
    sess = session(tf)
    return lambda: sess.run(train, feed)


def rnn_of_any_size(tf: Any, small: bool) -> Step:
    """The same with a batch and a length that are not known when it is built."""
    train, feed = _recurrent(tf, small, fixed=False)
    sess = session(tf)
    return lambda: sess.run(train, feed)


def both_ways(tf: Any, small: bool) -> Step:
    """A training step of two 32-wide GRUs, one each way, over 50 steps of which rows use 20 to 50, batch 32, with Adam."""
    steps = 3 if small else 50
    x, lengths = tf.placeholder(tf.float32, [None, steps, 16]), tf.placeholder(tf.int32, [None])
    cells = [tf.nn.rnn_cell.GRUCell(32) for _ in range(2)]
    _, states = tf.nn.bidirectional_dynamic_rnn(*cells, x, sequence_length=lengths, dtype=tf.float32)
    loss = tf.reduce_mean(tf.square(tf.layers.dense(tf.concat(states, 1), 4)))
    feed = {x: rand(32, steps, 16), lengths: np.linspace(0.4 * steps, steps, 32).astype(np.int32)}
    train = tf.train.AdamOptimizer(0.001).minimize(loss)
    sess = session(tf)
    return lambda: sess.run(train, feed)


def build_rnn(tf: Any, small: bool) -> Step:
    """Building the graph of the same."""

    def step() -> None:
        with tf.Graph().as_default():
            _recurrent(tf, small)

    return step


def map_fn(tf: Any, small: bool) -> Step:
    """map_fn over 10,000 scalars."""
    x = tf.placeholder(tf.float32, [None])
    y = tf.map_fn(lambda v: v * v + 1.0, x)
    sess = session(tf)
    feed = {x: rand(100 if small else ROWS)}
    return lambda: sess.run(y, feed)


def scan(tf: Any, small: bool) -> Step:
    """scan of a 64-wide GRU over 100 steps, batch 32, with its gradient."""
    x = tf.placeholder(tf.float32, [None, 32, 16])
    w, u = (tf.convert_to_tensor(tf.Variable(rand(n, 192) * 0.1)) for n in (16, 64))

    def gru(h: Any, v: Any) -> Any:
        a, b = tf.matmul(v, w), tf.matmul(h, u)
        z, r = tf.sigmoid(a[:, :64] + b[:, :64]), tf.sigmoid(a[:, 64:128] + b[:, 64:128])
        return z * h + (1.0 - z) * tf.tanh(a[:, 128:] + r * b[:, 128:])

    gradient = tf.gradients(tf.reduce_sum(tf.square(tf.scan(gru, x, initializer=tf.zeros([32, 64])))), [w, u])
    sess = session(tf)
    feed = {x: rand(3 if small else 100, 32, 16)}
    return lambda: sess.run(gradient, feed)


def cond(tf: Any, small: bool) -> Step:
    """Runs of a cond, of either branch in turn."""
    taken, x = tf.placeholder(tf.bool, []), tf.placeholder(tf.float32, [])
    y = tf.cond(taken, lambda: x * 2.0, lambda: x + 1.0)
    sess = session(tf)
    feeds = [{taken: np.bool_(k % 2), x: np.float32(k)} for k in range(RUNS)]

    def step() -> None:
        for feed in feeds:
            sess.run(y, feed)

    return step


LOOPS = (
    Workload("while", while_turns, "a turn of while_loop", units=TURNS, unit="turn"),
    Workload("while-v1", while_of_v1, "a turn of TF1's nodes", units=TURNS, unit="turn"),
    Workload("while-grad", while_gradient, "a turn of a loop with its gradient", units=TURNS, unit="turn"),
    Workload("rnn", dynamic_rnn, "dynamic_rnn: LSTM of 64, 100 steps, batch 32, Adam"),
    Workload("rnn-any", rnn_of_any_size, "the same, of any batch and length"),
    Workload("rnn-both", both_ways, "bidirectional GRUs of 32, 50 steps, batch 32, Adam"),
    Workload("rnn-build", build_rnn, "building that"),
    Workload("map", map_fn, "map_fn over 10,000 scalars"),
    Workload("scan", scan, "scan of a GRU of 64, 100 steps, with gradient"),
    Workload("cond", cond, "a run of a cond", units=RUNS, unit="run"),
)
