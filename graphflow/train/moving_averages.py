"""ExponentialMovingAverage: shadow variables that follow others."""
from __future__ import annotations

import itertools
from typing import Any

from ..core import context
from ..core.collections import GraphKeys
from ..core.convert import convert_to_tensor
from ..core.dtypes import bfloat16, float16, float32, float64
from ..core.export import export
from ..core.tensor import Tensor
from ..ops.array.basic import cast
from ..ops.control_flow.flow import group
from ..ops.elementwise.binary import minimum, pow_
from ..ops.scopes import name_scope
from ..ops.state.assign import assign, assign_sub
from ..variables.get import get_variable
from ..variables.initializers import Zeros
from ..variables.lists import moving_average_variables, trainable_variables
from ..variables.scope import variable_scope
from ..variables.variable import Variable
from .optimizers import slots


def assign_moving_average(variable: Any, value: Any, decay: Any, zero_debias: bool = True, name: str | None = None) -> Any:
    """variable -= (1 - decay) * (variable - value); zero_debias divides by what a start from zero still lacks (Kingma and Ba 2015)."""
    with name_scope(name, "AssignMovingAvg", [variable, value, decay]) as scope, context.default_graph().colocate_with(variable):
        dtype = variable.dtype.base_dtype
        rest = convert_to_tensor(1.0 - decay, name="decay") if not isinstance(decay, Tensor) else 1.0 - decay
        rest = cast(rest, dtype)
        if not zero_debias:
            return assign_sub(variable, (variable - value) * rest, name=scope)
        return _debiased(variable, value, rest)


def _debiased(variable: Any, value: Any, rest: Any) -> Any:
    """Assigns the average of the values alone: the biased average divided by the weight that its start from zero lacks."""
    graph = context.default_graph()
    with variable_scope(variable.op.name, values=[variable, value, rest]) as scope:
        with graph.colocate_with(variable), graph.control_dependencies(None):
            dtype = variable.dtype.base_dtype
            biased = get_variable(_free_name(scope, "biased"), variable.shape, dtype, Zeros(), trainable=False)
            step = get_variable(_free_name(scope, "local_step"), [], dtype, Zeros(), trainable=False)
    new_biased = assign_sub(biased, (biased - value) * rest)
    new_step = step.assign_add(1)
    weight = 1 - pow_(1.0 - rest, new_step)
    return assign(variable, new_biased / weight, name=graph.get_name_scope() + "/")


def _free_name(scope: Any, name: str) -> str:
    """`name`, numbered when a variable of this scope has it, unless the scope reuses."""
    taken = {v.op.name for v in scope.global_variables()}
    if scope.reuse or f"{scope.name}/{name}" not in taken:
        return name
    return next(f"{name}_{i}" for i in itertools.count(1) if f"{scope.name}/{name}_{i}" not in taken)


@export("train.ExponentialMovingAverage")
class ExponentialMovingAverage:
    """Averages of variables or tensors: shadow = decay * shadow + (1 - decay) * value.

    num_updates: the decay used is min(decay, (1 + num_updates) / (10 + num_updates)), which follows faster at first.
    """

    def __init__(self, decay: Any, num_updates: Any = None, zero_debias: bool = False, name: str = "ExponentialMovingAverage"):
        self._decay, self._num_updates, self._zero_debias, self._name = decay, num_updates, zero_debias, name
        self._averages: dict[Any, Any] = {}

    name = property(lambda self: self._name)

    def apply(self, var_list: Any = None) -> Any:
        """Makes the shadow variables, and an operation that updates them (all trainable variables by default)."""
        var_list = trainable_variables() if var_list is None else list(var_list)
        graph = context.default_graph()
        for v in var_list:
            if isinstance(v, Variable):
                graph_add_once(graph, GraphKeys.MOVING_AVERAGE_VARIABLES, v)
        zero_debias: dict[Any, bool] = {}
        for v in var_list:
            if v.dtype.base_dtype not in (bfloat16, float16, float32, float64):
                raise TypeError(f"The variables must be half, float, or double: {v.name}")
            if _key(v) not in self._averages:
                with graph.control_dependencies(None):
                    if isinstance(v, Variable):
                        shadow = slots.create_slot(v, v.initialized_value(), self._name)
                        zero_debias[_key(v)] = False
                    else:
                        shadow = slots.create_zeros_slot(v, self._name)
                        zero_debias[_key(v)] = self._zero_debias
                self._averages[_key(v)] = shadow
        with name_scope(self._name) as scope:
            decay = convert_to_tensor(self._decay, name="decay")
            if self._num_updates is not None:
                updates = cast(self._num_updates, float32, name="num_updates")
                decay = minimum(decay, (1.0 + updates) / (10.0 + updates))
            made = [assign_moving_average(self._averages[_key(v)], v, decay, zero_debias.get(_key(v), False)) for v in var_list]
            return group(*made, name=scope)

    def average(self, var: Any) -> Any:
        """The shadow variable of `var`, or None."""
        return self._averages.get(_key(var))

    def average_name(self, var: Any) -> str:
        """The name that the shadow of `var` has in checkpoints."""
        if _key(var) in self._averages:
            return self._averages[_key(var)].op.name
        return context.default_graph().unique_name(f"{var.op.name}/{self._name}", mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables: Any = None) -> dict[str, Any]:
        """{name in the checkpoint: variable} for a Saver that loads averages in place of the variables."""
        if moving_avg_variables is None:
            moving_avg_variables = trainable_variables() + moving_average_variables()
        found = {self.average_name(v): v for v in dict.fromkeys(moving_avg_variables)}
        chosen = {v.name for v in found.values()}
        for v in dict.fromkeys(context.default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES)):
            if v.name not in chosen and v.op.name not in found:
                found[v.op.name] = v
        return found


def graph_add_once(graph: Any, key: str, value: Any) -> None:
    if value not in graph.get_collection_ref(key):
        graph.add_to_collection(key, value)


def _key(v: Any) -> Any:
    return v.graph, v.name
