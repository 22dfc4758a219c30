"""FuncGraph: a graph inside a graph, the body of a function, of a branch or of a loop.

Tensors of the graphs around it may be used in it: each becomes a capture, a placeholder of this graph that stands for the outer
tensor, through every graph between the two. Collections, variable scopes and creators are those of the outer graph; variables and
other state made while a body is traced are lifted out of it (`outside`).
"""
from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from ..kernels.interrupts import whole
from . import context
from .graph import Graph
from .op import Op, Spec, load
from .operation import Operation
from .tensor import Tensor

_numbers = itertools.count()


class FuncGraph(Graph):
    """A graph with an outer one. Its function takes `inputs` (arguments first, then captures) and gives `outputs`."""

    def __init__(self, name: str, outer: Graph):
        super().__init__()
        self.name, self.outer_graph = f"{name}_{next(_numbers)}", outer
        while self.name in outer._functions:                # of an imported graph
            self.name = f"{name}_{next(_numbers)}"
        self.building_function = True
        self.inputs: list[Tensor] = []
        self.outputs: list[Tensor] = []
        self.captures: dict[Tensor, Tensor] = {}            # outer tensor -> the placeholder that stands for it
        self.arguments: dict[Tensor, Tensor] = {}           # placeholder -> what it stands for, of a body that was read from a library
        self.control_captures: dict[Operation, None] = {}   # outer operations to wait for before the body runs
        self.structured_outputs: Any = None
        self.effects: list[Operation] = []                  # what runs although nothing takes its value, once the body is whole
        self.common = False                                 # read from a library: any operation may name it, so it is not changed
        self._collections = outer._collections
        self._seed = outer._seed
        self._devices = list(outer._devices)
        self._gradient_overrides = outer._gradient_overrides
        self._gradient_functions = outer._gradient_functions
        self._functions = outer._functions

    @property
    def shared(self) -> Graph:
        return self.outer_graph.shared

    @property
    def place(self) -> str:
        return self.name + "/"

    def own(self, tensor: Tensor, user: str = "") -> Tensor:
        """`tensor` itself if it is of this graph, else what captures it. ValueError when it is of no graph around this one."""
        if tensor._op.graph is self:
            return tensor
        known = self.captures.get(tensor)
        if known is None:
            home = tensor._op.graph
            if home.release is not None and self in home.graphs_around():
                return self.own(home.release(tensor), user)
            known = self._capture(tensor, self.outer_graph.own(tensor, user))
        return known

    def _capture(self, tensor: Tensor, outer: Tensor) -> Tensor:
        if outer is not tensor and outer in self.captures:
            return self.captures[outer]
        inside = self.add_input(outer._spec, outer._op.name.rpartition("/")[2])
        self.captures[outer] = inside
        return inside

    def captured(self) -> list[Tensor]:
        """The tensors of the outer graph that the body uses, in the order of its last inputs."""
        return list(self.captures)

    def add_input(self, spec: Spec, name: str) -> Tensor:
        """A new last input of the function: a placeholder."""
        controllers, colocation, self._controllers, self._colocation = self._controllers, self._colocation, [], []
        try:
            op = self._add(_parameter(spec), (), self._names.unique(self._names.scope + name), (spec,))
        finally:
            self._controllers, self._colocation = controllers, colocation
        self.inputs.append(op.outputs[0])
        return op.outputs[0]

    def graphs_around(self) -> list[Graph]:
        """The graphs that this one lies in, the nearest first."""
        return [self.outer_graph, *self.outer_graph.graphs_around()]

    def behind(self, tensor: Tensor) -> Tensor | None:
        """The outer tensor that a placeholder stands for; None for any other tensor."""
        if tensor in self.arguments:
            return self.arguments[tensor]
        return next((outer for outer, inside in self.captures.items() if inside is tensor), None)

    def control_dependencies(self, control_inputs: Any) -> AbstractContextManager[None]:
        """As in `Graph`; what lies outside is noted, and waited for before the body runs."""
        if control_inputs is None:
            return super().control_dependencies(None)
        inside = []
        for item in control_inputs:
            if not isinstance(item, (Operation, Tensor)) and hasattr(item, "_as_graph_element"):
                item = item._as_graph_element()
            op = self.within(item if isinstance(item, Operation) else item.op) if hasattr(item, "graph") else None
            if op is None or op.graph is self:
                inside.append(item if op is None else op)
            else:
                self.control_captures[self.shared.within(op)] = None
        return super().control_dependencies(inside)

    @contextmanager
    @whole
    def colocate_with(self, op: Any, ignore_existing: bool = False) -> Iterator[None]:
        """As in `Graph`; what lies outside is no neighbour of anything in here."""
        graph = getattr(getattr(op, "op", op), "graph", self)
        with super().colocate_with(op if graph is self else None, ignore_existing):
            yield

    _colocate_with = colocate_with

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """As in `Graph`; a tensor from outside gives its capture."""
        if allow_tensor and not isinstance(obj, (str, bytes, Operation)):
            element = obj if isinstance(obj, Tensor) else obj._as_graph_element() if hasattr(obj, "_as_graph_element") else None
            if isinstance(element, Tensor) and element._op.graph is not self:
                return self.own(element)
        return super().as_graph_element(obj, allow_tensor, allow_operation)

    def __repr__(self) -> str:
        return f"<FuncGraph {self.name}: {len(self.inputs)} inputs, {len(self.captures)} of them captured, {len(self.outputs)} outputs>"


def _parameter(spec: Spec) -> Op:
    return load("Placeholder").of(dtype=spec.dtype, shape=spec.shape)


@contextmanager
@whole
def outside() -> Iterator[Graph]:
    """The graph around all bodies is the default one inside, in the name scope of the body, without control dependencies."""
    graph = context.default_graph()
    if not isinstance(graph, FuncGraph):
        with graph.control_dependencies(None):
            yield graph
        return
    scope, outer = graph._names.scope, graph.shared
    with outer.as_default(), outer.control_dependencies(None), outer.name_scope(scope or None):
        yield outer
