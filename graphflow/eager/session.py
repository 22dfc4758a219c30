"""What eager execution keeps between operations: variables, queues, tables, random streams, in the store of one session.

A variable's value is an array that nobody writes while a tensor may hold it: an operation that writes a variable gives it another
array. A variable that a compiled function has used has memory of its own, which is written in place: tensors get copies (see `bind`).
"""
from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import errors
from ..core.dtypes import resource
from ..core.op import Op
from ..core.spec import Spec
from ..core.tensor import Tensor
from ..plan.ir import Handle
from ..runtime.resources import Context
from ..runtime.session import BaseSession
from ..runtime.store import Slot, Store
from .tensor import EagerTensor

_MOST_STREAMS = 4096
_SPEC = Spec(resource, ())


class VariableHandle(Handle):
    """The value of a handle tensor: the key of what it stands for. What is behind it goes when the last handle does."""
    __slots__ = ("__weakref__",)


class EagerSession(BaseSession):
    """The session behind eager execution. Nobody runs it; compiled functions and operations with state use its store."""

    def __init__(self, graph: Any):
        super().__init__("", graph, None)

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        raise RuntimeError("The Session graph is empty: with eager execution there is nothing to run; operations have run already")

    # -- handles ------------------------------------------------------------------------------------------------------
    def handle(self, op_def: Op, inputs: Sequence[Tensor], name: str | None) -> EagerTensor:
        """The handle of a new resource; of the one that is there where the operation names one that is shared."""
        graph: Any = self._graph
        shared = getattr(op_def, "shared_name", "")
        operation = graph.operation(op_def, inputs, shared or graph.fresh_name(name or type(op_def).__name__))
        operation.outputs = []
        if op_def.variable() is not None:
            key = graph.fresh_name(shared or "Variable")
        else:
            key = op_def.resource_key(operation) or operation.name
        handle = VariableHandle(key, operation)
        if not shared or op_def.variable() is not None:
            weakref.finalize(handle, _forget, weakref.ref(self._store), key).atexit = False
        dtypes = type(op_def).signature().outputs[0]
        spec = _SPEC if dtypes.fixed is resource else Spec(dtypes.fixed.base_dtype if dtypes.fixed else resource, ())
        return EagerTensor(handle, spec)

    # -- variables ----------------------------------------------------------------------------------------------------
    def read(self, handle: VariableHandle, op_def: Op) -> Any:
        """The value of a variable. FailedPreconditionError where it has none."""
        slot = self._store.slots.get(handle.key)
        if slot is None or not slot.initialized:
            name = getattr(handle.op._op_def, "shared_name", "") or handle.key
            raise errors.FailedPreconditionError(
                None, None, f"Could not find variable {name}. This could mean that it has been deleted, or has no value yet: assign one "
                            f"first. [Op:{getattr(op_def, '__name__', type(op_def).__name__)}]")
        value = self._store.engine.read(slot.value)
        return np.array(value) if handle.key in self._store.bound else value

    def write(self, handle: VariableHandle, value: Any) -> None:
        """Gives a variable a value."""
        store = self._store
        slot = store.slots.get(handle.key)
        array = value if value.__class__ is np.ndarray else np.asarray(value)
        if slot is None:
            slot = store.slots[handle.key] = Slot(array)
            slot.initialized = True
            store.generation += 1
        elif handle.key in store.bound:
            store.rebind(handle.key, array)
        else:
            slot.value = array
            store.generation += 1
        slot.initialized = True

    def bind(self, key: str) -> None:
        """A compiled function will read, and maybe write, a variable in place: from now on tensors get copies of its value."""
        store = self._store
        slot = store.slots.get(key)
        if slot is not None and key not in store.bound and slot.value.dtype.kind != "O":
            own = store.engine.allocate(slot.value.shape, slot.value.dtype)
            store.engine.write(own, slot.value)
            slot.value = own
            store.bound.add(key)
            store.generation += 1

    # -- operations with state ----------------------------------------------------------------------------------------
    def context(self, op_def: Op, inputs: Sequence[Tensor], name: str | None) -> EagerContext:
        """What a stateful operation runs with."""
        graph: Any = self._graph
        return EagerContext(self, self._store, graph.operation(op_def, inputs, name))


class EagerContext(Context):
    """As in a session, but that an operation's own state (a random stream) belongs to all that have the same op."""
    __slots__ = ()

    def state(self, factory: Any) -> Any:
        streams = self.session._graph.streams
        op_def = self.operation._op_def
        found = streams.get(op_def)
        if found is None:
            if len(streams) >= _MOST_STREAMS:
                del streams[next(iter(streams))]
            found = streams[op_def] = factory()
        return found


def _forget(store: Any, key: str) -> None:
    home: Store | None = store()
    if home is not None:
        home.slots.pop(key, None)
        home.resources.pop(key, None)
        home.bound.discard(key)
