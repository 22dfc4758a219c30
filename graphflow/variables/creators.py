"""Variable creators: `with tf.variable_creator_scope(f):` puts f between the caller and the making of a variable."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..core import context
from ..core.export import export
from ..core.func_graph import outside
from ..kernels.interrupts import whole
from .enums import VariableAggregation, VariableSynchronization
from .scope import get_variable_scope

Creator = Callable[..., Any]
MAKERS: dict[Any, Any] = {}       # whether it is a resource variable, or "eager" -> the class, entered where it is defined


def create(**kwargs: Any) -> Any:
    """Makes a variable through the creators of the default graph, the innermost first."""
    creator: Creator = _default_creator
    for outer in _creators():
        creator = _wrap(outer, creator)
    if not context.default_graph().building_function:
        return creator(**kwargs)
    with outside():    # a variable that a body makes is the outer graph's
        return creator(**kwargs)


def _creators() -> list[Creator]:
    return context.default_graph().extension("variable_creators", list, shared=True)


def _wrap(outer: Creator, inner: Creator) -> Creator:
    return lambda **kwargs: outer(inner, **kwargs)


def _default_creator(next_creator: Any = None, **kwargs: Any) -> Any:
    use_resource = kwargs.pop("use_resource", None)
    kwargs.pop("expected_shape", None)
    synchronization = kwargs.pop("synchronization", None) or VariableSynchronization.AUTO
    aggregation = kwargs.pop("aggregation", None) or VariableAggregation.NONE
    if kwargs.get("trainable") is None:
        kwargs["trainable"] = synchronization is not VariableSynchronization.ON_READ
    variable = _made(use_resource, kwargs)
    variable._distribution = (synchronization.value, aggregation.value)
    return variable


def _made(use_resource: bool | None, kwargs: dict[str, Any]) -> Any:
    if context.default_graph().eager:
        return MAKERS["eager"](**kwargs)
    if use_resource is None:
        use_resource = default_use_resource()
    if use_resource:
        return MAKERS[True](**kwargs)
    shape = kwargs.pop("shape", None)
    variable = MAKERS[False](**kwargs)
    if shape is not None:
        variable.set_shape(shape)
    return variable


_resource_default = [False]


def default_use_resource() -> bool:
    """What `use_resource=None` means: the variable scope's choice, else TF1's default (ref variables)."""
    chosen = get_variable_scope().use_resource
    return _resource_default[0] if chosen is None else bool(chosen)


@export("enable_resource_variables")
def enable_resource_variables() -> None:
    """Makes resource variables the default."""
    _resource_default[0] = True


@export("disable_resource_variables")
def disable_resource_variables() -> None:
    """Makes ref-style variables the default, as in TF1."""
    _resource_default[0] = False


@export("resource_variables_enabled")
def resource_variables_enabled() -> bool:
    """Whether resource variables are the default."""
    return _resource_default[0]


@export("variable_creator_scope")
@contextmanager
@whole
def variable_creator_scope(variable_creator: Creator) -> Iterator[None]:
    """Inside, `variable_creator(next_creator, **kwargs)` makes variables, usually by calling next_creator."""
    creators = _creators()
    creators.append(variable_creator)
    try:
        yield
    finally:
        creators.remove(variable_creator)
