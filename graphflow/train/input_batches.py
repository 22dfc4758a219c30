"""tf.train.batch and its relatives: single examples go into a queue, in threads, and come out as batches."""
from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from ..core import dtypes, shapes
from ..core.convert import convert_to_tensor
from ..core.export import export
from ..core.known import constant_value
from ..core.tensor import Tensor
from ..core.tensor_shape import TensorShape
from ..core.values import SparseTensor
from ..ops import functions as F
from ..ops.data_flow.queues import FIFOQueue, PaddingFIFOQueue, RandomShuffleQueue
from ..ops.io.summary import scalar
from ..ops.scopes import name_scope
from .input_producers import fullness
from .queue_runners import QueueRunner, add_queue_runner


class _Examples:
    """The examples of one call: their tensors in order, for each of the threads or joined inputs, and how they come back."""

    def __init__(self, given: Sequence[Any], where: str):
        lists = list(given)
        if not lists or any(isinstance(one, (list, tuple, dict)) and not one for one in lists):
            raise ValueError(f"Expected at least one tensor in {where}().")
        self.keys = sorted(lists[0], key=str) if isinstance(lists[0], dict) else None
        self.rows = [self._tensors(one) for one in lists]
        if any(len(row) != len(self.rows[0]) for row in self.rows):
            raise ValueError(f"All lists of {where}() need the same number of tensors, got {[len(row) for row in self.rows]}")
        self.types = [t.dtype.base_dtype for t in self.rows[0]]
        for row in self.rows:
            if [t.dtype.base_dtype for t in row] != self.types:
                raise TypeError(f"Expected types to be consistent: {[t.dtype.base_dtype.name for t in row]} vs "
                                f"{[t.name for t in self.types]}.")

    def _tensors(self, one: Any) -> list[Tensor]:
        if self.keys is not None:
            one = [one[key] for key in self.keys]
        elif not isinstance(one, (list, tuple)):
            one = [one]
        if any(isinstance(t, SparseTensor) for t in one):
            raise NotImplementedError("batches of sparse tensors are not there yet: serialize each example, batch the strings and use "
                                      "tf.parse_example")
        return [convert_to_tensor(t) for t in one]

    def shapes(self, given: Any, enqueue_many: bool) -> Any:
        """The shapes of the queue's components: those given, else what all inputs have in common."""
        if given is not None:
            return given
        found = [[t.static for t in row] for row in self.rows]
        for row, tensors in zip(found, self.rows):
            for shape, tensor in zip(row, tensors):
                if shape is None:
                    raise ValueError(f"Cannot infer Tensor's rank: {tensor}")
        merged = list(found[0])
        for row in found[1:]:
            merged = [shapes.relax(a, b) for a, b in zip(merged, row)]
        return [TensorShape(None if s is None else s[1:] if enqueue_many else s) for s in merged]

    def shown(self, dequeued: Any) -> Any:
        """A batch in the structure of the examples."""
        if self.keys is None:
            return dequeued
        return dict(zip(self.keys, dequeued if isinstance(dequeued, list) else [dequeued]))


def _enqueued(queue: Any, rows: Sequence[list[Tensor]], keep: Tensor, many: bool) -> list[Any]:
    """The operations that enqueue an example, or with `many` its rows, if they are to be kept: `keep` says so of all or of each."""
    enqueue = queue.enqueue_many if many else queue.enqueue
    if keep.shape.ndims == 1:
        sides = F.cast(keep, dtypes.int32)
        return [enqueue([F.dynamic_partition(t, sides, 2)[1] for t in row]) for row in rows]
    known = constant_value(keep)
    if known is not None:
        return [enqueue(row) if known else F.no_op() for row in rows]
    return [F.cond(keep, functools.partial(enqueue, row), F.no_op) for row in rows]


def _batches(where: str, given: Any, threads: int, batch_size: Any, make_queue: Callable[[Any, Any], Any], tell: Callable[[Any], None],
             keep_input: Any, enqueue_many: bool, given_shapes: Any, smaller: bool, name: str | None, scope_name: str) -> Any:
    """What all functions here do: a queue, its runner, a summary, and the batch."""
    examples = _Examples(given, where)
    with name_scope(name, scope_name, [t for row in examples.rows for t in row]) as scope:
        keep = convert_to_tensor(keep_input, dtypes.bool)
        if keep.shape.ndims is None:
            raise ValueError("`keep_input` dimensions must be known at graph construction.")
        if keep.shape.ndims > int(enqueue_many):
            raise ValueError("`keep_input` cannot be a vector when `enqueue_many=False`.")
        queue = make_queue(examples.types, examples.shapes(given_shapes, enqueue_many))
        enqueued = _enqueued(queue, examples.rows, keep, enqueue_many)
        add_queue_runner(QueueRunner(queue, enqueued * threads))
        tell(queue)
        dequeued = queue.dequeue_up_to(batch_size, name=scope) if smaller else queue.dequeue_many(batch_size, name=scope)
        return examples.shown(dequeued)


def _in_order(where: str, given: Any, threads: int, batch_size: Any, capacity: int, dynamic_pad: bool, shared_name: str | None,
              *rest: Any) -> Any:
    kind: Any = PaddingFIFOQueue if dynamic_pad else FIFOQueue
    return _batches(where, given, threads, batch_size, lambda t, s: kind(capacity, dtypes=t, shapes=s, shared_name=shared_name),
                    lambda queue: fullness(queue, capacity, f"fraction_of_{capacity}_full"), *rest)


def _shuffled(where: str, given: Any, threads: int, batch_size: Any, capacity: int, least: int, seed: int | None, shared_name: str | None,
              *rest: Any) -> Any:
    def tell(queue: Any) -> None:
        full = F.cast(F.maximum(0, queue.size() - least), dtypes.float32) * (1.0 / (capacity - least))
        scalar(f"fraction_over_{least}_of_{capacity - least}_full", full)
    return _batches(where, given, threads, batch_size,
                    lambda t, s: RandomShuffleQueue(capacity, least, dtypes=t, shapes=s, seed=seed, shared_name=shared_name), tell, *rest)


@export("train.batch")
def batch(tensors: Any, batch_size: Any, num_threads: int = 1, capacity: int = 32, enqueue_many: bool = False, shapes: Any = None,
          dynamic_pad: bool = False, allow_smaller_final_batch: bool = False, shared_name: str | None = None,
          name: str | None = None) -> Any:
    """Batches of single examples, read by num_threads threads; needs tf.train.start_queue_runners.

    tensors: a list or dict of tensors, one example (enqueue_many: several, along the first dimension). dynamic_pad: sizes may differ
    and are padded. allow_smaller_final_batch: the last batch may be smaller, else its examples are lost. Returns the same structure,
    with a new first dimension.
    """
    return _in_order("batch", [tensors], num_threads, batch_size, capacity, dynamic_pad, shared_name, True, enqueue_many,
                     shapes, allow_smaller_final_batch, name, "batch")


@export("train.maybe_batch")
def maybe_batch(tensors: Any, keep_input: Any, batch_size: Any, num_threads: int = 1, capacity: int = 32, enqueue_many: bool = False,
                shapes: Any = None, dynamic_pad: bool = False, allow_smaller_final_batch: bool = False, shared_name: str | None = None,
                name: str | None = None) -> Any:
    """As `batch`, of those examples for which keep_input is true."""
    return _in_order("batch", [tensors], num_threads, batch_size, capacity, dynamic_pad, shared_name, keep_input,
                     enqueue_many, shapes, allow_smaller_final_batch, name, "batch")


@export("train.batch_join")
def batch_join(tensors_list: Any, batch_size: Any, capacity: int = 32, enqueue_many: bool = False, shapes: Any = None,
               dynamic_pad: bool = False, allow_smaller_final_batch: bool = False, shared_name: str | None = None,
               name: str | None = None) -> Any:
    """As `batch`, of several examples that are read in parallel: one thread for each of tensors_list."""
    return _in_order("batch_join", tensors_list, 1, batch_size, capacity, dynamic_pad, shared_name, True, enqueue_many, shapes,
                     allow_smaller_final_batch, name, "batch_join")


@export("train.maybe_batch_join")
def maybe_batch_join(tensors_list: Any, keep_input: Any, batch_size: Any, capacity: int = 32, enqueue_many: bool = False,
                     shapes: Any = None, dynamic_pad: bool = False, allow_smaller_final_batch: bool = False,
                     shared_name: str | None = None, name: str | None = None) -> Any:
    """As `batch_join`, of those examples for which keep_input is true."""
    return _in_order("batch_join", tensors_list, 1, batch_size, capacity, dynamic_pad, shared_name, keep_input, enqueue_many, shapes,
                     allow_smaller_final_batch, name, "batch_join")


@export("train.shuffle_batch")
def shuffle_batch(tensors: Any, batch_size: Any, capacity: int, min_after_dequeue: int, num_threads: int = 1, seed: int | None = None,
                  enqueue_many: bool = False, shapes: Any = None, allow_smaller_final_batch: bool = False,
                  shared_name: str | None = None, name: str | None = None) -> Any:
    """As `batch`, in random order; min_after_dequeue examples stay in the queue to be mixed."""
    return _shuffled("shuffle_batch", [tensors], num_threads, batch_size, capacity, min_after_dequeue, seed,
                     shared_name, True, enqueue_many, shapes, allow_smaller_final_batch, name, "shuffle_batch")


@export("train.maybe_shuffle_batch")
def maybe_shuffle_batch(tensors: Any, batch_size: Any, capacity: int, min_after_dequeue: int, keep_input: Any, num_threads: int = 1,
                        seed: int | None = None, enqueue_many: bool = False, shapes: Any = None, allow_smaller_final_batch: bool = False,
                        shared_name: str | None = None, name: str | None = None) -> Any:
    """As `shuffle_batch`, of those examples for which keep_input is true."""
    return _shuffled("shuffle_batch", [tensors], num_threads, batch_size, capacity, min_after_dequeue, seed,
                     shared_name, keep_input, enqueue_many, shapes, allow_smaller_final_batch, name, "shuffle_batch")


@export("train.shuffle_batch_join")
def shuffle_batch_join(tensors_list: Any, batch_size: Any, capacity: int, min_after_dequeue: int, seed: int | None = None,
                       enqueue_many: bool = False, shapes: Any = None, allow_smaller_final_batch: bool = False,
                       shared_name: str | None = None, name: str | None = None) -> Any:
    """As `batch_join`, in random order."""
    return _shuffled("shuffle_batch_join", tensors_list, 1, batch_size, capacity, min_after_dequeue, seed, shared_name, True,
                     enqueue_many, shapes, allow_smaller_final_batch, name, "shuffle_batch_join")


@export("train.maybe_shuffle_batch_join")
def maybe_shuffle_batch_join(tensors_list: Any, batch_size: Any, capacity: int, min_after_dequeue: int, keep_input: Any,
                             seed: int | None = None, enqueue_many: bool = False, shapes: Any = None,
                             allow_smaller_final_batch: bool = False, shared_name: str | None = None, name: str | None = None) -> Any:
    """As `shuffle_batch_join`, of those examples for which keep_input is true."""
    return _shuffled("shuffle_batch_join", tensors_list, 1, batch_size, capacity, min_after_dequeue, seed, shared_name, keep_input,
                     enqueue_many, shapes, allow_smaller_final_batch, name, "shuffle_batch_join")
