"""Control flow on tensors inside of tf.function: each function gives what it gives when Python runs it."""
from __future__ import annotations

import pytest

import graphflow as tf
from tests.eager.switched import eagerly


@pytest.fixture(autouse=True)
def _eager():
    with eagerly(v2=True):
        yield


def branch(x):
    if x > 0:
        y = x * 2
    elif x < -10:
        y = x
    else:
        y = -x
    return y


def early(x):
    if x > 3:
        return x * 2
    for i in range(2):
        if i == 1 and x < 0:
            return x - 1
    x = x + 1
    return x * x


def collatz(n):
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


def odd_sum(n):
    total = 0
    for i in tf.range(n):
        if i % 2 == 0:
            continue
        if i > 10:
            break
        total += i
    else:
        total += 1000
    return total


def countdown(n):
    total = n * 0
    while True:
        if n <= 0:
            break
        n -= 1
        total += n
    return total


def logic(x):
    if (x > 0 and x < 5) or not x > -5:
        return tf.constant(1) if x > 2 else tf.constant(2)
    return tf.constant(3)


def chain(x):
    return tf.constant(1) if -1 < x <= 3 != x else tf.constant(0)


def nested(n):
    total = 0
    for i in tf.range(n):
        for j in tf.range(i):
            if (i + j) % 3 == 0:
                total += i * j
    return total


def with_structures(n):
    state = {"a": 1, "b": (2, [3])}
    for _ in range(n):
        a, (b, c) = state["a"], state["b"]
        state = {"a": a + b, "b": (b, [c[0] + a])}
    return state["a"] + state["b"][1][0]


def helper(x):
    if x > 1:
        x = x - 1
    return x


def calls(x):
    for _ in range(3):
        x = helper(x)
    return x


class Holder:
    """A method with a private name, called with tensors."""
    __scale = 3

    def scaled(self, x):
        if x > 0:
            x = x * self.__scale
        return x


def methods(x):
    return Holder().scaled(x)


def broken_python_loop(x):
    for i in [1, 2, 3, 4]:
        if x > 5:
            break
        x = x + i
    return x


FUNCTIONS = [branch, early, collatz, odd_sum, countdown, logic, chain, nested, with_structures, calls, methods, broken_python_loop]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_a_function_gives_what_python_gives(function):
    traced = tf.function(function)
    inputs = range(1, 14) if function in (collatz, with_structures, odd_sum, nested) else range(-12, 25, 3)
    for n in inputs:
        assert int(traced(tf.constant(n))) == int(function(tf.constant(n))), n
    assert traced.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("shape", [[1], [1, 1], None], ids=str)
def test_a_tensor_of_one_element_decides(shape):
    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32)])
    def doubled(x):
        while x < 10.0:
            x = x * 2.0
        if x > 15.0 and x < 17.0:
            x = x - 1.0
        return x

    assert [doubled(tf.constant([[v]] if shape != [1] else [v])).numpy().item() for v in (4.0, 3.0, 20.0)] == [15.0, 12.0, 20.0]


def test_a_tensor_of_two_elements_does_not_decide():
    @tf.function
    def f(x):
        return 1.0 if x > 0.0 else 2.0

    with pytest.raises(ValueError, match=r"of shape \(2,\) cannot decide.*tf\.reduce_any"):
        f(tf.constant([1.0, -1.0]))


def test_rows_of_a_tensor_and_arrays_of_tensors():
    @tf.function
    def f(rows):
        out = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
        for i, row in enumerate(rows):
            out = out.write(i, tf.reduce_sum(row))
        last = tf.zeros([3])
        for row in rows:
            last = last * 2 + row
        return out.stack(), last

    sums, last = f(tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    assert sums.numpy().tolist() == [6.0, 15.0]
    assert last.numpy().tolist() == [6.0, 9.0, 12.0]


def test_gradients_go_through_loops_and_branches():
    @tf.function
    def power(x, n):
        found = tf.ones([])
        while n > 0:
            if n % 2 == 1:
                found = found * x
            x = x * x
            n = n // 2
        return found

    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = power(x, tf.constant(5))
    assert (y.numpy(), tape.gradient(y, x).numpy()) == (32.0, 80.0)


def test_variables_in_loops():
    v = tf.Variable(0)

    @tf.function
    def f(n):
        for i in tf.range(n):
            if i > 1:
                v.assign_add(i)
        return v.read_value()

    assert f(tf.constant(5)).numpy() == 9
    assert f(tf.constant(3)).numpy() == 11


def test_assertions_and_prints_happen_when_the_function_runs(capfd):
    @tf.function
    def f(x):
        print("traced")
        print("value", x)
        assert x > 0, "x must be positive"
        return x

    f(tf.constant(1))
    f(tf.constant(2))
    captured = capfd.readouterr()
    assert captured.out.count("traced") == 1
    assert "value 2" in captured.out + captured.err
    with pytest.raises(tf.errors.InvalidArgumentError, match="x must be positive"):
        f(tf.constant(-1))


def in_one_branch(x):
    if x > 0:
        q = 1.0
    return q


def returned_in_one_branch(x):  # noqa: RET503 - that is what is tested
    if x > 0:
        return x


def dtype_changes(x):
    y = 1
    for _ in tf.range(x):
        y = y * tf.constant(1.5)
    return y


def structure_changes(x):
    y = (1, 2)
    for _ in tf.range(x):
        y = (1,)
    return y


def no_tensor(x):
    y = None
    if x > 0:
        y = "a"
    else:
        y = object()
    return y


@pytest.mark.parametrize(("function", "kind", "text"), [
    (in_one_branch, UnboundLocalError, "'q' has no value here: only one branch of an `if` on a tensor assigns it"),
    (returned_in_one_branch, ValueError, "A value must also be returned where the condition, a tensor, is false"),
    (dtype_changes, TypeError, "int32"),
    (structure_changes, TypeError, "'y' does not have the same nested structure after one iteration"),
    (no_tensor, TypeError, "cannot become a tensor"),
])
def test_what_cannot_become_operations_says_why(function, kind, text):
    with pytest.raises(kind) as caught:
        tf.function(function)(tf.constant(2))
    assert text in str(caught.value)


def test_functions_without_autograph_stay_as_they_are():
    with pytest.raises(TypeError, match="not allowed"):
        tf.function(branch, autograph=False)(tf.constant(1))
