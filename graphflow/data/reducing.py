"""Dataset.reduce: a function of state and element, over all elements in one run."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core import context
from ..core.make import make
from ..ops.dataset.results import ReduceDataset
from . import structure
from .functions import Function


def reduced(dataset: Any, initial_state: Any, reduce_func: Callable[..., Any]) -> Any:
    """See Dataset.reduce."""
    with context.default_graph().name_scope("initial_state"):
        state = structure.normalize(initial_state)
    form = structure.structure_of(state)
    function, form = structure.steady("reduce_func", form, lambda state: Function("reduce", reduce_func, (state, dataset._structure)))
    tensors = structure.to_tensors(form, state)
    found = make(ReduceDataset, dataset._variant, tensors, function.captured, name=None, f=function.name,
                 Tstate=tuple(t.dtype for t in tensors), **function.attributes(), **structure.flat_attributes(form))
    return structure.from_tensors(form, found)
