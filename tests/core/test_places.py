"""Which device and which group operations get from what they write to, belong to and wait for; right values are TensorFlow's."""
import copy

import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def place(op):
    op = getattr(op, "op", op)
    return op.device, op.colocation_groups()


def test_what_writes_to_a_reference_is_beside_the_variable():
    with tf.device("/job:ps"):
        v = tf.get_variable("v", [2], use_resource=False)
    with tf.device("/job:worker"):
        writes = [v.assign([1.0, 1.0]), v.assign_add([1.0, 1.0]), tf.assign(v, [1.0, 2.0]), tf.scatter_update(v, [0], [1.0])]
        slot = tf.train.MomentumOptimizer(0.1, 0.9)
        slot.minimize(tf.reduce_sum(v * v))
    assert [place(w) for w in (*writes, v.initializer, v.op, slot.get_slot(v, "momentum").initializer)] == [("/job:ps", [b"loc:@v"])] * 7


def test_a_resource_variable_is_where_its_handle_is():
    with tf.device("/job:ps"):
        v = tf.get_variable("v", [2], use_resource=True)
    with tf.device("/job:worker"), tf.colocate_with(v):
        assert place(tf.constant(1)) == ("/job:ps", [b"loc:@v"])
    with tf.device("/job:worker"):
        saver = tf.train.Saver()
    assert saver.saver_def.restore_op_name and tf.get_default_graph().get_operation_by_name("save/AssignVariableOp").device == "/job:ps"


@pytest.mark.parametrize("colocate", [False, True])
def test_a_sum_of_gradients_is_beside_the_first_on_each_device(colocate):
    w = tf.constant([[1.0]])
    parts = []
    for task in (1, 1, 2):
        with tf.device(f"/task:{task}"):
            parts.append(tf.matmul(w, [[3.0, 4.0]]))
    dw, = tf.gradients(parts, [w], colocate_gradients_with_ops=colocate)
    sums = [op for op in tf.get_default_graph().get_operations() if op.type == "AddN"]
    assert [len(s.inputs) for s in sums] == ([2, 2] if colocate else [3]) and dw.op is sums[-1]
    first = "MatMul" if colocate else "gradients/MatMul_grad/MatMul"
    assert place(sums[0]) == ("/task:1" if colocate else "", [f"loc:@{first}".encode()])


def test_a_group_takes_the_device_around_it_where_its_parts_differ():
    for task in range(2):
        with tf.device(f"/task:{task}"):
            tf.constant(1, name=f"c{task}")
    parts = tf.get_default_graph().get_operations()
    with tf.device("/task:2"):
        assert (tf.group(*parts).device, tf.group(parts[0]).device, tf.group().device) == ("/task:2", "/task:0", "/task:2")
    assert tf.group(*parts).device == ""
    assert tf.group().name == "group_deps_4"


def test_waiting_for_a_resource_variable_does_not_read_it():
    v = tf.Variable(1.0, use_resource=True)
    assert [op.type for op in tf.group(v.assign_add(1.0), v.assign(1.0), v).control_inputs] == [
        "AssignAddVariableOp", "AssignVariableOp", "VarHandleOp"]
    with tf.control_dependencies([v.assign_sub(1.0)]):
        assert [op.type for op in tf.no_op().control_inputs] == ["AssignSubVariableOp"]
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(tf.group(v.assign_add(2.0)))
        assert session.run(v) == 3.0


def test_variables_and_graphs_are_not_copied():
    for use_resource in (False, True):
        with pytest.raises(NotImplementedError, match="only available when eager execution is enabled"):
            copy.deepcopy({"v": tf.Variable(1.0, use_resource=use_resource)})
    for function in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot pickle 'Graph' object"):
            function(tf.Graph())


def test_a_device_without_a_number_is_refused_by_name():
    with pytest.raises(ValueError, match="'x' is no number in the device spec: '/gpu:x'"), tf.device("gpu:x"):
        pass
