"""Contrib's cells, wrappers and stacks against numpy and against the core's cells."""
import numpy as np
import pytest

import graphflow as tf

rnn = tf.contrib.rnn
RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((5, 3)).astype(np.float32)
C, H = (RANDOM.standard_normal((5, 4)).astype(np.float32) for _ in range(2))


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        tf.set_random_seed(2)
        yield


def run(fetches, feed=None):
    """(values, {variable name: value}), the variables' values random where their initializers are constant."""
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for v in tf.global_variables():
            v.load(RANDOM.standard_normal(v.shape.as_list()).astype(v.dtype.base_dtype.as_numpy_dtype), session)
        return session.run([fetches, {v.op.name: v for v in tf.global_variables()}], feed)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("proj, bias", [(None, False), (2, True)])
def test_the_nas_cell_is_the_figure_of_its_paper(proj, bias):
    cell = rnn.NASCell(4, num_proj=proj, use_bias=bias)
    m = H[:, :proj or 4]
    assert cell.output_size == (proj or 4) and cell.state_size == (4, proj or 4)
    (output, (c, h)), v = run(cell(tf.constant(X), rnn.LSTMStateTuple(tf.constant(C), tf.constant(m))))
    x, r = np.split(X @ v["nas_cell/kernel"], 8, 1), np.split(m @ v["nas_cell/recurrent_kernel"] + v.get("nas_cell/bias", 0), 8, 1)
    relu = lambda a: np.maximum(a, 0)     # noqa: E731
    one = [sigmoid(x[0] + r[0]), relu(x[1] + r[1]), sigmoid(x[2] + r[2]), relu(x[3] * r[3]), np.tanh(x[4] + r[4]), sigmoid(x[5] + r[5]),
           np.tanh(x[6] + r[6]), sigmoid(x[7] + r[7])]
    left, right = np.tanh(np.tanh(one[0] * one[1]) + C), np.tanh(one[2] + one[3])
    third = np.tanh(np.tanh(one[4] * one[5]) + sigmoid(one[6] + one[7]))
    wanted = np.tanh(left * right * third)
    close(c, left * right)
    close(output, wanted if proj is None else wanted @ v["nas_cell/projection_weights"])
    np.testing.assert_array_equal(output, h)


@pytest.mark.parametrize("normed", [True, False])
def test_an_lstm_with_layer_normalisation(normed):
    cell = rnn.LayerNormBasicLSTMCell(4, forget_bias=0.5, layer_norm=normed)
    (output, (c, _)), v = run(cell(tf.constant(X), rnn.LSTMStateTuple(tf.constant(C), tf.constant(H))))
    v = {name.removeprefix("layer_norm_basic_lstm_cell/"): value for name, value in v.items()}

    def norm(a, name):
        if not normed:
            return a
        return (a - a.mean(1, keepdims=True)) / np.sqrt(a.var(1, keepdims=True) + 1e-12) * v[name + "/gamma"] + v[name + "/beta"]

    gates = np.split(np.concatenate([X, H], 1).astype(np.float64) @ v["kernel"] + v.get("bias", 0), 4, 1)
    i, j, f, o = (norm(g, name) for g, name in zip(gates, ("input", "transform", "forget", "output"), strict=True))
    memory = norm(C * sigmoid(f + 0.5) + sigmoid(i) * np.tanh(j), "state")
    close(c, memory)
    close(output, np.tanh(memory) * sigmoid(o))
    assert set(v) == ({"kernel", *(f"{a}/{b}" for a in ("input", "transform", "forget", "output", "state") for b in ("gamma", "beta"))}
                      if normed else {"kernel", "bias"})


def test_what_an_lstm_writes_is_dropped():
    cell = rnn.LayerNormBasicLSTMCell(50, layer_norm=False, dropout_keep_prob=0.5, dropout_prob_seed=3)
    _, (c, _) = cell(tf.ones([20, 3]), cell.zero_state(20, tf.float32))
    found, _ = run(c)
    assert 0.4 < (found == 0).mean() < 0.6


def test_the_update_gate_cell():
    (output, state), v = run(rnn.UGRNNCell(4, forget_bias=0.25)(tf.constant(X), tf.constant(H)))
    gate, candidate = np.split(np.concatenate([X, H], 1) @ v["ugrnn_cell/kernel"] + v["ugrnn_cell/bias"], 2, 1)
    gate = sigmoid(gate + 0.25)
    close(output, gate * H + (1 - gate) * np.tanh(candidate))
    np.testing.assert_array_equal(output, state)


@pytest.mark.parametrize("block, core", [
    (lambda: rnn.LSTMBlockCell(4, forget_bias=0.5, use_peephole=True, cell_clip=0.3),
     lambda: tf.nn.rnn_cell.LSTMCell(4, True, 0.3, forget_bias=0.5)),
    (lambda: rnn.LSTMBlockCell(4), lambda: tf.nn.rnn_cell.LSTMCell(4)),
    (lambda: rnn.GRUBlockCellV2(4), lambda: tf.nn.rnn_cell.GRUCell(4)),
    (lambda: rnn.GRUBlockCell(cell_size=4), None),
])
def test_block_cells_are_the_cores_cells(block, core):
    cell = block()
    state = tf.constant(H) if "GRU" in type(cell).__name__ else rnn.LSTMStateTuple(tf.constant(C), tf.constant(H))
    (output, _), v = run(cell(tf.constant(X), state))
    if core is None:
        assert set(v) == {f"gru_cell/{name}" for name in ("w_ru", "b_ru", "w_c", "b_c")}
        r, u = np.split(sigmoid(np.concatenate([X, H], 1) @ v["gru_cell/w_ru"] + v["gru_cell/b_ru"]), 2, 1)
        close(output, u * H + (1 - u) * np.tanh(np.concatenate([X, r * H], 1) @ v["gru_cell/w_c"] + v["gru_cell/b_c"]))
        return
    with tf.Graph().as_default(), tf.Session() as session:
        state = tf.constant(H) if "GRU" in type(cell).__name__ else rnn.LSTMStateTuple(tf.constant(C), tf.constant(H))
        wanted, _ = core()(tf.constant(X), state)
        for variable in tf.global_variables():
            variable.load(v[variable.op.name], session)
        np.testing.assert_array_equal(output, session.run(wanted))


def test_wrappers_project_and_embed():
    x = tf.placeholder(tf.int32, [None, 1])
    cell = rnn.EmbeddingWrapper(rnn.InputProjectionWrapper(rnn.OutputProjectionWrapper(rnn.GRUCell(4), 2, tf.nn.relu), 6), 7, 3)
    output, state = cell(x, cell.zero_state(5, tf.float32))
    (found, _), v = run([output, state], {x: [[1], [2], [3], [0], [6]]})
    v = {name.removeprefix("embedding_wrapper/"): value for name, value in v.items()}
    assert v["embedding"].shape == (7, 3) and found.shape == (5, 2) and (found >= 0).all()
    inputs = v["embedding"][[1, 2, 3, 0, 6]] @ v["input_projection_wrapper/kernel"] + v["input_projection_wrapper/bias"]
    inner = "input_projection_wrapper/output_projection_wrapper/"
    gate = sigmoid(inputs @ v[inner + "gru_cell/gates/kernel"][:6] + v[inner + "gru_cell/gates/bias"])[:, 4:]
    h = (1 - gate) * np.tanh(inputs @ v[inner + "gru_cell/candidate/kernel"][:6] + v[inner + "gru_cell/candidate/bias"])
    close(found, np.maximum(h @ v[inner + "kernel"] + v[inner + "bias"], 0))
    with pytest.raises(ValueError, match="Parameter output_size must be > 0: 0"):
        rnn.OutputProjectionWrapper(rnn.GRUCell(4), 0)
    with pytest.raises(ValueError, match="Both embedding_classes and embedding_size must be > 0"):
        rnn.EmbeddingWrapper(rnn.GRUCell(4), 0, 3)


@pytest.mark.parametrize("as_tuple", [True, False])
def test_a_cell_attends_to_its_last_outputs(as_tuple):
    cell = rnn.AttentionCellWrapper(rnn.GRUCell(4), 3, attn_size=2, attn_vec_size=5, state_is_tuple=as_tuple)
    attention, kept = RANDOM.standard_normal((5, 2)).astype(np.float32), RANDOM.standard_normal((5, 6)).astype(np.float32)
    parts = [tf.constant(H), tf.constant(attention), tf.constant(kept)]
    (output, after), v = run(cell(tf.constant(X), tuple(parts) if as_tuple else tf.concat(parts, 1)))
    v = {name.removeprefix("attention_cell_wrapper/"): value for name, value in v.items()}
    inputs = np.concatenate([X, attention], 1) @ v["kernel"] + v["bias"]
    r, u = np.split(sigmoid(np.concatenate([inputs, H], 1) @ v["gru_cell/gates/kernel"] + v["gru_cell/gates/bias"]), 2, 1)
    h = u * H + (1 - u) * np.tanh(np.concatenate([inputs, r * H], 1) @ v["gru_cell/candidate/kernel"] + v["gru_cell/candidate/bias"])
    states = kept.reshape(5, 3, 2)
    asked = h @ v["attention/kernel"] + v["attention/bias"]
    scores = (v["attention/attn_v"] * np.tanh(states @ v["attention/attn_w"][0, 0] + asked[:, None])).sum(-1)
    weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    found = np.einsum("bt,btn->bn", weights, states)
    wanted = np.concatenate([h, found], 1) @ v["attn_output_projection/kernel"] + v["attn_output_projection/bias"]
    close(output, wanted)
    close(np.concatenate(after, 1) if as_tuple else after, np.concatenate([h, found, kept[:, 2:], wanted], 1))
    with pytest.raises(ValueError, match="attn_length should be greater than zero, got 0"):
        rnn.AttentionCellWrapper(rnn.GRUCell(4), 0)


@pytest.mark.parametrize("static", [True, False])
def test_stacks_of_bidirectional_layers(static):
    steps = RANDOM.standard_normal((4, 2, 3)).astype(np.float32)
    cells = [[tf.nn.rnn_cell.GRUCell(2, name=f"{way}{i}") for i in range(2)] for way in ("f", "b")]
    if static:
        outputs, fw, bw = rnn.stack_bidirectional_rnn(*cells, tf.unstack(steps), dtype=tf.float32, sequence_length=[4, 2])
        outputs = tf.stack(outputs)
    else:
        outputs, fw, bw = rnn.stack_bidirectional_dynamic_rnn(*cells, steps, dtype=tf.float32, sequence_length=[4, 2], time_major=True)
    assert len(fw) == len(bw) == 2
    with tf.variable_scope("stack_bidirectional_rnn", reuse=True):
        x = tf.constant(steps)
        for i in range(2):
            with tf.variable_scope(f"cell_{i}"):
                pair, states = tf.nn.bidirectional_dynamic_rnn(cells[0][i], cells[1][i], x, [4, 2], dtype=tf.float32, time_major=True)
                x = tf.concat(pair, 2)
    (found, wanted, last, state), v = run([outputs, x, [fw[-1], bw[-1]], list(states)])
    close(found, wanted)
    close(last, state)
    assert "stack_bidirectional_rnn/cell_1/bidirectional_rnn/fw/f1/gates/kernel" in v and len(v) == 16
    with pytest.raises(ValueError, match="Forward and Backward cells must have the same depth"):
        rnn.stack_bidirectional_rnn(cells[0], cells[1][:1], tf.unstack(steps), dtype=tf.float32)
    with pytest.raises(ValueError, match="initial_states_fw must be a list of state tensors, one per layer"):
        rnn.stack_bidirectional_rnn(*cells, tf.unstack(steps), initial_states_fw=[1], dtype=tf.float32)
