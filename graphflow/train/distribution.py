"""tf.distribute's strategies in terms of a mesh: all devices, and all hosts, are one replica that computes on the whole batch.

TensorFlow runs a program's step once per device, on a part of the batch each, and the program puts losses and gradients together again.
Here XLA's partitioner splits one step over the devices (docs/xla.md, docs/many_machines.md), so that a step runs once,
`num_replicas_in_sync` is 1, and what `reduce` and `all_reduce` put together is whole already.
"""
from __future__ import annotations

import contextlib
import enum
import importlib.util
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ..core import context
from ..core.export import export
from ..core.nest import map_structure
from ..data.dataset import Dataset
from ..ops import functions as F
from ..platform import tf_logging as logging
from ..platform.behavior import executing_eagerly
from ..runtime import engines, hosts

_now = threading.local()


@export("distribute.ReduceOp")
class ReduceOp(enum.Enum):
    """How values of replicas become one."""
    SUM = "SUM"
    MEAN = "MEAN"

    @staticmethod
    def from_variable_aggregation(aggregation: Any) -> ReduceOp:
        """SUM or MEAN for a variable's aggregation of that name; ValueError for another."""
        name = getattr(aggregation, "name", aggregation)
        if name not in ("SUM", "MEAN"):
            raise ValueError(f"Could not convert from `tf.VariableAggregation` {aggregation} to `tf.distribute.ReduceOp` type")
        return ReduceOp(name)


def _stack() -> list[tuple[Strategy, ReplicaContext | None]]:
    """The strategies that this thread is in, each with the replica if it is in one."""
    found: list[tuple[Strategy, ReplicaContext | None]] | None = getattr(_now, "stack", None)
    if found is None:
        found = _now.stack = []
    return found


@contextlib.contextmanager
def _in(strategy: Strategy, replica: ReplicaContext | None) -> Iterator[Any]:
    stack = _stack()
    stack.append((strategy, replica))
    try:
        yield strategy
    finally:
        stack.pop()


@export("distribute.ReplicaContext")
class ReplicaContext:
    """What a function that a strategy runs knows of its replica, which is the only one."""

    def __init__(self, strategy: Strategy, replica_id_in_sync_group: int = 0):
        self._strategy, self._id = strategy, replica_id_in_sync_group

    strategy = property(lambda self: self._strategy)
    num_replicas_in_sync = property(lambda self: 1)
    replica_id_in_sync_group = property(lambda self: self._id)

    def all_reduce(self, reduce_op: Any, value: Any, options: Any = None) -> Any:
        """The values themselves: they are of the whole batch."""
        _operation(reduce_op)
        return value

    def merge_call(self, merge_fn: Callable[..., Any], args: Any = (), kwargs: Any = None) -> Any:
        """merge_fn(strategy, *args), outside of the replica."""
        with _in(self._strategy, None):
            return merge_fn(self._strategy, *args, **(kwargs or {}))

    def __enter__(self) -> None:
        _stack().append((self._strategy, self))

    def __exit__(self, *_: object) -> None:
        _stack().pop()


def _operation(reduce_op: Any) -> ReduceOp:
    """A ReduceOp, of its name too. ValueError for another word."""
    return reduce_op if isinstance(reduce_op, ReduceOp) else ReduceOp(str(reduce_op).upper())


@export("distribute.Strategy")
class Strategy:
    """Base of the strategies; by itself, the one that programs are in which choose none. extended is kept for subclasses and unused."""

    def __init__(self, extended: Any = None):
        self.extended = extended

    num_replicas_in_sync = property(lambda self: 1)

    def scope(self) -> Any:
        """Context manager: this strategy is the current one; variables made inside are as elsewhere."""
        return _in(self, None)

    def run(self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None, options: Any = None) -> Any:
        """fn(*args, **kwargs), called once, on the whole batch."""
        with _in(self, ReplicaContext(self)):
            return fn(*args, **(kwargs or {}))

    experimental_run_v2 = run

    def experimental_run(self, fn: Callable[..., Any], input_iterator: Any = None) -> Any:
        """fn of the iterator's next element, or of nothing."""
        return self.run(fn, () if input_iterator is None else (input_iterator.get_next(),))

    def reduce(self, reduce_op: Any, value: Any, axis: int | None = None) -> Any:
        """A value over replicas: the value. Along an axis too: its sum or mean there, of tensors in any nesting."""
        how = _operation(reduce_op)
        if axis is None:
            return value
        function = F.reduce_sum if how is ReduceOp.SUM else F.reduce_mean
        return map_structure(lambda one: function(one, axis=axis), value)

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        """A value for each replica: one."""
        return (value,)

    unwrap = experimental_local_results

    def experimental_distribute_dataset(self, dataset: Any, options: Any = None) -> Any:
        """The dataset; of several hosts, with each batch's part for this one: its rows, a share of the same size each."""
        group = hosts.program_wide()
        if group is None:
            return dataset
        if not isinstance(dataset, Dataset):
            raise TypeError(f"a tf.data.Dataset is needed to split its batches over hosts, not {type(dataset).__name__}")
        count, rank = len(group.names), group.rank

        def part(*elements: Any) -> Any:
            shares = map_structure(lambda batch: _share(batch, rank, count), elements)
            return shares if len(shares) > 1 else shares[0]

        return dataset.map(part)

    def make_dataset_iterator(self, dataset: Any) -> Any:
        """An iterator over the dataset's batches, to be initialized (its `initializer`, or `initialize()`)."""
        return self.experimental_distribute_dataset(dataset).make_initializable_iterator()

    def experimental_make_numpy_dataset(self, numpy_input: Any, session: Any = None) -> Any:
        """A dataset of the rows of arrays."""
        return Dataset.from_tensor_slices(numpy_input)

    def update_config_proto(self, config_proto: Any) -> Any:
        """The ConfigProto as it is."""
        return config_proto


def _share(batch: Any, rank: int, count: int) -> Any:
    rows = F.shape(batch)[0] // count
    return batch[rank * rows:(rank + 1) * rows]


@export("distribute.OneDeviceStrategy")
class OneDeviceStrategy(Strategy):
    """Everything on one device; `device` is recorded on what the scope makes."""

    def __init__(self, device: str):
        super().__init__()
        self._device = device

    @contextlib.contextmanager
    def scope(self) -> Iterator[Any]:
        with _in(self, None), context.default_graph().device(self._device):
            yield self


@export("distribute.MirroredStrategy")
class MirroredStrategy(Strategy):
    """A batch split over the devices of this machine: on the xla engine a mesh "data=<devices>" where none is given, else one CPU.

    devices: their names; only how many there are counts. cross_device_ops: XLA chooses them itself. ValueError for more devices than there
    are, when a session begins.
    """

    def __init__(self, devices: Any = None, cross_device_ops: Any = None):
        super().__init__()
        if engines.choose(None) == "xla" and not engines.chosen(None)[1]:
            count = len(devices) if devices else engines.load("xla").local_devices()
            if count > 1:
                engines.program_mesh = f"data={count}"
        elif devices and len(devices) > 1:
            logging.warning("MirroredStrategy: %d devices are named, but this program's engine computes on one CPU; GRAPHFLOW_ENGINE=xla "
                            "uses several devices", len(devices))


@export("distribute.experimental.MultiWorkerMirroredStrategy")
class MultiWorkerMirroredStrategy(Strategy):
    """Batches of several hosts, which TF_CONFIG names; sessions then run on the xla engine, together with those of the other hosts.

    communication, cluster_resolver: XLA and TF_CONFIG decide. NotImplementedError for several workers without JAX or in eager execution.
    """

    def __init__(self, communication: Any = None, cluster_resolver: Any = None):
        super().__init__()
        _, group = hosts.of_tf_config()
        if group is None:
            return
        if importlib.util.find_spec("jax") is None:
            raise NotImplementedError(f"MultiWorkerMirroredStrategy: a cluster of {len(group.names)} workers needs JAX: python -m pip "
                                      "install 'graphflow-tf1[xla]'")
        if executing_eagerly():
            raise NotImplementedError("MultiWorkerMirroredStrategy: several workers train in graph mode only; leave out "
                                      "tf.enable_eager_execution(), or run each worker alone")
        hosts.enter(group)


_default = Strategy()


@export("distribute.get_strategy")
def get_strategy() -> Strategy:
    """The strategy whose scope or run this is; else one that does nothing."""
    return _stack()[-1][0] if _stack() else _default


@export("distribute.has_strategy")
def has_strategy() -> bool:
    """Whether this is in a strategy's scope or run."""
    return bool(_stack())


@export("distribute.get_replica_context")
def get_replica_context() -> ReplicaContext | None:
    """The replica that this runs in; None in a scope outside of `run`."""
    return _stack()[-1][1] if _stack() else ReplicaContext(_default)


@export("distribute.in_cross_replica_context")
def in_cross_replica_context() -> bool:
    """Whether this is in a scope and in no replica."""
    return get_replica_context() is None
