"""Convolutions, pools and their gradients against straightforward loops over taps, in float64."""
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graphflow.kernels import conv as C
from graphflow.kernels import depthwise as D
from graphflow.kernels import parallel, patches, spread, strips
from graphflow.kernels import pool as P
from graphflow.kernels import pool_places as M
from graphflow.kernels.dilation import dilation, dilation_filter_gradient, dilation_input_gradient
from graphflow.kernels.windows import Window, boxes, window
from graphflow.kernels.workspace import Workspace


def slow_conv(x, filters, win):
    outputs, groups = win.outputs(x.shape[1:-1]), x.shape[-1] // filters.shape[-2]
    padded = np.pad(x.astype(np.float64), [(0, 0), *win.pads, (0, 0)])
    each, count = filters.shape[-2], filters.shape[-1] // groups
    y = np.zeros((x.shape[0], *outputs, filters.shape[-1]))
    for tap in np.ndindex(*win.size):
        places = tuple(slice(i * d, i * d + (m - 1) * s + 1, s) for i, d, m, s in zip(tap, win.dilations, outputs, win.strides))
        for g in range(groups):
            part = padded[(slice(None), *places)][..., g * each:(g + 1) * each]
            y[..., g * count:(g + 1) * count] += part @ filters[tap][:, g * count:(g + 1) * count].astype(np.float64)
    return y


def cases(number):
    rng = np.random.default_rng(number)
    axes = int(rng.integers(1, 4))
    def draw(low, high):
        return tuple(int(n) for n in rng.integers(low, high, axes))
    space = draw(9, 13)
    win = window(space, draw(1, 5), draw(1, 4), str(rng.choice(["SAME", "VALID", "EXPLICIT"])), draw(1, 4), rng.integers(0, 3, (axes, 2)))
    groups, channels, filters = int(rng.choice([1, 1, 2, 3])), int(rng.integers(1, 14)), int(rng.integers(1, 4))
    x = rng.standard_normal((2, *space, groups * channels))
    w = rng.standard_normal((*win.size, channels, groups * filters))
    return rng, x, w, win


@pytest.fixture(params=["as chosen", "patches", "small patches", "strips", "small strips"])
def way(request, monkeypatch):
    """Each way of making a convolution, also with many blocks that cut rows, on several threads."""
    few, least = ("strips" in request.param) * (1 << 40), 1 if "strips" in request.param else 1 << 40
    if request.param != "as chosen":
        monkeypatch.setattr(strips, "LEAST_IMAGES", least)
        monkeypatch.setattr(strips, "LEAST_POSITIONS", least)
        monkeypatch.setattr(strips, "LEAST_LENGTH", 1)
        monkeypatch.setattr(strips, "FILTERS", range(100))
        monkeypatch.setattr(strips, "PRODUCT", few)
    if "small" in request.param:
        monkeypatch.setattr(patches, "BLOCK_BYTES", 3000)
        monkeypatch.setattr(patches, "LEAST_ROWS", 3)
        monkeypatch.setattr(patches, "PADDED_BYTES", 0)
        monkeypatch.setattr(strips, "FORWARD_BYTES", 3000)
        monkeypatch.setattr(strips, "GRADIENT_BYTES", 3000)
        monkeypatch.setattr(strips, "TURNED_BYTES", 0)
        monkeypatch.setattr(parallel, "WORTH", 1)
        monkeypatch.setattr(parallel, "THREADS", 2)


@pytest.mark.parametrize("number", range(40))
def test_convolution_and_both_gradients(number, way):
    rng, x, w, win = cases(number)
    expected = slow_conv(x, w, win)
    y = C.conv(x, w, win)
    np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-10)
    dy = rng.standard_normal(y.shape)
    # both are the transposes of a linear map: <dy, conv(x, u)> = <dw, u> and <dy, conv(v, w)> = <dx, v>
    dw, dx = C.conv_filter_gradient(x, dy, w.shape, win), C.conv_input_gradient(w, dy, x.shape, win)
    for _ in range(2):
        u, v = rng.standard_normal(w.shape), rng.standard_normal(x.shape)
        np.testing.assert_allclose((dw * u).sum(), (dy * slow_conv(x, u, win)).sum(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose((dx * v).sum(), (dy * slow_conv(v, w, win)).sum(), rtol=1e-9, atol=1e-9)


def test_a_batch_of_images_goes_by_strips():
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((50, 12, 24, 8)), rng.standard_normal((3, 5, 8, 9))
    win = window((12, 24), (3, 5), (1, 2), "SAME")
    assert strips.suits(x, w.shape, win) and strips.suits_gradient(x, w.shape, win, (12, 12))
    y = C.conv(x, w, win)
    np.testing.assert_allclose(y, slow_conv(x, w, win), rtol=1e-10, atol=1e-10)
    dy, v, u = (rng.standard_normal(each.shape) for each in (y, x, w))
    np.testing.assert_allclose((C.conv_input_gradient(w, dy, x.shape, win) * v).sum(), (dy * slow_conv(v, w, win)).sum(), rtol=1e-9)
    np.testing.assert_allclose((C.conv_filter_gradient(x, dy, w.shape, win) * u).sum(), (dy * slow_conv(x, u, win)).sum(), rtol=1e-9)
    assert not strips.suits(x[:2], w.shape, win)                 # a few images go by patches


def test_same_padding_puts_the_odd_row_after():
    assert window((5, 6), (2, 3), (1, 2), "SAME").pads == ((0, 1), (0, 1))
    assert window((28,), (5,), (1,), "SAME").outputs((28,)) == (28,)
    with pytest.raises(ValueError, match="SAME, VALID or EXPLICIT"):
        window((5,), (2,), (1,), "FULL")


def test_half_precision_sums_in_single():
    x, w = np.full((1, 64, 64, 1), 0.1, np.float16), np.ones((64, 64, 1, 1), np.float16)
    y = C.conv(x, w, window((64, 64), (64, 64), (1, 1)))
    assert y.dtype == np.float16
    np.testing.assert_allclose(np.float32(y), 4096 * np.float32(np.float16(0.1)), rtol=1e-3)


def test_empty_batch_and_views():
    win = window((6, 6), (3, 3), (1, 1))
    assert C.conv(np.zeros((0, 6, 6, 2), np.float32), np.zeros((3, 3, 2, 4), np.float32), win).shape == (0, 4, 4, 4)
    x = np.random.default_rng(0).standard_normal((2, 3, 6, 6)).transpose(0, 2, 3, 1)
    w = np.random.default_rng(1).standard_normal((3, 3, 3, 4))
    np.testing.assert_allclose(C.conv(x, w, win), slow_conv(x, w, win), rtol=1e-10, atol=1e-12)


def test_boxes_cover_every_position_once_in_order():
    for shape, most in (((3, 7, 5), 4), ((3, 7, 5), 12), ((64, 2, 2), 100), ((1, 1, 1), 1), ((2, 3, 4, 5), 7)):
        found = boxes(shape, most)
        assert [box.first for box in found] == list(np.cumsum([0] + [box.size for box in found[:-1]]))
        assert sum(box.size for box in found) == np.prod(shape)
        assert all(np.prod(box.shape) == box.size <= most for box in found)


def test_scratch_stays_within_its_limit():
    space = Workspace(limit=10_000)
    with space.borrow((100,), np.float32), space.borrow((3000,), np.float32):
        pass
    assert space.kept_bytes <= 10_000
    win = window((224, 224), (3, 3), (1, 1), "SAME")
    job = patches.Patches(np.zeros((1, 224, 224, 64), np.float32), (3, 3, 64, 64), win, (1, 224, 224), None)
    assert job.rows * job.length * 4 < 2 << 20


def test_a_failing_piece_raises_after_all_have_ended(monkeypatch):
    monkeypatch.setattr(parallel, "THREADS", 2)
    def task(piece):
        if 1 in piece:
            raise ValueError("second piece")
        return len(piece)
    with pytest.raises(ValueError, match="second piece"):
        parallel.run(task, parallel.parts(2, 1 << 30))
    assert parallel.run(len, parallel.parts(7, 1 << 30)) == [3, 4]


@pytest.mark.parametrize("count", [1, 3, 4, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int32])
def test_few_filters_of_long_patches(count, dtype):
    rng = np.random.default_rng(0)
    x, w = rng.integers(-2, 3, (2, 9, 8, 5)).astype(dtype), rng.integers(-2, 3, (5, 4, 5, count)).astype(dtype)
    win = window((9, 8), (5, 4), (1, 2), "SAME")
    want = slow_conv(x, w, win)
    np.testing.assert_array_equal(C.conv(x, w, win), want.astype(dtype))
    out = np.zeros((2, 9, 4, 2 * count), dtype)[..., ::2]
    np.testing.assert_array_equal(C.conv(x, w, win, out=out), want.astype(dtype))


def windows_of(x, win):
    for n, *place, c in np.ndindex(x.shape[0], *win.outputs(x.shape[1:-1]), x.shape[-1]):
        spots = [tuple(p * s - lo + t for p, s, (lo, _), t in zip(place, win.strides, win.pads, tap)) for tap in np.ndindex(*win.size)]
        yield (n, *place, c), [(n, *spot, c) for spot in spots if all(0 <= i < m for i, m in zip(spot, x.shape[1:-1]))]


@pytest.mark.parametrize("number", range(24))
def test_pools_and_gradients(number):
    rng = np.random.default_rng(number)
    axes = 2 + number % 2
    space = tuple(int(n) for n in rng.integers(4, 7, axes))
    size = tuple(int(n) for n in rng.integers(1, 4, axes))
    if number % 4 == 0:
        space, strides = tuple(3 * k for k in size), size
    else:
        strides = tuple(int(n) for n in rng.integers(1, 4, axes))
    win = window(space, size, strides, ["SAME", "VALID"][number // 2 % 2])
    x = rng.integers(0, 4, (2, *space, 2)).astype(np.float64)          # many ties
    y = P.max_pool(x, win)
    dy, ddx = rng.standard_normal(y.shape), rng.standard_normal(x.shape)
    top, mean, index = np.zeros(y.shape), np.zeros(y.shape), np.zeros(y.shape, np.int64)
    dmax, davg, picked = np.zeros(x.shape), np.zeros(x.shape), np.zeros(y.shape)
    for place, spots in windows_of(x, win):
        values = [x[spot] for spot in spots]
        first = spots[int(np.argmax(values))]
        top[place], mean[place], picked[place] = max(values), np.mean(values), ddx[first]
        index[place] = np.ravel_multi_index(first[1:], x.shape[1:])
        dmax[first] += dy[place]
        for spot in spots:
            davg[spot] += dy[place] / len(spots)
    np.testing.assert_array_equal(y, top)
    np.testing.assert_allclose(P.avg_pool(x, win), mean, rtol=1e-12)
    np.testing.assert_allclose(M.max_pool_gradient(x, y, dy, win), dmax, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(P.avg_pool_gradient(dy, x.shape, win), davg, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(M.max_pool_gradient_gradient(x, y, ddx, win), picked)
    np.testing.assert_array_equal(M.max_pool_positions(x, win), index)


@pytest.mark.parametrize("number", range(12))
def test_depthwise_is_a_grouped_convolution(number):
    rng = np.random.default_rng(number)
    channels, many = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    win = window((9, 8), (3, 2), (1 + number % 2, 1 + number % 3 // 2), ["SAME", "VALID"][number % 2], (1 + number // 6, 1))
    x, w = rng.standard_normal((2, 9, 8, channels)), rng.standard_normal((3, 2, channels, many))
    grouped = w.reshape(3, 2, 1, channels * many)
    y = D.depthwise_conv(x, w, win)
    dy = rng.standard_normal(y.shape)
    np.testing.assert_allclose(y, C.conv(x, grouped, win), rtol=1e-10, atol=1e-12)
    dx = C.conv_input_gradient(grouped, dy, x.shape, win)
    np.testing.assert_allclose(D.depthwise_input_gradient(w, dy, x.shape, win), dx, atol=1e-12)
    np.testing.assert_allclose(D.depthwise_filter_gradient(x, dy, w.shape, win).reshape(grouped.shape),
                               C.conv_filter_gradient(x, dy, grouped.shape, win), atol=1e-11)


def test_dilation_takes_the_largest_sum():
    rng = np.random.default_rng(0)
    x, f = rng.standard_normal((2, 6, 5, 2)), rng.standard_normal((2, 3, 2))
    win: Window = window((6, 5), (2, 3), (1, 2), "SAME")
    y = dilation(x, f, win)
    dy = rng.standard_normal(y.shape)
    dx, df = dilation_input_gradient(x, f, dy, win), dilation_filter_gradient(x, f, dy, win)
    expected, slow_dx, slow_df = np.zeros(y.shape), np.zeros(x.shape), np.zeros(f.shape)
    for place, spots in windows_of(x, win):
        tap_of = [tuple(i - p * s + lo for i, p, s, (lo, _) in zip(spot[1:3], place[1:3], win.strides, win.pads)) for spot in spots]
        sums = [x[spot] + f[(*tap, spot[3])] for spot, tap in zip(spots, tap_of)]
        k = int(np.argmax(sums))
        expected[place] = sums[k]
        slow_dx[spots[k]] += dy[place]
        slow_df[(*tap_of[k], place[3])] += dy[place]
    np.testing.assert_allclose(y, expected)
    np.testing.assert_allclose(dx, slow_dx)
    np.testing.assert_allclose(df, slow_df)


@pytest.mark.parametrize("strides", [(1, 1), (2, 2)])
def test_kernels_fill_the_array_that_they_are_given(strides):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((2, 8, 6, 3)), rng.standard_normal((3, 3, 3, 4))
    win, pool = window((8, 6), (3, 3), strides, "SAME"), window((8, 6), (2, 2), strides, "SAME")
    y, m = C.conv(x, w, win), P.max_pool(x, pool)
    deep = rng.standard_normal((3, 3, 3, 2))
    z = D.depthwise_conv(x, deep, win)
    for kernel, *args in ((D.depthwise_conv, x, deep, win), (D.depthwise_input_gradient, deep, z, x.shape, win), (C.conv, x, w, win),
                          (C.conv_input_gradient, w, y, x.shape, win), (P.max_pool, x, pool), (P.avg_pool, x, pool),
                          (M.max_pool_gradient, x, m, m, pool), (P.avg_pool_gradient, m, x.shape, pool)):
        expected = kernel(*args)
        out = np.full_like(expected, np.nan)
        assert kernel(*args, out=out) is out
        np.testing.assert_array_equal(out, expected)


def test_strips_of_big_images_take_little_memory(monkeypatch):
    monkeypatch.setattr(parallel, "THREADS", 1)
    space = Workspace(limit=1 << 40)
    x, w = np.zeros((32, 96, 96, 8), np.float32), np.zeros((3, 3, 8, 16), np.float32)
    win = window((96, 96), (3, 3), (1, 1), "SAME")
    assert strips.suits(x, w.shape, win) and strips.suits_gradient(x, w.shape, win, (96, 96))
    y = C.conv(x, w, win, scratch=space)
    C.conv_filter_gradient(x, y, w.shape, win, scratch=space)
    assert 0 < space.kept_bytes < 10 << 20 < 3 * x.nbytes


@settings(max_examples=150)
@given(st.data())
def test_spreading_gives_the_input_gradient_that_convolving_gives(data):
    """Any geometry, all images at once or one position at a time."""
    axes = data.draw(st.integers(1, 3))

    def each(low, high):
        return tuple(data.draw(st.lists(st.integers(low, high), min_size=axes, max_size=axes)))

    space, pads = each(1, 8), list(zip(each(0, 2), each(0, 2), strict=True))
    win = window(space, each(1, 5), each(1, 3), data.draw(st.sampled_from(["SAME", "VALID", "EXPLICIT"])), each(1, 2), pads)
    outputs = win.outputs(space)
    assume(all(outputs))
    images, channels, count = (data.draw(st.integers(1, 3)) for _ in range(3))
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    filters, dy = random.standard_normal((*win.size, channels, count)), random.standard_normal((images, *outputs, count))
    shape, found = (images, *space, channels), []
    for few, gain, block in ((0, 10**9, 1 << 20), (0, 0, 1 << 20), (0, 0, 1)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(spread, "_FEW", few)
            patch.setattr(spread, "_GAIN", gain)
            patch.setattr(spread, "_BLOCK", block)
            found.append(C.conv_input_gradient(filters, dy, shape, win))
    for other in found[1:]:
        np.testing.assert_allclose(other, found[0], rtol=1e-9, atol=1e-9)


def test_a_filter_as_wide_as_the_input_multiplies_once_per_output():
    """A text classifier's: by convolution the gradient by the input takes 128 times the products of the forward pass."""
    assert spread.suits((3, 128, 1, 64), (32, 54, 1, 64), (32, 56, 128, 1), window((56, 128), (3, 128), (1, 1)))
    assert not spread.suits((5, 5, 16, 36), (64, 28, 28, 36), (64, 28, 28, 16), window((28, 28), (5, 5), (1, 1), "SAME"))


def wide_case(number):
    """A window that is often wider than its input, or whose taps lie far apart."""
    rng = np.random.default_rng(number)
    axes = int(rng.integers(1, 3))

    def draw(low, high):
        return tuple(int(n) for n in rng.integers(low, high, axes))
    space = draw(1, 6)
    win = window(space, draw(1, 12), draw(1, 5), str(rng.choice(["SAME", "VALID", "EXPLICIT"])), draw(1, 9), rng.integers(0, 20, (axes, 2)))
    return rng, space, win


@pytest.mark.parametrize("number", range(150))
def test_taps_that_meet_padding_only_change_nothing(number):
    rng, space, win = wide_case(number)
    trimmed = win.trimmed(space)[0]
    assert all(size <= n + (m - 1) * s for size, n, m, s in zip(trimmed.size, space, win.outputs(space), win.strides) if m)
    x, w = rng.standard_normal((2, *space, 2)), rng.standard_normal((*win.size, 2, 3))
    if not all(win.outputs(space)):
        assert not C.conv(x, w, win).size
        return
    y = slow_conv(x, w, win)
    np.testing.assert_allclose(C.conv(x, w, win), y, atol=1e-12)
    assert not all(trimmed.size) or trimmed.outputs(space) == win.outputs(space)
    dy = rng.standard_normal(y.shape)
    np.testing.assert_allclose((C.conv_input_gradient(w, dy, x.shape, win) * x).sum(), (y * dy).sum())
    np.testing.assert_allclose((C.conv_filter_gradient(x, dy, w.shape, win) * w).sum(), (y * dy).sum())
    if set(win.dilations) == {1} and all(trimmed.size) and not any(hi > n for n, (_, hi) in zip(space, win.pads)):
        for pool in (P.max_pool, P.avg_pool):
            np.testing.assert_allclose(pool(x, trimmed), pool(x, win))
