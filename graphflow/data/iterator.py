"""tf.data.Iterator: a place in a dataset, kept by the session."""
from __future__ import annotations

from typing import Any

from ..core import context, dtypes, shapes
from ..core.convert import convert_to_tensor
from ..core.errors import OutOfRangeError
from ..core.export import export
from ..core.func_graph import FuncGraph
from ..core.make import make
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..ops.control_flow.bodies import register
from ..ops.dataset import iterators as ops
from ..ops.random.seeds import get_seed
from . import nest, structure
from .optionals import Optional


@export("data.Iterator", "contrib.data.Iterator")
class Iterator:
    """Takes elements of a dataset: `get_next()` gives tensors of which each run takes the next element.

    Made by `Dataset.make_one_shot_iterator`, `Dataset.make_initializable_iterator`, `Iterator.from_structure` or
    `Iterator.from_string_handle`.
    """

    def __init__(self, iterator_resource: Tensor, initializer: Operation | None, output_types: Any, output_shapes: Any,
                 output_classes: Any = None, of: Any = None):
        self._iterator_resource, self._initializer = iterator_resource, initializer
        self._structure = structure.structure_from(output_types, output_shapes, output_classes) if of is None else of
        self._string_handle = make(ops.IteratorToStringHandle, iterator_resource, name=None)

    output_types = property(lambda self: structure.types(self._structure), doc="The dtypes, in the form of an element.")
    output_shapes = property(lambda self: structure.shapes_of(self._structure), doc="The shapes, in the form of an element.")
    output_classes = property(lambda self: structure.classes(self._structure), doc="tf.Tensor or tf.SparseTensor, in that form.")
    element_spec = property(lambda self: structure.specs(self._structure), doc="tf.TensorSpec or tf.SparseTensorSpec, in that form.")

    @staticmethod
    def from_structure(output_types: Any, output_shapes: Any = None, shared_name: str | None = None,
                       output_classes: Any = None) -> Iterator:
        """An iterator that can be started on any dataset of these dtypes and shapes, by `make_initializer`."""
        form = structure.structure_from(output_types, output_shapes, output_classes)
        return Iterator(_kept_by_session(form, shared_name), None, None, None, of=form)

    @staticmethod
    def from_string_handle(string_handle: Any, output_types: Any, output_shapes: Any = None, output_classes: Any = None) -> Iterator:
        """The iterator whose `string_handle()`, run and fed, is given: which one, a feed can change from run to run."""
        form = structure.structure_from(output_types, output_shapes, output_classes)
        text = convert_to_tensor(string_handle, dtypes.string)
        handle = make(ops.IteratorFromStringHandleV2, text, name=None, **structure.flat_attributes(form))
        return Iterator(handle, None, None, None, of=form)

    @property
    def initializer(self) -> Operation:
        """The operation that starts the iterator. ValueError for one that has none."""
        if self._initializer is None:
            raise ValueError("The iterator does not have an initializer. This means it was likely created using "
                             "`tf.data.Dataset.make_one_shot_iterator()`. For an initializable iterator, use "
                             "`tf.data.Dataset.make_initializable_iterator()` instead.")
        return self._initializer

    def make_initializer(self, dataset: Any, name: str | None = None) -> Any:
        """The operation that starts the iterator on a dataset, whose dtypes and shapes must be those of the iterator."""
        with context.default_graph().name_scope(name or "make_initializer") as scope:
            mine, theirs = nest.flatten(self._structure), nest.flatten_up_to(self._structure, dataset._structure)
            if dataset.output_classes != self.output_classes:
                raise TypeError(f"Expected output classes {self.output_classes!r} but got dataset with output classes "
                                f"{dataset.output_classes!r}.")
            if dataset.output_types != self.output_types:
                raise TypeError(f"Expected output types {self.output_types!r} but got dataset with output types {dataset.output_types!r}.")
            if not all(shapes.compatible(a.shape, b.shape) for a, b in zip(mine, theirs)):
                raise TypeError(f"Expected output shapes compatible with {self.output_shapes!r} but got dataset with output shapes "
                                f"{dataset.output_shapes!r}.")
            made: Any = make(ops.MakeIterator, dataset._variant, self._iterator_resource, name=scope)
            return made

    def get_next(self, name: str | None = None) -> Any:
        """Tensors, in the form of an element: the next element in each run. At the end, a run raises OutOfRangeError."""
        tensors = make(ops.IteratorGetNext, self._iterator_resource, name=name, **structure.flat_attributes(self._structure))
        return structure.from_tensors(self._structure, tensors)

    def string_handle(self, name: str | None = None) -> Tensor:
        """A string tensor whose value stands for this iterator, for `Iterator.from_string_handle`."""
        return self._string_handle if name is None else make(ops.IteratorToStringHandle, self._iterator_resource, name=name)


def _kept_by_session(form: Any, shared_name: str | None) -> Tensor:
    handle: Tensor = make(ops.IteratorV2, name=None, shared_name=shared_name or "", container="", **structure.flat_attributes(form))
    return handle


def initializable(dataset: Any, shared_name: str | None) -> Iterator:
    """An iterator over a dataset, with its initializer."""
    handle = _kept_by_session(dataset._structure, shared_name)
    initializer: Any = make(ops.MakeIterator, dataset._variant, handle, name=None)
    return Iterator(handle, initializer, None, None, of=dataset._structure)


class elements:
    """The elements of a dataset with eager execution, one by one."""

    def __init__(self, dataset: Any):
        self._structure = dataset._structure
        self._attributes = structure.flat_attributes(self._structure)
        self._handle = _kept_by_session(self._structure, None)
        make(ops.MakeIterator, dataset._variant, self._handle, name=None)

    def __iter__(self) -> elements:
        return self

    def __next__(self) -> Any:
        try:
            return self.get_next()
        except OutOfRangeError:
            raise StopIteration from None

    next = __next__

    def get_next(self) -> Any:
        """The next element. OutOfRangeError at the end."""
        tensors = make(ops.IteratorGetNext, self._handle, name=None, **self._attributes)
        return structure.from_tensors(self._structure, tensors)

    def get_next_as_optional(self) -> Any:
        """The next element as a tf.data.experimental.Optional, which has no value at the end."""
        variant = make(ops.IteratorGetNextAsOptional, self._handle, name=None, **self._attributes)
        return Optional(variant, self._structure)

    element_spec = property(lambda self: structure.specs(self._structure), doc="tf.TensorSpec or tf.SparseTensorSpec, in its form.")


def one_shot(dataset: Any) -> Iterator:
    """An iterator over a dataset whose operations are copied into a function of their own."""
    graph = dataset._graph
    get_seed(None)                                  # TensorFlow asks for one here, and later random operations count it
    body = FuncGraph("_make_dataset", graph.shared)
    copies: dict[Tensor, Tensor] = {}
    for op in _needed(dataset._variant._op):
        if op._op_def.must_be_fed or op._op_def.resource_key(op) is not None:
            what = "a placeholder" if op._op_def.must_be_fed else "stateful objects, such as a Variable or LookupTable"
            raise ValueError(f"Cannot capture a placeholder or stateful node (name:{op.name}, type:{op.type}) by value. Failed to create a "
                             f"one-shot iterator for a dataset: `Dataset.make_one_shot_iterator()` does not support datasets that capture "
                             f"{what}. In these cases, use `Dataset.make_initializable_iterator()`.")
        inputs, specs = tuple([copies[t] for t in op._inputs]), tuple([t._spec for t in op.outputs])
        made = body._add(op._op_def, inputs, body._names.unique(op.name), specs)
        copies.update(zip(op.outputs, made.outputs))
    body.outputs = [copies[dataset._variant]]
    handle = make(ops.OneShotIterator, name=None, dataset_factory=register(body), **structure.flat_attributes(dataset._structure))
    return Iterator(handle, None, None, None, of=dataset._structure)


def _needed(target: Operation) -> list[Operation]:
    seen, stack = {target}, [target]
    while stack:
        for tensor in stack.pop()._inputs:
            if tensor._op not in seen:
                seen.add(tensor._op)
                stack.append(tensor._op)
    return sorted(seen, key=lambda op: op._id)
