"""make_template: a function whose variables are made at the first call and shared by the others."""
from __future__ import annotations

import functools
from typing import Any

from ..core import context
from ..core.export import export
from .scope import VariableScope, pure_variable_scope, unique_scope_name, variable_scope


@export("make_template")
def make_template(name_: str, func_: Any, create_scope_now_: bool = False, unique_name_: str | None = None,
                  custom_getter_: Any = None, **kwargs: Any) -> Template:
    """`func_` as a template: get_variable inside it makes variables at the first call and reuses them afterwards.

    name_: the scope, made unique. create_scope_now_: take the name now instead of at the first call. kwargs: bound to func_.
    """
    if kwargs:
        func_ = functools.partial(func_, **kwargs)
    return Template(name_, func_, create_scope_now_, unique_name_, custom_getter_)


class Template:
    """What make_template returns; call it like the function."""

    def __init__(self, name: str, func: Any, create_scope_now: bool = False, unique_name: str | None = None, custom_getter: Any = None):
        if name is None:
            raise ValueError("name cannot be None.")
        self._func, self._name, self._unique_name, self._custom_getter = func, name, unique_name, custom_getter
        self._scope: VariableScope | None = None
        self._called = False
        if create_scope_now:
            self._make_scope()

    def _make_scope(self) -> None:
        with pure_variable_scope(self._unique_name or unique_scope_name(self._name), custom_getter=self._custom_getter) as scope:
            self._scope = scope

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._scope is None:
            self._make_scope()
        with variable_scope(self._scope, reuse=True if self._called else None) as scope:
            if not self._called:
                graph = context.default_graph()
                before = len(graph.get_collection_ref("trainable_variables"))
                result = self._func(*args, **kwargs)
                self._called = len(graph.get_collection_ref("trainable_variables")) > before or self._has_variables(scope)
                return result
            return self._func(*args, **kwargs)

    def _has_variables(self, scope: VariableScope) -> bool:
        return bool(scope.global_variables() or scope.local_variables())

    @property
    def name(self) -> str:
        return self._name

    @property
    def func(self) -> Any:
        return self._func

    @property
    def variable_scope(self) -> VariableScope | None:
        """The scope of the template's variables; None before the first call."""
        return self._scope

    @property
    def variable_scope_name(self) -> str | None:
        return None if self._scope is None else self._scope.name

    @property
    def variables(self) -> list[Any]:
        """Global and local variables made by the template."""
        return [] if self._scope is None else self._scope.global_variables() + self._scope.local_variables()

    @property
    def non_trainable_variables(self) -> list[Any]:
        trainable = self.trainable_variables
        return [v for v in self.variables if not any(v is t for t in trainable)]

    @property
    def trainable_variables(self) -> list[Any]:
        return [] if self._scope is None else self._scope.trainable_variables()

    global_variables = property(lambda self: [] if self._scope is None else self._scope.global_variables())
    local_variables = property(lambda self: [] if self._scope is None else self._scope.local_variables())
