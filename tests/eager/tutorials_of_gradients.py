"""Programs of the kinds that guides to TensorFlow 2 are made of: gradients by tapes, and models and loops written by hand.

Each returns what both implementations must agree on.
"""
from __future__ import annotations

import numpy as np


def noise(*shape, seed=0):
    return np.random.RandomState(seed).randn(*shape).astype(np.float32)


def descend(tf, loss_of, variables, rate, steps):
    """The losses of plain gradient descent."""
    losses = []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            loss = loss_of()
        for v, g in zip(variables, tape.gradient(loss, variables), strict=True):
            v.assign_sub(rate * g)
        losses.append(loss)
    return losses


# ---- tape ----------------------------------------------------------------------------------------------------------------
def tape_of_a_polynomial(tf):
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x**3 - 2 * x
        z = y * y
    return [tape.gradient(y, x), tape.gradient(z, x), tape.gradient(z, y), [v.name for v in tape.watched_variables()]]


def tape_of_a_layer(tf):
    w, b = tf.Variable(noise(3, 2), name="w"), tf.Variable(tf.zeros(2), name="b")
    x = tf.constant([[1.0, 2.0, 3.0]])
    with tf.GradientTape(persistent=True) as tape:
        loss = tf.reduce_mean((x @ w + b) ** 2)
    named = tape.gradient(loss, {"w": w, "b": b})
    return [named["w"], named["b"], tape.gradient(loss, [w, b])[1]]


def tape_controls_what_it_watches(tf):
    a, b = tf.Variable(2.0), tf.Variable(3.0, trainable=False)
    c, d = tf.constant(4.0), a + 1.0
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(c)
        y = a * b * c
    with tf.GradientTape(persistent=True) as other:
        z = a * b * c * d
        with other.stop_recording():
            stopped = a * a
        w = stopped * a
    return [tape.gradient(y, [a, b, c]), other.gradient(z, [a, b, c, d]), other.gradient(w, a), other.gradient(stopped, a)]


def tape_without_a_path(tf):
    x, y = tf.Variable([1.0, 2.0]), tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        z = y * y
    return [tape.gradient(z, x), tape.gradient(z, x, unconnected_gradients=tf.UnconnectedGradients.ZERO),
            tape.gradient(z, {"x": x, "y": y}, unconnected_gradients="zero")["x"]]


def tape_through_python(tf):
    def chain(x):
        y = x
        for i in range(4):
            y = y * 2.0 if i % 2 else tf.sin(y)
        return y if x > 0 else -y
    found = []
    for value in (0.5, -0.5):
        x = tf.constant(value)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = chain(x)
        found += [y, tape.gradient(y, x)]
    return found


def tape_of_several_targets(tf):
    x = tf.Variable([2.0, 3.0])
    with tf.GradientTape(persistent=True) as tape:
        a, b = x**2, 1 / x
    return [tape.gradient([a, b], x), tape.gradient({"a": a, "b": b}, x), tape.gradient(a, x, output_gradients=tf.constant([10.0, -1.0]))]


def tape_of_second_order(tf):
    x = tf.Variable(1.5)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.exp(x) * x**2
        first = inner.gradient(y, x)
    return [first, outer.gradient(first, x)]


def jacobian_of_a_layer(tf):
    x = tf.constant(noise(4, 3))
    w = tf.Variable(noise(3, 2, seed=1))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.nn.softmax(x @ w)
    return [tape.jacobian(y, w), tape.batch_jacobian(y, x), tape.jacobian(tf.constant(1.0) * y, x) is None]


def hessian_and_a_step_of_newton(tf):
    x = tf.Variable([1.0, -1.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x[0] ** 4 + 3 * x[0] * x[1] + 2 * x[1] ** 2
        slope = inner.gradient(y, x)
    hessian = outer.jacobian(slope, x)
    x.assign_sub(tf.linalg.solve(hessian, slope[:, tf.newaxis])[:, 0])
    return [hessian, x]


def gradients_clipped_on_the_way(tf):
    @tf.custom_gradient
    def clipped(y):
        return tf.identity(y), lambda dy: tf.clip_by_norm(dy, 0.5)
    v = tf.Variable([2.0, 1.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(clipped(v * v) * 5.0)
    return tape.gradient(y, v)


def stable_log1pexp(tf):
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)
        return tf.math.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))
    x = tf.constant([-1.0, 0.0, 50.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = log1pexp(x)
    return [y, tape.gradient(y, x)]


def penalty_on_input_gradients(tf):
    x, w = tf.constant(noise(5, 3)), tf.Variable(noise(3, 1, seed=2))
    with tf.GradientTape() as outer:
        with tf.GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(x)
            y = tf.tanh(x @ w)
        slope = inner.gradient(y, x)
        penalty = tf.reduce_mean(tf.reduce_sum(slope**2, axis=1))
    return [penalty, outer.gradient(penalty, w)]


def rows_of_an_embedding(tf):
    table = tf.Variable(noise(5, 2))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.nn.embedding_lookup(table, [1, 3, 1]) ** 2)
    g = tape.gradient(y, table)
    table.assign_sub(0.1 * tf.convert_to_tensor(g))
    return [type(g).__name__, g.values, g.indices, table]


# ---- training ------------------------------------------------------------------------------------------------------------
def line_fitted(tf):
    x = noise(100)
    y, w, b = 3 * x + 2 + 0.1 * noise(100, seed=1), tf.Variable(5.0), tf.Variable(0.0)
    return [descend(tf, lambda: tf.reduce_mean(tf.square(w * x + b - y)), [w, b], 0.1, 10), w, b]


def logistic_regression(tf):
    x = noise(60, 2)
    y = (x.sum(1) > 0).astype(np.float32)
    w, b = tf.Variable(tf.zeros((2, 1))), tf.Variable(0.0)

    def loss():
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=tf.squeeze(x @ w, 1) + b))
    losses = descend(tf, loss, [w, b], 0.5, 8)
    right = tf.equal(tf.sigmoid(tf.squeeze(x @ w, 1) + b) > 0.5, y > 0.5)
    return [losses, w, tf.reduce_mean(tf.cast(right, tf.float32))]


def network_from_modules(tf):
    class Dense(tf.Module):
        def __init__(self, size, seed):
            super().__init__()
            self.size, self.seed, self.w = size, seed, None

        def __call__(self, x):
            if self.w is None:
                self.w = tf.Variable(noise(x.shape[-1], self.size, seed=self.seed), name="w")
                self.b = tf.Variable(tf.zeros(self.size), name="b")
            return x @ self.w + self.b

    class Net(tf.Module):
        def __init__(self):
            super().__init__()
            self.hidden, self.out = Dense(8, 1), Dense(1, 2)

        @tf.function
        def __call__(self, x):
            return self.out(tf.nn.relu(self.hidden(x)))
    x = noise(32, 2)
    y, net = (x[:, :1] * x[:, 1:]).astype(np.float32), Net()
    net(x)
    losses = descend(tf, lambda: tf.reduce_mean((net(x) - y) ** 2), net.trainable_variables, 0.02, 6)
    return [losses, [list(v.shape) for v in net.variables], [v.name for v in net.variables]]


def adam_by_hand(tf):
    x = tf.Variable([1.0, -2.0])
    m, v = tf.Variable(tf.zeros(2)), tf.Variable(tf.zeros(2))
    for t in range(1, 6):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(x**4)
        g = tape.gradient(y, x)
        m.assign(0.9 * m + 0.1 * g)
        v.assign(0.999 * v + 0.001 * g * g)
        x.assign_sub(0.1 * (m / (1 - 0.9**t)) / (tf.sqrt(v / (1 - 0.999**t)) + 1e-7))
    return [x, m, v]


def with_optimizer(name, **options):
    """A program of some steps of an optimizer."""
    def run(tf):
        x, y = tf.Variable([1.0, -2.0]), tf.Variable(3.0)
        optimizer = getattr(tf.keras.optimizers, name)(**options)
        for _ in range(4):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(x**2) * y**2
            optimizer.apply_gradients(zip(tape.gradient(loss, [x, y]), [x, y], strict=True))
        return [x, y, int(optimizer.iterations)]
    run.__name__ = f"optimizer_{name}"
    return run


def regularized_training_in_a_function(tf):
    x, w = noise(20, 4), tf.Variable(noise(4, 1, seed=3))
    y = x[:, :1]

    @tf.function
    def step(rate):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((x @ w - y) ** 2) + 0.01 * tf.nn.l2_loss(w)
        w.assign_sub(rate * tape.gradient(loss, w))
        return loss
    return [[step(tf.constant(0.1)) for _ in range(5)], w, step.experimental_get_tracing_count()]


def adversaries(tf):
    real = noise(32, 1) * 0.5 + 2.0
    g, d = [tf.Variable([[0.5]]), tf.Variable([0.0])], [tf.Variable([[0.1]]), tf.Variable([0.0])]
    bce, found = tf.nn.sigmoid_cross_entropy_with_logits, []

    @tf.function
    def step(z):
        with tf.GradientTape() as of_g, tf.GradientTape() as of_d:
            fake = z @ g[0] + g[1]
            says, fooled = real @ d[0] + d[1], fake @ d[0] + d[1]
            loss_d = tf.reduce_mean(bce(tf.ones_like(says), says)) + tf.reduce_mean(bce(tf.zeros_like(fooled), fooled))
            loss_g = tf.reduce_mean(bce(tf.ones_like(fooled), fooled))
        for variables, slopes in ((g, of_g.gradient(loss_g, g)), (d, of_d.gradient(loss_d, d))):
            for v, s in zip(variables, slopes, strict=True):
                v.assign_sub(0.2 * s)
        return loss_g, loss_d
    for i in range(5):
        found.append(step(tf.constant(noise(32, 1, seed=i))))
    return [found, g, d]


def recurrent_cell_by_hand(tf):
    w, u = tf.Variable(0.3 * noise(2, 4)), tf.Variable(0.3 * noise(4, 4, seed=1))
    out, x = tf.Variable(noise(4, 1, seed=2)), noise(3, 6, 2)

    @tf.function
    def last(x):
        h = tf.zeros((3, 4))
        for t in tf.range(tf.shape(x)[1]):
            h = tf.tanh(x[:, t] @ w + h @ u)
        return h @ out
    return [descend(tf, lambda: tf.reduce_mean((last(x) - 1.0) ** 2), [w, u, out], 0.1, 3), u]


def sequence_to_sequence_with_attention(tf):
    keys, values, query = tf.constant(noise(2, 5, 3)), tf.constant(noise(2, 5, 4, seed=1)), tf.Variable(noise(2, 3, seed=2))
    mask = tf.sequence_mask([3, 5], 5)
    with tf.GradientTape() as tape:
        scores = tf.einsum("bkd,bd->bk", keys, query) / 3.0**0.5
        weights = tf.nn.softmax(tf.where(mask, scores, -1e9 * tf.ones_like(scores)))
        context = tf.reduce_sum(weights[:, :, tf.newaxis] * values, axis=1)
        loss = tf.reduce_sum(context**2)
    return [weights, context, tape.gradient(loss, query)]


def greedy_decoding(tf):
    table = tf.constant(noise(6, 6))

    @tf.function
    def decode(start, most):
        tokens = tf.TensorArray(tf.int32, size=0, dynamic_size=True)
        token = start
        for i in tf.range(most):
            token = tf.argmax(table[token], output_type=tf.int32)
            tokens = tokens.write(i, token)
            if token == 5:
                break
        return tokens.stack()
    return [decode(tf.constant(0), tf.constant(8)), decode(tf.constant(3), tf.constant(3))]


def policy_gradient(tf):
    theta = tf.Variable(tf.zeros(3))
    pays, draws, rewards = [1.0, 2.0, 0.5], np.random.RandomState(4), []
    for _ in range(12):
        with tf.GradientTape() as tape:
            chances = tf.nn.softmax(theta)
            action = int(np.searchsorted(np.cumsum(chances.numpy()), draws.rand() * 0.999))
            loss = -tf.math.log(chances[action]) * pays[action]
        theta.assign_sub(0.3 * tape.gradient(loss, theta))
        rewards.append(pays[action])
    return [theta, rewards]


def discounted_returns(tf):
    @tf.function
    def returns(rewards, gamma):
        n = tf.shape(rewards)[0]
        found = tf.TensorArray(tf.float32, size=n)
        total = tf.constant(0.0)
        for i in tf.range(n):
            total = rewards[n - 1 - i] + gamma * total
            found = found.write(n - 1 - i, total)
        return found.stack()
    return [returns(tf.constant([1.0, 0.0, 2.0]), 0.5), returns(tf.constant([1.0] * 5), 0.9)]


def autoencoder_with_noise(tf):
    x = noise(16, 6)
    enc, dec = tf.Variable(0.2 * noise(6, 2, seed=1)), tf.Variable(0.2 * noise(2, 6, seed=2))
    mean, spread = enc, tf.Variable(0.1 * noise(6, 2, seed=3))
    eps = noise(16, 2, seed=4)

    def loss():
        mu, logvar = x @ mean, x @ spread
        z = mu + tf.exp(0.5 * logvar) * eps
        apart = -0.5 * tf.reduce_mean(1 + logvar - mu**2 - tf.exp(logvar))
        return tf.reduce_mean((z @ dec - x) ** 2) + 0.1 * apart
    return [descend(tf, loss, [enc, dec, spread], 0.2, 5), spread]


def style_of_features(tf):
    picture = tf.Variable(noise(1, 4, 4, 2))
    filters = tf.constant(noise(3, 3, 2, 3, seed=1))

    def gram(x):
        y = tf.nn.conv2d(x, filters, strides=1, padding="SAME")
        return tf.linalg.einsum("bijc,bijd->bcd", y, y) / 16.0
    goal = gram(tf.constant(noise(1, 4, 4, 2, seed=2)))
    losses = descend(tf, lambda: tf.reduce_mean((gram(picture) - goal) ** 2), [picture], 0.001, 3)
    return [losses, tf.image.total_variation(picture)]


PROGRAMS = [
    tape_of_a_polynomial, tape_of_a_layer, tape_controls_what_it_watches, tape_without_a_path, tape_through_python,
    tape_of_several_targets, tape_of_second_order, jacobian_of_a_layer, hessian_and_a_step_of_newton,
    gradients_clipped_on_the_way, stable_log1pexp, penalty_on_input_gradients, rows_of_an_embedding, line_fitted,
    logistic_regression, network_from_modules, adam_by_hand, regularized_training_in_a_function, adversaries,
    recurrent_cell_by_hand, sequence_to_sequence_with_attention, greedy_decoding, policy_gradient, discounted_returns,
    autoencoder_with_noise, style_of_features, with_optimizer("SGD", learning_rate=0.01, momentum=0.9),
    with_optimizer("Adam", learning_rate=0.1), with_optimizer("RMSprop", learning_rate=0.05),
]
