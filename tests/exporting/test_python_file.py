"""Models as Python files: the numbers of a session's runs, for any batch, before and after training steps."""
import importlib.util
import re
import subprocess
import sys

import numpy as np
import pytest

import graphflow as tf
from graphflow.exporting.model import session_model
from graphflow.exporting.python_file import write_python

RAND = np.random.RandomState(0)


def exported(folder, session, inputs, outputs, train=(), shapes=None):
    """The module that was written for a session's tensors."""
    path = folder / "exported.py"
    write_python(session_model(session, inputs, outputs, train), str(path), shapes)
    spec = importlib.util.spec_from_file_location("exported", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rand(*shape):
    return RAND.standard_normal(shape).astype(np.float32)


def same_training(module, session, feeds, outputs, step, rtol=1e-4, steps=3):
    """After each of some steps, the outputs and all variables are the session's."""
    names = {name: value for name, (_, value) in feeds.items()}
    feed = dict(feeds.values())
    for _ in range(steps):
        mine, theirs = module.model(**names), session.run(outputs, feed)
        for name, value in theirs.items():
            np.testing.assert_allclose(mine[name], value, rtol=rtol, atol=1e-5)
        module.train_step(**names)
        session.run(step, feed)
    for variable in tf.global_variables():
        np.testing.assert_allclose(module.WEIGHTS[variable.op.name], session.run(variable), rtol=rtol, atol=2e-5, err_msg=variable.name)


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def test_a_network_reads_like_one(tmp_path):
    x = tf.placeholder(tf.float32, [None, 4], "x")
    h = tf.layers.dense(x, 3, tf.nn.relu, name="hidden")
    scores = tf.nn.softmax(tf.layers.dense(h, 2, name="logits"), name="scores")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        module = exported(tmp_path, session, [x], [scores])
        value = rand(5, 4)
        np.testing.assert_allclose(module.model(value)["scores"], session.run(scores, {x: value}), rtol=1e-6)
    text = (tmp_path / "exported.py").read_text()
    code = text[text.index("    x = np.asarray"):]
    assert [re.sub(r"(?<=\S) +#.*", "", line).strip() for line in code.splitlines()] == [
        "x = np.asarray(x, np.float32)", "n = x.shape[0] if x.ndim > 0 else 0", "expect('x', x, (n, 4))",
        "hidden_kernel = weights['hidden/kernel']", "hidden_bias = weights['hidden/bias']", "logits_kernel = weights['logits/kernel']",
        "logits_bias = weights['logits/bias']", "hidden_matmul = x @ hidden_kernel", "hidden_biasadd = hidden_matmul + hidden_bias",
        "hidden_relu = np.maximum(hidden_biasadd, 0.0)", "logits_matmul = hidden_relu @ logits_kernel",
        "logits_biasadd = logits_matmul + logits_bias", "# scores",
        "t1 = np.exp(logits_biasadd - np.max(logits_biasadd, axis=1, keepdims=True))", "scores = t1 / np.sum(t1, axis=1, keepdims=True)",
        "return {", "'scores': scores,", "}"]
    assert "# [n, 3]  hidden/MatMul" in code
    assert "WEIGHTS = {" in text          # few weights stand in the file
    assert not (tmp_path / "exported.npz").exists()
    with pytest.raises(ValueError, match=r"x has shape \(5, 3\), not \(5, 4\)"):
        module.model(rand(5, 3))


def test_a_file_runs_without_graphflow(tmp_path):
    x = tf.placeholder(tf.float32, [None, 40], "x")
    y = tf.layers.dense(x, 3, name="y")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        exported(tmp_path, session, [x], {"y": y})
        value = rand(2, 40)
        np.save(tmp_path / "x.npy", value)
        wanted = session.run(y, {x: value})
    program = ("import numpy as np, exported, sys\nassert 'graphflow' not in sys.modules\n"
               "np.save('y.npy', exported.model(np.load('x.npy'))['y'])")
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, timeout=60, env={"PYTHONPATH": "", "PATH": ""})
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), wanted, rtol=1e-6)


def test_a_convolutional_network_trains_as_in_a_session(tmp_path):
    images, labels = tf.placeholder(tf.float32, [None, 8, 8, 2], "images"), tf.placeholder(tf.int64, [None], "labels")
    h = tf.layers.conv2d(images, 3, 3, strides=2, padding="same", activation=tf.nn.relu)
    h = tf.layers.batch_normalization(h, training=True)
    h = tf.layers.separable_conv2d(h, 4, 3, padding="same")
    h = tf.layers.max_pooling2d(h, 2, 2) + tf.layers.average_pooling2d(h, 2, 2, padding="same")
    logits = tf.layers.dense(tf.layers.flatten(h), 3)
    loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        step = tf.train.MomentumOptimizer(0.01, 0.9).minimize(loss, tf.train.get_or_create_global_step())
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        module = exported(tmp_path, session, [images, labels], {"loss": loss, "logits": logits}, step)
        for batch in (3, 1):
            feeds = {"images": (images, rand(batch, 8, 8, 2)), "labels": (labels, np.arange(batch))}
            same_training(module, session, feeds, {"loss": loss, "logits": logits}, step)
        with pytest.raises(ValueError, match=r"Received a label value of 9 which is outside the valid range of \[0, 3\)"):
            module.model(rand(2, 8, 8, 2), [1, 9])


def test_a_recurrent_network_trains_as_in_a_session_for_any_length(tmp_path):
    x, length = tf.placeholder(tf.float32, [None, None, 3], "x"), tf.placeholder(tf.int32, [None], "length")
    outputs, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(4), x, length, dtype=tf.float32)
    loss = tf.cond(tf.reduce_mean(outputs) > 0, lambda: tf.reduce_mean(tf.square(state.h)), lambda: tf.reduce_sum(tf.square(state.c - 1)))
    step = tf.train.AdamOptimizer(0.01).minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        module = exported(tmp_path, session, [x, length], {"loss": loss, "outputs": outputs}, step)
        for batch, steps in ((4, 6), (2, 1)):
            feeds = {"x": (x, rand(batch, steps, 3)), "length": (length, np.arange(batch, dtype=np.int32) % (steps + 1))}
            same_training(module, session, feeds, {"loss": loss, "outputs": outputs}, step)
    assert "while " in (tmp_path / "exported.py").read_text()


def test_an_embedding_trains_as_in_a_session(tmp_path):
    ids, y = tf.placeholder(tf.int32, [None, 3], "ids"), tf.placeholder(tf.float32, [None], "y")
    table = tf.get_variable("table", [7, 4])
    loss = tf.reduce_mean(tf.square(tf.reduce_sum(tf.nn.embedding_lookup(table, ids), [1, 2]) - y))
    step = tf.train.AdamOptimizer(0.1).minimize(loss)      # adds up the gradients of distinct rows: how many, only a run tells
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        module = exported(tmp_path, session, [ids, y], {"loss": loss}, step)
        same_training(module, session, {"ids": (ids, [[1, 2, 2], [6, 0, 1]]), "y": (y, [1.0, 2.0])}, {"loss": loss}, step)


def test_sizes_that_values_tell(tmp_path):
    x = tf.placeholder(tf.float32, [None, 3], "x")
    big = tf.boolean_mask(x, x[:, 0] > 0)
    distinct, places, counts = tf.unique_with_counts(tf.cast(x[:, 1], tf.int32))
    outputs = {"mean": tf.reduce_mean(big, 0), "big": big, "distinct": distinct, "places": places, "counts": counts,
               "rows": tf.concat([tf.ones_like(x[:, :1]), tf.zeros_like(x)], 1)}
    with tf.Session() as session:
        module = exported(tmp_path, session, [x], outputs)
        for value in (np.float32([[1, 2, 3], [-1, 5, 0], [2, 2, 2], [3, 0, 1]]), np.float32([[1, 1, 1]])):
            found = module.model(value)
            for key, theirs in session.run(outputs, {x: value}).items():
                np.testing.assert_allclose(found[key], theirs, rtol=1e-6)
                assert found[key].dtype == theirs.dtype


def test_numbers_at_the_end_of_a_types_range_keep_it(tmp_path):
    x = tf.placeholder(tf.float32, [None], "x")
    with tf.Session() as session:
        module = exported(tmp_path, session, [x], {"y": tf.minimum(x, tf.float32.max), "z": tf.maximum(x, 0.5)})
    found = module.model(np.float32([1, np.inf]))
    assert {key: value.dtype for key, value in found.items()} == {"y": np.float32, "z": np.float32}
    assert "np.float32(3.4028235e+38)" in (text := (tmp_path / "exported.py").read_text())
    assert "np.maximum(x, 0.5)" in text


def test_dropout_draws_from_numpys_generator(tmp_path):
    x = tf.placeholder(tf.float32, [None, 50], "x")
    y = tf.nn.dropout(x, rate=0.4)
    with tf.Session() as session:
        module = exported(tmp_path, session, [x], {"y": y})
    ones = np.ones((40, 50), np.float32)
    first = module.model(ones, rng=np.random.default_rng(1))["y"]
    assert 0.5 < np.mean(first > 0) < 0.7
    np.testing.assert_array_equal(np.unique(first), np.float32([0, 1 / 0.6]))
    np.testing.assert_array_equal(first, module.model(ones, rng=np.random.default_rng(1))["y"])


def test_two_graphs_and_sessions_are_two_models(tmp_path):
    values = []
    for number in (2.0, 3.0):
        with tf.Graph().as_default(), tf.Session() as session:
            x = tf.placeholder(tf.float64, [], "x")
            w = tf.Variable(number, dtype=tf.float64, name="w")
            session.run(w.initializer)
            values.append(exported(tmp_path, session, [x], {"y": x * w}).model(5.0)["y"])
    assert values == [10.0, 15.0]


def test_sizes_of_images_can_be_given(tmp_path):
    x = tf.placeholder(tf.float32, [None, None, None, 1], "x")
    y = tf.image.resize_bilinear(tf.layers.conv2d(x, 1, 3, strides=2, padding="same"), [7, 5])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(NotImplementedError, match=r"one model for all sizes \(n, x_1, x_2\) cannot be written.*Give sizes as numbers"):
            exported(tmp_path, session, [x], [y])
        module = exported(tmp_path, session, [x], {"y": y}, shapes={"x": ["n", 6, 9, 1]})
        value = rand(3, 6, 9, 1)
        np.testing.assert_allclose(module.model(value)["y"], session.run(y, {x: value}), rtol=1e-5, atol=1e-6)


def test_what_has_no_form_in_numpy_names_its_line(tmp_path):
    x = tf.placeholder(tf.float32, [None, 4], "x")
    y = tf.image.non_max_suppression(x, x[:, 0], 3)
    with tf.Session() as session, pytest.raises(NotImplementedError, match=r"(?s)NonMaxSuppressionV3: .*--outputs.*test_python_file.py"):
        exported(tmp_path, session, [x], {"y": y})
    w = tf.get_variable("w", [2])
    with tf.Session() as session, pytest.raises(NotImplementedError, match=r"(?s)SaveV2: graphflow runs it in code of its own"):
        session.run(w.initializer)
        exported(tmp_path, session, [], {"saved": tf.train.Saver([w]).as_saver_def().save_tensor_name})
    z = tf.placeholder(tf.float32, name="z")
    with tf.Session() as session, pytest.raises(ValueError, match="the rank of the input z is unknown: give its sizes, --shape z="):
        exported(tmp_path, session, [z], {"y": z + 1})


def test_what_is_fed_and_what_is_known_are_not_handed_out(tmp_path):
    x = tf.placeholder(tf.float32, [2], "x")
    with tf.Session() as session:
        module = exported(tmp_path, session, [x], {"same": tf.identity(x), "five": tf.constant([5.0, 5.0])})
    value = rand(2)
    found = module.model(value)
    assert not np.shares_memory(found["same"], value)
    found["five"][:] = 0
    np.testing.assert_array_equal(module.model(value)["five"], [5, 5])
