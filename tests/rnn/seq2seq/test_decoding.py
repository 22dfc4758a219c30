"""dynamic_decode with each helper, against dynamic_rnn and loops in numpy."""
import numpy as np
import pytest

import graphflow as tf

seq2seq = tf.contrib.seq2seq
RANDOM = np.random.default_rng(1)
INPUTS = RANDOM.standard_normal((3, 5, 4)).astype(np.float32)
LENGTHS = [5, 2, 3]
TABLE = RANDOM.standard_normal((6, 4)).astype(np.float32)


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        tf.set_random_seed(2)
        yield


def decoded(helper, cell, state, **kwargs):
    layer = tf.layers.Dense(6, name="projection")
    return seq2seq.dynamic_decode(seq2seq.BasicDecoder(cell, helper, state, layer), **kwargs)


def run(fetches, feed=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feed)


@pytest.mark.parametrize("time_major", [False, True])
@pytest.mark.parametrize("known", [False, True])
def test_training_gives_what_dynamic_rnn_gives(time_major, known):
    cell = tf.nn.rnn_cell.LSTMCell(7)
    inputs = np.swapaxes(INPUTS, 0, 1) if time_major else INPUTS
    x = tf.constant(inputs) if known else tf.placeholder_with_default(inputs, [None, None, 4])
    helper = seq2seq.TrainingHelper(x, LENGTHS, time_major=time_major)
    found = seq2seq.dynamic_decode(seq2seq.BasicDecoder(cell, helper, cell.zero_state(3, tf.float32)), impute_finished=True,
                                   output_time_major=time_major)
    (outputs, ids), state, lengths = found
    wanted, wanted_state = tf.nn.dynamic_rnn(cell, x, LENGTHS, dtype=tf.float32, time_major=time_major, scope="decoder")
    grads = [tf.gradients(tf.reduce_sum(y * y), tf.trainable_variables()) for y in (outputs, wanted)]
    assert len(tf.trainable_variables()) == 2 and tf.trainable_variables()[0].name == "decoder/lstm_cell/kernel:0"
    got, same, got_ids, got_state, same_state, got_lengths, (g, h) = run([outputs, wanted, ids, state, wanted_state, lengths, grads])
    np.testing.assert_allclose(got, same, rtol=1e-6)
    np.testing.assert_allclose(got_state, same_state, rtol=1e-6)
    np.testing.assert_allclose(g[0], h[0], rtol=1e-5, atol=1e-6)
    assert got_lengths.tolist() == LENGTHS
    inside = np.arange(5) < np.array(LENGTHS)[:, None]
    np.testing.assert_array_equal(got_ids, np.where(inside.T if time_major else inside, got.argmax(-1), 0))


def test_inputs_may_be_nested_and_lengths_may_be_zero():
    cell = tf.nn.rnn_cell.GRUCell(3)

    class Two(tf.nn.rnn_cell.RNNCell):
        state_size = output_size = 3

        def call(self, inputs, state):
            return cell(tf.concat([inputs["a"], inputs["b"]], -1), state)

    x = tf.placeholder(tf.float32, [None, None, 4])
    lengths = tf.placeholder(tf.int32, [None])
    helper = seq2seq.TrainingHelper({"a": x, "b": 2 * x}, lengths)
    outputs, _, steps = seq2seq.dynamic_decode(seq2seq.BasicDecoder(Two(), helper, cell.zero_state(tf.size(lengths), tf.float32)))
    assert run(outputs.rnn_output, {x: INPUTS, lengths: LENGTHS}).shape == (3, 5, 3)
    assert run([outputs.rnn_output, steps], {x: INPUTS, lengths: [0, 1, 0]})[1].tolist() == [0, 1, 0]
    with pytest.raises(tf.errors.InvalidArgumentError, match="only contains uninitialized tensors"):    # as in TensorFlow
        run(outputs.rnn_output, {x: INPUTS, lengths: [0, 0, 0]})
    helper = seq2seq.TrainingHelper(INPUTS, [0, 0, 0])
    other = tf.nn.rnn_cell.GRUCell(3, name="other")
    known = seq2seq.dynamic_decode(seq2seq.BasicDecoder(other, helper, other.zero_state(3, tf.float32)))[0]
    assert run(known.rnn_output).shape == (3, 0, 3)


def by_hand(cell_step, state, choose, start, end, most):
    """The ids of a greedy decoder in numpy."""
    ids, symbol = [], start
    for _ in range(most):
        logits, state = cell_step(TABLE[symbol], state)
        symbol = choose(logits)
        ids.append(symbol)
        if symbol == end:
            break
    return ids


@pytest.mark.parametrize("embedding", ["matrix", "function"])
def test_the_greedy_decoder_says_what_a_loop_says(embedding):
    cell = tf.nn.rnn_cell.BasicRNNCell(4)
    state = tf.constant(3 * RANDOM.standard_normal((5, 4)).astype(np.float32))
    starts = tf.placeholder_with_default(np.array([1, 2, 3, 4, 5], np.int32), [None])
    table = TABLE if embedding == "matrix" else lambda ids: tf.nn.embedding_lookup(TABLE, ids)
    outputs, _, lengths = decoded(seq2seq.GreedyEmbeddingHelper(table, starts, 0), cell, state, maximum_iterations=tf.constant(8))
    weights = tf.trainable_variables()
    ids, steps, begin, kernel, bias, out, offset = run([outputs.sample_id, lengths, state, *weights])

    def step(x, h):
        h = np.tanh(np.concatenate([x, h]) @ kernel + bias)
        return h @ out + offset, h

    for row in range(5):
        wanted = by_hand(step, begin[row], np.argmax, row + 1, 0, 8)
        assert ids[row, :len(wanted)].tolist() == wanted and steps[row] == len(wanted)
    assert 1 < len({*steps.tolist()}) and ids.shape == (5, max(steps))


def test_drawn_symbols_follow_their_probabilities():
    logits = np.log(np.array([0.1, 0.2, 0.7], np.float32))

    class Fixed(tf.nn.rnn_cell.RNNCell):
        state_size, output_size = 1, 3

        def call(self, inputs, state):
            return tf.tile(logits[None], [tf.shape(inputs)[0], 1]), state

    helper = seq2seq.SampleEmbeddingHelper(TABLE, tf.zeros([4000], tf.int32), 5, seed=7)
    cold = seq2seq.SampleEmbeddingHelper(TABLE, tf.zeros([4000], tf.int32), 5, softmax_temperature=0.25, seed=7)
    for one, power in ((helper, 1), (cold, 4)):
        decoder = seq2seq.BasicDecoder(Fixed(), one, tf.zeros([4000, 1]))
        ids = run(seq2seq.dynamic_decode(decoder, maximum_iterations=2)[0].sample_id)
        wanted = np.array([0.1, 0.2, 0.7]) ** power
        np.testing.assert_allclose(np.bincount(ids.ravel(), minlength=3) / ids.size, wanted / wanted.sum(), atol=0.02)


def test_inference_and_custom_helpers_feed_what_their_functions_say():
    cell = tf.nn.rnn_cell.BasicRNNCell(4)
    state = cell.zero_state(3, tf.float32)
    start = tf.constant(INPUTS[:, 0])
    inference = seq2seq.InferenceHelper(lambda outputs: tf.round(outputs * 8) / 8, [4], tf.float32, start,
                                        lambda ids: tf.reduce_sum(ids, -1) > 1e9, next_inputs_fn=lambda ids: ids + 1)
    custom = seq2seq.CustomHelper(
        lambda: (tf.fill([3], False), start), lambda time, outputs, state: tf.round(outputs * 8) / 8,
        lambda time, outputs, state, sample_ids: (tf.fill([3], time >= 3), sample_ids + 1, state), [4], tf.float32)
    first = seq2seq.dynamic_decode(seq2seq.BasicDecoder(cell, inference, state), maximum_iterations=4)[0]
    second = seq2seq.dynamic_decode(seq2seq.BasicDecoder(cell, custom, state))[0]
    ids, same, outputs = run([first.sample_id, second.sample_id, first.rnn_output])
    assert ids.shape == (3, 4, 4)
    np.testing.assert_array_equal(ids, same)
    np.testing.assert_array_equal(ids, np.round(outputs * 8) / 8)
    with pytest.raises(ValueError, match="batch_size accessed before initialize was called"):
        _ = seq2seq.CustomHelper(None, None, None).batch_size


@pytest.mark.parametrize("probability", [0.0, 1.0, 0.5])
def test_scheduled_sampling_reads_the_truth_or_what_was_said(probability):
    cell = tf.nn.rnn_cell.BasicRNNCell(4)
    x = tf.placeholder_with_default(INPUTS, [None, None, 4])
    helper = seq2seq.ScheduledEmbeddingTrainingHelper(x, LENGTHS, TABLE, probability, seed=1, scheduling_seed=2)
    outputs, _, _ = decoded(helper, cell, cell.zero_state(3, tf.float32))
    weights = tf.trainable_variables()
    logits, ids, kernel, bias, out, offset = run([*outputs, *weights])
    inside = ids[np.arange(5) < np.array(LENGTHS)[:, None]]
    assert {0.0: (inside == -1).all(), 1.0: (inside >= 0).all(), 0.5: 0 < (inside == -1).sum() < inside.size}[probability]
    for row, length in enumerate(LENGTHS):
        h, now = np.zeros(4), INPUTS[row, 0]
        for time in range(length):
            h = np.tanh(np.concatenate([now, h]) @ kernel + bias)
            np.testing.assert_allclose(logits[row, time], h @ out + offset, rtol=2e-5, atol=1e-6)
            if time + 1 < length:
                now = INPUTS[row, time + 1] if ids[row, time] < 0 else TABLE[ids[row, time]]


@pytest.mark.parametrize("auxiliary", [False, True])
def test_scheduled_outputs_are_read_in_place_of_the_truth(auxiliary):
    cell = tf.nn.rnn_cell.BasicRNNCell(4)
    more = RANDOM.standard_normal((3, 5, 2)).astype(np.float32)
    truth = np.concatenate([INPUTS, more], -1) if auxiliary else INPUTS
    helper = seq2seq.ScheduledOutputTrainingHelper(truth, LENGTHS, 0.5, seed=5, next_inputs_fn=lambda x: x * 2,
                                                   auxiliary_inputs=more if auxiliary else None)
    outputs, _, _ = seq2seq.dynamic_decode(seq2seq.BasicDecoder(cell, helper, cell.zero_state(3, tf.float32)))
    found, ids, kernel, bias = run([*outputs, *tf.trainable_variables()])
    assert {0, 1} == set(ids.ravel().tolist())
    for row, length in enumerate(LENGTHS):
        h, now = np.zeros(4), truth[row, 0]
        for time in range(length):
            h = np.tanh(np.concatenate([now, h]) @ kernel + bias)
            np.testing.assert_allclose(found[row, time], h, rtol=2e-5, atol=1e-6)
            if time + 1 < length:
                said = np.concatenate([2 * h, more[row, time + 1]]) if auxiliary else 2 * h
                now = said if ids[row, time] else truth[row, time + 1]


def test_what_cannot_be_decoded_is_refused():
    cell = tf.nn.rnn_cell.BasicRNNCell(4)
    helper = seq2seq.TrainingHelper(INPUTS, LENGTHS)
    with pytest.raises(TypeError, match="Expected decoder to be type Decoder"):
        seq2seq.dynamic_decode(helper)
    with pytest.raises(TypeError, match="helper must be a Helper"):
        seq2seq.BasicDecoder(cell, cell, cell.zero_state(3, tf.float32))
    with pytest.raises(TypeError, match="output_layer must be a Layer"):
        seq2seq.BasicDecoder(cell, helper, cell.zero_state(3, tf.float32), tf.layers.dense)
    with pytest.raises(ValueError, match="Expected sequence_length to be a vector"):
        seq2seq.TrainingHelper(INPUTS, 3)
    with pytest.raises(ValueError, match="start_tokens must be a vector"):
        seq2seq.GreedyEmbeddingHelper(TABLE, 1, 0)
    with pytest.raises(ValueError, match="end_token must be a scalar"):
        seq2seq.GreedyEmbeddingHelper(TABLE, [1], [0])
    with pytest.raises(ValueError, match="maximum_iterations must be a scalar"):
        decoded(helper, cell, cell.zero_state(3, tf.float32), maximum_iterations=[3])
