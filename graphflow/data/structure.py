"""What an element of a dataset is: a structure of leaves, each a tensor, a sparse tensor or a dataset, that is one tensor in the graph."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..core import context, shapes
from ..core.convert import convert_to_tensor
from ..core.dtypes import DType, as_dtype, variant
from ..core.tensor import Tensor
from ..core.tensor_shape import TensorShape
from ..core.type_specs import SparseTensorSpec, TensorSpec
from ..core.values import SparseTensor, is_sparse
from ..ops.sparse.serialized import deserialize_sparse, serialize_many_sparse, serialize_sparse
from . import nest


class Leaf:
    """A part of an element: dtype and maybe partial shape (a tuple, None for unknown rank). This one is a tensor."""
    cls: Any = Tensor

    def __init__(self, dtype: DType, shape: Any):
        self.dtype, self.shape = dtype, shapes.as_tuple(shape)

    component = property(lambda self: (self.dtype, self.shape))      # dtype and shape of the tensor in the graph

    def to_tensor(self, value: Any) -> Tensor:
        """The tensor that stands for a value of this kind."""
        found: Tensor = value
        return found

    def from_tensor(self, tensor: Tensor) -> Any:
        """The value that a tensor stands for."""
        if self.shape is not None and tensor.static is None:
            tensor.set_shape(self.shape)
        return tensor

    def batched(self, size: int | None) -> Leaf:
        """The leaf of several elements, stacked."""
        return type(self)(self.dtype, None if self.shape is None else (size, *self.shape))

    def row(self) -> Leaf:
        """The leaf of one of several elements that are stacked."""
        return type(self)(self.dtype, None if self.shape is None else self.shape[1:])

    def with_shape(self, shape: Any) -> Leaf:
        """The same with another shape."""
        return type(self)(self.dtype, shape)

    def __repr__(self) -> str:
        return f"{self.dtype.name}{shapes.describe(self.shape, ', ')}"


class SparseLeaf(Leaf):
    """A sparse tensor: in the graph three variants, along the axes of the batches that it is in."""
    cls = SparseTensor
    component = property(lambda self: (variant, None))

    def to_tensor(self, value: Any) -> Tensor:
        return serialize_sparse(value, out_type=variant)

    def to_rows(self, value: Any) -> Tensor:
        """The tensor whose rows stand for those of a value."""
        return serialize_many_sparse(value, out_type=variant)

    def from_tensor(self, tensor: Tensor) -> Any:
        value = deserialize_sparse(tensor, self.dtype, None if self.shape is None else len(self.shape))
        if self.shape is not None:
            value.set_shape(self.shape)
        return value


class DatasetLeaf(Leaf):
    """A dataset of elements of a structure."""

    def __init__(self, structure: Any, make: Any, cls: Any):
        super().__init__(variant, ())
        self.structure, self.make, self.cls = structure, make, cls

    def to_tensor(self, value: Any) -> Tensor:
        found: Tensor = value._variant
        return found

    def from_tensor(self, tensor: Tensor) -> Any:
        return self.make(tensor, self.structure)

    def batched(self, size: int | None) -> Leaf:
        raise TypeError("Batching of datasets of datasets is not possible: use flat_map(lambda window: window.batch(n)) on windows")

    def with_shape(self, shape: Any) -> Leaf:
        return self


def normalize(element: Any, scope: str = "normalize_element") -> Any:
    """An element whose leaves are tensors, sparse tensors and datasets."""
    with context.default_graph().name_scope(scope):
        return nest.pack(element, [_converted(leaf, f"component_{i}") for i, leaf in enumerate(nest.flatten(element))])


def _converted(value: Any, name: str | None) -> Any:
    if hasattr(value, "_variant") or isinstance(value, SparseTensor):
        return value
    if is_sparse(value):
        return SparseTensor.from_value(value)
    return convert_to_tensor(value, name=name)


def structure_of(element: Any) -> Any:
    """The structure of leaves of an element whose leaves are normal."""
    return nest.map_structure(_leaf, element)


def _leaf(value: Any) -> Leaf:
    if hasattr(value, "_variant"):
        leaf: Leaf = value._leaf()
        return leaf
    if isinstance(value, SparseTensor):
        return SparseLeaf(value.dtype, shapes.as_tuple(value.get_shape()))
    return Leaf(value.dtype.base_dtype, value.static)


def to_tensors(structure: Any, element: Any) -> list[Tensor]:
    """The tensors of an element."""
    return [leaf.to_tensor(value) for leaf, value in zip(nest.flatten(structure), nest.flatten_up_to(structure, element))]


def to_rows(structure: Any, element: Any) -> list[Tensor]:
    """The tensors whose rows stand for the rows of an element."""
    return [leaf.to_rows(value) if isinstance(leaf, SparseLeaf) else leaf.to_tensor(value)
            for leaf, value in zip(nest.flatten(structure), nest.flatten_up_to(structure, element))]


def has_sparse(structure: Any) -> bool:
    """Whether there are sparse tensors in an element."""
    return any(isinstance(leaf, SparseLeaf) for leaf in nest.flatten(structure))


def from_tensors(structure: Any, tensors: Any) -> Any:
    """The element that tensors stand for."""
    return nest.pack(structure, [leaf.from_tensor(t) for leaf, t in zip(nest.flatten(structure), tensors)])


def flat_attributes(structure: Any) -> dict[str, Any]:
    """The attributes output_types and output_shapes of a dataset."""
    parts = [leaf.component for leaf in nest.flatten(structure)]
    return {"output_types": tuple(d for d, _ in parts), "output_shapes": tuple(s for _, s in parts)}


def types(structure: Any) -> Any:
    """The dtypes, as programs see them."""
    return nest.map_structure(lambda leaf: types(leaf.structure) if isinstance(leaf, DatasetLeaf) else leaf.dtype, structure)


def shapes_of(structure: Any) -> Any:
    """The shapes, as programs see them."""
    def shape(leaf: Leaf) -> Any:
        return shapes_of(leaf.structure) if isinstance(leaf, DatasetLeaf) else TensorShape(leaf.shape)
    return nest.map_structure(shape, structure)


def classes(structure: Any) -> Any:
    """The classes, as programs see them."""
    return nest.map_structure(lambda leaf: leaf.cls, structure)


def specs(structure: Any) -> Any:
    """tf.TensorSpec and tf.SparseTensorSpec, in the form of an element."""
    def spec(leaf: Leaf) -> Any:
        if isinstance(leaf, DatasetLeaf):
            raise NotImplementedError("element_spec of a dataset whose elements are datasets (windows): tf.data.DatasetSpec is not there "
                                      "yet; use output_types, output_shapes and output_classes")
        return (SparseTensorSpec if isinstance(leaf, SparseLeaf) else TensorSpec)(leaf.shape, leaf.dtype)
    return nest.map_structure(spec, structure)


def structure_of_specs(given: Any) -> Any:
    """The structure that tf.TensorSpec and tf.SparseTensorSpec describe; TypeError for anything else."""
    def leaf(spec: Any) -> Leaf:
        if not isinstance(spec, (TensorSpec, SparseTensorSpec)):
            raise TypeError(f"expected a structure of tf.TensorSpec and tf.SparseTensorSpec, got {spec!r}")
        return (SparseLeaf if isinstance(spec, SparseTensorSpec) else Leaf)(spec.dtype, shapes.as_tuple(spec.shape))
    return nest.map_structure(leaf, given)


def steady(what: str, state: Any, traced: Callable[[Any], Any]) -> tuple[Any, Any]:
    """A function that turns a state into the next, and the state's structure with shapes that hold for every turn.

    traced(structure): the function for states of a structure. TypeError where the next state has other dtypes.
    """
    while True:
        function = traced(state)
        after = function.structure
        if types(after) != types(state):
            raise TypeError(f"The element types for the new state must match the initial state. Expected {types(state)}; got "
                            f"{types(after)}. ({what})")
        pairs = list(zip(nest.flatten(state), nest.flatten_up_to(state, after)))
        wider = nest.pack(state, [a.with_shape(shapes.relax(a.shape, b.shape)) for a, b in pairs])
        if all(a.shape == b.shape for a, b in zip(nest.flatten(state), nest.flatten(wider))):
            return function, state
        state = wider


def structure_from(output_types: Any, output_shapes: Any = None, output_classes: Any = None) -> Any:
    """The structure that a program describes by dtypes and maybe shapes and classes. TypeError or ValueError where they do not fit."""
    flat_types = nest.flatten(output_types)
    form = output_types
    flat_shapes = [None] * len(flat_types) if output_shapes is None else [TensorShape(s) for s in _shapes(form, output_shapes)]
    flat_classes = [Tensor] * len(flat_types) if output_classes is None else nest.flatten_up_to(form, output_classes)
    return nest.pack(form, [(SparseLeaf if c is SparseTensor else Leaf)(as_dtype(t).base_dtype, s)
                            for t, s, c in zip(flat_types, flat_shapes, flat_classes)])


def _shapes(form: Any, given: Any) -> list[Any]:
    """Shapes at the places of the leaves; a single one stands as it is, a list or tuple of sizes too."""
    return nest.flatten_up_to(form, given)


def merged(first: Any, second: Any) -> Any:
    """The structure of elements that may be of one or the other; TypeError where dtypes or forms differ."""
    a, b = nest.flatten(first), nest.flatten_up_to(first, second)
    if types(first) != types(second):
        raise TypeError(f"Incompatible types of input datasets: {types(first)} vs. {types(second)}.")
    if classes(first) != classes(second):
        raise TypeError(f"Incompatible classes of input datasets: {classes(first)} vs. {classes(second)}.")
    return nest.pack(first, [x.with_shape(shapes.relax(x.shape, y.shape)) for x, y in zip(a, b)])
