"""Graph: an append-only list of operations with names, scopes, control dependencies, devices and collections."""
from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ..kernels.interrupts import watch, whole
from . import context, origin
from .device import check_device, merge_device
from .export import export
from .lookup import graph_element
from .names import Names, check_op_name, check_scope_name, valid_names
from .op import Op, Spec
from .operation import Operation
from .tensor import Tensor

_T = TypeVar("_T")


class _Controller:
    """One entered `control_dependencies`: the operations to wait for, and those made inside (they need no second edge)."""
    __slots__ = ("made", "ops")

    def __init__(self, ops: tuple[Operation, ...]):
        self.ops = ops
        self.made: set[Operation] = set()


class _Controlled:
    """The context manager of `control_dependencies`; ops None: none inside."""
    __slots__ = ("before", "graph", "ops")
    before: list[_Controller]

    def __init__(self, graph: Graph, ops: tuple[Operation, ...] | None):
        self.graph, self.ops = graph, ops

    @whole
    def __enter__(self) -> None:
        self.before = self.graph._controllers
        self.graph._controllers = [] if self.ops is None else [*self.before, _Controller(self.ops)]

    @whole
    def __exit__(self, *exception: object) -> None:
        self.graph._controllers = self.before


def _per_thread(name: str) -> property:
    """An attribute that each thread sets for itself; until it does, it sees what was there before."""
    def get(self: Any) -> Any:
        return getattr(self._here, name, self.__dict__[name])
    return property(get, lambda self, value: setattr(self._here, name, value))


class _PerThread:
    """Mixed into the class of a graph whose scopes are per thread; others do not pay for it."""
    _controllers = _per_thread("_controllers")
    _devices = _per_thread("_devices")
    _colocation = _per_thread("_colocation")


@export("Graph")
class Graph:
    """A dataflow graph. Operations are added by the op functions while it is the default graph; none is ever removed."""

    def __init__(self) -> None:
        watch()
        self._ops: list[Operation] = []
        self._by_name: dict[str, Operation] = {}
        self._names = Names()
        self._controllers: list[_Controller] = []
        self._control_ops: tuple[Operation, ...] = ()
        self._devices: list[Any] = []
        self._colocation: list[Operation] = []
        self._attributes: dict[str, Any] = {}       # extra attributes of the scope, e.g. _gradient_op_type
        self._gradient_overrides: dict[str, str] = {}
        self._gradient_functions: dict[str, Any] = {}
        self._collections: dict[Any, list[Any]] = {}
        self._finalized = False
        self._seed: int | None = None
        self._original_op: Operation | None = None
        self._containers: list[str] = [""]
        self._consumers: tuple[int, dict[Tensor, list[Operation]]] = (0, {})
        self._lock = threading.Lock()
        self._sessions: weakref.WeakSet[Any] = weakref.WeakSet()  # told of late changes to operations
        self._known: dict[Tensor, Any] = {}          # values found by core.known
        self._final_reads: set[Tensor] = set()       # fetched, they give the variable's value after the run
        self._unfeedable: set[Tensor] = set()
        self._unfetchable: set[Operation] = set()
        self.building_function = False
        self.graph_def_versions_producer = 2330      # of TensorFlow 2.21, as written to a GraphDef
        self._functions: dict[str, Any] = {}
        self._function_gradients: list[Any] = []
        self._extensions: dict[str, Any] = {}

    @property
    def shared(self) -> Graph:
        """The graph that holds what bodies share: itself, for a body the graph around all bodies."""
        return self

    @property
    def place(self) -> str:
        """What comes before an operation's name to tell it from those of other bodies; nothing outside of bodies."""
        return ""

    def extension(self, key: str, factory: Callable[[], _T], shared: bool = False) -> _T:
        """What a package keeps on the graph under `key`, made on first use; shared: bodies have their outer graph's."""
        home = self.shared._extensions if shared else self._extensions
        found = home.get(key)
        if found is None:
            found = home[key] = factory()
        return found

    def own(self, tensor: Tensor, user: str = "") -> Tensor:
        """The tensor of this graph for any tensor: itself (in a body also what captures it); ValueError for one of another graph.

        user: the name of the operation that takes it, for the message.
        """
        if tensor._op.graph is self:
            return tensor
        raise _of_another_graph(tensor, user)

    # -- building -----------------------------------------------------------------------------------------------------
    @whole
    def _add(self, op_def: Op, inputs: tuple[Tensor, ...], name: str, specs: Sequence[Spec],
             depth: int = 3, line: Any = None) -> Operation:
        """Appends an operation; `name` is complete and unique."""
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified. "
                               f"(An op of type {type(op_def).__name__} named '{name}' was to be added.)")
        op = object.__new__(Operation)
        op.graph, op._op_def, op.name, op._inputs = self, op_def, name, inputs
        op._device = ""
        op._extra = None
        op._original_op = self._original_op
        op._origin = line or origin.capture(depth)
        op.outputs = [Tensor(op, 0, specs[0])] if len(specs) == 1 else [Tensor(op, i, spec) for i, spec in enumerate(specs)]
        op._control = self._control_for(op) if self._controllers else ()
        if self._devices:
            self._apply_devices(op)
        if self._colocation or self._attributes or self._gradient_overrides:
            self._apply_scopes(op)
        with self._lock:                             # several threads may build
            op._id = len(self._ops)
            self._ops.append(op)
            self._by_name[name] = op
        return op

    def _control_for(self, op: Operation) -> tuple[Operation, ...]:
        """The control inputs of a new operation: an entered group is left out when an input was made inside of it."""
        input_ops = {t._op for t in op._inputs}
        found: dict[Operation, None] = {}
        for controller in self._controllers:
            if controller.made.isdisjoint(input_ops):
                found.update((o, None) for o in controller.ops if o not in input_ops)
        for controller in self._controllers:
            controller.made.add(op)
        return tuple(found)

    def _apply_devices(self, op: Operation) -> None:
        for device in self._devices:
            if callable(device):
                op._device = merge_device(op._device, device(op))
            elif device is None:
                op._device = ""
            else:
                op._device = merge_device(op._device, device)

    def _apply_scopes(self, op: Operation) -> None:
        if self._attributes:
            for name, value in self._attributes.items():
                value = value(op) if callable(value) else value
                if value is not None:
                    op._set_attr(name, value)
        override = self._gradient_overrides.get(op.type)
        if override is not None:
            op._set_attr("_gradient_op_type", override.encode())
        if self._colocation:
            groups = sorted({g for other in self._colocation for g in other.colocation_groups()})
            op._set_attr("_class", groups)
            op._device = self._colocation[-1]._device or op._device

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """`name` inside the current scope, numbered if it is taken."""
        return self._names.unique(self._names.scope + name, mark_as_used)

    def _op_name(self, name: str | bytes) -> str:
        """The full name of a new operation; a trailing '/' means that the name is complete already."""
        if isinstance(name, bytes):
            name = name.decode()
        if name[-1:] == "/":
            if name[:-1] in self._by_name:
                raise ValueError(f"Duplicate node name in graph: '{name[:-1]}'")
            return name[:-1]
        if name not in valid_names:
            check_op_name(name)
        names = self._names
        return names.unique(names.scope + name)

    @contextmanager
    @whole
    def name_scope(self, name: str | None) -> Iterator[str]:
        """Prefix for the names of operations made inside; None or '' leads back to the top, 'a/' to exactly that scope."""
        names = self._names
        before = names.scope
        if not name:
            names.scope = ""
        elif name[-1] == "/":
            names.scope = name
        else:
            check_scope_name(name, not before)
            names.scope = names.unique(before + name) + "/"
        try:
            yield names.scope
        finally:
            names.scope = before

    def get_name_scope(self) -> str:
        """The current scope without the trailing '/'."""
        return self._names.scope[:-1]

    def control_dependencies(self, control_inputs: Any) -> AbstractContextManager[None]:
        """Operations made inside run after `control_inputs`; None clears the dependencies entered outside."""
        if control_inputs is None:
            return _Controlled(self, None)
        ops: dict[Operation, None] = {}
        for item in control_inputs:
            if not isinstance(item, (Operation, Tensor)) and hasattr(item, "_as_graph_element"):
                item = item._as_graph_element()
            if hasattr(item, "indices") and hasattr(item, "values") and hasattr(item, "op"):
                item = item.op
            item = self.as_graph_element(item)
            ops[item._op if isinstance(item, Tensor) else item] = None
        return _Controlled(self, tuple(ops))

    @contextmanager
    @whole
    def device(self, device_name_or_function: Any) -> Iterator[None]:
        """Records a device (string, DeviceSpec or function of the operation) on operations made inside."""
        check_device(device_name_or_function)
        before = self._devices
        self._devices = [*before, device_name_or_function]
        try:
            yield
        finally:
            self._devices = before

    @contextmanager
    @whole
    def colocate_with(self, op: Any, ignore_existing: bool = False) -> Iterator[None]:
        """Records on operations made inside that they belong beside `op`; None clears."""
        before, devices = self._colocation, self._devices
        if op is None:
            self._colocation = []
        else:
            if hasattr(op, "_as_graph_element") and not isinstance(op, (Tensor, Operation)):
                op = op._as_graph_element()
            op = op.op if not isinstance(op, Operation) else op
            self._colocation = [op] if ignore_existing else [*before, op]
        self._devices = []
        try:
            yield
        finally:
            self._colocation, self._devices = before, devices

    _colocate_with = colocate_with

    @contextmanager
    @whole
    def container(self, container_name: str) -> Iterator[str]:
        """Names the resource container of stateful operations made inside."""
        self._containers.append(container_name)
        try:
            yield container_name
        finally:
            self._containers.pop()

    @contextmanager
    @whole
    def _attr_scope(self, attributes: dict[str, Any]) -> Iterator[None]:
        before = self._attributes
        self._attributes = {k: v for k, v in {**before, **attributes}.items() if v is not None}
        try:
            yield
        finally:
            self._attributes = before

    @contextmanager
    @whole
    def gradient_override_map(self, op_type_map: dict[str, str]) -> Iterator[None]:
        """Operations made inside take the gradient function registered under another name: {op type: registered name}."""
        if not isinstance(op_type_map, dict):
            raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        for k, v in op_type_map.items():
            if not isinstance(k, str) or not isinstance(v, str):
                raise TypeError(f"op_type_map must map strings to strings, not {k!r} to {v!r}")
        before = self._gradient_overrides
        self._gradient_overrides = {**before, **op_type_map}
        try:
            yield
        finally:
            self._gradient_overrides = before

    @contextmanager
    @whole
    def as_default(self) -> Iterator[Graph]:
        """Makes this the default graph of the thread inside the `with` block."""
        with context.entered(context.stacks.graphs, self):
            yield self

    # -- looking up ---------------------------------------------------------------------------------------------------
    def get_operations(self) -> list[Operation]:
        """All operations in the order of their making; a new list."""
        return list(self._ops)

    def get_operation_by_name(self, name: str) -> Operation:
        if not isinstance(name, str):
            raise TypeError(f"Operation names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=False, allow_operation=True)

    def get_tensor_by_name(self, name: str) -> Tensor:
        if not isinstance(name, str):
            raise TypeError(f"Tensor names are strings (or similar), not {type(name).__name__}.")
        return self.as_graph_element(name, allow_tensor=True, allow_operation=False)

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        """The tensor or operation of this graph that `obj` is, names or stands for."""
        return graph_element(self, obj, allow_tensor, allow_operation)

    def _consumers_of(self, tensor: Tensor) -> list[Operation]:
        count, index = self._consumers
        for op in self._ops[count:]:
            for t in dict.fromkeys(op._inputs):
                index.setdefault(t, []).append(op)
        self._consumers = (len(self._ops), index)
        return list(index.get(tensor, ()))

    def _mutated(self, op: Operation) -> None:
        """Late change of an operation: sessions drop the plans that hold it."""
        self._consumers = (0, {})
        for session in list(self._sessions):
            session._forget_plans(op)

    # -- collections --------------------------------------------------------------------------------------------------
    def add_to_collection(self, name: Any, value: Any) -> None:
        self._check_not_finalized()
        self._collections.setdefault(name, []).append(value)

    def add_to_collections(self, names: Any, value: Any) -> None:
        """Adds to each collection once; `names` is one name or several."""
        for name in dict.fromkeys((names,) if isinstance(names, str) else names):
            self.add_to_collection(name, value)

    def get_collection_ref(self, name: Any) -> list[Any]:
        """The live list of a collection; changing it changes the collection."""
        return self._collections.setdefault(name, [])

    def get_collection(self, name: Any, scope: str | None = None) -> list[Any]:
        """A copy of the collection; `scope`: only items whose name matches this regular expression from the start."""
        items = self._collections.get(name, [])
        if scope is None:
            return list(items)
        pattern = re.compile(scope)
        return [item for item in items if hasattr(item, "name") and pattern.match(item.name)]

    def get_all_collection_keys(self) -> list[Any]:
        return [k for k in self._collections if isinstance(k, str)]

    @property
    def collections(self) -> list[Any]:
        return list(self._collections)

    def clear_collection(self, name: Any) -> None:
        self._check_not_finalized()
        self._collections.pop(name, None)

    # -- the rest -----------------------------------------------------------------------------------------------------
    @property
    def seed(self) -> int | None:
        """The graph-level seed of `tf.set_random_seed`."""
        return self._seed

    @seed.setter
    def seed(self, seed: int | None) -> None:
        self._seed = seed

    @property
    def finalized(self) -> bool:
        return self._finalized

    def finalize(self) -> None:
        """Makes the graph read-only: adding an operation raises RuntimeError."""
        self._finalized = True

    def _unsafe_unfinalize(self) -> None:
        self._finalized = False

    def _check_not_finalized(self) -> None:
        if self._finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")

    @property
    def version(self) -> int:
        """The id of the newest operation; grows with each one."""
        return len(self._ops)

    _last_id = version

    @property
    def _version(self) -> int:
        return len(self._ops)

    if TYPE_CHECKING:    # hung on by graphdef.methods
        graph_def_versions: Any

        def as_graph_def(self, from_version: int | None = None, add_shapes: bool = False) -> Any: ...

    def is_feedable(self, tensor: Tensor) -> bool:
        return tensor not in self._unfeedable

    def is_fetchable(self, tensor_or_op: Any) -> bool:
        return getattr(tensor_or_op, "op", tensor_or_op) not in self._unfetchable

    def prevent_feeding(self, tensor: Tensor) -> None:
        self._unfeedable.add(tensor)

    def prevent_fetching(self, op: Operation) -> None:
        self._unfetchable.add(op)

    def switch_to_thread_local(self) -> None:
        """From now on each thread has control dependencies, devices and colocation of its own, beginning with those around this call.

        (Name scopes and variable scopes are per thread anyway.)
        """
        if not hasattr(self, "_here"):
            self._here = threading.local()
            self.__class__ = type(type(self).__name__, (_PerThread, type(self)), {"__module__": type(self).__module__})

    def _repr_html_(self) -> str:
        from ..viewer.notebook import graph_html  # at first use: saves 20 ms; notebooks only
        return graph_html(self.as_graph_def())



def _of_another_graph(tensor: Tensor, user: str) -> ValueError:
    line = tensor.op.line
    where = f" (made at {line}: {line.text})" if line else ""
    body = getattr(tensor.graph, "outer_graph", None)
    if body is not None:
        return ValueError(f"Tensor {tensor.name}{where} is not an element of this graph: it belongs to the body of a cond, loop or "
                          "function. Return it from the body to use it outside.")
    operation = f"the operation '{user}' that takes it" if user else "what takes it"
    return ValueError(f"Tensor {tensor.name}{where} must be from the same graph as {operation}; "
                      "build both inside one `with graph.as_default():`")


context.new_graph = Graph
