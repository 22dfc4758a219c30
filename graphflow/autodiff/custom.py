"""Gradients that users write: custom_gradient; and second derivatives: hessians."""
from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from ..core import context
from ..core.constant import constant_op
from ..core.convert import convert_to_tensor
from ..core.export import export
from ..core.tensor import Tensor
from ..core.values import resource_handle
from ..ops import functions as F
from ..ops.array.passing import with_gradient
from ..ops.data_flow.tensor_array import TensorArray
from .gradients import gradients


class _Marked:
    """Variables that a function used, found among the operations that it added to the graph."""

    def __init__(self, graph: Any, start: int, arguments: list[Tensor]):
        used: dict[Any, None] = {}
        by_op = {}
        for key in ("variables", "local_variables", "trainable_variables"):
            for v in graph.get_collection(key):
                by_op[v.op] = v
        inside = set(graph._ops[start:])
        given = {t.op for t in arguments}
        for op in graph._ops[start:]:
            for t in op.inputs:
                source = t.op
                while source not in by_op and source._op_def.reads and source not in inside and source not in given:
                    source = source.inputs[0].op
                if source in by_op and source not in given and by_op[source].trainable:
                    used[by_op[source]] = None
        self.variables = list(used)


@export("custom_gradient")
def custom_gradient(f: Any = None) -> Any:
    """Decorator: `f(*x)` returns (y, grad), and grad(*dy) returns the gradients of the arguments.

    If f uses variables, grad must take `variables` (keyword) and return (gradients of the arguments, gradients of the variables).
    """
    if f is None:
        return custom_gradient

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        if context.default_graph().eager:
            return context.eager_graph.custom_gradient(f, args, kwargs)
        return _graph_mode(f, args, kwargs)
    return decorated


def _graph_mode(f: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    graph = context.default_graph()
    arguments = [convert_to_tensor(x) for x in args]
    start = len(graph._ops)
    result, grad_fn = f(*arguments, **kwargs)
    single = not isinstance(result, (list, tuple))
    outputs = [convert_to_tensor(y) for y in ([result] if single else result)]
    variables = _Marked(graph, start, arguments).variables
    if variables and not takes_variables(grad_fn):
        raise TypeError("If using @custom_gradient with a function that uses variables, then grad_fn must accept a 'variables' keyword "
                        f"argument. (Variables used: {', '.join(v.name for v in variables)})")
    handles = [v.value() if resource_handle(v) is None else v.handle for v in variables]
    final = with_gradient(outputs, [*arguments, *handles], _gradient_of(grad_fn, len(outputs), len(arguments), variables))
    return final[0] if single else type(result)(final) if not hasattr(result, "_fields") else type(result)(*final)


def _gradient_of(grad_fn: Any, outputs: int, inputs: int, variables: list[Any]) -> Callable[..., Any]:
    def gradient(op: Any, *dy: Any) -> list[Any]:
        found, of_variables = called_gradient(grad_fn, dy[:outputs], inputs, variables)
        return [None] * outputs + found + list(of_variables)
    return gradient


def takes_variables(grad_fn: Any) -> bool:
    """Whether a user's gradient function takes `variables`."""
    parameters = inspect.signature(grad_fn).parameters
    return "variables" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def called_gradient(grad_fn: Any, dys: Any, inputs: int, variables: list[Any]) -> tuple[list[Any], list[Any]]:
    """What a user's gradient function gives: gradients of the inputs, and of the variables. ValueError where their numbers are wrong."""
    if variables:
        found, of_variables = grad_fn(*dys, variables=variables)
        if len(of_variables) != len(variables):
            raise ValueError("Must return gradient for each variable from @custom_gradient grad_fn: got "
                             f"{len(of_variables)} for {len(variables)} variables.")
    else:
        found, of_variables = grad_fn(*dys), []
    found = list(found) if isinstance(found, (list, tuple)) else [found]
    if len(found) != inputs:
        raise ValueError(f"custom_gradient function expected to return {inputs} gradients, but returned {len(found)} instead.")
    return found, list(of_variables)


@export("hessians")
def hessians(ys: Any, xs: Any, name: str = "hessians", colocate_gradients_with_ops: bool = False, gate_gradients: bool = False,
             aggregation_method: Any = None) -> list[Tensor]:
    """The matrix of second derivatives of sum(ys) by each x, of shape x.shape + x.shape, row by row in a loop."""
    xs = list(xs) if isinstance(xs, (list, tuple)) else [xs]
    first = gradients(ys, xs, None, "gradients", colocate_gradients_with_ops, gate_gradients, aggregation_method)
    return [_hessian(F.reshape(g, [-1]), convert_to_tensor(x)) for x, g in zip(xs, first)]


def _hessian(flat: Tensor, x: Tensor) -> Tensor:
    """The derivatives of each element of a vector by x, one turn of the loop each."""
    count, start = F.size(x), constant_op(0)
    rows = TensorArray(x.dtype.base_dtype, count)
    rows = F.while_loop(lambda i, _: i < count, lambda i, rows: (i + 1, rows.write(i, gradients(flat[i], x)[0])), [start, rows])[1]
    shape = F.shape(x)
    return F.reshape(rows.stack(), F.concat([shape, shape], 0))
