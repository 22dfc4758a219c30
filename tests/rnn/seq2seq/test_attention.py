"""Attention mechanisms and the wrapper around a cell, against numpy."""
import numpy as np
import pytest

import graphflow as tf

seq2seq = tf.contrib.seq2seq
RANDOM = np.random.default_rng(1)
MEMORY = RANDOM.standard_normal((3, 5, 4)).astype(np.float32)
QUERY = RANDOM.standard_normal((3, 6)).astype(np.float32)
LENGTHS = np.array([5, 2, 3])
INSIDE = np.arange(5) < LENGTHS[:, None]


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        tf.set_random_seed(2)
        yield


def run(*fetches):
    """Values, then those of all variables by the last part of their names."""
    names = [v.name.split("/")[-1 if "layer" not in v.name else -2].removesuffix(":0") for v in tf.global_variables()]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values, variables = session.run([fetches, tf.global_variables()])
    return values, dict(zip(names, variables, strict=True))


def softmax(x):
    x = np.exp(x - x.max(-1, keepdims=True))
    return x / x.sum(-1, keepdims=True)


def masked(score):
    return softmax(np.where(INSIDE, score, -np.inf))


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize("scale", [False, True])
def test_luong(scale, known):
    memory = tf.constant(MEMORY) if known else tf.placeholder_with_default(MEMORY, [None, None, 4])
    mechanism = seq2seq.LuongAttention(6, memory, LENGTHS, scale=scale)
    (found, state, values), weights = run(*mechanism(tf.constant(QUERY), None), mechanism.values)
    wanted = masked(np.einsum("bn,btn->bt", QUERY, (MEMORY * INSIDE[..., None]) @ weights["memory_layer"]))
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(found, state)
    np.testing.assert_array_equal(values, MEMORY * INSIDE[..., None])
    assert set(weights) == {"memory_layer", *(["attention_g"] if scale else [])}
    assert tf.trainable_variables()[0].name == "memory_layer/kernel:0"


@pytest.mark.parametrize("normalize", [False, True])
def test_bahdanau(normalize):
    mechanism = seq2seq.BahdanauAttention(7, MEMORY, LENGTHS, normalize=normalize)
    (found, _), weights = run(*mechanism(tf.constant(QUERY), None))
    v = weights["attention_v"]
    if normalize:
        assert weights["attention_g"] == pytest.approx(np.sqrt(1 / 7)) and not weights["attention_b"].any()
        v = weights["attention_g"] * v / np.sqrt((v * v).sum())
    keys = (MEMORY * INSIDE[..., None]) @ weights["memory_layer"]
    wanted = masked((v * np.tanh(keys + (QUERY @ weights["query_layer"])[:, None])).sum(-1))
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)


def test_other_probabilities_and_masks():
    hard = seq2seq.LuongAttention(6, MEMORY, LENGTHS, probability_fn=seq2seq.hardmax, name="one")
    finite = seq2seq.LuongAttention(6, MEMORY, LENGTHS, probability_fn=tf.identity, score_mask_value=-7.0)
    (ones, scores), _ = run(hard(tf.constant(QUERY), None)[0], finite(tf.constant(QUERY), None)[0])
    assert (ones.sum(-1) == 1).all() and set(ones.ravel().tolist()) == {0, 1}
    assert (scores[~INSIDE] == -7).all()
    with pytest.raises(ValueError, match="Perhaps you need to set num_units to the query's dimension .6."):
        seq2seq.LuongAttention(5, MEMORY)(tf.constant(QUERY), None)
    with pytest.raises(ValueError, match="fully defined inner dims"):
        seq2seq.LuongAttention(5, tf.placeholder(tf.float32, [None, None, None]))


def test_a_length_of_zero_is_refused_in_the_run():
    mechanism = seq2seq.LuongAttention(6, MEMORY, tf.placeholder_with_default([5, 0, 3], [3]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="All values in memory_sequence_length must greater than zero"):
        run(mechanism(tf.constant(QUERY), None)[0])


def monotonic_by_hand(p, before):
    """Equation 8 of arXiv:1704.00784, step by step."""
    found = np.zeros_like(p)
    for b in range(len(p)):
        q = 0.0
        for j in range(p.shape[1]):
            q = (0.0 if j == 0 else (1 - p[b, j - 1]) * q) + before[b, j]
            found[b, j] = p[b, j] * q
    return found


@pytest.mark.parametrize("mode", ["recursive", "parallel"])
def test_monotonic_attention_is_the_papers(mode):
    p, before = RANDOM.random((3, 5)).astype(np.float32), softmax(RANDOM.standard_normal((3, 5))).astype(np.float32)
    (found,), _ = run(seq2seq.monotonic_attention(p, before, mode))
    np.testing.assert_allclose(found, monotonic_by_hand(p, before), rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError, match="mode must be 'recursive', 'parallel', or 'hard'"):
        seq2seq.monotonic_attention(p, before, "soft")


def test_hard_monotonic_attention_stops_at_the_first_one_not_before_the_last():
    p = np.array([[0, 1, 1, 0, 1], [1, 0, 0, 0, 0]], np.float32)
    before = np.array([[0, 0, 1, 0, 0], [0, 1, 0, 0, 0]], np.float32)
    (found,), _ = run(seq2seq.monotonic_attention(p, before, "hard"))
    assert found.tolist() == [[0, 0, 1, 0, 0], [0, 0, 0, 0, 0]]


@pytest.mark.parametrize("kind", [seq2seq.BahdanauMonotonicAttention, seq2seq.LuongMonotonicAttention])
def test_monotonic_mechanisms_move_forwards(kind):
    mechanism = kind(6, MEMORY, score_bias_init=0.5, mode="hard")
    state = mechanism.initial_state(3, tf.float32)
    places = []
    for _ in range(3):
        with tf.variable_scope("a", reuse=tf.AUTO_REUSE):
            alignments, state = mechanism(tf.constant(QUERY), state)
        places.append(alignments)
    values, weights = run(*places)
    assert weights["attention_score_bias"] == 0.5
    ends = [np.where(v.any(-1), v.argmax(-1), 9) for v in values]
    assert (ends[0] <= ends[1]).all() and (ends[1] <= ends[2]).all()


@pytest.mark.parametrize("history", [False, True])
@pytest.mark.parametrize("size", [None, 2])
def test_the_wrapper_is_the_papers_decoder(size, history):
    inner = tf.nn.rnn_cell.BasicRNNCell(6)
    mechanism = seq2seq.LuongAttention(6, MEMORY, LENGTHS)
    cell = seq2seq.AttentionWrapper(inner, mechanism, attention_layer_size=size, alignment_history=history)
    assert cell.output_size == (size or 4)
    inputs = RANDOM.standard_normal((3, 2, 3)).astype(np.float32)
    state = cell.zero_state(3, tf.float32)
    outputs = []
    with tf.variable_scope("d", reuse=tf.AUTO_REUSE):
        for time in range(2):
            output, state = cell(tf.constant(inputs[:, time]), state)
            outputs.append(output)
    kept = [state.alignment_history.stack()] if history else []
    (first, second, time, alignments, *kept), weights = run(*outputs, state.time, state.alignments, *kept)
    kernel, bias = (v for name, v in weights.items() if name in ("kernel", "bias"))
    h, attention = np.zeros((3, 6)), np.zeros((3, size or 4))
    for step, found in enumerate((first, second)):
        h = np.tanh(np.concatenate([inputs[:, step], attention, h], 1) @ kernel + bias)
        aligned = masked(np.einsum("bn,btn->bt", h, (MEMORY * INSIDE[..., None]) @ weights["memory_layer"]))
        attention = np.einsum("bt,btn->bn", aligned, MEMORY * INSIDE[..., None])
        if size:
            attention = np.concatenate([h, attention], 1) @ weights["attention_layer"]
        np.testing.assert_allclose(found, attention, rtol=1e-5, atol=1e-6)
        if history:
            np.testing.assert_allclose(kept[0][step], aligned, rtol=1e-5, atol=1e-7)
    assert time == 2
    np.testing.assert_allclose(alignments, aligned, rtol=1e-5, atol=1e-7)


def test_two_mechanisms_an_encoders_state_and_the_cells_own_output():
    inner = tf.nn.rnn_cell.LSTMCell(6)
    mechanisms = [seq2seq.LuongAttention(6, MEMORY, name="a"), seq2seq.BahdanauAttention(5, MEMORY[:, :2], name="b")]
    cell = seq2seq.AttentionWrapper(inner, mechanisms, attention_layer_size=[2, 3], alignment_history=True, output_attention=False)
    before = tf.nn.rnn_cell.LSTMStateTuple(tf.ones([3, 6]), tf.ones([3, 6]))
    state = cell.zero_state(3, tf.float32).clone(cell_state=before)
    output, after = cell(tf.constant(QUERY), state)
    assert cell.output_size == 6 and cell.state_size.attention == 5 and cell.state_size.alignments == (5, 2)
    (h, inside, attention), weights = run(output, after.cell_state.h, after.attention)
    np.testing.assert_array_equal(h, inside)
    assert attention.shape == (3, 5) and {"attention_layer_0", "attention_layer_1"} <= set(weights)
    begun = seq2seq.AttentionWrapper(inner, mechanisms[0], initial_cell_state=before, name="other").zero_state(3, tf.float32)
    assert run(begun.cell_state.c)[0][0].all()


def test_layers_and_functions_of_the_users_own():
    mechanism = seq2seq.LuongAttention(6, MEMORY)
    layer = tf.layers.Dense(3, use_bias=False)
    cell = seq2seq.AttentionWrapper(tf.nn.rnn_cell.BasicRNNCell(6), mechanism, attention_layer=layer,
                                    cell_input_fn=lambda inputs, attention: inputs * 0 + tf.reduce_sum(attention, 1, keepdims=True))
    assert cell.output_size == 3
    output, _ = cell(tf.constant(QUERY), cell.zero_state(3, tf.float32))
    fixed = seq2seq.AttentionWrapper(tf.nn.rnn_cell.BasicRNNCell(6, name="c"), mechanism, name="w",
                                     attention_fn=lambda *_: (tf.ones([3, 4]), tf.zeros([3, 5]), tf.zeros([3, 5])))
    ones, after = fixed(tf.constant(QUERY), fixed.zero_state(3, tf.float32))
    values, _ = run(output, ones, after.alignments)
    assert values[0].shape == (3, 3) and (values[1] == 1).all() and not values[2].any()


def test_wrong_batches_states_and_arguments_are_refused():
    inner, mechanism = tf.nn.rnn_cell.BasicRNNCell(6), seq2seq.LuongAttention(6, MEMORY)
    cell = seq2seq.AttentionWrapper(inner, mechanism)
    with pytest.raises(ValueError, match="Non-matching batch sizes between the memory"):
        cell.zero_state(6, tf.float32)
    batch = tf.placeholder_with_default(6, [])
    with pytest.raises(tf.errors.InvalidArgumentError, match="Non-matching batch sizes between the memory"):
        run(cell.zero_state(batch, tf.float32).cell_state)
    with pytest.raises(TypeError, match="Expected state to be instance of AttentionWrapperState"):
        cell(tf.constant(QUERY), tf.zeros([3, 6]))
    with pytest.raises(TypeError, match="attention_mechanism must be an AttentionMechanism"):
        seq2seq.AttentionWrapper(inner, inner)
    with pytest.raises(ValueError, match="exactly one integer or layer per attention_mechanism, saw: 2 vs 1"):
        seq2seq.AttentionWrapper(inner, mechanism, attention_layer_size=[1, 2])
    with pytest.raises(ValueError, match="Only one of attention_layer_size and attention_layer"):
        seq2seq.AttentionWrapper(inner, mechanism, attention_layer_size=1, attention_layer=tf.layers.Dense(1))
