"""Models and weights written to files and read again; callbacks that write files."""
import numpy as np
import pytest

import graphflow as tf
from tests.keras.weights import data, fill, labels


@pytest.fixture
def model():
    tf.keras.backend.clear_session()
    L = tf.keras.layers
    found = fill(tf.keras.Sequential([L.Dense(4, activation="relu", input_shape=(3,)), L.BatchNormalization(), L.Dense(2,
                                                                                                                       activation="softmax")]))
    found.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    found.fit(data(16, 3), labels(16, 2), verbose=0, shuffle=False)
    yield found
    tf.keras.backend.clear_session()


def test_a_model_from_json_takes_the_weights(model):
    copy = tf.keras.models.model_from_json(model.to_json())
    copy.set_weights(model.get_weights())
    np.testing.assert_allclose(copy.predict(data(5, 3)), model.predict(data(5, 3)), rtol=1e-6)
    assert copy.get_config() == model.get_config()


def test_a_clone_has_weights_of_its_own(model):
    twin = tf.keras.models.clone_model(model)
    assert not set(map(id, twin.weights)) & set(map(id, model.weights))
    twin.set_weights(model.get_weights())
    np.testing.assert_allclose(twin.predict(data(5, 3)), model.predict(data(5, 3)), rtol=1e-6)


def test_weights_go_through_a_checkpoint(model, tmp_path):
    before = model.predict(data(5, 3))
    model.save_weights(str(tmp_path / "weights"))
    fill(model, seed=9)
    assert not np.allclose(model.predict(data(5, 3)), before)
    model.load_weights(str(tmp_path / "weights"))
    np.testing.assert_allclose(model.predict(data(5, 3)), before, rtol=1e-6)


def test_an_hdf5_file_holds_model_optimizer_and_what_it_was_compiled_for(model, tmp_path):
    pytest.importorskip("h5py")
    x, y = data(16, 3), labels(16, 2)
    model.save(str(tmp_path / "model.h5"))
    again = tf.keras.models.load_model(str(tmp_path / "model.h5"))
    np.testing.assert_allclose(again.predict(x), model.predict(x), rtol=1e-6)
    assert again.metrics_names == model.metrics_names
    first, second = (m.fit(x, y, epochs=2, verbose=0, shuffle=False).history["loss"] for m in (model, again))
    np.testing.assert_allclose(first, second, rtol=1e-5)
    fill(again, seed=5)
    again.load_weights(str(tmp_path / "model.h5"), by_name=False)


def test_the_best_model_is_kept_and_epochs_are_logged(model, tmp_path):
    C = tf.keras.callbacks
    model.fit(data(16, 3), labels(16, 2), epochs=3, verbose=0, callbacks=[
        C.ModelCheckpoint(str(tmp_path / "best-{epoch:02d}"), monitor="loss", save_best_only=True, save_weights_only=True),
        C.CSVLogger(str(tmp_path / "log.csv"))])
    assert (tmp_path / "best-01.index").exists()
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert lines[0] == "epoch,acc,loss" and [line.split(",")[0] for line in lines[1:]] == ["0", "1", "2"]


def test_sequences_are_filled_up_and_cut():
    pad = tf.keras.preprocessing.sequence.pad_sequences
    assert pad([[1], [1, 2, 3]]).tolist() == [[0, 0, 1], [1, 2, 3]]
    assert pad([[1], [1, 2, 3]], maxlen=2, padding="post", truncating="post", value=9).tolist() == [[1, 9], [1, 2]]
    with pytest.raises(ValueError, match="Padding type"):
        pad([[1]], padding="middle")


def test_numbers_become_one_hot_rows():
    assert tf.keras.utils.to_categorical([0, 2]).tolist() == [[1, 0, 0], [0, 0, 1]]


def test_a_sequential_models_layers_are_numbered_without_its_input():
    model = tf.keras.Sequential([tf.keras.layers.Flatten(input_shape=(2, 2)), tf.keras.layers.Dense(3)])
    names = {name: layer for name, layer in model._trackable_children().items() if name.startswith("layer")}
    assert list(names) == ["layer-0", "layer_with_weights-0", "layer-1"]         # as TensorFlow's checkpoints have them
    assert names["layer_with_weights-0"] is names["layer-1"] is model.layers[1]
