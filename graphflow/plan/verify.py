"""What a valid plan is. Tests run it after every pass; a pass that breaks a plan is named at once."""
from __future__ import annotations

from typing import Any

import numpy as np

from .bodies import results
from .ir import Handle, Plan, overwritten, root
from .kernels import KERNELS, PRIMITIVES
from .layout import Layout
from .node import ELEMENTWISE, HOLDERS, INPUTS, VIEWS, Node, bodies


def verify(plan: Plan) -> None:
    """AssertionError unless every node is known, comes after its arguments and has the shape and dtype that they imply."""
    seen: set[int] = set()
    for node in plan.inputs:
        assert node.prim in INPUTS and not node.args, f"{node} = {node.prim} is no input"
        seen.add(node.id)
    named = [(n.prim, n.id if n.prim == "argument" else n.par) for n in plan.inputs]
    assert len(named) == len(set(named)), "an input occurs twice"
    for node in plan.nodes:
        assert node.prim in PRIMITIVES, f"{node} has an unknown primitive {node.prim!r}"
        assert node.id not in seen, f"{node} occurs twice"
        for a in node.args:
            assert not isinstance(a, Node) or a.id in seen, f"{node} = {node.prim} uses {a} before it is computed"
            assert a is None or isinstance(a, (Node, np.ndarray, np.generic, Handle)), f"{node} has an argument of type {type(a).__name__}"
        _check(node)
        if node.prim in HOLDERS:
            _check_bodies(node)
        seen.add(node.id)
    for value in plan.leaving():
        assert not isinstance(value, Node) or value.id in seen, f"{value} leaves the plan but is not in it"
    _check_notes(plan)
    keys = [k for k, _ in plan.effects]
    assert len(keys) == len(set(keys)), "a variable is written twice"


def _check_notes(plan: Plan) -> None:
    """What passes noted is about the nodes that are there, and no variable is overwritten that is still read."""
    if plan.layout is not None:
        assert all(n.id in plan.layout.places for n in plan.nodes), "a value has no place"
        named = {p.name for p in plan.layout.places.values() if p.kind == "buffer"}
        assert named <= set(plan.layout.buffers), "a value is in a buffer that is not there"
        _check_in_place(plan, plan.layout)
    before = None
    for number in [(plan.fused or {}).get(n.id) for n in plan.nodes]:
        if number is not None and number != before:
            assert before is None or number > before, f"cluster {number} is not in one piece"
        before = number if number is not None else before


def _check_in_place(plan: Plan, layout: Layout) -> None:
    """No node after the one that computes into a variable's array reads the variable's old value."""
    written: dict[str, int] = {}
    for node in plan.nodes:
        for a in node.args:
            base = root(a)
            old = isinstance(base, Node) and base.prim == "variable" and base.par in written
            assert not old, f"{node} reads the old value of {base.par} after a write"
        place = layout.places[node.id]
        if place.kind == "in place":
            before, made = overwritten(node), written.get(place.name)
            again = before.__class__ is Node and before.id == made      # a call that changes what was just written
            assert made is None or again, f"{place.name} is written in place twice"
            written[place.name] = node.id


def _check_bodies(node: Node) -> None:
    """Bodies are valid plans of arguments only, and take and give what their node does."""
    for name, body in bodies(node).items():
        try:
            verify(body)
        except AssertionError as error:
            raise AssertionError(f"{name} of {node}: {error}") from error
        where = f"{name} of {node} = {node.prim}"
        assert not body.effects and all(n.prim == "argument" for n in body.inputs), f"{where} reads or writes by itself"
        args = node.args[1:] if node.prim == "cond" else node.args
        assert len(body.inputs) == len(args), f"{where} takes {len(body.inputs)} values and gets {len(args)}"
        for inside, value in zip(body.inputs, args):
            assert inside.dtype == value.dtype, f"{where} takes {inside.dtype} and gets {value.dtype}"
            known = value.shape is None or inside.shape in (None, value.shape)      # else the graph tells more than the value's node
            assert known, f"{where} takes {inside.shape} and gets {value.shape}"
    if node.prim == "cond":
        then, orelse = ([v.dtype for v in body.outputs] for body in node.par)
        assert then == orelse, f"the branches of {node} give {then} and {orelse}"
        predicate = node.args[0]
        assert predicate.dtype == bool and predicate.shape in ((), None), f"{node} chooses by {predicate.dtype}{predicate.shape}"
        return
    test, body = node.par
    assert [v.dtype.name for v in test.outputs] == ["bool"], f"the test of {node} gives {test.outputs}"
    for carried, value in zip(body.inputs, body.outputs):
        assert carried.dtype == value.dtype, f"a carried value of {node} turns from {carried.dtype} to {value.dtype}"
        assert carried.shape in (None, value.shape), f"a carried value of {node} turns from {carried.shape} to {value.shape}"
    for a, b in zip(test.inputs, body.inputs):
        assert a.shape == b.shape, f"test and body of {node} take {a.shape} and {b.shape}"


def _check(node: Node) -> None:
    if node.prim == "item" and node.args[0].prim in HOLDERS:
        shape, dtype = results(node.args[0])[node.par]
        assert node.dtype == dtype and node.shape in (None, shape), f"{node}: result {node.par} is {dtype}{shape}"
    if node.shape is None or node.prim in ("call", "item", "check", "stream", *HOLDERS):
        return
    expected: Any = None
    shapes = [a.shape for a in node.args]
    if None in shapes:
        return
    if node.prim in ELEMENTWISE:
        expected = np.broadcast_shapes(*shapes)
    elif node.prim in ("reshape", "broadcast_to"):
        expected = node.par
        if node.prim == "reshape":
            assert node.size == node.args[0].size, f"{node}: reshape changes the number of elements"
    elif node.prim == "transpose":
        expected = tuple(shapes[0][i] for i in node.par)
    elif node.prim == "matmul":
        assert shapes[0][-1] == shapes[1][-2], f"{node}: matmul of {shapes[0]} and {shapes[1]}"
        expected = (*np.broadcast_shapes(shapes[0][:-2], shapes[1][:-2]), shapes[0][-2], shapes[1][-1])
    elif node.prim in ("sum", "prod", "max", "min", "any", "all"):
        axes, keep = node.par
        expected = tuple(1 if i in axes else d for i, d in enumerate(shapes[0]) if keep or i not in axes)
    elif node.prim in KERNELS:
        expected = KERNELS[node.prim].shape(*shapes, *node.par)
    elif node.prim == "copy":
        expected = shapes[0]
    if expected is not None:
        assert tuple(expected) == node.shape, f"{node} = {node.prim}: shape {node.shape}, its arguments imply {expected}"
    if node.prim in KERNELS and KERNELS[node.prim].dtype is None:
        assert node.dtype == node.args[0].dtype, f"{node} = {node.prim} changes the dtype"
    if node.prim in VIEWS or node.prim == "copy":
        assert node.dtype == node.args[0].dtype, f"{node} = {node.prim} changes the dtype"
