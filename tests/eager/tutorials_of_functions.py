"""Programs of the kinds that guides to TensorFlow 2 are made of: functions that are traced, tensors, arrays, variables and data.

Each returns what both implementations must agree on.
"""
from __future__ import annotations

import numpy as np

from tests.eager.tutorials_of_gradients import noise


# ---- functions -----------------------------------------------------------------------------------------------------------
def traces_by_kind(tf):
    seen = []

    @tf.function
    def double(x):
        seen.append(str(x) if not hasattr(x, "dtype") else x.dtype.name)
        return x + x
    found = [double(x) for x in (tf.constant(1), tf.constant(1.1), tf.constant("a"), 2, 2, 3, tf.constant(5))]
    return [found, seen, double.experimental_get_tracing_count()]


def signatures(tf):
    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
    def collatz(x):
        return tf.where(x % 2 == 0, x // 2, 3 * x + 1)
    found = [collatz(tf.constant([1, 2])), collatz([5])]
    for wrong in (tf.constant([[1, 2], [3, 4]]), tf.constant([1.0])):
        try:
            collatz(wrong)
            found.append("taken")
        except (TypeError, ValueError):
            found.append("refused")
    return found


def control_flow_on_tensors(tf):
    @tf.function
    def fizzbuzz(n):
        found = tf.TensorArray(tf.string, size=0, dynamic_size=True)
        for i in tf.range(1, n + 1):
            if i % 15 == 0:
                text = "FizzBuzz"
            elif i % 3 == 0:
                text = "Fizz"
            elif i % 5 == 0:
                text = "Buzz"
            else:
                text = tf.strings.as_string(i)
            found = found.write(i - 1, text)
        return found.stack()

    @tf.function
    def root(x):
        guess, steps = x, 0
        while tf.abs(guess * guess - x) > 1e-3 and steps < 50:
            guess = 0.5 * (guess + x / guess)
            steps += 1
        return guess, steps
    return [fizzbuzz(tf.constant(15)), root(tf.constant(9.0))]


def early_returns(tf):
    @tf.function
    def kind(x):
        if x < 0:
            return -1.0 * x
        if x == 0 or not x < 10:
            return x
        for i in tf.range(3):
            if i == 1:
                continue
            x += tf.cast(i, tf.float32)
        return x
    return [kind(tf.constant(v)) for v in (-2.0, 0.0, 3.0, 11.0)]


def side_effects(tf):
    seen, count = [], tf.Variable(0)

    @tf.function
    def f(x):
        seen.append(1)
        count.assign_add(1)
        before = count.read_value()
        count.assign_add(x)
        return before, count.read_value()
    return [f(tf.constant(1)), f(tf.constant(5)), count, len(seen)]


def functions_of_structures(tf):
    @tf.function
    def f(pair, more=None, *, scale=1.0):
        a, b = pair
        return {"sum": (a + b) * scale, "more": [None if more is None else more["k"] * 2, b]}
    x, y = tf.constant(1.0), tf.constant([2.0, 3.0])
    return [f((x, y)), f((x, y), {"k": y}, scale=2.0)["more"][0], f((x, y), scale=tf.constant(3.0))["sum"]]


def gradients_through_functions(tf):
    @tf.function
    def f(x, n):
        for _ in tf.range(n):
            if x > 2.0:
                x = x * x / 2.0
            else:
                x = x + 1.0
        return x
    x = tf.Variable(1.5)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as tape:
            y = f(x, tf.constant(3))
        g = tape.gradient(y, x)
    return [y, g, outer.gradient(g, x)]


def polymorphic_methods(tf):
    class Counter:
        def __init__(self, start):
            self.total = tf.Variable(start)

        @tf.function
        def add(self, x):
            self.total.assign_add(x)
            return self.total * 1
    one, two = Counter(0), Counter(10.0)
    return [one.add(1), one.add(tf.constant(2)), two.add(0.5), one.total, two.total]


def concrete_functions(tf):
    f = tf.function(lambda x, y: x * y)
    made = f.get_concrete_function(tf.TensorSpec([None, 2], tf.float32), tf.TensorSpec([], tf.float32))
    return [made(tf.ones((3, 2)), tf.constant(2.0)), made.structured_outputs.shape[1], len(made.inputs)]


# ---- shapes --------------------------------------------------------------------------------------------------------------
def tensors_and_arrays(tf):
    x = tf.constant([[1, 2], [3, 4]])
    a = np.array([[10.0, 20.0], [30.0, 40.0]])
    return [x + 1, x * x, np.add(x, 1), np.multiply(a, x), tf.multiply(a, 2), list(x.shape), x.dtype.name, tf.cast(x, tf.float64) @ a,
            tf.transpose(x), tf.reshape(x, [-1]), x[:, 0], list(x[..., tf.newaxis].shape),
            tf.reduce_max(x), tf.argmax(x, axis=1), tf.rank(x)]


def loops_over_data(tf):
    data = tf.data.Dataset.from_tensor_slices((noise(10, 2), np.arange(10))).shuffle(10, seed=3).batch(4).prefetch(1)
    sums = [(tf.reduce_sum(x), y) for x, y in data]
    total = tf.Variable(0.0)
    for x, _ in data.take(2):
        total.assign_add(tf.reduce_mean(x))
    iterator = iter(tf.data.Dataset.range(3).map(lambda v: v * v))
    return [len(sums), tf.add_n([s for s, _ in sums]), [next(iterator), next(iterator), next(iterator)]]


def variables_in_place(tf):
    v = tf.Variable(tf.range(6, dtype=tf.float32))
    v[2].assign(10.0)
    v[3:5].assign([7.0, 8.0])
    v.scatter_nd_update([[0]], [-1.0])
    w = tf.Variable(v)
    w.assign_add(v * 2)
    return [v, w, tf.convert_to_tensor(v)[1], list(v.shape), w.dtype.name]


PROGRAMS = [
    traces_by_kind, signatures, control_flow_on_tensors, early_returns, side_effects, functions_of_structures,
    gradients_through_functions, polymorphic_methods, concrete_functions, tensors_and_arrays, loops_over_data,
    variables_in_place,
]
