"""Recommenders, players and answers to one request: work that nobody tuned for. The loss is the first of what a step gives."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from tools.bench.common import Step, Workload, rand, session, trained


def wide_and_deep(tf: Any, small: bool) -> Step:
    """Sums of embeddings of sparse ids beside a linear part (Cheng et al., 2016)."""
    count = 8 if small else 256
    ids, x = tf.sparse_placeholder(tf.int64), tf.placeholder(tf.float32, [None, 10])
    labels = tf.placeholder(tf.float32, [None, 1])
    table = tf.get_variable("table", [10_000, 16], initializer=tf.random_uniform_initializer(-0.1, 0.1, seed=1))
    linear = tf.get_variable("linear", [10_000, 1], initializer=tf.zeros_initializer())
    deep = tf.concat([tf.nn.embedding_lookup_sparse(table, ids, None, combiner="mean"), x], 1)
    for width in (64, 32):
        deep = tf.layers.dense(deep, width, tf.nn.relu)
    logits = tf.layers.dense(deep, 1) + tf.nn.embedding_lookup_sparse(linear, ids, None, combiner="sum")
    loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits))
    where = np.argwhere(np.ones((count, 5)))
    values = np.random.RandomState(2).randint(0, 10_000, len(where))
    return trained(tf, loss, tf.train.AdagradOptimizer(0.05), {ids: tf.SparseTensorValue(where, values, [count, 5]), x: rand(count, 10),
                                                               labels: (rand(count, 1) > 0).astype(np.float32)})


def factors(tf: Any, small: bool) -> Step:
    """Ratings as products of 32 factors of users and things (Koren et al., 2009)."""
    count, draw = 8 if small else 512, np.random.RandomState(3)
    user, thing, rating = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32, [None])

    def part(name: str, ids: Any, many: int) -> tuple[Any, Any]:
        start = tf.truncated_normal_initializer(stddev=0.1, seed=4)
        return (tf.nn.embedding_lookup(tf.get_variable(name, [many, 32], initializer=start), ids),
                tf.nn.embedding_lookup(tf.get_variable(name + "_bias", [many], initializer=tf.zeros_initializer()), ids))

    (u, bu), (v, bv) = part("users", user, 6000), part("things", thing, 4000)
    loss = tf.reduce_mean(tf.square(tf.reduce_sum(u * v, 1) + bu + bv - rating)) + 0.01 * (tf.nn.l2_loss(u) + tf.nn.l2_loss(v)) / count
    return trained(tf, loss, tf.train.AdamOptimizer(1e-3),
                   {user: draw.randint(0, 6000, count), thing: draw.randint(0, 4000, count), rating: draw.rand(count) * 5})


def dqn(tf: Any, small: bool) -> Step:
    """A step of play and one of learning with a second network for the goals (Mnih et al., 2015)."""
    x, after = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.float32, [None, 4])
    action, reward, done = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32, [None]), tf.placeholder(tf.float32, [None])

    def values(name: str, state: Any) -> Any:
        with tf.variable_scope(name):
            h = tf.layers.dense(tf.layers.dense(state, 64, tf.nn.relu), 64, tf.nn.relu)
            return tf.layers.dense(h, 2)

    q, later = values("q", x), values("goal", after)
    goal = tf.stop_gradient(reward + 0.99 * (1 - done) * tf.reduce_max(later, 1))
    chosen = tf.reduce_sum(q * tf.one_hot(action, 2), 1)
    loss = tf.reduce_mean(tf.where(tf.abs(goal - chosen) < 1, 0.5 * tf.square(goal - chosen), tf.abs(goal - chosen) - 0.5))
    act, train = tf.argmax(q, 1), tf.train.AdamOptimizer(1e-3).minimize(loss, var_list=tf.trainable_variables("q"))
    sess, count = session(tf), 32
    feed = {x: rand(count, 4), after: rand(count, 4) * 0.5, action: np.arange(count) % 2, reward: np.ones(count),
            done: np.arange(count) % 9 == 0}

    def step() -> Any:
        sess.run(act, {x: rand(1, 4)})
        return sess.run([loss, train], feed)

    return step


def policy(tf: Any, small: bool) -> Step:
    """An action drawn for one state, and the step that follows its reward (Williams, 1992)."""
    x, chosen, reward = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32, [None])
    logits = tf.layers.dense(tf.layers.dense(x, 32, tf.nn.relu), 2)
    draw = tf.multinomial(logits, 1, seed=6)
    loss = tf.reduce_mean(reward * tf.nn.sparse_softmax_cross_entropy_with_logits(labels=chosen, logits=logits))
    train, sess, state = tf.train.AdamOptimizer(1e-3).minimize(loss), session(tf), rand(1, 4)

    def step() -> Any:
        action = sess.run(draw, {x: state})[0]
        return sess.run([loss, train], {x: state, chosen: action, reward: [1.0]})

    return step


def _answers(tf: Any, small: bool) -> tuple[Any, Any, Any]:
    x = tf.placeholder(tf.float32, [None, 28, 28, 1])
    h = tf.layers.max_pooling2d(tf.layers.conv2d(x, 16, 5, padding="same", activation=tf.nn.relu), 2, 2)
    h = tf.layers.max_pooling2d(tf.layers.conv2d(h, 32, 5, padding="same", activation=tf.nn.relu), 2, 2)
    return x, tf.nn.softmax(tf.layers.dense(tf.layers.dense(tf.layers.flatten(h), 128, tf.nn.relu), 10)), session(tf)


def one_answer(tf: Any, small: bool) -> Step:
    """What a convolutional network says of one image."""
    x, y, sess = _answers(tf, small)
    image = rand(1, 28, 28, 1)
    return lambda: sess.run([y], {x: image})


def answers_to_threads(tf: Any, small: bool, threads: int = 4) -> Step:
    """A thousand runs of a network 784-512-10 for batches of 32, by threads."""
    x = tf.placeholder(tf.float32, [None, 784])
    y = tf.layers.dense(tf.layers.dense(x, 512, tf.nn.relu), 10)
    sess, batch, count = session(tf), rand(32, 784), (8 if small else 1000) // threads
    sess.run(y, {x: batch})

    def step() -> Any:
        last: list[Any] = []

        def work() -> None:
            for _ in range(count):
                found = sess.run(y, {x: batch})
            last.append(found)

        all_ = [threading.Thread(target=work) for _ in range(threads)]
        for thread in all_:
            thread.start()
        for thread in all_:
            thread.join()
        return last

    return step


CHOICES = (
    Workload("wide_deep", wide_and_deep, "sparse ids of 10,000, embeddings of 16, batch 256"),
    Workload("factors", factors, "6,000 users, 4,000 things, 32 factors, batch 512, Adam"),
    Workload("dqn", dqn, "4-64-64-2: an action, then a step on 32 of them"),
    Workload("policy", policy, "4-32-2: an action and a step, batch 1"),
    Workload("answer", one_answer, "convolutional network, one image"),
    Workload("threads", answers_to_threads, "1,000 runs of 784-512-10 on 32, from 4 threads", units=1000, unit="run"),
    Workload("threads1", lambda tf, small: answers_to_threads(tf, small, 1), "the same from one thread", units=1000, unit="run"),
)
