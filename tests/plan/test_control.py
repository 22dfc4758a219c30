"""Plans inside plans: `cond` and `loop`, built by hand through the tracer, run by the engine as straight code."""
import time

import numpy as np
import pytest

from graphflow.plan.bodies import argument
from graphflow.plan.control import cond, loop
from graphflow.plan.ir import Plan, Write
from graphflow.plan.passes.dead_ends import drop_dead_ends
from graphflow.plan.pipeline import PASSES
from graphflow.plan.tracer import Tracer
from graphflow.plan.verify import verify
from graphflow.runtime.engines.numpy_engine import compile_plan
from graphflow.runtime.store import Binding, Store

FLOAT, INT, BOOL = np.dtype(np.float32), np.dtype(np.int32), np.dtype(bool)


def body(values, trace, unknown=()):
    """A plan of arguments like `values`, with the outputs that `trace` gives for them. unknown: positions of unknown shape."""
    tracer = Tracer()
    inputs = [tracer.input("argument", None, None if i in unknown else v.shape, v.dtype) for i, v in enumerate(values)]
    with tracer, np.errstate(all="ignore"):
        return Plan(inputs, tracer.nodes, trace(tracer, *inputs), [])


def run(trace, *feeds, variables=None):
    """(outputs, plan, store): what `trace(tracer, *fed nodes)` gives; it may return (outputs, writes)."""
    store = Store()
    for key, value in (variables or {}).items():
        store.rebind(key, value)
    tracer = Tracer()
    nodes = [tracer.input("feed", i, f.shape, f.dtype) for i, f in enumerate(feeds)]
    nodes += [tracer.input("variable", key, value.shape, value.dtype) for key, value in (variables or {}).items()]
    with tracer:
        outputs = trace(tracer, *nodes)
    writes = []
    if isinstance(outputs, tuple):
        outputs, writes = outputs
    plan = Plan(tracer.inputs, tracer.nodes, outputs, [Write(*w) for w in writes])
    verify(plan)
    for _, change in PASSES:
        plan = change(plan)
    step = compile_plan(plan, Binding(None, store)).instance()
    first = [np.array(v) for v in step(*feeds)]
    if not writes:      # a second run finds nothing left over of the first
        for a, b in zip(first, step(*feeds), strict=True):
            np.testing.assert_array_equal(a, b)
    return first, plan, store


def counting(n, start=0):
    i, n = np.asarray(start, INT), np.asarray(n, INT)
    return body([i, n], lambda xp, i, n: [i < n]), body([i, n], lambda xp, i, n: [i + 1])


@pytest.mark.parametrize("n", [0, 1, 7])
def test_a_loop_counts(n):
    test, turn = counting(n)
    outputs, _, _ = run(lambda xp, n: loop(xp, test, turn, [np.asarray(0, INT)], [n]), np.asarray(n, INT))
    assert outputs == [n] and outputs[0].dtype == INT


@pytest.mark.parametrize("p", [True, False])
def test_a_cond_takes_one_branch(p):
    x = np.arange(6, dtype="f").reshape(2, 3)
    then, orelse = body([x], lambda xp, x: [x * 2.0, xp.exp(x)]), body([x], lambda xp, x: [x - 1.0, xp.transpose(xp.reshape(x, (3, 2)))])
    outputs, plan, _ = run(lambda xp, p, x: cond(xp, p, then, orelse, [x]), np.asarray(p), x)
    wanted = [x * 2, np.exp(x)] if p else [x - 1, x.reshape(3, 2).T]
    for mine, theirs in zip(outputs, wanted, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert "then:" in str(plan) and "orelse:" in str(plan)


def test_a_known_predicate_leaves_the_taken_branch_only():
    x = np.arange(3, dtype="f")
    then, orelse = body([x], lambda xp, x: [xp.exp(x)]), body([x], lambda xp, x: [xp.log(x)])
    outputs, plan, _ = run(lambda xp, x: [v + xp.exp(x) for v in cond(xp, np.asarray(True), then, orelse, [x])], x)
    assert [n.prim for n in plan.nodes] == ["exp", "add"]           # merged with equal work around it
    np.testing.assert_allclose(outputs[0], 2 * np.exp(x))


def newton(xp, a, steps):
    """Square roots by `steps` turns, with buffers inside the body."""
    test = body([np.asarray(0, INT), a, a, np.asarray(0, INT)], lambda xp, i, r, a, n: [i < n])
    turn = body([np.asarray(0, INT), a, a, np.asarray(0, INT)], lambda xp, i, r, a, n: [i + 1, (r + a / r) * 0.5])
    return loop(xp, test, turn, [np.asarray(0, INT), a], [a, steps])[1]


def test_carried_arrays_with_temporaries_in_the_body():
    a = np.linspace(1, 9, 12, dtype="f").reshape(3, 4)
    outputs, _, _ = run(lambda xp, a, n: [newton(xp, a, n)], a, np.asarray(30, INT))
    np.testing.assert_allclose(outputs[0], np.sqrt(a), rtol=1e-6)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_carried_values_that_swap_keep_their_values(n):
    a, b = np.arange(4, dtype="f"), -np.arange(4, dtype="f")
    kinds = [np.asarray(0, INT), a, b, np.asarray(0, INT)]
    test, turn = body(kinds, lambda xp, i, a, b, n: [i < n]), body(kinds, lambda xp, i, a, b, n: [i + 1, b, a])

    def trace(xp, a, b, n):
        _, x, y = loop(xp, test, turn, [np.asarray(0, INT), a, b], [n])
        return [x, y, x + y]
    outputs, _, _ = run(trace, a, b, np.asarray(n, INT))
    np.testing.assert_array_equal(outputs[0], [a, b][n % 2])
    np.testing.assert_array_equal(outputs[1], [b, a][n % 2])
    outputs[0] += 1
    assert a.tolist() == [0, 1, 2, 3]           # a fetch never shares memory with what was fed


def test_swapped_variables_are_written_right():
    a, b, n = np.arange(4, dtype="f"), -np.arange(4, dtype="f") - 1, np.asarray(3, INT)
    kinds = [np.asarray(0, INT), a, b, n]
    test, turn = body(kinds, lambda xp, i, a, b, n: [i < n]), body(kinds, lambda xp, i, a, b, n: [i + 1, b, a])

    def trace(xp, n, a, b):
        _, x, y = loop(xp, test, turn, [np.asarray(0, INT), a, b], [n])
        return [xp.sum(x)], [("a", x), ("b", y)]
    outputs, _, store = run(trace, n, variables={"a": a, "b": b})
    np.testing.assert_array_equal(store.value("a"), b)
    np.testing.assert_array_equal(store.value("b"), a)
    assert outputs == [b.sum()]


def test_a_resource_carried_through_nested_bodies():
    """for i in range(n): for j in range(i): if j is even: v += x * j   - the variable is a carried value in all three."""
    v, x, zero = np.zeros(3, "f"), np.array([1, 2, 3], "f"), np.asarray(0, INT)
    inner_kinds = [zero, v, x, zero]

    def inner_turn(xp, j, v, x, i):
        add = body([v, x, j], lambda xp, v, x, j: [v + x * xp.astype(j, FLOAT)])
        keep = body([v, x, j], lambda xp, v, x, j: [v])
        return [j + 1, *cond(xp, xp.equal(xp.remainder(j, np.asarray(2, INT)), np.asarray(0, INT)), add, keep, [v, x, j])]
    inner_test, inner = body(inner_kinds, lambda xp, j, v, x, i: [j < i]), body(inner_kinds, inner_turn)
    outer_kinds = [zero, v, x, zero]

    def outer_turn(xp, i, v, x, n):
        return [i + 1, loop(xp, inner_test, inner, [np.asarray(0, INT), v], [x, i])[1]]
    outer_test, outer = body(outer_kinds, lambda xp, i, v, x, n: [i < n]), body(outer_kinds, outer_turn)

    def trace(xp, x, n, v):
        after = loop(xp, outer_test, outer, [np.asarray(0, INT), v], [x, n])[1]
        return [after], [("v", after)]
    expected = v.copy()
    for i in range(6):
        for j in range(0, i, 2):
            expected += x * j
    outputs, plan, store = run(trace, x, np.asarray(6, INT), variables={"v": v})
    np.testing.assert_allclose(outputs[0], expected)
    np.testing.assert_allclose(store.value("v"), expected)
    assert outputs[0].base is None and str(plan).count("body:") == 2


def test_shapes_may_vary_from_turn_to_turn():
    """A carried value of unknown shape: only calls take such values, so here it is swapped between two shapes."""
    a, b, n = np.arange(2, dtype="f"), np.arange(3, dtype="f"), np.asarray(3, INT)
    kinds = [np.asarray(0, INT), a, b, n]
    test = body(kinds, lambda xp, i, a, b, n: [i < n], unknown=(1, 2))
    turn = body(kinds, lambda xp, i, a, b, n: [i + 1, b, a], unknown=(1, 2))
    outputs, plan, _ = run(lambda xp, a, b, n: loop(xp, test, turn, [np.asarray(0, INT), a, b], [n])[1:], a, b, n)
    assert outputs[0].tolist() == [0, 1, 2] and outputs[1].tolist() == [0, 1]
    assert all(v.shape is None for v in plan.outputs)


def test_a_value_that_no_turn_changes_is_a_capture():
    a, zero = np.arange(3, dtype="f"), np.asarray(0, INT)
    kinds = [zero, a, zero]
    test, turn = body(kinds, lambda xp, i, a, n: [i < n]), body(kinds, lambda xp, i, a, n: [i + 1, a])
    tracer = Tracer()
    x, n = tracer.input("feed", 0, (3,), FLOAT), tracer.input("feed", 1, (), INT)
    i, still = loop(tracer, test, turn, [zero, x], [n])
    assert still is x and len(i.args[0].par.body.outputs) == 1


def test_dead_ends_go_inside_bodies_too():
    x, zero = np.arange(3, dtype="f"), np.asarray(0, INT)
    kinds = [zero, x, x, x, zero]
    test = body(kinds, lambda xp, i, a, b, c, n: [i < n])
    turn = body(kinds, lambda xp, i, a, b, c, n: [i + 1, a + b, xp.exp(b), xp.log(c)])
    tracer = Tracer()
    fed = [tracer.input("feed", k, (3,), FLOAT) for k in range(3)]
    n = tracer.input("feed", 3, (), INT)
    found = loop(tracer, test, turn, [zero, *fed], [n])
    slim = drop_dead_ends(Plan(tracer.inputs, tracer.nodes, [found[1]], []))
    verify(slim)
    inner = slim.nodes[0].par.body
    assert {n.prim for n in inner.nodes} == {"add", "exp"} and len(inner.outputs) == 3 and len(slim.nodes[0].args) == 4
    assert drop_dead_ends(slim) is slim
    then, orelse = (body([x, x], lambda xp, a, b, f=f: [f(xp, a), xp.sin(b)]) for f in (lambda xp, a: xp.exp(a), lambda xp, a: xp.cos(a)))
    tracer = Tracer()
    p, a, b = tracer.input("feed", 0, (), BOOL), tracer.input("feed", 1, (3,), FLOAT), tracer.input("feed", 2, (3,), FLOAT)
    one, _ = cond(tracer, p, then, orelse, [a, b])
    slim = drop_dead_ends(Plan(tracer.inputs, tracer.nodes, [one], []))
    verify(slim)
    assert all(x is y for x, y in zip(slim.nodes[0].args, (p, a), strict=True))
    assert [n.prim for n in slim.nodes[0].par.then.nodes] == ["exp"]


def test_results_that_may_be_views_keep_their_arguments_alive():
    """exp(x) lives in a buffer and is handed on by the branch; later work must not take the buffer over."""
    x, p = np.arange(600, dtype="f").reshape(2, 300) / 100, np.asarray(True)

    def trace(xp, x, p):
        y = xp.exp(x)
        handed, = cond(xp, p, body([y], lambda xp, y: [xp.transpose(y)]), body([y], lambda xp, y: [xp.transpose(y) * 2.0]), [y])
        z = x * 3.0
        w = z + 1.0
        return [xp.sum(w * z), handed * 1.5, xp.sum(handed)]
    outputs, _, _ = run(trace, x, p)
    np.testing.assert_allclose(outputs[1], np.exp(x).T * 1.5, rtol=1e-6)
    np.testing.assert_allclose(outputs[2], np.exp(x).sum(), rtol=1e-5)


def test_big_bodies_run_in_blocks(monkeypatch):
    from graphflow.plan.passes import fusion
    monkeypatch.setattr(fusion, "MINIMUM", 8)
    monkeypatch.setattr(fusion, "BLOCK", 16)
    a = np.linspace(1, 9, 50, dtype="f")

    def trace(xp, a, n):
        before = xp.exp(a * 0.1) + 1.0
        root = newton(xp, before, n)
        return [root, xp.sum(xp.sqrt(root) * 2.0 + a)]
    outputs, _, _ = run(trace, a, np.asarray(30, INT))
    wanted = np.sqrt(np.exp(a * 0.1) + 1)
    np.testing.assert_allclose(outputs[0], wanted, rtol=1e-6)
    np.testing.assert_allclose(outputs[1], (np.sqrt(wanted) * 2 + a).sum(), rtol=1e-5)


def test_wrong_bodies_are_noticed():
    zero, x = np.asarray(0, INT), np.arange(3, dtype="f")
    tracer = Tracer()
    n, fed = tracer.input("feed", 0, (), INT), tracer.input("feed", 1, (3,), FLOAT)
    good_test, good_turn = counting(3)
    cases = [("turns from", body([zero, zero], lambda xp, i, n: [xp.astype(i, FLOAT)]), [zero], [n]),
             ("takes 2 values and gets 3", good_turn, [zero], [n, fed]),
             ("takes int32 and gets float32", good_turn, [zero], [np.float32(3)])]
    for text, turn, carried, captures in cases:
        inner = Tracer()
        outputs = loop(inner, good_test, turn, carried, captures)
        with pytest.raises(AssertionError, match=text):
            verify(Plan(tracer.inputs, inner.nodes, outputs, []))
    inner = Tracer()
    other = body([x], lambda xp, x: [x + 1.0])
    escaped = Plan([], [], [fed], [])
    p = inner.input("feed", 0, (), BOOL)
    with pytest.raises(AssertionError, match="then of .*leaves the plan"):
        verify(Plan(inner.inputs, inner.nodes, cond(inner, p, escaped, other, []), []))


def test_a_counting_loop_takes_little_time():
    test, turn = counting(0)
    tracer = Tracer()
    n = tracer.input("feed", 0, (), INT)
    plan = Plan(tracer.inputs, tracer.nodes, loop(tracer, test, turn, [np.asarray(0, INT)], [n]), [])
    step = compile_plan(plan, Binding(None, Store())).instance()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        step(np.asarray(20_000, INT))
        times.append((time.perf_counter() - start) / 20_000)
    assert min(times) < 1.5e-6, f"{min(times) * 1e6:.2f} us"


def test_an_argument_stands_for_a_value():
    node = argument(np.zeros((2, 3), "f"))
    assert node.prim == "argument" and node.shape == (2, 3) and node.dtype == FLOAT
