"""Neural-network ops: TensorFlow's nodes and values for the same programs, and the errors that TF1 programs know."""
import numpy as np
import pytest

import graphflow as tf
from tests.ops import nn_more_programs, nn_programs
from tests.oracle.programs import node_differences, run_program, tensorflow_results

MODULES = (nn_programs, nn_more_programs)
PROGRAMS = [(module, name) for module in MODULES for name in sorted(vars(module)) if name.startswith("program_")]


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return {module: tensorflow_results(module.__name__, tensorflow_python, tmp_path_factory.mktemp("nn")) for module in MODULES}


@pytest.mark.oracle
@pytest.mark.parametrize(("module", "name"), PROGRAMS)
def test_programs_give_tensorflows_nodes_and_values(module, name, theirs):
    ours, expected = run_program(getattr(module, name), tf), theirs[module][name]
    assert not node_differences(ours["nodes"], expected["nodes"])
    for got, want in zip(ours["runs"], expected["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def run(*fetches, **more):
    with tf.Session() as session:
        return session.run(list(fetches) if len(fetches) > 1 else fetches[0], **more)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


@pytest.mark.parametrize("name", ["softmax_cross_entropy_with_logits", "sparse_softmax_cross_entropy_with_logits",
                                  "sigmoid_cross_entropy_with_logits"])
def test_cross_entropies_refuse_positional_arguments(name):
    with pytest.raises(ValueError, match=f"Only call `{name}` with named arguments"):
        getattr(tf.nn, name)(tf.zeros([2, 3]), tf.zeros([2, 3]))


def test_a_label_out_of_range_is_named():
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.constant([0, 3]), logits=tf.zeros([2, 3]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="label value of 3 which is outside the valid range of"):
        run(loss)


def test_channels_first_equals_channels_last():
    x, w = np.random.default_rng(0).standard_normal((2, 7, 6, 4)).astype(np.float32), np.ones((3, 2, 4, 5), np.float32)
    first = tf.constant(x.transpose(0, 3, 1, 2))
    pairs = [(tf.nn.conv2d(x, w, [1, 2, 1, 1], "SAME"), tf.nn.conv2d(first, w, [1, 1, 2, 1], "SAME", data_format="NCHW")),
             (tf.nn.max_pool(x, 2, 2, "VALID"), tf.nn.max_pool(first, 2, 2, "VALID", data_format="NCHW")),
             (tf.nn.bias_add(x, np.arange(4, dtype=np.float32)), tf.nn.bias_add(first, np.arange(4, dtype=np.float32), "NCHW"))]
    for last, other in pairs:
        a, b = run(last, other)
        np.testing.assert_allclose(a, b.transpose(0, 2, 3, 1), rtol=1e-5)


def test_grouped_convolution_splits_the_channels():
    x, w = np.random.default_rng(0).standard_normal((1, 5, 5, 4)), np.random.default_rng(1).standard_normal((3, 3, 2, 6))
    whole, a, b = run(tf.nn.conv2d(x, w, 1, "SAME"), tf.nn.conv2d(x[..., :2], w[..., :3], 1, "SAME"),
                      tf.nn.conv2d(x[..., 2:], w[..., 3:], 1, "SAME"))
    np.testing.assert_allclose(whole, np.concatenate([a, b], -1))


def test_a_window_larger_than_its_input_is_an_error_while_building():
    with pytest.raises(ValueError, match="Negative dimension size caused by subtracting 5 from 4"):
        tf.nn.conv2d(tf.zeros([1, 4, 4, 1]), tf.zeros([5, 5, 1, 1]), 1, "VALID")


def test_dropout_checks_its_rate_and_passes_all_at_zero():
    x = tf.zeros([2])
    assert tf.nn.dropout(x, rate=0) is x
    with pytest.raises(ValueError, match="`rate` must be"):
        tf.nn.dropout(x, rate=1.5)
    with pytest.raises(ValueError, match="rate"):
        tf.nn.dropout(x, keep_prob=0.5, rate=0.5)


def test_max_norm_scales_long_rows():
    rows = run(tf.nn.embedding_lookup(np.array([[3.0, 4.0], [0.3, 0.4]]), [0, 1], max_norm=1.0))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0.3, 0.4]])


def test_top_k_orders_ties_by_index_and_checks_k():
    values, indices = run(*tf.nn.top_k([[1.0, 3.0, 3.0, 2.0]], 3))
    assert values.tolist() == [[3, 3, 2]]
    assert indices.tolist() == [[1, 2, 3]]
    with pytest.raises(ValueError, match="last dimension >= k = 5"):
        tf.nn.top_k([1.0, 2.0], 5)


def test_zero_fraction_and_swish():
    fraction, y = run(tf.nn.zero_fraction([0.0, 1.0, 0.0, 5.0]), tf.nn.swish([1.0]))
    assert fraction == 0.5
    np.testing.assert_allclose(y, [1 / (1 + np.exp(-1))], rtol=1e-6)


def test_losses_are_collected_and_summed():
    a = tf.losses.mean_squared_error([1.0, 2.0], [2.0, 4.0])
    tf.losses.absolute_difference([1.0], [4.0], loss_collection=None)
    tf.losses.add_loss(tf.constant(10.0))
    assert tf.losses.get_losses()[0] is a
    assert run(tf.losses.get_total_loss()) == 12.5
    with pytest.raises(ValueError, match="weights can not be broadcast to values"):
        tf.losses.mean_squared_error(tf.zeros([2, 3]), tf.zeros([2, 3]), weights=tf.zeros([2, 2]))
    with pytest.raises(ValueError, match="Invalid Reduction Key"):
        tf.losses.mean_squared_error([1.0], [1.0], reduction="sum")


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_swish_computes_its_gradient_from_its_arguments(beta):
    """Nodes of TensorFlow: of 1.15 without beta, of 2.21 with one."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float64, [None], name="x")
        b = tf.constant(beta, tf.float64, name="b")
        y = tf.nn.swish(x) if beta == 1.0 else tf.nn.swish(x, b)
        forward = [op.type for op in graph.get_operations()][2:]
        first = tf.gradients(y, [x, b])
        second = tf.gradients(first[0], x)[0]
    assert forward == ["Mul"] * (beta != 1.0) + ["Sigmoid", "Mul", "Identity", "IdentityN"]
    values, h = np.array([-2.0, 0.3, 1.5]), 1e-4

    def swish(v, b):
        return v / (1 + np.exp(-b * v))

    with tf.Session(graph=graph) as session:
        found = session.run([y, *[g for g in first if g is not None], second], {x: values})
    wanted = [swish(values, beta), (swish(values + h, beta) - swish(values - h, beta)) / (2 * h)]
    if beta != 1.0:
        wanted.append(np.sum(swish(values, beta + h) - swish(values, beta - h)) / (2 * h))
    wanted.append((swish(values + h, beta) - 2 * swish(values, beta) + swish(values - h, beta)) / h ** 2)
    for a, w in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, w, rtol=1e-5, atol=1e-6)
