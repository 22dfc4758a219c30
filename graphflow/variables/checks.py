"""Which variables are not initialized yet."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.constant import constant
from ..core.dtypes import string
from ..core.export import export
from ..core.make import make
from ..core.tensor import Tensor
from ..core.values import resource_handle
from ..ops.array.axes import Rank
from ..ops.array.indexing import boolean_mask
from ..ops.array.stacking import stack
from ..ops.elementwise.comparison import logical_not
from ..ops.scopes import name_scope
from ..ops.state.variables import is_reference, is_variable_initialized
from .lists import global_variables, local_variables


@export("report_uninitialized_variables")
def report_uninitialized_variables(var_list: Any = None, name: str = "report_uninitialized_variables") -> Tensor:
    """A 1-D string tensor: the names of variables that have no value in the session (global and local ones by default)."""
    if var_list is None:
        var_list = global_variables() + local_variables()
        if not var_list:
            var_list = [op.outputs[0] for op in context.default_graph().get_operations() if is_reference(op)]
    with name_scope(name):
        if not var_list:
            return constant([], string)
        states = logical_not(stack([is_variable_initialized(v) for v in var_list]))
        return boolean_mask(constant([v.op.name for v in var_list]), states)


@export("assert_variables_initialized")
def assert_variables_initialized(var_list: Any = None) -> Any:
    """A tensor (the variables' ranks) whose run fails with FailedPreconditionError unless all are initialized; None without any."""
    if var_list is None:
        var_list = global_variables() + local_variables()
    if not var_list:
        return None
    ranks = [make(Rank, v.op.outputs[0] if resource_handle(v) is None else v.value()) for v in var_list]
    return ranks[0] if len(ranks) == 1 else stack(ranks)
