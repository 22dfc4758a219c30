"""A plan as one Python function that calls native code once, or once between what the host does.

The order, and where values lie, is that of `arrange`. A value has a name in Python only where something of the host's needs it.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ....kernels.interrupts import FIRST_WRITE
from ....plan.bodies import all_nodes
from ....plan.ir import Plan
from ....plan.node import HOLDERS, Node
from ....plan.passes import fusion, memory
from ..numpy_engine import blocks
from ..numpy_engine.instances import ALIGNMENT, Program, arena, held
from ..numpy_engine.program import Writer
from ..numpy_engine.steps import lines
from . import bodies
from .arrange import Arrangement
from .driver import MOST_BOUND, driver
from .namespace import in_place_namespace, native_namespace
from .steps import Table


class NativeProgram(Program):
    """arrays: (name in Python, slot, shape, dtype). cells: what each cell holds: a slot, an array, or None where a run binds it."""
    __slots__ = ("arrays", "cells", "hosts", "kept", "large", "slots")

    def __init__(self, program: tuple[Any, ...], arrays: list[Any], cells: list[Any], slots: list[int], hosts: bool, kept: Any):
        super().__init__(*program)
        self.arrays, self.cells, self.slots, self.hosts, self.kept = arrays, cells, slots, hosts, kept
        self.large = self.large and hosts              # native code flushes by itself

    def instance(self) -> Callable[..., tuple[Any, ...]]:
        environment = dict(self.environment)
        environment.update(arena(self.buffers))
        for name, dtypes in self.scratch.items():
            environment[name] = blocks.scratch(dtypes)
        pieces = arena({str(k): ((size,), np.dtype(np.uint8)) for k, size in enumerate(self.slots)})
        for name, slot, shape, dtype in self.arrays:
            count = dtype.itemsize * int(np.prod(shape, dtype=np.int64))
            environment[name] = pieces[str(slot)][:count].view(dtype).reshape(shape)
        cells = np.zeros(max(len(self.cells), 1), np.int64)
        for k, what in enumerate(self.cells):
            if what is not None:
                cells[k] = (pieces[str(what)] if isinstance(what, int) else what).ctypes.data
        environment["cells"] = cells
        environment["C"] = int(cells.ctypes.data)
        environment["pieces"] = pieces
        exec(self.code, environment)
        step = environment["step"]
        if self.hosts:
            step = np.errstate(all="ignore")(step)
        return held(step) if self.threaded else step


def contiguous(x: np.ndarray) -> np.ndarray:
    """An array that native code can read."""
    return np.array(x, order="C") if not (x.flags.c_contiguous and x.flags.aligned) else x


class _Writer(Writer):
    spaces = (native_namespace, in_place_namespace)

    def __init__(self, plan: Plan, store: Any):
        super().__init__(plan, store)
        self.arrangement = Arrangement(plan)
        self.table = Table(self.arrangement)
        self.hosts = False
        self.from_host: set[int] = set()          # nodes that the host computed
        self.arrays: list[tuple[str, int, Any, Any]] = []
        self.waiting = 0                          # the first step that no call has done yet
        self.bound: list[str] = []                # what the next call binds, in the order of cells
        self.first = 0
        self.by_hand: dict[int, str] = {}         # cell -> name of the array that a run puts there
        self.stands: dict[int, Any] = {}          # captures of bodies -> what they are outside
        self.places = dict(self.places)           # not the plan's
        self.taken.update((node.args[0].id, node.par) for node in plan.nodes if node.prim == "item")
        for node in (*plan.inputs, *plan.nodes):
            a = self.arrangement
            self.places[node.id] = a.place(node, {})

    # -- names
    def name(self, value: Any) -> str:
        if value.__class__ is not Node or value.id in self.names:
            return super().name(value)
        found = self.named(value)
        self.names[value.id] = found
        return found

    def named(self, node: Node) -> str:
        """A name for a value that native code made, or for a view."""
        a = self.arrangement
        if node.id in a.views:
            target = f"t{node.id}"
            self.lines.extend(lines(node, target, [self.name(x) for x in node.args], None, self.constant))
            return target
        if node.id in a.final:
            array = self.variable(a.final[node.id])
        elif node.id in a.fresh:
            return f"o{node.id}"
        else:
            array = f"a{node.id}"
            self.arrays.append((array, a.slot[node.id], node.shape, node.dtype))
        return self.number(node, array)

    def number(self, node: Node, array: str) -> str:
        """The array, or a numpy scalar of it."""
        if node.shape != ():
            return array
        self.lines.append(f"t{node.id} = {array}[()]")
        return f"t{node.id}"

    def into(self, node: Node) -> str | None:
        a = self.arrangement
        if node.id in a.final:
            self.changes()
            return self.variable(a.final[node.id])
        if node.id not in a.slot:
            return super().into(node) if self.depth else None         # of a body that numpy does in the plan's buffers
        array = f"a{node.id}"
        self.arrays.append((array, a.slot[node.id], node.shape, node.dtype))
        return array

    # -- the function
    def write(self) -> Program:
        plan, a, table = self.plan, self.arrangement, self.table
        for key, value in plan.effects:
            self.store.prepare(key, value.shape, value.dtype)
        for i, key in list(a.final.items()):
            node = next(v for k, v in plan.effects if k == key)
            if not self.fits(key, node):
                raise _Unfit(i)
        self.final = a.final
        feeds = [n for n in plan.inputs if n.prim == "feed"]
        self.early(feeds)
        for i, item in enumerate(a.items):
            if item.kind == "host":
                self.host(item.nodes[0], i)
            else:
                self.prepare(item)
                table.add(item)
        self.flush()
        for key, value in plan.effects:
            self.assign(key, value)
        outputs = [self.output(v) for v in plan.outputs]
        rows, numbers, code = table.finish()
        self.environment["S"] = int(rows.ctypes.data)
        head = f"def step({', '.join(f'f{n.par}' for n in feeds)}):"
        source = head + "\n    " + "\n    ".join([*self.lines, f"return ({''.join(f'{o}, ' for o in outputs)})"]) + "\n"
        self.environment[FIRST_WRITE] = 2 + (len(self.lines) if self.first_write is None else self.first_write)
        self.environment["contiguous"] = contiguous
        return self.program(source, (rows, numbers, code))

    def program(self, source: str, kept: Any) -> Program:
        a, table = self.arrangement, self.table
        slots = [*a.slots, *table.parts.values()]
        parts = {key: len(a.slots) + k for k, key in enumerate(table.parts)}
        known = {("known", id(x)): np.ascontiguousarray(x) for x in table.known}
        cells: list[Any] = []
        by_id = {n.id: n for n in (*self.plan.inputs, *self.plan.nodes)}
        for key, number in table.cells.items():
            if isinstance(key, tuple):
                cells.append(known[key] if key in known else parts[key])
            elif number in self.by_hand:
                cells.append(None)
            elif key in a.slot:
                cells.append(a.slot[key])
            else:
                cells.append(self.store.array(a.final[key] if key in a.final else by_id[key].par))
        places, layout = self.places, self.plan.layout
        inner = [n for n in all_nodes(self.plan) if n.id not in by_id]
        taken = [p.name for p in (places[n.id] for n in inner) if p.kind == "buffer"]
        buffers = {name: layout.buffers[name] for name in taken if name in layout.buffers} if layout is not None else {}
        hosts = [n for item in a.items if item.kind == "host" for n in item.nodes]
        largest = max((n.size for n in (*hosts, *inner) if n.shape is not None), default=0)
        threaded = table.threaded or any(map(self.threaded, (*hosts, *inner)))
        return NativeProgram((source, self.environment, buffers, self.scratch, largest >= 256, threaded, self.nodes),
                             self.arrays, cells, slots, bool(hosts), (kept, list(known.values()), table.known))

    def early(self, feeds: list[Node]) -> None:
        """Arrays that the first call binds: feeds, and larger results, which are made here."""
        a = self.arrangement
        native = [x for item in a.items if item.kind != "host" for n in item.nodes for x in n.args]
        read = {base.id for base in map(a.base, native) if base.__class__ is Node}
        for node in self.plan.inputs:
            array = f"f{node.par}" if node.prim == "feed" else self.variable(node.par)
            if node.prim == "feed" and node.id in read and node.shape == ():
                self.number_for(node, array)             # a run may be given a numpy scalar
            elif node.prim == "feed" and node.id in read:
                self.bind(node, array)
            if node.shape != () or node.dtype.kind == "O":
                self.names[node.id] = array
            elif self.hosted(node):
                self.names[node.id] = self.number(node, array)
        for node in a.fresh.values():
            self.lines.append(f"o{node.id} = np.empty({node.shape}, {self.constant(node.dtype)})")
            self.bind(node, f"o{node.id}")

    def hosted(self, node: Node) -> bool:
        """Whether something of the host's reads an input."""
        a = self.arrangement
        return any(a.base(v) is node for v in self.plan.leaving()) or any(
            a.base(x) is node for item in a.items if item.kind == "host" for n in item.nodes for x in n.args)

    def bind(self, node: Node, array: str) -> None:
        """Has the next call put an array's address into the node's cell."""
        if not self.bound:
            self.first = len(self.table.cells)
        number = self.table.cell(node)
        assert number == self.first + len(self.bound)
        self.bound.append(array)
        self.by_hand[number] = array

    def prepare(self, item: Any) -> None:
        """Puts what the host made where native code reads it."""
        a = self.arrangement
        for node in item.nodes:
            for value in node.args:
                base = a.base(value)
                if base.__class__ is Node and base.id in self.from_host and not self.table.there(base):
                    if self.waiting < len(self.table.steps):
                        self.flush()
                    self.receive(base)

    def receive(self, base: Node) -> None:
        """Has native code find a value that the host made."""
        a = self.arrangement
        if base.id in a.slot or base.id in a.final:
            return
        if base.shape != ():
            self.bind(base, self.name(base))
            return
        self.number_for(base, self.name(base))

    def number_for(self, base: Node, value: str) -> None:
        """Puts a number into memory."""
        a = self.arrangement
        a.slot[base.id] = len(a.slots)
        a.slots.append(ALIGNMENT)
        self.arrays.append((f"n{base.id}", a.slot[base.id], (), base.dtype))
        self.lines.append(f"n{base.id}[()] = {value}")

    def host(self, node: Node, i: int) -> None:
        self.hosts = True
        if self.waiting < len(self.table.steps):
            self.flush()
        if node.prim in HOLDERS:
            self.settle()                         # its bodies may not run, or more than once
            bodies.stands(self, node)
        self.step(node, i)
        self.from_host.add(node.id)

    def steps(self, plan: Plan) -> None:
        """The lines of a body."""
        found = bodies.arranged(self, plan)
        if found is None:
            super().steps(plan)
        else:
            bodies.write(self, plan, found)

    def settle(self) -> None:
        """Has all that is bound so far be bound, and all steps be done."""
        self.flush()
        while self.bound:
            self.call_native(self.waiting, 0, self.first, self.bound[:MOST_BOUND])
            self.bound, self.first = self.bound[MOST_BOUND:], self.first + MOST_BOUND

    def flush(self) -> None:
        """A call of all steps since the last one."""
        a, table = self.arrangement, self.table
        if self.waiting == len(table.steps):
            return
        bound, first = self.bound, self.first
        while len(bound) > MOST_BOUND:
            self.call_native(self.waiting, 0, first, bound[:MOST_BOUND])
            bound, first = bound[MOST_BOUND:], first + MOST_BOUND
        if a.final and not self.depth:
            self.changes()
        self.call_native(self.waiting, len(table.steps) - self.waiting, first, bound)
        self.waiting, self.bound = len(table.steps), []

    def call_native(self, start: int, count: int, first: int, arrays: list[str]) -> None:
        run = f"run{len(arrays)}"
        self.environment[run] = driver().run[len(arrays)]
        call = f"{run}(S + {48 * start}, {count}, C, {first}{''.join(f', id({x})' for x in arrays)})"
        if not arrays:
            self.lines.append(call)
            return
        self.lines.append(f"if {call}:")
        self.lines += [f"    {x} = contiguous({x})" for x in arrays] + [f"    {call}"]

    def output(self, value: Any) -> str:
        a, base = self.arrangement, self.arrangement.base(value)
        name = self.name(value)
        if base.__class__ is Node and value.shape != () and base.id in a.slot:
            return f"{name}.copy()"
        return name


class _Unfit(Exception):
    """A variable has another shape than the plan writes into it."""


def compile_plan(plan: Plan, store: Any) -> Program:
    """The program of a plan."""
    plan = memory.lay_out(fusion.fuse(plan))
    return _Writer(plan, store).write()
