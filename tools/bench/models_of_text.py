"""Models of sequences that nobody tuned for: a training step each. The loss is the first of what a step gives."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from tools.bench.common import Step, Workload, rand, session, trained

WORDS = 5000


def words(*shape: int) -> np.ndarray:
    return np.random.RandomState(1).randint(0, WORDS, shape)


def embedded(tf: Any, ids: Any, width: int) -> Any:
    table = tf.get_variable("words", [WORDS, width], initializer=tf.random_uniform_initializer(-1.0, 1.0, seed=2))
    return tf.nn.embedding_lookup(table, ids)


def told(tf: Any, logits: Any, labels: Any) -> Any:
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))


def text_cnn(tf: Any, small: bool) -> Step:
    """Filters as wide as the embedding, the largest of each (Kim, 2014)."""
    count, length = (2, 12) if small else (64, 40)
    ids, labels = tf.placeholder(tf.int32, [None, length]), tf.placeholder(tf.int32, [None])
    x = tf.expand_dims(embedded(tf, ids, 64), -1)
    pooled = [tf.reduce_max(tf.layers.conv2d(x, 64, [size, 64], activation=tf.nn.relu), [1, 2]) for size in (3, 4, 5)]
    h = tf.nn.dropout(tf.concat(pooled, 1), keep_prob=0.5, seed=4)
    return trained(tf, told(tf, tf.layers.dense(h, 2), labels), tf.train.AdamOptimizer(1e-3),
                   {ids: words(count, length), labels: np.arange(count) % 2})


def changing(tf: Any, small: bool) -> Step:
    """The mean of embeddings, for texts of another length in each step."""
    ids, labels = tf.placeholder(tf.int32, [None, None]), tf.placeholder(tf.int32, [None])
    h = tf.layers.dense(tf.reduce_mean(embedded(tf, ids, 32), 1), 32, tf.nn.relu)
    loss = told(tf, tf.layers.dense(h, 2), labels)
    train, sess = tf.train.AdamOptimizer(1e-3).minimize(loss), session(tf)
    lengths = itertools.cycle(np.random.RandomState(3).permutation(np.arange(5, 25 if small else 205)).tolist())
    every = words(32, 205)
    return lambda: sess.run([loss, train], {ids: every[:, :next(lengths)], labels: np.arange(32) % 2})


def attention(tf: Any, small: bool) -> Step:
    """An encoder along time and a decoder of twelve steps that looks back at it (Luong et al., 2015)."""
    count, length, width = (2, 5, 64) if small else (32, 20, 64)
    source, target = tf.placeholder(tf.int32, [None, length]), tf.placeholder(tf.int32, [None, 12])
    with tf.variable_scope("encoder"):
        memory, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(width), embedded(tf, source, width), dtype=tf.float32)
    with tf.variable_scope("decoder"):
        cell, inputs, losses = tf.nn.rnn_cell.GRUCell(width), embedded(tf, target, width), []
        for step in range(11):
            h, state = cell(inputs[:, step], state)
            weights = tf.nn.softmax(tf.reduce_sum(memory * tf.expand_dims(h, 1), 2))
            seen = tf.reduce_sum(memory * tf.expand_dims(weights, 2), 1)
            mixed = tf.layers.dense(tf.concat([h, seen], 1), width, tf.tanh, name="mix", reuse=step > 0)
            losses.append(told(tf, tf.layers.dense(mixed, 500, name="words", reuse=step > 0), target[:, step + 1] % 500))
    return trained(tf, tf.add_n(losses) / 11, tf.train.AdamOptimizer(1e-3), {source: words(count, length), target: words(count, 12)})


def transformer(tf: Any, small: bool) -> Step:
    """One layer of four heads, 64 wide, and its network of 256 (Vaswani et al., 2017)."""
    count, length, width, heads = (2, 6, 64, 4) if small else (16, 32, 64, 4)
    ids, labels = tf.placeholder(tf.int32, [None, length]), tf.placeholder(tf.int32, [None, length])

    def normed(x: Any, name: str) -> Any:
        mean, variance = tf.nn.moments(x, [-1], keep_dims=True)
        with tf.variable_scope(name):
            scale = tf.get_variable("scale", [width], initializer=tf.ones_initializer())
            return (x - mean) * tf.rsqrt(variance + 1e-6) * scale + tf.get_variable("bias", [width], initializer=tf.zeros_initializer())

    def split(x: Any) -> Any:
        return tf.transpose(tf.reshape(x, [-1, length, heads, width // heads]), [0, 2, 1, 3])

    x = embedded(tf, ids, width)
    q, k, v = (split(tf.layers.dense(x, width, use_bias=False)) for _ in range(3))
    weights = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / 4.0)
    seen = tf.reshape(tf.transpose(tf.matmul(weights, v), [0, 2, 1, 3]), [-1, length, width])
    x = normed(x + tf.layers.dense(seen, width), "first")
    x = normed(x + tf.layers.dense(tf.layers.dense(x, 256, tf.nn.relu), width), "second")
    return trained(tf, told(tf, tf.layers.dense(x, 100), labels), tf.train.AdamOptimizer(1e-3),
                   {ids: words(count, length), labels: words(count, length) % 100})


def word2vec(tf: Any, small: bool) -> Step:
    """Embeddings by noise contrastive estimation, 64 words drawn (Mikolov et al., 2013)."""
    count, width = (8, 32) if small else (128, 128)
    ids, labels = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int64, [None, 1])
    x = embedded(tf, ids, width)
    weights = tf.get_variable("nce", [WORDS, width], initializer=tf.truncated_normal_initializer(stddev=0.1, seed=7))
    drawn = tf.nn.log_uniform_candidate_sampler(labels, 1, 64, True, WORDS, seed=5)
    loss = tf.reduce_mean(tf.nn.nce_loss(weights, tf.get_variable("b", [WORDS], initializer=tf.zeros_initializer()), labels, x, 64, WORDS,
                                         sampled_values=drawn))
    return trained(tf, loss, tf.train.GradientDescentOptimizer(0.5), {ids: words(count), labels: words(count, 1)})


def ctc(tf: Any, small: bool) -> Step:
    """An LSTM over 50 frames of 26 numbers, labelled without an alignment (Graves et al., 2006)."""
    count, length = (2, 12) if small else (16, 50)
    x, sizes = tf.placeholder(tf.float32, [None, length, 26]), tf.placeholder(tf.int32, [None])
    labels = tf.sparse_placeholder(tf.int32)
    h, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(64), x, sizes, dtype=tf.float32)
    loss = tf.reduce_mean(tf.nn.ctc_loss(labels, tf.transpose(tf.layers.dense(h, 28), [1, 0, 2]), sizes))
    where = np.argwhere(np.ones((count, 5)))
    return trained(tf, loss, tf.train.MomentumOptimizer(1e-2, 0.9),
                   {x: rand(count, length, 26), sizes: np.full(count, length),
                    labels: tf.SparseTensorValue(where, words(count * 5) % 27, [count, 5])})


TEXT = (
    Workload("text_cnn", text_cnn, "filters as wide as the embedding, 64 texts of 40 words"),
    Workload("changing", changing, "texts of another length in each step, batch 32"),
    Workload("attention", attention, "GRU 20 words to 12 with attention, batch 32"),
    Workload("transformer", transformer, "one layer of four heads, 16 texts of 32 words"),
    Workload("word2vec", word2vec, "noise contrastive estimation, 5,000 words, batch 128"),
    Workload("ctc", ctc, "LSTM of 64 over 50 frames, batch 16"),
)
