"""Variables as VariableDef messages, which graphs in files carry in their collections."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.collections import GraphKeys
from ..core.values import resource_handle
from ..formats import proto
from .creators import MAKERS

# Collections whose members are stored as VariableDefs.
COLLECTIONS = (GraphKeys.GLOBAL_VARIABLES, GraphKeys.TRAINABLE_VARIABLES, GraphKeys.MOVING_AVERAGE_VARIABLES, GraphKeys.LOCAL_VARIABLES,
               GraphKeys.MODEL_VARIABLES, GraphKeys.GLOBAL_STEP, GraphKeys.METRIC_VARIABLES)


def strip_scope(name: str, scope: str | None) -> str:
    """`name` without a leading `scope/`."""
    return name.removeprefix(scope.rstrip("/") + "/") if scope else name


def prepend_scope(name: str, scope: str | None) -> str:
    """`name` below `scope`; control inputs keep their '^'."""
    if not scope:
        return name
    scope = scope.rstrip("/")
    return f"^{scope}/{name[1:]}" if name.startswith("^") else f"{scope}/{name}"


def to_proto(variable: Any, export_scope: str | None = None) -> Any:
    """The VariableDef of a variable, names without `export_scope`; None for a variable outside of it."""
    if export_scope is not None and not variable.name.startswith(export_scope):
        return None
    handle = resource_handle(variable)
    tensor, read = (variable._variable, variable._snapshot) if handle is None else (handle, variable._graph_element)
    message = proto.VariableDef(variable_name=strip_scope(tensor.name, export_scope), is_resource=handle is not None,
                          trainable=variable.trainable, snapshot_name=strip_scope(read.name, export_scope),
                          initializer_name=strip_scope(variable.initializer.name, export_scope))
    message.synchronization, message.aggregation = variable._distribution
    if variable._initial_value is not None:
        message.initial_value_name = strip_scope(variable._initial_value.name, export_scope)
    if variable._save_slice_info is not None:
        message.save_slice_info_def.CopyFrom(variable._save_slice_info.to_proto(export_scope))
    return message


def from_proto(message: Any, import_scope: str | None = None) -> Any:
    """The variable of a VariableDef whose operations are in the default graph, below `import_scope`.

    KeyError or ValueError when the graph lacks one of them.
    """
    graph = context.default_graph()

    def element(name: str) -> Any:
        return graph.as_graph_element(prepend_scope(name, import_scope))

    cls = MAKERS[message.is_resource]
    variable: Any = cls.__new__(cls)
    variable._initializer_op = element(message.initializer_name)
    variable._initial_value = element(message.initial_value_name) if message.initial_value_name else None
    variable._trainable, variable._constraint = message.trainable, None
    variable._save_slice_info = None
    variable._distribution = (message.synchronization, message.aggregation)  # without meaning here, but written back
    if message.HasField("save_slice_info_def"):
        variable._save_slice_info = cls.SaveSliceInfo(save_slice_info_def=message.save_slice_info_def, import_scope=import_scope)
    tensor = element(message.variable_name)
    if message.is_resource:
        attributes = tensor.op._op_def.attributes()
        variable._handle, variable._dtype, variable._shape = tensor, attributes["dtype"], attributes["shape"]
        variable._graph_element = element(message.snapshot_name) if message.snapshot_name else variable._read()
    else:
        variable._variable = tensor
        variable._snapshot = element(message.snapshot_name or f"{message.variable_name.removesuffix(':0')}/read:0")
    return variable
