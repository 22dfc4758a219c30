"""Models as ONNX: onnxruntime gives what a session gives, to 1e-5."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.exporting.model import session_model
from tests import opdb
from tests.exporting import models
from tests.opdb import _run

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
import onnxruntime

from graphflow.exporting.onnx_file import onnx_model, write_onnx
from graphflow.exporting.planned import planned

ROWS = [case for case in opdb.cases() if case[1] == case[0].dtypes[0]]
REFUSED = ("graphflow runs it in code of its own", "depends on values", "ONNX has no", "random numbers", "waits for queues",
           "takes a variable itself", "a list")


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def loaded(data):
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def run(runtime, values):
    names = {given.name: given.type for given in runtime.get_inputs()}
    types = {"tensor(int32)": np.int32, "tensor(int64)": np.int64, "tensor(float)": np.float32}
    fed = {name: np.asarray(values[name], types.get(kind)) for name, kind in names.items()}
    return dict(zip([out.name for out in runtime.get_outputs()], runtime.run(None, fed), strict=True))


@pytest.mark.parametrize("name", models.ALL)
def test_models_give_what_a_session_gives(name, tmp_path):
    with tf.Session() as session:
        inputs, outputs, values, wanted = models.initialized(models.ALL[name], session)
        write_onnx(session_model(session, inputs, outputs), str(tmp_path / "m.onnx"))
        runtime = loaded(str(tmp_path / "m.onnx"))
        found = run(runtime, values)
        assert found.keys() == wanted.keys()
        for key, value in wanted.items():
            assert found[key].dtype == value.dtype
            np.testing.assert_allclose(found[key], value, rtol=1e-5, atol=1e-5)
        if name == "recurrent":            # other sizes, by the same file
            more = {"x": models.rand(2, 9, 3), "length": np.array([9, 1], np.int32)}
            wanted = session.run(outputs, {inputs[key]: value for key, value in more.items()})
            np.testing.assert_allclose(run(runtime, more)["outputs"], wanted["outputs"], rtol=1e-5, atol=1e-5)


def test_names_and_open_sizes_are_the_graphs():
    x = tf.placeholder(tf.float32, [None, 2], "x")
    y = tf.layers.dense(x, 3, name="dense")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        graph = onnx_model(planned(session_model(session, {"x": x}, {"y": y}))).graph
    assert [node.name for node in graph.node] == ["dense/MatMul", "dense/BiasAdd", "y/output"]
    assert [weight.name for weight in graph.initializer] == ["dense/kernel", "dense/bias"]
    sizes = [[d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim] for value in (graph.input[0], graph.output[0])]
    assert sizes == [["n", 2], ["n", 3]]


def test_a_keras_model_of_a_file(tmp_path):
    pytest.importorskip("h5py")
    from graphflow import cli
    layers = tf.keras.layers
    with tf.Session().as_default():
        model = tf.keras.Sequential([layers.Conv2D(3, 3, activation="relu", input_shape=(5, 5, 2)), layers.BatchNormalization(),
                                     layers.Reshape((-1, 9)), layers.LSTM(4), layers.Dropout(0.5), layers.Dense(2, activation="softmax")])
        model.save(str(tmp_path / "m.h5"))
        x = models.rand(3, 5, 5, 2)
        wanted = model.predict(x)
    assert cli.main(["convert", str(tmp_path / "m.h5"), "--onnx", str(tmp_path / "m.onnx")]) == 0
    runtime = loaded(str(tmp_path / "m.onnx"))
    (found,) = runtime.run(None, {runtime.get_inputs()[0].name: x})
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


def same_values(row, dtype):
    compared = 0
    for number, example in enumerate(row.cases(dtype)):
        built = _run.Built(row, example)
        if not built.outputs:
            continue
        fed = {f"a{i}": np.asarray(value, t.dtype.base_dtype.np) for i, (t, value) in enumerate(built.feeds.items())}
        with tf.Session(graph=built.graph) as session:
            wanted = [_run.as_array(v) for v in session.run(built.outputs, built.feeds)]
            model = session_model(session, dict(zip(fed, built.feeds)), {f"o{i}": t for i, t in enumerate(built.outputs)})
            try:
                made = onnx_model(planned(model, shapes={name: value.shape for name, value in fed.items()}))
            except NotImplementedError as refusal:
                assert any(part in str(refusal) for part in REFUSED), refusal
                continue
        runtime = loaded(made.SerializeToString())
        found = runtime.run(None, {given.name: fed[given.name] for given in runtime.get_inputs()})
        for mine, theirs in zip(found, wanted, strict=True):
            assert mine.dtype == theirs.dtype
            _run.assert_close(mine, theirs, dtype, max(row.tolerance, 20), f"{row.name} sample {number}")
            compared += 1
    return compared


@pytest.mark.slow
@pytest.mark.parametrize("case", ROWS, ids=opdb.case_id)
def test_every_row(case):
    same_values(*case)


def test_a_sample_of_rows():
    assert sum(same_values(*case) for case in ROWS[::30]) > len(ROWS) // 40


def test_what_has_no_form_in_onnx_names_its_line():
    x = tf.placeholder(tf.float32, [None], "x")
    y = tf.nn.dropout(x, rate=0.5)
    z = tf.cumprod(x)
    with tf.Session() as session:
        with pytest.raises(NotImplementedError, match=r"(?s)RandomUniform: random numbers; .*--set keep_prob=1.0.*test_onnx.py"):
            onnx_model(planned(session_model(session, {"x": x}, {"y": y})))
        with pytest.raises(NotImplementedError, match=r"(?s)Cumprod: ONNX has no cumulative prod; .*--outputs.*test_onnx.py"):
            onnx_model(planned(session_model(session, {"x": x}, {"z": z})))
