"""Programs that run in TensorFlow 2 and in graphflow.compat.v2 alike; each returns numbers and texts to be compared."""
from __future__ import annotations

import numpy as np


def line(tf):
    w, b = tf.Variable(0.0), tf.Variable(0.0)
    xs = tf.constant([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0])
    ys = tf.constant([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0])
    losses = []
    for _ in range(20):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(w * xs + b - ys))
        for v, g in zip([w, b], tape.gradient(loss, [w, b]), strict=True):
            v.assign_sub(0.05 * g)
        losses.append(float(loss))
    return [losses, w, b]


def seeds(tf):
    tf.random.set_seed(7)
    first = [tf.random.normal([3]), tf.random.uniform([3]), tf.random.uniform([3], seed=3), tf.random.uniform([3], seed=3)]
    tf.random.set_seed(7)
    again = [tf.random.normal([3]), tf.random.truncated_normal([2, 2], seed=5)]

    @tf.function
    def draw():
        return tf.random.uniform([2]), tf.random.uniform([2], 0, 9, tf.int32)

    tf.random.set_seed(1234)
    return [first, again, draw(), draw(), tf.random.stateless_uniform([2], [1, 2])]


def texts(tf):
    values = [tf.constant(1.5), tf.constant([1, 2]), tf.constant(True), tf.constant(["a", "bc"]), tf.constant(np.eye(2)),
              tf.constant([], tf.float32), tf.constant(1 + 2j), tf.Variable([1.0, 2.0], name="w"), tf.constant(1e-10),
              tf.zeros([0, 3])]
    found = [repr(v) for v in values] + [str(v) for v in values]
    return found + [f"{tf.constant(2.345):.2f}", f"{tf.constant([1, 2])}", str(tf.ones((2, 3)).shape[0]), str(tf.ones((2, 3)).shape)]


def derivatives(tf):
    x = tf.constant([0.5, 1.5])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = tf.stack([tf.sin(x[0]) * x[1], x[0] ** 3, tf.exp(x[1])])
            z = tf.reduce_sum(y * y)
        jacobian = tape.jacobian(y, x)
        gradient = tape.gradient(z, x)
    return [jacobian, gradient, outer.gradient(gradient, x), tape.gradient({"y": y, "z": z}, [x])]


def errors(tf):
    found = []
    for call in (lambda: tf.constant(1) + tf.constant(1.0), lambda: tf.ones(2).name, lambda: len(tf.constant(1)),
                 lambda: list(tf.constant(1)), lambda: bool(tf.constant([1, 2])), lambda: tf.gather([1, 2], 5),
                 lambda: tf.matmul(tf.ones((2, 3)), tf.ones((2, 3))), lambda: tf.Variable([1.0, 2.0]).assign([1.0]),
                 lambda: tf.constant(1) * 2.5, lambda: hash(tf.constant(1)), lambda: tf.reshape(tf.ones(4), [3])):
        try:
            call()
            found.append("nothing")
        except Exception as error:
            found.append(type(error).__name__)
    return found


def functions(tf):
    v = tf.Variable(1.0)
    traces = []

    @tf.function
    def collatz(n):
        traces.append(n)
        steps = 0
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
        v.assign_add(tf.cast(steps, tf.float32))
        return steps

    @tf.function
    def early(x):
        for i in tf.range(10):
            if tf.cast(i, tf.float32) * x > 6.0:
                break
            if i == 2:
                continue
            x = x + 1.0
        if x > 4:
            return x * v
        return -x

    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = early(x)
    return [collatz(tf.constant(27)), collatz(tf.constant(6)), len(traces), v, y, tape.gradient(y, [x, v])]


def datasets(tf):
    data = tf.data.Dataset.from_tensor_slices((np.arange(6), np.arange(6) * 2.0)).map(lambda x, y: (x + 1, y)).shuffle(10, seed=1).batch(4)
    return [[(x, y) for x, y in data], list(tf.data.Dataset.range(3).repeat(2))]


def modules(tf):
    class Layer(tf.Module):
        def __init__(self, size):
            super().__init__()
            self.w, self.b = tf.Variable(tf.ones((2, size)), name="w"), tf.Variable(tf.zeros(size), trainable=False, name="b")

        @tf.function
        def __call__(self, x):
            return tf.nn.relu(x @ self.w + self.b)

    class Net(tf.Module):
        def __init__(self):
            super().__init__(name="net")
            self.layers, self.extra = [Layer(2), Layer(3)], {"k": tf.Variable(5.0)}

    net = Net()
    x = tf.constant([[1.0, 2.0]])
    for layer in net.layers:
        x = layer(x)
    return [x, net.name, net.layers[0].name, [v.name for v in net.variables], len(net.trainable_variables), len(net.submodules)]


PROGRAMS = [line, seeds, texts, derivatives, errors, functions, datasets, modules]


def plain(value):
    """Numbers, texts and lists of what a program returns."""
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if hasattr(value, "numpy"):
        value = value.numpy()
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, np.ndarray):
        return [v.decode() if isinstance(v, bytes) else v for v in value.tolist()] if value.ndim == 1 else value.tolist()
    return value.item() if isinstance(value, np.generic) else value
