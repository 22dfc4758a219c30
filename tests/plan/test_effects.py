"""What operations do to resources: one answer, by the signature or by the class, for ordering, lowering and locking."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.core.effects import HANDLE, READ, UPDATE, WRITE
from graphflow.plan.effects import Effects


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


def accesses(op):
    return [tuple(a) for a in op._op_def.accesses(op)]


def test_a_reference_is_updated_where_the_signature_says_so_and_read_elsewhere():
    a = tf.Variable([1.0])
    assert accesses(tf.assign_add(a, [1.0]).op) == [(0, UPDATE)]
    assert accesses(a.value().op) == [(0, READ)]


def test_assigning_needs_no_old_value():
    a, b = tf.Variable([1.0]), tf.Variable([1.0], use_resource=True)
    assert accesses(a.initializer) == [(0, WRITE)] and accesses(b.initializer) == [(0, WRITE)]


def test_asking_whether_a_variable_is_initialized_takes_its_handle_and_is_ordered_like_a_read():
    a = tf.Variable([1.0])
    question = tf.is_variable_initialized(a)
    assert accesses(question.op) == [(0, HANDLE | READ)]
    run = Effects([a.op, a.initializer.inputs[1].op, a.initializer, question.op])
    assert run.reads == {"Variable": [question.op]} and run.writes == {"Variable": [a.initializer]}
    assert run.locks == READ | WRITE


def test_optimizers_update_their_slots_and_only_read_nothing_else():
    w = tf.Variable([1.0], use_resource=True)
    tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(w * w))
    (apply,) = [op for op in tf.get_default_graph().get_operations() if op.type == "ResourceApplyAdam"]
    assert [a for a in accesses(apply) if a[1] & WRITE] == [(0, UPDATE), (1, UPDATE), (2, UPDATE)]


def test_a_handle_that_is_passed_on_leads_to_the_same_resource():
    w = tf.Variable([1.0], use_resource=True)
    passed = tf.identity(w.handle)
    assert Effects([w.handle.op, passed.op]).home[passed] == "Variable"


def test_a_run_that_touches_nothing_needs_no_lock():
    x = tf.constant(1.0) + 2.0
    assert Effects(tf.get_default_graph().get_operations()).locks == 0
    assert tf.Session().run(x) == 3


def test_a_handle_of_no_known_resource_is_refused_by_name():
    handle = tf.placeholder(tf.resource, [], name="handle")
    from graphflow.core.make import make
    from graphflow.ops.state.assign import AssignVariableOp
    write = make(AssignVariableOp, handle, tf.constant(1.0))
    with pytest.raises((tf.errors.InvalidArgumentError, TypeError), match="handle"):
        tf.Session().run(write)


def test_a_read_by_identity_under_a_write_is_a_window_whatever_it_is_called():
    """TF1 gives `w/read` and `read_value()` the variable's own memory; what depends on a write sees what was written."""
    w = tf.Variable(np.float32(1))
    window = tf.identity(w._ref(), name="anything")
    with tf.control_dependencies([w.assign_add(1.0)]):
        after = window * 10.0
    session = tf.Session()
    session.run(w.initializer)
    assert session.run(after) == 20
