"""tf.custom_gradient with eager execution: what the function does is hidden from tapes, which get its gradient instead."""
from __future__ import annotations

from typing import Any

from ..autodiff.custom import called_gradient, takes_variables
from ..core import context, nest
from ..core.convert import convert_to_tensor
from .tape import Watcher, hidden
from .tensor import EagerTensor
from .traced import CALL


def call(graph: Any, f: Any, args: Any, kwargs: Any) -> Any:
    """The outputs of f(*args) -> (outputs, gradient function)."""
    arguments = [convert_to_tensor(x) for x in args]
    watcher = Watcher()
    with hidden(watcher):
        result, grad_fn = f(*arguments, **kwargs)
        outputs: list[Any] = [convert_to_tensor(y) for y in nest.flatten(result)]
    given = {id(t) for t in arguments}
    fresh = [EagerTensor(y._value, y._spec) if id(y) in given else y for y in outputs]
    variables = list(watcher.variables.values())
    if variables and not takes_variables(grad_fn):
        raise TypeError("If using @custom_gradient with a function that uses variables, then grad_fn must accept a 'variables' keyword "
                        f"argument. (Variables used: {', '.join(v.name for v in variables)})")
    inputs = [*arguments, *[v.handle for v in variables]]
    for recorder in context.recorders:
        if recorder.auto:
            for variable in variables:
                recorder.watch_variable(variable)
    if any(tape.flows(inputs) for tape in context.recorders):
        operation = graph.operation(CALL, inputs, "CustomGradient")
        operation.outputs = fresh
        operation._extra = {"_tape_gradient": lambda op, *dys: _gradients(grad_fn, op, dys, len(arguments), variables)}
        for tape in context.recorders:
            if tape.flows(inputs):
                tape.add(operation)
    return nest.pack_sequence_as(result, fresh) if nest.is_nested(result) else fresh[0]


def _gradients(grad_fn: Any, op: Any, dys: Any, count: int, variables: list[Any]) -> list[Any]:
    starts = [graph_zeros(y) if dy is None else dy for dy, y in zip(dys, op.outputs)]
    found, of_variables = called_gradient(grad_fn, starts, count, variables)
    return [None if g is None else g if hasattr(g, "dtype") and hasattr(g, "graph") else convert_to_tensor(g)
            for g in (*found, *of_variables)]


def graph_zeros(y: Any) -> Any:
    """Zeros where nothing flows back to an output."""
    return convert_to_tensor(y) * 0 if y.dtype.is_floating or y.dtype.is_complex else None
