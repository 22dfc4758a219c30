"""Resource variables: a handle op, and read and assign ops on it (use_resource=True)."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.convert import convert_to_tensor
from ..core.dtypes import DType, as_dtype
from ..core.make import make
from ..core.op import Spec
from ..core.operation import Operation
from ..core.shapes import as_tuple, compatible, merge
from ..core.tensor import Tensor, _session_for
from ..core.tensor_shape import TensorShape
from ..ops.array.basic import identity
from ..ops.array.slicing import ResourceStridedSliceAssign
from ..ops.scopes import beside_inputs, name_scope
from ..ops.state import counting
from ..ops.state.assign import AssignAddVariableOp, AssignSubVariableOp, AssignVariableOp
from ..ops.state.resource import ResourceGather, ResourceGatherNd
from ..ops.state.variables import ReadVariableOp, VarHandleOp, VarIsInitializedOp
from .creators import MAKERS
from .variable import Variable, check_collections, check_constraint, guard_initial_value, initial_of_function


class ResourceVariable(Variable):
    """A variable by handle. Reads happen where they stand in the order of control dependencies."""
    _handle: Tensor
    _graph_element: Tensor
    _cached: Tensor | None = None
    _dtype: DType
    _shape: Any

    def __init__(self, initial_value: Any = None, trainable: bool | None = None, collections: Any = None, validate_shape: bool = True,
                 name: str | None = None, dtype: Any = None, constraint: Any = None, shape: Any = None, caching_device: Any = None):
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        wanted = None if dtype is None else as_dtype(dtype).base_dtype
        trainable = True if trainable is None else trainable
        collections = check_collections(collections, trainable)
        check_constraint(constraint)
        graph = context.default_graph()
        from_function = callable(initial_value)
        with graph.control_dependencies(None), name_scope(name, "Variable", [] if from_function else [initial_value]) as scope:
            handle_name = scope[:-1]
            if from_function:
                value = initial_of_function(graph, initial_value, scope, wanted)
            else:
                with graph.name_scope("Initializer"), graph.device(None):
                    value = convert_to_tensor(initial_value, wanted, "initial_value")
            static = value.static if shape is None else as_tuple(shape)
            self._dtype, self._shape, self._initial_value = value.dtype.base_dtype, static, value
            with graph._attr_scope({"_class": [f"loc:@{handle_name}".encode()]}):
                self._handle = make(VarHandleOp, name=scope, shared_name=handle_name, debug_name=handle_name, dtype=self._dtype,
                                    shape=None if static is None else tuple(static))
            with graph.name_scope("IsInitialized"):
                self._is_initialized = make(VarIsInitializedOp, self._handle)
            device = self._handle.device
            with graph.name_scope("Assign") as assign_scope, graph.colocate_with(None, ignore_existing=True), graph.device(device):
                guarded = guard_initial_value(value, self._handle.op.name)
                self._initializer_op = make(AssignVariableOp, self._handle, guarded, name=assign_scope)
            read_at = self._handle.device if caching_device is None else caching_device
            with graph.name_scope("Read"), graph.device(read_at):
                self._graph_element = self._read()
            if caching_device is None:
                graph._final_reads.add(self._graph_element)
            else:
                self._cached = self._graph_element      # one read for all uses in a run
        graph.add_to_collections(collections, self)
        self._trainable, self._constraint, self._save_slice_info = trainable, constraint, None

    def _read(self, name: str = "ReadVariableOp") -> Tensor:
        value: Tensor = make(ReadVariableOp, self._handle, name=name, dtype=self._dtype)
        value._spec = Spec(self._dtype, self._shape)
        return value

    @property
    def handle(self) -> Tensor:
        """The resource tensor that operations on the variable take."""
        return self._handle

    @property
    def name(self) -> str:
        return f"{self._handle.op.name}:0"

    @property
    def _shared_name(self) -> str:
        return self._handle.op.name

    @property
    def op(self) -> Operation:
        return self._handle.op

    @property
    def graph(self) -> Any:
        return self._handle.graph

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def device(self) -> str:
        return self._handle.device

    @property
    def shape(self) -> Any:
        return TensorShape(self._shape)

    @property
    def static(self) -> Any:
        return self._shape

    def set_shape(self, shape: Any) -> None:
        """Merges what is known about the shape."""
        self._shape = merge(self._shape, as_tuple(shape))

    def value(self) -> Tensor:
        """A new read of the variable; the one of its caching device, if it has one."""
        if self._cached is not None:
            return self._cached
        graph = context.default_graph()
        with graph.colocate_with(None, ignore_existing=True), graph.device(self._handle.device):
            return self._read()

    def read_value(self) -> Tensor:
        """A new read of the variable, behind an Identity."""
        with context.default_graph().name_scope("Read"):
            value = self.value()
        return identity(value)

    def is_initialized(self, name: str | None = None) -> Tensor:
        """A boolean tensor: whether the variable has a value in the session."""
        return make(VarIsInitializedOp, self._handle, name=name)

    def _ref(self) -> Any:
        raise NotImplementedError(f"{self.name} is a resource variable, which has no reference; pass the variable itself")

    def _as_graph_element(self) -> Tensor:
        return self._graph_element

    def _AsTensor(self) -> Tensor:
        return self.value()

    def eval(self, session: Any = None) -> Any:
        """The value in `session` or the default session."""
        return self._graph_element.eval(session=session)

    @beside_inputs
    def assign(self, value: Any, use_locking: bool | None = None, name: str | None = None, read_value: bool = True) -> Any:
        """An operation that sets the variable; as a tensor it is the new value."""
        tensor = convert_to_tensor(value, self._dtype)
        if not compatible(tensor.static, self._shape):
            raise ValueError(f"Cannot assign value to variable '{self.name}': Shape mismatch. The variable shape {self.shape}, and the "
                             f"assigned value shape {TensorShape(tensor.static)} are incompatible.")
        complete = self._shape is not None and None not in self._shape
        return self._lazy_read(make(AssignVariableOp, self._handle, tensor, name=name, validate_shape=complete), read_value)

    @beside_inputs
    def assign_add(self, delta: Any, use_locking: bool | None = None, name: str | None = None, read_value: bool = True) -> Any:
        """An operation that adds to the variable; as a tensor it is the new value."""
        return self._lazy_read(make(AssignAddVariableOp, self._handle, convert_to_tensor(delta, self._dtype), name=name), read_value)

    @beside_inputs
    def assign_sub(self, delta: Any, use_locking: bool | None = None, name: str | None = None, read_value: bool = True) -> Any:
        """An operation that subtracts from the variable; as a tensor it is the new value."""
        return self._lazy_read(make(AssignSubVariableOp, self._handle, convert_to_tensor(delta, self._dtype), name=name), read_value)

    def _lazy_read(self, op: Operation, read_value: bool = True) -> Any:
        return UnreadVariable(self, op) if read_value else op

    @beside_inputs
    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """The rows at `indices`, without reading the others."""
        value: Tensor = make(ResourceGather, self._handle, indices, name=name or "Gather", dtype=self._dtype)
        picked = value.op.inputs[1].static
        if picked is not None and self._shape is not None:
            value._spec = Spec(self._dtype, (*picked, *self._shape[1:]))
        return value

    @beside_inputs
    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements or slices at coordinates, without reading the others."""
        value: Tensor = make(ResourceGatherNd, self._handle, indices, name=name or "GatherNd", dtype=self._dtype)
        picked = value.op.inputs[1].static
        if picked and picked[-1] is not None and self._shape is not None:
            value._spec = Spec(self._dtype, (*picked[:-1], *self._shape[picked[-1]:]))
        return identity(value)

    @beside_inputs
    def _strided_slice_assign(self, begin: Any, end: Any, strides: Any, value: Any, name: str | None, **masks: int) -> Any:
        value = convert_to_tensor(value, self._dtype)
        return self._lazy_read(make(ResourceStridedSliceAssign, self._handle, begin, end, strides, value, name=name, **masks))

    def count_up_to(self, limit: int) -> Tensor:
        """Adds 1 until `limit`, then raises OutOfRangeError; the value before."""
        return make(counting.ResourceCountUpTo, self._handle, limit=limit, T=self._dtype)

    def load(self, value: Any, session: Any = None) -> None:
        """Writes a value into the session's variable without adding operations."""
        session = _session_for("load the variable", "`load()`", self, session)
        session.run(self._initializer_op, {self._initializer_op.inputs[1]: value})

    def __repr__(self) -> str:
        return super().__repr__()


class UnreadVariable(ResourceVariable):
    """What a write to a resource variable returns: the variable, as it is when the write is done. Each use reads it anew."""

    def __init__(self, variable: ResourceVariable, written: Operation):
        self.__dict__.update(variable.__dict__)
        self._parent_op = written
        self._graph_element = self._read()

    @property
    def op(self) -> Operation:
        """The write."""
        return self._parent_op

    @property
    def name(self) -> str:
        return self._parent_op.name

    def _after(self) -> Any:
        return context.default_graph().control_dependencies([self._parent_op])

    def _read(self, name: str = "ReadVariableOp") -> Tensor:
        with self._after():
            return super()._read(name)

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        with self._after():
            return super().sparse_read(indices, name)

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        with self._after():
            return super().gather_nd(indices, name)

    def assign(self, value: Any, use_locking: bool | None = None, name: str | None = None, read_value: bool = True) -> Any:
        with self._after():
            return super().assign(value, use_locking, name, read_value)

    def assign_add(self, delta: Any, use_locking: bool | None = None, name: str | None = None, read_value: bool = True) -> Any:
        with self._after():
            return super().assign_add(delta, use_locking, name, read_value)

    def assign_sub(self, delta: Any, use_locking: bool | None = None, name: str | None = None, read_value: bool = True) -> Any:
        with self._after():
            return super().assign_sub(delta, use_locking, name, read_value)

    def _scatter(self, function: str, sparse_delta: Any, use_locking: bool, name: str | None) -> Any:
        with self._after():
            return super()._scatter(function, sparse_delta, use_locking, name)


MAKERS[True] = ResourceVariable
