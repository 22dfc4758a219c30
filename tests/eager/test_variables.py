"""Variables with eager execution."""
from __future__ import annotations

import copy
import gc

import numpy as np
import pytest

import graphflow as tf
from graphflow.core import context
from tests.eager.switched import eagerly


@pytest.fixture(autouse=True)
def _eager():
    with eagerly():
        yield


def test_a_variable_has_its_value_and_changes_at_once():
    v = tf.Variable([1.0, 2.0], name="v")
    assert repr(v) == "<tf.Variable 'v:0' shape=(2,) dtype=float32, numpy=array([1., 2.], dtype=float32)>"
    before = v.value()
    v.assign_add([1.0, 1.0])
    v.assign_sub([0.0, 3.0])
    assert v.numpy().tolist() == [2.0, 0.0]
    assert before.numpy().tolist() == [1.0, 2.0]
    assert v.assign([5.0, 6.0]).numpy().tolist() == [5.0, 6.0]
    v[0].assign(9.0)
    v.scatter_update(tf.IndexedSlices([7.0], [1]))
    assert (v + 1).numpy().tolist() == [10.0, 8.0]
    assert v.dtype is tf.float32
    taken = v.numpy()
    taken[:] = 0
    assert v.numpy().tolist() == [9.0, 7.0]


def test_shapes_must_fit():
    v = tf.Variable([1.0, 2.0])
    with pytest.raises(ValueError, match="Shape mismatch"):
        v.assign([1.0])
    open_ended = tf.Variable([1.0], shape=tf.TensorShape([None]))
    assert open_ended.assign([1.0, 2.0, 3.0]).numpy().tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(ValueError, match="convertible to a Tensor"):
        tf.Variable()


def test_variables_of_the_same_name_are_apart():
    a, b = tf.Variable(1.0, name="w"), tf.Variable(2.0, name="w")
    b.assign(5.0)
    assert (a.name, b.name, a.numpy(), b.numpy()) == ("w:0", "w:0", 1.0, 5.0)
    with tf.name_scope("part"):
        assert tf.Variable(1.0, name="w").name == "part/w:0"


def test_a_variable_that_is_gone_leaves_nothing():
    store = context.eager_graph.store
    gc.collect()
    before = len(store.slots)
    v = tf.Variable(np.zeros(10))
    assert len(store.slots) == before + 1
    del v
    gc.collect()
    assert len(store.slots) == before


def test_copies_have_values_of_their_own():
    v = tf.Variable(1.0)
    w = copy.deepcopy(v)
    v.assign(2.0)
    assert w.numpy() == 1.0


def test_python_reads_variables():
    v = tf.Variable([1.0, 2.0])
    assert [float(x) for x in v] == [1.0, 2.0]
    assert float(tf.Variable(2.5)) == 2.5
    assert f"{tf.Variable(2.5):.2f}" == "2.50"
    assert np.asarray(v).tolist() == [1.0, 2.0]
