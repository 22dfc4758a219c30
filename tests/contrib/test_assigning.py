"""Values from arrays and checkpoints into variables; checks of tf.contrib.framework."""
import numpy as np
import pytest

import graphflow as tf

slim, framework = tf.contrib.slim, tf.contrib.framework


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture
def checkpoint(tmp_path):
    with tf.Graph().as_default(), tf.Session() as session:
        a, b = tf.get_variable("a", initializer=[1.0, 2.0]), tf.get_variable("scope/b", initializer=np.arange(6.0).reshape(2, 3))
        session.run([a.initializer, b.initializer])
        return tf.train.Saver().save(session, str(tmp_path / "model"))


def variables():
    return [tf.get_variable("a", [2]), tf.get_variable("scope/b", [2, 3], tf.float64),
            tf.get_variable("c", [1], initializer=tf.ones_initializer())]


def test_values_are_assigned_by_name():
    a, b, _ = variables()
    with tf.Session() as session:
        framework.assign_from_values_fn({"a": np.array([3.0, 4.0]), "scope/b": np.arange(6.0)})(session)
        assert session.run(a).tolist() == [3.0, 4.0] and session.run(b).tolist() == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(ValueError, match="Variable nothing wasn't found"):
        framework.assign_from_values({"nothing": np.ones(1)})


def test_checkpoints_are_assigned(checkpoint):
    a, b, c = variables()
    with tf.Session() as session:
        operation, feeds = slim.assign_from_checkpoint(checkpoint, [a, b])
        session.run(operation, feeds)
        assert session.run(a).tolist() == [1.0, 2.0] and session.run(b)[1].tolist() == [3.0, 4.0, 5.0]
        session.run(a.assign([0.0, 0.0]))
        slim.assign_from_checkpoint_fn(checkpoint, {"a": a, "c": c}, ignore_missing_vars=True)(session)
        assert session.run(a).tolist() == [1.0, 2.0]
        other = tf.get_variable("other", [3, 2], tf.float64)
        slim.assign_from_checkpoint_fn(checkpoint, {"scope/b": other}, reshape_variables=True)(session)
        assert session.run(other).tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    assert slim.assign_from_checkpoint_fn(checkpoint, [c], ignore_missing_vars=True) is None
    with pytest.raises(ValueError, match=r"Checkpoint is missing variable \[c\]"):
        slim.assign_from_checkpoint(checkpoint, [c])
    with pytest.raises(ValueError, match="Total size of new array must be unchanged for a"):
        slim.assign_from_checkpoint(checkpoint, {"a": c})
    with pytest.raises(ValueError, match="var_list cannot be empty"):
        slim.assign_from_checkpoint_fn(checkpoint, [])


def test_checkpoints_are_read_by_the_names_of_their_time(checkpoint):
    assert framework.list_variables(checkpoint_dir=checkpoint) == [("a", [2]), ("scope/b", [2, 3])]
    assert framework.load_variable(checkpoint_dir=checkpoint, name="a").tolist() == [1.0, 2.0]
    assert framework.load_checkpoint(filepattern=checkpoint).has_tensor("scope/b")
    a, _, _ = variables()
    framework.init_from_checkpoint(checkpoint_dir=checkpoint, assignment_map={"a": a})
    with tf.Session() as session:
        session.run(a.initializer)
        assert session.run(a).tolist() == [1.0, 2.0]


def test_slices_get_their_part(checkpoint):
    with tf.variable_scope("scope", partitioner=tf.fixed_size_partitioner(2)):
        whole = tf.get_variable("b", [2, 3], tf.float64)
    operation, feeds = slim.assign_from_checkpoint(checkpoint, list(whole))
    with tf.Session() as session:
        session.run(operation, feeds)
        assert [session.run(v).tolist() for v in whole] == [[[0.0, 1.0, 2.0]], [[3.0, 4.0, 5.0]]]


def test_variables_are_filtered_by_patterns():
    found = variables()
    assert framework.filter_variables(found, ["b$|b:", "c"], ["^c"]) == [found[1]]
    assert framework.filter_variables(found, ["b"], reg_search=False) == []
    with pytest.raises(TypeError, match="exclude is provided but is not a list"):
        framework.get_variables_to_restore(exclude="a")


def test_shapes_are_checked_now_or_at_run():
    known, unknown = tf.ones([2, 3]), tf.placeholder(tf.float32, [None, 3])
    assert framework.with_shape([2, 3], known) is known
    assert framework.with_same_shape(known, unknown).shape.as_list() == [2, 3]
    with pytest.raises(ValueError, match="Invalid shape for tensor"):
        framework.with_shape([3, 3], known)
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="Wrong shape for"):
        session.run(framework.with_shape([2, 3], unknown), {unknown: np.ones([4, 3])})
    assert framework.get_placeholders(tf.get_default_graph()) == [unknown]
    with tf.name_scope("one"), tf.name_scope("two"):
        assert framework.get_name_scope() == "one/two"


def test_small_helpers():
    p, y = framework.remove_squeezable_dimensions(tf.ones([2, 1]), tf.ones([2]))
    assert p.shape.as_list() == y.shape.as_list() == [2]
    with tf.Session() as session:
        assert session.run(framework.reduce_sum_n([tf.ones([2]), tf.ones([3, 2])])) == 8
    with pytest.raises(ValueError, match="Expected integer type"):
        framework.assert_scalar_int(tf.constant(1.5))
    step = framework.create_global_step()
    assert framework.get_global_step() is step and framework.assert_or_get_global_step() is step
    assert framework.VariableDeviceChooser(2)(None) == "/job:ps/task:0/device:CPU:0"
