"""Hangs on Graph and Operation what needs protocol messages, so that `core` knows none (as `ops.operators` does for `+` on Tensor)."""
from __future__ import annotations

from types import ModuleType
from typing import Any

from ..core.graph import Graph
from ..core.operation import Operation


def _writers() -> tuple[ModuleType, ModuleType]:
    from . import export, nodes  # at first use: saves 5 ms of a program's first run, nine modules; only what makes messages needs it
    return export, nodes


def _as_graph_def(self: Graph, from_version: int | None = None, add_shapes: bool = False) -> Any:
    """A GraphDef message of the operations added after `from_version` (all by default)."""
    return _writers()[0].graph_def(self, from_version, add_shapes)


def _get_attr(self: Operation, name: str) -> Any:
    """The value of an attribute: bool, int, float, bytes, DType, shape or tensor message, or a list of those.

    ValueError when the operation has none of that name.
    """
    return _writers()[1].public_attribute(self, name)


for _cls, _name, _member in (
        (Graph, "as_graph_def", _as_graph_def),
        (Graph, "graph_def_versions", property(lambda graph: _writers()[0].versions(graph), doc="The VersionDef message of this graph.")),
        (Operation, "get_attr", _get_attr),
        (Operation, "node_def", property(lambda op: _writers()[1].node_def(op), doc="The NodeDef message of this operation.")),
        (Operation, "op_def", property(lambda op: _writers()[1].op_def(type(op._op_def)), doc="The OpDef message of its type."))):
    setattr(_cls, _name, _member)
