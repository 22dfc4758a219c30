"""Variables with eager execution: they have their value at once. In a function that is being traced they read and write as others do."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..core import context
from ..core.convert import convert_to_tensor
from ..core.dtypes import DType, as_dtype
from ..core.export import export
from ..core.make import make
from ..core.op import Spec
from ..core.shapes import as_tuple, compatible
from ..core.tensor import Tensor, _paren
from ..core.tensor_shape import TensorShape
from ..ops.array.basic import identity
from ..ops.array.slicing import ResourceStridedSliceAssign
from ..ops.scopes import name_scope
from ..ops.state.assign import AssignAddVariableOp, AssignSubVariableOp, AssignVariableOp
from ..ops.state.resource import ResourceGather, ResourceGatherNd
from ..ops.state.variables import ReadVariableOp, VarHandleOp, VarIsInitializedOp
from ..variables.creators import MAKERS
from ..variables.resource import ResourceVariable, UnreadVariable
from ..variables.variable import check_constraint
from .run import record
from .tensor import EagerTensor, Reference, _text, called_from_inside


@export("contrib.eager.Variable")
class EagerVariable(ResourceVariable):
    """A variable with a value. `assign` and its like change it at once; `numpy()` gives it."""
    _name: str
    _spec_of_value: Spec
    _read_op: Any

    def __init__(self, initial_value: Any = None, trainable: bool | None = None, collections: Any = None, validate_shape: bool = True,
                 name: str | None = None, dtype: Any = None, constraint: Any = None, shape: Any = None, caching_device: Any = None):
        if initial_value is None:
            raise ValueError("`initial_value` must be a Tensor or a Python object convertible to a Tensor. Got None.")
        wanted = None if dtype is None else as_dtype(dtype).base_dtype
        check_constraint(constraint)
        with name_scope(name, "Variable") as scope:
            value = convert_to_tensor(initial_value() if callable(initial_value) else initial_value, wanted, "initial_value")
        static = value.static if shape is None else as_tuple(shape)
        if not compatible(value.static, static):
            raise ValueError(f"In this `tf.Variable` creation, the initial value's shape ({value.shape}) is not compatible with the "
                             f"explicitly supplied `shape` argument ({TensorShape(static)}).")
        self._name, self._dtype, self._shape = scope[:-1], value.dtype.base_dtype, static
        self._handle = make(VarHandleOp, name=self._name, shared_name=self._name, debug_name=self._name, dtype=self._dtype, shape=static)
        make(AssignVariableOp, self._handle, value)
        self._trainable, self._constraint, self._save_slice_info = trainable is not False, constraint, None

    # -- what it is ---------------------------------------------------------------------------------------------------
    @property
    def name(self) -> str:
        return f"{self._name}:0"

    @property
    def _shared_name(self) -> str:
        return self._name

    @property
    def _unique_id(self) -> str:
        """A name that no other variable has."""
        return self._handle._value.key  # type: ignore[attr-defined]

    @property
    def graph(self) -> Any:
        return context.eager_graph

    @property
    def initializer(self) -> Any:
        """None: the variable has its value."""
        return None

    @property
    def initial_value(self) -> Any:
        raise RuntimeError("This property is not supported when eager execution is enabled.")

    def initialized_value(self) -> Tensor:
        """The value."""
        return self.value()

    def is_initialized(self, name: str | None = None) -> Tensor:
        return make(VarIsInitializedOp, self._handle, name=name)

    # -- reading ------------------------------------------------------------------------------------------------------
    def _watched(self) -> None:
        for tape in context.recorders:
            if tape.auto and self._trainable:
                tape.watch_variable(self)

    def value(self) -> Tensor:
        """The value now, a tensor; tapes watch the variable, if it is trainable."""
        if context.recorders:
            self._watched()
        graph: Any = context.default_graph()
        if not graph.eager:
            return self._read()
        session, handle = graph.session, self._handle
        value = session.read(handle._value, VarHandleOp)  # type: ignore[attr-defined]
        tensor = EagerTensor(value, Spec(self._dtype, value.shape))
        if context.recorders:
            record(ReadVariableOp.of(dtype=self._dtype), (handle,), (tensor,))
        return tensor

    def _read(self, name: str = "ReadVariableOp") -> Tensor:
        value: Tensor = make(ReadVariableOp, self._handle, name=name, dtype=self._dtype)
        if value.__class__ is Tensor:
            value._spec = Spec(self._dtype, self._shape)
        return value

    def read_value(self) -> Tensor:
        """The value now, a tensor."""
        return identity(self.value())

    def _as_graph_element(self) -> Tensor:
        return self.value()

    def numpy(self) -> Any:
        """The value: an array of the caller's own, or a numpy scalar. NotImplementedError while a function is traced."""
        if not context.default_graph().eager:
            raise NotImplementedError("numpy() is only available when eager execution is enabled, not in a function that is being traced.")
        value = self._peek()
        return EagerTensor(value, Spec(self._dtype, value.shape)).numpy()

    def _peek(self) -> Any:
        return context.eager_graph.session.read(self._handle._value, VarHandleOp)  # type: ignore[attr-defined]

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.asarray(self.numpy(), dtype)

    def eval(self, session: Any = None) -> Any:
        raise NotImplementedError("eval is not supported when eager execution is enabled, is .numpy() what you're looking for?")

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """The rows at `indices`, without reading the others."""
        if context.recorders:
            self._watched()
        value: Tensor = make(ResourceGather, self._handle, indices, name=name or "Gather", dtype=self._dtype)
        if value.__class__ is Tensor:
            picked = value.op.inputs[1].static
            if picked is not None and self._shape is not None:
                value._spec = Spec(self._dtype, (*picked, *self._shape[1:]))
        return value

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements or slices at coordinates, without reading the others."""
        if context.recorders:
            self._watched()
        value: Tensor = make(ResourceGatherNd, self._handle, indices, name=name or "GatherNd", dtype=self._dtype)
        if value.__class__ is Tensor:
            picked = value.op.inputs[1].static
            if picked and picked[-1] is not None and self._shape is not None:
                value._spec = Spec(self._dtype, (*picked[:-1], *self._shape[picked[-1]:]))
        return value

    # -- writing ------------------------------------------------------------------------------------------------------
    def _given(self, value: Any) -> Tensor:
        tensor = convert_to_tensor(value, self._dtype)
        if not compatible(tensor.static, self._shape):
            raise ValueError(f"Cannot assign value to variable '{self.name}': Shape mismatch. The variable shape {self.shape}, and the "
                             f"assigned value shape {TensorShape(tensor.static)} are incompatible.")
        return tensor

    def assign(self, value: Any, use_locking: bool | None = None, name: str | None = None, read_value: bool = True) -> Any:
        """Sets the variable; gives the variable."""
        return self._lazy_read(make(AssignVariableOp, self._handle, self._given(value), name=name), read_value)

    def assign_add(self, delta: Any, use_locking: bool | None = None, name: str | None = None, read_value: bool = True) -> Any:
        """Adds to the variable; gives the variable."""
        delta = convert_to_tensor(delta, self._dtype)
        return self._lazy_read(make(AssignAddVariableOp, self._handle, delta, name=name), read_value)

    def assign_sub(self, delta: Any, use_locking: bool | None = None, name: str | None = None, read_value: bool = True) -> Any:
        """Subtracts from the variable; gives the variable."""
        delta = convert_to_tensor(delta, self._dtype)
        return self._lazy_read(make(AssignSubVariableOp, self._handle, delta, name=name), read_value)

    def _lazy_read(self, op: Any, read_value: bool = True) -> Any:
        if not read_value:
            return op
        return Unread(self) if op is None else UnreadVariable(self, op)

    def _strided_slice_assign(self, begin: Any, end: Any, strides: Any, value: Any, name: str | None, **masks: int) -> Any:
        value = convert_to_tensor(value, self._dtype)
        return self._lazy_read(make(ResourceStridedSliceAssign, self._handle, begin, end, strides, value, name=None, **masks))

    def load(self, value: Any, session: Any = None) -> None:
        """Sets the variable."""
        self.assign(value)

    # -- Python -------------------------------------------------------------------------------------------------------
    def __bool__(self) -> bool:
        return bool(self.value())

    def __int__(self) -> int:
        return int(self.value())

    def __float__(self) -> float:
        return float(self.value())

    def __complex__(self) -> complex:
        return complex(self.value())

    def __index__(self) -> int:
        return self.value().__index__()  # type: ignore[attr-defined]

    def __format__(self, spec: str) -> str:
        return str(self) if not spec else format(self.value(), spec)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.value())

    def __len__(self) -> int:
        return len(self.value())

    def ref(self) -> Any:
        """A key for dicts and sets."""
        return Reference(self)

    experimental_ref = ref

    def __hash__(self) -> int:
        if context.behavior.tensor_equality and not called_from_inside():
            raise TypeError("Variable is unhashable. Instead, use variable.ref() as the key. (Variable: " + repr(self) + ")")
        return id(self)

    def __eq__(self, other: object) -> Any:
        if not context.behavior.tensor_equality:
            return self is other
        return context.behavior.equality(self.value(), other, "equal") if other is not None else False

    def __ne__(self, other: object) -> Any:
        if not context.behavior.tensor_equality:
            return self is not other
        return context.behavior.equality(self.value(), other, "not_equal") if other is not None else True

    def __deepcopy__(self, memo: Any) -> Any:
        made = EagerVariable(self.numpy(), self._trainable, name=self._name, dtype=self._dtype, constraint=self._constraint,
                             shape=self._shape)
        memo[id(self)] = made
        return made

    def __reduce__(self) -> Any:
        return _restore, (self.numpy(), self._trainable, self._name, self._dtype.name)

    def __repr__(self) -> str:
        head = f"<tf.Variable '{self._shown}' shape={_paren(self.static)} dtype={self._dtype.name}"
        if not context.default_graph().eager:
            return head + ">"
        value = self._peek()
        return f"{head}, numpy={_text(EagerTensor(value, Spec(self._dtype, value.shape)), True)}>"

    @property
    def _shown(self) -> str:
        return self.name


class Unread(EagerVariable):
    """What writing a variable gives: the variable under another name."""

    def __init__(self, variable: EagerVariable):
        self.__dict__.update(variable.__dict__)

    @property
    def _shown(self) -> str:
        return "UnreadVariable"


def _restore(value: Any, trainable: bool, name: str, dtype: str) -> EagerVariable:
    kind: DType = as_dtype(dtype)
    return EagerVariable(np.asarray(value, kind.np), trainable, name=name, dtype=kind)


MAKERS["eager"] = EagerVariable

