"""Functions that programs give to datasets, traced into the graph's library."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core import context
from ..core.func_graph import FuncGraph
from ..core.op import Spec
from ..core.tensor import Tensor
from ..ops.control_flow.bodies import register
from . import nest, structure


class Function:
    """A function of elements: its body, what it captures, and the structure of its result."""

    def __init__(self, name: str, function: Callable[..., Any], given: Any, more: Any = None):
        body = FuncGraph(name, context.default_graph())
        with body.as_default():
            inputs = [body.add_input(Spec(*leaf.component), f"args_{i}") for i, leaf in enumerate(nest.flatten(given))]
            element = structure.from_tensors(given, inputs)
            result = function(*element) if isinstance(element, tuple) else function(element)
            if isinstance(result, list):
                result = tuple(result)
            self.result = _normal(result, function)
            self.structure = structure.structure_of(self.result)
            body.outputs = [body.own(t) for t in structure.to_tensors(self.structure, self.result)]
        self.body, self.name = body, register(body)
        self.captured: list[Tensor] = body.captured()

    def attributes(self) -> dict[str, Any]:
        """What a node that holds it says of its captures."""
        return {"Targuments": tuple(t.dtype for t in self.captured)}


def _normal(result: Any, function: Any) -> Any:
    if result is None or (nest.is_nested(result) and any(leaf is None for leaf in nest.flatten(result))):
        raise TypeError(f"Unsupported return value of function passed to Dataset: {result}: {getattr(function, '__name__', function)} must "
                        "return tensors (did it forget its return?)")
    try:
        return nest.pack(result, [structure._converted(leaf, None) for leaf in nest.flatten(result)])
    except (ValueError, TypeError) as error:
        raise TypeError(f"Unsupported return value from function passed to Dataset.map(): {result}. ({error})") from error
