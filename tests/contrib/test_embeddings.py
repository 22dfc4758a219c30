"""Embeddings of tf.contrib.layers."""
import numpy as np
import pytest

import graphflow as tf

layers = tf.contrib.layers


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(1)
        yield graph


def run(*fetches):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches)


@pytest.mark.parametrize("unique", [False, True])
def test_sequences_are_embedded(unique):
    ids = np.array([[1, 2, 1], [0, 1, 3]])
    y = layers.embed_sequence(ids, 4, 5, unique=unique, scope="words")
    again = layers.embed_sequence(ids, scope="words", reuse=True)
    table, = tf.global_variables()
    assert table.op.name == "words/embeddings" and y.shape.as_list() == [2, 3, 5] and tf.contrib.framework.get_model_variables() == [table]
    found, other, weights, slope = run(y, again, table, tf.gradients(tf.reduce_sum(y), table)[0])
    np.testing.assert_array_equal(found, weights[ids])
    np.testing.assert_array_equal(other, found)
    dense = np.zeros([4, 5])
    np.add.at(dense, slope.indices, slope.values) if hasattr(slope, "indices") else dense.__iadd__(slope)
    np.testing.assert_allclose(dense[:, 0], [1, 3, 1, 1])
    with pytest.raises(ValueError, match="Must specify vocab size and embedding dimension"):
        layers.embed_sequence(ids, 4)


def test_bags_of_words_are_means():
    ids = np.array([[1, 2, 1], [0, 0, 3]])
    a = layers.bow_encoder(ids, 4, 5, scope="bow")
    b = layers.bow_encoder(ids, 4, 5, sparse_lookup=False, scope="bow", reuse=True)
    c = layers.bow_encoder(layers.dense_to_sparse_tensor(tf.constant([[1, 2, 1], [-1, -1, -1]])), 4, 5, scope="bow", reuse=True)
    first, second, third, table = run(a, b, c, tf.global_variables()[0])
    np.testing.assert_allclose(first, table[ids].mean(1), rtol=1e-6)
    np.testing.assert_allclose(second, first, rtol=1e-6)
    np.testing.assert_allclose(third[0], first[0], rtol=1e-6)


def test_dense_tensors_become_sparse():
    for dense, ignored in (([[1, -1], [-1, 2]], None), ([["a", ""], ["", "b"]], None), ([[1, 7], [7, 2]], 7)):
        assert run(layers.dense_to_sparse_tensor(tf.constant(dense), ignored))[0].indices.tolist() == [[0, 0], [1, 1]]


def test_numbers_fall_into_buckets():
    assert run(layers.bucketize(tf.constant([[-5.0, 150.0], [10.0, 5.0]]), [0, 10, 100]))[0].tolist() == [[0, 3], [2, 1]]


def test_ids_of_unknown_rank_are_looked_up():
    table = tf.constant(np.arange(8.0).reshape(4, 2))
    with tf.Session() as session:
        ids = tf.placeholder(tf.int32)
        assert session.run(layers.embedding_lookup_unique(table, ids), {ids: [[3, 0, 3]]}).tolist() == [[[6, 7], [0, 1], [6, 7]]]
