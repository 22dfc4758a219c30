"""gather_tree and tile_batch against loops in Python."""
import numpy as np
import pytest

import graphflow as tf

seq2seq = tf.contrib.seq2seq


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def beams_by_hand(symbols, parents, lengths, end):
    steps, batch, beams = symbols.shape
    found = np.full_like(symbols, end)
    for b in range(batch):
        for k in range(beams):
            at = k
            for time in range(min(lengths[b], steps) - 1, -1, -1):
                found[time, b, k] = symbols[time, b, at]
                at = parents[time, b, at]
            ends = np.flatnonzero(found[:, b, k] == end)
            if ends.size:
                found[ends[0]:, b, k] = end
    return found


@pytest.mark.parametrize("steps, batch, beams", [(5, 3, 4), (1, 1, 1), (4, 2, 1), (0, 2, 3), (3, 0, 2)])
def test_beams_are_followed_back_from_their_ends(steps, batch, beams):
    random = np.random.default_rng(steps)
    symbols, parents = random.integers(0, 6, (steps, batch, beams)), random.integers(0, beams, (steps, batch, beams))
    lengths = random.integers(0, steps + 2, batch)
    given = [tf.placeholder(tf.int32) for _ in range(3)]
    values = [symbols.astype(np.int32), parents.astype(np.int32), lengths.astype(np.int32)]
    made = seq2seq.gather_tree(*given, 0)
    with tf.Session() as session:
        found = session.run(made, dict(zip(given, values, strict=True)))
    np.testing.assert_array_equal(found, beams_by_hand(symbols, parents, lengths, 0))
    assert found.dtype == np.int32


def test_a_parent_that_is_no_beam_is_refused():
    parents = tf.placeholder_with_default(np.full((2, 1, 2), 5, np.int32), [2, 1, 2])
    made = seq2seq.gather_tree(np.zeros((2, 1, 2), np.int32), parents, [2], 9)
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="5 is no beam: there are 2"):
        session.run(made)
    with pytest.raises(ValueError, match="Shape must be rank 3"):
        seq2seq.gather_tree(np.zeros((2, 2), np.int32), np.zeros((2, 2), np.int32), [2], 9)


@pytest.mark.parametrize("split", [False, True])
def test_what_steps_wrote_is_sorted_by_the_beams_found(split):
    random = np.random.default_rng(3)
    steps, batch, beams = 4, 2, 3
    written = random.standard_normal((steps, batch, beams, 5)).astype(np.float32)
    parents, lengths = random.integers(0, beams, (steps, batch, beams)).astype(np.int32), random.integers(1, steps + 1, (batch, beams))
    sources = beams_by_hand(np.broadcast_to(np.arange(beams), parents.shape).copy(), parents, lengths.max(1), 99)
    wanted = written.copy()
    for t in range(steps):
        for b in range(batch):
            for k in range(beams):
                if t < lengths[b, k]:
                    wanted[t, b, k] = written[t, b, sources[t, b, k]]
    shape = written.shape if split else (steps, batch * beams, 5)
    with tf.Session() as session:
        found = session.run(seq2seq.gather_tree_from_array(written.reshape(shape), parents, lengths))
    np.testing.assert_array_equal(found, wanted.reshape(shape))


def test_batches_are_tiled_in_structures():
    x = tf.placeholder(tf.float32, [None, 3])
    tiled, (lengths,) = seq2seq.tile_batch((x, [tf.constant([1, 2])]), 3)
    assert tiled.shape.as_list() == [None, 3] and lengths.shape.as_list() == [6]
    with tf.Session() as session:
        value, numbers = session.run([tiled, lengths], {x: [[1, 2, 3], [4, 5, 6]]})
    np.testing.assert_array_equal(value, np.repeat([[1, 2, 3], [4, 5, 6]], 3, 0))
    assert numbers.tolist() == [1, 1, 1, 2, 2, 2]
    with pytest.raises(ValueError, match="must have at least one dimension"):
        seq2seq.tile_batch(tf.constant(1), 2)
