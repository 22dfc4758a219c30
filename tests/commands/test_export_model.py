"""graphflow convert --python: SavedModels, frozen graphs, meta graphs with checkpoints, Keras files."""
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

import graphflow as tf
from graphflow import cli

RELEASE = Path(__file__).parent.parent / "data" / "releases" / "0.1.0"
TENSORFLOW = Path(__file__).parent.parent / "data" / "tensorflow"


def convert(*arguments):
    return cli.main(["convert", *map(str, arguments)])


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture
def trained(tmp_path):
    """(prefix of a checkpoint with its meta graph, an input, the scores for it)."""
    with tf.Graph().as_default(), tf.Session() as session:
        x, keep = tf.placeholder(tf.float32, [None, 3], "x"), tf.placeholder(tf.float32, [], "keep")
        y = tf.placeholder(tf.float32, [None, 2], "y")
        scores = tf.identity(tf.nn.dropout(tf.layers.dense(x, 2, name="dense"), keep), "scores")
        tf.train.GradientDescentOptimizer(0.5).minimize(tf.reduce_mean(tf.square(scores - y)), name="step")
        session.run(tf.global_variables_initializer())
        value = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
        tf.train.Saver().save(session, str(tmp_path / "model.ckpt"))
        return tmp_path / "model.ckpt", value, session.run(scores, {x: value, keep: 1.0})


def test_a_meta_graph_with_its_checkpoint(trained, tmp_path, capsys):
    prefix, x, scores = trained
    for source in (prefix, f"{prefix}.meta"):
        assert convert(source, "--python", tmp_path / "model.py", "--outputs", "y=scores", "--set", "keep=1.0", "--force", "--json") == 0
        assert json.loads(capsys.readouterr().out)["wrote"] == str(tmp_path / "model.py")
        found = module(tmp_path / "model.py").model(x)
        np.testing.assert_allclose(found["y"], scores, rtol=1e-6)
    assert convert(prefix, "--python", tmp_path / "model.py", "--outputs", "scores") == 1
    assert "is there already; --force writes over it" in capsys.readouterr().err


def test_a_training_step(trained, tmp_path):
    prefix, x, scores = trained
    assert convert(prefix, "--python", tmp_path / "train.py", "--outputs", "scores", "--train", "step", "--set", "keep=1") == 0
    train = module(tmp_path / "train.py")
    y = np.ones((2, 2), np.float32)
    np.testing.assert_allclose(train.train_step(x, y)["scores"], scores, rtol=1e-6)
    first = np.mean((scores - y) ** 2)
    assert np.mean((train.model(x)["scores"] - y) ** 2) < first


def test_a_frozen_graph(trained, tmp_path):
    prefix, x, scores = trained
    assert convert(f"{prefix}.meta", tmp_path / "frozen.pb", "--freeze", "scores", "--checkpoint", prefix) == 0
    assert convert(tmp_path / "frozen.pb", "--python", tmp_path / "m.py", "--outputs", "scores", "--inputs", "x", "--set", "keep=1.") == 0
    np.testing.assert_allclose(module(tmp_path / "m.py").model(x)["scores"], scores, rtol=1e-6)


@pytest.mark.parametrize("source", [RELEASE / "saved_model", *(TENSORFLOW / "saved_model" / name for name in ("classifier", "as_text"))],
                         ids=lambda path: path.name)
def test_saved_models_give_what_their_signatures_say(source, tmp_path):
    assert convert(source, "--python", tmp_path / "served.py") == 0
    with tf.Graph().as_default(), tf.Session() as session:
        meta = tf.saved_model.load(session, ["serve"], str(source))
        signatures = dict(meta.signature_def)
        signature = signatures.get("serving_default") or next(iter(signatures.values()))
        feeds = {}
        for name, info in sorted(signature.inputs.items()):
            tensor = session.graph.get_tensor_by_name(info.name)
            value = np.random.RandomState(1).uniform(size=[d or 5 for d in tensor.shape.as_list()])
            feeds[name] = tensor, value.astype(tensor.dtype.as_numpy_dtype)
        wanted = session.run({name: info.name for name, info in signature.outputs.items()}, dict(feeds.values()))
    found = module(tmp_path / "served.py").model(**{name: value for name, (_, value) in feeds.items()})
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=1e-6)


def test_a_keras_file(tmp_path):
    pytest.importorskip("h5py")
    with tf.Graph().as_default(), tf.Session().as_default():
        layers = tf.keras.layers
        model = tf.keras.Sequential([layers.Conv1D(4, 3, padding="causal", input_shape=(6, 2)), layers.BatchNormalization(), layers.GRU(3),
                                     layers.Dropout(0.5), layers.Dense(2, activation="softmax")])
        model.save(str(tmp_path / "m.h5"))
        x = np.random.RandomState(2).standard_normal((3, 6, 2)).astype(np.float32)
        wanted = model.predict(x)
    assert convert(tmp_path / "m.h5", "--python", tmp_path / "m.py") == 0
    (found,) = module(tmp_path / "m.py").model(x).values()
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_complaints_come_before_work(trained, tmp_path, capsys):
    prefix, _, _ = trained
    for arguments, text in [
            (["--python", "m.py"], "name the outputs (--outputs NAMES): no signature tells them. Tensors that nothing takes: "),
            (["--python", "m.py", "--outputs", "score"], "the graph has no tensor score; near names: scores"),
            (["--python", "m.py", "--outputs", "scores", "--set", "kept=1"], "the graph has no placeholder kept"),
            (["--python", "m.py", "--outputs", "scores", "--train", "stop"], "the graph has no operation stop"),
            (["--python", "m.py", "--outputs", "scores", "--signature", "s"], "there is no signature s; there are: none"),
            (["--python", "my-model.py", "--outputs", "scores"], "a module's name has letters, digits and _ only"),
            (["--python", "m.txt", "--outputs", "scores"], "--python writes a name that ends in .py")]:
        assert convert(prefix, *[tmp_path / a if a.startswith("m") else a for a in arguments]) == 1
        assert text in capsys.readouterr().err.replace("\n", " ")
    with tf.Graph().as_default():
        tf.get_variable("w", [2])
        tf.train.write_graph(tf.get_default_graph(), str(tmp_path), "plain.pb", as_text=False)
    assert convert(tmp_path / "plain.pb", "--python", tmp_path / "m.py", "--outputs", "w") == 1
    assert "a checkpoint has the values of its variables: --checkpoint PREFIX" in capsys.readouterr().err


@pytest.mark.parametrize(("form", "package"), [("onnx", "onnx"), ("stablehlo", "jax")])
def test_a_package_that_is_not_installed_is_named(form, package, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert convert(RELEASE / "saved_model", f"--{form}", tmp_path / "m.onnx") == 1
    assert f"--{form} needs" in (text := capsys.readouterr().err)
    assert f"pip install 'graphflow-tf1[{'xla' if package == 'jax' else package}]'" in text


def test_options_that_do_nothing_together_are_told(tmp_path, capsys):
    for arguments, text in [(["a", "b.pb", "--onnx", "c.onnx"], "TARGET does nothing with --onnx OUT"), (["a"], "TARGET is missing"),
                            (["a", "--onnx", "b.onnx", "--python", "c.py"], "--python and --onnx: one form at a time"),
                            (["a", "--onnx", "b.onnx", "--train", "step"], "--train does nothing without --python"),
                            (["a", "b.pb", "--outputs", "y"], "--outputs does nothing without --python or --onnx or --stablehlo"),
                            (["a", "--onnx", "b.onnx", "--shape", "x"], "NAME=SIZES, where a size is a number or a name"),
                            (["a", "--onnx", "b.onnx", "--set", "x=y"], "PLACEHOLDER=VALUE, such as keep_prob=1.0")]:
        with pytest.raises(SystemExit) as end:
            convert(*arguments)
        assert end.value.code == 2
        assert text in capsys.readouterr().err
