"""From a plan to a callable: source text, its constants, its buffers.

Constants and calls are shared by all instances of a program; each instance has buffers of its own, so that runs in several
threads never share one.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ....kernels import parallel
from ....kernels.interrupts import FIRST_WRITE
from ....plan.bodies import all_nodes, results
from ....plan.ir import Handle, Plan
from ....plan.kernels import KERNELS
from ....plan.node import HOLDERS, Node
from . import blocks, control
from .calls import caller, refuse
from .instances import Program
from .memory import Memory
from .steps import GLOBALS, lines


class _Writer:
    def __init__(self, plan: Plan, store: Any, mark: Any = None):
        self.plan, self.groups = (plan, {}) if mark else blocks.cluster(plan)   # a traced run shows every step
        self.store, self.mark = store, mark
        self.grouped = set(self.groups)
        self.buffers: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {}
        self.scratch: dict[str, list[np.dtype[Any]]] = {}
        self.environment: dict[str, Any] = dict(GLOBALS)
        self.lines: list[str] = []
        self.names: dict[int, str] = {}
        self.constants: dict[Any, str] = {}
        self.kept: list[Any] = []
        self.variables: dict[str, str] = {}
        self.first_write: int | None = None     # the line from which on variables change

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

    def changes(self) -> None:
        """The next line changes a variable; from the first such line on a step is not interrupted."""
        if self.first_write is None:
            self.first_write = len(self.lines)

    def write(self) -> Program:
        plan, store = self.plan, self.store
        slots = {}
        for key, value in plan.effects:
            store.prepare(key, value.shape, value.dtype)
        for key in {*plan.reads(), *(k for k, _ in plan.effects)}:
            array = store.array(key)
            if array is not None:
                slots[key] = array
        memory = Memory(plan, slots, self.groups, self.buffers)
        if self.mark:
            self.lines.append(f"{self.constant(self.mark)}(-1, None)")
        for node in plan.inputs:
            self.input(node)
        self.steps(memory)
        for key, value in plan.effects:
            self.assign(key, value, memory)
        outputs = "".join(f"{self.name(v)}, " for v in plan.outputs)
        head = f"def step({', '.join(f'f{n.par}' for n in plan.inputs if n.prim == 'feed')}):"
        body = [*self.lines, f"return ({outputs})"]
        source = head + "\n    " + "\n    ".join(body) + "\n"
        self.environment[FIRST_WRITE] = 2 + (len(self.lines) if self.first_write is None else self.first_write)      # `def` is line 1
        nodes = list(all_nodes(plan))
        largest = max((n.size for n in nodes if n.shape is not None), default=0)
        return Program(source, self.environment, self.buffers, self.scratch, largest >= 256, any(map(self.threaded, nodes)))

    def steps(self, memory: Memory) -> None:
        """The lines of all nodes of the plan at hand."""
        plan = self.plan
        i = 0
        while i < len(plan.nodes):
            group = self.groups.get(plan.nodes[i].id)
            if group is None:
                self.step(plan.nodes[i], i, memory)
                i += 1
                continue
            stop = i
            while stop < len(plan.nodes) and self.groups.get(plan.nodes[stop].id) == group:
                stop += 1
            self.group(len(self.scratch), i, stop, memory)
            i = stop

    def inside(self, body: Plan, names: list[str]) -> tuple[list[str], list[str]]:
        """(lines, names of the outputs) of a body whose inputs have these names."""
        outer = self.plan, self.groups, self.lines, self.mark
        self.plan, self.groups = blocks.cluster(body)
        self.lines, self.mark = [], None
        self.grouped.update(self.groups)
        for node, name in zip(body.inputs, names, strict=True):
            self.names[node.id] = name
        self.steps(Memory(self.plan, {}, self.groups, self.buffers))
        found = self.lines, [self.name(v) for v in body.outputs]
        self.plan, self.groups, self.lines, self.mark = outer
        return found

    def threaded(self, node: Node) -> bool:
        """Whether a node's work is split over our own threads."""
        if node.id in self.grouped:
            return node.size >= 2 * parallel.THREADS * blocks.BLOCK
        return node.prim in KERNELS and max(a.size for a in (node, *node.args)) >= parallel.WORTH

    def input(self, node: Node) -> None:
        """Names a feed or variable; a number becomes a numpy scalar."""
        name = f"f{node.par}" if node.prim == "feed" else self.variable(node.par)
        if node.shape == () and node.dtype.kind != "O":
            self.lines.append(f"{name}_ = {name}[()]")
            name += "_"
        self.names[node.id] = name

    def step(self, node: Node, i: int, memory: Memory) -> None:
        if node.prim == "item" and node.args[0].prim in HOLDERS:
            self.names[node.id] = control.result(node.args[0], node.par)
            return
        if node.prim in HOLDERS:
            memory.place(node, i)
            self.lines += control.lines(node, [self.name(a) for a in node.args], self.inside)
            if self.mark:
                made = "".join(f"{control.result(node, k)}, " for k in range(len(results(node))))
                self.lines.append(f"{self.constant(self.mark)}({i}, ({made}))")
            return
        out = memory.place(node, i)
        if out is not None and out.startswith("V:"):
            self.changes()
            out = self.variable(out[2:])
        target = f"t{node.id}"
        if node.prim == "call":
            self.call(node, target, memory)
        elif node.prim == "check":
            flags, *values = [self.name(a) for a in node.args]
            self.lines += [f"if {flags}.any():", f"    {self.constant(refuse(node))}({', '.join([flags, *values])})", f"{target} = None"]
        else:
            self.lines.extend(lines(node, target, [self.name(a) for a in node.args], None if node.prim == "item" else out, self.constant))
        self.names[node.id] = target
        if self.mark:
            self.lines.append(f"{self.constant(self.mark)}({i}, {target})")

    def group(self, number: int, start: int, stop: int, memory: Memory) -> None:
        """One function over [lo, hi) of the flattened arrays, and the call that runs it over all blocks."""
        nodes = self.plan.nodes[start:stop]
        size = next(n.size for n in nodes if n.prim != "sum")
        block = blocks.block_size(nodes)
        self.environment.update(flat=blocks.flat, repeated=blocks.repeated, run_blocks=blocks.run_blocks)
        before: list[str] = []
        body: list[str] = []
        after: list[str] = []
        local: dict[int, str] = {}
        temporaries: dict[str, int] = {}
        dtypes: list[np.dtype[Any]] = []
        for i, node in enumerate(nodes, start):
            args = []
            for a in node.args:
                if a.__class__ is Node and a.id in local:
                    args.append(local[a.id])
                elif a.shape == ():
                    args.append(self.name(a))
                elif a.shape != (node.args[0] if node.prim == "sum" else node).shape:
                    outer = f"o{len(before)}_{number}"
                    before.append(f"{outer} = repeated({self.name(a)}, {block})")
                    args.append(f"{outer}[:hi - lo]")
                else:
                    outer = f"o{len(before)}_{number}"
                    before.append(f"{outer} = flat({self.name(a)})")
                    args.append(f"{outer}[lo:hi]")
            target = f"t{node.id}"
            self.names[node.id] = target
            if node.prim == "sum":
                memory.place(node, i)
                before.append(f"p{node.id} = np.empty({-(-size // block)}, {self.constant(node.dtype)})")
                dtype = self.constant(node.dtype)
                body.append(f"p{node.id}[lo // {block}] = reduce_sum({args[0]}, 0, {dtype})")
                after.append(f"{target} = reduce_sum(p{node.id}, 0, {dtype})")
                continue
            out = memory.place(node, i)
            if out is not None and out.startswith("G:"):  # a value that only the group sees: block-sized
                if out not in temporaries:
                    temporaries[out] = len(dtypes)
                    dtypes.append(node.dtype)
                place = f"w{temporaries[out]}"
            else:
                if out is None:
                    before.append(f"{target} = np.empty({node.shape}, {self.constant(node.dtype)})")
                else:
                    if out.startswith("V:"):
                        self.changes()
                    before.append(f"{target} = {self.variable(out[2:]) if out.startswith('V:') else out}")
                before.append(f"r{node.id} = {target}.reshape(-1)")
                place = f"r{node.id}[lo:hi]"
            result = f"l{node.id}"
            body += [f"y{node.id} = {place}", *lines(node, result, args, f"y{node.id}", self.constant)]
            local[node.id] = result
        name = f"s{number}"
        self.scratch[name] = dtypes
        head = [f"w{k} = w[{k}][:hi - lo]" for k in range(len(dtypes))]
        self.lines += [*before, f"def g{number}(lo, hi, w):", *("    " + line for line in head + body),
                       f"run_blocks(g{number}, {size}, {name}, {block})", *after]

    def call(self, node: Node, target: str, memory: Memory) -> None:
        par = node.par
        function = caller(par, self.store.context(par.op) if par.op_def.stateful else None)
        args = []
        for i, a in enumerate(node.args):
            text = self.name(a) if not isinstance(a, Handle) else self.constant(a)
            if i < par.mutates:
                direct = next((n for n in memory.final if memory.by_id[n].prim in ("item", "call") and (
                    (memory.by_id[n] is node and i == 0) or (memory.by_id[n].prim == "item" and memory.by_id[n].args[0] is node
                    and memory.by_id[n].par == i))), None)
                if direct is None:
                    text = f"np.array({text})"
                    args.append(text)
                    continue
                self.changes()
                if a.__class__ is Node and a.shape == ():
                    text = self.variable(memory.final[direct])
            args.append(text)
        self.lines.append(f"{target} = {self.constant(function)}({', '.join(args)})")

    def assign(self, key: str, value: Any, memory: Memory) -> None:
        array = self.store.array(key)
        text = self.name(value)
        if value.__class__ is Node and memory.final.get(value.id) == key:
            return
        self.changes()
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
