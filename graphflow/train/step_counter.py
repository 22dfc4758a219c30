"""The global step: an int64 variable that counts optimizer steps."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.collections import GraphKeys
from ..core.dtypes import int64
from ..core.export import export
from ..core.tensor import Tensor
from ..variables.get import get_variable
from ..variables.initializers import zeros_initializer
from ..variables.variable import Variable


@export("train.get_global_step")
def get_global_step(graph: Any = None) -> Any:
    """The global step of the graph, or None.

    Looks into GraphKeys.GLOBAL_STEP, then for a tensor named 'global_step:0'. TypeError if it is no integer scalar.
    """
    graph = graph or context.default_graph()
    found = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(found) == 1:
        step = found[0]
    elif found:
        raise TypeError(f"Multiple tensors in global_step collection: {[v.name for v in found]}")
    else:
        try:
            step = graph.get_tensor_by_name("global_step:0")
        except KeyError:
            return None
    assert_global_step(step)
    return step


@export("train.create_global_step")
def create_global_step(graph: Any = None) -> Any:
    """Makes the global step; ValueError if there is one."""
    graph = graph or context.default_graph()
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists.')
    with graph.as_default(), graph.name_scope(None):
        return get_variable(GraphKeys.GLOBAL_STEP, shape=[], dtype=int64, initializer=zeros_initializer(), trainable=False,
                            collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP])


@export("train.get_or_create_global_step")
def get_or_create_global_step(graph: Any = None) -> Any:
    """The global step, made if there is none."""
    step = get_global_step(graph)
    return create_global_step(graph) if step is None else step


@export("train.assert_global_step")
def assert_global_step(global_step_tensor: Any) -> None:
    """TypeError unless it is an integer scalar tensor or variable."""
    if not isinstance(global_step_tensor, (Variable, Tensor)):
        raise TypeError(f'Existing "global_step" must be a Variable or Tensor: {global_step_tensor}.')
    if not global_step_tensor.dtype.base_dtype.is_integer:
        raise TypeError(f'Existing "global_step" does not have integer type: {global_step_tensor.dtype}')
    if global_step_tensor.static not in ((), None):
        raise TypeError(f'Existing "global_step" is not scalar: {global_step_tensor.get_shape()}')


@export("train.global_step")
def global_step(sess: Any, global_step_tensor: Any) -> int:
    """The step as a Python int."""
    return int(sess.run(global_step_tensor))
