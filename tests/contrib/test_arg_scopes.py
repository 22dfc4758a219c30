"""arg_scope: nesting, reuse, and what is refused."""
import threading

import pytest

import graphflow as tf

framework = tf.contrib.framework


@framework.add_arg_scope
def func1(a, b=1, c=2):
    """Says what it got."""
    return a, b, c


@framework.add_arg_scope
def func2(a, b=1, c=2):
    return a, b, c


def test_defaults_hold_inside_of_the_block_only():
    with framework.arg_scope([func1, func2], b=5):
        with framework.arg_scope([func1], c=6):
            assert (func1(0), func2(0), func1(0, c=7), func1(0, b=8)) == ((0, 5, 6), (0, 5, 2), (0, 5, 7), (0, 8, 6))
        assert func1(0) == (0, 5, 2)
    assert func1(0) == (0, 1, 2)


def test_a_scope_is_put_in_place_of_the_present_one():
    with framework.arg_scope([func1], b=5) as scope:
        pass
    with framework.arg_scope([func2], c=9), framework.arg_scope(scope):
        assert (func1(0), func2(0)) == ((0, 5, 2), (0, 1, 2))
        assert framework.current_arg_scope() is scope


def test_defaults_end_with_an_error_in_the_block():
    with pytest.raises(RuntimeError), framework.arg_scope([func1], b=5):
        raise RuntimeError
    assert func1(0) == (0, 1, 2)


def test_other_threads_do_not_see_the_scope():
    seen = []
    with framework.arg_scope([func1], b=5):
        thread = threading.Thread(target=lambda: seen.append(func1(0)))
        thread.start()
        thread.join()
    assert seen == [(0, 1, 2)]


def test_functions_keep_their_names_and_say_their_arguments():
    assert func1.__name__ == "func1" and func1.__doc__ == "Says what it got."
    assert framework.arg_scoped_arguments(func1) == ("b", "c")
    assert framework.has_arg_scope(func1) and not framework.has_arg_scope(len)
    assert "activation_fn" in framework.arg_scoped_arguments(tf.contrib.layers.fully_connected)


@pytest.mark.parametrize(("given", "more", "error", "text"), [
    ({}, {"b": 1}, ValueError, "kwargs must be empty"), (func1, {"b": 1}, TypeError, "must either be a list/tuple or reused scope"),
    ([len], {"b": 1}, ValueError, "builtins::len is not decorated with @add_arg_scope")])
def test_wrong_scopes_are_refused(given, more, error, text):
    with pytest.raises(error, match=text), framework.arg_scope(given, **more):
        pass
