"""tf.contrib.training.bucket: batches of examples that are alike."""
import numpy as np
import pytest

import graphflow as tf

training = tf.contrib.training


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def sequences(lengths, epochs=1):
    """(length, sequence of that many of its length) one after the other."""
    length = tf.train.input_producer(tf.constant(lengths, tf.int32), shuffle=False, num_epochs=epochs).dequeue()
    return length, tf.fill([length], length)


def everything(fetches):
    found = []
    with tf.Session() as session:
        session.run([tf.local_variables_initializer(), tf.global_variables_initializer()])
        coordinator = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coordinator)
        try:
            while True:
                found.append(session.run(fetches))
        except tf.errors.OutOfRangeError:
            pass
        coordinator.request_stop()
        coordinator.join(threads, stop_grace_period_secs=10)
    return found


def test_examples_of_like_lengths_come_together():
    length, values = sequences([1, 7, 2, 8, 3, 9, 12, 13])
    lengths, batch = training.bucket_by_sequence_length(length, {"x": values}, 2, [5, 10], dynamic_pad=True)
    assert batch["x"].shape.as_list() == [2, None] and lengths.shape.as_list() == [2]
    found = everything([lengths, batch["x"]])
    assert sorted(tuple(l.tolist()) for l, _ in found) == [(1, 2), (7, 8), (12, 13)]
    for row_lengths, rows in found:
        for n, row in zip(row_lengths, rows):
            assert row.tolist() == [n] * n + [0] * (row_lengths.max() - n)


def test_what_is_left_comes_too_where_asked():
    length, values = sequences([1, 7, 2, 8, 3])
    lengths, _ = training.bucket_by_sequence_length(length, [values], [2, 1], [5], dynamic_pad=True, allow_smaller_final_batch=True)
    assert sorted(tuple(l.tolist()) for l in everything(lengths)) == [(1, 2), (3,), (7,), (8,)]


def test_examples_are_dropped_where_they_are_not_kept():
    length, _ = sequences([1, 2, 3, 4, 5, 6])
    number, (value,) = training.bucket([length], length % 2, 1, 2, keep_input=length > 2)
    assert sorted((int(n), *v.tolist()) for n, v in everything([number, value])) == [(0, 4), (0, 6), (1, 3), (1, 5)]


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda x: training.bucket_by_sequence_length(x, [x], 2, []), ValueError, "must not be empty"),
    (lambda x: training.bucket_by_sequence_length(x, [x], 2, [3, 3]), ValueError, "sequential increasing lengths"),
    (lambda x: training.bucket_by_sequence_length(x, [x], 2, [1, 2.5]), TypeError, "must be integers"),
    (lambda x: training.bucket([x], x, [1], 2), ValueError, "must have num_buckets elements"),
    (lambda x: training.bucket([x], x, 1, 2, bucket_capacities=[1]), ValueError, "exactly num_buckets elements")])
def test_wrong_buckets_are_refused(call, error, text):
    with pytest.raises(error, match=text):
        call(tf.constant(1))


def test_saved_models_are_functions(tmp_path):
    x = tf.placeholder(tf.float32, [None], name="x")
    y = x * tf.get_variable("w", initializer=3.0)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, str(tmp_path / "model"), {"x": x}, {"y": y})
    predict = tf.contrib.predictor.from_saved_model(str(tmp_path / "model"))
    np.testing.assert_array_equal(predict({"x": [1.0, 2.0]})["y"], [3.0, 6.0])
    other = tf.contrib.predictor.from_saved_model(str(tmp_path / "model"), input_names={"in": "x:0"}, output_names={"out": y.name})
    assert other({"in": [5.0]})["out"].tolist() == [15.0]
    with pytest.raises(ValueError, match="Got unexpected keys"):
        predict({"z": 1})
    with pytest.raises(ValueError, match="Available signatures are"):
        tf.contrib.predictor.from_saved_model(str(tmp_path / "model"), "mine")
    with pytest.raises(ValueError, match="both be specified"):
        tf.contrib.predictor.from_saved_model(str(tmp_path / "model"), input_names={})
    assert tf.contrib.signal.stft is tf.signal.stft
