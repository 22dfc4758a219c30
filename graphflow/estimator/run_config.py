"""tf.estimator.RunConfig: how an Estimator trains: its folder, seed, checkpoints, summaries."""
from __future__ import annotations

import copy
import json
import os
from typing import Any

import graphflow as tf

from ..core.export import export

_UNSET = object()
_REPLACEABLE = ("model_dir", "tf_random_seed", "save_summary_steps", "save_checkpoints_steps", "save_checkpoints_secs", "session_config",
                "keep_checkpoint_max", "keep_checkpoint_every_n_hours", "log_step_count_steps", "train_distribute", "device_fn", "protocol",
                "eval_distribute", "experimental_distribute", "experimental_max_worker_delay_secs", "session_creation_timeout_secs")
_BOTH = "`save_checkpoints_steps` and `save_checkpoints_secs` cannot be both set."


class TaskType:
    """Names of tasks in TF_CONFIG."""
    MASTER, PS, WORKER, CHIEF, EVALUATOR = "master", "ps", "worker", "chief", "evaluator"


@export("estimator.RunConfig")
class RunConfig:
    """Settings of an Estimator.

    model_dir: folder of checkpoints and summaries. tf_random_seed: seed of its graphs, None for none. save_summary_steps: summaries every
    so many steps. save_checkpoints_steps or save_checkpoints_secs (600 by default): not both, ValueError; None for no checkpoints.
    session_config: ConfigProto. keep_checkpoint_max: how many checkpoints stay (0: all). log_step_count_steps: speed and loss are logged
    every so many steps. train_distribute and its like are kept but change nothing: graphflow trains in one process.
    """

    def __init__(self, model_dir: Any = None, tf_random_seed: int | None = 1, save_summary_steps: int | None = 100,
                 save_checkpoints_steps: Any = _UNSET, save_checkpoints_secs: Any = _UNSET, session_config: Any = None,
                 keep_checkpoint_max: int | None = 5, keep_checkpoint_every_n_hours: float = 10000, log_step_count_steps: int | None = 100,
                 train_distribute: Any = None, device_fn: Any = None, protocol: str | None = None, eval_distribute: Any = None,
                 experimental_distribute: Any = None, experimental_max_worker_delay_secs: int | None = None,
                 session_creation_timeout_secs: float = 7200):
        steps, secs = save_checkpoints_steps, save_checkpoints_secs
        if steps is _UNSET and secs is _UNSET:
            steps, secs = None, 600
        steps, secs = (None if value is _UNSET else value for value in (steps, secs))
        if steps is not None and secs is not None:
            raise ValueError(_BOTH)
        settings = json.loads(os.environ.get("TF_CONFIG") or "{}")
        if settings:
            tf.logging.info("TF_CONFIG environment variable: %s", settings)
        self._set(model_dir=_folder(settings, model_dir), tf_random_seed=tf_random_seed, save_summary_steps=save_summary_steps,
                  save_checkpoints_steps=steps, save_checkpoints_secs=secs, session_config=session_config,
                  keep_checkpoint_max=keep_checkpoint_max, keep_checkpoint_every_n_hours=keep_checkpoint_every_n_hours,
                  log_step_count_steps=log_step_count_steps, train_distribute=train_distribute, device_fn=device_fn, protocol=protocol,
                  eval_distribute=eval_distribute, experimental_distribute=experimental_distribute,
                  experimental_max_worker_delay_secs=experimental_max_worker_delay_secs,
                  session_creation_timeout_secs=session_creation_timeout_secs)
        self._find_task(settings)

    def _find_task(self, settings: dict[str, Any]) -> None:
        """What TF_CONFIG says of this process: alone, or the only one of its cluster."""
        cluster, task = settings.get("cluster") or {}, settings.get("task") or {}
        self._service = settings.get("service")
        self._cluster_spec = tf.train.ClusterSpec(cluster)
        self._task_type = task.get("type", TaskType.WORKER)
        self._task_id = int(task.get("index", 0))
        self._global_id_in_cluster: int | None = 0
        self._master = settings.get("session_master", "")
        self._evaluation_master = settings.get("eval_session_master", "")
        self._is_chief, self._num_ps_replicas, self._num_worker_replicas = True, 0, 1
        if not cluster:
            if self._task_type != TaskType.WORKER:
                raise ValueError('TF_CONFIG has no "cluster", so its task can be a worker only.')
            if self._task_id != 0:
                raise ValueError('TF_CONFIG has no "cluster", so the index of its task can be 0 only.')
            return
        if not task.get("type"):
            raise ValueError("If `cluster` is set in TF_CONFIG, task type must be set too.")
        if self._task_type == TaskType.EVALUATOR:       # no part of the cluster: reads its checkpoints
            self._cluster_spec, self._is_chief, self._num_worker_replicas = tf.train.ClusterSpec({}), False, 0
            self._global_id_in_cluster = None
        elif sum(len(tasks) for tasks in cluster.values()) != 1 or self._task_type not in cluster:
            raise NotImplementedError(f"TF_CONFIG has the cluster {cluster}, but graphflow trains in one process: leave out 'cluster' and "
                                      "'task', or give a cluster of one chief")

    cluster_spec = property(lambda self: self._cluster_spec)
    device_fn = property(lambda self: self._device_fn)
    eval_distribute = property(lambda self: self._eval_distribute)
    evaluation_master = property(lambda self: self._evaluation_master)
    experimental_max_worker_delay_secs = property(lambda self: self._experimental_max_worker_delay_secs)
    global_id_in_cluster = property(lambda self: self._global_id_in_cluster)
    is_chief = property(lambda self: self._is_chief)
    keep_checkpoint_every_n_hours = property(lambda self: self._keep_checkpoint_every_n_hours)
    keep_checkpoint_max = property(lambda self: self._keep_checkpoint_max)
    log_step_count_steps = property(lambda self: self._log_step_count_steps)
    master = property(lambda self: self._master)
    model_dir = property(lambda self: self._model_dir)
    num_ps_replicas = property(lambda self: self._num_ps_replicas)
    num_worker_replicas = property(lambda self: self._num_worker_replicas)
    protocol = property(lambda self: self._protocol)
    save_checkpoints_secs = property(lambda self: self._save_checkpoints_secs)
    save_checkpoints_steps = property(lambda self: self._save_checkpoints_steps)
    save_summary_steps = property(lambda self: self._save_summary_steps)
    service = property(lambda self: self._service)
    session_config = property(lambda self: self._session_config)
    session_creation_timeout_secs = property(lambda self: self._session_creation_timeout_secs)
    task_id = property(lambda self: self._task_id)
    task_type = property(lambda self: self._task_type)
    tf_random_seed = property(lambda self: self._tf_random_seed)
    train_distribute = property(lambda self: self._train_distribute)

    def replace(self, **kwargs: Any) -> RunConfig:
        """A copy with other values of some settings; ValueError for a name that cannot change, or a value that makes no sense."""
        unknown = [name for name in kwargs if name not in _REPLACEABLE]
        if unknown:
            raise ValueError(f"Replacing {unknown[0]} is not supported. Allowed properties are {_REPLACEABLE}.")
        if kwargs.get("save_checkpoints_steps") is not None and kwargs.get("save_checkpoints_secs") is not None:
            raise ValueError(_BOTH)
        if kwargs.get("save_checkpoints_steps") is not None:
            kwargs["save_checkpoints_secs"] = None
        elif kwargs.get("save_checkpoints_secs") is not None:
            kwargs["save_checkpoints_steps"] = None
        made = copy.deepcopy(self)
        made._set(**kwargs)
        return made

    def _set(self, **values: Any) -> None:
        _check(values)
        for name, value in values.items():
            setattr(self, f"_{name}", value)


def _folder(settings: dict[str, Any], model_dir: Any) -> str | None:
    """The model folder, of the argument or of TF_CONFIG."""
    given = None if model_dir is None else os.fspath(model_dir)
    named = settings.get("model_dir")
    if named and given is not None and named != given:
        raise ValueError(f"two different folders are given: model_dir={given!r} here and {named!r} in TF_CONFIG; leave one out")
    return given if given is not None else named


def _check(values: dict[str, Any]) -> None:
    for name in ("save_summary_steps", "save_checkpoints_steps", "save_checkpoints_secs", "keep_checkpoint_max"):
        if values.get(name) is not None and values[name] < 0:
            raise ValueError(f"{name} should be >= 0")
    for name in ("keep_checkpoint_every_n_hours", "log_step_count_steps", "session_creation_timeout_secs"):
        if values.get(name) is not None and values[name] <= 0:
            raise ValueError(f"{name} should be > 0")
    if values.get("model_dir", "unset") == "":
        raise ValueError("model_dir should be non-empty")
    if values.get("session_config") is not None and not isinstance(values["session_config"], tf.ConfigProto):
        raise ValueError("session_config must be instance of ConfigProto")
    seed = values.get("tf_random_seed")
    if seed is not None and not hasattr(seed, "__index__"):
        raise ValueError("tf_random_seed must be integer.")
    device_fn = values.get("device_fn")
    if device_fn is not None and not callable(device_fn):
        raise ValueError("device_fn must be callable with exactly one argument.")
