"""Programs of tf.distributions that are compared with TensorFlow: samples, densities, moments, divergences, gradients, nodes of samples."""
import numpy as np


def _families(tf):
    d = tf.distributions
    one, two = np.array([0.3, 1.5], np.float32), np.array([[0.7], [2.5], [4.0]], np.float32)
    return {
        "normal": (d.Normal(one, two), [-3.0, 0.4]), "laplace": (d.Laplace(one, two), [-3.0, 0.4]),
        "student": (d.StudentT(two, one, 2.0), [-3.0, 0.4]), "uniform": (d.Uniform(-one, two), [-3.0, 0.4]),
        "gamma": (d.Gamma(two, one), [0.2, 1.4]), "exponential": (d.Exponential(one), [0.2, 1.4]),
        "beta": (d.Beta(two, one), [0.2, 0.6]), "dirichlet": (d.Dirichlet([[0.5, 2.0, 3.0], [1.5, 2.5, 4.0]]), [0.2, 0.3, 0.5]),
        "bernoulli": (d.Bernoulli(probs=[0.2, 0.7]), [1, 0]), "bernoulli_logits": (d.Bernoulli([-1.0, 2.0], dtype=tf.float32), [1.0, 0.0]),
        "categorical": (d.Categorical(probs=[[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]]), [2, 0]),
        "categorical_logits": (d.Categorical([0.5, 2.0, -1.0], dtype=tf.int64), 1),
        "multinomial": (d.Multinomial([4.0, 3.0], [[0.5, 2.0, -1.0], [0.1, 0.2, 0.3]]), [[1.0, 2.0, 1.0], [0.0, 2.0, 1.0]]),
        "dirichlet_multinomial": (d.DirichletMultinomial(5.0, [[0.5, 2.0, 3.0], [1.0, 1.0, 1.0]]), [[1.0, 3.0, 1.0], [0.0, 4.0, 1.0]]),
    }


_SCALARS = ("normal", "laplace", "student", "uniform", "gamma", "exponential", "beta")
_TAILED = ("normal", "laplace", "exponential", "uniform")


def program_log_prob(tf):
    return [found for family, value in _families(tf).values() for found in (family.log_prob(value), family.prob(value))]


def program_moments(tf):
    found = []
    for name, (family, _) in _families(tf).items():
        if not name.startswith("categorical"):
            found += [family.mean(), family.variance(), family.stddev()]
        if name not in ("uniform", "dirichlet", "multinomial", "dirichlet_multinomial"):
            found += [family.mode()]
        if name not in ("multinomial", "dirichlet_multinomial"):
            found += [family.entropy()]
        if name in ("dirichlet", "multinomial", "dirichlet_multinomial"):
            found += [family.covariance()]
        found += [family.batch_shape_tensor(), family.event_shape_tensor()]
    return [*found, tf.distributions.Dirichlet([1.5, 2.5, 4.0]).mode()]


def program_probabilities(tf):
    families = _families(tf)
    found = [families[name][0].cdf(families[name][1]) for name in (*_TAILED, "categorical", "categorical_logits")]
    for name in ("normal", "laplace", "uniform"):
        family, value = families[name]
        found += [family.survival_function(value), family.log_cdf(value), family.log_survival_function(value)]
    d = tf.distributions
    found += [d.Beta([2.0, 0.7], [0.5, 3.0]).cdf([0.2, 0.6]), d.StudentT([3.0, 5.0], 0.5, 2.0).cdf([-1.0, 2.0]),
              d.Gamma([2.0, 0.7], [0.5, 3.0]).cdf([0.2, 0.6])]
    return [*found, families["normal"][0].quantile([0.01, 0.6])]


def program_far_tails(tf):
    x = np.array([-40.0, -15.0, -10.5, -9.5, -5.0, 0.0, 4.0, 5.5, 9.0, 30.0], np.float32)
    narrow, wide = tf.constant(x), tf.constant(x.astype(np.float64))
    one, two = tf.distributions.Normal(0.0, 1.0), tf.distributions.Normal(np.float64(0), np.float64(1))
    return [one.log_cdf(narrow), tf.gradients(one.log_cdf(narrow), narrow)[0], two.log_cdf(wide), tf.gradients(two.log_cdf(wide), wide)[0]]


def program_samples(tf):
    families = {name: family for name, (family, _) in _families(tf).items()}
    families["multinomial"] = tf.distributions.Multinomial(4.0, [[0.5, 2.0, -1.0]])     # of several rows TensorFlow's threads race
    return [family.sample(shape, seed=7) for family in families.values() for shape in ((), 3, [2, 3])]


def program_normal_nodes(tf):
    tf.set_random_seed(3)
    family = tf.distributions.Normal([0.0, 1.0], 2.0)
    return [family.sample(), family.sample(4)]


def program_categorical_nodes(tf):
    tf.set_random_seed(3)
    family = tf.distributions.Categorical(logits=tf.placeholder_with_default(np.float32([[0.1, 0.9], [2.0, 0.3]]), [2, 2]))
    return [family.sample(), family.sample([5])]


def program_bernoulli_nodes(tf):
    tf.set_random_seed(3)
    family = tf.distributions.Bernoulli(probs=[0.4, 0.6])
    return [family.sample(), family.sample(6)]


def program_uniform_nodes(tf):
    tf.set_random_seed(3)
    return [tf.distributions.Uniform(-1.0, 3.0).sample(4)]


def program_gradients_through_samples(tf):
    a, b = tf.constant([0.7, 1.9]), tf.constant([1.3, 0.6])
    d = tf.distributions
    found = []
    for family in (d.Normal(a, b), d.Laplace(a, b), d.Uniform(-a, b), d.Gamma(a, b), d.Beta(a, b), d.StudentT(a, a, b)):
        found += tf.gradients(family.sample(3, seed=5), [a, b]) + tf.gradients(family.log_prob(0.4), [a, b])
    logits = tf.constant([0.3, 1.2, -0.4])
    for family in (d.Categorical(logits), d.Bernoulli(logits)):
        found += tf.gradients(family.log_prob([1, 0, 1]), logits) + tf.gradients(family.entropy(), logits)
    return found


def program_divergences(tf):
    d = tf.distributions
    pairs = ((d.Normal([0.0, 1.0], 2.0), d.Normal(1.0, [0.5, 3.0])), (d.Bernoulli([0.3, -1.0]), d.Bernoulli([2.0, 1.0])),
             (d.Categorical([0.3, 1.2, -0.4]), d.Categorical([0.1, 0.2, 0.3])), (d.Gamma([2.0, 3.0], 0.5), d.Gamma(1.5, [0.4, 2.0])),
             (d.Beta([2.0, 3.0], 0.5), d.Beta(1.5, [0.4, 2.0])), (d.Dirichlet([2.0, 3.0]), d.Dirichlet([1.0, 4.0])))
    found = [d.kl_divergence(a, b) for a, b in pairs]
    return [*found, pairs[0][0].cross_entropy(pairs[0][1]), pairs[0][0].kl_divergence(pairs[0][1], name="apart")]


def program_unknown_shapes(tf):
    loc = tf.placeholder_with_default(np.float32([[0.5, 1.0]]), None)
    rows = tf.placeholder_with_default(np.float32([[0.5, 1.0], [0.2, 0.1]]), None)
    size = tf.placeholder_with_default([2, 3], [2])
    d = tf.distributions
    normal, choice = d.Normal(loc, 2.0), d.Categorical(rows)
    return [normal.sample(size, seed=1), normal.log_prob(0.3), normal.batch_shape_tensor(), choice.sample(size, seed=1),
            choice.log_prob([1, 0]), choice.mode(), choice.batch_shape_tensor(), normal.is_scalar_batch(), normal.is_scalar_event()]


def program_a_family_of_ones_own(tf):
    class Doubled(tf.distributions.Distribution):
        def __init__(self, scale, name="Doubled"):
            with tf.name_scope(name) as name:
                self._scale = tf.convert_to_tensor(scale, name="scale")
            super().__init__(tf.float32, tf.distributions.NOT_REPARAMETERIZED, False, True, {"scale": scale}, [self._scale], name)

        def _batch_shape(self):
            return self._scale.shape

        def _event_shape(self):
            return tf.TensorShape([])

        def _prob(self, x):
            return x * self._scale

        def _cdf(self, x):
            return x * x * self._scale

        def _variance(self):
            return self._scale * self._scale

        def _sample_n(self, n, seed=None):
            return tf.ones([n, 2]) * self._scale

    family = Doubled([2.0, 3.0]).copy()
    return [family.log_prob(0.5), family.log_cdf(0.2), family.survival_function(0.2), family.log_survival_function(0.2), family.stddev(),
            family.sample([2, 2])]
