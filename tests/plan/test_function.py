"""Functions (graphs inside graphs) become bodies of the plan that is being lowered, with what they capture listed."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.core.dtypes import DType
from graphflow.core.effects import READ, WRITE
from graphflow.core.func_graph import FuncGraph
from graphflow.core.make import make
from graphflow.core.op import REGISTRY, Op, Spec
from graphflow.ops.state.assign import AssignAddVariableOp
from graphflow.plan.bodies import aligned, argument
from graphflow.plan.control import cond, loop
from graphflow.plan.function import Carried, lower_body, settled
from graphflow.plan.ir import Plan
from graphflow.plan.pipeline import operations

INT, FLOAT = np.dtype(np.int32), np.dtype(np.float32)


class HeldBranches(Op, sig="predicate: bool, captures: [Tin] -> output: T"):
    """What an If does, in short."""
    T: DType
    Tin: tuple

    def infer(self, predicate, *captures):
        return Spec(self.T, None)

    def lowered(self, lowering, op):
        predicate, *given = (lowering.argument(t) for t in op.inputs)
        parts = []
        for function in FUNCTIONS[op]:
            outer = dict(zip(op.inputs[1:], given, strict=True))
            inside = {mine: outer[theirs] for theirs, mine in function.captures.items()}
            ops = operations([t.op for t in function.outputs], list(inside))
            parts.append(lower_body(lowering, ops, function.outputs, inside))
        (then, orelse), captures = aligned(parts)
        return cond(lowering.tracer, predicate, then, orelse, captures)


class HeldLoop(Op, sig="n: int32, captures: [Tin] -> count: int32"):
    """for i in range(n): body(i); resources that the body writes are carried, those that it reads are captured."""
    Tin: tuple

    def infer(self, n, *captures):
        return Spec(tf.int32, ())

    def accesses(self, operation):
        return [(1, READ | WRITE), (2, READ)]

    def lowered(self, lowering, op):
        n, *given = (lowering.argument(t) for t in op.inputs)
        test, body = FUNCTIONS[op]
        written = lowering.effects.home[op.inputs[1]]
        inside = {mine: given[list(op.inputs[1:]).index(theirs)] for theirs, mine in body.captures.items()}
        home = {body.captures[t]: lowering.effects.home[t] for t in op.inputs[1:3]}
        ops = operations([t.op for t in body.outputs], list(inside), home)
        now = lowering.read(written, op)

        def lower(shapes):
            carried = [Carried(body.inputs[0], shapes[0], INT), Carried(written, shapes[1], FLOAT)]
            return lower_body(lowering, ops, body.outputs, inside, carried, written=[written])
        turn, turn_takes = settled(lower, [(), now.shape])
        go_on, test_takes = lower_body(lowering, operations([test.outputs[0].op], test.inputs), test.outputs, {test.inputs[1]: n},
                                       [Carried(test.inputs[0], (), INT), Carried(written, now.shape, FLOAT)])
        (go_on, turn), captures = aligned([(go_on, test_takes), (turn, turn_takes)], own=2)
        count, after = loop(lowering.tracer, go_on, turn, [np.asarray(0, INT), now], captures)
        lowering.write(written, after)
        return [count]


del REGISTRY["HeldBranches"], REGISTRY["HeldLoop"]      # these are no ops of the package
FUNCTIONS = {}


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made
    FUNCTIONS.clear()


def function(name, build, *arguments):
    """A function graph whose outputs `build(*arguments)` makes; it may capture tensors of the default graph."""
    made = FuncGraph(name, tf.get_default_graph())
    with made.as_default():
        inside = [made.add_input(Spec(tf.as_dtype(a), ()), f"argument{k}") for k, a in enumerate(arguments)]
        made.outputs = build(*inside)
    return made


def branches(predicate, then, orelse):
    parts = function("then", then), function("orelse", orelse)
    captures = list(dict.fromkeys([*parts[0].captured(), *parts[1].captured()]))
    made = make(HeldBranches, predicate, captures, T=tf.float32)
    FUNCTIONS[made.op] = parts
    return made


def last(session, fetches, feeds):
    return session.explain(fetches, feeds, stages=True)[-1][1]


def test_functions_nested_twice_capture_through_both():
    x, p, q = tf.placeholder(tf.float32, [3]), tf.placeholder(tf.bool, []), tf.placeholder(tf.bool, [])
    scale = tf.constant(3.0)
    y = branches(p, lambda: [branches(q, lambda: [tf.exp(x) * scale], lambda: [x + scale]) * 2.0], lambda: [x - 1.0])
    total = tf.reduce_sum(y)
    session = tf.Session()
    value = np.array([0, 1, 2], "f")
    for a in (True, False):
        for b in (True, False):
            wanted = ((np.exp(value) * 3 if b else value + 3) * 2) if a else value - 1
            found = session.run([y, total], {x: value, p: a, q: b})
            np.testing.assert_allclose(found[0], wanted, rtol=1e-6)
            np.testing.assert_allclose(found[1], wanted.sum(), rtol=1e-6)
    plan = last(session, y, {x: (3,), p: (), q: ()})
    outer = next(n for n in plan.nodes if n.prim == "cond")
    inner = next(n for n in outer.par.then.nodes if n.prim == "cond")
    assert len(outer.args) == 3 and len(inner.args) == 2            # predicates, x, and q for the inner one; the known scale is none
    assert [n.prim for n in inner.par.orelse.nodes] == ["add"]


def test_a_known_predicate_lowers_one_branch():
    x = tf.placeholder(tf.float32, [3])
    y = branches(tf.constant(False), lambda: [tf.exp(x)], lambda: [x - 1.0])
    plan = last(tf.Session(), y, {x: (3,)})
    assert [n.prim for n in plan.nodes] == ["subtract"]


def test_resources_are_carried_or_captured():
    """for i in range(n): w += u * x; the variable w is written (carried), u is read (captured)."""
    x, n = tf.placeholder(tf.float32, [3]), tf.placeholder(tf.int32, [])
    w, u = (tf.get_variable(name, [3], use_resource=True, initializer=tf.ones_initializer()) for name in "wu")

    def turn(i):
        update = make(AssignAddVariableOp, w.handle, u.value() * x)
        with tf.control_dependencies([update]):
            return [i + 1]
    test, body = function("test", lambda i, n: [i < n], tf.int32, tf.int32), function("body", turn, tf.int32)
    captures = [w.handle, u.handle, x]
    assert set(body.captured()) == set(captures)
    count = make(HeldLoop, n, captures)
    FUNCTIONS[count.op] = test, body
    with tf.control_dependencies([count]):
        after = w.read_value()
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    fed = np.array([1, 2, 3], "f")
    assert session.run(count, {x: fed, n: 4}) == 4
    np.testing.assert_array_equal(session.run(w), 1 + 4 * fed)
    found = session.run([after, u], {x: fed, n: 2})
    np.testing.assert_array_equal(found[0], 1 + 6 * fed)
    np.testing.assert_array_equal(found[1], [1, 1, 1])
    plan = last(session, count, {x: (3,), n: ()})
    assert {node.par for node in plan.inputs if node.prim == "variable"} == {"w", "u"} and [e.key for e in plan.effects] == ["w"]
    session.run(count, {x: fed, n: 0})
    np.testing.assert_array_equal(session.run(w), 1 + 6 * fed)


class Shaped:
    dtype = FLOAT

    def __init__(self, shape):
        self.shape = shape


def test_a_shape_that_grows_is_unknown_in_the_body():
    seen = []

    def lower(shapes):
        seen.append(list(shapes))
        values = [argument(Shaped(shape)) for shape in shapes]
        grown = argument(Shaped(None if shapes[0] is None else (shapes[0][0] + 1,)))
        return Plan([*values, grown], [], [grown, values[1]], []), []
    body, _ = settled(lower, [(2,), (5,)])
    assert seen == [[(2,), (5,)], [None, (5,)]] and body.inputs[0].shape is None and body.inputs[1].shape == (5,)
