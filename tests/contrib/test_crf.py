"""tf.contrib.crf against all tag sequences, enumerated."""
import itertools

import numpy as np
import pytest

import graphflow as tf

crf = tf.contrib.crf


def enumerated(score, transitions, length):
    """{tags: score} of all sequences of one example."""
    tags = range(score.shape[1])
    return {chosen: sum(score[t, chosen[t]] for t in range(length)) + sum(transitions[a, b] for a, b in itertools.pairwise(chosen))
            for chosen in itertools.product(tags, repeat=length)}


@pytest.fixture
def data():
    draw = np.random.RandomState(0)
    return (draw.randn(4, 5, 3).astype(np.float32), draw.randn(3, 3).astype(np.float32), draw.randint(0, 3, [4, 5]).astype(np.int32),
            np.array([5, 3, 1, 0]))


def run(build, *values):
    """Fetches, with shapes known and unknown."""
    results = []
    for shapes in ([np.shape(v) for v in values], [(None,) * (np.ndim(v) - 1) + np.shape(v)[-1:] for v in values]):
        with tf.Graph().as_default():
            fed = [tf.placeholder(np.asarray(v).dtype, s) for v, s in zip(values, shapes)]
            fetches = build(*fed)
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                results.append(session.run(fetches, dict(zip(fed, values))))
    for a, b in zip(*results):
        np.testing.assert_array_equal(a, b)
    return results[0]


def test_scores_and_norms_are_those_of_all_sequences(data):
    inputs, transitions, tags, lengths = data
    score, norm, likelihood = run(lambda x, w, y, n: (crf.crf_sequence_score(x, y, n, w), crf.crf_log_norm(x, n, w),
                                                      crf.crf_log_likelihood(x, y, n, w)[0]), *data)
    for i, length in enumerate(lengths):
        every = enumerated(inputs[i], transitions, length)
        want = every[tuple(tags[i, :length].tolist())]
        whole = np.log(np.sum(np.exp(list(every.values()))))
        np.testing.assert_allclose([score[i], norm[i], likelihood[i]], [want, whole, want - whole], rtol=1e-4, atol=1e-5)


def test_the_best_sequence_is_found(data):
    inputs, transitions, _, lengths = data
    found, score = run(lambda x, w, n: crf.crf_decode(x, w, n), inputs, transitions, lengths)
    assert found.dtype == np.int32
    for i, length in enumerate(lengths):
        every = enumerated(inputs[i], transitions, length)
        best = max(every, key=every.get)
        assert tuple(found[i, :length]) == best and not found[i, length:].any()
        np.testing.assert_allclose(score[i], every[best], rtol=1e-5, atol=1e-6)
        if length:
            tags, value = crf.viterbi_decode(inputs[i, :length], transitions)
            assert tuple(tags) == best
            np.testing.assert_allclose(value, every[best], rtol=1e-5)


def test_sequences_of_one_step(data):
    inputs, transitions, tags, _ = data
    one = np.ones(4, np.int64)
    found, likelihood = run(lambda x, w, y, n: (crf.crf_decode(x, w, n)[0], crf.crf_log_likelihood(x, y, n, w)[0]), inputs[:, :1],
                            transitions, tags[:, :1], one)
    assert found[:, 0].tolist() == inputs[:, 0].argmax(1).tolist()
    wanted = inputs[:, 0] - np.log(np.exp(inputs[:, 0]).sum(1, keepdims=True))
    np.testing.assert_allclose(likelihood, wanted[np.arange(4), tags[:, 0]], rtol=1e-4, atol=1e-5)


def test_several_tags_may_be_allowed(data):
    inputs, transitions, _, lengths = data
    allowed = np.random.RandomState(1).rand(4, 5, 3) > 0.4
    allowed[..., 0] = True
    score, = run(lambda x, w, n, b: [crf.crf_multitag_sequence_score(x, b, n, w)], inputs, transitions, lengths, allowed)
    for i, length in enumerate(lengths):
        every = [v for tags, v in enumerated(inputs[i], transitions, length).items() if all(allowed[i, t, k] for t, k in enumerate(tags))]
        np.testing.assert_allclose(score[i], np.log(np.sum(np.exp(every))), rtol=1e-4, atol=1e-5)


def test_likelihood_has_its_own_transitions_and_gradients(data):
    inputs, _, tags, lengths = data
    with tf.Graph().as_default():
        tf.set_random_seed(1)
        x = tf.constant(inputs)
        likelihood, transitions = crf.crf_log_likelihood(x, tags, lengths)
        assert transitions.op.name == "transitions" and transitions.shape.as_list() == [3, 3]
        gradient, = tf.gradients(tf.reduce_sum(likelihood), x)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            found, w = session.run([gradient, transitions])
    # the gradient is the given tag less the tag's probability
    for i, length in enumerate(lengths):
        every = enumerated(inputs[i], w, length)
        values = np.exp(list(every.values())) / np.sum(np.exp(list(every.values())))
        for t in range(length):
            shares = [sum(p for chosen, p in zip(every, values) if chosen[t] == tag) for tag in range(3)]
            np.testing.assert_allclose(found[i, t], np.eye(3)[tags[i, t]] - shares, atol=1e-4)
        assert not found[i, length:].any()
