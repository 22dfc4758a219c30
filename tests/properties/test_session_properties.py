"""Properties: fetch structures come back as they were, broadcasting and slicing are numpy's."""
import collections

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphflow as tf

Pair = collections.namedtuple("Pair", "left right")
LIMIT = settings(max_examples=60)


def structures(leaves):
    return st.recursive(leaves, lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.tuples(inner, inner), st.builds(Pair, inner, inner),
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        st.lists(st.tuples(st.sampled_from("xyz"), inner), max_size=3).map(collections.OrderedDict)), max_leaves=8)


def replaced(structure, values):
    if isinstance(structure, int):
        return values[structure]
    if isinstance(structure, dict):
        return type(structure)((k, replaced(v, values)) for k, v in structure.items())
    if hasattr(structure, "_fields"):
        return type(structure)(*[replaced(v, values) for v in structure])
    return type(structure)(replaced(v, values) for v in structure)


def same(a, b):
    assert type(a) is type(b)
    if isinstance(a, dict):
        assert list(a) == list(b)
        for k in a:
            same(a[k], b[k])
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b)
        for x, y in zip(a, b):
            same(x, y)
    else:
        assert a == b


@LIMIT
@given(structures(st.integers(0, 3)))
def test_fetches_come_back_in_their_structure(structure):
    with tf.Graph().as_default() as graph:
        tensors = [tf.constant(float(i)) + 0.5 for i in range(4)]
        session = tf.Session(graph=graph)
        same(session.run(replaced(structure, tensors)), replaced(structure, [np.float32(i + 0.5) for i in range(4)]))


def shape_pairs():
    sizes = st.lists(st.integers(1, 3), max_size=3)
    def thin(shape, ones):
        return [1 if one else d for d, one in zip(shape, ones)]
    return sizes.flatmap(lambda full: st.tuples(
        st.tuples(*[st.booleans() for _ in full]).map(lambda ones: thin(full, ones)),
        st.integers(0, len(full)).flatmap(lambda cut: st.tuples(*[st.booleans() for _ in full[cut:]]).map(lambda o: thin(full[cut:], o)))))


@LIMIT
@given(shape_pairs(), st.sampled_from(["add", "subtract", "multiply", "maximum", "squared_difference"]), st.booleans())
def test_broadcasting_and_its_gradients(shapes, name, swap):
    left, right = reversed(shapes) if swap else shapes
    rng = np.random.RandomState(len(left) * 7 + len(right))
    a, b = np.asarray(rng.randn(*left)), np.asarray(rng.randn(*right))
    reference = {"squared_difference": lambda x, y: (x - y) ** 2}.get(name) or getattr(np, name)
    with tf.Graph().as_default():
        x, y = tf.placeholder(tf.float64), tf.placeholder(tf.float64)
        z = getattr(tf, name)(x, y)
        gx, gy = tf.gradients(z, [x, y])
        found, dx, dy = tf.Session().run([z, gx, gy], {x: a, y: b})
    np.testing.assert_allclose(found, reference(a, b))
    assert dx.shape == a.shape and dy.shape == b.shape
    for grad, value, at in ((dx, a, lambda v: reference(v, b)), (dy, b, lambda v: reference(a, v))):
        direction = np.asarray(rng.randn(*value.shape))
        numeric = np.sum(at(value + 1e-6 * direction) - at(value - 1e-6 * direction)) / 2e-6
        assert np.sum(grad * direction) == pytest.approx(numeric, rel=1e-4, abs=1e-6)


def index_of(size):
    bound = st.one_of(st.none(), st.integers(-size - 1, size + 1))
    step = st.one_of(st.none(), st.integers(1, 3), st.integers(-3, -1))
    return st.one_of(st.integers(-size, size - 1), st.builds(slice, bound, bound, step))


@LIMIT
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3).flatmap(lambda shape: st.tuples(
    st.just(shape), st.integers(0, len(shape)).flatmap(lambda n: st.tuples(*[index_of(d) for d in shape[:n]])), st.integers(0, 2))))
def test_slicing_is_numpys(case):
    shape, index, extra = case
    index = (*index, *((tf.newaxis,) if extra == 1 else (Ellipsis,) if extra == 2 else ()))
    value = np.arange(int(np.prod(shape)), dtype=np.float32).reshape(shape)
    wanted = value[index if index else Ellipsis]
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, shape)
        y = x[index if index else Ellipsis]
        g = tf.gradients(y, x)[0]
        found, back = tf.Session().run([y, g], {x: value})
        unknown = tf.placeholder(tf.float32)
        dynamic = tf.Session().run(unknown[index if index else Ellipsis], {unknown: value})
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(dynamic, wanted)
    counts = np.zeros(shape, np.float32)
    counts[index if index else Ellipsis] += 1
    np.testing.assert_array_equal(back, counts)
    assert y.shape.is_compatible_with(wanted.shape)
