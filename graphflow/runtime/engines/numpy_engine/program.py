"""From a plan to a callable: source text, its constants, its buffers.

Clusters, places and the order of nodes are the plan's (passes `fusion` and `memory`); a plan without these notes runs step by step on
arrays of their own. Constants and calls are shared by all instances of a program; each instance has buffers of its own, so that runs in
several threads never share one.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ....core.dtypes import string
from ....core.late import Late
from ....kernels import parallel, products
from ....kernels.interrupts import FIRST_WRITE
from ....plan.bodies import all_nodes, owns_memory, results
from ....plan.ir import Handle, Plan, root
from ....plan.kernels import KERNELS
from ....plan.layout import Place
from ....plan.node import HOLDERS, INPUTS, Node
from ....plan.passes import fusion
from ....plan.passes.memory import lay_out
from . import blocks
from .calls import NAMESPACES, caller, quick_caller, refuse, taker
from .instances import Program
from .steps import GLOBALS, lines
from .windows import windows

_late = Late(control="graphflow.runtime.engines.numpy_engine.control")  # at first use: saves 1 ms; conds and loops only
_OWN = Place("own array")
_NONE: frozenset[int] = frozenset()


def _may_multiply(op: Any) -> bool:
    """Whether a call may hold a product of matrices: some work on nothing but texts, whole numbers and vectors."""
    def may(t: Any) -> bool:
        dtype = t.dtype.base_dtype
        if dtype.is_floating or dtype.is_complex:
            return t.static is None or len(t.static) > 1
        return not (dtype.is_integer or dtype.is_bool or dtype is string)
    return op._op_def.stateful or any(map(may, op._inputs))


class Writer:
    spaces: Any = NAMESPACES            # what the kernels of calls compute with

    def __init__(self, plan: Plan, store: Any, mark: Any = None):
        if mark:                    # a traced run shows every step
            plan = lay_out(plan.noted())
        self.plan, self.store, self.mark = plan, store, mark
        self.fused = plan.fused or {}
        self.places = plan.layout.places if plan.layout is not None else {}
        self.scratch: dict[str, list[np.dtype[Any]]] = {}
        self.environment: dict[str, Any] = dict(GLOBALS)
        self.lines: list[str] = []
        self.nodes: dict[str, Node] = {}        # by the name that a line gives a value to
        self.names: dict[int, str] = {}
        self.constants: dict[Any, str] = {}
        self.alive: list[Any] = []
        self.windows = windows(plan)
        self.variables: dict[str, str] = {}
        self.final: dict[int, str] = {}         # values that are computed straight into a variable's array
        self.first_write: int | None = None     # the line from which on variables change
        self.depth = 0                          # of the body that is being written
        self.taken: set[tuple[int, int]] = set()        # (cond or loop, place) of results that something takes
        self.lists: dict[int, str] = {}         # call on a list that a loop holds -> the name of the Python list
        self.counts: dict[str, str] = {}        # Python numbers of indices
        self.steady: set[int] = set()           # carried values that are arrays of their own in every turn, if they are so at first
        self.kept: set[int] = set()             # those of them that a list holds on to

    def constant(self, value: Any) -> str:
        """The name of a constant in the generated function's globals."""
        key = id(value)
        name = self.constants.get(key)
        if name is None:
            name = self.constants[key] = f"c{len(self.constants)}"
            self.alive.append(value)
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
        plan = self.plan
        for key, value in plan.effects:
            self.store.prepare(key, value.shape, value.dtype)
        for node in plan.nodes:
            place = self.places.get(node.id, _OWN)
            if place.kind == "in place" and self.fits(place.name, node):
                self.final[node.id] = place.name
        if self.mark:
            self.lines.append(f"{self.constant(self.mark)}(-1, None)")
        for node in plan.inputs:
            self.input(node)
        self.steps(plan)
        for key, value in plan.effects:
            self.assign(key, value)
        outputs = "".join(f"{self.name(v)}, " for v in plan.outputs)
        head = f"def step({', '.join(f'f{n.par}' for n in plan.inputs if n.prim == 'feed')}):"
        body = [*self.lines, f"return ({outputs})"]
        source = head + "\n    " + "\n    ".join(body) + "\n"
        self.environment[FIRST_WRITE] = 2 + (len(self.lines) if self.first_write is None else self.first_write)      # `def` is line 1
        nodes = list(all_nodes(plan))
        largest = max((n.size for n in nodes if n.shape is not None), default=0)
        buffers = plan.layout.buffers if plan.layout is not None else {}
        return Program(source, self.environment, buffers, self.scratch, largest >= 256, any(map(self.threaded, nodes)), self.nodes)

    def fits(self, key: str, value: Any) -> bool:
        """Whether a variable's array has the shape and dtype of its new value."""
        array = self.store.array(key)
        return array is not None and array.shape == value.shape and array.dtype == value.dtype

    def steps(self, plan: Plan) -> None:
        """The lines of all nodes of a plan or body."""
        self.taken.update((node.args[0].id, node.par) for node in plan.nodes if node.prim == "item")
        i = 0
        while i < len(plan.nodes):
            cluster = self.fused.get(plan.nodes[i].id)
            if cluster is None:
                self.step(plan.nodes[i], i)
                i += 1
                continue
            stop = i
            while stop < len(plan.nodes) and self.fused.get(plan.nodes[stop].id) == cluster:
                stop += 1
            self.cluster(plan.nodes[i:stop])
            i = stop

    def inside(self, body: Plan, names: list[str]) -> tuple[list[str], list[str]]:
        """(lines, names of the outputs) of a body whose inputs have these names."""
        outer = self.lines, self.mark, self.counts
        self.lines, self.mark, self.counts = [], None, dict(self.counts)
        self.depth += 1
        for node, name in zip(body.inputs, names, strict=True):
            self.names[node.id] = name
        self.steps(body)
        found = self.lines, [self.name(v) for v in body.outputs]
        self.lines, self.mark, self.counts = outer
        self.depth -= 1
        return found

    def threaded(self, node: Node) -> bool:
        """Whether a node's work is split over our own threads, or may be by BLAS."""
        if node.id in self.fused:
            return node.size >= 2 * parallel.THREADS * fusion.BLOCK
        if node.prim == "matmul":
            return node.size * node.args[0].shape[-1] >= products.SPLIT
        if node.prim == "call":
            return _may_multiply(node.par.op)
        if node.prim.startswith("conv"):
            return True                                             # may hold a product of any size
        return node.prim in KERNELS and max(a.size for a in (node, *node.args)) >= parallel.WORTH

    def input(self, node: Node) -> None:
        """Names a feed or variable; a number becomes a numpy scalar."""
        name = f"f{node.par}" if node.prim == "feed" else self.variable(node.par)
        if node.shape == () and node.dtype.kind != "O":
            self.lines.append(f"{name}_ = {name}[()]")
            name += "_"
        self.names[node.id] = name

    def into(self, node: Node) -> str | None:
        """The buffer or variable that a node's result goes into; None for an array of its own."""
        place = self.places.get(node.id, _OWN)
        if node.id in self.final:
            self.changes()
            return self.variable(self.final[node.id])
        if place.kind == "carried":
            return self.names[place.over]       # type: ignore[index]
        return place.name if place.kind == "buffer" else None

    def step(self, node: Node, i: int) -> None:
        if node.prim == "item" and node.args[0].prim in HOLDERS:
            self.names[node.id] = _late.control.result(node.args[0], node.par)
            return
        if node.prim == "item" and node.args[0].id in self.lists:       # of a pop, which gives the element alone
            self.names[node.id] = self.names[node.args[0].id]
            return
        target = f"t{node.id}"
        self.nodes[target] = node
        if node.prim in HOLDERS:
            self.lines += _late.control.lines(self, node)
            target = "(" + "".join(f"{_late.control.result(node, k)}, " for k in range(len(results(node)))) + ")"
        elif node.prim == "call":
            self.call(node, target)
        elif node.prim == "stream":
            self.lines.append(f"{target} = {self.constant(taker(node.par, self.store.context(node.par.op)))}()")
        elif node.prim == "check":
            flags, *values = [self.name(a) for a in node.args]
            self.lines += [f"if {flags}.any():", f"    {self.constant(refuse(node))}({', '.join([flags, *values])})", f"{target} = None"]
        else:
            out = None if node.prim == "item" else self.into(node)
            self.lines.extend(lines(node, target, [self.name(a) for a in node.args], out, self.constant))
        self.names[node.id] = target
        if self.mark:
            self.lines.append(f"{self.constant(self.mark)}({i}, {target})")

    def cluster(self, nodes: Sequence[Node]) -> None:
        """One function over [lo, hi) of the flattened arrays, and the call that runs it over all blocks."""
        number = len(self.scratch)
        size = next(n.size for n in nodes if n.prim != "sum")
        block = blocks.block_size(nodes)
        self.environment.update(flat=blocks.flat, repeated=blocks.repeated, run_blocks=blocks.run_blocks)
        before: list[str] = []
        body: list[str] = []
        after: list[str] = []
        local: dict[int, str] = {}
        temporaries: dict[str, int] = {}
        dtypes: list[np.dtype[Any]] = []
        for node in nodes:
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
                before.append(f"p{node.id} = np.empty({-(-size // block)}, {self.constant(node.dtype)})")
                dtype = self.constant(node.dtype)
                body.append(f"p{node.id}[lo // {block}] = reduce_sum({args[0]}, 0, {dtype})")
                after.append(f"{target} = reduce_sum(p{node.id}, 0, {dtype})")
                continue
            place = self.places.get(node.id, _OWN)
            if place.kind == "cache":           # a value that only the cluster sees: block-sized
                if place.name not in temporaries:
                    temporaries[place.name] = len(dtypes)
                    dtypes.append(node.dtype)
                into = f"w{temporaries[place.name]}"
            else:
                before.append(f"{target} = {self.into(node) or f'np.empty({node.shape}, {self.constant(node.dtype)})'}")
                before.append(f"r{node.id} = {target}.reshape(-1)")
                into = f"r{node.id}[lo:hi]"
            result = f"l{node.id}"
            body += [f"y{node.id} = {into}", *lines(node, result, args, f"y{node.id}", self.constant)]
            local[node.id] = result
        name = f"s{number}"
        self.scratch[name] = dtypes
        head = [f"w{k} = w[{k}][:hi - lo]" for k in range(len(dtypes))]
        self.lines += [*before, f"def g{number}(lo, hi, w):", *("    " + line for line in head + body),
                       f"run_blocks(g{number}, {size}, {name}, {block})", *after]

    def call(self, node: Node, target: str) -> None:
        par = node.par
        quick = quick_caller(par)
        if quick is not None:
            name = self.lists.get(node.id)
            args = [self.for_keeping(a) if i in par.op_def.keeps else self.name(a) for i, a in enumerate(node.args) if i or name is None]
            if name is not None:
                index = self.count(node.args[1]) if par.op_def.on_list in ("get", "set") else ""
                self.lines += _late.control.lists.lines(node, target, name, args, index, quick, self.constant)
                return
            self.lines.append(f"{target} = {self.constant(quick)}({', '.join(args)})")
            return
        function = caller(par, self.store.context(par.op) if par.op_def.stateful else None,
                          None if self.depth else getattr(self.store, "observed", None), self.spaces, self.windows.get(node.id, _NONE))
        args = []
        for i, a in enumerate(node.args):
            text = self.name(a) if not isinstance(a, Handle) else self.constant(a)
            if i < par.mutates:
                key = self.direct(node, i)
                if key is None:
                    text = f"np.array({text})"
                else:
                    self.changes()
            args.append(text)
        self.lines.append(f"{target} = {self.constant(function)}({', '.join(args)})")

    def count(self, value: Any) -> str:
        """A scalar as a Python number, made once in a body."""
        if value.__class__ is not Node:
            return str(int(value))
        name = self.name(value)
        if name not in self.counts:
            self.counts[name] = f"i{value.id}"
            self.lines.append(f"i{value.id} = int({name})")
        return self.counts[name]

    def for_keeping(self, value: Any) -> str:
        """A value for a list that holds on to it: copied if it lies where something else will be written."""
        if value.__class__ is Node and value.id in self.steady:
            self.kept.add(value.id)
            return self.name(value)
        return self.name(value) + ("" if self.is_alone(value) else ".copy()")

    def is_carried(self, value: Any) -> bool:
        """Whether the next carried value takes the place of the one before."""
        return value.__class__ is Node and self.places.get(value.id, _OWN).kind == "carried"

    def is_alone(self, value: Any) -> bool:
        """Whether nothing will be written into a value's memory, nor does much more of it stay than the value."""
        if value.__class__ is not Node or not value.shape:
            return True
        base = root(value)
        if self.places.get(base.id, _OWN).kind != "own array" or base.prim in INPUTS or not (value is base or value.prim == "reshape"):
            return False
        return base.prim != "item" or base.args[0].prim not in HOLDERS or owns_memory(base)

    def direct(self, node: Node, i: int) -> str | None:
        """The variable whose array the i-th result of a call is, which the call itself overwrites."""
        for key, value in self.plan.effects:
            if value.__class__ is Node and value.id in self.final and (
                    (value is node and i == 0) or (value.prim == "item" and value.args[0] is node and value.par == i)):
                return key
        return None

    def assign(self, key: str, value: Any) -> None:
        if value.__class__ is Node and self.final.get(value.id) == key:
            return
        text, array = self.name(value), self.store.array(key)
        self.changes()
        if array is None or value.shape is None or array.shape != value.shape or array.dtype.kind == "O":
            self.lines.append(f"{self.constant(self.store.rebind)}({key!r}, {text})")
        elif value.shape == ():
            self.lines.append(f"{self.variable(key)}[()] = {text}")
        else:
            self.lines.append(f"copyto({self.variable(key)}, {text})")


def compile_plan(plan: Plan, store: Any, mark: Any = None) -> Program:
    """The program of a plan. `store` gives arrays by variable key and contexts of stateful operations (see runtime.store.Binding).

    mark: for traces, called with -1 at the start and with the position of each node and its value once that is there.
    """
    return Writer(plan, store, mark).write()
