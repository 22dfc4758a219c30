"""Optimizer: gradients of a loss, clipped or changed by the user, applied to variables by update ops.

Subclasses make their slots in `_create_slots`, their constants in `_prepare`, and one update op per variable in `_apply_dense`,
`_apply_sparse` and their resource forms. Node names and their order are TF1's.
"""
from __future__ import annotations

from collections.abc import ValuesView
from typing import Any

from ...autodiff.gradients import AggregationMethod, gradients
from ...core import context
from ...core.collections import GraphKeys
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import bfloat16, complex64, complex128, float16, float32, float64
from ...core.export import export
from ...core.make import make
from ...core.tensor import Tensor
from ...core.values import IndexedSlices, resource_handle
from ...eager.gradient_tape import GradientTape
from ...ops.control_flow.flow import group, tuple_
from ...ops.scopes import name_scope
from ...ops.state.assign import AssignAddVariableOp, assign_add
from ...variables.variable import Variable
from . import slots

_TRAINABLE = (float16, bfloat16, float32, float64, complex64, complex128)


class _Processor:
    """How one variable is differentiated by and updated."""

    def __init__(self, variable: Any):
        self.variable = variable
        self.is_resource = resource_handle(variable) is not None
        self.is_tensor = isinstance(variable, Tensor)

    def target(self) -> Any:
        return self.variable

    def update(self, optimizer: Optimizer, grad: Any) -> Any:
        if self.is_tensor:
            raise NotImplementedError(f"Trying to update a Tensor {self.variable}: optimizers change variables only")
        update = optimizer._update_of(self, grad)
        constraint = self.variable.constraint
        if constraint is None:
            return update
        if isinstance(grad, IndexedSlices):
            raise RuntimeError("Cannot use a constraint function on a sparse variable.")
        with context.default_graph().control_dependencies([update]):
            return self.variable.assign(constraint(self.variable.read_value() if not self.is_resource else self.variable))


@export("train.Optimizer")
class Optimizer:
    """Base of all optimizers: `minimize(loss)`, or `compute_gradients` and `apply_gradients` with changes between."""
    GATE_NONE, GATE_OP, GATE_GRAPH = 0, 1, 2

    def __init__(self, use_locking: bool, name: str):
        if not name:
            raise ValueError("Must specify the optimizer name")
        self._use_locking, self._name = use_locking, name
        self._slots: dict[str, dict[Any, Any]] = {}
        self._non_slot_dict: dict[Any, Any] = {}

    def get_name(self) -> str:
        return self._name

    def minimize(self, loss: Any, global_step: Any = None, var_list: Any = None, gate_gradients: int = GATE_OP,
                 aggregation_method: Any = None, colocate_gradients_with_ops: bool = False, name: str | None = None,
                 grad_loss: Any = None) -> Any:
        """An operation that takes one step down the gradient of `loss`; increments `global_step` if given.

        var_list: the variables to train, GraphKeys.TRAINABLE_VARIABLES by default.
        Raises ValueError when no variable gets a gradient.
        """
        pairs = self.compute_gradients(loss, var_list, gate_gradients, aggregation_method, colocate_gradients_with_ops, grad_loss)
        if all(g is None for g, _ in pairs):
            raise ValueError("No gradients provided for any variable, check your graph for ops that do not support gradients, between "
                             f"variables {[str(v) for _, v in pairs]} and loss {loss}.")
        return self.apply_gradients(pairs, global_step=global_step, name=name)

    def compute_gradients(self, loss: Any, var_list: Any = None, gate_gradients: int = GATE_OP, aggregation_method: Any = None,
                          colocate_gradients_with_ops: bool = False, grad_loss: Any = None) -> list[tuple[Any, Any]]:
        """A list of (gradient or None, variable)."""
        if gate_gradients not in (self.GATE_NONE, self.GATE_OP, self.GATE_GRAPH):
            raise ValueError("gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH. Not "
                             f"{gate_gradients}")
        if context.default_graph().eager:
            return self._eager_gradients(loss, var_list, grad_loss)
        if callable(loss):
            loss = loss()
        check_dtype([loss])
        if grad_loss is not None:
            check_dtype([grad_loss])
        variables = _variables(var_list)
        if not variables:
            raise ValueError("No variables to optimize.")
        targets = [_Processor(v).target() for v in variables]
        grads = gradients(loss, targets, grad_ys=grad_loss, gate_gradients=gate_gradients == self.GATE_OP,
                          aggregation_method=AggregationMethod.DEFAULT if aggregation_method is None else aggregation_method,
                          colocate_gradients_with_ops=colocate_gradients_with_ops)
        if gate_gradients == self.GATE_GRAPH:
            grads = tuple_(grads)
        pairs = list(zip(grads, variables))
        check_dtype([v for g, v in pairs if g is not None])
        return pairs

    @staticmethod
    def _eager_gradients(loss: Any, var_list: Any, grad_loss: Any) -> list[tuple[Any, Any]]:
        """compute_gradients with eager execution: of a function, whose trainable variables are trained unless var_list says which."""
        if not callable(loss):
            raise RuntimeError("`loss` passed to Optimizer.compute_gradients should be a function when eager execution is enabled.")
        with GradientTape() as tape:
            if var_list is not None:
                tape.watch(var_list() if callable(var_list) else var_list)
            value = loss()
        variables = list(tape.watched_variables()) if var_list is None else _variables(var_list() if callable(var_list) else var_list)
        check_dtype([value])
        pairs = list(zip(tape.gradient(value, variables, grad_loss), variables))
        check_dtype([v for g, v in pairs if g is not None])
        return pairs

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Any:
        """An operation that applies (gradient, variable) pairs; pairs without gradient are left out."""
        pairs = tuple(grads_and_vars)
        if not pairs:
            raise ValueError("No variables provided.")
        converted = [(_gradient(g), v, _Processor(v)) for g, v in pairs]
        variables = [v for g, v, _ in converted if g is not None]
        if not variables:
            raise ValueError(f"No gradients provided for any variable: {[str(v) for _, v in pairs]}.")
        graph = context.default_graph()
        with _outside_of_control(graph):
            self._create_slots(variables)
        updates = []
        with name_scope(name, self._name) as scope:
            self._prepare()
            for grad, variable, processor in converted:
                if grad is None:
                    continue
                own = variable.op.name if not graph.eager else variable._shared_name
                with name_scope("update_" + own), graph.colocate_with(variable):
                    updates.append(processor.update(self, grad))
            step = self._with_global_step(graph, updates, scope, global_step)
            if graph.eager:
                return None
            train_op = getattr(step, "op", step)
            ref = graph.get_collection_ref(GraphKeys.TRAIN_OP)
            if train_op not in ref:
                ref.append(train_op)
        return train_op

    def _with_global_step(self, graph: Any, updates: list[Any], scope: str, global_step: Any) -> Any:
        if global_step is None:
            return self._finish(updates, scope)
        with graph.control_dependencies([self._finish(updates, "update")]), graph.colocate_with(global_step):
            handle = resource_handle(global_step)
            if handle is not None:
                one = constant_op(1, global_step.dtype.base_dtype, None, "value")
                return make(AssignAddVariableOp, handle, one, name=scope)
            return assign_add(global_step, constant_op(1, global_step.dtype.base_dtype, None, "value"), name=scope)

    # -- slots --------------------------------------------------------------------------------------------------------
    def get_slot(self, var: Any, name: str) -> Any:
        """The slot variable `name` made for `var`, or None."""
        return self._slots.get(name, {}).get(_key(var))

    def get_slot_names(self) -> list[str]:
        return sorted(self._slots)

    def variables(self) -> list[Any]:
        """The optimizer's own variables: slots and others, by name."""
        graph: Any = context.default_graph().shared
        found = [v for v in self._non_slot_dict.values() if v.graph is graph]
        found += [v for named in self._slots.values() for v in named.values() if v.graph is graph]
        return sorted(found, key=lambda v: v.name)

    def _get_or_make_slot(self, var: Any, val: Any, slot_name: str, op_name: str) -> Any:
        named = self._slots.setdefault(slot_name, {})
        if _key(var) not in named:
            named[_key(var)] = slots.create_slot(var, val, op_name)
        return named[_key(var)]

    def _get_or_make_slot_with_initializer(self, var: Any, initializer: Any, shape: Any, dtype: Any, slot_name: str, op_name: str) -> Any:
        named = self._slots.setdefault(slot_name, {})
        if _key(var) not in named:
            named[_key(var)] = slots.create_slot_with_initializer(var, initializer, shape, dtype, op_name)
        return named[_key(var)]

    def _zeros_slot(self, var: Any, slot_name: str, op_name: str) -> Any:
        named = self._slots.setdefault(slot_name, {})
        if _key(var) not in named:
            named[_key(var)] = slots.create_zeros_slot(var, op_name)
        return named[_key(var)]

    def _create_non_slot_variable(self, initial_value: Any, name: str, colocate_with: Any) -> Any:
        graph = colocate_with.graph
        key = (name, graph.shared)
        if key not in self._non_slot_dict:
            with graph.colocate_with(colocate_with):
                self._non_slot_dict[key] = Variable(initial_value, name=name, trainable=False,
                                                    use_resource=resource_handle(colocate_with) is not None)
        return self._non_slot_dict[key]

    def _get_non_slot_variable(self, name: str, graph: Any = None) -> Any:
        return self._non_slot_dict.get((name, None if graph is None else graph.shared))

    # -- for subclasses -----------------------------------------------------------------------------------------------
    def _create_slots(self, var_list: list[Any]) -> None:
        """Makes the slot variables; none by default."""

    def _prepare(self) -> None:
        """Makes the hyperparameter tensors; none by default."""

    def _update_of(self, processor: _Processor, grad: Any) -> Any:
        variable = processor.variable
        if isinstance(grad, IndexedSlices):
            if processor.is_resource:
                return self._resource_apply_sparse_duplicate_indices(grad.values, variable, grad.indices)
            return self._apply_sparse_duplicate_indices(grad, variable)
        return self._resource_apply_dense(grad, variable) if processor.is_resource else self._apply_dense(grad, variable)

    def _apply_dense(self, grad: Tensor, var: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not update ref-style variables by dense gradients")

    def _resource_apply_dense(self, grad: Tensor, var: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not update resource variables by dense gradients")

    def _apply_sparse(self, grad: IndexedSlices, var: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not update ref-style variables by sparse gradients")

    def _resource_apply_sparse(self, grad: Tensor, var: Any, indices: Tensor) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not update resource variables by sparse gradients")

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Any) -> Any:
        """Rows that occur several times are added up first."""
        values, indices = slots.deduplicate(grad.values, grad.indices)
        return self._apply_sparse(IndexedSlices(values, indices, grad.dense_shape), var)

    def _resource_apply_sparse_duplicate_indices(self, grad: Tensor, handle: Any, indices: Tensor) -> Any:
        values, indices = slots.deduplicate(grad, indices)
        return self._resource_apply_sparse(values, handle, indices)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        return group(*update_ops, name=name_scope)

    def _call_if_callable(self, value: Any) -> Any:
        return value() if callable(value) else value


def _key(variable: Any) -> Any:
    own = getattr(variable, "_unique_id", None)         # names of variables with values are not unique
    if own is not None:
        return own
    return variable.graph, variable._shared_name if hasattr(variable, "_shared_name") else variable.op.name


def _variables(var_list: Any) -> list[Any]:
    if var_list is None:
        graph = context.default_graph()
        found = graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)
        return found + graph.get_collection("trainable_resource_variables")
    several = isinstance(var_list, (list, tuple, ValuesView)) or hasattr(var_list, "_get_partitions")
    items = list(var_list) if several else [var_list]
    flat: list[Any] = []
    for v in items:
        flat.extend(_variables(v) if isinstance(v, (list, tuple)) or hasattr(v, "_get_partitions") else [v])
    for v in flat:
        if not hasattr(v, "op") or (not isinstance(v, (Variable, Tensor)) and resource_handle(v) is None):
            raise TypeError(f"Argument is not a tf.Variable: {v}")
    return flat


def _gradient(grad: Any) -> Any:
    if grad is None or isinstance(grad, (Tensor, IndexedSlices)):
        return grad
    try:
        return convert_to_tensor(grad)
    except TypeError:
        raise TypeError(f"Gradient must be convertible to a Tensor or IndexedSlices, or None: {grad}") from None


def check_dtype(tensors: list[Any]) -> None:
    """ValueError unless all are floating (or complex) tensors."""
    for t in tensors:
        if not hasattr(t, "dtype"):
            raise AttributeError(f"'{type(t).__name__}' object has no attribute 'dtype': the loss must be a tensor, got {t!r}")
        dtype = t.dtype.base_dtype
        if dtype not in _TRAINABLE:
            raise ValueError(f"Invalid type tf.{dtype.name} for {t.name}, expected: [{', '.join('tf.' + d.name for d in _TRAINABLE)}]. "
                             "Losses and trained variables are floating: write 1.0 for 1, or tf.cast(x, tf.float32).")


def _outside_of_control(graph: Any) -> Any:
    return graph.control_dependencies(None)


