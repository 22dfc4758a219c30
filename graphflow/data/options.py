"""tf.data.Options: how a dataset is to be computed. Here they change nothing of what it gives, nor how fast."""
from __future__ import annotations

from typing import Any, ClassVar

from ..core.export import export


class _Wishes:
    """Attributes that are None until a program sets them."""

    def __init__(self) -> None:
        for name in self.names:
            setattr(self, name, None)

    names: ClassVar[tuple[str, ...]] = ()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


@export("data.experimental.ThreadingOptions")
class ThreadingOptions(_Wishes):
    """Numbers of threads that a pipeline may use."""
    names = ("max_intra_op_parallelism", "private_threadpool_size")


@export("data.experimental.DistributeOptions")
class DistributeOptions(_Wishes):
    """How a pipeline is split among workers."""
    names = ("auto_shard", "num_devices")


@export("data.experimental.MapVectorizationOptions")
class MapVectorizationOptions(_Wishes):
    """Whether maps before batches may work on whole batches."""
    names = ("enabled", "use_choose_fastest")


@export("data.experimental.StatsOptions")
class StatsOptions(_Wishes):
    """Which figures of a pipeline are gathered: none here."""
    names = ("aggregator", "counter_prefix", "latency_all_edges", "prefix")


@export("data.experimental.OptimizationOptions")
class OptimizationOptions(_Wishes):
    """Which rewritings of a pipeline are allowed."""
    names = ("apply_default_optimizations", "autotune", "autotune_algorithm", "autotune_buffers", "autotune_cpu_budget", "filter_fusion",
             "filter_with_random_uniform_fusion", "hoist_random_uniform", "map_and_batch_fusion", "map_and_filter_fusion", "map_fusion",
             "map_parallelization", "noop_elimination", "parallel_batch", "shuffle_and_repeat_fusion")

    def __init__(self) -> None:
        super().__init__()
        self.map_vectorization = MapVectorizationOptions()


@export("data.Options")
class Options:
    """Wishes about threads, order and rewriting, as attributes (`options.experimental_deterministic = True`).

    graphflow keeps them and gives elements in order in any case; there is nothing to tune by them.
    """

    def __init__(self) -> None:
        self.experimental_deterministic: Any = None
        self.experimental_slack: Any = None
        self.experimental_stateful_whitelist: Any = None
        self.experimental_distribute, self.experimental_optimization = DistributeOptions(), OptimizationOptions()
        self.experimental_stats, self.experimental_threading = StatsOptions(), ThreadingOptions()

    def merge(self, options: Options) -> Options:
        """These options and others. ValueError where both set one, to different values."""
        return _merged(_merged(Options(), self), options)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Options) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


def _merged(into: Any, other: Any) -> Any:
    """`into`, with what `other` sets besides."""
    for name, value in vars(other).items():
        before = getattr(into, name, None)
        if isinstance(value, _Wishes):
            setattr(into, name, _merged(before if isinstance(before, type(value)) else type(value)(), value))
        elif before is not None and value is not None and before != value:
            raise ValueError(f"Cannot merge incompatible values of option: {name}")
        elif value is not None or before is None:
            setattr(into, name, value)
    return into
