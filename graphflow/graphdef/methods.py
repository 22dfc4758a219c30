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


def _create_op(self: Graph, op_type: str, inputs: Any, dtypes: Any = None, input_types: Any = None, name: str | None = None,
               attrs: Any = None, op_def: Any = None, compute_shapes: bool = True, compute_device: bool = True) -> Operation:
    """A new operation of any type.

    inputs: tensors, the lists among the type's arguments spread out. attrs: {name: AttrValue message}; types and lengths that the inputs
    tell may be left out. dtypes, input_types: of the outputs and inputs, checked where they are given. `op_def`, `compute_shapes` and
    `compute_device` change nothing: what the type is, and shapes, are known.
    TypeError for an input that is no tensor or of a type that does not fit, ValueError for attributes and shapes, RuntimeError for an
    unknown type.
    """
    from .create import create_op  # at first use: saves 5 ms of a program's first run; only what makes operations by type needs it
    return create_op(self, op_type, inputs, dtypes, input_types, name, attrs)


def _get_attr(self: Operation, name: str) -> Any:
    """The value of an attribute: bool, int, float, bytes, DType, shape or tensor message, or a list of those.

    ValueError when the operation has none of that name.
    """
    return _writers()[1].public_attribute(self, name)


for _cls, _name, _member in (
        (Graph, "as_graph_def", _as_graph_def),
        (Graph, "create_op", _create_op),
        (Graph, "graph_def_versions", property(lambda graph: _writers()[0].versions(graph), doc="The VersionDef message of this graph.")),
        (Operation, "get_attr", _get_attr),
        (Operation, "node_def", property(lambda op: _writers()[1].node_def(op), doc="The NodeDef message of this operation.")),
        (Operation, "op_def", property(lambda op: _writers()[1].op_def(type(op._op_def)), doc="The OpDef message of its type."))):
    setattr(_cls, _name, _member)
