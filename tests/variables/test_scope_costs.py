"""Opening a variable scope costs the same however many were opened before, and numbers and counts stay right."""
import graphflow as tf
from graphflow.variables.scope import ScopeState, scope_state


def test_opening_scopes_touches_as_many_counts_as_scopes(monkeypatch):
    touched = []
    set_ = ScopeState._set
    monkeypatch.setattr(ScopeState, "_set", lambda self, name, count: touched.append(name) or set_(self, name, count))
    with tf.variable_scope("net") as net:
        for i in range(200):
            with tf.variable_scope(f"layer_{i}"), tf.variable_scope("inner"):
                pass
    for _ in range(200):
        with tf.variable_scope(net):
            pass
    assert len(touched) <= 8 * 200                                   # each scope of each: opened, closed, restored


def test_default_names_go_on_counting_and_begin_anew_inside_a_scope_that_is_opened_again():
    def names(count):
        found = []
        for _ in range(count):
            with tf.variable_scope(None, default_name="dense") as scope:
                found.append(scope.name)
        return found

    assert names(3) == ["dense", "dense_1", "dense_2"]
    with tf.variable_scope("dense_4"):
        assert names(2) == ["dense_4/dense", "dense_4/dense_1"]
    assert names(3) == ["dense_3", "dense_5", "dense_6"]
    with tf.variable_scope("dense_4") as scope:
        assert names(1) == ["dense_4/dense"]
    before = dict(scope_state().counts)
    with tf.variable_scope(scope):
        assert names(2) == ["dense_4/dense", "dense_4/dense_1"]
        with tf.variable_scope("other"), tf.variable_scope(scope):
            assert names(1) == ["dense_4/dense_2"]
        assert names(1) == ["dense_4/dense_2"]
    assert scope_state().counts == {**before, "dense_4": before["dense_4"] + 1}
    assert names(1) == ["dense_7"]
