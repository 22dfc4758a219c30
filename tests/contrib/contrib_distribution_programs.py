"""Programs of tf.contrib.distributions that are compared with TensorFlow 1.15: samples, densities, moments, divergences."""
import numpy as np


def prepare(tf):
    from tensorflow import contrib
    tf.contrib = contrib


def program_normal_vectors(tf):
    d = tf.contrib.distributions
    loc, matrix = [[0.5, 1.0], [2.0, 3.0]], [[1.0, 9.0], [0.5, 2.0]]
    families = [d.MultivariateNormalDiag(loc, [0.5, 2.0]), d.MultivariateNormalDiag(loc), d.MultivariateNormalDiag(loc, None, [0.5, 3.0]),
                d.MultivariateNormalDiag(None, [0.5, 2.0]), d.MultivariateNormalDiagWithSoftplusScale(loc, [0.5, 2.0]),
                d.MultivariateNormalTriL(loc, matrix)]
    found = [d.kl_divergence(families[0], families[4]), d.kl_divergence(families[0], families[5])]
    for family in families:
        found += [family.sample(3, seed=5), family.log_prob([0.3, 0.9]), family.prob([0.3, 0.9]), family.mean(), family.entropy(),
                  family.covariance(), family.variance(), family.stddev(), family.mode()]
    return found


def program_counts(tf):
    d = tf.contrib.distributions
    family = d.Poisson([0.5, 4.0])
    logs = d.Poisson(log_rate=[0.5, 1.4])
    fixed = d.Deterministic([1.0, 2.0], rtol=0.1)
    return [family.sample(6, seed=3), family.log_prob(2.0), family.cdf(2.0), family.mean(), family.variance(), family.mode(),
            logs.log_prob([2.0, 0.0]), logs.cdf([2.0, 1.5]), fixed.sample(2), fixed.prob([1.05, 2.5]), fixed.cdf([0.5, 2.5]),
            fixed.mean(), fixed.variance()]


def program_one_hot(tf):
    d = tf.contrib.distributions
    logits = np.float32([[0.5, 2.0, 1.0], [0.1, 0.3, 0.2]])
    family = d.OneHotCategorical(logits)
    return [family.sample(4, seed=3), family.log_prob([0, 1, 0]), family.prob([1, 0, 0]), family.entropy(), family.mode(),
            d.kl_divergence(family, d.OneHotCategorical(probs=[0.2, 0.5, 0.3]))]


def program_relaxed(tf):
    d = tf.contrib.distributions
    logits = tf.constant([[0.5, 2.0, 1.0], [0.1, 0.3, 0.2]])
    family, logarithms = d.RelaxedOneHotCategorical(0.7, logits), d.ExpRelaxedOneHotCategorical(0.7, logits)
    drawn = family.sample(seed=3)
    return [drawn, tf.gradients(drawn[:, 0], logits)[0], family.log_prob([0.2, 0.3, 0.5]), logarithms.sample(2, seed=3),
            logarithms.log_prob(tf.log([0.2, 0.3, 0.5]))]


def program_other_parameters(tf):
    d = tf.contrib.distributions
    return [d.NormalWithSoftplusScale(0.5, [0.2, 3.0]).sample(2, seed=1), d.LaplaceWithSoftplusScale(0.5, [0.2, 3.0]).log_prob(1.0)]
