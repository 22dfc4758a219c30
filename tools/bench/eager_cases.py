"""What `tools.bench.eager` times: common ops on small arrays, called at once; a step of a hand-written network; a `tf.function`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

OPS: dict[str, Callable[[Any], Callable[[], Any]]] = {}
STEPS: dict[str, Callable[[Any], Callable[[], Any]]] = {}


def _arrays(tf: Any) -> tuple[Any, Any]:
    rand = np.random.RandomState(0)
    return tuple(tf.constant(rand.rand(4, 4).astype("f") + 0.5) for _ in range(2))  # type: ignore[return-value]


def _op(name: str, call: Callable[[Any, Any, Any], Any]) -> None:
    def build(tf: Any) -> Callable[[], Any]:
        x, y = _arrays(tf)
        return lambda: call(tf, x, y)

    OPS[name] = build


def _fill() -> None:
    _op("x + y", lambda tf, x, y: x + y)
    _op("x * 2.0", lambda tf, x, y: x * 2.0)
    _op("-x", lambda tf, x, y: -x)
    _op("x @ y", lambda tf, x, y: x @ y)
    _op("x[0]", lambda tf, x, y: x[0])
    _op("x[:, 1:3]", lambda tf, x, y: x[:, 1:3])
    _op("x > y", lambda tf, x, y: x > y)
    for name in ("exp", "sqrt", "square", "tanh", "sigmoid", "identity", "shape", "zeros_like", "transpose"):
        _op(name, lambda tf, x, y, n=name: getattr(tf, n)(x))  # type: ignore[misc]
    for name in ("maximum", "matmul"):
        _op(name, lambda tf, x, y, n=name: getattr(tf, n)(x, y))  # type: ignore[misc]
    _op("relu", lambda tf, x, y: tf.nn.relu(x))
    _op("softmax", lambda tf, x, y: tf.nn.softmax(x))
    _op("reduce_sum", lambda tf, x, y: tf.reduce_sum(x))
    _op("reduce_mean axis", lambda tf, x, y: tf.reduce_mean(x, axis=1))
    _op("argmax", lambda tf, x, y: tf.argmax(x, axis=1))
    _op("reshape", lambda tf, x, y: tf.reshape(x, [2, 8]))
    _op("expand_dims", lambda tf, x, y: tf.expand_dims(x, 0))
    _op("concat", lambda tf, x, y: tf.concat([x, y], 0))
    _op("stack", lambda tf, x, y: tf.stack([x, y]))
    _op("split", lambda tf, x, y: tf.split(x, 2))
    _op("cast", lambda tf, x, y: tf.cast(x, tf.int32))
    _op("constant", lambda tf, x, y: tf.constant([1.0, 2.0]))
    _op("zeros", lambda tf, x, y: tf.zeros([2, 2]))
    _op("numpy()", lambda tf, x, y: x.numpy())
    _op("random.normal", lambda tf, x, y: tf.random.normal([2, 2]))


_fill()


def _of_variable(name: str, call: Callable[[Any, Any, Any], Any]) -> None:
    def build(tf: Any) -> Callable[[], Any]:
        x, _ = _arrays(tf)
        v = tf.Variable(x * 0.0)
        return lambda: call(tf, v, x)

    OPS[name] = build


_of_variable("variable + x", lambda tf, v, x: v + x)
_of_variable("assign", lambda tf, v, x: v.assign(x))
_of_variable("assign_add", lambda tf, v, x: v.assign_add(x))


def gather(tf: Any) -> Callable[[], Any]:
    """Rows of a matrix."""
    x, _ = _arrays(tf)
    at = tf.constant([0, 2])
    return lambda: tf.gather(x, at)


OPS["gather"] = gather


def gradient(tf: Any) -> Callable[[], Any]:
    """The gradient of a sum of squares."""
    x, _ = _arrays(tf)

    def step() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(x * x)
        return tape.gradient(y, x)

    return step


def network(tf: Any) -> Callable[[], Any]:
    """A step of two dense layers written by hand, as a document's chapter has it: 784-512-10, batches of 128, plain descent."""
    rand = np.random.RandomState(0)
    images = tf.constant(rand.rand(128, 784).astype("f"))
    labels = tf.constant(rand.randint(0, 10, 128))
    shapes = ((784, 512), (512,), (512, 10), (10,))
    variables = [tf.Variable(rand.rand(*shape).astype("f") * 0.1) for shape in shapes]

    def step() -> Any:
        with tf.GradientTape() as tape:
            hidden = tf.nn.relu(tf.matmul(images, variables[0]) + variables[1])
            chances = tf.nn.softmax(tf.matmul(hidden, variables[2]) + variables[3])
            loss = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(labels, chances))
        for variable, slope in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(slope * 1e-3)
        return loss

    return step


def called(tf: Any) -> Callable[[], Any]:
    """A small compiled function."""
    x, y = _arrays(tf)
    function = tf.function(lambda a, b: tf.reduce_sum(tf.tanh(a @ b) + b))
    return lambda: function(x, y)


def called_on_variable(tf: Any) -> Callable[[], Any]:
    """A small compiled function that updates a variable."""
    x, y = _arrays(tf)
    v = tf.Variable(y)

    @tf.function
    def function(a: Any) -> Any:
        v.assign_sub(0.001 * tf.tanh(a @ v))
        return tf.reduce_sum(v)

    return lambda: function(x)


def run(tf: Any) -> Callable[[], Any]:
    """The first of the two functions as a graph that a session runs."""
    v1 = tf.compat.v1
    with v1.Graph().as_default():
        a, b = (v1.placeholder(tf.float32, [4, 4]) for _ in range(2))
        y = tf.reduce_sum(tf.tanh(a @ b) + b)
        session = v1.Session()
    fed = {a: np.full((4, 4), 0.7, "f"), b: np.full((4, 4), 0.8, "f")}
    return lambda: session.run(y, fed)


STEPS.update({
    "gradient by a tape": gradient, "network of two layers, a step by a tape": network, "tf.function, called": called,
    "tf.function on a variable, called": called_on_variable, "the same function as a session's run": run,
})  # fmt: skip
