"""Programs of random ops, built in graphflow and in TensorFlow by tests/oracle/programs.py. `tf` is either."""

from __future__ import annotations

import random

import numpy as np


def program_uniform(tf):
    tf.set_random_seed(11)
    return [tf.random_uniform([2, 3]), tf.random_uniform((4,), -1, 1.0, name="wide"), tf.random.uniform([], 2.0, 5.0, tf.float64, seed=3),
            tf.random_uniform([2], maxval=4), tf.random_uniform([2], 0.0, 4.0, seed=1), tf.random_uniform([2], 0, 1.0),
            tf.random_uniform([5], maxval=7, dtype=tf.int32), tf.random_uniform([5], -(2**40), 2**40, tf.int64, seed=1),
            tf.random_uniform([3], tf.constant(1.0), tf.constant([1.5, 2.0, 3.0])), tf.random_uniform(tf.TensorShape([2, 2]), seed=5),
            tf.random_uniform(tf.constant([2, 1])), tf.random_uniform([3], dtype=tf.float16)]


def program_uniform_of_a_dynamic_shape(tf):
    tf.set_random_seed(11)
    rows = tf.shape(tf.ones([4, 2]))[0]
    return [tf.random_uniform([rows, 3]), tf.random_normal(tf.stack([rows, 2]))]


def program_normal(tf):
    tf.set_random_seed(12)
    return [tf.random_normal([2, 3]), tf.random_normal([4], 1, 2, tf.float64, 5, "z"), tf.random.normal([3], tf.constant([1.0, 2.0, 3.0])),
            tf.truncated_normal([2, 3], stddev=0.1), tf.random.truncated_normal([300], dtype=tf.float64), tf.random_normal(()),
            tf.random_normal([7], dtype=tf.float16)]


def program_one_graph_seed_many_scopes(tf):
    tf.set_random_seed(-3)
    with tf.name_scope("a"):
        first = tf.random_normal([2])
    with tf.name_scope("a"):
        return [first, tf.random_normal([2]), tf.random_uniform([2], seed=0), tf.random_uniform([2], seed=2**31)]


def program_op_seeds_alone(tf):
    return [tf.random_normal([4], seed=1), tf.random_normal([4], seed=1), tf.random_normal([4], seed=0)]


def program_zero_seeds(tf):
    tf.set_random_seed(0)
    return [tf.random_normal([4], seed=0), tf.random_uniform([4], seed=0)]


def program_shuffle_and_choices(tf):
    tf.set_random_seed(13)
    return [tf.random_shuffle(tf.range(10)), tf.random.shuffle([[1, 2], [3, 4], [5, 6]], seed=3), tf.random_shuffle([1]),
            tf.multinomial(tf.log([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]]), 6), tf.random.categorical([[1.0, 2.0]], 5, dtype=tf.int32, seed=4)]


def program_gamma(tf):
    tf.set_random_seed(14)
    return [tf.random_gamma([3], [0.5, 1.5]), tf.random_gamma([3], [[0.5], [1.5]], [2.0, 4.0], seed=3, name="g"),
            tf.random.gamma([2, 2], 1.0, dtype=tf.float64), tf.random_gamma([], 30.0)]


def program_gamma_gradients(tf):
    tf.set_random_seed(14)
    alpha = tf.constant([0.1, 0.9, 1.0, 3.0, 40.0], tf.float64)
    samples = tf.random_gamma([50], alpha, [[2.0]], dtype=tf.float64)
    stateless = tf.random.stateless_gamma([50, 5], [3, 4], alpha, dtype=tf.float64)
    return [*tf.gradients(samples, alpha), *tf.gradients(tf.square(stateless), alpha, name="g")]


def program_poisson(tf):
    tf.set_random_seed(15)
    return [tf.random_poisson(2.0, [3]), tf.random.poisson([1.0, 50.0], [3, 2], seed=2),
            tf.random_poisson(np.array([2.0, 3.0]), [4], tf.int64)]


def program_crop(tf):
    tf.set_random_seed(16)
    image = tf.reshape(tf.range(5 * 6 * 3), [5, 6, 3])
    return [tf.random_crop(image, [2, 2, 3]), tf.image.random_crop(image, tf.constant([3, 1, 1]), seed=7)]


def program_stateless(tf):
    return [tf.random.stateless_uniform([3], [1, 2]), tf.random.stateless_uniform([3], [1, 2], 0, 10, tf.int32, name="u"),
            tf.random.stateless_uniform([3], [1, 2], None, None, tf.int64),
            tf.random.stateless_normal([2, 2], tf.constant([5, 6], tf.int64)),
            tf.random.stateless_truncated_normal([3], [-1, 2], 1.0, 0.5), tf.random.stateless_categorical([[1.0, 2.0]], 5, [1, 2]),
            tf.random.stateless_multinomial([[1.0, 2.0]], 5, [1, 2], tf.int32), tf.random.stateless_gamma([3], [1, 2], 2.0),
            tf.random.stateless_gamma([3, 2], [1, 2], [2.0, 1.0], 3.0), tf.random.stateless_poisson([3], [1, 2], 2.0)]


TRIALS = (([100.0, 5.0, 1000.0], [0.3, 0.7, 0.5]), (40.0, [0.5, 0.9, 0.2]), ([0.0, 3.0, 7.0], [1.0, 0.0, 0.5]))
BOUNDS = ((0.5, 2.0, -1.0, 3.0), (0.0, 1.0, -3.0, 1.0), (0.0, 1.0, 0.2, 0.6), (0.0, 1.0, 1.0, 6.0), (0.0, 1.0, -6.0, -1.0),
          (0.0, 1.0, -np.inf, -2.0), ([0.0, 1.0, 2.0], 1.0, [-1.0, -2.0, 2.2], 9.0))


def program_more_stateless(tf):
    seed = tf.constant([5, 6], tf.int64)
    fetches = [tf.random.stateless_binomial([5], [1, 2], 10.0, 0.5), tf.random.split([1, 2], 3), tf.random.fold_in(seed, 9)]
    for dtype in (tf.float16, tf.float32, tf.float64):
        for counts, probs in TRIALS:
            fetches.append(tf.random.stateless_binomial([20, 3], [3, 4], tf.constant(counts, dtype), tf.constant(probs, dtype), dtype))
        for values in BOUNDS:
            parameters = [tf.constant(value, dtype) for value in values]
            shape = [20, 3] if isinstance(values[0], list) else [50]
            fetches.append(tf.random.stateless_parameterized_truncated_normal(shape, [3, 4], *parameters))
    return fetches


def program_candidates(tf):
    tf.set_random_seed(17)
    classes = tf.constant([[1, 2], [3, 9]], tf.int64)
    return [*tf.nn.uniform_candidate_sampler(classes, 2, 3, True, 10),
            *tf.nn.log_uniform_candidate_sampler(classes, 2, 4, True, 1000, name="log"),
            *tf.nn.learned_unigram_candidate_sampler(classes, 2, 3, False, 10, seed=4),
            *tf.nn.fixed_unigram_candidate_sampler(classes, 2, 3, True, 10, unigrams=[1.0, 2.0, 3.0, 4.0] * 2, num_reserved_ids=2, seed=4),
            *tf.nn.all_candidate_sampler(classes, 2, 10, True)]


def program_initializers(tf):
    tf.set_random_seed(18)
    shape, variables = [3, 4], []
    for i, initializer in enumerate([
            None, tf.zeros_initializer(), tf.ones_initializer, tf.constant_initializer(3.0), tf.constant_initializer([1.0, 2.0]),
            tf.random_uniform_initializer(-0.1, 0.1), tf.random_normal_initializer(stddev=0.1, seed=3),
            tf.truncated_normal_initializer(stddev=0.02),
            tf.uniform_unit_scaling_initializer(1.5), tf.variance_scaling_initializer(), tf.glorot_uniform_initializer(),
            tf.glorot_normal_initializer(seed=4), tf.initializers.he_normal(), tf.initializers.he_uniform(), tf.initializers.lecun_normal(),
            tf.initializers.lecun_uniform(5), tf.variance_scaling_initializer(2.0, "fan_out", "untruncated_normal"),
            tf.variance_scaling_initializer(2.0, "fan_avg", "uniform")]):
        variables.append(tf.get_variable(f"v{i}", shape, initializer=initializer))
    kernel = tf.get_variable("kernel", [3, 3, 2, 5], initializer=tf.initializers.glorot_uniform(), dtype=tf.float64)
    counter = tf.get_variable("counter", [], tf.int32)
    flag = tf.get_variable("flag", [2], tf.bool, tf.zeros_initializer(tf.bool))
    return [*variables, kernel, counter, flag]


def program_orthogonal_and_identity(tf):
    tf.set_random_seed(19)
    return [tf.get_variable("wide", [2, 5], initializer=tf.orthogonal_initializer()),
            tf.get_variable("tall", [3, 3, 4], initializer=tf.initializers.orthogonal(2.0, seed=3), dtype=tf.float64),
            tf.get_variable("eye", [3, 4], initializer=tf.initializers.identity(3.0))]


def program_variables_of_random_tensors(tf):
    tf.set_random_seed(20)
    with tf.variable_scope("layer"):
        w = tf.get_variable("w", [4, 3])
        b = tf.Variable(tf.random_normal([3]), name="b")
    return [w, b, tf.matmul(tf.random_uniform([2, 4]), w) + b]


def program_partitioned_initializers(tf):
    tf.set_random_seed(21)
    parts = tf.fixed_size_partitioner(2)
    with tf.variable_scope("p", partitioner=parts):
        one = tf.get_variable("one", [5, 3])
        two = tf.get_variable("two", [6, 2], initializer=tf.uniform_unit_scaling_initializer(seed=3))
    return [*list(one), *list(two), tf.convert_to_tensor(one)]


def _statement(tf, choose, number):
    """One random statement of a program; returns what it makes that can be fetched."""
    kind = choose.randrange(12)
    seed = choose.choice([None, None, 0, 1, 7, 2**31 - 1, 2**31 + 5, -4])
    shape = choose.choice([[], [1], [3], [2, 5], [0, 2]])
    dtype = choose.choice([tf.float32, tf.float64])
    if kind == 0:
        tf.set_random_seed(choose.choice([0, 3, -1, 2**31 - 1, 12345678901]))
        return []
    if kind == 1:
        tf.no_op()
        return [tf.constant(float(number))]
    if kind == 2:
        return [tf.random_normal(shape, choose.uniform(-2, 2), choose.uniform(0.1, 3), dtype, seed)]
    if kind == 3:
        return [tf.random_uniform(shape, choose.choice([0, -1, 0.0]), choose.choice([None, 1, 2.5]), dtype, seed)]
    if kind == 4:
        return [tf.truncated_normal(shape, stddev=0.3, dtype=dtype, seed=seed)]
    if kind == 5:
        return [tf.random_uniform(shape, -3, 30, choose.choice([tf.int32, tf.int64]), seed)]
    if kind == 6:
        return [tf.random_shuffle(tf.range(choose.randrange(1, 9)), seed)]
    if kind == 7:
        return [tf.random.categorical([[0.5, 0.1, 0.9]] * choose.randrange(1, 3), choose.randrange(1, 6), seed=seed)]
    if kind == 8:
        return [tf.get_variable(f"v{number}", [3, choose.randrange(1, 4)], dtype)]
    if kind == 9:
        initializer = choose.choice([tf.truncated_normal_initializer(stddev=0.1, seed=seed), tf.random_uniform_initializer(-1, 1, seed),
                                     tf.glorot_normal_initializer(seed), tf.variance_scaling_initializer(seed=seed)])
        with tf.variable_scope(choose.choice(["a", "b/c"])):
            return [tf.get_variable(f"v{number}", [4, 2], initializer=initializer)]
    if kind == 10:
        return [tf.Variable(tf.random_normal([2], seed=seed), name=choose.choice(["w", "bias"]))]
    with tf.name_scope(choose.choice(["scope", "s"])):
        return [tf.random_poisson([0.5, 12.0], [2], seed=seed), tf.random_gamma([2], 1.5, seed=seed)]


def _mixed(number):
    def program(tf):
        choose = random.Random(number)
        tf.set_random_seed(number)
        return [value for i in range(choose.randrange(3, 12)) for value in _statement(tf, choose, i)] + [tf.constant(0)]
    return program


globals().update({f"program_mixed_{number:02}": _mixed(number) for number in range(40)})
