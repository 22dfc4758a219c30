"""Random nestings of scopes give TensorFlow's names of scopes, variables and nodes."""
import numpy as np
import pytest

import graphflow as tf
from tests.oracle.programs import run_program, tensorflow_results
from tests.variables import scope_programs

PROGRAMS = [name for name in sorted(vars(scope_programs)) if name.startswith("program_")]


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results(scope_programs.__name__, tensorflow_python, tmp_path_factory.mktemp("scopes"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_nested_scopes_have_tensorflows_names(name, theirs):
    ours, expected = run_program(getattr(scope_programs, name), tf), theirs[name]
    assert bytes(ours["runs"][0][0]).decode().splitlines() == bytes(expected["runs"][0][0]).decode().splitlines()
    assert [node[0] for node in ours["nodes"]] == [node[0] for node in expected["nodes"]]


def test_a_scope_entered_again_counts_as_opened_and_forgets_what_is_opened_inside():
    with tf.variable_scope("a") as scope:
        pass
    for _ in range(2):
        with tf.variable_scope(scope), tf.variable_scope(None, default_name="inner") as inner:
            assert inner.name == "a/inner"
    with tf.variable_scope("b"), tf.variable_scope(scope):
        pass
    with tf.variable_scope(None, default_name="a") as numbered:
        assert numbered.name == "a_1"


def test_a_scope_without_a_name_opens_no_name_scope():
    with tf.name_scope("n"), tf.variable_scope("") as scope:
        assert (scope.name, scope.original_name_scope, tf.constant(1.0, name="c").name) == ("", "", "n/c:0")
    with tf.variable_scope("v"):
        pass
    with tf.variable_scope(""):
        pass
    with tf.variable_scope(None, default_name="v") as numbered:
        assert numbered.name == "v_1"


def test_a_scopes_constraint_is_for_its_own_variables_only():
    with tf.variable_scope("outer", constraint=lambda value: value * 0.5) as outer, tf.variable_scope("inner") as inner:
        assert outer.constraint is not None and inner.constraint is None
    with tf.variable_scope(outer) as again:
        assert again.constraint is None
    np.testing.assert_equal(outer.constraint(4.0), 2.0)
