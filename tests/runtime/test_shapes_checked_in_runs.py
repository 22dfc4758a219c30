"""Shapes that a graph does not know are checked when a run knows them: InvalidArgumentError, as TensorFlow raises, never a broadcast."""

import numpy as np
import pytest

import graphflow as tf


def unknown(value):
    """A tensor of unknown shape."""
    return tf.placeholder_with_default(np.asarray(value, np.float32), None)


def whole(value):
    return tf.placeholder_with_default(np.asarray(value, np.int32), None)


def ones(*shape):
    return np.ones(shape, np.float32)


def variable(*shape, **options):
    return tf.Variable(ones(*shape), **options)


def resource(*shape):
    return variable(*shape, use_resource=True)


def applied(optimizer, grad, var):
    return optimizer.apply_gradients([(grad, var)])


REFUSED = {
    "assign": lambda: tf.assign(variable(2, 3), unknown(ones(5))),
    "assign a scalar": lambda: tf.assign(variable(2, 3), unknown(1)),
    "assign_add": lambda: tf.assign_add(variable(2, 3), unknown(ones(3))),
    "assign to a resource": lambda: resource(2, 3).assign(unknown(ones(1, 3))),
    "assign_add to a resource": lambda: resource(2, 3).assign_add(unknown(ones(1, 3))),
    "scatter_add": lambda: tf.scatter_add(variable(2), [0, 1], unknown(ones(3))),
    "scatter_add to a resource": lambda: tf.scatter_add(resource(2), [0, 1], unknown(ones(3))),
    "scatter_nd_add": lambda: tf.scatter_nd_add(variable(2), [[0], [1]], unknown(ones(3))),
    "scatter_nd_add to a resource": lambda: tf.scatter_nd_add(resource(2), [[0], [1]], unknown(ones(3))),
    "gradient descent": lambda: applied(tf.train.GradientDescentOptimizer(0.1), unknown(ones(3)), variable(2, 3)),
    "gradient descent on a resource": lambda: applied(tf.train.GradientDescentOptimizer(0.1), unknown(ones(3)), resource(2, 3)),
    "adam": lambda: applied(tf.train.AdamOptimizer(0.1), unknown(ones(1, 3)), variable(2, 3)),
    "momentum": lambda: applied(tf.train.MomentumOptimizer(0.1, 0.9), unknown(ones(1, 3)), variable(2, 3)),
    "sparse adagrad": lambda: applied(
        tf.train.AdagradOptimizer(0.1), tf.IndexedSlices(unknown(ones(2, 1)), tf.constant([0, 1]), tf.constant([2, 3])), variable(2, 3)),
    "a learning rate that is a vector": lambda: applied(tf.train.GradientDescentOptimizer(unknown(ones(3))), ones(2, 3), variable(2, 3)),
    "add_n": lambda: tf.add_n([unknown(ones(2, 4)), unknown(ones(1, 4))]),
    "bias_add": lambda: tf.nn.bias_add(unknown(ones(2, 4)), unknown(ones(1))),
    "where": lambda: tf.where(whole(ones(2, 3)) > 0, unknown(ones(2, 3)), unknown(2)),
    "batch norm": lambda: tf.nn.fused_batch_norm(unknown(ones(1, 2, 2, 3)), unknown(ones(1)), unknown(ones(3)))[0],
    "transposed convolution": lambda: tf.nn.conv2d_transpose(
        unknown(ones(1, 3, 3, 2)), unknown(ones(3, 3, 4, 2)), whole([1, 8, 8, 4]), [1, 2, 2, 1], "SAME"),
    "channels": lambda: tf.nn.conv2d(unknown(ones(1, 5, 5, 2)), ones(3, 3, 3, 4), [1, 1, 1, 1], "SAME"),
    "convolution of rank 3": lambda: tf.nn.conv2d(unknown(ones(5, 5, 3)), ones(3, 3, 3, 4), [1, 1, 1, 1], "SAME"),
    "pool of rank 3": lambda: tf.nn.avg_pool(unknown(ones(4, 4, 3)), [1, 2, 2, 1], [1, 2, 2, 1], "SAME"),
    "window beyond the input": lambda: tf.nn.max_pool(unknown(ones(1, 3, 3, 1)), [1, 5, 5, 1], [1, 1, 1, 1], "VALID"),
    "lrn": lambda: tf.nn.lrn(unknown(ones(2, 3))),
    "matmul": lambda: tf.matmul(unknown(ones(2, 3)), unknown(ones(2, 3))),
    "add": lambda: unknown(ones(2, 3)) + unknown(ones(4)),
    "reshape": lambda: tf.reshape(unknown(ones(2, 3)), whole([-2, 3])),
    "reshape, two unknown": lambda: tf.reshape(ones(2, 3), [-1, -1]),
    "in_top_k": lambda: tf.nn.in_top_k(unknown(ones(2, 3)), whole([0]), 1),
    "in_top_k of a vector": lambda: tf.nn.in_top_k(unknown(ones(1, 3)), [0], whole([1])),
    "reduction axis": lambda: tf.reduce_sum(unknown(ones(2, 3)), 5),
    "gather axis": lambda: tf.gather(ones(2, 3), [0], axis=whole(2)),
    "reverse axis": lambda: tf.reverse(unknown(ones(2, 2)), whole([2])),
    "expand_dims axis": lambda: tf.expand_dims(unknown(ones(2, 2)), 5),
    "expand_dims, two axes": lambda: tf.expand_dims(unknown(1), whole([0, 1])),
    "stack axis": lambda: tf.stack([unknown(ones(2, 3))] * 2, axis=4),
    "roll axis": lambda: tf.roll(unknown(ones(2)), 1, 3),
    "roll sizes": lambda: tf.roll(unknown(ones(2)), whole([1]), [0, 0]),
    "cumsum axis": lambda: tf.cumsum(ones(2, 2), 2),
    "argmax axis": lambda: tf.argmax(ones(5), 1),
    "argmax of nothing": lambda: tf.argmax(unknown(ones(0, 3)), 0),
    "transpose": lambda: tf.transpose(ones(2, 3), [0, 0]),
    "slice": lambda: tf.slice(ones(4), [2], [3]),
    "pad": lambda: tf.pad(unknown(ones(2, 2)), [[1, 1]]),
    "negative depth": lambda: tf.one_hot([0, 1], whole(-1)),
    "negative k": lambda: tf.nn.top_k(unknown(ones(3)), whole(-1))[0],
    "k beyond the row": lambda: tf.nn.top_k(ones(2), whole(3))[0],
    "negative fill": lambda: tf.fill(whole([-1]), 1.0),
    "negative eye": lambda: tf.eye(whole(-1)),
    "negative segments": lambda: tf.unsorted_segment_sum(ones(1), [0], whole(-1)),
    "searchsorted": lambda: tf.searchsorted(unknown(ones(2, 3)), unknown(ones(1, 3))),
    "unravel_index": lambda: tf.unravel_index(whole([[1]]), [2, 2]),
    "positions of a scalar": lambda: tf.where(tf.placeholder_with_default(True, None)),
    "broadcast of matrices": lambda: tf.broadcast_dynamic_shape(whole([[1]]), whole([1])),
    "reverse by marks": lambda: tf.raw_ops.Reverse(tensor=unknown(ones(2, 3)), dims=tf.placeholder_with_default([True], None)),
    "sparse segments": lambda: tf.sparse_segment_sum(unknown(ones(2, 3)), whole([[0]]), whole([0])),
    "sparse positions": lambda: tf.sparse_reduce_sum(tf.SparseTensor(tf.placeholder_with_default(np.int64([0, 1]), None), [1.0], [2, 2])),
    "sparse values": lambda: tf.sparse_tensor_dense_matmul(tf.SparseTensor([[0, 1]], unknown(ones(2)), [2, 2]), ones(2, 2)),
    "sparse shape": lambda: tf.sparse_softmax(tf.SparseTensor([[0, 1]], [1.0], tf.placeholder_with_default(np.int64([2, 2, 2]), None))),
    "batch norm of rank 5": lambda: tf.nn.fused_batch_norm(unknown(ones(1, 1, 2, 2, 3)), unknown(ones(3)), unknown(ones(3)))[0],
    "offset of a batch norm": lambda: tf.nn.fused_batch_norm(unknown(ones(1, 2, 2, 3)), unknown(ones(3)), unknown(ones(1)))[0],
    "slope of relu": lambda: tf.raw_ops.ReluGrad(gradients=unknown(ones(1, 3)), features=unknown(ones(2, 3))),
    "batches of solve": lambda: tf.matrix_solve(unknown(np.eye(2)[None]), unknown(ones(2, 1))),
    "batches of a filter's gradient": lambda: tf.nn.conv2d_backprop_filter(
        unknown(ones(2, 3, 3, 1)), [2, 2, 1, 1], unknown(ones(1, 3, 3, 1)), [1, 1, 1, 1], "SAME"),
    "a vector of patterns": lambda: tf.strings.regex_replace(["a"], tf.placeholder_with_default(["a", "b"], None), "x"),
    "pool over channels": lambda: tf.nn.max_pool(unknown(ones(1, 2, 2, 5)), [1, 1, 1, 2], [1, 1, 1, 2], "VALID"),
    "as_string": lambda: tf.as_string([1], precision=0),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_in_a_run_is_refused(name):
    with tf.Graph().as_default(), tf.Session() as session:
        bad = REFUSED[name]()
        session.run(tf.global_variables_initializer())
        before = session.run(tf.global_variables())
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)\[\[node .*made at test_shapes_checked_in_runs"):
            session.run(bad)
        for a, b in zip(session.run(tf.global_variables()), before, strict=True):
            np.testing.assert_array_equal(a, b)


def test_an_error_of_a_primitive_names_its_operation(monkeypatch):
    """Should the checks of an op let something through, numpy's error becomes one of the run, with the op and the shapes."""
    load = tf.searchsorted(unknown(ones(1, 3)), unknown(ones(2, 3)))
    op_def = type(load.op.inputs[0].op._op_def)
    monkeypatch.setattr(op_def, "check", lambda self, *specs: None)
    text = r"(?s)LowerBound: the shapes .*\[1,3\].*\[2,3\].*made at"
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match=text):
        session.run(load)


def test_sizes_that_only_a_step_before_knows_are_checked_too():
    """`where` gives as many rows as its data say, so that no plan knows the shape."""
    kept = tf.boolean_mask(unknown([1.0, 2.0, 3.0]), tf.placeholder_with_default([True, True, False], [None]))
    v = variable(3)
    wrong, right = tf.assign(v, kept), tf.assign(v, tf.concat([kept, [3.0]], 0))
    with tf.Session() as session:
        session.run(v.initializer)
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"lhs shape= \[3\] rhs shape= \[2\]"):
            session.run(wrong)
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"Incompatible shapes: \[2\] vs. \[3\]"):
            session.run(kept + v)
        assert session.run(right).tolist() == [1.0, 2.0, 3.0]


def test_an_assignment_without_validation_may_change_the_shape():
    v = variable(2)
    free = tf.Variable(unknown(ones(2)), validate_shape=False, use_resource=True)
    with tf.Session() as session:
        session.run([v.initializer, free.initializer])
        assert session.run(tf.assign(v, unknown(ones(3)), validate_shape=False)).shape == (3,)
        assert session.run(free.assign(unknown(ones(4)))).shape == (4,)
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"lhs shape= \[3\] rhs shape= \[2\]"):
            session.run(v.initializer)


@pytest.mark.parametrize("build", [
    lambda: resource(2, 3).assign_add(ones(1, 3)),
    lambda: resource(2, 3).assign_sub(1.0),
    lambda: tf.scatter_add(resource(2), [0, 1], ones(3)),
    lambda: applied(tf.train.GradientDescentOptimizer(ones(2)), ones(2), variable(2)),
    lambda: applied(tf.train.AdamOptimizer(), ones(3), resource(2)),
    lambda: tf.reverse([[1, 2]], [0, 0]),
    lambda: tf.roll([1, 2], [1], [0, 0]),
    lambda: tf.expand_dims(1, [0, 1]),
])  # fmt: skip
def test_what_the_graph_knows_is_refused_while_building(build):
    with pytest.raises(ValueError):
        build()


@pytest.mark.parametrize("build, static", [
    (lambda: tf.argmax(ones(5), 1), []),
    (lambda: tf.argmin([], 0), []),
    (lambda: tf.slice(ones(4), [2], [3]), [3]),
    (lambda: tf.reshape(ones(2, 3), [-1, -1]), [None, None]),
    (lambda: tf.transpose(ones(2, 3), [0, 0]), [2, 2]),
    (lambda: tf.cumsum(ones(2, 2), 2), [2, 2]),
    (lambda: tf.string_to_hash_bucket_strong(["a"], 5, [1]), [1]),
    (lambda: tf.reshape(np.zeros((0, 2, 2)), [-1, 0]), [None, 0]),
])  # fmt: skip
def test_what_only_kernels_of_tensorflow_refuse_can_be_built(build, static):
    """Such nodes stand dead in public graph files; static shapes are TensorFlow's."""
    assert build().shape.as_list() == static


@pytest.mark.parametrize("shape, sizes, right", [
    ((0, 2, 2), [0, -1], (0, 4)), ((0, 2, 2), [-1, 0], (4, 0)), ((0, 2, 2), [-1, 3], (0, 3)), ((2, 0), [-1, 0], (2, 0)),
    ((2, 3), [-1, 2], (3, 2)),
])  # fmt: skip
def test_reshape_of_an_empty_tensor_infers_a_size(shape, sizes, right):
    with tf.Session() as session:
        assert session.run(tf.reshape(unknown(np.zeros(shape)), sizes)).shape == right


def test_an_assertion_that_comes_before_has_the_word():
    """The plan finds the misfit before anything runs; the guard that the program put before it must still speak."""
    x, y = unknown(ones(2)), unknown(ones(3))
    with tf.control_dependencies([tf.Assert(tf.equal(tf.size(x), tf.size(y)), ["sizes differ"])]):
        total = tf.identity(x) + y
    calls = []
    with tf.control_dependencies([tf.py_func(lambda: calls.append(1), [], [])]):
        late = tf.identity(x) + y
    with tf.Session() as session:
        with pytest.raises(tf.errors.InvalidArgumentError, match="sizes differ"):
            session.run(total)
        for _ in range(2):
            with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)Incompatible shapes: \[2\] vs. .*made at test_shapes_"):
                session.run(late)
        assert calls == [1, 1]
        assert session.run(total, {y: ones(2)}).tolist() == [2.0, 2.0]
