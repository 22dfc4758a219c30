"""tf.contrib.learn.RunConfig: tf.estimator's, with the arguments of the time."""
from __future__ import annotations

import hashlib
import json
from typing import Any

import graphflow as tf

from ...core.export import export
from ...estimator.run_config import RunConfig as CoreRunConfig
from ...estimator.run_config import TaskType as CoreTaskType

_HOMES = ("contrib.learn", "contrib.learn.estimators.run_config")


@export("contrib.learn.TaskType", "contrib.learn.estimators.run_config.TaskType")
class TaskType:
    """Names of tasks in TF_CONFIG."""
    MASTER, PS, WORKER = CoreTaskType.MASTER, CoreTaskType.PS, CoreTaskType.WORKER


@export("contrib.learn.Environment", "contrib.learn.estimators.run_config.Environment")
class Environment:
    """Where a process runs."""
    CLOUD, GOOGLE, LOCAL = "cloud", "google", "local"


@export(*(f"{home}.RunConfig" for home in _HOMES))
class RunConfig(CoreRunConfig):
    """Settings of an estimator, as of tf.estimator.RunConfig. num_cores: threads of an operation; gpu_memory_fraction is kept and changes
    nothing. save_checkpoints_secs is not used where save_checkpoints_steps is given.
    """

    def __init__(self, master: Any = None, num_cores: int = 0, log_device_placement: bool = False, gpu_memory_fraction: float = 1,
                 tf_random_seed: int | None = None, save_summary_steps: int = 100, save_checkpoints_secs: Any = 600,
                 save_checkpoints_steps: Any = None, keep_checkpoint_max: int = 5, keep_checkpoint_every_n_hours: float = 10000,
                 log_step_count_steps: int = 100, protocol: str | None = None, evaluation_master: str = "", model_dir: Any = None,
                 session_config: Any = None, session_creation_timeout_secs: float = 7200):
        if save_checkpoints_steps is not None:
            save_checkpoints_secs = None
        if session_config is None and (num_cores or log_device_placement):
            session_config = tf.ConfigProto(log_device_placement=log_device_placement, inter_op_parallelism_threads=num_cores,
                                            intra_op_parallelism_threads=num_cores)
        super().__init__(model_dir=model_dir, tf_random_seed=tf_random_seed, save_summary_steps=save_summary_steps,
                         save_checkpoints_secs=save_checkpoints_secs, save_checkpoints_steps=save_checkpoints_steps,
                         session_config=session_config, keep_checkpoint_max=keep_checkpoint_max,
                         keep_checkpoint_every_n_hours=keep_checkpoint_every_n_hours, log_step_count_steps=log_step_count_steps,
                         protocol=protocol, session_creation_timeout_secs=session_creation_timeout_secs)
        self._gpu_memory_fraction = gpu_memory_fraction
        if master:
            self._master = master
        if evaluation_master:
            self._evaluation_master = evaluation_master

    environment = property(lambda self: Environment.LOCAL)
    tf_config = property(lambda self: self._session_config)

    @staticmethod
    def get_task_id() -> int:
        """The number of this process: there is one."""
        return 0

    def uid(self, whitelist: Any = None) -> str:
        """A text that two configs share if their settings, but the folder, are the same."""
        left = {"_model_dir", "_session_config", *(whitelist or [])}
        shown = {name: repr(value) for name, value in vars(self).items() if name not in left and name.lstrip("_") not in left
                 and name != "_cluster_spec"}
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()
