"""What costs grow with: variables, gradients, reads and writes, each about in line with its number (four times as many take less than
eight times as long, where a quadratic step takes sixteen)."""

import time

import numpy as np
import pytest

import graphflow as tf

SMALL, LARGE = 200, 800


def variables(count):
    return [tf.get_variable(f"v{i}", initializer=np.float32(i)) for i in range(count)]


def save_and_restore(count, folder):
    variables(count)
    saver, session = tf.train.Saver(), tf.Session()
    session.run(tf.global_variables_initializer())
    path = saver.save(session, folder, write_meta_graph=False)
    yield lambda: saver.save(session, folder, write_meta_graph=False)
    yield lambda: saver.restore(session, path)


def train(count, folder):
    values = variables(count)
    loss = tf.add_n([v * 2.0 for v in values])
    yield lambda: tf.gradients(loss, values)
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    step = tf.train.GradientDescentOptimizer(1e-3).minimize(loss)
    yield lambda: tf.Session.run(session, [step, tf.identity(loss)])     # another fetch each time: planned anew


def read_and_write(count, folder):
    v = tf.get_variable("v", initializer=np.float32(0))
    session = tf.Session()
    session.run(v.initializer)
    both = [op for _ in range(count // 2) for op in (v.assign_add(1.0), tf.identity(v) * 2.0)]
    yield lambda: session.run([*both, tf.constant(0)])


def build_and_exchange(count, folder):
    """Adding operations, control edges and scopes; graphs written, read and cut."""
    x = tf.placeholder(tf.float32, [])
    ends = [x]

    def chain():
        for _ in range(count):
            with tf.name_scope("s"), tf.control_dependencies([ends[-1].op]):
                ends.append(ends[-1] + 1.0)

    yield chain
    yield lambda: tf.Session().run(ends[count], {x: 1.0})
    message = tf.get_default_graph().as_graph_def()
    yield tf.get_default_graph().as_graph_def

    def read():
        with tf.Graph().as_default():
            tf.import_graph_def(message, name="p")

    yield read
    yield lambda: tf.graph_util.extract_sub_graph(message, [ends[count].op.name])
    yield lambda: tf.train.write_graph(message, folder, "g.pbtxt")


def feed_and_fetch(count, folder):
    inputs = [tf.placeholder(tf.float32, []) for _ in range(count)]
    total, session = tf.add_n(inputs), tf.Session()
    feeds = dict.fromkeys(inputs, 1.0)
    yield lambda: session.run([total, tf.constant(0)], feeds)
    yield lambda: session.run([*inputs, tf.constant(0)], feeds)
    yield lambda: session.run(tf.group(*[x.op for x in inputs], tf.no_op()), feeds)


def seconds(build, count, folder):
    """The least of three measurements of each piece of work."""
    with tf.Graph().as_default():
        found = []
        for work in build(count, folder):
            times = []
            for _ in range(3):
                start = time.thread_time()
                work()
                times.append(time.thread_time() - start)
            found.append(min(times))
        return found


@pytest.mark.parametrize("build", [save_and_restore, train, read_and_write, build_and_exchange, feed_and_fetch])
def test_four_times_as_many_take_about_four_times_as_long(build, tmp_path):
    few, many = seconds(build, SMALL, str(tmp_path / "few")), seconds(build, LARGE, str(tmp_path / "many"))
    for a, b in zip(few, many, strict=True):
        assert b < 8 * a + 0.02, f"{a:.3f} s became {b:.3f} s"
