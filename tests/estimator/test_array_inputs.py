"""tf.estimator.inputs: batches of arrays and frames, in order and shuffled, and what is refused."""
import numpy as np
import pytest

import graphflow as tf


def batches(input_fn, limit=1000):
    """All batches of an input function, at most `limit`."""
    with tf.Graph().as_default() as graph:
        graph.seed = 1
        taken = input_fn()
        found = []
        with tf.train.MonitoredSession() as session:
            while not session.should_stop() and len(found) < limit:
                found.append(session.run(taken))
    return found


def test_rows_come_in_order_and_the_last_batch_is_smaller():
    x = {"a": np.arange(5.0), "b": np.arange(10).reshape(5, 2)}
    got = batches(tf.estimator.inputs.numpy_input_fn(x, np.arange(5) * 10, batch_size=2, shuffle=False))
    assert [f["a"].tolist() for f, _ in got] == [[0, 1], [2, 3], [4]]
    assert [f["b"].shape for f, _ in got] == [(2, 2), (2, 2), (1, 2)]
    assert [t.tolist() for _, t in got] == [[0, 10], [20, 30], [40]]


def test_epochs_follow_each_other_without_a_gap():
    got = batches(tf.estimator.inputs.numpy_input_fn(np.arange(5), batch_size=4, num_epochs=2, shuffle=False))
    assert [b.tolist() for b in got] == [[0, 1, 2, 3], [4, 0, 1, 2], [3, 4]]


def test_shuffled_epochs_hold_each_row_once_each():
    x = np.arange(300)
    got = batches(tf.estimator.inputs.numpy_input_fn({"x": x}, x, batch_size=7, num_epochs=3, shuffle=True))
    rows = np.concatenate([features["x"] for features, _ in got])
    assert all((features["x"] == targets).all() for features, targets in got)
    assert np.bincount(rows).tolist() == [3] * 300
    assert rows[:300].tolist() != x.tolist()


def test_without_a_number_of_epochs_there_is_no_end():
    got = batches(tf.estimator.inputs.numpy_input_fn(np.arange(3), batch_size=4, num_epochs=None, shuffle=False), limit=20)
    assert len(got) == 20 and {b.shape for b in got} == {(4,)}


def test_strings_and_dicts_of_targets():
    x = {"word": np.array(["one", "two", "three"])}
    got = batches(tf.estimator.inputs.numpy_input_fn(x, {"t": np.arange(3), "s": np.arange(3) / 2}, shuffle=False))
    assert got[0][0]["word"].tolist() == [b"one", b"two", b"three"]
    assert {k: v.tolist() for k, v in got[0][1].items()} == {"t": [0, 1, 2], "s": [0, 0.5, 1]}


@pytest.mark.parametrize("arguments, error, text", [
    ({"x": np.arange(3)}, ValueError, "shuffle must be provided"),
    ({"x": {}, "shuffle": True}, ValueError, "empty dict"),
    ({"x": np.zeros(0), "shuffle": True}, ValueError, "empty array"),
    ({"x": [1, 2], "shuffle": True}, TypeError, "dict or array; got list"),
    ({"x": {"a": np.arange(3)}, "y": np.arange(2), "shuffle": False}, ValueError, "Shapes in y: .*2"),
    ({"x": {"a": np.arange(3)}, "y": {"a": np.arange(3)}, "shuffle": False}, ValueError, "duplicate keys"),
    ({"x": {"a": np.arange(3)}, "y": {}, "shuffle": False}, ValueError, "y cannot be empty"),
])
def test_what_does_not_fit_is_refused(arguments, error, text):
    with pytest.raises(error, match=text):
        tf.estimator.inputs.numpy_input_fn(**arguments)()


def test_frames_give_a_dict_of_columns():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"age": [3, 4, 5], "name": ["x", "y", "z"]}, index=[7, 8, 9])
    labels = pandas.Series([0, 1, 0], index=[7, 8, 9])
    got = batches(tf.estimator.inputs.pandas_input_fn(frame, labels, batch_size=2, shuffle=False))
    assert [(f["age"].tolist(), f["name"].tolist(), t.tolist()) for f, t in got] == [
        ([3, 4], [b"x", b"y"], [0, 1]), ([5], [b"z"], [0])]
    with pytest.raises(ValueError, match="Index for x and y are mismatched"):
        tf.estimator.inputs.pandas_input_fn(frame, labels.reset_index(drop=True), shuffle=False)
    with pytest.raises(ValueError, match="Cannot use name age"):
        tf.estimator.inputs.pandas_input_fn(frame, labels, shuffle=False, target_column="age")


class Frame:
    """As much of a pandas DataFrame as pandas_input_fn uses."""

    def __init__(self, **columns):
        self._columns = columns
        self.columns, self.index = list(columns), Index(range(len(next(iter(columns.values())))))

    def __getitem__(self, name):
        return Index(self._columns[name])

    def __len__(self):
        return len(self.index)


class Index(list):
    @property
    def index(self):
        return Index(range(len(self)))

    def to_numpy(self):
        return np.array(self)


def test_what_looks_like_a_frame_will_do():
    targets = Frame(t=[1, 2, 3], s=[4, 5, 6])
    got = batches(tf.estimator.inputs.pandas_input_fn(Frame(a=[1.5, 2.5, 3.5]), targets, batch_size=3, shuffle=False, queue_capacity=None))
    assert got[0][0]["a"].tolist() == [1.5, 2.5, 3.5]
    assert {k: v.tolist() for k, v in got[0][1].items()} == {"t": [1, 2, 3], "s": [4, 5, 6]}


def test_a_prediction_without_an_end_is_warned_of(tmp_path):
    from graphflow.estimator.model_inputs import features_only

    def told(result):
        lines = []
        with pytest.MonkeyPatch.context() as patch, tf.Graph().as_default():
            patch.setattr(tf.logging, "warning", lambda text, *rest: lines.append(text))
            features_only(result())
        return [line for line in lines if "predict yields forever" in line]
    rows = tf.estimator.inputs.numpy_input_fn(np.arange(3), shuffle=False)

    def one_shot():
        return tf.data.Dataset.range(3).make_one_shot_iterator().get_next()
    assert [len(told(f)) for f in (lambda: tf.constant([1]), one_shot, lambda: tf.data.Dataset.range(3), rows)] == [1, 0, 0, 0]


def test_a_training_on_arrays_writes_its_checkpoints(tmp_path):
    def model_fn(features, labels, mode):
        w = tf.get_variable("w", initializer=0.0)
        loss = tf.reduce_mean((w * features["x"] - labels) ** 2)
        return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=tf.train.GradientDescentOptimizer(0.1).minimize(
            loss, tf.train.get_global_step()))
    x = np.arange(6, dtype=np.float32)
    made = tf.estimator.Estimator(model_fn, str(tmp_path))
    made.train(tf.estimator.inputs.numpy_input_fn({"x": x}, 2 * x, batch_size=3, num_epochs=10, shuffle=True))
    assert made.latest_checkpoint().endswith("model.ckpt-20") and (tmp_path / "model.ckpt-20.meta").exists()
    assert abs(made.get_variable_value("w") - 2) < 0.1
