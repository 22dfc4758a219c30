"""Operations to run after a SavedModel is loaded."""

from __future__ import annotations

from typing import Any

from graphflow.core import context
from graphflow.core.collections import GraphKeys
from graphflow.core.export import export
from graphflow.ops.control_flow.flow import group
from graphflow.variables import lists


@export("saved_model.main_op.main_op")
def main_op() -> Any:
    """Initializes all variables, local variables and tables."""
    tables = context.default_graph().get_collection(GraphKeys.TABLE_INITIALIZERS)
    return group(lists.global_variables_initializer(), lists.local_variables_initializer(), *tables)


@export("saved_model.main_op.main_op_with_restore", "saved_model.main_op_with_restore")
def main_op_with_restore(restore_op_name: Any) -> Any:
    """As `main_op`, then runs the operation of that name."""
    with context.default_graph().control_dependencies([main_op()]):
        return group(context.default_graph().as_graph_element(restore_op_name))
