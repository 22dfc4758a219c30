"""tf.distributions and tf.contrib.distributions: stored answers of TensorFlow 2.21 and 1.15; errors; what needs no TensorFlow."""
import warnings

import numpy as np
import pytest

import graphflow as tf
from tests.contrib import contrib_distribution_programs, distribution_programs, golden

CORE = golden.read("distribution_programs")
CONTRIB = golden.read("contrib_distribution_programs")


@pytest.fixture(autouse=True)
def graph_of_its_own():
    with tf.Graph().as_default():
        yield


@pytest.mark.parametrize("name", sorted(name for name in vars(distribution_programs) if name.startswith("program_")))
def test_values_are_tensorflows(name):
    golden.check("distribution_programs", name, CORE[name], nodes=name.endswith("_nodes"))


@pytest.mark.parametrize("name", sorted(name for name in vars(contrib_distribution_programs) if name.startswith("program_")))
def test_values_are_those_of_tensorflow_1(name):
    golden.check("contrib_distribution_programs", name, CONTRIB[name], nodes=False)


def run(fetches):
    with tf.Session() as session:
        return session.run(fetches)


def test_samples_have_the_moments_of_the_family():
    d = tf.distributions
    for family in (d.Normal(1.0, 2.0), d.Laplace(1.0, 2.0), d.Gamma(3.0, 2.0), d.Beta(2.0, 3.0), d.Exponential(0.5), d.Uniform(-1.0, 3.0),
                   d.StudentT(8.0, 1.0, 0.5), d.Bernoulli(probs=0.3, dtype=tf.float32), tf.contrib.distributions.Poisson(2.5)):
        drawn, mean, stddev = run([family.sample(20000, seed=2), family.mean(), family.stddev()])
        np.testing.assert_allclose([drawn.mean(), drawn.std()], [mean, stddev], rtol=0.05)


def test_multinomial_counts_sum_to_the_total_of_each_row():
    family = tf.distributions.Multinomial([4.0, 9.0], [[0.5, 2.0, -1.0], [0.1, 0.2, 0.3]])
    drawn = run(family.sample([5, 2], seed=3))
    assert drawn.shape == (5, 2, 2, 3)
    np.testing.assert_array_equal(drawn.sum(-1), np.broadcast_to([4.0, 9.0], (5, 2, 2)))


@pytest.mark.parametrize("make", [
    lambda d: d.Bernoulli(), lambda d: d.Categorical(logits=[1.0], probs=[1.0]), lambda d: d.Bernoulli(probs=[0.5], logits=[0.5])])
def test_one_of_logits_and_probs_is_given(make):
    with pytest.raises(ValueError, match="Must pass probs or logits, but not both"):
        make(tf.distributions)


def test_whole_numbers_are_no_parameters_of_a_density():
    with pytest.raises(ValueError, match="[Ff]loat"):
        tf.distributions.Normal(0, 1)
    with pytest.raises(TypeError, match="logits must having floating type, not int32"):
        tf.distributions.Categorical([1, 2])


def test_validated_arguments_fail_in_runs():
    d = tf.distributions
    for fetch in (d.Normal(0.0, tf.placeholder_with_default(-1.0, []), validate_args=True).sample(),
                  d.Uniform(tf.placeholder_with_default(2.0, []), 1.0, validate_args=True).mean(),
                  d.Categorical(probs=tf.placeholder_with_default([0.5, 0.9], [2]), validate_args=True).sample(),
                  d.Bernoulli(0.5, validate_args=True).log_prob(tf.placeholder_with_default(2, [])),
                  d.StudentT(tf.placeholder_with_default(0.5, []), 0.0, 1.0, allow_nan_stats=False).mean()):
        with pytest.raises(tf.errors.InvalidArgumentError):
            run(fetch)


def test_a_copy_has_other_parameters_and_the_same_rest():
    family = tf.distributions.Normal(1.0, 2.0, name="mine")
    other = family.copy(loc=3.0)
    assert (other.parameters["loc"], other.parameters["scale"], other.parameters["name"]) == (3.0, 2.0, "mine")
    assert run(other.mean()) == 3.0


def test_shapes_of_parameters_are_told():
    shapes = tf.distributions.Normal.param_static_shapes([5, 2])
    assert {name: shape.as_list() for name, shape in shapes.items()} == {"loc": [5, 2], "scale": [5, 2]}


def test_a_divergence_without_a_formula_is_refused_and_can_be_registered():
    d = tf.distributions

    class Mine(d.Normal):
        pass

    with pytest.raises(NotImplementedError, match="No KL.*Uniform and Normal.*RegisterKL"):
        d.kl_divergence(d.Uniform(0.0, 1.0), d.Normal(0.0, 1.0))
    assert run(d.kl_divergence(Mine(0.0, 1.0), d.Normal(0.0, 1.0))) == 0

    @d.RegisterKL(Mine, d.Normal)
    def _nine(a, b, name=None):
        return tf.constant(9.0)

    assert run(d.kl_divergence(Mine(0.0, 1.0), d.Normal(0.0, 1.0))) == 9
    with pytest.raises(ValueError, match="already been registered"):
        d.RegisterKL(Mine, d.Normal)(_nine)


def test_a_policy_gradient_moves_towards_the_reward():
    tf.set_random_seed(1)
    logits = tf.Variable([0.0, 0.0, 0.0])
    action = tf.distributions.Categorical(logits=logits).sample()
    reward = tf.cast(tf.equal(action, 2), tf.float32)
    loss = -tf.distributions.Categorical(logits=logits).log_prob(tf.stop_gradient(action)) * reward
    step = tf.train.AdamOptimizer(0.1).minimize(loss)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(100):
            session.run(step)
        assert session.run(tf.nn.softmax(logits))[2] > 0.9


def test_contrib_shows_the_core_families():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tf.contrib.distributions.Normal is tf.distributions.Normal
        assert tf.contrib.distributions.kl_divergence is tf.distributions.kl_divergence
    with pytest.raises(ValueError, match="Must provide loc or scale_diag"):
        tf.contrib.distributions.MultivariateNormalDiag()
