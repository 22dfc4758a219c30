"""tf.contrib.tpu.RunConfig and TPUConfig: kept for programs that build them whether or not there is a TPU."""
from __future__ import annotations

from typing import Any, NamedTuple

import graphflow as tf

from ...core.export import export
from ...estimator.run_config import RunConfig as CoreRunConfig

_HOMES = ("contrib.tpu", "contrib.tpu.tpu_config", "contrib.tpu.tpu_estimator")


@export(*(f"{home}.InputPipelineConfig" for home in _HOMES))
class InputPipelineConfig:
    """How many input pipelines a TPU's hosts have."""
    PER_SHARD_V1, PER_HOST_V1, PER_HOST_V2, BROADCAST, SLICED = 1, 2, 3, 4, 5


class _TPU(NamedTuple):
    iterations_per_loop: int
    num_shards: int | None
    num_cores_per_replica: int | None
    per_host_input_for_training: Any
    tpu_job_name: str | None
    initial_infeed_sleep_secs: int | None
    input_partition_dims: Any
    eval_training_input_configuration: Any
    experimental_host_call_every_n_steps: int


@export(*(f"{home}.TPUConfig" for home in _HOMES))
class TPUConfig(_TPU):
    """Settings of a TPU; they change nothing here. ValueError for less than one iteration."""
    __slots__ = ()

    def __new__(cls, iterations_per_loop: int = 2, num_shards: int | None = None, num_cores_per_replica: int | None = None,
                per_host_input_for_training: Any = True, tpu_job_name: str | None = None, initial_infeed_sleep_secs: int | None = None,
                input_partition_dims: Any = None, eval_training_input_configuration: Any = InputPipelineConfig.PER_HOST_V1,
                experimental_host_call_every_n_steps: int = 1) -> Any:
        for name, value in (("iterations_per_loop", iterations_per_loop), ("num_shards", num_shards)):
            if value is not None and value < 1:
                raise ValueError(f"{name} of TPUConfig must be at least 1, given: {value}")
        return super().__new__(cls, iterations_per_loop, num_shards, num_cores_per_replica, per_host_input_for_training, tpu_job_name,
                               initial_infeed_sleep_secs, input_partition_dims, eval_training_input_configuration,
                               experimental_host_call_every_n_steps)


@export(*(f"{home}.RunConfig" for home in _HOMES))
class RunConfig(CoreRunConfig):
    """tf.estimator.RunConfig with a TPUConfig. cluster: NotImplementedError unless None, as there is no TPU."""

    def __init__(self, tpu_config: Any = None, evaluation_master: Any = None, master: Any = None, cluster: Any = None, **kwargs: Any):
        if cluster is not None:
            raise NotImplementedError("RunConfig(cluster=...) is for TPUs, and there are none here: give cluster=None")
        super().__init__(**kwargs)
        self._tpu_config, self._cluster = tpu_config or TPUConfig(), None
        self._master = master or ""
        self._evaluation_master = evaluation_master or self._master

    tpu_config = property(lambda self: self._tpu_config)
    cluster = property(lambda self: self._cluster)

    def replace(self, **kwargs: Any) -> Any:
        """A copy with other values of some settings."""
        tpu_config = kwargs.pop("tpu_config", None)
        made: Any = super().replace(**kwargs)
        if tpu_config is not None:
            made._tpu_config = tpu_config
        return made


@export("contrib.tpu.CrossShardOptimizer")
class CrossShardOptimizer(tf.train.Optimizer):
    """The optimizer itself: there is one shard, whose gradients are all there are."""

    def __init__(self, opt: Any, reduction: str = tf.losses.Reduction.MEAN, name: str = "CrossShardOptimizer",
                 group_assignment: Any = None):
        super().__init__(False, name)
        self._opt = opt

    def compute_gradients(self, loss: Any, var_list: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The optimizer's."""
        return self._opt.compute_gradients(loss, var_list, *args, **kwargs)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: Any = None) -> Any:
        """The optimizer's."""
        return self._opt.apply_gradients(grads_and_vars, global_step, name)

    def get_slot(self, *args: Any, **kwargs: Any) -> Any:
        """The optimizer's."""
        return self._opt.get_slot(*args, **kwargs)

    def get_slot_names(self, *args: Any, **kwargs: Any) -> Any:
        """The optimizer's."""
        return self._opt.get_slot_names(*args, **kwargs)

    def variables(self) -> Any:
        """The optimizer's."""
        return self._opt.variables()
