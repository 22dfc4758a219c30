"""Losses, decoders and buckets over lists of time steps, against numpy."""
import numpy as np
import pytest

import graphflow as tf

seq2seq = tf.nn.seq2seq
RANDOM = np.random.default_rng(0)
LOGITS, TARGETS = RANDOM.standard_normal((4, 3, 5)).astype(np.float32), RANDOM.integers(0, 5, (4, 3))
WEIGHTS = RANDOM.random((4, 3)).astype(np.float32)


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def entropies():
    shifted = LOGITS - LOGITS.max(-1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return -np.take_along_axis(logs, TARGETS[..., None], -1)[..., 0] * WEIGHTS


def test_losses():
    lists = list(map(tf.constant, LOGITS)), list(map(tf.constant, TARGETS)), list(map(tf.constant, WEIGHTS))
    by_example = entropies().sum(0)
    wanted = [by_example / WEIGHTS.sum(0), by_example, (by_example / WEIGHTS.sum(0)).mean(), by_example.sum()]
    with tf.Session() as session:
        found = session.run([seq2seq.sequence_loss_by_example(*lists), seq2seq.sequence_loss_by_example(*lists, False),
                             seq2seq.sequence_loss(*lists), seq2seq.sequence_loss(*lists, False, False),
                             seq2seq.sequence_loss_by_example(*lists, softmax_loss_function=lambda labels, logits: tf.ones([3]))])
    for a, b in zip(found, [*wanted, np.ones(3)], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    with pytest.raises(ValueError, match="Lengths of logits, weights, and targets must be the same 4, 3, 4"):
        seq2seq.sequence_loss_by_example(lists[0], lists[1], lists[2][:3])
    assert tf.contrib.legacy_seq2seq.sequence_loss_by_example is seq2seq.sequence_loss_by_example


def test_a_decoder_goes_on_with_its_own_output():
    cell = tf.nn.rnn_cell.BasicRNNCell(2)
    inputs = [tf.constant(RANDOM.standard_normal((3, 2)).astype(np.float32)) for _ in range(3)]
    outputs, state = seq2seq.rnn_decoder(inputs, cell.zero_state(3, tf.float32), cell)
    again, _ = seq2seq.rnn_decoder(inputs, cell.zero_state(3, tf.float32), tf.nn.rnn_cell.BasicRNNCell(2), lambda previous, i: previous * i,
                                   scope="loop")
    names = [v.op.name for v in tf.global_variables()]
    assert names[0].startswith("rnn_decoder/") and names[2].startswith("loop/") and len(names) == 4
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        kernel, bias = session.run(tf.global_variables()[:2])
        h = np.zeros((3, 2), np.float32)
        for x, found in zip(session.run(inputs), session.run(outputs), strict=True):
            h = np.tanh(np.concatenate([x, h], 1) @ kernel + bias)
            np.testing.assert_allclose(found, h, rtol=1e-5)
        np.testing.assert_allclose(session.run(state), h, rtol=1e-5)
        kernel, bias = session.run(tf.global_variables()[2:])
        found = session.run(again)
        for i in (1, 2):
            np.testing.assert_allclose(found[i], np.tanh(np.concatenate([found[i - 1] * i, found[i - 1]], 1) @ kernel + bias), rtol=1e-5)


def test_buckets_share_variables():
    def model(encoder, decoder):
        w = tf.get_variable("w", [5, 5])
        return [tf.matmul(x, w) for x in decoder], encoder[-1]

    inputs = [tf.constant(x) for x in LOGITS]
    targets, weights = list(map(tf.constant, TARGETS)), list(map(tf.constant, WEIGHTS))
    outputs, losses = seq2seq.model_with_buckets(inputs, inputs, targets, weights, [(1, 2), (3, 4)], model)
    assert [len(o) for o in outputs] == [2, 4] and all(loss.shape == () for loss in losses)
    assert [v.name for v in tf.global_variables()] == ["w:0"]
    _, each = seq2seq.model_with_buckets(inputs, inputs, targets, weights, [(1, 2)], lambda e, d: (d, None), per_example_loss=True)
    assert each[0].shape.as_list() == [3]
    with pytest.raises(ValueError, match=r"Length of encoder_inputs \(4\) must be at least that of last bucket \(9\)"):
        seq2seq.model_with_buckets(inputs, inputs, targets, weights, [(9, 2)], model)


ENCODED, DECODED = RANDOM.integers(0, 6, (4, 3)).astype(np.int32), RANDOM.integers(0, 5, (3, 3)).astype(np.int32)


def built(name, feed_previous=False, scope="m", **kwargs):
    cell = tf.nn.rnn_cell.BasicRNNCell(7)
    symbols = (6,) if "tied" in name else (6, 5)
    if "tied" in name:
        kwargs = {"num_decoder_symbols": 5, **kwargs}
    made = getattr(tf.contrib.legacy_seq2seq, name)
    with tf.variable_scope(scope, reuse=tf.AUTO_REUSE, initializer=tf.random_uniform_initializer(-1, 1, seed=3)):
        return made([tf.constant(x) for x in ENCODED], [tf.constant(x) for x in DECODED], cell, *symbols, 4, feed_previous=feed_previous,
                    **kwargs)


@pytest.mark.parametrize("name", ["embedding_rnn_seq2seq", "embedding_tied_rnn_seq2seq", "embedding_attention_seq2seq"])
def test_models_read_the_truth_or_what_they_said(name):
    truth, _ = built(name)
    said, _ = built(name, True)
    flag = tf.placeholder(tf.bool, [])
    chosen, state = built(name, flag)
    variables = len(tf.trainable_variables())
    projected, _ = built(name, scope="p", output_projection=(tf.ones([7, 5]), tf.zeros([5]))) if "tied" not in name else (None, None)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values = session.run([truth, said])
        np.testing.assert_allclose(values[0], session.run(chosen, {flag: False}), rtol=2e-5, atol=1e-6)
        np.testing.assert_allclose(values[1], session.run(chosen, {flag: True}), rtol=2e-5, atol=1e-6)
        np.testing.assert_array_equal(values[0][0], values[1][0])       # the first step reads the same
        assert session.run(state, {flag: True}).shape == (3, 7)
        if projected is not None:
            assert session.run(projected[0]).shape == (3, 7)
    assert np.shape(values) == (2, 3, 3, 5) and not np.array_equal(values[0][1], values[1][1])
    assert variables == {"embedding_rnn_seq2seq": 8, "embedding_tied_rnn_seq2seq": 5, "embedding_attention_seq2seq": 16}[name]
    with pytest.raises(ValueError, match="are incompatible|not compatible"):
        built(name, scope="q", output_projection=(tf.ones([7, 9]), tf.zeros([9])))


def test_models_without_embeddings():
    steps = [tf.constant(x) for x in RANDOM.standard_normal((3, 2, 4)).astype(np.float32)]
    first = seq2seq.basic_rnn_seq2seq(steps, steps[:2], tf.nn.rnn_cell.GRUCell(4))
    second = seq2seq.tied_rnn_seq2seq(steps, steps[:2], tf.nn.rnn_cell.GRUCell(4), loop_function=lambda output, i: output)
    names = [v.op.name for v in tf.trainable_variables()]
    assert names[0::4] == ["basic_rnn_seq2seq/rnn/gru_cell/gates/kernel", "basic_rnn_seq2seq/rnn_decoder/gru_cell/gates/kernel",
                           "combined_tied_rnn_seq2seq/tied_rnn_seq2seq/gru_cell/gates/kernel"]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert np.shape(session.run([first[0], second[0]])) == (2, 2, 2, 4)


def test_an_attention_decoder_is_the_papers():
    memory = RANDOM.standard_normal((3, 5, 4)).astype(np.float32)
    inputs = RANDOM.standard_normal((2, 3, 6)).astype(np.float32)
    state = RANDOM.standard_normal((3, 7)).astype(np.float32)
    given = tf.placeholder_with_default(memory, [None, None, 4])
    outputs, after = seq2seq.attention_decoder([tf.constant(x) for x in inputs], tf.constant(state), given, tf.nn.rnn_cell.BasicRNNCell(7),
                                               output_size=2, num_heads=2, initial_state_attention=True)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        found, last, v = session.run([outputs, after, {x.op.name.removeprefix("attention_decoder/"): x for x in tf.global_variables()}])

    def attend(h):
        parts = []
        for a in range(2):
            asked = h @ v[f"Attention_{a}/kernel"] + v[f"Attention_{a}/bias"]
            scores = (v[f"AttnV_{a}"] * np.tanh(memory @ v[f"AttnW_{a}"][0, 0] + asked[:, None])).sum(-1)
            weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
            parts.append(np.einsum("bt,btn->bn", weights, memory))
        return parts

    h, seen = state, attend(state)
    for x, got in zip(inputs, found, strict=True):
        x = np.concatenate([x, *seen], 1) @ v["kernel"] + v["bias"]
        h = np.tanh(np.concatenate([x, h], 1) @ v["basic_rnn_cell/kernel"] + v["basic_rnn_cell/bias"])
        seen = attend(h)
        wanted = np.concatenate([h, *seen], 1) @ v["AttnOutputProjection/kernel"] + v["AttnOutputProjection/bias"]
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(last, h, rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="With less than 1 heads"):
        seq2seq.attention_decoder([tf.constant(inputs[0])], tf.constant(state), given, tf.nn.rnn_cell.BasicRNNCell(7), num_heads=0)


def test_one_encoder_and_several_decoders():
    outputs, states = tf.contrib.legacy_seq2seq.one2many_rnn_seq2seq(
        [tf.constant(x) for x in ENCODED], {"a": [tf.constant(x) for x in DECODED], "b": [tf.constant(x) for x in DECODED[:2]]},
        tf.nn.rnn_cell.GRUCell(4), {"a": tf.nn.rnn_cell.GRUCell(4), "b": tf.nn.rnn_cell.GRUCell(4)}, 6, {"a": 5, "b": 9}, 3)
    assert [len(outputs[name]) for name in "ab"] == [3, 2] and set(states) == {"a", "b"}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(outputs["b"][1]).shape == (3, 9)
    assert any(v.op.name.startswith("one2many_rnn_seq2seq/one2many_decoder_b/embedding_rnn_decoder") for v in tf.trainable_variables())
