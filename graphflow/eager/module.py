"""tf.Module: an object that knows the variables and modules that hang on it."""
from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ..core import nest
from ..core.export import export
from ..ops.scopes import name_scope as scope_of
from ..variables.variable import Variable


@export("Module")
class Module:
    """Base of objects that keep variables and modules as attributes (in lists, tuples and dicts, too), for models.

    name: a Python name; by default that of the class in small letters.
    """

    def __init__(self, name: str | None = None):
        if name is None:
            name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower().replace("__", "_")
        elif not name.isidentifier():
            raise ValueError(f"{name!r} is not a valid module name. Module names must be valid Python identifiers (e.g. a valid class "
                             "name).")
        self._name = name
        with scope_of(name) as scope:
            self._scope_name = scope

    @property
    def name(self) -> str:
        """The name, as passed or made of that of the class."""
        return self._name

    @property
    def name_scope(self) -> Any:
        """A `tf.name_scope` of the module's name, for its methods."""
        return scope_of(self._scope_name)

    @property
    def variables(self) -> tuple[Any, ...]:
        """The variables of the module and of those in it, by the names of attributes."""
        return tuple(self._flatten(predicate=lambda v: isinstance(v, Variable)))

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """Those of the variables that are trainable."""
        return tuple([v for v in self.variables if v.trainable])

    @property
    def non_trainable_variables(self) -> tuple[Any, ...]:
        """Those of the variables that are not trainable."""
        return tuple([v for v in self.variables if not v.trainable])

    @property
    def submodules(self) -> tuple[Any, ...]:
        """The modules in this one, and in them."""
        return tuple(self._flatten(predicate=lambda v: isinstance(v, Module)))

    def _flatten(self, recursive: bool = True, predicate: Callable[[Any], bool] | None = None, **_: Any) -> Iterator[Any]:
        """What hangs on the module and fits the predicate: its own first, then that of modules in it."""
        seen = {id(self)}
        waiting: list[Module] = [self]
        while waiting:
            module, inner = waiting.pop(0), []
            for key in sorted(vars(module)):
                for leaf in _leaves(vars(module)[key]):
                    if id(leaf) in seen:
                        continue
                    seen.add(id(leaf))
                    if predicate is None or predicate(leaf):
                        yield leaf
                    if isinstance(leaf, Module):
                        inner.append(leaf)
            waiting = inner + waiting if recursive else []

    def _trackable_children(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key not in ("_name", "_scope_name")}

    @classmethod
    def with_name_scope(cls, method: Any) -> Any:
        """Decorator of a method: it runs in the module's name scope."""
        def inside(self: Any, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)
        inside.__name__, inside.__doc__ = method.__name__, method.__doc__
        return inside


def _leaves(value: Any) -> list[Any]:
    try:
        return nest.flatten(value)
    except TypeError:                # a dict whose keys have no order
        return [leaf for item in value.values() for leaf in _leaves(item)]
