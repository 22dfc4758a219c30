"""Lists of a graph's variables, and operations that initialize or check them."""
from __future__ import annotations

from typing import Any

from ..core.collections import GraphKeys
from ..core.export import export
from ..core.operation import Operation
from ..ops.control_flow.flow import group, no_op
from ..ops.scopes import get_collection


@export("global_variables", old=["all_variables"])
def global_variables(scope: str | None = None) -> list[Any]:
    """Variables of GraphKeys.GLOBAL_VARIABLES; scope: regular expression that names must match."""
    return get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


@export("local_variables")
def local_variables(scope: str | None = None) -> list[Any]:
    """Variables of GraphKeys.LOCAL_VARIABLES, which savers leave out."""
    return get_collection(GraphKeys.LOCAL_VARIABLES, scope)


@export("model_variables")
def model_variables(scope: str | None = None) -> list[Any]:
    """Variables of GraphKeys.MODEL_VARIABLES."""
    return get_collection(GraphKeys.MODEL_VARIABLES, scope)


@export("trainable_variables")
def trainable_variables(scope: str | None = None) -> list[Any]:
    """Variables that optimizers train by default."""
    return get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


@export("moving_average_variables")
def moving_average_variables(scope: str | None = None) -> list[Any]:
    """Variables with a moving average."""
    return get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


@export("variables_initializer", "initializers.variables", old=["initialize_variables"])
def variables_initializer(var_list: Any, name: str = "init") -> Operation:
    """An operation that initializes the variables of the list."""
    return group(*[v.initializer for v in var_list], name=name) if var_list else no_op(name=name)


@export("global_variables_initializer", "initializers.global_variables", old=["initialize_all_variables"])
def global_variables_initializer() -> Operation:
    """An operation that initializes all global variables."""
    return variables_initializer(global_variables())


@export("local_variables_initializer", "initializers.local_variables", old=["initialize_local_variables"])
def local_variables_initializer() -> Operation:
    """An operation that initializes all local variables."""
    return variables_initializer(local_variables())


@export("tables_initializer", "initializers.tables_initializer", old=["initialize_all_tables"])
def tables_initializer(name: str = "init_all_tables") -> Operation:
    """An operation that fills all lookup tables of the graph (GraphKeys.TABLE_INITIALIZERS); does nothing where there are none."""
    tables = get_collection(GraphKeys.TABLE_INITIALIZERS, None)
    return group(*tables, name=name) if tables else no_op(name=name)
