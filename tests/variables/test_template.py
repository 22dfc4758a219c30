"""make_template and the scopes it enters: names and variables of the first and the later calls; right values are TensorFlow's."""
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def new_graph():
    with tf.Graph().as_default():
        yield


def weight(**options):
    return tf.get_variable("w", [1], **options)


def test_scopes_and_names_of_templates():
    first = tf.make_template("tmpl", lambda x: x * weight())
    names = [first(1.0).name, first(2.0).name]
    second = tf.make_template("tmpl", lambda x: x * weight())
    names += [second(3.0).name, second(4.0).name]
    assert names == ["tmpl/mul:0", "tmpl_1/mul:0", "tmpl_2/mul:0", "tmpl_1_1/mul:0"]
    assert [v.name for v in tf.global_variables()] == ["tmpl/w:0", "tmpl_1/w:0"]
    assert first.variable_scope_name == "tmpl/" and first.var_scope is first.variable_scope


def test_a_template_in_other_scopes():
    late = tf.make_template("s", lambda: weight() * 2.0)
    now = tf.make_template("n", lambda: weight() * 2.0, create_scope_now_=True)
    with tf.variable_scope("out"):
        names = [late().name, now().name]
    with tf.name_scope("ns"):
        names.append(late().name)
    assert names == ["out/s/mul:0", "out/n/mul:0", "ns/s/mul:0"]
    assert [v.name for v in tf.global_variables()] == ["out/s/w:0", "n/w:0"]


@pytest.mark.parametrize("style", [True, False])
def test_variables_that_later_calls_would_make_again_are_refused(style):
    plain = tf.make_template("s", lambda: tf.Variable(1.0, use_resource=style))
    plain()
    with pytest.raises(ValueError, match=r"Trainable variable created when calling a template.*made at test_template"):
        plain()
    calls = []

    def none_at_first():
        calls.append(1)
        return weight() if len(calls) > 1 else tf.constant(1.0)

    late = tf.make_template("late", none_at_first)
    late()
    with pytest.raises(ValueError, match="does not exist"):
        late()


def test_variables_that_are_not_trained_may_be_made_again():
    counter = tf.make_template("s", lambda: tf.Variable(1.0, trainable=False))
    assert [counter().name, counter().name] == ["s/Variable:0", "s_1/Variable:0"]
    both = tf.make_template("b", lambda: (weight(), tf.get_variable("l", [1], collections=["local_variables"], trainable=False)))
    both()
    assert [[v.name for v in found] for found in (both.variables, both.trainable_variables, both.non_trainable_variables)] == [
        ["b/w:0", "b/l:0"], ["b/w:0"], []]


def names_of(variables):
    return [v.name for v in variables]


def test_a_template_lists_what_lies_below_its_scope():
    with tf.Graph().as_default():
        nameless = tf.make_template("", lambda: tf.get_variable("d", [1]))
        plain = tf.make_template("b", lambda: (tf.get_variable("d", [1], trainable=False), tf.get_variable("e", [1])))
        assert nameless.variables == [] and plain.variable_scope_name is None
        with tf.variable_scope("o"):
            tf.get_variable("x", [])
            nameless()
            plain()
        tf.get_variable("ob/b", [])
        assert names_of(nameless.variables) == ["o/x:0", "o//d:0", "o/b/d:0", "o/b/e:0"]
        assert (plain.variable_scope_name, names_of(plain.variables), names_of(plain.weights)) == ("o/b/", ["o/b/d:0", "o/b/e:0"],
                                                                                            ["o/b/d:0", "o/b/e:0"])
        assert (names_of(plain.trainable_weights), names_of(plain.non_trainable_weights)) == (["o/b/e:0"], ["o/b/d:0"])


def test_without_a_name_scope_of_its_own_a_scope_has_that_around_it():
    with tf.Graph().as_default():
        with tf.variable_scope("scope", auxiliary_name_scope=False) as outer:
            assert outer.original_name_scope == ""
            with tf.variable_scope("in") as inner:
                assert inner.original_name_scope == "in/"
        with tf.name_scope("n"), tf.variable_scope("scope", auxiliary_name_scope=False) as inside:
            assert inside.original_name_scope == "n/"
        with tf.variable_scope(outer) as again:
            assert again.original_name_scope == ""
