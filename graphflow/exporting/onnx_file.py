"""A model as an ONNX file: one graph, its weights inside, sizes open where the graph's are. Needs the package onnx (extra onnx).

Checks are left out, since ONNX has none: an index out of range does what the runtime makes of it.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper

from ..formats.durable import atomic_file
from ..ops.checks.asserts import Assert
from ..plan.node import ELEMENTWISE
from . import onnx_table
from .general import General, Items, Step
from .onnx_builder import INT64, Builder
from .onnx_lists import LISTS, Elements, known_list, list_of
from .planned import Formless, Planned, planned, refused

OPSET = 23           # of April 2025
IR = 11              # the file format that came with it
BOOL = np.dtype(bool)
_MOST = 2 ** 31 - 2 ** 20


def write_onnx(model: Any, path: str, shapes: Mapping[str, Sequence[int | str]] | None = None) -> dict[str, Any]:
    """Writes the model's outputs as a function of its inputs, under their names; what was written, as plain data.

    model: `exporting.model.Model`. shapes: see `planned.planned`. NotImplementedError, naming operation and line, for what ONNX has no form
    of, and for weights of more than 2 GB, which one file does not hold.
    """
    made = onnx_model(planned(model, shapes=shapes))
    if made.ByteSize() > _MOST:
        raise NotImplementedError(f"{path}: the weights take {made.ByteSize()} bytes, and an ONNX file holds 2 GB: export parts of the "
                                  "model (--inputs, --outputs)")
    with atomic_file(path) as file:
        file.write(made.SerializeToString())
    return {"nodes": len(made.graph.node), "weights": len(made.graph.initializer), "opset": OPSET, "wrote": path}


def onnx_model(made: Planned) -> onnx.ModelProto:
    """The message, checked by the package onnx."""
    writer = Writer(made)
    graph = writer.graph()
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="graphflow", ir_version=IR)
    onnx.checker.check_model(model)
    return model


class Writer:
    """Makes the graph of a plan."""

    def __init__(self, made: Planned):
        self.made, self.b, self.elements = made, Builder(), Elements(made.plan)
        self.calls: dict[int, list[str]] = {}       # several values: of holders and calls, by step's id

    def graph(self) -> onnx.GraphProto:
        b, made = self.b, self.made
        feeds = [step for step in made.plan.inputs if step.prim == "feed"]
        b.used.update((*made.names, *made.outputs))
        inputs = []
        for feed, name, shape in zip(feeds, made.names, made.shapes.values()):
            b.values[feed.id] = name
            try:
                inputs.append(b.info(name, feed.dtype, shape))
            except Formless as why:
                raise refused(feed, str(why)) from None
            for axis, size in enumerate(shape):
                if isinstance(size, str):
                    b.open.setdefault(size, (name, axis))
        for step in made.plan.inputs:
            if step.prim == "variable":
                b.values[step.id] = b.constant(made.weights[step.par], name=step.par)
        self.steps(made.plan)
        outputs = []
        for name, value in zip(made.outputs, made.plan.outputs):
            b.nodes.append(helper.make_node("Identity", [b.value(value)], [name], name=f"{name}/output"))
            outputs.append(b.info(name, value.dtype, value.shape))
        return helper.make_graph([*b.sizes, *b.nodes], "graphflow", inputs, outputs, list(b.initializers.values()))

    def steps(self, plan: General) -> None:
        for step in plan.steps:
            self.b.source = step.source
            try:
                self.step(step)
            except Formless as why:
                raise refused(step, str(why)) from None

    def step(self, step: Step) -> None:
        b = self.b
        if step.prim == "check" or (step.prim == "call" and isinstance(step.par.op_def, Assert)):
            return
        if step.prim == "item":
            b.values[step.id] = self.calls[step.args[0].id][step.par]
        elif step.prim == "loop":
            self.calls[step.id] = self.loop(step)
        elif step.prim == "cond":
            self.calls[step.id] = self.cond(step)
        elif step.prim == "call":
            self.call(step)
        elif step.prim in ("stream", "draw", "draw_integers"):
            raise Formless("random numbers; give the placeholder that turns them off a value (--set keep_prob=1.0)")
        else:
            b.values[step.id] = onnx_table.value(b, step, [self.argument(step, i) for i in range(len(step.args))])

    def argument(self, step: Step, i: int) -> str:
        """An argument; of one that is a repeated number beside an array of the whole shape, the number."""
        value = step.args[i]
        if step.prim in ELEMENTWISE and not isinstance(value, Step):
            number = onnx_table.scalar(value)
            if number is not None and any(isinstance(a, Step) and a.shape == step.shape for a in step.args):
                return self.b.number(number, value.dtype)
        return self.b.value(value)

    def call(self, step: Step) -> None:
        function = LISTS.get(type(step.par.op_def))
        there = list_of(step) if function is not None else None
        if function is None or not isinstance(there, (Step, Items)):
            raise Formless("graphflow runs it in code of its own")
        if isinstance(there, Items):
            raise Formless("an element of a list that the plan knows")
        element = self.elements.of(there)
        args = [self.listed(a, there) if isinstance(a, (Step, Items)) and a.dtype.kind == "O" else self.b.value(a) for a in step.args]
        found = function(self.b, step, args, element)
        if isinstance(found, list):
            self.calls[step.id] = found
        else:
            self.b.values[step.id] = found

    def listed(self, value: Any, like: Step) -> str:
        """A list as a tensor. like: a list of the plan that has the same elements."""
        return known_list(self.b, value, self.elements.of(like)) if isinstance(value, Items) else self.b.value(value)

    def passed(self, value: Any, inside: Step) -> str:
        """What goes into a body."""
        return self.listed(value, inside) if inside.dtype.kind == "O" and isinstance(value, Items) else self.b.value(value)

    def kind_of(self, step: Step) -> np.dtype[Any]:
        return self.elements.of(step)[1] if step.dtype.kind == "O" else step.dtype

    def test(self, plan: General, values: Sequence[str]) -> str:
        """Whether a loop goes on with these values: a bool scalar."""
        self.b.values.update((inside.id, value) for inside, value in zip(plan.inputs, values))
        self.steps(plan)
        return self.b.node("Reshape", self.b.value(plan.outputs[0]), self.b.constant(np.zeros(0, np.int64)))

    def loop(self, step: Step) -> list[str]:
        b, test, body = self.b, step.bodies["test"], step.bodies["body"]
        count = len(body.outputs)
        args = [self.passed(value, inside) for value, inside in zip(step.args, body.inputs)]
        first = self.test(test, args)
        outer, b.nodes, source = b.nodes, [], step.source
        carried = [b.name(f"{source.name}/carried") for _ in range(count)]
        b.values.update((inside.id, value) for inside, value in zip(body.inputs, [*carried, *args[count:]]))
        self.steps(body)
        b.source = source
        kinds = [self.kind_of(inside) for inside in body.inputs[:count]]
        after = [b.node("Identity", self.passed(value, inside)) for value, inside in zip(body.outputs, body.inputs)]
        go_on = b.node("Identity", self.test(test, [*after, *args[count:]]))
        turn, last = b.name(f"{source.name}/turn"), b.name(f"{source.name}/goes_on")
        graph = helper.make_graph(
            b.nodes, f"{source.name}/body", [b.info(turn, INT64, ()), b.info(last, BOOL, ()), *map(self.open, carried, kinds)],
            [b.info(go_on, BOOL, ()), *map(self.open, after, kinds)])
        b.nodes = outer
        b.source = source
        found = b.node("Loop", "", first, *args[:count], outputs=count, body=graph)
        return [found] if count == 1 else list(found)

    def open(self, name: str, dtype: np.dtype[Any]) -> Any:
        """What a loop carries, of any shape."""
        return self.b.info(name, dtype, None)

    def cond(self, step: Step) -> list[str]:
        b, source = self.b, step.source
        args = [self.passed(value, inside) for value, inside in zip(step.args[1:], step.bodies["then"].inputs)]
        predicate = b.node("Reshape", b.value(step.args[0]), b.constant(np.zeros(0, np.int64)))
        outer, branches = b.nodes, {}
        for name, plan in step.bodies.items():
            b.nodes = []
            b.values.update((inside.id, value) for inside, value in zip(plan.inputs, args))
            self.steps(plan)
            b.source = source
            values = [b.node("Identity", b.value(value)) for value in plan.outputs]
            kinds = [self.kind_of(value) if isinstance(value, Step) else value.dtype for value in plan.outputs]
            branches[name] = helper.make_graph(b.nodes, f"{source.name}/{name}", [], list(map(self.open, values, kinds)))
        b.nodes = outer
        count = len(step.bodies["then"].outputs)
        if not count:
            return []
        found = b.node("If", predicate, outputs=count, then_branch=branches["then"], else_branch=branches["orelse"])
        return [found] if count == 1 else list(found)
