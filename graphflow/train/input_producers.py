"""Queues that hand out input again and again: file names, numbers, rows of tensors; each with its runner in the collection."""
from __future__ import annotations

from typing import Any

from ..core.collections import GraphKeys
from ..core.constant import constant
from ..core.convert import convert_to_tensor
from ..core.dtypes import float32, int64, string
from ..core.export import export
from ..core.tensor import Tensor
from ..ops import functions as F
from ..ops.checks.asserts import assert_
from ..ops.data_flow.queues import FIFOQueue
from ..ops.io.summary import scalar
from ..ops.scopes import control_dependencies, name_scope
from ..variables.variable import Variable
from .queue_runners import QueueRunner, add_queue_runner


@export("train.limit_epochs")
def limit_epochs(tensor: Any, num_epochs: int | None = None, name: str | None = None) -> Tensor:
    """`tensor`, num_epochs times; then OutOfRangeError. The count is a local variable, so run tf.local_variables_initializer()."""
    if num_epochs is None:
        return convert_to_tensor(tensor) if not isinstance(tensor, Tensor) else tensor
    if num_epochs <= 0:
        raise ValueError(f"num_epochs must be > 0 not {num_epochs}.")
    with name_scope(name, "limit_epochs", [tensor]) as scope:
        zero = constant(0, int64)
        epochs = Variable(zero, name="epochs", trainable=False, collections=[GraphKeys.LOCAL_VARIABLES])
        counter = epochs.count_up_to(num_epochs)
        with control_dependencies([counter]):
            return F.identity(tensor, name=scope)


def fullness(queue: Any, capacity: int, name: str) -> None:
    """A summary of how full a queue is, from 0 to 1."""
    scalar(name, F.cast(queue.size(), float32) * (1.0 / capacity))


@export("train.input_producer")
def input_producer(input_tensor: Any, element_shape: Any = None, num_epochs: int | None = None, shuffle: bool = True,
                   seed: int | None = None, capacity: int = 32, shared_name: str | None = None, summary_name: str | None = None,
                   name: str | None = None, cancel_op: Any = None) -> FIFOQueue:
    """A queue of the rows of input_tensor, num_epochs times or without end, shuffled anew each time.

    Its runner is in the collection QUEUE_RUNNERS. ValueError unless a row's shape is known or given by element_shape.
    """
    with name_scope(name, "input_producer", [input_tensor]):
        input_tensor = convert_to_tensor(input_tensor, None, "input_tensor")
        element_shape = input_tensor.shape[1:].merge_with(element_shape)
        if not element_shape.is_fully_defined():
            raise ValueError("Either `input_tensor` must have a fully defined shape or `element_shape` must be specified")
        rows = F.random_shuffle(input_tensor, seed=seed) if shuffle else input_tensor
        rows = limit_epochs(rows, num_epochs)
        queue = FIFOQueue(capacity, [input_tensor.dtype.base_dtype], [element_shape], shared_name=shared_name, name=name)
        add_queue_runner(QueueRunner(queue, [queue.enqueue_many([rows])], cancel_op=cancel_op))
        if summary_name is not None:
            fullness(queue, capacity, summary_name)
        return queue


@export("train.string_input_producer")
def string_input_producer(string_tensor: Any, num_epochs: int | None = None, shuffle: bool = True, seed: int | None = None,
                          capacity: int = 32, shared_name: str | None = None, name: str | None = None, cancel_op: Any = None) -> FIFOQueue:
    """A queue of strings, such as file names, for a reader. ValueError for an empty list."""
    words = "string_input_producer requires a non-null input tensor"
    if not isinstance(string_tensor, Tensor) and not len(string_tensor):
        raise ValueError(words)
    with name_scope(name, "input_producer", [string_tensor]) as scope:
        string_tensor = convert_to_tensor(string_tensor, string)
        with control_dependencies([assert_(F.greater(F.size(string_tensor), 0), [words])]):
            string_tensor = F.identity(string_tensor)
        return input_producer(string_tensor, [], num_epochs, shuffle, seed, capacity, shared_name, f"fraction_of_{capacity}_full", scope,
                              cancel_op)


@export("train.range_input_producer")
def range_input_producer(limit: Any, num_epochs: int | None = None, shuffle: bool = True, seed: int | None = None, capacity: int = 32,
                         shared_name: str | None = None, name: str | None = None) -> FIFOQueue:
    """A queue of the numbers from 0 to limit - 1."""
    with name_scope(name, "input_producer", [limit]) as scope:
        return input_producer(F.range(limit), [], num_epochs, shuffle, seed, capacity, shared_name, f"fraction_of_{capacity}_full", scope)


@export("train.slice_input_producer")
def slice_input_producer(tensor_list: Any, num_epochs: int | None = None, shuffle: bool = True, seed: int | None = None,
                         capacity: int = 32, shared_name: str | None = None, name: str | None = None) -> list[Tensor]:
    """One row of each tensor: rows of one index belong together. ValueError for an empty list."""
    with name_scope(name, "input_producer", tensor_list):
        tensors = [convert_to_tensor(t) for t in tensor_list]
        if not tensors:
            raise ValueError("Expected at least one tensor in slice_input_producer().")
        index = range_input_producer(F.shape(tensors[0])[0], num_epochs, shuffle, seed, capacity, shared_name).dequeue()
        return [F.gather(t, index) for t in tensors]
