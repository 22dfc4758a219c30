"""Order without data: no_op, group, tuple."""
from __future__ import annotations

from collections.abc import ValuesView
from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.make import make
from ...core.operation import Operation
from ...core.outcomes import Effect
from ...core.tensor import Tensor
from ...core.values import IndexedSlices
from ...kernels.contract import Namespace
from ..array.basic import identity
from ..scopes import graph_of


class NoOp(Effect, sig="->"):
    """Does nothing; a place for control inputs."""

    def infer(self) -> tuple[()]:
        return ()

    def kernel(self, xp: Namespace) -> tuple[()]:
        return ()


@export("no_op")
def no_op(name: str | None = None) -> Operation:
    """An operation that does nothing."""
    return make(NoOp, name=name)


@export("group")
def group(*inputs: Any, **kwargs: Any) -> Operation:
    """An operation that is done when all `inputs` (operations, tensors, nested lists of them) are done; has no value."""
    name = kwargs.pop("name", None)
    if kwargs:
        raise ValueError("Unknown keyword arguments: " + ", ".join(kwargs))
    if context.default_graph().eager:
        return None  # type: ignore[return-value]
    flat: list[Any] = []
    _flatten(inputs, flat)
    graph = graph_of(flat)
    with graph.as_default():
        ops = [_operation(item) for item in flat]
        with graph.name_scope(name or "group_deps") as scope:
            if not ops:
                return no_op(scope)
            by_device: dict[str, list[Operation]] = {}
            for op in ops:
                by_device.setdefault(op.device, []).append(op)
            if len(by_device) == 1:
                return _wait_for(graph, next(iter(by_device.values())), scope, next(iter(by_device)))
            parts = [_wait_for(graph, by_device[device], None, device) for device in sorted(by_device)]
            return _wait_for(graph, parts, scope, "")


def _wait_for(graph: Any, ops: list[Operation], name: str | None, device: str) -> Operation:
    with graph.control_dependencies(ops), graph.device(device):
        return no_op(name)


def _flatten(item: Any, out: list[Any]) -> None:
    if isinstance(item, dict):
        for key in sorted(item):
            _flatten(item[key], out)
    elif isinstance(item, (list, tuple, ValuesView)):
        for part in item:
            _flatten(part, out)
    elif item is not None:
        out.append(item)


def _operation(item: Any) -> Operation:
    if isinstance(item, Operation):
        return item
    if not isinstance(item, Tensor) and hasattr(item, "_as_graph_element"):
        item = item if hasattr(item, "handle") else item._as_graph_element()
    op = getattr(item, "op", None)
    if not isinstance(op, Operation):
        raise TypeError(f"'inputs' should be zero or more (nested) Tensors. Received '{item}' with type '{type(item)}'.")
    return op


@export("tuple")
def tuple_(tensors: Any, name: str | None = None, control_inputs: Any = None) -> list[Any]:
    """The same tensors, each available only when all of them (and `control_inputs`) are computed; None stays None."""
    graph = graph_of([t for t in tensors if t is not None])
    with graph.as_default(), graph.name_scope(name or "tuple"):
        tensors = [t if t is None or isinstance(t, Operation) or hasattr(t, "op") else convert_to_tensor(t) for t in tensors]
        gates = [_operation(t) for t in tensors if t is not None]
        for control in control_inputs or ():
            gates.append(_operation(control))
        if not gates:
            raise ValueError("Must have at least one Tensor: not any of `tensors` is one")
        gates = sorted(dict.fromkeys(gates), key=lambda op: op._id)
        gate = group(*gates)
        return [None if t is None else t if isinstance(t, Operation) else with_dependencies([gate], t) for t in tensors]


def with_dependencies(dependencies: Any, output: Any, name: str | None = None) -> Any:
    """`output`, available only after `dependencies`."""
    graph = context.default_graph()
    with graph.name_scope(name or "control_dependency") as scope, graph.colocate_with(_operation(output)), \
            graph.control_dependencies(dependencies):
        if isinstance(output, IndexedSlices):
            return IndexedSlices(identity(output.values, name=scope), output.indices, output.dense_shape)
        if hasattr(output, "_graphflow_identity"):
            return output._graphflow_identity(None)     # its parts are named by their type, inside of the scope
        return identity(convert_to_tensor(output), name=scope)
