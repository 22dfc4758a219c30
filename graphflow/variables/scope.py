"""variable_scope: prefixes for get_variable, with defaults that scopes inside inherit."""
from __future__ import annotations

import enum
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..core import context
from ..core.collections import GraphKeys
from ..core.convert import convert_to_tensor
from ..core.dtypes import as_dtype, float32
from ..core.export import export, export_values
from ..kernels.interrupts import whole
from ..ops.scopes import graph_of, name_scope
from .enums import VariableAggregation, VariableSynchronization


class _ReuseMode(enum.Enum):
    AUTO_REUSE = 1


AUTO_REUSE = _ReuseMode.AUTO_REUSE
export_values(__name__, AUTO_REUSE="AUTO_REUSE")


@export("VariableScope")
class VariableScope:
    """The state of a variable scope: its name, whether variables are reused, and defaults for new ones."""

    def __init__(self, reuse: Any, name: str = "", initializer: Any = None, regularizer: Any = None, caching_device: Any = None,
                 partitioner: Any = None, custom_getter: Any = None, name_scope: str = "", dtype: Any = float32,
                 use_resource: Any = None, constraint: Any = None):
        self._name, self._reuse, self._name_scope = name, reuse, name_scope
        self._initializer, self._regularizer, self._partitioner = initializer, regularizer, partitioner
        self._caching_device, self._custom_getter, self._constraint = caching_device, custom_getter, constraint
        self._dtype, self._use_resource = dtype, use_resource

    name = property(lambda self: self._name)
    original_name_scope = property(lambda self: self._name_scope)
    reuse = property(lambda self: self._reuse)
    initializer = property(lambda self: self._initializer)
    regularizer = property(lambda self: self._regularizer)
    partitioner = property(lambda self: self._partitioner)
    caching_device = property(lambda self: self._caching_device)
    custom_getter = property(lambda self: self._custom_getter)
    constraint = property(lambda self: self._constraint)
    dtype = property(lambda self: self._dtype)
    use_resource = property(lambda self: self._use_resource)

    def reuse_variables(self) -> None:
        """From here on get_variable only returns variables that exist."""
        self._reuse = True

    def set_initializer(self, initializer: Any) -> None:
        self._initializer = initializer

    def set_regularizer(self, regularizer: Any) -> None:
        self._regularizer = regularizer

    def set_partitioner(self, partitioner: Any) -> None:
        self._partitioner = partitioner

    def set_caching_device(self, caching_device: Any) -> None:
        self._caching_device = caching_device

    def set_custom_getter(self, custom_getter: Any) -> None:
        self._custom_getter = custom_getter

    def set_dtype(self, dtype: Any) -> None:
        self._dtype = dtype

    def set_use_resource(self, use_resource: Any) -> None:
        self._use_resource = use_resource

    def get_collection(self, name: str) -> list[Any]:
        """The items of a collection whose names lie in this scope."""
        return context.default_graph().get_collection(name, self._name + "/" if self._name else "")

    def trainable_variables(self) -> list[Any]:
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def global_variables(self) -> list[Any]:
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self) -> list[Any]:
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)

    def get_variable(self, var_store: Any, name: str, shape: Any = None, dtype: Any = None, initializer: Any = None,
                     regularizer: Any = None, reuse: Any = None, trainable: Any = None, collections: Any = None,
                     caching_device: Any = None, partitioner: Any = None, validate_shape: bool = True, use_resource: Any = None,
                     custom_getter: Any = None, constraint: Any = None,
                     synchronization: Any = VariableSynchronization.AUTO, aggregation: Any = VariableAggregation.NONE) -> Any:
        """The variable `name` in this scope, made or reused."""
        full_name = f"{self._name}/{name}" if self._name else name
        with name_scope(None):  # name scopes do not touch get_variable
            if dtype is not None and initializer is not None and not callable(initializer):
                _check_constant(initializer, dtype, full_name)
            return var_store.get_variable(
                full_name, shape=shape, dtype=as_dtype(self._dtype if dtype is None else dtype),
                initializer=self._initializer if initializer is None else initializer,
                regularizer=self._regularizer if regularizer is None else regularizer,
                reuse=self._reuse if reuse is None else reuse, trainable=trainable, collections=collections,
                caching_device=self._caching_device if caching_device is None else caching_device,
                partitioner=self._partitioner if partitioner is None else partitioner, validate_shape=validate_shape,
                use_resource=self._use_resource if use_resource is None else use_resource,
                custom_getter=self._custom_getter if custom_getter is None else custom_getter,
                constraint=self._constraint if constraint is None else constraint,
                synchronization=synchronization, aggregation=aggregation)


def _check_constant(initializer: Any, dtype: Any, full_name: str) -> None:
    found = getattr(initializer, "dtype", None)
    if found is None:
        found = convert_to_tensor(initializer).dtype
    if as_dtype(found).base_dtype is not as_dtype(dtype).base_dtype:
        raise ValueError(f"Initializer type '{as_dtype(found).base_dtype.name}' and explicit dtype '{as_dtype(dtype).name}' don't match "
                         f"for variable {full_name}.")


class ScopeState(threading.local):
    """What a graph remembers of a thread's variable scopes: the current one and how often each was opened.

    inside: by scope, the names of those opened inside it. numbers: by name, the first number that may be free for it. undo: the counts
    before their changes, since a scope was entered after which they hold again.
    """

    def __init__(self) -> None:
        self.current = VariableScope(False)
        self.counts: dict[str, int] = {}
        self.inside: dict[str, set[str]] = {}
        self.numbers: dict[str, int] = {}
        self.undo: list[tuple[str, int]] | None = None

    def _set(self, name: str, count: int) -> None:
        if self.undo is not None:
            self.undo.append((name, self.counts.get(name, 0)))
        if not count:
            self.counts.pop(name, None)
            self.numbers.pop(name.rpartition("_")[0], None)
            return
        self.counts[name] = count
        end = name.find("/")
        while end >= 0:
            self.inside.setdefault(name[:end], set()).add(name)
            end = name.find("/", end + 1)

    def open(self, name: str) -> None:
        self._set(name, self.counts.get(name, 0) + 1)

    def close_inside(self, name: str) -> None:
        for other in self.inside.pop(name, ()):
            if other in self.counts:
                self._set(other, 0)

    def restore(self, outer: list[tuple[str, int]] | None) -> None:
        """Undoes the changes since `undo` was begun. outer: those of the scope around."""
        changes, self.undo = self.undo or [], None
        for name, count in reversed(changes):
            self._set(name, count)
        self.undo = outer

    def free_number(self, full: str) -> int:
        """The least positive number such that no scope `full_<number>` is open or was."""
        number = self.numbers.get(full, 1)
        while f"{full}_{number}" in self.counts:
            number += 1
        self.numbers[full] = number
        return number


def scope_state(graph: Any = None) -> ScopeState:
    """The scope state of a graph."""
    found: ScopeState = (graph or context.default_graph()).extension("variable_scopes", ScopeState, shared=True)
    return found


@export("get_variable_scope")
def get_variable_scope() -> VariableScope:
    """The current variable scope of the default graph."""
    return scope_state().current


def _compose(inner: Any, outer: Any) -> Callable[..., Any]:
    """A custom getter that runs `inner` around `outer`."""
    def getter(getter: Any, *args: Any, **kwargs: Any) -> Any:
        return inner(lambda *a, **k: outer(getter, *a, **k), *args, **kwargs)
    return getter


@contextmanager
@whole
def pure_variable_scope(name_or_scope: Any, reuse: Any = None, initializer: Any = None, regularizer: Any = None,
                        caching_device: Any = None, partitioner: Any = None, custom_getter: Any = None,
                        old_name_scope: str | None = None, dtype: Any = None, use_resource: Any = None,
                        constraint: Any = None) -> Iterator[VariableScope]:
    """A variable scope without a name scope."""
    state = scope_state()
    old = state.current
    given = isinstance(name_or_scope, VariableScope)
    base = name_or_scope if given else old
    if given:
        name = name_or_scope.name
        name_scope_ = name_or_scope.original_name_scope if old_name_scope is None else old_name_scope
    else:
        name = f"{old.name}/{name_or_scope}" if old.name else name_or_scope
        name_scope_ = name_or_scope if old_name_scope is None else old_name_scope
    if reuse is False:
        reuse = None  # a scope cannot switch the reuse of the scopes around it off
    if custom_getter is None:
        getter = base.custom_getter
    else:
        getter = custom_getter if base.custom_getter is None else _compose(custom_getter, base.custom_getter)
    scope = VariableScope(
        reuse or base.reuse or (False if given else old.reuse), name,
        base.initializer if initializer is None else initializer, base.regularizer if regularizer is None else regularizer,
        base.caching_device if caching_device is None else caching_device, base.partitioner if partitioner is None else partitioner,
        getter, name_scope_, base.dtype if dtype is None else as_dtype(dtype),
        base.use_resource if use_resource is None else use_resource, constraint)
    state.open(name)
    undo = state.undo
    if given:
        state.undo = []                                              # what is opened inside is forgotten afterwards
    state.current = scope
    try:
        yield scope
    finally:
        if given:
            state.restore(undo)
        else:
            state.close_inside(name)
        state.current = old


def unique_scope_name(prefix: str) -> str:
    """`prefix`, numbered if a scope of that name was opened inside the current one already."""
    state = scope_state()
    full = f"{state.current.name}/{prefix}" if state.current.name else prefix
    return f"{prefix}_{state.free_number(full)}" if full in state.counts else prefix


@export("variable_scope")
class variable_scope:
    """Context manager: variables of get_variable inside are named under the scope; yields its VariableScope.

    name_or_scope: a name, or a scope to enter again. default_name: used, made unique, when name_or_scope is None.
    reuse: True (only existing variables), tf.AUTO_REUSE (existing or new), None (as around). The rest are defaults for inside.
    auxiliary_name_scope: False opens no name scope.
    """

    def __init__(self, name_or_scope: Any, default_name: str | None = None, values: Any = None, initializer: Any = None,
                 regularizer: Any = None, caching_device: Any = None, partitioner: Any = None, custom_getter: Any = None,
                 reuse: Any = None, dtype: Any = None, use_resource: Any = None, constraint: Any = None,
                 auxiliary_name_scope: bool = True):
        if default_name is None and name_or_scope is None:
            raise TypeError("If default_name is None then name_or_scope is required")
        if reuse is not None and reuse not in (True, False, AUTO_REUSE):
            raise ValueError("The reuse parameter must be True or False or None.")
        if not isinstance(auxiliary_name_scope, bool):
            raise TypeError("The auxiliary_name_scope must be `True` or `False`, while get " + str(auxiliary_name_scope))
        if name_or_scope is not None and not isinstance(name_or_scope, (str, VariableScope)):
            raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")
        if name_or_scope is None and reuse:
            raise ValueError("reuse=True cannot be used without a name_or_scope")
        self._name, self._default, self._values, self._auxiliary = name_or_scope, default_name, values or (), auxiliary_name_scope
        self._options = {"reuse": reuse, "initializer": initializer, "regularizer": regularizer, "caching_device": caching_device,
                         "partitioner": partitioner, "custom_getter": custom_getter, "dtype": dtype, "use_resource": use_resource,
                         "constraint": constraint}
        self._stacks: list[list[Any]] = []

    @whole
    def __enter__(self) -> VariableScope:
        entered: list[Any] = []
        self._stacks.append(entered)

        def enter(manager: Any) -> Any:
            value = manager.__enter__()
            entered.append(manager)
            return value

        try:
            graph = graph_of(self._values)
            if graph is not context.default_graph():
                enter(graph.as_default())
            names = context.default_graph().get_name_scope()
            if self._name is None:
                inside = enter(name_scope(self._default)) if self._auxiliary else (names + "/" if names else "")
                scope: VariableScope = enter(pure_variable_scope(unique_scope_name(self._default or ""), old_name_scope=inside,
                                                                 **self._options))
                return scope
            given = self._name
            short = given if isinstance(given, str) else given.name.split("/")[-1]
            if not self._auxiliary:
                inside = names + "/" if names else ""
            else:
                inside = enter(name_scope(short)) if short else ""
            old = inside if isinstance(given, str) else given.original_name_scope
            return enter(pure_variable_scope(given, old_name_scope=old, **self._options))
        except BaseException:
            self.__exit__(None, None, None)
            raise

    @whole
    def __exit__(self, *exception: Any) -> None:
        for manager in reversed(self._stacks.pop()):
            manager.__exit__(*exception)


@export("variable_op_scope")
def variable_op_scope(values: Any, name_or_scope: Any, default_name: str | None = None, initializer: Any = None,
                      regularizer: Any = None, caching_device: Any = None, partitioner: Any = None, custom_getter: Any = None,
                      reuse: Any = None, dtype: Any = None, use_resource: Any = None, constraint: Any = None) -> variable_scope:
    """TF 0.x's argument order of `variable_scope`."""
    return variable_scope(name_or_scope, default_name, values, initializer, regularizer, caching_device, partitioner,
                          custom_getter, reuse, dtype, use_resource, constraint)


@export("no_regularizer")
def no_regularizer(_: Any) -> None:
    """A regularizer that adds nothing, against a scope's default."""
