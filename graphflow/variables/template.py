"""make_template: a function whose variables are made at the first call and shared by the others."""
from __future__ import annotations

import functools
import re
from typing import Any

from ..core import context
from ..core.collections import GraphKeys
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
            with pure_variable_scope(unique_name or unique_scope_name(name), custom_getter=custom_getter) as scope:
                self._scope = scope

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._scope is None:
            with variable_scope(self._unique_name, self._name, custom_getter=self._custom_getter) as scope:
                self._scope = scope
                return self._first(args, kwargs)
        with variable_scope(self._scope, reuse=self._called):
            return self._again(args, kwargs) if self._called else self._first(args, kwargs)

    def _first(self, args: Any, kwargs: Any) -> Any:
        result = self._func(*args, **kwargs)
        self._called = True
        return result

    def _again(self, args: Any, kwargs: Any) -> Any:
        trainable = context.default_graph().get_collection_ref(GraphKeys.TRAINABLE_VARIABLES)
        before = len(trainable)
        result = self._func(*args, **kwargs)
        if len(trainable) > before:
            new = ", ".join(f"{v.name} (made at {v.op.line})" for v in trainable[before:])
            raise ValueError("Trainable variable created when calling a template after the first time, perhaps you used tf.Variable when "
                             f"you meant tf.get_variable: {new}")
        return result

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
        """What all names of the template's variables begin with, `/` at the end; None before the first call."""
        name = None if self._scope is None else self._scope.name
        return name if name is None or name.endswith("/") else name + "/"

    @property
    def var_scope(self) -> VariableScope | None:
        """The old name of `variable_scope`."""
        return self._scope

    def _collected(self, collection: str) -> list[Any]:
        return [] if self._scope is None else context.default_graph().get_collection(collection, re.escape(self.variable_scope_name or ""))

    @property
    def variables(self) -> list[Any]:
        """Global and local variables made by the template; with the name '' all of the scope around it, as in TF1."""
        return self.global_variables + self.local_variables

    @property
    def non_trainable_variables(self) -> list[Any]:
        """Global variables made by the template that are not trained."""
        trainable = self.trainable_variables
        return [v for v in self.global_variables if not any(v is t for t in trainable)]

    trainable_variables = property(lambda self: self._collected(GraphKeys.TRAINABLE_VARIABLES))
    global_variables = property(lambda self: self._collected(GraphKeys.GLOBAL_VARIABLES))
    local_variables = property(lambda self: self._collected(GraphKeys.LOCAL_VARIABLES))
    weights, trainable_weights, non_trainable_weights = variables, trainable_variables, non_trainable_variables
