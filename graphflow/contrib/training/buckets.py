"""tf.contrib.training.bucket: batches of examples that are alike, through a queue for each bucket."""
from __future__ import annotations

import itertools
from typing import Any

import graphflow as tf

from ...core import nest
from ...core.export import export


@export("contrib.training.bucket")
def bucket(tensors: Any, which_bucket: Any, batch_size: Any, num_buckets: int, num_threads: int = 1, capacity: int = 32,
           bucket_capacities: Any = None, shapes: Any = None, dynamic_pad: bool = False, allow_smaller_final_batch: bool = False,
           keep_input: Any = True, shared_name: str | None = None, name: str | None = None) -> tuple[Any, Any]:
    """(number of the bucket, batch of its examples). Queue runners fill it: tf.train.start_queue_runners.

    tensors: a list or dict, one example. which_bucket: int32 scalar in [0, num_buckets). batch_size: a number, or one for each bucket.
    bucket_capacities: of the buckets' queues. shapes: of the tensors where they are not known. dynamic_pad: batches are padded to
    their longest. allow_smaller_final_batch: what is left at the end comes too. keep_input: a boolean scalar; False drops the example.
    Raises ValueError for lists of another length than num_buckets.
    """
    sizes = list(batch_size) if isinstance(batch_size, (list, tuple)) else [batch_size] * num_buckets
    if len(sizes) != num_buckets:
        raise ValueError(f"If batch_size is a list it must have num_buckets elements: {len(sizes)}, not {num_buckets}")
    room = [capacity] * num_buckets if bucket_capacities is None else list(bucket_capacities)
    if len(room) != num_buckets:
        raise ValueError(f"The list bucket_capacities must have exactly num_buckets elements: {len(room)}, not {num_buckets}")
    flat = [tf.convert_to_tensor(t) for t in nest.flatten(tensors)]
    with tf.name_scope(name, "bucket", [*flat, which_bucket]) as name:
        types = [t.dtype.base_dtype for t in flat]
        known = [t.shape for t in flat] if shapes is None else [tf.TensorShape(s) for s in shapes]
        which = tf.convert_to_tensor(which_bucket, tf.int32)
        queues = [tf.PaddingFIFOQueue(n, types, known, name=f"bucket_queue_{i}") if dynamic_pad
                  else tf.FIFOQueue(n, types, known, name=f"bucket_queue_{i}") for i, n in enumerate(room)]
        top = tf.FIFOQueue(capacity, [tf.int32, *types], shared_name=shared_name, name="top_queue")
        _fill(queues, flat, which, keep_input, num_threads)
        batches = []
        for i, (queue, size) in enumerate(zip(queues, sizes)):
            found = queue.dequeue_up_to(size) if allow_smaller_final_batch else queue.dequeue_many(size)
            batches.append(top.enqueue([tf.constant(i), *(found if isinstance(found, (list, tuple)) else [found])]))
        tf.train.add_queue_runner(tf.train.QueueRunner(
            top, batches, queue_closed_exception_types=(tf.errors.OutOfRangeError, tf.errors.CancelledError)))
        tf.summary.scalar("queue/fraction_full", tf.cast(top.size(), tf.float32) / capacity)
        number, *outputs = top.dequeue(name=name)
        for output, shape in zip(outputs, known):
            alike = not allow_smaller_final_batch and all(size is sizes[0] or size == sizes[0] for size in sizes)
            first = tf.get_static_value(tf.convert_to_tensor(sizes[0])) if alike else None
            output.set_shape(tf.TensorShape([first]).concatenate(shape))
        number.set_shape([])
        return number, nest.pack_sequence_as(tensors, outputs)


def _fill(queues: list[Any], flat: list[Any], which: Any, keep_input: Any, num_threads: int) -> None:
    """A runner that puts each example in its bucket's queue, and closes all of them at the end of the input."""
    def put() -> Any:
        return tf.group(*(tf.cond(tf.equal(which, i), lambda queue=queue: _done(queue.enqueue(flat)), lambda: tf.constant(False))
                          for i, queue in enumerate(queues)))

    keep = tf.convert_to_tensor(keep_input, tf.bool)
    enqueue = put() if tf.get_static_value(keep) is True else tf.group(tf.cond(keep, lambda: _done(put()), lambda: tf.constant(False)))
    runner = tf.train.QueueRunner(queues[0], [enqueue] * num_threads, close_op=tf.group(*(q.close() for q in queues)),
                                  cancel_op=tf.group(*(q.close(cancel_pending_enqueues=True) for q in queues)),
                                  queue_closed_exception_types=(tf.errors.OutOfRangeError, tf.errors.CancelledError))
    tf.train.add_queue_runner(runner)


def _done(operation: Any) -> Any:
    with tf.control_dependencies([operation]):
        return tf.constant(True)


@export("contrib.training.bucket_by_sequence_length")
def bucket_by_sequence_length(input_length: Any, tensors: Any, batch_size: Any, bucket_boundaries: Any, num_threads: int = 1,
                              capacity: int = 32, bucket_capacities: Any = None, shapes: Any = None, dynamic_pad: bool = False,
                              allow_smaller_final_batch: bool = False, keep_input: Any = True, shared_name: str | None = None,
                              name: str | None = None) -> tuple[Any, Any]:
    """(lengths, batch) of examples whose lengths lie between the same boundaries; see tf.contrib.training.bucket.

    input_length: int32 scalar. bucket_boundaries: increasing integers: lengths below the first are bucket 0. ValueError for others.
    """
    bounds = list(bucket_boundaries)
    if not bounds:
        raise ValueError("bucket_boundaries must not be empty")
    for a, b in itertools.pairwise(bounds):
        if not (isinstance(a, int) and isinstance(b, int)):
            raise TypeError(f"bucket boundaries must be integers, but saw: {a} and {b}")
        if a >= b:
            raise ValueError(f"Buckets must contain sequential increasing lengths, but saw: {a} before {b}")
    with tf.name_scope(name, "bucket_by_sequence_length", [input_length]) as name:
        length = tf.convert_to_tensor(input_length, tf.int32)
        which = tf.reduce_sum(tf.cast(tf.greater_equal(length, tf.constant(bounds, tf.int32)), tf.int32))
        packed = [length, *nest.flatten(tensors)]
        _, (lengths, *outputs) = bucket(packed, which, batch_size, len(bounds) + 1, num_threads, capacity, bucket_capacities,
                                        None if shapes is None else [[], *shapes], dynamic_pad, allow_smaller_final_batch, keep_input,
                                        shared_name, name)
        return lengths, nest.pack_sequence_as(tensors, outputs)
