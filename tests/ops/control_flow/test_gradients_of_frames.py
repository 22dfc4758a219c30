"""tf.gradients goes through loops of TF1's nodes (Enter, Merge, Switch, NextIteration, Exit), as in imported graphs."""
import json
from pathlib import Path

import numpy as np
import pytest

import graphflow as tf
from graphflow.formats import proto
from tests.ops.control_flow import programs, random_programs, random_v1_programs, v1_programs
from tests.ops.control_flow.imported import from_tensorflow, imported
from tests.ops.control_flow.test_frames import loop, node

FOLDER = Path(__file__).parents[2] / "data" / "tensorflow_v1" / "forward"
RECORDED = json.loads((FOLDER / "programs.json").read_text(encoding="utf-8"))
ARRAYS = dict(np.load(FOLDER / "graphs.npz"))


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def check(names, arrays, name, key=None):
    """Gradients of an imported graph are those that TensorFlow took of it; where TensorFlow has None, there may be zeros."""
    with tf.Graph().as_default() as graph, tf.Session() as session:
        imported(arrays, key or name)
        if names["initializers"]:
            session.run(names["initializers"])
        ys, xs = ([graph.get_tensor_by_name(t) for t in names[k]] for k in ("ys", "xs"))
        found = tf.gradients(ys, [x.op.outputs[0] for x in xs])
        values = iter(session.run([tf.convert_to_tensor(g) for g in found if g is not None], names["feeds"]))
        wanted = iter([arrays[f"{name}/{i}"] for i in range(sum(names["connected"]))])
        for x, g, connected in zip(xs, found, names["connected"]):
            value = None if g is None else next(values)
            if connected:
                np.testing.assert_allclose(value, next(wanted), rtol=2e-5, atol=1e-6, err_msg=x.name)
            else:
                assert value is None or not np.any(value), x.name


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_recorded_graphs_have_tensorflows_gradients(name):
    check(RECORDED[name], ARRAYS, name)


@pytest.mark.parametrize("name", [name for name in sorted(RECORDED) if f"{name}/recorded" in ARRAYS])
def test_gradients_are_taken_beside_those_that_tensorflow_recorded(name):
    check(RECORDED[name], ARRAYS, name, f"{name}/recorded")


SOURCES = programs, random_programs, random_v1_programs, v1_programs
FUNCTIONS = {name: function for m in SOURCES for name, function in vars(m).items()}


class Forward:
    """graphflow, in which programs get no gradients."""

    def __getattr__(self, name):
        return getattr(tf, name)

    def gradients(self, ys, xs, *args, **kwargs):
        return [None] * (len(xs) if isinstance(xs, (list, tuple)) else 1)


def second_gradients(graph, ys, xs, feeds):
    """Of the squares of all first gradients."""
    with tf.Session(graph=graph) as session:
        first = [tf.convert_to_tensor(g) for g in tf.gradients(ys, xs) if g is not None]
        return session.run(tf.gradients([g * g for g in first], xs, unconnected_gradients="zero"), feeds)


@pytest.mark.parametrize("name", sorted(name for name, names in RECORDED.items() if name in FUNCTIONS and not names["initializers"]))
def test_second_gradients_are_those_of_the_same_program_built_here(name):
    names = RECORDED[name]
    with tf.Graph().as_default() as graph:
        given = FUNCTIONS[name](Forward())
        fetches, feeds = given if isinstance(given, tuple) else (given, {})
        ys, xs = [f for f in fetches if f.dtype.base_dtype.is_floating], [graph.get_tensor_by_name(x) for x in names["xs"]]
        wanted = second_gradients(graph, ys, xs, feeds)
    with tf.Graph().as_default() as graph:
        imported(ARRAYS, name)
        found = second_gradients(graph, *([graph.get_tensor_by_name(t) for t in names[k]] for k in ("ys", "xs")), names["feeds"])
    for x, a, b in zip(names["xs"], found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5, err_msg=x)


MODULES = [m.__name__ for m in SOURCES]
NAMES = [name for m in SOURCES for name in sorted(vars(m)) if name.startswith("program_")]


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return from_tensorflow(tensorflow_python, tmp_path_factory.mktemp("forward"), *MODULES, side="forward_side")


@pytest.mark.oracle
@pytest.mark.parametrize("name", NAMES)
def test_imported_graphs_have_tensorflows_gradients(name, theirs):
    names = theirs[0][name]
    if "refused" in names or "custom_gradient" in name or "no_back_prop" in name:      # a GraphDef does not tell what these ask for
        pytest.skip(f"not to be compared: {names.get('refused', 'not in a GraphDef')}")
    check(names, theirs[1], name)
    if name != "program_switch_case_shapes":      # the Case that TensorFlow writes anew says the first branch's shape for all branches
        check(names, theirs[1], name, f"{name}/recorded")


# -- by hand --------------------------------------------------------------------------------------------------------------
def powers(x, factor, turns=None):
    """x * factor ** n, as often as it is less than 100; or so many turns."""
    if turns is None:
        return loop(x, lambda v, n, f: tf.less(v, n), lambda v, n, f: v * f, constants=[tf.constant(100.0), factor])
    count = tf.placeholder_with_default(turns, [])
    return counted(count, lambda v, f: v * f, x, [factor])


def counted(count, body, start, constants=(), name="counted", zero=0):
    """A loop of a counter and a value."""
    enters = [node("enter", t, frame_name=name) for t in (tf.convert_to_tensor(zero), start)]
    inside = [node("enter", t, frame_name=name, is_constant=True) for t in (count, *constants)]
    merges = [node("merge", [e, e]).output for e in enters]
    go_on = node("loop_cond", tf.less(merges[0], inside[0]))
    (_, i), (leave, v) = (node("switch", m, go_on) for m in merges)
    with tf.control_dependencies([tf.identity(i)]):
        after = i + 1, body(v, *inside[1:])
    for m, t in zip(merges, after):
        m.op._update_input(1, node("next_iteration", t))
    return node("exit", leave)


def test_gradients_of_a_loop_of_both_orders():
    x, f = tf.placeholder_with_default(2.0, []), tf.placeholder_with_default(3.0, [])
    y = powers(x, f)                                                  # 2 * 3 ** 4
    dx, df = tf.gradients(y, [x, f])
    second = tf.gradients(df, [x, f])
    with tf.Session() as session:
        assert session.run([y, dx, df]) == [162.0, 81.0, 216.0]
        assert session.run(second) == [108.0, 216.0]
        assert session.run([y, dx, df], {x: 200.0}) == [200.0, 1.0, 0.0]      # no turn


def test_second_gradients_stop_where_the_loop_says_so():
    x = tf.constant(3.0)
    y = counted(tf.constant(2), lambda v, u: v * tf.stop_gradient(u) * tf.stop_gradient(tf.identity(v)), tf.constant(1.0), [x])
    first = tf.gradients(counted(tf.constant(1), lambda v: v * tf.stop_gradient(v), x, name="other"), x)[0]
    with tf.Session() as session:
        assert session.run([y, tf.gradients(y, x)[0]]) == [27.0, 0.0]
        assert session.run([first, tf.gradients(first, x, unconnected_gradients="zero")[0]]) == [3.0, 0.0]


@pytest.mark.parametrize("turns", [0, 1, 5])
def test_gradients_by_how_often_it_turns(turns):
    x, f = tf.constant(1.5), tf.constant(0.5)
    found = tf.gradients(powers(x, f, turns), [x, f])
    with tf.Session() as session:
        np.testing.assert_allclose(session.run(found), [0.5 ** turns, turns and 1.5 * turns * 0.5 ** (turns - 1)], rtol=1e-6)


def test_gradients_taken_twice_and_by_what_leaves_the_loop():
    x, f = tf.constant(2.0), tf.constant(3.0)
    y = powers(x, f, 3)
    z = y * y
    (once,), (twice,), (at_exit,), (beyond,) = (tf.gradients(z, v) for v in (x, x, y, f))
    stopped = tf.gradients(z + x, x, stop_gradients=[y])[0]
    both = tf.gradients(z, [y, x])
    with tf.Session() as session:
        assert session.run([once, twice, at_exit, beyond, stopped, *both]) == [2916.0, 2916.0, 108.0, 108.0 * 54.0, 1.0, 108.0, 2916.0]


def test_gradients_of_all_orders_through_arrays_by_handle():
    """A TensorArray made, written and read by its nodes: outside of a loop, and anew in each turn of one."""
    x = tf.constant(1.5)

    def cube(v):
        handle, flow = node("tensor_array_v3", 2, dtype=tf.float32)
        flow = node("tensor_array_write_v3", handle, 0, v, flow)
        flow = node("tensor_array_write_v3", handle, 1, v * v, flow)
        one, other = (node("tensor_array_read_v3", handle, i, flow, dtype=tf.float32) for i in range(2))
        return one * other

    y = cube(x)
    z = counted(tf.constant(2), lambda v, f: cube(v) * f, x, [tf.constant(2.0)])          # 16 x ** 9
    for t, n, factor in ((y, 3, 1.0), (z, 9, 16.0)):
        wanted = []
        for _ in range(3):
            t, n, factor = tf.gradients(t, x)[0], n - 1, factor * n
            wanted.append((t, factor * 1.5 ** n))
        with tf.Session() as session:
            np.testing.assert_allclose(session.run([g for g, _ in wanted]), [value for _, value in wanted], rtol=1e-5)


def test_the_loop_gives_what_it_gave_before():
    x, f = tf.placeholder(tf.float32, []), tf.constant(3.0)
    y = powers(x, f)
    names = [op.name for op in tf.get_default_graph().get_operations()]
    with tf.Session() as session:
        assert session.run(y, {x: 2.0}) == 162.0
        tf.gradients(y, [x, f])
        assert session.run(y, {x: 2.0}) == 162.0
    assert [op.name for op in tf.get_default_graph().get_operations()][:len(names)] == names


def test_branches_in_a_loop_give_gradients_of_the_sides_taken():
    x, f = tf.constant(2.0), tf.constant(3.0)

    def body(v, factor):
        p = tf.less(v, 10.0)
        no, yes = node("switch", v, p)
        small = node("switch", factor, p).output_true
        return node("merge", [tf.sqrt(no), yes * yes * small]).output

    y = counted(tf.constant(3), body, x, [f])              # 2 -> 12 -> sqrt(12) -> 12 * 3
    found = tf.gradients(y, [x, f])                        # of x ** 2 * f ** 2
    second = tf.gradients(found[0], [x, f])
    with tf.Session() as session:
        np.testing.assert_allclose(session.run([y, *found, *second]), [36.0, 36.0, 24.0, 18.0, 24.0], rtol=1e-5)


def test_a_merge_of_unlike_sides_in_a_loop_is_refused():
    x = tf.constant(2.0)

    def body(v):
        no, yes = node("switch", v, tf.less(v, 10.0))
        return node("merge", [no, yes * node("switch", v, tf.less(v, 11.0)).output_true]).output

    with pytest.raises(NotImplementedError, match="joins more than two sides"):
        tf.gradients(counted(tf.constant(3), body, x), x)


def test_gradients_of_functions_that_hold_branches_and_loops():
    graph_def = tf.GraphDef()
    graph_def.ParseFromString((FOLDER.parent / "functions.pb").read_bytes())
    tf.import_graph_def(graph_def, name="")
    x, y, w = (tf.get_default_graph().get_tensor_by_name(f"{name}:0") for name in "xyw")
    found = tf.gradients(y, x) + tf.gradients(w, x)
    with tf.Session() as session:
        for value, wanted in ((0.5, [13.0, 0.125]), (3.0, [6.0, 1.0])):
            assert session.run(found, {x: value}) == wanted
            h = 2.0 ** -6
            for t, slope in zip((y, w), wanted):
                ahead, behind = (session.run(t, {x: value + d}) for d in (h, -h))
                np.testing.assert_allclose((ahead - behind) / (2 * h), slope, rtol=1e-3)
    second = tf.gradients(found[0], x)[0]
    with tf.Session() as session:
        for value in (0.5, 3.0):
            h = 2.0 ** -5
            ahead, at, behind = (session.run(y, {x: value + d}) for d in (h, 0.0, -h))
            np.testing.assert_allclose(session.run(second, {x: value}), (ahead - 2 * at + behind) / h ** 2, atol=1e-2)


def test_a_loop_in_a_branch_and_a_branch_with_two_loops():
    x, p = tf.placeholder(tf.float32, []), tf.placeholder(tf.bool, [])
    no, yes = node("switch", x, p)
    with tf.control_dependencies([tf.identity(yes)]):
        count = tf.constant(2)
    y = node("merge", [counted(count, lambda v: v * v, yes), tf.sin(no)]).output
    dx = tf.gradients(y, x)[0]
    with tf.Session() as session:
        np.testing.assert_allclose(session.run([y, dx], {x: 1.5, p: True}), [1.5 ** 4, 4 * 1.5 ** 3], rtol=1e-6)
        np.testing.assert_allclose(session.run([y, dx], {x: 1.5, p: False}), [np.sin(1.5), np.cos(1.5)], rtol=1e-6)


def test_a_loop_in_a_loop():
    x = tf.constant(1.1)

    def outer(v, f):
        two, zero = tf.constant(2), tf.constant(0)
        with tf.control_dependencies(None):
            left = counted(two, lambda u, g: u * g, v, [f], "inner", zero)
        return left * left

    f = tf.constant(0.9)
    y = counted(tf.constant(2), outer, x, [f])             # ((x f^2)^2 f^2)^2 = x^4 f^12
    dx, df = tf.gradients(y, [x, f])
    second = tf.gradients(df, x)[0]
    with tf.Session() as session:
        wanted = [1.1 ** 4 * 0.9 ** 12, 4 * 1.1 ** 3 * 0.9 ** 12, 12 * 1.1 ** 4 * 0.9 ** 11, 48 * 1.1 ** 3 * 0.9 ** 11]
        np.testing.assert_allclose(session.run([y, dx, df, second]), wanted, rtol=1e-5)


@pytest.mark.parametrize("use_resource", [True, False])
def test_gradients_go_to_variables_read_in_and_before_a_loop(use_resource):
    v = tf.get_variable("v", initializer=3.0, use_resource=use_resource)
    constant = v.handle if use_resource else v._ref()
    enter = "enter" if use_resource else "ref_enter"
    outside = node(enter, constant, frame_name="counted", is_constant=True)
    read = (lambda: node("read_variable_op", outside, dtype=tf.float32)) if use_resource else (lambda: tf.identity(outside))
    y = counted(tf.constant(3), lambda u, w: u * w * read(), tf.constant(2.0), [v * 1.0])
    g = tf.gradients(y, [v])[0]
    with tf.Session() as session:
        session.run(v.initializer)
        assert session.run([y, g]) == [2.0 * 3.0 ** 6, 2.0 * 6 * 3.0 ** 5]
    step = tf.train.GradientDescentOptimizer(1e-4).minimize(y)
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(step)
        np.testing.assert_allclose(session.run(v), 3.0 - 1e-4 * 2916.0, rtol=1e-6)


def test_a_loop_made_without_back_prop_gives_no_gradients(graph):
    x = tf.constant(2.0)
    y = powers(x, tf.constant(3.0)) + x
    message = proto.WhileContextDef(context_name="hand", back_prop=False)
    graph.add_to_collection("while_context", message.SerializeToString())
    with tf.Session() as session:
        assert session.run(tf.gradients(y, x)) == [1.0]
        message.back_prop = True
        graph.get_collection_ref("while_context")[:] = [message.SerializeToString()]
        assert session.run(tf.gradients(y, x)) == [82.0]


def test_gradients_within_a_loop_are_refused():
    x = tf.constant(2.0)
    y = powers(x, tf.constant(3.0))
    product = next(op for op in tf.get_default_graph().get_operations() if op.type == "Mul").outputs[0]
    for ys, xs in ((y, product), (product, x)):
        with pytest.raises(NotImplementedError, match="inside of a loop of TF1's control flow nodes"):
            tf.gradients(ys, xs)


def test_custom_gradients_that_are_not_here_say_so():
    x = tf.constant(2.0)
    y = tf.square(x)
    message = tf.AttrValue(s=b"CustomGradient-7")
    y.op._set_attr("_gradient_op_type", message)
    with pytest.raises(LookupError, match="CustomGradient-7"):
        tf.gradients(y, x)


def test_training_a_recurrent_network_that_tensorflow_wrote_anew():
    """The loss of an imported meta graph gets a new optimizer: its gradients are those that TensorFlow recorded."""
    folder = FOLDER.parent / "training"
    with np.load(folder / "values.npz") as values:
        saver = tf.train.import_meta_graph(str(folder / "model-3.meta"))
        graph = tf.get_default_graph()
        w = next(v for v in tf.trainable_variables() if v.op.name == "w")
        recorded = graph.get_operation_by_name("Adam/update_w/ApplyAdam").inputs[9]
        loss = graph.get_tensor_by_name("loss:0")
        mine = tf.gradients(loss, w)[0]
        step = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
        with tf.Session() as session:
            saver.restore(session, str(folder / "model-3"))
            a, b = (session.run(g, {"x:0": values["x"]}) for g in (mine, recorded))      # at once they would share their TensorArrays
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-7)
            before = session.run(loss, {"x:0": values["x"]})
            for _ in range(5):
                session.run(step, {"x:0": values["x"]})
            assert session.run(loss, {"x:0": values["x"]}) < before


def test_all_reads_of_a_reference_variable_count():
    v = tf.get_variable("v", initializer=3.0, use_resource=False)
    found = tf.gradients(tf.identity(v._ref()) * v * v.read_value(), [v, v._ref()])
    with tf.Session() as session:
        session.run(v.initializer)
        assert session.run(found) == [27.0, 27.0]
