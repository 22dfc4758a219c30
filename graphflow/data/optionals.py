"""Optionals: a structure of tensors, or nothing. What an iterator gives where the end of a dataset is no error."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.export import export
from ..core.make import make
from ..core.tensor import Tensor
from ..ops.data_flow import optional as ops
from ..ops.dataset.iterators import IteratorGetNextAsOptional
from . import structure


@export("data.experimental.Optional")
class Optional:
    """A value that may be missing. Made by `from_value`, `none_from_structure` and `get_next_as_optional`."""

    def __init__(self, variant: Tensor, form: Any):
        self._variant, self._structure = variant, form

    @staticmethod
    def from_value(value: Any) -> Optional:
        """An optional that holds a structure of tensors."""
        with context.default_graph().name_scope("optional") as scope:
            element = structure.normalize(value, "value")
            form = structure.structure_of(element)
            return Optional(make(ops.OptionalFromValue, structure.to_tensors(form, element), name=scope), form)

    @staticmethod
    def none_from_structure(value_structure: Any) -> Optional:
        """An optional that holds nothing. value_structure: tf.TensorSpec and the like in the form of a value."""
        return Optional(make(ops.OptionalNone, name=None), structure.structure_of_specs(value_structure))

    @property
    def value_structure(self) -> Any:
        """tf.TensorSpec and the like, in the form of the value."""
        return structure.specs(self._structure)

    def has_value(self, name: str | None = None) -> Tensor:
        """Whether there is a value: a bool scalar."""
        found: Tensor = make(ops.OptionalHasValue, self._variant, name=name)
        return found

    def get_value(self, name: str | None = None) -> Any:
        """The value. InvalidArgumentError at run where there is none."""
        with context.default_graph().name_scope(name or "OptionalGetValue") as scope:
            tensors = make(ops.OptionalGetValue, self._variant, name=scope, **structure.flat_attributes(self._structure))
            return structure.from_tensors(self._structure, tensors)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.value_structure}>"


@export("data.experimental.get_next_as_optional", "contrib.data.get_next_as_optional")
def get_next_as_optional(iterator: Any) -> Optional:
    """The next element of an iterator as an Optional, which has no value at the end of the dataset: no OutOfRangeError."""
    form = iterator._structure
    return Optional(make(IteratorGetNextAsOptional, iterator._iterator_resource, name=None, **structure.flat_attributes(form)), form)
