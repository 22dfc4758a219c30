"""Graph: an append-only list of operations with names, scopes, control dependencies, devices and collections."""
from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ..kernels.interrupts import deliver, postponed, watch_all, whole
from . import context, origin
from .export import export
from .lookup import graph_element
from .names import Names, check_op_name, check_scope_name, valid_names
from .op import Op, Spec
from .operation import Operation
from .scopes import Scopes
from .tensor import Tensor

_T = TypeVar("_T")


@export("Graph")
class Graph(Scopes):
    """A dataflow graph. Operations are added by the op functions while it is the default graph; none is ever removed."""
    eager = False       # whether operations run instead of being added: see eager.graph, whose `execute` they go to
    takes_symbolic = False     # whether operations that are called eagerly on its tensors are added to it
    execute: Any
    constant: Any

    def __init__(self) -> None:
        super().__init__()
        watch_all()
        self._ops: list[Operation] = []
        self._by_name: dict[str, Operation] = {}
        self._names = Names()
        self._control_ops: tuple[Operation, ...] = ()
        self._gradient_functions: dict[str, Any] = {}
        self._collections: dict[Any, list[Any]] = {}
        self._finalized = False
        self._seed: int | None = None
        self._original_op: Operation | None = None
        self._consumers: tuple[int, dict[Tensor, list[Operation]]] = (0, {})
        self._sessions: weakref.WeakSet[Any] = weakref.WeakSet()  # told of late changes to operations
        self._known: dict[Tensor, Any] = {}          # values found by core.known
        self._final_reads: set[Tensor] = set()       # fetched, they give the variable's value after the run
        self._unfeedable: set[Tensor] = set()
        self._unfetchable: set[Operation] = set()
        self.building_function = False
        self._control_flow_context: Any = None
        self.turns = False                           # whether it has loops of TF1's nodes, in which something leads back
        self.holder: Operation | None = None         # of a branch: the operation that runs it
        self.release: Callable[[Tensor], Tensor] | None = None   # of a branch: gives its tensors to the graph around it
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
        home = tensor._op.graph
        if home is self:
            return tensor
        if home.release is not None and home.shared is self.shared:
            return self.own(home.release(tensor), user)
        raise _of_another_graph(tensor, user)

    def _get_control_flow_context(self) -> Any:
        """None, as in TensorFlow's control flow v2, where bodies are graphs; or what `_set_control_flow_context` was given."""
        return self._control_flow_context

    def _set_control_flow_context(self, ctx: Any) -> None:
        self._control_flow_context = ctx

    def graphs_around(self) -> list[Graph]:
        """The graphs that this one lies in: none, but for bodies."""
        return []

    def within(self, op: Operation) -> Operation:
        """The operation of this graph that runs `op`: itself, or where it is of a branch, the cond around it."""
        while op.graph is not self and op.graph.holder is not None:
            op = op.graph.holder
        return op

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
        ops = self._ops
        op._id = number = len(ops)
        ops.append(op)
        if ops[number] is not op:                    # another thread added one in between
            op._id = ops.index(op, number)
        self._by_name[name] = op
        if context.recorders:
            self._recorded(op)
        if postponed:
            deliver()
        return op

    def _recorded(self, op: Operation) -> None:
        """Tells the tapes of an operation."""
        for tape in context.recorders:
            if tape.graph is self and tape.wants(op._inputs, op.outputs):
                tape.add(op)

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """`name` inside the current scope, numbered if it is taken."""
        return self._names.unique(self._names.scope + name, mark_as_used)

    def _op_name(self, name: str | bytes) -> str:
        """The full name of a new operation; a trailing '/' means that the name is complete already."""
        if name not in valid_names:
            if isinstance(name, bytes):
                name = name.decode()
            if name[-1:] == "/":
                if name[:-1] in self._by_name:
                    raise ValueError(f"Duplicate node name in graph: '{name[:-1]}'")
                return name[:-1]
            check_op_name(name)
        names = self._names
        return names.unique(names.here.scope + name)

    @contextmanager
    @whole
    def name_scope(self, name: str | None) -> Iterator[str]:
        """Prefix for the names of operations made inside; None or '' leads back to the top, 'a/' to exactly that scope."""
        names = self._names
        before = names.scope
        if isinstance(name, bytes):
            name = name.decode("utf-8")
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

        def create_op(self, op_type: str, inputs: Any, dtypes: Any = None, input_types: Any = None, name: str | None = None,
                      attrs: Any = None, op_def: Any = None, compute_shapes: bool = True, compute_device: bool = True) -> Operation: ...

    def is_feedable(self, tensor: Tensor) -> bool:
        return tensor not in self._unfeedable

    def is_fetchable(self, tensor_or_op: Any) -> bool:
        return getattr(tensor_or_op, "op", tensor_or_op) not in self._unfetchable

    def prevent_feeding(self, tensor: Tensor) -> None:
        self._unfeedable.add(tensor)

    def prevent_fetching(self, op: Operation) -> None:
        self._unfetchable.add(op)

    def __copy__(self) -> Graph:
        raise TypeError("cannot pickle 'Graph' object: as_graph_def() and tf.import_graph_def make a copy of a graph")

    def __deepcopy__(self, memo: Any) -> Graph:
        return self.__copy__()

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


def current() -> Graph:
    """The default graph, for those who may be the first to ask: `context` alone does not know the class before this module is loaded."""
    return context.default_graph()


context.new_graph = Graph
