"""Module-level forms of the default graph's context managers and look-ups."""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from ..core import context
from ..core.export import export
from ..core.func_graph import outside
from ..core.graph import Graph
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..kernels.interrupts import whole


@export("name_scope")
class name_scope:
    """Context manager: operations made inside are named under `name`; yields the scope ('a/b/').

    name: the scope, default_name when it is None. values: tensors whose graph becomes the default graph inside.
    """

    def __init__(self, name: str | None, default_name: str | None = None, values: Any = None):
        if name is None and default_name is None and values is not None:
            raise ValueError("At least one of name (None) and default_name (None) must be provided.")
        if not (default_name is None or isinstance(default_name, str)):
            raise TypeError(f"`default_name` type ({type(default_name)}) is not a string type. You likely meant to pass this into "
                            "the `values` kwarg.")
        self._name = default_name if name is None else name
        self._values = values or ()
        self._exits: list[Any] = []

    @property
    def name(self) -> str | None:
        return self._name

    @whole
    def __enter__(self) -> str:
        graph = graph_of(self._values)
        exits: list[Any] = []
        if graph is not context.default_graph():
            entered = graph.as_default()
            entered.__enter__()
            exits.append(entered)
        scope = graph.name_scope(self._name)
        inside = scope.__enter__()
        exits.append(scope)
        self._exits.append(exits)
        return inside

    @whole
    def __exit__(self, *exception: Any) -> None:
        for manager in reversed(self._exits.pop()):
            manager.__exit__(*exception)


F = TypeVar("F", bound=Callable[..., Any])


def beside_inputs(function: F) -> F:
    """Decorator: what the function makes goes to the graph of the tensors among its arguments, as with a `name_scope` of these values."""
    @functools.wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Any:
        default = context.default_graph()
        if default.eager:
            return function(*args, **kwargs)
        for value in (*args, *kwargs.values()):
            for item in value if isinstance(value, (list, tuple)) else (value,):
                home = getattr(item, "graph", None)
                if isinstance(home, Graph) and home is not default and not default.building_function and not home.eager:
                    with graph_of([item]).as_default():
                        return function(*args, **kwargs)
        return function(*args, **kwargs)
    return inside    # type: ignore[return-value]


def graph_of(values: Any) -> Graph:
    """The graph that the tensors among `values` belong to (ValueError if they disagree), else the default graph."""
    default = context.default_graph()
    if default.building_function or default.eager:      # a body captures what is of other graphs
        return default
    found: Any = None
    for value in values or ():
        if hasattr(value, "_as_graph_element") and not isinstance(value, (Tensor, Operation)):
            value = value._as_graph_element()
        graph = value.graph.shared if isinstance(value, (Tensor, Operation)) else None      # of bodies, the one around them
        if graph is not None and not graph.eager:
            if found is not None and found[0] is not graph:
                raise ValueError(f"{value} must be from the same graph as {found[1]}.")
            found = found or (graph, value)
    return default if found is None else found[0]


@export("get_default_graph")
def get_default_graph() -> Graph:
    """The graph that new operations go to."""
    return context.default_graph()


export("reset_default_graph")(context.reset_default_graph)


@export("get_default_session")
def get_default_session() -> Any:
    """The session entered by `with session:` or `session.as_default()`, or None."""
    return context.default_session()


@export("control_dependencies")
def control_dependencies(control_inputs: Any) -> Any:
    """Context manager: operations made inside run after `control_inputs`; None clears the dependencies around it."""
    return context.default_graph().control_dependencies(control_inputs)


@export("init_scope")
def init_scope() -> Any:
    """Context manager: operations made inside lie outside of all bodies (branches, loops) and control dependencies."""
    return outside()


@export("device")
def device(device_name_or_function: Any) -> Any:
    """Context manager: records a device on the operations made inside; everything runs on one device all the same."""
    return context.default_graph().device(device_name_or_function)


@export("colocate_with")
def colocate_with(op: Any, ignore_existing: bool = False) -> Any:
    """Context manager: records on operations made inside that they belong beside `op`."""
    return context.default_graph().colocate_with(op, ignore_existing)


@export("container")
def container(container_name: str) -> Any:
    """Context manager: the resource container of stateful operations made inside."""
    return context.default_graph().container(container_name)


@export("op_scope", old=())
def op_scope(values: Any, name: str | None, default_name: str | None = None) -> name_scope:
    """TF 0.x's argument order of `name_scope`."""
    return name_scope(name, default_name, values)


@export("add_to_collection")
def add_to_collection(name: Any, value: Any) -> None:
    """Adds to a collection of the default graph."""
    context.default_graph().add_to_collection(name, value)


@export("add_to_collections")
def add_to_collections(names: Any, value: Any) -> None:
    """Adds to several collections of the default graph."""
    context.default_graph().add_to_collections(names, value)


@export("get_collection")
def get_collection(key: Any, scope: str | None = None) -> list[Any]:
    """The items of a collection of the default graph, a copy; scope: a regular expression that names must match."""
    return context.default_graph().get_collection(key, scope)


@export("get_collection_ref")
def get_collection_ref(key: Any) -> list[Any]:
    """The live list of a collection of the default graph."""
    return context.default_graph().get_collection_ref(key)


@export("set_random_seed", "random.set_random_seed")
def set_random_seed(seed: int) -> None:
    """The graph-level seed of the default graph, from which random ops derive theirs."""
    context.default_graph().seed = seed
