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


@pytest.mark.parametrize("build", [save_and_restore, train, read_and_write])
def test_four_times_as_many_take_about_four_times_as_long(build, tmp_path):
    few, many = seconds(build, SMALL, str(tmp_path / "few")), seconds(build, LARGE, str(tmp_path / "many"))
    for a, b in zip(few, many, strict=True):
        assert b < 8 * a + 0.02, f"{a:.3f} s became {b:.3f} s"
