"""Dataset.reduce: a function of state and element, over all elements in one run."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core import context, shapes
from ..core.make import make
from ..ops.dataset.results import ReduceDataset
from . import nest, structure
from .functions import Function


def reduced(dataset: Any, initial_state: Any, reduce_func: Callable[..., Any]) -> Any:
    """See Dataset.reduce."""
    with context.default_graph().name_scope("initial_state"):
        state = structure.normalize(initial_state)
    form = structure.structure_of(state)
    while True:                 # until the shapes of the state are those of any turn
        function = Function("reduce", reduce_func, (form, dataset._structure))
        after = function.structure
        if structure.types(after) != structure.types(form):
            raise TypeError(f"The element types for the new state must match the initial state. Expected {structure.types(form)}; got "
                            f"{structure.types(after)}.")
        pairs = list(zip(nest.flatten(form), nest.flatten_up_to(form, after)))
        wider = nest.pack(form, [a.with_shape(shapes.relax(a.shape, b.shape)) for a, b in pairs])
        if all(a.shape == b.shape for a, b in zip(nest.flatten(form), nest.flatten(wider))):
            break
        form = wider
    tensors = structure.to_tensors(form, state)
    found = make(ReduceDataset, dataset._variant, tensors, function.captured, name=None, f=function.name,
                 Tstate=tuple(t.dtype for t in tensors), **function.attributes(), **structure.flat_attributes(form))
    return structure.from_tensors(form, found)
