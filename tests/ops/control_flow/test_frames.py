"""Imported graphs with TF1's Switch, Merge, Enter, Exit and NextIteration run, and say what cannot be had of them."""
import importlib.util
from pathlib import Path

import numpy as np
import pytest

import graphflow as tf
from graphflow.core.func_graph import FuncGraph
from graphflow.core.make import make_op
from graphflow.core.op import load
from graphflow.ops.control_flow.bodies import register
from graphflow.ops.raw import raw_function
from graphflow.plan.bodies import all_nodes
from graphflow.runtime import session
from graphflow.runtime.executor import Executor
from tests import tf_fixtures
from tests.ops.control_flow import imported

FOLDER = Path(__file__).parents[2] / "data" / "tensorflow_v1"
RECORDED, ARRAYS = imported.read(FOLDER)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


NAMES = sorted(name for name, names in RECORDED.items() if "refused" not in names)


@pytest.fixture
def frame_by_frame(monkeypatch):
    """Loops of the usual shape run like all others."""
    monkeypatch.setattr(session._late, "without_frames", lambda *_: None)


@pytest.mark.parametrize("name", NAMES)
def test_recorded_programs_give_tensorflows_values(name):
    imported.check(RECORDED, ARRAYS, name)


@pytest.mark.skipif(importlib.util.find_spec("llvmlite") is None, reason="the native engine needs llvmlite (extra jit)")
@pytest.mark.parametrize("name", NAMES[::6])
def test_recorded_programs_give_tensorflows_values_on_the_native_engine(name, monkeypatch):
    monkeypatch.setenv("GRAPHFLOW_ENGINE", "native")
    imported.check(RECORDED, ARRAYS, name)


@pytest.mark.parametrize("name", NAMES)
def test_recorded_programs_give_tensorflows_values_frame_by_frame(name, frame_by_frame):
    imported.check(RECORDED, ARRAYS, name)


@pytest.mark.parametrize("name", ["control_v1", "control_v1_grad", "control_v2", "control_v2_grad"])
def test_graphs_that_tensorflow_wrote_give_its_values(name):
    entry = tf_fixtures.manifest()[f"graphs/{name}"]
    graph_def = tf.GraphDef()
    graph_def.ParseFromString(tf_fixtures.path(entry["files"]["pb"]).read_bytes())
    tf.import_graph_def(graph_def, name="")
    data = entry["files"]["data"]
    with tf.Session() as session:
        for run in entry["runs"]:
            feeds = {key: tf_fixtures.array(description, data) for key, description in run["feeds"].items()}
            found = session.run(list(run["expect"]), feeds)
            for (key, description), value in zip(run["expect"].items(), found, strict=True):
                np.testing.assert_allclose(value, tf_fixtures.array(description, data), entry["rtol"], entry["atol"], err_msg=key)


def node(kind, *args, **kwargs):
    return raw_function(kind)(*args, **kwargs)


def branches(x):
    """(false, true) of a Switch whether x is less than 1."""
    return node("switch", x, tf.less(x, 1.0))


def loop(start, condition, body, name="hand", constants=()):
    """A loop of one variable, made of single nodes."""
    enter = node("enter", start, frame_name=name)
    inside = [node("enter", c, frame_name=name, is_constant=True) for c in constants]
    merge = node("merge", [enter, enter])
    with tf.control_dependencies([merge.output]):
        go_on = node("loop_cond", condition(merge.output, *inside), name=f"{name}/go_on")
    leave, stay = node("switch", merge.output, go_on)
    stay = tf.identity(stay)
    with tf.control_dependencies([stay]):
        after = node("next_iteration", body(stay, *inside), name=f"{name}/next")
    merge.output.op._update_input(1, after)
    return node("exit", leave, name=f"{name}/exit")


def powers(x):
    return loop(x, lambda v, n, f: tf.less(v, n), lambda v, n, f: tf.multiply(v, f, name="hand/product"), constants=[tf.constant(100.0),
                                                                                                                    tf.constant(3.0)])


def test_a_dead_fetch_says_that_it_has_no_value():
    x = tf.placeholder(tf.float32, [])
    no, yes = branches(x)
    low, high = tf.identity(yes, name="low"), tf.identity(no, name="high")
    with tf.Session() as session:
        assert session.run(low, {x: 0.5}) == 0.5
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"Retval\[0\] does not have value"):
            session.run(low, {x: 2.0})
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"(?s)Retval\[1\] does not have value.*high"):
            session.run([low, high], {x: 0.5})
        assert session.run(high.op, {x: 0.5}) is None


def test_a_fetch_from_inside_of_a_loop_says_what_to_do():
    y = powers(tf.constant(2.0))
    with tf.Session() as session:
        assert session.run(y) == 162.0
        with pytest.raises(tf.errors.InvalidArgumentError, match="hand/product:0 is inside of a loop.*Exit"):
            session.run("hand/product:0")
        assert session.run("hand/product") is None


def test_a_feed_inside_of_a_loop_is_refused_and_one_in_a_branch_taken():
    x = tf.placeholder(tf.float32, [])
    y = powers(x)
    no, yes = branches(x)
    product = yes * 2.0
    joined = node("merge", [no, product + 1.0]).output
    with tf.Session() as session:
        with pytest.raises(tf.errors.InvalidArgumentError, match="(?s)inputs from different frames.*cannot be fed"):
            session.run(y, {x: 1.0, "hand/product:0": 3.0})
        assert session.run(joined, {x: 0.5}) == 2.0
        assert session.run(joined, {x: 0.5, product: 7.0}) == 8.0


def test_a_control_trigger_is_never_dead():
    x = tf.placeholder(tf.float32, [])
    dead = branches(x)[0]
    with tf.control_dependencies([tf.identity(dead)]):
        trigger = node("control_trigger")
    with tf.control_dependencies([trigger]):
        y = tf.identity(x)
    with tf.Session() as session:
        assert session.run(y, {x: 0.5}) == 0.5


@pytest.mark.parametrize("value, gradients", [(0.5, [3.0, 0.5]), (2.0, [24.0, 0.0])])
def test_gradients_go_through_branches(value, gradients):
    x, w = tf.placeholder(tf.float32, []), tf.placeholder_with_default(3.0, [])
    p = tf.less(x, 1.0)
    no, yes = node("switch", x, p)
    factor = node("switch", w, p).output_true
    inner_no, inner_yes = node("switch", no, tf.less(no, 1.5))
    inner = node("merge", [inner_no * inner_no * inner_no, inner_yes]).output
    y = node("merge", [inner * 2.0, yes * factor]).output
    found = tf.gradients(y, [x, w])
    with tf.Session() as session:
        assert session.run(found, {x: value}) == gradients


def test_gradients_go_to_variables_in_branches():
    x = tf.placeholder(tf.float32, [])
    v, w = (tf.get_variable(n, initializer=3.0, use_resource=use) for n, use in (("v", True), ("w", False)))
    p = tf.less(x, 1.0)
    inside = node("read_variable_op", node("switch", v.handle, p).output_true, dtype=tf.float32)
    y = node("merge", [node("switch", x, p).output_false, inside * inside * node("switch", w, p).output_true]).output
    found = tf.gradients(y, [v, w])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(found, {x: 0.0}) == [18.0, 9.0]
        assert session.run(found, {x: 2.0}) == [0.0, 0.0]


def test_a_loop_whose_entry_waits_for_a_dead_operation_is_dead():
    x = tf.placeholder(tf.float32, [])
    no, yes = branches(x)
    with tf.control_dependencies([tf.identity(yes)]):
        enter = node("enter", tf.constant(2.0), frame_name="f")
    merge = node("merge", [enter, enter])
    with tf.control_dependencies([merge.output]):
        go_on = node("loop_cond", tf.less(merge.output, 100.0))
    leave, stay = node("switch", merge.output, go_on)
    merge.output.op._update_input(1, node("next_iteration", stay * stay))
    y = node("merge", [node("exit", leave), no]).output
    with tf.Session() as session:
        assert session.run(y, {x: 0.5}) == 256.0
        assert session.run(y, {x: 2.0}) == 2.0


def test_one_loop_after_another():
    x = tf.constant(0.5)
    first = loop(x, lambda v, n: tf.less(v, n), lambda v, n: v + v, "one", [tf.constant(10.0)])
    second = loop(first, lambda v, n: tf.greater(v, n), lambda v, n: v - 1.0, "two", [tf.constant(10.0)])
    with tf.Session() as session:
        assert session.run([first, second]) == [16.0, 10.0]


def test_shapes_that_change_in_each_turn_are_not_compiled_for_ever(frame_by_frame):
    x = tf.constant([1.0])
    y = loop(x, lambda v, n: tf.less(tf.size(v), n), lambda v, n: tf.concat([v, v[-1:] + 1.0], 0), constants=[tf.constant(40)])
    with tf.Session() as session:
        for _ in range(2):
            np.testing.assert_array_equal(session.run(y), np.arange(1.0, 41.0))
        (prepared,) = session._prepared.values()
        assert max(len(executor.variants) for executor in prepared.executor.executors) < 8


def test_which_resource_must_be_known():
    x = tf.placeholder(tf.float32, [])
    v, w = (tf.get_variable(n, initializer=1.0, use_resource=True) for n in "vw")
    p = tf.less(x, 1.0)
    handle = node("merge", [node("switch", v.handle, p).output_true, node("switch", w.handle, p).output_false]).output
    y = node("read_variable_op", handle, dtype=tf.float32)
    with tf.Session() as session, pytest.raises(NotImplementedError, match="which of several resources"):
        session.run(y, {x: 0.0})


def test_plans_of_the_parts_can_be_looked_at(frame_by_frame):
    y = powers(tf.constant(2.0))
    with tf.Session() as session:
        text = session.explain(y)
        assert "part 1" in text and "hand/product" in text
        metadata = tf.RunMetadata()
        session.run(y, options=tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), run_metadata=metadata)
        assert session.run(y) == 162.0


def test_a_late_control_input_is_heeded():
    v = tf.get_variable("v", initializer=0.0, use_resource=True)
    y = powers(tf.constant(2.0))
    after = tf.identity(y)
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(after)
        after.op._add_control_input(v.assign_add(1.0).op if hasattr(v.assign_add(0.0), "op") else v.assign_add(1.0))
        session.run(after)
        assert session.run(v) >= 1.0


def test_functions_that_hold_such_nodes():
    graph_def = tf.GraphDef()
    graph_def.ParseFromString((FOLDER / "functions.pb").read_bytes())
    kinds = {node.op for function in graph_def.library.function for node in function.node_def}
    assert {"Switch", "Merge", "Enter", "Exit", "NextIteration"} <= kinds
    tf.import_graph_def(graph_def, name="")
    with tf.Session() as session:
        for value, wanted in ((0.5, [6.5, 0.0625]), (2.0, [8.0, 0.5])):
            for _ in range(2):
                assert session.run(["y:0", "w:0"], {"x:0": value}) == wanted
        again = tf.get_default_graph().as_graph_def()
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(again, name="")
        assert session.run(["y:0", "w:0"], {"x:0": 2.0}) == [8.0, 0.5]


# -- stacks and arrays in all their forms -------------------------------------------------------------------------------
@pytest.mark.parametrize("version", ["", "_v2"])
def test_stacks(version):
    kinds = {"": "Stack StackPush StackPop StackClose", "_v2": "StackV2 StackPushV2 StackPopV2 StackCloseV2"}[version].split()
    new, push, pop, close = (raw_function(f"stack{what}{version}") for what in ("", "_push", "_pop", "_close"))
    handle = new(elem_type=tf.float32) if not version else new(2, elem_type=tf.float32)
    first = push(handle, tf.constant([1.0, 2.0]))
    with tf.control_dependencies([first]):
        second = push(handle, tf.constant(3.0))
    with tf.control_dependencies([second]):
        a = pop(handle, elem_type=tf.float32)
    with tf.control_dependencies([a]):
        b = pop(handle, elem_type=tf.float32)
    with tf.control_dependencies([b]):
        c = pop(handle, elem_type=tf.float32)
        closed = close(handle)
    with tf.control_dependencies([closed]):
        d = pop(handle, elem_type=tf.float32)
    assert {handle.op.type, first.op.type, a.op.type, closed.type} == set(kinds)
    with tf.Session() as session:
        for _ in range(2):
            found = session.run([a, b, closed])
            assert found[0] == 3.0 and found[1].tolist() == [1.0, 2.0]
        with pytest.raises(tf.errors.InvalidArgumentError, match="is empty when calling Pop"):
            session.run(c)
        with pytest.raises(tf.errors.InvalidArgumentError, match="has already been closed"):
            session.run(d)


def test_a_stack_holds_no_more_than_it_may():
    handle = node("stack_v2", 1, elem_type=tf.int32)
    with tf.control_dependencies([node("stack_push_v2", handle, 1)]):
        again = node("stack_push_v2", handle, 2)
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="overflowed its max_size"):
        session.run(again)


VERSIONS = {
    "": "TensorArray TensorArrayWrite TensorArrayRead TensorArrayGather TensorArrayScatter TensorArrayConcat TensorArraySplit "
        "TensorArraySize TensorArrayClose TensorArrayPack TensorArrayUnpack",
    "_v2": "TensorArrayV2 TensorArrayWriteV2 TensorArrayReadV2 TensorArrayGatherV2 TensorArrayScatterV2 TensorArrayConcatV2 "
           "TensorArraySplitV2 TensorArraySizeV2 TensorArrayCloseV2",
    "_v3": "TensorArrayV3 TensorArrayWriteV3 TensorArrayReadV3 TensorArrayGatherV3 TensorArrayScatterV3 TensorArrayConcatV3 "
           "TensorArraySplitV3 TensorArraySizeV3 TensorArrayCloseV3",
}


@pytest.mark.parametrize("version", VERSIONS)
def test_arrays(version, graph):
    def on(what, *args, **kwargs):
        return raw_function(f"tensor_array_{what}{version}")(*args, **kwargs)

    made = raw_function(f"tensor_array{version}")(3, dtype=tf.float32, clear_after_read=False)
    handle, flow = made if version == "_v3" else (made, tf.constant(0.0))
    flow = on("write", handle, 0, tf.constant([1.0]), flow)
    flow = on("scatter", handle, [1, 2], tf.constant([[2.0], [3.0]]), flow)
    read, gathered, count = on("read", handle, 1, flow, dtype=tf.float32), on("gather", handle, [2, 0], flow, dtype=tf.float32), \
        on("size", handle, flow)
    joined, lengths = on("concat", handle, flow, dtype=tf.float32)
    with tf.control_dependencies([read, gathered, count, joined]):
        closed = on("close", handle)
    other = raw_function(f"tensor_array{version}")(2, dtype=tf.int32)
    parts, start = other if version == "_v3" else (other, tf.constant(0.0))
    split = on("split", parts, tf.constant([7, 8, 9]), tf.constant([1, 2], tf.int64), start)
    part = on("read", parts, 1, split, dtype=tf.int32)
    fetches = [read, gathered, count, joined, lengths, part, closed]
    wanted = [[2.0], [[3.0], [1.0]], 3, [1.0, 2.0, 3.0], [1, 1, 1], [8, 9]]
    if not version:
        all_of = raw_function("tensor_array")(2, dtype=tf.int32)
        fetches.append(node("tensor_array_pack", all_of, node("tensor_array_unpack", all_of, tf.constant([[5], [6]]), 0.0), dtype=tf.int32))
    assert set(VERSIONS[version].split()) <= {op.type for op in graph.get_operations()}
    with tf.Session() as session:
        found = session.run(fetches)
        assert [np.asarray(v).tolist() for v in found[:6]] == wanted
        assert version or found[7].tolist() == [[5], [6]]


@pytest.mark.parametrize("version", ["", "_v2", "_v3"])
def test_arrays_of_gradients_add_up(version, graph):
    """TensorArrayGrad, TensorArrayGradV2 and TensorArrayGradV3."""
    made = raw_function(f"tensor_array{version}")(2, dtype=tf.float32)
    handle, flow = made if version == "_v3" else (made, tf.constant(0.0))
    flow = raw_function(f"tensor_array_write{version}")(handle, 1, tf.constant([1.0, 2.0]), flow)
    made = raw_function(f"tensor_array_grad{version}")(tf.identity(handle) if not version else handle, flow, source="gradients")
    grad, after = made if version == "_v3" else (made, flow)
    write, read = raw_function(f"tensor_array_write{version}"), raw_function(f"tensor_array_read{version}")
    once = write(grad, 0, tf.constant([1.0]), after)
    twice = write(grad, 0, tf.constant([2.0]), once)
    with tf.Session() as session:
        a, b = session.run([read(grad, 0, twice, dtype=tf.float32), read(grad, 1, twice, dtype=tf.float32)])
    assert a.tolist() == [3.0] and b.tolist() == [0.0, 0.0]


def test_an_array_of_gradients_with_more_dimensions():
    handle, flow = node("tensor_array_v3", 1, dtype=tf.float32)
    flow = node("tensor_array_write_v3", handle, 0, tf.constant([1.0]), flow)
    grad, after = node("tensor_array_grad_with_shape", handle, flow, [2], source="g")     # TensorArrayGradWithShape
    with tf.Session() as session:
        assert session.run(node("tensor_array_read_v3", grad, 0, after, dtype=tf.float32)).shape == (2, 1)


@pytest.mark.parametrize("first, second, message", [
    (lambda h, f: node("tensor_array_write_v3", h, 0, 1.0, f), lambda h, f: node("tensor_array_write_v3", h, 0, 1.0, f),
     "index 0 because it has already been written to"),
    (lambda h, f: node("tensor_array_write_v3", h, 0, 1.0, f), lambda h, f: node("tensor_array_write_v3", h, 2, 1.0, f),
     "Tried to write to index 2 but array is not resizeable and size is: 2"),
    (lambda h, f: f, lambda h, f: node("tensor_array_read_v3", h, 5, f, dtype=tf.float32),
     "Tried to read from index 5 but array size is: 2"),
    (lambda h, f: f, lambda h, f: node("tensor_array_read_v3", h, 0, f, dtype=tf.float32), "Could not read from TensorArray index 0"),
])
def test_arrays_refuse(first, second, message):
    handle, flow = node("tensor_array_v3", 2, dtype=tf.float32)
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match=message):
        session.run(second(handle, first(handle, flow)))


def test_references_enter_and_leave_loops():
    """RefEnter, RefSwitch, RefMerge, RefNextIteration and RefExit pass a variable on."""
    v = tf.get_variable("v", initializer=1.0, use_resource=False)
    enter = node("ref_enter", v._ref(), frame_name="refs")
    limit = node("enter", tf.constant(10.0), frame_name="refs", is_constant=True)
    merge = node("ref_merge", [enter, enter])
    go_on = node("loop_cond", tf.less(merge.output, limit))
    leave, stay = node("ref_switch", merge.output, go_on)
    with tf.control_dependencies([tf.identity(stay)]):
        four = tf.constant(4.0)
    after = node("ref_next_iteration", tf.assign_add(stay, four))
    merge.output.op._update_input(1, after)
    left = tf.identity(node("ref_exit", leave))
    with tf.Session() as session:
        session.run(v.initializer)
        assert session.run(left) == 13.0 and session.run(v) == 13.0


def test_handles_of_queues_in_one_tensor_are_told_apart_by_the_run():
    """As TF1's QueueBase.from_list made them."""
    a, b = tf.FIFOQueue(3, tf.float32, shapes=[[]], name="a"), tf.FIFOQueue(3, tf.float32, shapes=[[]], name="b")
    which = tf.placeholder(tf.int32, [])
    together = node("pack", [a.queue_ref, b.queue_ref])
    value = node("queue_dequeue_v2", tf.gather(together, which), component_types=[tf.float32])[0]
    with tf.Session() as session:
        session.run([a.enqueue(1.0), b.enqueue(2.0)])
        assert session.run(value, {which: 1}) == 2 and session.run(value, {which: 0}) == 1


def test_handles_of_variables_in_one_tensor_are_refused():
    a, b = tf.Variable(1.0, name="a", use_resource=True), tf.Variable(2.0, name="b", use_resource=True)
    together = node("pack", [a.handle, b.handle])
    value = node("read_variable_op", tf.gather(together, tf.placeholder_with_default(1, [])), dtype=tf.float32)
    with tf.Session() as session, pytest.raises(NotImplementedError, match="handles of several resources .*tf.cond"):
        session.run(value)


def prims(fetches, feeds=None):
    """The primitives of a run's plan, if it is one plan."""
    with tf.Session() as sess:
        sess.run(fetches, feeds)
        (prepared,) = sess._prepared.values()
        if not isinstance(prepared.executor, Executor):
            return None
        shapes = {t: np.shape(v) for t, v in (feeds or {}).items()}
        return {each.prim for each in all_nodes(sess.explain(fetches, shapes, stages=True)[-1][1])}


def test_a_loop_of_the_usual_shape_is_one_in_the_plan():
    x = tf.placeholder(tf.float32, [])
    y = powers(x) * 2.0
    assert prims(y, {x: 2.0}) == {"loop", "less", "multiply", "item"}
    with tf.Session() as sess:
        assert [sess.run(y, {x: v}) for v in (1.0, 2.0, 200.0)] == [486.0, 324.0, 400.0]


def test_a_loop_in_the_body_of_another_is_in_its_plan():
    def turn(v, n):
        inner = loop(v, lambda u, m: tf.less(u, m), lambda u, m: u + u, name="inner", constants=[n])
        return inner + 1.0
    y = loop(tf.constant(1.0), lambda v, n: tf.less(v, n), turn, name="outer", constants=[tf.constant(10.0)])
    assert "loop" in prims(y)
    with tf.Session() as sess:
        assert sess.run(y) == 17.0


def test_a_loop_whose_values_change_their_shape():
    x = tf.constant([1.0])
    y = loop(x, lambda v, n: tf.less(tf.size(v), n), lambda v, n: tf.concat([v, v[-1:] + 1.0], 0), constants=[tf.constant(40)])
    assert "loop" in prims(y)
    with tf.Session() as sess:
        np.testing.assert_array_equal(sess.run(y), np.arange(1.0, 41.0))


@pytest.mark.parametrize("name", ["train_through_a_loop", "train_through_a_loop_with_adam", "nested_loops_with_arrays", "dynamic_sequences",
                                  "beam_like_search", "loop_that_grows", "resource_assigned_in_loop", "reference_assigned_in_loop"])
def test_loops_with_arrays_and_recorded_gradients_are_in_one_plan(name):
    name = f"program_{name}"
    names = RECORDED[name]
    with tf.Session() as sess:
        imported.imported(ARRAYS, name)
        if names["initializers"]:
            sess.run(names["initializers"])
        sess.run(names["fetches"], names["feeds"])
        executors = [prepared.executor for prepared in sess._prepared.values()]
        assert all(isinstance(executor, Executor) for executor in executors)


@pytest.mark.parametrize("value", [0.5, 2.0])
def test_loops_beside_and_in_branches_are_in_the_plans_of_parts(value):
    x = tf.placeholder(tf.float32, [])
    no, yes = branches(x)
    inside = powers(tf.negative(tf.negative(yes)))
    joined = node("merge", [no * 2.0, inside]).output
    y = loop(joined, lambda v, n: tf.less(v, n), lambda v, n: v + n, name="after", constants=[tf.constant(1000.0)])
    with tf.Session() as sess:
        assert sess.run(y, {x: value}) == (0.5 * 3.0 ** 5 + 1000.0 if value < 1 else 4.0 + 1000.0)
        (prepared,) = sess._prepared.values()
        plans = [plan for _, plan in prepared.executor.stages([()])]
        assert sum(any(each.prim == "loop" for each in plan.nodes) for plan in plans) >= 2


@pytest.mark.parametrize("seen", ["the variable", "its memory", "its memory, in a loop inside"])
def test_a_loop_that_writes_a_reference_is_in_the_plan_unless_the_memory_of_it_enters(seen):
    """In TF1 `w/read` is the variable itself: a loop that gets it sees in each turn what was written."""
    w = tf.get_variable("w", initializer=1.0, use_resource=False)
    view = tf.identity(w._ref())
    refs = {}

    def entered(name):
        refs[name] = node("ref_enter", refs.get("hand", w._ref()), frame_name=name, is_constant=True)
        return refs[name]

    def turn(v, n, *views):
        def add(u, *inside):
            assign = tf.assign_add(refs["inner"] if inside else refs["hand"], tf.constant(1.0) + 0.0 * u)
            with tf.control_dependencies([assign]):
                return u + (inside[0] * 1.0 if inside else views[0] * 1.0 if views else tf.identity(refs["hand"]))
        if not seen.endswith("inside"):
            return add(v)
        entered("inner")
        limit = v + 0.5
        with tf.control_dependencies(None):
            once = loop(v, lambda u, m, view: tf.less(u, m), lambda u, m, view: add(u, view), name="inner", constants=[limit, *views])
        return once + 0.0

    entered("hand")
    constants = [tf.constant(8.0)] if seen == "the variable" else [tf.constant(8.0), view]
    y = loop(tf.constant(0.0), lambda v, n, *_: tf.less(v, n), turn, constants=constants)
    with tf.Session() as sess:
        sess.run(w.initializer)
        assert sess.run([y, w]) == [9.0, 4.0]               # 2 + 3 + 4
        whole = [isinstance(prepared.executor, Executor) for prepared in sess._prepared.values()]
        assert whole[-1] == (seen == "the variable")


def test_noise_in_a_loop_is_drawn_anew_in_each_turn():
    tf.set_random_seed(3)
    y = loop(tf.zeros([2]), lambda v, n: tf.less(v[1], n), lambda v, n: tf.stack([tf.random_uniform([], seed=1), v[1] + 1.0]),
             constants=[tf.constant(3.0)])
    alone = tf.random_uniform([], seed=1)
    with tf.Session() as sess:
        first, second = sess.run(y), sess.run(y)
    assert first[0] != second[0] and first[1] == second[1] == 3.0
    assert alone is not None


@pytest.mark.parametrize("what", ["a branch inside", "a part fetched", "the index of a Merge", "an Exit of something else"])
def test_loops_of_another_shape_run_frame_by_frame(what):
    def turn(v, n):
        if what == "a branch inside":
            no, yes = node("switch", v, tf.less(v, 3.0))
            v = node("merge", [no + 1.0, yes + 2.0]).output
        if what == "the index of a Merge":
            index = next(op for op in tf.get_default_graph().get_operations() if op.type == "Merge").outputs[1]
            v = v + tf.cast(node("switch", index, tf.get_default_graph().get_tensor_by_name("hand/go_on:0")).output_true, tf.float32)
        return v + 1.0
    y = loop(tf.constant(1.0), lambda v, n: tf.less(v, n), turn, constants=[tf.constant(8.0)])
    if what == "an Exit of something else":
        total = tf.identity(next(op for op in tf.get_default_graph().get_operations() if op.type == "Switch").outputs[0])
        y = node("exit", tf.negative(total))
    if what == "a part fetched":
        inside = next(op for op in tf.get_default_graph().get_operations() if op.type == "Merge").outputs[0]
        with tf.Session() as sess, pytest.raises(tf.errors.InvalidArgumentError):
            sess.run([y, inside])
        return
    assert prims(y) is None
    wanted = {"a branch inside": 8.0, "the index of a Merge": 8.0, "an Exit of something else": -8.0}[what]
    with tf.Session() as sess:
        assert sess.run(y) == wanted


def test_functions_that_hold_such_nodes_beside_variables_and_queues(graph):
    """Their bodies run one by one, as a session runs such a graph."""
    v = tf.get_variable("v", initializer=5.0, use_resource=True)
    queue = tf.FIFOQueue(4, tf.float32, shapes=[[]])

    def made(name, function, *outer):
        body = FuncGraph(name, graph)
        with body.as_default():
            x = body.add_input(tf.convert_to_tensor(0.0)._spec, "x")
            body.outputs = [function(x)]
        key = register(body)
        return lambda value: make_op(load("StatefulPartitionedCall"), ([tf.convert_to_tensor(value), *body.captured()],), None,
                                     {"Tout": (tf.float32,), "f": key}).outputs[0]

    def of_variable(x):
        p = tf.less(x, 1.0)
        no, yes = node("switch", x, p)
        with tf.control_dependencies([tf.identity(yes)]):
            assign = v.assign_add(1.0)
        with tf.control_dependencies([getattr(assign, "op", assign)]):
            small = yes * node("read_variable_op", v.handle, dtype=tf.float32)
        return node("merge", [no * node("read_variable_op", v.handle, dtype=tf.float32), small]).output

    def of_queue(x):
        no, yes = node("switch", x, tf.less(x, 1.0))
        with tf.control_dependencies([tf.identity(yes)]):
            first = queue.dequeue()
        return node("merge", [no, yes + first]).output

    x = tf.placeholder(tf.float32, [])
    a, b = made("with_variable", of_variable)(x), made("with_queue", of_queue)(x)
    with tf.Session() as session:
        session.run([v.initializer, queue.enqueue(7.0)])
        assert session.run(a, {x: 2.0}) == 10.0 and session.run(v) == 5.0
        assert session.run(a, {x: 0.5}) == 3.0 and session.run(v) == 6.0
        assert session.run(b, {x: 2.0}) == 2.0 and session.run(queue.size()) == 1
        assert session.run(b, {x: 0.5}) == 7.5 and session.run(queue.size()) == 0
