"""The native engine: its functions' accuracy, training as the numpy engine trains, state, threads, the cache of compiled code."""
import faulthandler
import gc
import multiprocessing
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

pytest.importorskip("llvmlite")

import graphflow as tf
from graphflow.runtime.engines.native import cache, machine
from graphflow.runtime.engines.native.arrange import Arrangement
from graphflow.runtime.engines.native.walk import merged, packed, reshaped, sliced

NATIVE = tf.ConfigProto(engine="native")


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """A cache of the test's own, and nothing compiled yet."""
    monkeypatch.setenv("GRAPHFLOW_CACHE", str(tmp_path))
    monkeypatch.setattr(machine, "_known", type(machine._known)())
    with tf.Graph().as_default():
        yield tmp_path / "native"


def computed(function, *arrays):
    """function(placeholders) on the native engine."""
    feeds = [tf.placeholder(a.dtype, a.shape) for a in arrays]
    with tf.Session(config=NATIVE) as session:
        return session.run(function(*feeds), dict(zip(feeds, arrays)))


def plan_of(session, fetches, feeds):
    return Arrangement(session.explain(fetches, feeds, stages=True)[-2][1])


NUMBERS = np.random.default_rng(0)
SAMPLES = np.concatenate([NUMBERS.uniform(-1, 1, 20001), NUMBERS.uniform(-100, 100, 20001), 10.0 ** NUMBERS.uniform(-30, 30, 20001),
                          -10.0 ** NUMBERS.uniform(-30, 1.9, 20001), [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 88.7, 89.0, -104.0]])
FUNCTIONS = [("exp", tf.exp, np.exp), ("expm1", tf.expm1, np.expm1), ("log", tf.log, np.log), ("log1p", tf.log1p, np.log1p),
             ("tanh", tf.tanh, np.tanh), ("sigmoid", tf.sigmoid, lambda x: 1 / (1 + np.exp(-x)))]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name, ours, exact", FUNCTIONS, ids=[f[0] for f in FUNCTIONS])
def test_functions_are_right_to_three_units_in_the_last_place(name, ours, exact, dtype):
    x = SAMPLES.astype(dtype)
    found = computed(ours, x)
    with np.errstate(all="ignore"):
        wanted = exact(x.astype(np.longdouble))
        rounded = wanted.astype(dtype)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(rounded))
    np.testing.assert_array_equal(np.isinf(found), np.isinf(rounded))
    usual = np.isfinite(rounded) & (np.abs(rounded) > np.finfo(dtype).tiny)
    assert np.all(np.abs(found[usual] - wanted[usual]) <= 3 * np.spacing(np.abs(rounded[usual])))
    signs = rounded == 0
    np.testing.assert_array_equal(np.signbit(found[signs]), np.signbit(rounded[signs]))


def test_powers_are_as_in_c():
    x = np.array([0, 0, -0.0, 1, -1, np.inf, -8, -2, -2, 2, np.nan, np.inf, -np.inf, 0.5], "f")
    y = np.array([0, -1, 3, np.inf, np.inf, 2, 1 / 3, 3, 4, -149, 0, -1, 3, 10], "f")
    with np.errstate(all="ignore"):
        wanted = np.power(x.astype("d"), y.astype("d"))
    wanted[9] = 0       # a denormal number
    np.testing.assert_allclose(computed(tf.pow, x, y), wanted.astype("f"), rtol=3e-7)


def network(width, rows, inputs):
    """A training step that has views, broadcasts, sums along either axis, and an optimizer with slots."""
    x, y = tf.placeholder(tf.float32, [None, inputs]), tf.placeholder(tf.float32, [None, width])
    h = x
    for k in range(2):
        w = tf.get_variable(f"w{k}", [h.shape[1], width], initializer=tf.random_normal_initializer(stddev=0.3, seed=k))
        b = tf.get_variable(f"b{k}", [width], initializer=tf.zeros_initializer())
        h = tf.nn.leaky_relu(tf.matmul(h, w) + b) * tf.sigmoid(tf.reduce_mean(h, 1, keepdims=True))
    h = tf.concat([h[:, ::2], tf.transpose(tf.transpose(h))[:, 1::2]], 1)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=h)) + tf.reduce_max(tf.abs(h)) / 100
    train = tf.train.AdamOptimizer(0.02).minimize(loss, global_step=tf.train.get_or_create_global_step())
    rng = np.random.default_rng(1)
    labels = np.eye(width, dtype="f")[rng.integers(0, width, rows)]
    return loss, train, {x: rng.normal(size=(rows, inputs)).astype("f"), y: labels}


@pytest.mark.parametrize("sizes", [(4, 4, 4), (5, 7, 3), (1, 1, 1), (17, 33, 16), (64, 300, 2)])
def test_training_is_the_numpy_engines(sizes):
    loss, train, feed = network(*sizes)
    found = []
    for name in ("native", "numpy"):
        with tf.Session(config=tf.ConfigProto(engine=name)) as session:
            session.run(tf.global_variables_initializer())
            losses = [session.run([loss, train], feed)[0] for _ in range(6)]
            found.append([losses, *session.run(tf.global_variables())])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=2e-4, atol=2e-6)


def test_a_training_step_is_one_call():
    a, b = tf.Variable(-1.5), tf.Variable(0.5)
    x = tf.placeholder(tf.float32)
    train = tf.train.GradientDescentOptimizer(0.01).minimize(tf.square(a * x + b))
    with tf.Session(config=NATIVE) as session:
        session.run(tf.global_variables_initializer())
        session.run(train, {x: 2.0})
        source = next(iter(session._executors.values())).newest.program.source if hasattr(session, "_executors") else ""
        arrangement = plan_of(session, train, {x: ()})
    assert {item.kind for item in arrangement.items} == {"loop"} and len(arrangement.items) <= 2
    assert source.count("run") <= 2


def test_variables_may_swap():
    a, b = tf.Variable(np.arange(600.0)), tf.Variable(-np.arange(600.0))
    x = tf.placeholder(tf.float64, [])
    old_a, old_b = a + x, b + x
    with tf.control_dependencies([old_a, old_b]):
        swap = tf.group(tf.assign(a, old_b), tf.assign(b, old_a))
    with tf.Session(config=NATIVE) as session:
        session.run(tf.global_variables_initializer())
        session.run(swap, {x: 1.0})
        one, other = session.run([a, b])
    np.testing.assert_array_equal(one, 1 - np.arange(600.0))
    np.testing.assert_array_equal(other, 1 + np.arange(600.0))


def test_results_are_not_changed_by_the_next_run():
    x = tf.placeholder(tf.float32, [None])
    fetches = [x * 2, tf.reduce_sum(x), x + 1.0, tf.reshape(x * 3, [-1, 1])]
    with tf.Session(config=NATIVE) as session:
        for size in (4, 5000):
            value = np.ones(size, "f")
            first = session.run(fetches, {x: value})
            session.run(fetches, {x: np.zeros(size, "f")})
            assert value.min() == 1
            for found, wanted in zip(first, (2, size, 2, 3)):
                np.testing.assert_array_equal(found, np.full_like(found, wanted))
                assert not isinstance(found, np.ndarray) or found.flags.writeable


def test_fed_arrays_may_lie_in_any_way():
    x = tf.placeholder(tf.float32, [3, 4])
    value = np.arange(12, dtype="f").reshape(4, 3)
    with tf.Session(config=NATIVE) as session:
        y = x * 2 + 1
        np.testing.assert_array_equal(session.run(y, {x: value.T}), value.T * 2 + 1)
        shifted = np.frombuffer(b"\0" + value.tobytes(), "f", 12, 1).reshape(3, 4)
        np.testing.assert_array_equal(session.run(y, {x: shifted}), value.reshape(3, 4) * 2 + 1)


def test_rows_are_taken_and_combined_by_number():
    table = tf.Variable(np.arange(21, dtype="f").reshape(7, 3))
    ids, more = tf.placeholder(tf.int64, [None]), tf.placeholder(tf.float32, [None, 3])
    taken = tf.gather(table, ids)
    with tf.control_dependencies([taken]):
        added, lowered = tf.scatter_add(table, ids, more), tf.scatter_min(tf.Variable(np.zeros((7, 3), "f")), ids, more)
    feed = {ids: [2, 0, 2, 6], more: -np.arange(12, dtype="f").reshape(4, 3)}
    wanted = np.arange(21, dtype="f").reshape(7, 3)
    np.add.at(wanted, feed[ids], feed[more])
    lowest = np.zeros((7, 3), "f")
    np.minimum.at(lowest, feed[ids], feed[more])
    with tf.Session(config=NATIVE) as session:
        session.run(tf.global_variables_initializer())
        rows, sums, low = session.run([taken, added, lowered], feed)
        np.testing.assert_array_equal(rows, np.arange(21, dtype="f").reshape(7, 3)[feed[ids]])
        np.testing.assert_array_equal(sums, wanted)
        np.testing.assert_array_equal(low, lowest)
        assert {"rows"} <= {item.kind for item in plan_of(session, added.op, {ids: (4,), more: (4, 3)}).items}
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = 9 is not in \[0, 7\)"):
            session.run(added, {ids: [1, 9], more: np.ones((2, 3), "f")})
        with pytest.raises(tf.errors.InvalidArgumentError, match="= -1 is not in"):
            session.run(taken, {ids: [-1]})


def test_parts_are_put_side_by_side_and_into_slices():
    x = tf.placeholder(tf.float64, [4, 5])
    value = np.arange(20.0).reshape(4, 5)
    y = tf.concat([x[:, 1:3], tf.transpose(x)[:4, 1:3] * 2, tf.ones([4, 1], tf.float64)], 1)
    (slope,) = tf.gradients(tf.square(x[1:3, ::2]), x)
    with tf.Session(config=NATIVE) as session:
        joined, found = session.run([y, slope], {x: value})
        assert "host" not in {item.kind for item in plan_of(session, [y, slope], {x: (4, 5)}).items}
    np.testing.assert_array_equal(joined, np.concatenate([value[:, 1:3], value.T[:4, 1:3] * 2, np.ones((4, 1))], 1))
    wanted = np.zeros((4, 5))
    wanted[1:3, ::2] = 2 * value[1:3, ::2]
    np.testing.assert_array_equal(found, wanted)


def test_numbers_and_arrays_are_fed_in_any_order():
    feeds = [tf.placeholder(tf.float32, shape) for shape in ([3], [], [2, 3], [], [3], [1], [3], [3], [3], [3], [3], [])]
    total = tf.reduce_sum(tf.add_n([x * float(k + 1) + tf.zeros([2, 3]) for k, x in enumerate(feeds)]))
    with tf.Session(config=NATIVE) as session:
        assert session.run(total, {x: np.ones(x.shape, "f") for x in feeds}) == 6 * sum(range(1, 13))


def test_sums_of_many_numbers_are_accurate():
    x = np.random.default_rng(2).uniform(0, 1, (1000, 3000)).astype("f")
    exact = x.astype("d").sum()
    assert abs(computed(tf.reduce_sum, x) - exact) < 2e-6 * exact
    np.testing.assert_allclose(computed(lambda t: tf.reduce_sum(t, 0), x), x.sum(0, dtype="d"), rtol=1e-5)
    np.testing.assert_allclose(computed(lambda t: tf.reduce_sum(t, 1), x), x.sum(1, dtype="d"), rtol=1e-5)


@pytest.mark.parametrize("axes", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)])
def test_reductions_along_any_axes(axes):
    x = np.random.default_rng(3).normal(size=(5, 7, 19)).astype("f")
    for ours, theirs in ((tf.reduce_sum, np.sum), (tf.reduce_max, np.max), (tf.reduce_prod, np.prod), (tf.reduce_min, np.min)):
        found = computed(lambda t, ours=ours: ours(tf.transpose(t, [0, 2, 1]) * 1.5, axes), x)
        np.testing.assert_allclose(found, theirs(x.transpose(0, 2, 1) * np.float32(1.5), axes), rtol=2e-5, atol=1e-6)


def test_sessions_in_several_threads_do_not_disturb_each_other():
    x = tf.placeholder(tf.float32, [None, 256])
    y = tf.reduce_sum(tf.tanh(tf.matmul(x, tf.transpose(x))), 1)
    wrong = []
    with tf.Session(config=NATIVE) as session:
        def work(k):
            value = np.full((700, 256), 0.001 * k, "f")
            wanted = 700 * np.tanh(256 * np.float32(0.001 * k) ** 2)
            for _ in range(5):
                if not np.allclose(session.run(y, {x: value}), wanted, rtol=1e-4):
                    wrong.append(k)
        threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong


def test_compiled_code_is_kept_and_a_bad_entry_is_made_anew(folder, monkeypatch):
    value = np.arange(5, dtype="f")
    assert computed(lambda x: x * 3, value).tolist() == [0, 3, 6, 9, 12]
    entries = list(folder.iterdir())
    assert entries and folder.stat().st_mode & 0o077 == 0
    good = {path: path.read_bytes() for path in entries}
    for path, content in good.items():
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    monkeypatch.setattr(machine, "_known", type(machine._known)())
    assert computed(lambda x: x * 3, value).tolist() == [0, 3, 6, 9, 12]
    rebuilt = [path for path, content in good.items() if path.read_bytes() == content]
    assert rebuilt                                   # the loop's; the driver was compiled before
    cache.keep("key", b"body")
    assert cache.find("key") == b"body" and cache.find("another key") is None


def test_code_goes_with_the_last_session_that_uses_it():
    x = tf.placeholder(tf.float32, [5])
    y = tf.tanh(x) * 3.0
    sessions = [tf.Session(config=NATIVE) for _ in range(2)]
    for session in sessions:
        session.run(y, {x: np.ones(5, "f")})
    assert len(machine._known) == 1
    del session, sessions[0]
    gc.collect()
    assert len(machine._known) == 1
    sessions.clear()
    gc.collect()
    assert not machine._known


def test_a_folder_of_somebody_else_is_left_alone(folder):
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    cache.keep("key", b"body")
    assert cache.folder() is None and cache.find("key") is None and not list(folder.iterdir())


def test_a_second_process_needs_no_compiler(tmp_path):
    program = """
import numpy as np, graphflow as tf, sys
from graphflow.runtime.engines.native import machine
if sys.argv[1] == "second":
    machine.llvm.parse_assembly = lambda text, real=machine.llvm.parse_assembly: real(text) if not text else sys.exit("compiled")
x = tf.placeholder(tf.float32, [7])
print(tf.Session().run(tf.reduce_sum(tf.exp(x) * 2), {x: np.zeros(7, "f")}))
"""
    environment = os.environ | {"GRAPHFLOW_ENGINE": "native", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    for which in ("first", "second"):
        done = subprocess.run([sys.executable, "-c", program, which], env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (0, "14.0\n"), done.stderr


def _child(session, y, x, pipe):
    pipe.send(session.run(y, {x: np.ones(500_000, "f")})[-1])


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_process_runs_without_its_parents_threads():
    x = tf.placeholder(tf.float32, [None])
    y = tf.sqrt(x + 3.0)
    with tf.Session(config=NATIVE) as session:
        assert session.run(y, {x: np.ones(500_000, "f")})[-1] == 2
        here, there = multiprocessing.Pipe()
        child = multiprocessing.get_context("fork").Process(target=_child, args=(session, y, x, there))
        child.start()
        assert here.poll(60) and here.recv() == 2
        child.join()


def test_walks_are_those_of_numpys_views():
    base = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    strides = packed(base.shape)
    for index in [(1,), (slice(None), 2), (..., slice(3, None, -1)), (None, slice(None), slice(0, 2)), (slice(1), ..., 1)]:
        offset, found = sliced(base.shape, strides, index)
        view = base[index]
        assert offset == view.flat[0] and all(d == 1 or s == t // base.itemsize for d, s, t in zip(view.shape, found, view.strides))
    assert reshaped((4, 6), (12, 2), (4, 3, 2)) == (12, 4, 2) and reshaped((4, 6), (12, 2), (24,)) == (2,)
    assert reshaped((3, 4), (1, 3), (12,)) is None
    assert merged((2, 3, 4), [(12, 4, 1), (0, 0, 0)]) == ((24,), [(1,), (0,)])
    assert merged((2, 3, 4), [(12, 4, 1), (0, 4, 1)]) == ((2, 12), [(12, 1), (0, 1)])


def test_what_a_loop_with_waits_carries_may_be_numpy_scalars():
    queue = tf.FIFOQueue(8, tf.float32, shapes=[[]])
    put = queue.enqueue_many([np.arange(5, dtype="f")])

    def body(i, total):
        return i + 1, total + queue.dequeue()
    loop = tf.while_loop(lambda i, total: i < 5, body, [0, 0.0])
    with tf.Session(config=NATIVE) as session:
        session.run(put)
        assert session.run(loop) == [5, 10]


def test_a_check_that_fails_leaves_variables_as_they_were():
    v = tf.Variable(np.zeros((4, 2), "f"))
    ids = tf.placeholder(tf.int32, [None])
    writes = [tf.scatter_add(v, ids, tf.ones([2, 2])), tf.scatter_update(v, ids, tf.ones([2, 2]))]
    with tf.Session(config=NATIVE) as session:
        session.run(v.initializer)
        for write in writes:
            with pytest.raises(tf.errors.InvalidArgumentError, match="= 7 is not in"):
                session.run(write, {ids: [0, 7]})
            assert not session.run(v).any()


def test_big_elementwise_work_in_a_loop_runs():
    x = tf.placeholder(tf.float32, [200_000])
    y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.square(a) * 0.5 + 1.0), [0, x])[1]
    with tf.Session(config=NATIVE) as session:
        assert session.run(y, {x: np.zeros(200_000, "f")})[-1] == 2.125


@pytest.mark.parametrize("shape, axes", [((3, 5, 4, 6), (0, 2, 1, 3)), ((2, 3, 4, 5), (1, 0, 2, 3)), ((7, 1, 4, 3), (0, 2, 3, 1))])
def test_products_of_batches_that_are_views_are_native(shape, axes):
    x = NUMBERS.standard_normal(shape).astype(np.float32)
    a = tf.placeholder(tf.float32, shape)
    heads = tf.transpose(a, axes)
    y = tf.matmul(heads, heads, transpose_b=True)
    with tf.Session(config=NATIVE) as session:
        assert {item.kind for item in plan_of(session, y, {a: x}).items} == {"product"}
        seen = np.transpose(x, axes)
        np.testing.assert_allclose(session.run(y, {a: x}), seen @ np.swapaxes(seen, -1, -2), rtol=1e-5, atol=1e-5)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_that_is_forked_while_another_thread_compiles_compiles_too(monkeypatch):
    monkeypatch.setenv("GRAPHFLOW_CACHE", "")
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [None, 8])
        made = [tf.tanh(x * k) + k for k in range(40)]

        def compile_all():
            with tf.Session(config=NATIVE, graph=x.graph) as session:
                for y in made:
                    session.run(y, {x: np.ones((3, 8))})

        busy = threading.Thread(target=compile_all)
        busy.start()
        for _ in range(3):
            child = os.fork()
            if not child:
                faulthandler.dump_traceback_later(100, exit=True)     # of a child that waits for ever
                with tf.Session(config=NATIVE, graph=x.graph) as session:
                    found = session.run(tf.sin(x) * 2 - 1, {x: np.zeros((2, 8))})
                os._exit(0 if (found == -1).all() else 3)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        busy.join()
