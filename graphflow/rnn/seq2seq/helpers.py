"""Helpers of BasicDecoder: they draw from a step's outputs and say what the next step reads."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core import nest
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.export import export
from ...core.tensor_shape import TensorShape
from ...ops.array.axes import size as size_of
from ...ops.array.basic import cast, shape
from ...ops.array.fill import zeros_like
from ...ops.array.tile import tile
from ...ops.control_flow.cond import cond
from ...ops.data_flow.tensor_array import TensorArray
from ...ops.elementwise.comparison import equal
from ...ops.reduce.positions import argmax
from ...ops.reduce.reduction import reduce_all
from ...ops.scopes import name_scope
from ..dynamic import swapped


@export("contrib.seq2seq.Helper")
class Helper:
    """Base of helpers; sample_ids are what `sample` draws, [batch] + sample_ids_shape."""

    @property
    def batch_size(self) -> Any:
        """A scalar int32 tensor."""
        raise NotImplementedError(f"{type(self).__name__} does not define batch_size")

    @property
    def sample_ids_shape(self) -> Any:
        """The shape of a drawn id, without the batch."""
        return TensorShape([])

    @property
    def sample_ids_dtype(self) -> Any:
        """The dtype of drawn ids."""
        return int32

    def initialize(self, name: str | None = None) -> Any:
        """(finished, inputs of the first step)."""
        raise NotImplementedError(f"{type(self).__name__} does not define initialize")

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """The ids drawn from a step's outputs."""
        raise NotImplementedError(f"{type(self).__name__} does not define sample")

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        """(finished, inputs of the next step, state)."""
        raise NotImplementedError(f"{type(self).__name__} does not define next_inputs")


@export("contrib.seq2seq.CustomHelper")
class CustomHelper(Helper):
    """A helper made of three functions: initialize_fn(), sample_fn(time=, outputs=, state=), next_inputs_fn(time=, outputs=, state=,
    sample_ids=)."""

    def __init__(self, initialize_fn: Callable[..., Any], sample_fn: Callable[..., Any], next_inputs_fn: Callable[..., Any],
                 sample_ids_shape: Any = None, sample_ids_dtype: Any = None):
        self._initialize, self._sample, self._next_inputs = initialize_fn, sample_fn, next_inputs_fn
        self._ids_shape, self._ids_dtype = TensorShape(sample_ids_shape or []), sample_ids_dtype or int32
        self._batch_size: Any = None

    @property
    def batch_size(self) -> Any:
        if self._batch_size is None:
            raise ValueError("batch_size accessed before initialize was called")
        return self._batch_size

    @property
    def sample_ids_shape(self) -> Any:
        return self._ids_shape

    @property
    def sample_ids_dtype(self) -> Any:
        return self._ids_dtype

    def initialize(self, name: str | None = None) -> Any:
        with name_scope(name, "CustomHelperInitialize"):
            finished, inputs = self._initialize()
            if self._batch_size is None:
                self._batch_size = size_of(finished)
        return finished, inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        with name_scope(name, "CustomHelperSample"):
            return self._sample(time=time, outputs=outputs, state=state)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        with name_scope(name, "CustomHelperNextInputs"):
            return self._next_inputs(time=time, outputs=outputs, state=state, sample_ids=sample_ids)


@export("contrib.seq2seq.TrainingHelper")
class TrainingHelper(Helper):
    """Hands on the sequences that are to be learned: inputs [batch, time, ...] ([time, batch, ...] with time_major), nested or not, of
    lengths `sequence_length` [batch]. Ids are the places of the largest outputs."""

    def __init__(self, inputs: Any, sequence_length: Any, time_major: bool = False, name: str | None = None):
        with name_scope(name, "TrainingHelper", [*nest.flatten(inputs), sequence_length]):
            self._inputs = nest.map_structure(lambda x: convert_to_tensor(x, name="inputs"), inputs)
            along = self._inputs if time_major else nest.map_structure(swapped, self._inputs)
            self._arrays = nest.map_structure(array_of, along)
            self._sequence_length = convert_to_tensor(sequence_length, name="sequence_length")
            if self._sequence_length.static is None or len(self._sequence_length.static) != 1:
                raise ValueError("Expected sequence_length to be a vector, but received shape: "
                                 f"{self._sequence_length.shape} of {self._sequence_length.name}")
            self._nothing = nest.map_structure(lambda x: zeros_like(x[0]), along)
            self._batch_size = size_of(self._sequence_length)

    @property
    def inputs(self) -> Any:
        """As given, as tensors."""
        return self._inputs

    @property
    def sequence_length(self) -> Any:
        """As given, as a tensor."""
        return self._sequence_length

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    def initialize(self, name: str | None = None) -> Any:
        with name_scope(name, "TrainingHelperInitialize"):
            finished = equal(0, self._sequence_length)
            return finished, self._read(reduce_all(finished), 0)

    # Tensors of a loop are given by name, so that TF1 leaves out here what training does not need.
    def sample(self, time: Any, outputs: Any, name: str | None = None, **unused_kwargs: Any) -> Any:  # type: ignore[override]
        with name_scope(name, "TrainingHelperSample", [time, outputs]):
            return cast(argmax(outputs, axis=-1), int32)

    def next_inputs(  # type: ignore[override]
            self, time: Any, outputs: Any, state: Any, name: str | None = None, **unused_kwargs: Any) -> Any:
        with name_scope(name, "TrainingHelperNextInputs", [time, *nest.flatten(outputs)]):
            following = time + 1
            finished = following >= self._sequence_length
            return finished, self._read(reduce_all(finished), following), state

    def _read(self, over: Any, time: Any) -> Any:
        """The inputs of step `time`; zeros where all sequences are over."""
        found = cond(over, lambda: self._nothing, lambda: nest.map_structure(lambda array: array.read(time), self._arrays))
        for one, kept in zip(nest.flatten(found), nest.flatten(self._nothing), strict=True):
            one.set_shape(kept.shape)
        return found


def array_of(x: Any) -> Any:
    """The rows of a tensor in a TensorArray."""
    return TensorArray(x.dtype, size=shape(x)[0], element_shape=x.shape[1:]).unstack(x)


@export("contrib.seq2seq.InferenceHelper")
class InferenceHelper(Helper):
    """Steps read what was drawn: sample_fn(outputs) draws, next_inputs_fn(ids), if given, makes the inputs, end_fn(ids) says what is over.

    sample_shape, without the batch, and sample_dtype are those of what is drawn; start_inputs [batch, ...] begin.
    """

    def __init__(self, sample_fn: Callable[[Any], Any], sample_shape: Any, sample_dtype: Any, start_inputs: Any,
                 end_fn: Callable[[Any], Any], next_inputs_fn: Callable[[Any], Any] | None = None):
        self._sample, self._end, self._next_inputs = sample_fn, end_fn, next_inputs_fn
        self._sample_shape, self._sample_dtype = TensorShape(sample_shape), sample_dtype
        self._start_inputs = convert_to_tensor(start_inputs, name="start_inputs")
        self._batch_size = shape(self._start_inputs)[0]

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    @property
    def sample_ids_shape(self) -> Any:
        return self._sample_shape

    @property
    def sample_ids_dtype(self) -> Any:
        return self._sample_dtype

    def initialize(self, name: str | None = None) -> Any:
        return tile([False], [self._batch_size]), self._start_inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        return self._sample(outputs)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        following = sample_ids if self._next_inputs is None else self._next_inputs(sample_ids)
        return self._end(sample_ids), following, state
