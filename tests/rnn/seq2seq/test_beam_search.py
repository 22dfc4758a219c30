"""Beam search against a search in numpy, and against all sequences there are."""
import itertools

import numpy as np
import pytest

import graphflow as tf

seq2seq = tf.contrib.seq2seq
RANDOM = np.random.default_rng(4)
SYMBOLS, SIZE, END, START = 4, 5, 0, 1
TABLE = RANDOM.standard_normal((SYMBOLS, SIZE)).astype(np.float32)
STATES = RANDOM.standard_normal((2, SIZE)).astype(np.float32)


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        tf.set_random_seed(11)
        yield


def search(beams, most, batch=None, **kwargs):
    """(ids [batch, time, beams], scores of the last step, lengths), and a function state, symbol -> log probabilities, state."""
    cell, layer = tf.nn.rnn_cell.BasicRNNCell(SIZE), tf.layers.Dense(SYMBOLS, kernel_initializer=tf.random_normal_initializer(stddev=2.0))
    states = tf.placeholder_with_default(STATES, [batch, SIZE])
    decoder = seq2seq.BeamSearchDecoder(cell, TABLE, tf.fill([batch or tf.shape(states)[0]], START), END,
                                        seq2seq.tile_batch(states, beams), beams, layer, **kwargs)
    outputs, state, _ = seq2seq.dynamic_decode(decoder, maximum_iterations=most)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        ids, scores, lengths, (kernel, bias, out, offset) = session.run(
            [outputs.predicted_ids, outputs.beam_search_decoder_output.scores[:, -1], state.lengths, tf.trainable_variables()])

    def step(h, symbol):
        h = np.tanh(np.concatenate([TABLE[symbol], h]) @ kernel + bias)
        logits = h @ out + offset
        return logits - np.log(np.exp(logits).sum()), h

    return ids, scores, lengths, step


def all_sequences(step, state, most):
    """{symbols up to the end: log probability} of all sequences of at most `most` symbols."""
    found = {}
    for symbols in itertools.product(range(SYMBOLS), repeat=most):
        if END in symbols:
            symbols = symbols[:symbols.index(END) + 1]
        total, h, before = 0.0, state, START
        for symbol in symbols:
            log_probs, h = step(h, before)
            total, before = total + log_probs[symbol], symbol
        found[symbols] = total
    return found


@pytest.mark.parametrize("batch", [None, 2])
@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_wide_beams_find_the_best_of_all_sequences(alpha, batch):
    most, beams = 4, 64
    ids, scores, lengths, step = search(beams, most, batch, length_penalty_weight=alpha)
    for row in range(2):
        # In the step in which a sequence ends, TF1 does not yet count the end as part of its length.
        known = {s: p / ((5 + len(s) - (len(s) == most and s[-1] == END)) / 6) ** alpha
                 for s, p in all_sequences(step, STATES[row], most).items()}
        best = sorted(known, key=known.get, reverse=True)[:5]
        for place, symbols in enumerate(best):
            assert ids[row, :len(symbols), place].tolist() == list(symbols)
            assert (ids[row, len(symbols):, place] == END).all()
            assert lengths[row, place] == len(symbols)
            assert scores[row, place] == pytest.approx(known[symbols], rel=1e-4)


def test_narrow_beams_are_those_of_a_search_by_hand():
    most, beams = 6, 2
    ids, scores, _, step = search(beams, most)
    for row in range(2):
        kept = [((), 0.0, STATES[row])]
        for _ in range(most):
            grown = []
            for symbols, total, h in kept:
                if END in symbols:
                    grown.append((symbols, total, h))
                    continue
                log_probs, after = step(h, symbols[-1] if symbols else START)
                grown += [((*symbols, s), total + log_probs[s], after) for s in range(SYMBOLS)]
            kept = sorted(grown, key=lambda each: -each[1])[:beams]
        for place, (symbols, total, _) in enumerate(kept):
            assert ids[row, :len(symbols), place].tolist() == list(symbols)
            assert scores[row, place] == pytest.approx(total, rel=1e-4)


def test_one_beam_is_the_greedy_decoder():
    ids, _, _, step = search(1, 6)
    for row in range(2):
        h, symbol = STATES[row], START
        for found in ids[row, :, 0]:
            log_probs, h = step(h, symbol)
            symbol = log_probs.argmax()
            assert found == symbol
            if symbol == END:
                break


def test_attention_is_searched_with_its_history_sorted_and_covered():
    memory = RANDOM.standard_normal((2, 3, SIZE)).astype(np.float32)
    tiled, lengths = seq2seq.tile_batch([tf.constant(memory), tf.constant([3, 2])], 3)
    cell = seq2seq.AttentionWrapper(tf.nn.rnn_cell.LSTMCell(SIZE), seq2seq.LuongAttention(SIZE, tiled, lengths), alignment_history=True)
    results = []
    with tf.variable_scope("d", reuse=tf.AUTO_REUSE):
        for weight in (0.0, 0.5):
            decoder = seq2seq.BeamSearchDecoder(cell, TABLE, tf.fill([2], START), END, cell.zero_state(6, tf.float32), 3,
                                                tf.layers.Dense(SYMBOLS, name="out"), coverage_penalty_weight=weight)
            outputs, state, _ = seq2seq.dynamic_decode(decoder, maximum_iterations=5)
            results += [outputs.predicted_ids, outputs.beam_search_decoder_output.scores, state.cell_state.alignment_history]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        ids, scores, history, _, covered, _ = session.run(results)
    assert ids.shape[0] == 2 and ids.shape[2] == 3 and history.shape == (ids.shape[1], 6, 3)
    np.testing.assert_allclose(history.sum(-1), 1, rtol=1e-5)
    assert (history[:, 3:, 2] == 0).all()       # behind the second memory's end
    assert np.isfinite(scores[:, -1]).all() and np.isfinite(covered[:, -1]).all()


def test_coverage_needs_attention_and_arguments_are_checked():
    cell = tf.nn.rnn_cell.BasicRNNCell(SIZE)
    with pytest.raises(ValueError, match="coverage_penalty_weight needs a cell that is an AttentionWrapper"):
        search(2, 3, coverage_penalty_weight=0.1)
    with pytest.raises(ValueError, match="start_tokens must be a vector"):
        seq2seq.BeamSearchDecoder(cell, TABLE, START, END, tf.zeros([2, SIZE]), 2)
    with pytest.raises(TypeError, match="output_layer must be a Layer"):
        seq2seq.BeamSearchDecoder(cell, TABLE, [START], END, tf.zeros([2, SIZE]), 2, output_layer=tf.identity)
