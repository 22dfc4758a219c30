"""tf.TensorSpec and its relatives: what is known of a tensor's dtype and shape, apart from any graph."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from . import shapes
from .convert import convert_to_tensor
from .dtypes import DType, as_dtype, float32, int64
from .export import export
from .tensor import Tensor
from .tensor_shape import TensorShape
from .values import IndexedSlices, SparseTensor, SparseTensorValue

_S = TypeVar("_S", bound="TypeSpec")


@export("TypeSpec")
class TypeSpec:
    """Base of the specs. Two are equal where their classes and all they say are; they are hashable and not changed."""
    value_type: Any = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is TypeSpec:
            raise TypeError("TypeSpec is abstract: use tf.TensorSpec, tf.SparseTensorSpec or tf.IndexedSlicesSpec")
        return super().__new__(cls)

    def _says(self) -> tuple[tuple[Any, ...], ...]:
        """(shapes, what must be equal, the rest)."""
        raise NotImplementedError(f"{type(self).__name__}._says")

    def _with(self: _S, known: Sequence[shapes.Shape]) -> _S:
        """The spec with other shapes and no name."""
        raise NotImplementedError(f"{type(self).__name__}._with")

    def _of(self, value: Any) -> TypeSpec | None:
        """The spec of a value of this kind, else None."""
        raise NotImplementedError(f"{type(self).__name__}._of")

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a spec, or a tensor of this kind, has the same dtype and a shape that may be equal."""
        other = spec_or_value if isinstance(spec_or_value, TypeSpec) else self._of(spec_or_value)
        if type(other) is not type(self):
            return False
        (mine, fixed, _), (theirs, same, _) = self._says(), other._says()
        return fixed == same and all(shapes.compatible(a, b) for a, b in zip(mine, theirs))

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every value of this spec is one of `other`."""
        if type(other) is not type(self):
            return False
        (mine, fixed, _), (theirs, same, _) = self._says(), other._says()
        return fixed == same and all(_within(a, b) for a, b in zip(mine, theirs))

    def most_specific_common_supertype(self: _S, others: Sequence[Any]) -> _S | None:
        """The narrowest spec that this one and `others` are subtypes of, None where there is none."""
        known, fixed, rest = self._says()
        found: list[Any] = list(known)
        equal = True
        for other in others:
            if type(other) is not type(self) or other._says()[1] != fixed:
                return None
            equal = equal and other._says()[2] == rest
            found = [_common(a, b) for a, b in zip(found, other._says()[0])]
        return self if equal and found == list(known) else self._with(found)

    def most_specific_compatible_type(self: _S, other: Any) -> _S:
        """As most_specific_common_supertype of one other; ValueError where there is none."""
        found = self.most_specific_common_supertype([other])
        if found is None:
            raise ValueError(f"No TypeSpec is compatible with both {self} and {other}")
        return found

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._says() == other._says()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((type(self), self._says()))


def _within(a: shapes.Shape, b: shapes.Shape) -> bool:
    return b is None or (a is not None and len(a) == len(b) and all(y is None or x == y for x, y in zip(a, b)))


def _common(a: shapes.Shape, b: shapes.Shape) -> shapes.Shape:
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple([x if x == y else None for x, y in zip(a, b)])


@export("TensorSpec")
class TensorSpec(TypeSpec):
    """shape (None: unknown rank), dtype and maybe a name of a tensor."""
    value_type = Tensor

    def __init__(self, shape: Any, dtype: Any = float32, name: str | None = None):
        self._shape, self._dtype, self._name = shapes.as_tuple(TensorShape(shape)), as_dtype(dtype), name

    shape = property(lambda self: TensorShape(self._shape), doc="The TensorShape.")
    dtype = property(lambda self: self._dtype, doc="The DType.")
    name = property(lambda self: self._name, doc="The name, or None.")

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        """The spec with another name, where one is given."""
        return cls(spec.shape, spec.dtype, name or spec.name)

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """What is known of a tensor, by default under the name of its operation."""
        if not isinstance(tensor, Tensor):
            raise ValueError(f"`tensor` should be a tf.Tensor, but got type {type(tensor)}.")
        return cls(tensor.static, tensor.dtype, name or tensor.op.name)

    def _says(self) -> tuple[tuple[Any, ...], ...]:
        return (self._shape,), (self._dtype,), (self._name,)

    def _with(self, known: Sequence[shapes.Shape]) -> TensorSpec:
        return TensorSpec(known[0], self._dtype)

    def _of(self, value: Any) -> TypeSpec | None:
        return TensorSpec(value.static, value.dtype.base_dtype) if isinstance(value, Tensor) else None

    def __repr__(self) -> str:
        return f"TensorSpec(shape={TensorShape(self._shape)}, dtype={self._dtype!r}, name={self._name!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return TensorSpec, (self._shape, self._dtype, self._name)


@export("SparseTensorSpec")
class SparseTensorSpec(TypeSpec):
    """Dense shape (None: unknown rank) and dtype of a sparse tensor."""
    value_type = SparseTensor

    def __init__(self, shape: Any = None, dtype: Any = float32):
        self._shape, self._dtype = shapes.as_tuple(TensorShape(shape)), as_dtype(dtype)

    shape = property(lambda self: TensorShape(self._shape), doc="The dense TensorShape.")
    dtype = property(lambda self: self._dtype, doc="The DType of the values.")

    @classmethod
    def from_value(cls, value: Any) -> SparseTensorSpec:
        """What is known of a SparseTensor or a SparseTensorValue."""
        found = type_spec_from_value(value)
        if not isinstance(found, SparseTensorSpec):
            raise ValueError(f"Expected a SparseTensor or SparseTensorValue, got {type(value).__name__}")
        return found

    def _says(self) -> tuple[tuple[Any, ...], ...]:
        return (self._shape,), (self._dtype,), ()

    def _with(self, known: Sequence[shapes.Shape]) -> SparseTensorSpec:
        return SparseTensorSpec(known[0], self._dtype)

    def _of(self, value: Any) -> TypeSpec | None:
        return type_spec_from_value(value) if isinstance(value, (SparseTensor, SparseTensorValue)) else None

    def __repr__(self) -> str:
        return f"SparseTensorSpec({TensorShape(self._shape)!r}, {self._dtype!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return SparseTensorSpec, (self._shape, self._dtype)


@export("IndexedSlicesSpec")
class IndexedSlicesSpec(TypeSpec):
    """Dense shape and dtypes of IndexedSlices. dense_shape_dtype: None where they have no dense shape."""
    value_type = IndexedSlices

    def __init__(self, shape: Any = None, dtype: Any = float32, indices_dtype: Any = int64, dense_shape_dtype: Any = None,
                 indices_shape: Any = None):
        self._shape, self._dtype, self._indices_dtype = shapes.as_tuple(TensorShape(shape)), as_dtype(dtype), as_dtype(indices_dtype)
        self._dense_shape_dtype: DType | None = None if dense_shape_dtype is None else as_dtype(dense_shape_dtype)
        self._indices_shape = (None,) if indices_shape is None else shapes.as_tuple(TensorShape(indices_shape))

    def _says(self) -> tuple[tuple[Any, ...], ...]:
        return (self._shape, self._indices_shape), (self._dtype, self._indices_dtype, self._dense_shape_dtype), ()

    def _with(self, known: Sequence[shapes.Shape]) -> IndexedSlicesSpec:
        return IndexedSlicesSpec(known[0], self._dtype, self._indices_dtype, self._dense_shape_dtype, known[1])

    def _of(self, value: Any) -> TypeSpec | None:
        return type_spec_from_value(value) if isinstance(value, IndexedSlices) else None

    def __repr__(self) -> str:
        return (f"IndexedSlicesSpec({TensorShape(self._shape)!r}, {self._dtype!r}, {self._indices_dtype!r}, {self._dense_shape_dtype!r}, "
                f"{TensorShape(self._indices_shape)!r})")

    def __reduce__(self) -> tuple[Any, ...]:
        return IndexedSlicesSpec, (self._shape, self._dtype, self._indices_dtype, self._dense_shape_dtype, self._indices_shape)


@export("type_spec_from_value")
def type_spec_from_value(value: Any) -> TypeSpec:
    """The spec of a tensor, sparse tensor, IndexedSlices, or of what can become a tensor; TypeError for what cannot."""
    if isinstance(value, SparseTensorValue):
        dtype = getattr(value.values, "dtype", None) or convert_to_tensor(value.values).dtype
        return SparseTensorSpec([int(d) for d in value.dense_shape], dtype)
    if isinstance(value, SparseTensor):
        return SparseTensorSpec(value.shape, value.dtype.base_dtype)
    if isinstance(value, IndexedSlices):
        outer = value.values.shape
        whole = value.dense_shape
        return IndexedSlicesSpec(TensorShape([None]).concatenate(outer[1:]) if outer.ndims else None, value.values.dtype.base_dtype,
                                 value.indices.dtype.base_dtype, None if whole is None else whole.dtype, value.indices.shape)
    tensor = value if isinstance(value, Tensor) else convert_to_tensor(value)
    return TensorSpec(tensor.static, tensor.dtype.base_dtype)


@export("is_symbolic_tensor")
def is_symbolic_tensor(tensor: Any) -> bool:
    """Whether it is a tensor of a graph."""
    return isinstance(tensor, Tensor)
