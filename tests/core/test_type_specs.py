"""tf.TensorSpec, SparseTensorSpec, IndexedSlicesSpec; right values are TensorFlow's."""
import pickle

import numpy as np
import pytest

import graphflow as tf

Dense, Sparse, Slices = tf.TensorSpec, tf.SparseTensorSpec, tf.IndexedSlicesSpec


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def test_what_a_spec_says():
    a = Dense([2, None], "float32", "n")
    assert repr(a) == "TensorSpec(shape=(2, ?), dtype=tf.float32, name='n')"
    assert (a.shape.as_list(), a.dtype, a.name, a.value_type) == ([2, None], tf.float32, "n", tf.Tensor)
    assert repr(Dense(None, np.int32)) == "TensorSpec(shape=<unknown>, dtype=tf.int32, name=None)"
    assert repr(Sparse([2, None])) == "SparseTensorSpec(TensorShape([Dimension(2), Dimension(None)]), tf.float32)"
    assert repr(Slices()) == "IndexedSlicesSpec(TensorShape(None), tf.float32, tf.int64, None, TensorShape([Dimension(None)]))"
    assert a == Dense([2, None], tf.float32, "n") and a != Dense([2, None]) and a != 3
    assert len({a, Dense([2, None], tf.float32, "n"), Sparse([2, None])}) == 2
    for spec in (a, Sparse([2]), Slices([None, 2], indices_dtype=tf.int32)):
        assert pickle.loads(pickle.dumps(spec)) == spec and isinstance(spec, tf.TypeSpec)
    with pytest.raises(AttributeError):
        a.shape = 1
    with pytest.raises(TypeError, match="abstract"):
        tf.TypeSpec()


def test_compatible_values_and_specs():
    x, sparse = tf.placeholder(tf.float32, [2, 3], name="x"), tf.SparseTensor([[0, 0]], [1.0], [2, 3])
    slices = tf.IndexedSlices(tf.ones([1, 2]), tf.constant([0]))
    others = (x, Dense([2, 3]), Dense([3, 3]), Dense([2, 3], tf.int32), Dense(None), tf.constant(1.0), sparse, np.ones((2, 3)), 3)
    assert [Dense([2, None]).is_compatible_with(v) for v in others] == [True, True, False, False, True, False, False, False, False]
    others = (sparse, Sparse([2, 3]), Sparse([3, 3]), Sparse(None, tf.int32), x)
    assert [Sparse([2, None]).is_compatible_with(v) for v in others] == [True, True, False, False, False]
    assert [Slices([None, 2], indices_dtype=tf.int32).is_compatible_with(v) for v in (slices, x)] == [True, False]


def test_specs_of_values():
    x = tf.placeholder(tf.float32, [2, 3], name="x")
    assert Dense.from_tensor(x) == Dense([2, 3], tf.float32, "x") and Dense.from_tensor(x, name="q").name == "q"
    assert Dense.from_spec(Dense([2], name="a")).name == "a" and Dense.from_spec(Dense([2]), "z").name == "z"
    sparse = tf.SparseTensorValue(np.array([[0, 0]]), np.array([1.0]), np.array([2, 3]))
    assert Sparse.from_value(sparse) == Sparse([2, 3], tf.float64) == tf.type_spec_from_value(sparse)
    assert tf.type_spec_from_value(tf.SparseTensor([[0, 0]], [1.0], [2, 3])) == Sparse([2, 3])
    assert tf.type_spec_from_value(tf.IndexedSlices(tf.ones([1, 2]), tf.constant([0]))) == Slices([None, 2], indices_dtype=tf.int32,
                                                                                                 indices_shape=[1])
    assert [tf.type_spec_from_value(v) for v in (x, 3, np.ones(2), "a")] == [Dense([2, 3]), Dense([], tf.int32), Dense([2], tf.float64),
                                                                           Dense([], tf.string)]
    assert [tf.is_symbolic_tensor(v) for v in (x, 3, np.ones(2))] == [True, False, False]
    with pytest.raises(ValueError, match=r"`tensor` should be a tf.Tensor"):
        Dense.from_tensor(3)
    with pytest.raises(ValueError, match="Expected a SparseTensor"):
        Sparse.from_value(3)


def test_narrower_and_wider_specs():
    assert [Dense([2, 3]).is_subtype_of(o) for o in (Dense([2, None]), Dense([2, 3], tf.int32), Sparse([2, 3]), Dense(None))] == [
        True, False, False, True]
    assert not Dense([2, None]).is_subtype_of(Dense([2, 3]))
    assert Dense([2, 3]).most_specific_common_supertype([Dense([2, 4]), Dense([5, 3])]) == Dense([None, None])
    assert Dense([2, 3]).most_specific_compatible_type(Dense([2])) == Dense(None)
    assert Dense([2], name="a").most_specific_common_supertype([Dense([2], name="a")]).name == "a"
    assert Dense([2, 3]).most_specific_common_supertype([Dense([2, 3], tf.int32)]) is None
    with pytest.raises(ValueError, match="No TypeSpec is compatible with both"):
        Dense([2, 3]).most_specific_compatible_type(Sparse([2, 3]))
