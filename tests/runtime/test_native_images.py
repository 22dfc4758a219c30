"""Convolutions and pools in native code: what the numpy engine gives, over shapes drawn at random, without a step of the host's."""
import numpy as np
import pytest

pytest.importorskip("llvmlite")

import graphflow as tf
from graphflow.runtime.engines.native import geometry, machine, spreading
from graphflow.runtime.engines.native.arrange import Arrangement


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("GRAPHFLOW_CACHE", str(tmp_path))
    monkeypatch.setattr(machine, "_known", type(machine._known)())


def compare(make, *arrays):
    """make(placeholders): y; y and its gradients on both engines."""
    found = {}
    for engine in ("numpy", "native"):
        with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(engine=engine)) as session:
            feeds = [tf.placeholder(a.dtype, a.shape) for a in arrays]
            y = make(*feeds)
            dy = np.random.default_rng(5).standard_normal(y.shape.as_list()).astype(arrays[0].dtype)
            fetches = [y, *tf.gradients(y, feeds, dy)]
            if engine == "native":
                plan = session.explain(fetches, dict(zip(feeds, arrays)), stages=True)[-2][1]
                assert not [item.nodes for item in Arrangement(plan).items if item.kind == "host"]
            found[engine] = session.run(fetches, dict(zip(feeds, arrays)))
    for ours, theirs in zip(found["native"], found["numpy"]):
        scale = max(1.0, float(np.abs(np.nan_to_num(theirs, posinf=0, neginf=0)).max(initial=0)))
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=scale * (2e-5 if ours.dtype == np.float32 else 1e-12))


def drawn(seed):
    """(dtype, size of the image, window, stride, dilation, padding, random numbers) at random."""
    rng = np.random.default_rng(seed)
    size, window = rng.integers(1, 20, 2), rng.integers(1, 6, 2)
    stride = int(rng.choice([1, 1, 2, 3]))
    dilation = int(rng.choice([1, 2])) if stride == 1 else 1
    fits = all((k - 1) * dilation + 1 <= n for k, n in zip(window, size))
    return str(rng.choice(["float32", "float64"])), size, window, stride, dilation, "VALID" if fits and rng.random() < 0.5 else "SAME", rng


@pytest.mark.parametrize("seed", range(24))
def test_convolutions(seed):
    dtype, size, window, stride, dilation, padding, rng = drawn(seed)
    groups, each, count = int(rng.choice([1, 1, 2, 3])), int(rng.integers(1, 20)), int(rng.choice([1, 3, 16, 20, 36, 70]))
    x = rng.standard_normal((rng.integers(1, 5), *size, groups * each)).astype(dtype)
    filters = rng.standard_normal((*window, each, groups * count)).astype(dtype)
    compare(lambda x, w: tf.nn.conv2d(x, w, [1, stride, stride, 1], padding, dilations=[1, dilation, dilation, 1]), x, filters)


@pytest.mark.parametrize("seed", range(100, 108))
def test_windows_over_one_axis(seed):
    dtype, size, window, stride, _, padding, rng = drawn(seed)
    x = rng.standard_normal((3, size[0], 7)).astype(dtype)
    filters = rng.standard_normal((window[0], 7, 11)).astype(dtype)
    compare(lambda x, w: tf.nn.conv1d(x, w, stride, padding), x, filters)


@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize("seed", range(200, 210))
def test_pools(seed, kind):
    dtype, size, window, stride, _, padding, rng = drawn(seed)
    x = np.round(2 * rng.standard_normal((rng.integers(1, 4), *size, rng.choice([1, 3, 8, 17, 40])))).astype(dtype)   # some are equal
    if seed % 3 == 0:
        x.flat[rng.integers(0, x.size, 4)] = np.nan
    if seed == 207:
        x[...] = -np.inf
    padding = padding if all(k <= n for k, n in zip(window, size)) else "SAME"
    pool = tf.nn.max_pool if kind == "max" else tf.nn.avg_pool
    with np.errstate(invalid="ignore"):
        compare(lambda x: pool(x, [1, *window, 1], [1, stride, stride, 1], padding), x)


@pytest.mark.parametrize("seed", range(300, 312))
def test_depthwise_convolutions(seed):
    dtype, size, window, stride, dilation, padding, rng = drawn(seed)
    channels = int(rng.choice([1, 3, 16, 33]))
    x = rng.standard_normal((rng.integers(1, 5), *size, channels)).astype(dtype)
    filters = rng.standard_normal((*window, channels, 1)).astype(dtype)
    compare(lambda x, w: tf.nn.depthwise_conv2d(x, w, [1, stride, stride, 1], padding, rate=[dilation, dilation]), x, filters)


def test_large_images_are_done_in_strips_by_several_threads(monkeypatch):
    monkeypatch.setattr(geometry, "WORTH", 1)
    monkeypatch.setattr(geometry, "STRIP", 4000)
    monkeypatch.setattr(geometry.parallel, "THREADS", 2)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3, 37, 19, 5)).astype(np.float32)
    filters = rng.standard_normal((3, 5, 5, 21)).astype(np.float32)
    compare(lambda x, w: tf.nn.conv2d(x, w, [1, 2, 1, 1], "SAME"), x, filters)


def test_transposed_convolutions_of_channels_first_views():
    rng = np.random.default_rng(0)
    x, filters = rng.standard_normal((2, 6, 5, 4)).astype(np.float32), rng.standard_normal((4, 4, 3, 6)).astype(np.float32)
    compare(lambda x, w: tf.nn.conv2d_transpose(tf.transpose(x, [0, 2, 3, 1]), w, [2, 10, 8, 3], [1, 2, 2, 1]), x, filters)


@pytest.mark.parametrize("registers", [(16, 8), (16, 4), (32, 4)])
def test_other_processors_registers(monkeypatch, registers):
    """The shapes of blocks for AVX2, SSE and NEON are right too."""
    monkeypatch.setattr(machine, "registers", lambda itemsize: registers)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, 9, 11, 6)).astype(np.float32)
    for count in (3, 16, 37):
        filters = rng.standard_normal((3, 3, 6, count)).astype(np.float32)
        compare(lambda x, w: tf.nn.max_pool(tf.nn.conv2d(x, w, [1, 1, 1, 1], "SAME"), 2, 2, "SAME"), x, filters)


@pytest.mark.parametrize("size, window, stride, padding, channels", [((20, 12), (3, 12), 1, "VALID", 1), ((9, 17), (5, 4), 3, "SAME", 2),
                                                                    ((13, 8), (2, 8), 1, "VALID", 9), ((5, 30), (5, 9), 4, "SAME", 1)])
def test_gradients_that_are_spread(size, window, stride, padding, channels, monkeypatch):
    used = []
    inner = spreading.input_gradient
    monkeypatch.setattr(spreading, "input_gradient", lambda *args: used.append(inner(*args)))
    rng = np.random.default_rng(0)
    x, filters = (rng.standard_normal(shape).astype(np.float32) for shape in ((3, *size, channels), (*window, channels, 20)))
    compare(lambda x, w: tf.nn.conv2d(x, w, [1, stride, stride, 1], padding), x, filters)
    assert used
