"""SavedModels: TensorFlow's load and give its numbers, damaged ones are refused, ours come back."""

import subprocess

import numpy as np
import pytest

import graphflow as tf
from graphflow.train.saved_model.loader import asset_files, read_saved_model
from tests import tf_fixtures

MODELS = [name for name, entry in tf_fixtures.manifest().items() if entry["kind"] == "saved_model"]
SERVE = [tf.saved_model.tag_constants.SERVING]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("scope", [None, "inner"])
def test_models_of_tensorflow_load_and_give_its_numbers(name, scope):
    entry = tf_fixtures.manifest()[name]
    prefix = f"{scope}/" if scope else ""
    with tf.Graph().as_default() as graph, tf.Session() as session:
        meta = tf.saved_model.loader.load(session, SERVE, str(tf_fixtures.path(entry["directory"])), import_scope=scope)
        signature = meta.signature_def["serving_default"]
        feed = {prefix + signature.inputs[entry["feed"]["key"]].name: tf_fixtures.array(entry["feed"]["value"], entry["data"])}
        for key, info in signature.outputs.items():
            found = session.run(prefix + info.name, feed)
            np.testing.assert_allclose(found, tf_fixtures.array(entry["outputs"][key], entry["data"]), rtol=1e-4, atol=1e-5)
        (calls,) = [v for v in tf.global_variables() if v.op.name == f"{prefix}calls"]
        assert session.run(calls) == entry["calls_after_load"], "the main op ran"
        assert set(graph.get_all_collection_keys()) == set(entry["collections"])
    (asset,) = asset_files(meta)
    assert (tf_fixtures.path(entry["directory"]) / "assets" / asset.filename).read_text().split() == entry["asset_lines"]
    assert set(meta.signature_def) == set(entry["signatures"])


@pytest.mark.parametrize("name, case", tf_fixtures.bad_cases("saved_model"))
def test_damaged_models(name, case):
    path = str(tf_fixtures.path(case["path"]))
    expected = {
        "no_meta_graphs": (RuntimeError, "tags 'serve' could not be found in SavedModel, with available tags '\\[\\]'"),
        "no_such_tag": (RuntimeError, "with available tags '\\[\\['other'\\]\\]'"),
        "pb_missing": (OSError, "SavedModel file does not exist at: .*pb_missing"),
        "pb_truncated": (tf.errors.DataLossError, "pb_truncated"),
        "variables_bit_flip": (tf.errors.DataLossError, "variables_bit_flip"),
        "variables_missing": ((ValueError, tf.errors.NotFoundError), "not a valid checkpoint: .*variables_missing"),
        "signature_names_missing": (KeyError, "gone"),
    }
    with tf.Graph().as_default(), tf.Session() as session:
        if case["outcome"] == "ok":
            tf.saved_model.loader.load(session, SERVE, path)
            return
        error, what = expected[name.split("/")[1]]
        with pytest.raises(error, match=what):
            meta = tf.saved_model.loader.load(session, SERVE, path)
            for info in next(iter(meta.signature_def.values())).outputs.values():
                tf.saved_model.utils.get_tensor_from_tensor_info(info)


def build(session):
    """y = x @ w, a counter that the main op sets, an asset."""
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    w = tf.get_variable("w", initializer=tf.constant([[1.0], [2.0]]))
    calls = tf.get_variable("calls", initializer=tf.constant(0), trainable=False)
    y = tf.matmul(x, w, name="y")
    main = tf.group(tf.assign(calls, 7), name="main")
    session.run(tf.global_variables_initializer())
    session.run(tf.assign(w, [[3.0], [4.0]]))
    return x, y, main


@pytest.mark.parametrize("as_text", [False, True])
def test_a_model_is_written_and_loaded(tmp_path, as_text):
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("a b c")
    export = str(tmp_path / "export")
    with tf.Graph().as_default(), tf.Session() as session:
        x, y, main = build(session)
        asset = tf.constant(str(vocabulary), name="asset")
        builder = tf.saved_model.builder.SavedModelBuilder(export)
        with pytest.raises(AssertionError, match="has not been saved yet"):
            builder.add_meta_graph(["other"])
        signature = tf.saved_model.signature_def_utils.predict_signature_def({"in": x}, {"out": y})
        builder.add_meta_graph_and_variables(session, SERVE, {"serving_default": signature}, [asset], main_op=main)
        builder.add_meta_graph(["serve", "gpu"], {"serving_default": signature}, clear_devices=True)
        with pytest.raises(AssertionError, match="already been saved"):
            builder.add_meta_graph_and_variables(session, SERVE)
        assert not tf.saved_model.loader.maybe_saved_model_directory(export)
        assert builder.save(as_text).endswith(b"saved_model.pbtxt" if as_text else b"saved_model.pb")
    assert tf.saved_model.loader.maybe_saved_model_directory(export)
    with pytest.raises(AssertionError, match="already exists, and isn't empty"):
        tf.saved_model.builder.SavedModelBuilder(export)
    vocabulary.unlink()
    with tf.Graph().as_default(), tf.Session() as session:
        meta = tf.saved_model.loader.load(session, ["serve"], export)
        info = meta.signature_def["serving_default"]
        assert info.method_name == "tensorflow/serving/predict"
        assert session.run(info.outputs["out"].name, {info.inputs["in"].name: [[1.0, 1.0]]}).tolist() == [[7.0]]
        assert session.run("calls:0") == 7
        assert (tmp_path / "export" / "assets" / asset_files(meta)[0].filename).read_text() == "a b c"
        assert meta.saver_def.sharded
    with tf.Graph().as_default(), tf.Session() as session:
        tf.saved_model.loader.load(session, {"gpu", "serve"}, export)
        assert session.run("y:0", {"x:0": [[1.0, 0.0]]}).tolist() == [[3.0]]
    assert len(read_saved_model(export).meta_graphs) == 2


ORACLE = """
import sys
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
with tf.Session(graph=tf.Graph()) as session:
    meta = tf.saved_model.loader.load(session, ["serve"], sys.argv[1])
    info = meta.signature_def["serving_default"]
    print("RESULT", session.run(info.outputs["y"].name, {info.inputs["x"].name: [[1.0, 1.0]]}).tolist(), len(tf.global_variables()))
"""


@pytest.mark.oracle
def test_tensorflow_loads_what_simple_save_writes(tmp_path, tensorflow_python):
    with tf.Graph().as_default(), tf.Session() as session:
        x, y, _ = build(session)
        tf.saved_model.simple_save(session, str(tmp_path / "m"), {"x": x}, {"y": y})
    done = subprocess.run([tensorflow_python, "-c", ORACLE, str(tmp_path / "m")], capture_output=True, text=True, timeout=300)
    assert "RESULT [[7.0]] 2" in done.stdout, done.stderr[-2000:]


def test_a_model_without_variables(tmp_path):
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [], name="x")
        tf.saved_model.simple_save(session, str(tmp_path / "m"), {"x": x}, {"y": x * 2.0})
    with tf.Graph().as_default(), tf.Session() as session:
        meta = tf.saved_model.loader.load(session, ["serve"], str(tmp_path / "m"))
        assert session.run(meta.signature_def["serving_default"].outputs["y"].name, {"x:0": 4.0}) == 8.0


def test_signatures():
    utils = tf.saved_model.signature_def_utils
    with tf.Graph().as_default():
        text, number = tf.placeholder(tf.string, [None], name="t"), tf.placeholder(tf.float32, name="n")
        regression = utils.regression_signature_def(text, number)
        classification = utils.classification_signature_def(text, text, number)
        info = tf.saved_model.utils.build_tensor_info(text)
        assert (info.name, info.dtype, [d.size for d in info.tensor_shape.dim]) == ("t:0", 7, [-1])
        assert tf.saved_model.utils.build_tensor_info(number).tensor_shape.unknown_rank
        assert tf.saved_model.utils.get_tensor_from_tensor_info(info) is text
        assert utils.is_valid_signature(regression) and utils.is_valid_signature(classification)
        assert classification.method_name == "tensorflow/serving/classify" and set(classification.outputs) == {"classes", "scores"}
        assert not utils.is_valid_signature(utils.build_signature_def({"x": info}, {"y": info}, "custom"))
        made = utils.build_signature_def({"x": info}, {"y": info}, "m", defaults={"x": 3})
        assert made.defaults["x"].int_val or made.defaults["x"].int64_val
        for function, arguments in (
            (utils.regression_signature_def, (number, number)),
            (utils.regression_signature_def, (text, text)),
            (utils.classification_signature_def, (text, None, None)),
            (utils.predict_signature_def, ({}, {"y": text})),
        ):
            with pytest.raises(ValueError):
                function(*arguments)


def test_signatures_and_assets_are_checked_before_anything_is_written(tmp_path):
    from graphflow.formats.proto import SignatureDef

    with tf.Graph().as_default(), tf.Session() as session:
        x = build(session)[0]
        empty = SignatureDef()
        empty.inputs["x"].dtype = 1
        with pytest.raises(AssertionError, match="encoding"):
            tf.saved_model.Builder(str(tmp_path / "a")).add_meta_graph_and_variables(session, SERVE, {"s": empty})
        with pytest.raises(FileNotFoundError, match="nowhere"):
            tf.saved_model.Builder(str(tmp_path / "b")).add_meta_graph_and_variables(session, SERVE, {}, [tf.constant("nowhere")])
        with pytest.raises(TypeError, match="constant string"):
            tf.saved_model.Builder(str(tmp_path / "c")).add_meta_graph_and_variables(session, SERVE, {}, [x])
