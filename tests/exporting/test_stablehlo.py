"""Models as StableHLO: what JAX reads back gives what a session gives."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.exporting.model import session_model
from tests.exporting import models

pytest.importorskip("jax")
from jax import export

from graphflow.exporting.stablehlo import write_stablehlo


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def exported(folder, session, inputs, outputs, shapes=None):
    write_stablehlo(session_model(session, inputs, outputs), str(folder / "m.bin"), shapes)
    return export.deserialize(bytearray((folder / "m.bin").read_bytes()))


@pytest.mark.parametrize("name", [pytest.param(name, marks=[] if name in ("dense", "loop") else pytest.mark.slow) for name in models.ALL])
def test_models_give_what_a_session_gives(name, tmp_path):
    with tf.Session() as session:
        inputs, outputs, values, wanted = models.initialized(models.ALL[name], session)
        shapes = {"x": ["n", *values["x"].shape[1:]]} if name == "recurrent" else None
        function = exported(tmp_path, session, inputs, outputs, shapes)
        given = [np.asarray(value, inputs[key].dtype.as_numpy_dtype) for key, value in values.items()]
        found = function.call(*given)
        for key, value in wanted.items():
            np.testing.assert_allclose(found[key], value, rtol=1e-5, atol=1e-5)


def test_the_batch_stays_open(tmp_path):
    x = tf.placeholder(tf.float32, [None, 2], "x")
    count = tf.shape(x)[0]
    centred = (x - tf.reduce_mean(x, 0)) / tf.cast(count, tf.float32) + tf.cast(tf.range(count), tf.float32)[:, None]
    with tf.Session() as session:
        function = exported(tmp_path, session, {"x": x}, {"y": centred})
        write_stablehlo(session_model(session, {"x": x}, {"y": centred}), str(tmp_path / "m.mlir"))
        for batch in (1, 5):
            value = models.rand(batch, 2)
            np.testing.assert_allclose(function.call(value)["y"], session.run(centred, {x: value}), rtol=1e-6, atol=1e-6)
    assert function.platforms == ("cpu", "cuda", "rocm", "tpu")
    assert "stablehlo.reduce" in (tmp_path / "m.mlir").read_text()


def test_what_runs_on_the_host_and_lists_of_open_length_are_refused(tmp_path):
    x = tf.placeholder(tf.float32, [None, 2, 2], "x")
    on_host = r"(?s)Cholesky: graphflow runs it on the host.*test_stablehlo.py"
    with tf.Session() as session, pytest.raises(NotImplementedError, match=on_host):
        exported(tmp_path, session, {"x": x}, {"y": tf.linalg.cholesky(x)})
    with tf.Session() as session:
        inputs, outputs, _, _ = models.initialized(models.recurrent, session)
        with pytest.raises(NotImplementedError, match="--shape NAME=SIZES"):
            exported(tmp_path, session, inputs, outputs)
