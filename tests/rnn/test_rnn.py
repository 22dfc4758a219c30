"""Recurrent networks without TensorFlow: lengths, own cells, what is refused."""
import numpy as np
import pytest

import graphflow as tf

cells = tf.nn.rnn_cell


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def run(fetches, feeds=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feeds)


@pytest.mark.parametrize("batch", [1, 4])
def test_dynamic_and_static_rnn_agree(batch):
    x = np.random.RandomState(0).randn(batch, 5, 3).astype(np.float32)
    n = (np.arange(batch) % 6).astype(np.int32)
    values = tf.placeholder(tf.float32, [None, 5, 3])
    lengths = tf.placeholder(tf.int32, [None])
    with tf.variable_scope("s") as scope:
        dynamic, last = tf.nn.dynamic_rnn(cells.LSTMCell(4), values, lengths, dtype=tf.float32)
        scope.reuse_variables()
        static, static_last = tf.nn.static_rnn(cells.LSTMCell(4), tf.unstack(values, axis=1), dtype=tf.float32, sequence_length=lengths)
    a, b, c, d = run([dynamic, tf.stack(static, 1), last, static_last], {values: x, lengths: n})
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(c, d, rtol=1e-5, atol=1e-6)
    for row, length in zip(a, n, strict=True):
        assert not row[length:].any()


def test_own_cells_run_in_loops():
    class Sum(cells.RNNCell):
        state_size = output_size = 2

        def call(self, inputs, state):
            weight = tf.get_variable("weight", [], initializer=tf.ones_initializer())
            return inputs * weight, state + inputs * weight

    outputs, last = tf.nn.dynamic_rnn(Sum(), tf.ones([3, 4, 2]), dtype=tf.float32)
    assert [v.name for v in tf.global_variables()] == ["rnn/sum/weight:0"]
    np.testing.assert_array_equal(run(last), np.full([3, 2], 4))
    assert outputs.shape.as_list() == [3, 4, 2]


def test_a_cell_used_twice_shares_its_weights():
    cell = cells.GRUCell(3)
    cell(tf.ones([2, 2]), cell.zero_state(2, tf.float32))
    cell(tf.ones([2, 2]), cell.zero_state(2, tf.float32))
    assert len(tf.trainable_variables()) == 4


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda: tf.nn.dynamic_rnn(cells.GRUCell, tf.ones([1, 2, 3]), dtype=tf.float32), TypeError, "is it a class rather than a cell"),
    (lambda: tf.nn.dynamic_rnn(cells.GRUCell(2), tf.ones([1, 2, 3])), ValueError, "`dtype` must be specified"),
    (lambda: tf.nn.dynamic_rnn(cells.GRUCell(2), tf.placeholder(tf.float32, [1, 2, None]), dtype=tf.float32), ValueError, "Input size"),
    (lambda: tf.nn.dynamic_rnn(cells.GRUCell(2), tf.ones([1, 2, 3]), [[1]], dtype=tf.float32), ValueError, "must be a vector"),
    (lambda: tf.nn.static_rnn(cells.GRUCell(2), tf.ones([1, 2, 3]), dtype=tf.float32), TypeError, "tf.unstack"),
    (lambda: tf.nn.static_rnn(cells.GRUCell(2), [], dtype=tf.float32), ValueError, "must not be empty"),
    (lambda: cells.MultiRNNCell([]), ValueError, "at least one cell"),
    (lambda: cells.MultiRNNCell([cells.LSTMCell(2)], state_is_tuple=False), ValueError, "state_is_tuple is not set"),
    (lambda: cells.DropoutWrapper(cells.GRUCell(2), 1.5), ValueError, "between 0 and 1"),
    (lambda: cells.DropoutWrapper(cells.GRUCell(2), variational_recurrent=True), ValueError, "dtype must be provided"),
    (lambda: cells.DropoutWrapper(cells.GRUCell(2), 0.5, variational_recurrent=True, dtype=tf.float32), ValueError, "input_size must be"),
    (lambda: cells.DropoutWrapper(cells.GRUCell(2), dropout_state_filter_visitor=1), TypeError, "must be callable"),
    (lambda: tf.nn.raw_rnn(cells.GRUCell(2), None), TypeError, "must be a callable"),
    (lambda: tf.nn.static_state_saving_rnn(cells.LSTMCell(2), [tf.ones([1, 2])], None, "c"), ValueError, "state_name should be the same")])
def test_wrong_arguments_are_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_lengths_of_another_batch_are_refused_at_run():
    n = tf.placeholder(tf.int32, [None])
    outputs, _ = tf.nn.dynamic_rnn(cells.GRUCell(2), tf.ones([3, 2, 1]), n, dtype=tf.float32)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Expected shape for Tensor"):
        run(outputs, {n: [1, 2]})


def test_contrib_rnn_has_the_same_cells():
    assert tf.contrib.rnn.BasicLSTMCell is cells.BasicLSTMCell
    assert tf.contrib.rnn.static_rnn is tf.nn.static_rnn
