"""tf.Variable: a name, an initial value, and the ops that read and write it. The value lives in sessions."""
from __future__ import annotations

import inspect
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from ..core import context
from ..core.collections import GraphKeys
from ..core.convert import convert_to_tensor, register_tensor_conversion_function
from ..core.dtypes import DType, as_dtype
from ..core.export import export, export_values
from ..core.make import make
from ..core.operation import Operation
from ..core.tensor import Tensor, _paren, _session_for
from ..core.tensor_shape import TensorShape
from ..formats import proto
from ..ops.array.basic import identity
from ..ops.scopes import name_scope
from ..ops.state import assign as assign_ops
from ..ops.state import counting
from ..ops.state.variables import VariableOp, VariableV2
from .creators import MAKERS, create
from .enums import VariableAggregation, VariableSynchronization
from .initialized import initialized_value, with_initialized_values
from .operators import hang_on
from .proto import from_proto, to_proto
from .sparse_methods import SparseMethods

if TYPE_CHECKING:
    from ..core.operator_types import Operators
else:
    Operators = object    # .operators hangs them on


class _VariableMeta(type):
    """`tf.Variable(...)` makes a ref-style or a resource variable, whatever the scope and `use_resource` say."""

    @property
    def __signature__(cls) -> inspect.Signature:
        """The arguments that `help(tf.Variable)` and editors show."""
        if cls is not Variable:
            raise AttributeError("__signature__")
        return inspect.signature(make_variable)

    if not TYPE_CHECKING:    # checkers read Variable.__init__
        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            if cls is not Variable:
                return super().__call__(*args, **kwargs)
            return make_variable(*args, **kwargs)


@export("Variable")
class Variable(SparseMethods, Operators, metaclass=_VariableMeta):
    """A value that outlives a run: `Variable(initial_value, trainable=True, name=None, ...)`.

    initial_value: a tensor, something that converts to one, or a function that returns one (needs `dtype` then).
    trainable: put into GraphKeys.TRAINABLE_VARIABLES. collections: the collections to join, [GLOBAL_VARIABLES] by default.
    validate_shape: False allows an initial value of unknown shape. dtype: converted to it if given.
    """
    _name: str
    _variable: Tensor
    _snapshot: Tensor
    _initializer_op: Operation
    _initial_value: Tensor
    _trainable: bool
    _save_slice_info: Any
    _constraint: Any
    _distribution: tuple[int, int] = (0, 0)       # synchronization and aggregation, without meaning here

    if TYPE_CHECKING:    # the metaclass makes the right kind of variable from these; the operators are hung on by .operators
        def __init__(self, initial_value: Any = None, trainable: bool | None = None, collections: Any = None, validate_shape: bool = True,
                     caching_device: Any = None, name: str | None = None, variable_def: Any = None, dtype: Any = None,
                     expected_shape: Any = None, import_scope: str | None = None, constraint: Any = None, use_resource: bool | None = None,
                     synchronization: Any = None, aggregation: Any = None, shape: Any = None) -> None: ...

    # -- what it is ---------------------------------------------------------------------------------------------------
    @property
    def name(self) -> str:
        """'scope/name:0'."""
        return self._variable.name

    @property
    def _shared_name(self) -> str:
        return self._variable.op.name

    @property
    def op(self) -> Operation:
        return self._variable.op

    @property
    def graph(self) -> Any:
        return self._variable.graph

    @property
    def dtype(self) -> DType:
        return self._variable.dtype

    @property
    def device(self) -> str:
        return self._variable.device

    @property
    def shape(self) -> TensorShape:
        return self._variable.shape

    def get_shape(self) -> TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Merges what is known about the shape into the static shapes of the variable and its read."""
        self._variable.set_shape(shape)
        self.value().set_shape(shape)

    @property
    def static(self) -> Any:
        return self._variable.static

    @property
    def trainable(self) -> bool:
        return self._trainable

    @property
    def synchronization(self) -> VariableSynchronization:
        return VariableSynchronization(self._distribution[0])

    @property
    def aggregation(self) -> VariableAggregation:
        return VariableAggregation(self._distribution[1])

    @property
    def constraint(self) -> Any:
        """The function applied to the value after each optimizer update, or None."""
        return self._constraint

    @property
    def initializer(self) -> Operation:
        """The operation that assigns the initial value."""
        return self._initializer_op

    @property
    def initial_value(self) -> Tensor:
        """The tensor of the initial value."""
        return self._initial_value

    def initialized_value(self) -> Tensor:
        """The value if the variable is initialized, else the initial value."""
        return initialized_value(self)

    # -- reading ------------------------------------------------------------------------------------------------------
    def value(self) -> Tensor:
        """The tensor that reads it; the same one each time."""
        return self._snapshot

    def read_value(self) -> Tensor:
        """A new tensor that reads it, after the control dependencies around this call."""
        return identity(self._variable, name="read")

    def _ref(self) -> Tensor:
        return self._variable

    def _as_graph_element(self) -> Tensor:
        return self._variable

    def _AsTensor(self) -> Tensor:
        return self._snapshot

    def eval(self, session: Any = None) -> Any:
        """The value in `session` or the default session."""
        return self._variable.eval(session=session)

    def load(self, value: Any, session: Any = None) -> None:
        """Writes a value into the session's variable without adding operations."""
        session = _session_for("load the variable", "`load()`", self, session)
        session.run(self.initializer, {self.initializer.inputs[1]: value})

    # -- writing ------------------------------------------------------------------------------------------------------
    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """An operation that sets the variable; its value is the new one (the Operation itself with read_value=False)."""
        return self._written(assign_ops.assign(self._variable, value, use_locking=use_locking, name=name), read_value)

    def assign_add(self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """An operation that adds to the variable."""
        return self._written(assign_ops.assign_add(self._variable, delta, use_locking=use_locking, name=name), read_value)

    def assign_sub(self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """An operation that subtracts from the variable."""
        return self._written(assign_ops.assign_sub(self._variable, delta, use_locking=use_locking, name=name), read_value)

    def _written(self, tensor: Tensor, read_value: bool) -> Any:
        return tensor if read_value else tensor.op

    def count_up_to(self, limit: int) -> Tensor:
        """Adds 1 until `limit`, then raises OutOfRangeError; the value before."""
        return counting.count_up_to(self._variable, limit)

    # -- files --------------------------------------------------------------------------------------------------------
    class SaveSliceInfo:
        """Which part of a partitioned variable this one is: full_name, full_shape, var_offset, var_shape."""

        def __init__(self, full_name: str | None = None, full_shape: Any = None, var_offset: Any = None, var_shape: Any = None,
                     save_slice_info_def: Any = None, import_scope: str | None = None):
            if save_slice_info_def is not None:
                full_name, full_shape = save_slice_info_def.full_name, list(save_slice_info_def.full_shape)
                var_offset, var_shape = list(save_slice_info_def.var_offset), list(save_slice_info_def.var_shape)
                if import_scope:
                    full_name = f"{import_scope}/{full_name}"
            self.full_name, self.full_shape, self.var_offset, self.var_shape = full_name, full_shape, var_offset, var_shape

        @property
        def spec(self) -> str:
            """'full shape offset,size:...', as checkpoints write it."""
            full = " ".join(str(d) for d in self.full_shape) + " "
            return full + ":".join(f"{o},{s}" for o, s in zip(self.var_offset, self.var_shape))

        def to_proto(self, export_scope: str | None = None) -> Any:
            name = self.full_name or ""
            if export_scope:
                name = name.removeprefix(export_scope + "/")
            return proto.SaveSliceInfoDef(full_name=name, full_shape=self.full_shape, var_offset=self.var_offset, var_shape=self.var_shape)

    def _set_save_slice_info(self, info: Any) -> None:
        self._save_slice_info = info

    def _get_save_slice_info(self) -> Any:
        return self._save_slice_info

    def to_proto(self, export_scope: str | None = None) -> Any:
        """A VariableDef message; None when the variable is outside of `export_scope`."""
        return to_proto(self, export_scope)

    @staticmethod
    def from_proto(variable_def: Any, import_scope: str | None = None) -> Any:
        """The variable of a VariableDef whose operations are in the default graph."""
        return from_proto(variable_def, import_scope)

    # -- Python -------------------------------------------------------------------------------------------------------
    __array_priority__ = 100

    def __iter__(self) -> Any:
        raise TypeError("'Variable' object is not iterable.")

    def __hash__(self) -> int:
        return id(self)

    def __deepcopy__(self, memo: Any) -> Any:
        raise NotImplementedError(f"__deepcopy__() is only available when eager execution is enabled: {self.name} lives in sessions; make "
                                  "another variable from its initialized_value()")

    def __eq__(self, other: object) -> bool:
        return self is other

    def __ne__(self, other: object) -> bool:
        return self is not other

    def __repr__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={_paren(self.static)} dtype={self.dtype.name}>"


class RefVariable(Variable):
    """A variable by reference (VariableV2), TF1's default."""

    def __init__(self, initial_value: Any = None, trainable: bool | None = None, collections: Any = None, validate_shape: bool = True,
                 name: str | None = None, dtype: Any = None, constraint: Any = None, caching_device: Any = None):
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        wanted = None if dtype is None else as_dtype(dtype).base_dtype
        trainable = True if trainable is None else trainable
        collections = check_collections(collections, trainable)
        check_constraint(constraint)
        graph = context.default_graph()
        from_function = callable(initial_value)
        controls: Any = graph.control_dependencies(None)  # a variable is made outside of all control dependencies
        with controls, name_scope(name, "Variable", [] if from_function else [initial_value]) as scope:
            if from_function:
                initial_value = initial_of_function(graph, initial_value, scope, wanted)
            else:
                initial_value = convert_to_tensor(initial_value, wanted, "initial_value")
            shape = initial_value.static if validate_shape else None
            if validate_shape and (shape is None or None in shape):
                raise ValueError(f"initial_value must have a shape specified: {initial_value}")
            self._initial_value = initial_value
            with beside_itself(graph, scope) if from_function else nullcontext():
                self._variable = make(VariableV2, name=scope, shape=shape, dtype=initial_value.dtype.base_dtype)
            guarded = guard_initial_value(initial_value, self._variable.op.name)
            self._initializer_op = assign_ops.assign(self._variable, guarded, validate_shape=validate_shape).op
            with graph.colocate_with(self._variable.op) if caching_device is None else graph.device(caching_device):
                self._snapshot = identity(self._variable, name="read")
        graph.add_to_collections(collections, self)
        self._trainable, self._constraint, self._save_slice_info = trainable, constraint, None


def initial_of_function(graph: Any, function: Any, scope: str, dtype: DType | None) -> Tensor:
    """The initial value that a function makes, under scope/Initializer and beside the variable to be."""
    with beside_itself(graph, scope), graph.name_scope("Initializer"), graph.device(None):
        return convert_to_tensor(function(), dtype, "initial_value")


def beside_itself(graph: Any, scope: str) -> Any:
    """Context manager: what is made inside belongs beside the variable of that name."""
    return graph._attr_scope({"_class": [f"loc:@{scope[:-1]}".encode()]})


def check_collections(collections: Any, trainable: bool) -> list[Any]:
    """The collections that a new variable joins."""
    if collections is None:
        collections = [GraphKeys.GLOBAL_VARIABLES]
    if not isinstance(collections, (list, tuple, set)):
        raise ValueError(f"collections argument to Variable constructor must be a list, tuple, or set. Got {collections} of type "
                         f"{type(collections)}")
    collections = list(collections)
    if trainable and GraphKeys.TRAINABLE_VARIABLES not in collections:
        collections.append(GraphKeys.TRAINABLE_VARIABLES)
    return collections


def check_constraint(constraint: Any) -> None:
    if constraint is not None and not callable(constraint):
        raise ValueError("The `constraint` argument must be a callable.")


def guard_initial_value(value: Tensor, name: str) -> Tensor:
    """An initial value computed from other variables reads their initial values instead where they are not initialized yet.

    name: of the variable that it is for.
    """
    if not depends_on_variable(value):
        return value
    return with_initialized_values(value, name)


def depends_on_variable(value: Tensor) -> bool:
    """Whether any operation that `value` is computed from reads a variable."""
    seen: set[Operation] = set()
    stack = [value.op]
    while stack:
        op = stack.pop()
        if op in seen:
            continue
        seen.add(op)
        if isinstance(op._op_def, VariableOp):
            return True
        stack.extend(t.op for t in op.inputs)
    return False


def make_variable(initial_value: Any = None, trainable: bool | None = None, collections: Any = None, validate_shape: bool = True,
                  caching_device: Any = None, name: str | None = None, variable_def: Any = None, dtype: Any = None,
                  expected_shape: Any = None, import_scope: str | None = None, constraint: Any = None,
                  use_resource: bool | None = None, synchronization: Any = VariableSynchronization.AUTO,
                  aggregation: Any = VariableAggregation.NONE, shape: Any = None) -> Variable:
    """`tf.Variable(...)`: goes through the variable creators of the scope (see variables.creators)."""
    if variable_def is not None:
        if initial_value is not None:
            raise ValueError("variable_def and initial_value are mutually exclusive.")
        return Variable.from_proto(variable_def, import_scope)
    return create(initial_value=initial_value, trainable=trainable, collections=collections, validate_shape=validate_shape,
                  caching_device=caching_device, name=name, dtype=dtype, constraint=constraint, use_resource=use_resource,
                  expected_shape=expected_shape, synchronization=synchronization, aggregation=aggregation, shape=shape)


def _convert(value: Variable, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Any:
    if dtype is not None and not dtype.base_dtype.is_compatible_with(value.dtype.base_dtype):
        raise ValueError(f"Incompatible type conversion requested to type '{dtype.name}' for variable of type '{value.dtype.name}'"
                         f" ({value.name}); tf.cast converts")
    return value._ref() if as_ref else value.value()


MAKERS[False] = RefVariable
register_tensor_conversion_function(Variable, _convert)
hang_on(Variable)
export_values(__name__, RefVariable="RefVariable")
