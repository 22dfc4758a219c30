"""tf.FIFOQueue and its relatives: queues in the graph, through which threads of one session hand elements to each other."""
from __future__ import annotations

import hashlib
from typing import Any

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import as_dtype, int64
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from .. import functions as F
from ..random.seeds import get_seed
from . import queue_ops as ops


@export("QueueBase", "io.QueueBase", "queue.QueueBase")
class QueueBase:
    """Base of queues. An element is a tuple of tensors, one per component, with dtypes, maybe shapes and maybe names.

    Enqueuing waits while the queue is full, dequeuing while it is empty; `close` ends both. A session that is closed ends all waits
    in it with CancelledError.
    """

    def __init__(self, dtypes: Any, shapes: Any, names: Any, queue_ref: Tensor):
        self._dtypes = list(dtypes)
        if shapes is not None:
            if len(shapes) != len(self._dtypes):
                raise ValueError("Queue shapes must have the same length as dtypes, "
                                 f"received len(shapes)={len(shapes)}, len(dtypes)={len(self._dtypes)}")
            self._shapes = [TensorShape(s) for s in shapes]
        else:
            self._shapes = [TensorShape(None) for _ in self._dtypes]
        if names is not None and len(names) != len(self._dtypes):
            raise ValueError("List of names must have the same length as the list of dtypes, "
                             f"received len(names)={len(names)},len(dtypes)={len(self._dtypes)}")
        self._names, self._queue_ref = (list(names) if names else None), queue_ref
        self._name = queue_ref.op.name.rpartition("/")[2]

    queue_ref = property(lambda self: self._queue_ref)
    dtypes = property(lambda self: self._dtypes)
    shapes = property(lambda self: self._shapes)
    names = property(lambda self: self._names)

    @property
    def name(self) -> str:
        """The name of the operation that stands for the queue."""
        return self._queue_ref.op.name

    @staticmethod
    def from_list(index: Any, queues: Any) -> QueueBase:
        """The queue at a position, an int or a scalar int tensor: the run picks it. InvalidArgumentError at run for no position."""
        if not queues or not isinstance(queues, (list, tuple)) or not all(isinstance(q, QueueBase) for q in queues):
            raise TypeError("A list of queues expected")
        if any(q.dtypes != queues[0].dtypes for q in queues):
            raise TypeError("Queues do not have matching component dtypes.")
        if any(q.names != queues[0].names for q in queues):
            raise TypeError("Queues do not have matching component names.")
        merged = [shapes.as_tuple(s) for s in queues[0].shapes]
        for q in queues[1:]:
            merged = [shapes.relax(a, shapes.as_tuple(b)) for a, b in zip(merged, q.shapes)]
        chosen = F.gather(F.stack([q.queue_ref for q in queues]), index)
        return QueueBase(queues[0].dtypes, merged, queues[0].names, chosen)

    def enqueue(self, vals: Any, name: str | None = None) -> Operation:
        """An operation that adds one element: a tensor, a list with one per component, or a dict for a queue with names."""
        with context.default_graph().name_scope(name or f"{self._name}_enqueue") as scope:
            tensors = self._converted(vals)
            for tensor, shape in zip(tensors, self._shapes):
                tensor.shape.assert_is_compatible_with(shape)
            return make(ops.QueueEnqueueV2, self._queue_ref, tensors, name=scope)

    def enqueue_many(self, vals: Any, name: str | None = None) -> Operation:
        """An operation that adds elements: the rows of its tensors."""
        with context.default_graph().name_scope(name or f"{self._name}_EnqueueMany") as scope:
            tensors = self._converted(vals)
            rows = tensors[0].shape.with_rank_at_least(1)[0]
            for tensor, shape in zip(tensors, self._shapes):
                rows = rows.merge_with(tensor.shape.with_rank_at_least(1)[0])
                tensor.shape[1:].assert_is_compatible_with(shape)
            return make(ops.QueueEnqueueManyV2, self._queue_ref, tensors, name=scope)

    def dequeue(self, name: str | None = None) -> Any:
        """The next element: a tensor, a list of tensors if there are several components, or a dict if they have names."""
        return self._element(ops.QueueDequeueV2, (), name or f"{self._name}_Dequeue", None)

    def dequeue_many(self, n: Any, name: str | None = None) -> Any:
        """The next n elements, each component stacked along a new first dimension; waits until there are so many.

        OutOfRangeError at run when the queue is closed and holds fewer.
        """
        return self._element(ops.QueueDequeueManyV2, (n,), name or f"{self._name}_DequeueMany", lambda n: n)

    def dequeue_up_to(self, n: Any, name: str | None = None) -> Any:
        """As dequeue_many; of a closed queue what is left, at least one element."""
        return self._element(ops.QueueDequeueUpToV2, (n,), name or f"{self._name}_DequeueUpTo", lambda n: None)

    def close(self, cancel_pending_enqueues: bool = False, name: str | None = None) -> Operation:
        """An operation that closes the queue, after the enqueues that wait; cancel_pending_enqueues: these fail instead."""
        return make(ops.QueueCloseV2, self._queue_ref, name=name or f"{self._name}_Close",
                    cancel_pending_enqueues=cancel_pending_enqueues)

    def is_closed(self, name: str | None = None) -> Tensor:
        """Whether the queue is closed."""
        return make(ops.QueueIsClosedV2, self._queue_ref, name=name or f"{self._name}_Is_Closed")

    def size(self, name: str | None = None) -> Tensor:
        """How many elements the queue holds, int32."""
        return make(ops.QueueSizeV2, self._queue_ref, name=name or f"{self._name}_Size")

    def _converted(self, vals: Any) -> list[Tensor]:
        if isinstance(vals, dict):
            if not self._names:
                raise ValueError("Queue must have names to enqueue a dictionary")
            if sorted(self._names, key=str) != sorted(vals, key=str):
                raise ValueError("Keys in dictionary to enqueue do not match names of Queue.  "
                                 f"Dictionary: {sorted(vals, key=str)},Queue: {sorted(self._names, key=str)}")
            vals = [vals[name] for name in self._names]
        elif self._names:
            raise ValueError("You must enqueue a dictionary in a Queue with names")
        elif not isinstance(vals, (list, tuple)):
            vals = [vals]
        return [convert_to_tensor(v, dtype, f"component_{i}") for i, (v, dtype) in enumerate(zip(vals, self._dtypes))]

    def _element(self, cls: Any, inputs: tuple[Any, ...], name: str, rows: Any) -> Any:
        tensors = make(cls, self._queue_ref, *inputs, name=name, component_types=tuple(self._dtypes))
        first: tuple[int | None, ...] = ()
        if rows is not None:
            known = constant_value(tensors[0].op.inputs[1])
            first = (rows(None if known is None else int(known)),)
        for tensor, shape in zip(tensors, self._shapes):
            dims = shapes.as_tuple(shape)
            tensor.set_shape(None if dims is None else (*first, *dims))
        if self._names:
            return dict(zip(self._names, tensors))
        return tensors[0] if len(tensors) == 1 else tensors


def _types(types: Any) -> list[Any]:
    return [as_dtype(t).base_dtype for t in (types if isinstance(types, (list, tuple)) else [types])]


def _shapes(given: Any, partial: bool = False) -> list[Any] | None:
    """Shapes of the components; a single one may stand without its list."""
    if given is None and not partial:
        return None
    if partial and (not isinstance(given, (list, tuple)) or not given or any(s is None or isinstance(s, int) for s in given)):
        raise ValueError("When providing partial shapes, a list of shapes must be provided.")
    if isinstance(given, TensorShape):
        given = [given]
    if not isinstance(given, (list, tuple)):
        raise TypeError(f"Shapes must be a TensorShape or a list or tuple of TensorShapes, got {type(given)} instead.")
    if all(not isinstance(s, TensorShape) and (s is None or not hasattr(s, "__len__")) for s in given):
        given = [given]
    found = [TensorShape(s) for s in given]
    if not partial and not all(s.is_fully_defined() for s in found):
        raise ValueError(f"All shapes must be fully defined: {found}")
    if any(s.rank is None for s in found):
        raise ValueError(f"All shapes must have a defined rank: {found}")
    return found


def _name_list(names: Any) -> list[str] | None:
    return None if names is None else list(names) if isinstance(names, (list, tuple)) else [names]


def _stand(cls: Any, capacity: int, types: Any, given: Any, shared_name: str | None, name: str | None, **more: Any) -> Tensor:
    return make(cls, name=name, component_types=tuple(types), capacity=int(capacity),
                shapes=tuple(shapes.as_tuple(s) for s in given or ()), shared_name=shared_name or "", **more)


@export("FIFOQueue", "queue.FIFOQueue")
class FIFOQueue(QueueBase):
    """A queue that gives elements in the order in which they came.

    capacity: how many it holds at most. dtypes, shapes: of the components; with shapes, elements must fit and can be dequeued in
    batches. names: elements are dicts. shared_name: queues of one name are one queue, in each session.
    """

    def __init__(self, capacity: int, dtypes: Any, shapes: Any = None, names: Any = None, shared_name: str | None = None,
                 name: str | None = "fifo_queue"):
        types, given, names = _types(dtypes), _shapes(shapes), _name_list(names)
        super().__init__(types, given, names, _stand(ops.FIFOQueueV2, capacity, types, given, shared_name, name))


@export("PaddingFIFOQueue", "io.PaddingFIFOQueue", "queue.PaddingFIFOQueue")
class PaddingFIFOQueue(QueueBase):
    """A FIFOQueue whose shapes may have unknown sizes (None); batches are padded with zeros to the longest of their elements."""

    def __init__(self, capacity: int, dtypes: Any, shapes: Any, names: Any = None, shared_name: str | None = None,
                 name: str = "padding_fifo_queue"):
        types, given, names = _types(dtypes), _shapes(shapes, partial=True), _name_list(names)
        super().__init__(types, given, names, _stand(ops.PaddingFIFOQueueV2, capacity, types, given, shared_name, name))


@export("RandomShuffleQueue", "io.RandomShuffleQueue", "queue.RandomShuffleQueue")
class RandomShuffleQueue(QueueBase):
    """A queue that gives its elements in random order. min_after_dequeue: how many stay in it, to be mixed, until it is closed."""

    def __init__(self, capacity: int, min_after_dequeue: int, dtypes: Any, shapes: Any = None, names: Any = None,
                 seed: int | None = None, shared_name: str | None = None, name: str = "random_shuffle_queue"):
        types, given, names = _types(dtypes), _shapes(shapes), _name_list(names)
        first, second = get_seed(seed)
        if first is not None and seed is None and shared_name is not None:    # one queue for all who name it: by the name alone
            second = int(hashlib.md5(f"{first}{shared_name}".encode(), usedforsecurity=False).hexdigest()[:8], 16) & 0x7FFFFFFF
        super().__init__(types, given, names, _stand(ops.RandomShuffleQueueV2, capacity, types, given, shared_name, name,
                                                     min_after_dequeue=int(min_after_dequeue), seed=first or 0, seed2=second or 0))


@export("PriorityQueue", "io.PriorityQueue", "queue.PriorityQueue")
class PriorityQueue(QueueBase):
    """A queue that gives the element of the smallest priority first: an int64 scalar before the components of `types`."""

    def __init__(self, capacity: int, types: Any, shapes: Any = None, names: Any = None, shared_name: str | None = None,
                 name: str = "priority_queue"):
        rest, given = _types(types), _shapes(shapes)
        made = _stand(ops.PriorityQueueV2, capacity, rest, given, shared_name, name)
        super().__init__([int64, *rest], [TensorShape([]), *given] if given else given, _name_list(names), made)
