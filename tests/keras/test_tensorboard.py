"""The callback TensorBoard: event files with a training's curves, graph and weights."""
import glob

import pytest

import graphflow as tf
from tests.eager.switched import eagerly
from tests.keras.weights import data, labels


def trained(folder, **arguments):
    """A history and {file's folder: [(tag, step, value)]}."""
    tf.keras.backend.clear_session()
    L = tf.keras.layers
    model = tf.keras.Sequential([L.Dense(5, activation="relu", input_shape=(4,)), L.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(data(20, 4), labels(20, 3), epochs=3, batch_size=4, verbose=0, validation_split=0.2,
                        callbacks=[tf.keras.callbacks.TensorBoard(str(folder), **arguments)]).history
    found, kinds = {}, set()
    for path in glob.glob(f"{folder}/**/*tfevents*", recursive=True):
        for event in tf.train.summary_iterator(path):
            kinds.add(event.WhichOneof("what"))
            for value in event.summary.value:
                kinds.add(value.WhichOneof("value"))
                found.setdefault(path[len(str(folder)) + 1:].rpartition("/")[0], []).append((value.tag, event.step, value.simple_value))
    return history, found, kinds


def curve(entries, tag):
    return [(step, pytest.approx(value, rel=1e-6)) for name, step, value in entries if name == tag]


def test_curves_and_graph_are_logged(tmp_path):
    history, found, kinds = trained(tmp_path)
    assert {"graph_def", "simple_value"} <= kinds and list(found) == [""]
    for name in ("loss", "acc", "val_loss", "val_acc"):
        assert list(enumerate(history[name])) == curve(found[""], f"epoch_{name}")


def test_batches_and_histograms_are_logged_where_asked_for(tmp_path):
    _, found, kinds = trained(tmp_path, update_freq="batch", histogram_freq=2, write_graph=False)
    assert "histo" in kinds and "graph_def" not in kinds
    assert [step for tag, step, _ in found[""] if tag == "batch_loss"] == list(range(12))
    assert [step for tag, step, _ in found[""] if tag == "dense/kernel_0"] == [0, 2]


def test_tensorflow_2_has_a_folder_for_each(tmp_path):
    with eagerly(v2=True):
        history, found, _ = trained(tmp_path)
    assert sorted(found) == ["train", "validation"]
    assert list(enumerate(history["accuracy"])) == curve(found["train"], "epoch_accuracy")
    assert list(enumerate(history["val_loss"])) == curve(found["validation"], "epoch_loss")


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(NotImplementedError, match="write_images"):
        tf.keras.callbacks.TensorBoard(str(tmp_path), write_images=True)
