"""The networks of keras.applications are TensorFlow 1.15's: layers, arguments, parameters, outputs for known weights."""
import json

import numpy as np
import pytest

import graphflow as tf
from tests.keras.network_programs import described
from tests.keras.running import GOLDEN, differences, golden, programs, run_program

applications = tf.keras.applications
TABLES = json.loads((GOLDEN / "networks.json").read_text(encoding="utf-8"))
QUICK = ("VGG16", "ResNet50V2", "MobileNetV2")


@pytest.mark.parametrize("name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in TABLES])
def test_a_network_has_tensorflows_layers(name):
    assert described(tf, name) == TABLES[name]


@pytest.mark.parametrize("name", [pytest.param("program_small_networks", marks=pytest.mark.slow), "program_what_goes_in"])
def test_a_program_gives_what_tensorflow_gave(name):
    assert differences(run_program(programs("network_programs")[name], tf), golden("network_programs")[name]) == []


def test_weights_come_from_files(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    small = {"alpha": 0.25, "include_top": False, "input_shape": (128, 128, 3)}
    known = "mobilenet_0_25_128_tf_no_top.h5"
    with pytest.raises(NotImplementedError, match=f"Put Keras's file {known} into .*models, or say weights=None"):
        applications.MobileNet(**small)
    with pytest.raises(ValueError, match="there is no file nowhere.h5"):
        applications.MobileNet(**small, weights="nowhere.h5")
    pytest.importorskip("h5py")
    made = applications.MobileNet(**small, weights=None)
    (tmp_path / "models").mkdir()
    made.save_weights(str(tmp_path / "models" / known))
    again = applications.MobileNet(**small, weights="imagenet")
    assert all(np.array_equal(a, b) for a, b in zip(made.get_weights(), again.get_weights()))


def test_classes_are_named_by_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    scores = np.zeros((1, 1000), "float32")
    scores[0, [3, 7]] = 0.7, 0.2
    decode = applications.vgg16.decode_predictions
    with pytest.raises(NotImplementedError, match=r"put Keras's file imagenet_class_index.json into"):
        decode(scores)
    (tmp_path / "models").mkdir()
    names = {str(i): [f"n{i:08}", f"thing_{i}"] for i in range(1000)}
    (tmp_path / "models" / "imagenet_class_index.json").write_text(json.dumps(names), encoding="utf-8")
    assert decode(scores, top=2) == [[("n00000003", "thing_3", np.float32(0.7)), ("n00000007", "thing_7", np.float32(0.2))]]
    with pytest.raises(ValueError, match=r"2D array of shape \(samples, 1000\)"):
        decode(np.zeros((1, 10)))


@pytest.mark.parametrize("arguments, message", [
    ({"input_shape": (20, 20, 3)}, "Input size must be at least 32x32"), ({"input_shape": (64, 64)}, "tuple of three integers"),
    ({"input_shape": (None, None, 3)}, "specify a static `input_shape`")])
def test_pictures_of_other_sizes_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        applications.VGG16(weights=None, **arguments)


def test_a_network_goes_on_from_a_tensor_and_has_new_layers_behind_it():
    x = tf.keras.Input((40, 40, 3))
    base = applications.MobileNet(alpha=0.25, include_top=False, weights=None, input_tensor=tf.keras.layers.Lambda(lambda t: t / 2.0)(x))
    for layer in base.layers:
        layer.trainable = False
    y = tf.keras.layers.Dense(2, activation="softmax")(tf.keras.layers.Flatten()(base.output))
    model = tf.keras.Model(x, y)
    model.compile("sgd", "sparse_categorical_crossentropy")
    before = base.get_weights()
    model.fit(np.ones((4, 40, 40, 3), "float32"), np.arange(4) % 2, verbose=0)
    assert len(model.trainable_weights) == 2 and all(np.array_equal(a, b) for a, b in zip(before, base.get_weights()))
