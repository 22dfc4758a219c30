"""How time grows from 1,000 variables to 9,000, as exponents of the number: what doubles it doubles the time, too; and programs that make
graphs, sessions and Python functions all day, whose memory stays flat. The quick sibling is tests/train/test_linear_costs.py."""
import contextlib
import gc
import math
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

import graphflow as tf

pytestmark = pytest.mark.slow
SIZES = (1000, 3000, 9000)
MOST = 1.4          # of an exponent; a quadratic step has 2. Garbage collection and caches take what is above 1
SHORT = 0.02        # seconds of processor time below which a measurement says little


class Times(dict):
    """{work: [processor seconds of each size]}"""

    @contextlib.contextmanager
    def of(self, work):
        gc.collect()
        start = time.thread_time()
        yield
        self.setdefault(work, []).append(time.thread_time() - start)


def train_and_keep(count, times, folder):
    with times.of("variables"):
        values = [tf.get_variable(f"v{i}", initializer=np.float32(i)) for i in range(count)]
    with times.of("loss"):
        loss = tf.add_n([v * 2.0 for v in values])
    with times.of("gradients"):
        tf.gradients(loss, values)
    with times.of("minimize"):
        step = tf.train.AdamOptimizer(1e-3).minimize(loss)
    with times.of("saver"):
        saver = tf.train.Saver()
    with times.of("initializer"):
        initializer = tf.global_variables_initializer()
    with tf.Session() as session:
        with times.of("initializer run"):
            session.run(initializer)
        with times.of("first run"):
            session.run(step)
        with times.of("save"):
            path = saver.save(session, f"{folder}/m", write_meta_graph=False)
        with times.of("restore"):
            saver.restore(session, path)
    with times.of("export"):
        message = tf.get_default_graph().as_graph_def()
    with tf.Graph().as_default(), times.of("import"):
        tf.import_graph_def(message, name="")


def read_and_write(count, times, folder):
    v = tf.get_variable("v", initializer=np.float32(0))
    both = [op for _ in range(count // 2) for op in (v.assign_add(1.0), tf.identity(v) * 2.0)]
    with tf.Session() as session:
        session.run(v.initializer)
        with times.of("reads and writes of one variable"):
            session.run(both)


def open_scopes(count, times, folder):
    with times.of("scopes"):
        for i in range(count):
            with tf.variable_scope("s") as scope, tf.variable_scope(None, default_name="d"):
                tf.constant(1.0)
            with tf.variable_scope(scope), tf.name_scope(f"n{i}"):
                tf.constant(1.0)


def exponent(seconds):
    """The slope of log(seconds) over log(sizes), through those that say something; None where all are short."""
    points = [(math.log(n), math.log(s)) for n, s in zip(SIZES, seconds, strict=True) if s >= SHORT]
    return float(np.polyfit(*zip(*points, strict=True), 1)[0]) if len(points) > 1 else None


@pytest.mark.parametrize("build", [train_and_keep, read_and_write, open_scopes])
def test_time_grows_with_the_number(build, tmp_path):
    times = Times()
    for count in SIZES:
        with tf.Graph().as_default():
            build(count, times, str(tmp_path))
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
    found = {work: exponent(seconds) for work, seconds in times.items()}
    print({work: (slope and round(slope, 2), [round(s, 2) for s in times[work]]) for work, slope in found.items()})
    assert any(slope is not None for slope in found.values())
    assert {work: slope for work, slope in found.items() if slope is not None and slope > MOST} == {}


def megabytes():
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


def test_memory_stays_flat_over_graphs_sessions_and_python_functions():
    if not Path("/proc/self/statm").exists():
        pytest.skip("memory is read from /proc")

    def programs(first, last):
        for i in range(first, last):
            with tf.Graph().as_default():
                y = tf.py_func(lambda x, number=float(i): np.float32(x + number), [tf.constant(1.0)], tf.float32)
                v = tf.get_variable("v", initializer=1.0)
                with tf.Session() as session:
                    session.run(v.initializer)
                    assert session.run(y + v) == i + 2.0

    programs(0, 500)                # caches fill
    before = megabytes()
    programs(500, 2500)
    assert megabytes() < before + 4, "2,000 programs left more than 2 kB each"
