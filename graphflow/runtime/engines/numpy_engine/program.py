"""From a plan to a callable: source text, its constants, its buffers.

Constants and calls are shared by all instances of a program; each instance has buffers of its own, so that runs in several
threads never share one.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ....plan.ir import Handle, Plan
from ....plan.node import Node
from .calls import caller
from .memory import Memory
from .steps import GLOBALS, lines


class Program:
    """A compiled plan. `instance()` gives a function of the feeds that returns the outputs as a tuple."""
    __slots__ = ("buffers", "code", "environment", "large", "source")

    def __init__(self, source: str, environment: dict[str, Any], buffers: dict[str, Any], large: bool):
        self.source, self.environment, self.buffers, self.large = source, environment, buffers, large
        self.code = compile(source, "<plan>", "exec")

    def instance(self) -> Any:
        environment = dict(self.environment)
        for name, (shape, dtype) in self.buffers.items():
            environment[name] = np.empty(shape, dtype)
        exec(self.code, environment)
        return environment["step"]


class _Writer:
    def __init__(self, plan: Plan, store: Any, mark: Any = None):
        self.plan, self.store, self.mark = plan, store, mark
        self.environment: dict[str, Any] = dict(GLOBALS)
        self.lines: list[str] = []
        self.names: dict[int, str] = {}
        self.constants: dict[Any, str] = {}
        self.kept: list[Any] = []
        self.variables: dict[str, str] = {}

    def constant(self, value: Any) -> str:
        """The name of a constant in the generated function's globals."""
        key = id(value)
        name = self.constants.get(key)
        if name is None:
            name = self.constants[key] = f"c{len(self.constants)}"
            self.kept.append(value)
            if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind != "O":
                self.environment[name] = value[()]
            else:
                self.environment[name] = value
        return name

    def name(self, value: Any) -> str:
        return self.names[value.id] if value.__class__ is Node else "None" if value is None else self.constant(value)

    def variable(self, key: str) -> str:
        name = self.variables.get(key)
        if name is None:
            name = self.variables[key] = f"v{len(self.variables)}"
            self.environment[name] = self.store.array(key)
        return name

    def write(self) -> Program:
        plan, store = self.plan, self.store
        slots = {}
        for key, value in plan.writes:
            store.prepare(key, value.shape, value.dtype)
        for key in {*plan.reads(), *(k for k, _ in plan.writes)}:
            array = store.array(key)
            if array is not None:
                slots[key] = array
        memory = Memory(plan, slots)
        feeds = [n for n in plan.nodes if n.prim == "feed"]
        largest = 0
        for i, node in enumerate(plan.nodes):
            if node.shape is not None:
                largest = max(largest, node.size)
            self.step(node, i, memory)
        for key, value in plan.writes:
            self.assign(key, value, memory)
        outputs = "".join(f"{self.name(v)}, " for v in plan.outputs)
        count = store.feed_count
        head = f"def step({', '.join(f'f{i}' for i in range(count))}):"
        begin = [f"{self.constant(self.mark)}(-1, None)"] if self.mark else []
        body = begin + self.lines + [f"return ({outputs})"]
        for f in feeds:
            if f.shape == () and f.dtype.kind != "O":
                body.insert(0, f"f{f.par} = f{f.par}[()]")
        source = head + "\n    " + "\n    ".join(body) + "\n"
        return Program(source, self.environment, memory.buffers, largest >= 256)

    def step(self, node: Node, i: int, memory: Memory) -> None:
        if node.prim == "feed":
            self.names[node.id] = f"f{node.par}"
            return
        if node.prim == "variable":
            name = self.variable(node.par)
            if node.shape == () and node.dtype.kind != "O":
                self.lines.append(f"{name}_ = {name}[()]")
                name += "_"
            self.names[node.id] = name
            return
        out = memory.place(node, i)
        if out is not None and out.startswith("V:"):
            out = self.variable(out[2:])
        target = f"t{node.id}"
        if node.prim == "call":
            self.call(node, target, memory)
        else:
            self.lines.extend(lines(node, target, [self.name(a) for a in node.args], None if node.prim == "item" else out, self.constant))
        self.names[node.id] = target
        if self.mark:
            self.lines.append(f"{self.constant(self.mark)}({i}, {target})")

    def call(self, node: Node, target: str, memory: Memory) -> None:
        par = node.par
        if par.count == 1:
            dtypes = [node.dtype]
        else:
            items = {n.par: n.dtype for n in self.plan.tracer.nodes if n.prim == "item" and n.args[0] is node}
            dtypes = [items.get(i, np.dtype(object)) for i in range(par.count)]
        function = caller(par, dtypes)
        args = []
        for i, a in enumerate(node.args):
            text = self.name(a) if not isinstance(a, Handle) else self.constant(a)
            if i < par.mutates:
                direct = next((n for n in memory.final if memory.by_id[n].prim in ("item", "call") and (
                    (memory.by_id[n] is node and i == 0) or (memory.by_id[n].prim == "item" and memory.by_id[n].args[0] is node
                    and memory.by_id[n].par == i))), None)
                if direct is None:
                    text = f"np.array({text})"
                elif a.__class__ is Node and a.shape == ():
                    text = self.variable(memory.final[direct])
            args.append(text)
        self.lines.append(f"{target} = {self.constant(function)}({', '.join(args)})")

    def assign(self, key: str, value: Any, memory: Memory) -> None:
        array = self.store.array(key)
        text = self.name(value)
        if value.__class__ is Node and memory.final.get(value.id) == key:
            return
        if array is None or value.shape is None or array.shape != value.shape or array.dtype.kind == "O":
            self.lines.append(f"{self.constant(self.store.rebind)}({key!r}, {text})")
        elif value.shape == ():
            self.lines.append(f"{self.variable(key)}[()] = {text}")
        else:
            self.lines.append(f"copyto({self.variable(key)}, {text})")


def compile_plan(plan: Plan, store: Any, mark: Any = None) -> Program:
    """The program of a plan. `store` gives arrays by variable key and the number of feeds (see runtime.store.Binding).

    mark: for traces, called with -1 at the start and with the position of each node and its value once that is there.
    """
    return _Writer(plan, store, mark).write()
