"""replica_device_setter: variables on parameter servers, in turn, and the rest on the worker."""
from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from ..core.device import DeviceSpec
from ..core.export import export
from ..formats import proto
from ..platform import tf_logging as logging
from .cluster import ClusterSpec

HELD_BY_SERVERS = (
    "Variable", "VariableV2", "AutoReloadVariable", "MutableHashTable", "MutableHashTableV2", "MutableHashTableOfTensors",
    "MutableHashTableOfTensorsV2", "MutableDenseHashTable", "MutableDenseHashTableV2", "VarHandleOp",
    "BoostedTreesEnsembleResourceHandleOp", "BoostedTreesQuantileStreamResourceHandleOp", "ResourceConditionalAccumulator",
    "DecisionTreeResource",
)


@export("train.replica_device_setter")
def replica_device_setter(ps_tasks: int = 0, ps_device: str = "/job:ps", worker_device: str = "/job:worker", merge_devices: bool = True,
                          cluster: Any = None, ps_ops: Sequence[str] | None = None, ps_strategy: Callable[[Any], int] | None = None) -> Any:
    """A function for `tf.device` that puts variables and tables on the tasks of ps_device in turn, other operations on worker_device.

    ps_tasks: how many there are, or cluster, a ClusterSpec or what makes one; None is returned where there are none. ps_ops: the op
    types that servers hold. ps_strategy(op): the task for one. Devices are names here: everything runs in one process.
    TypeError for a cluster or strategy of another kind.
    """
    if cluster is not None:
        jobs = ClusterSpec(cluster)
        job = DeviceSpec.from_string(ps_device).job
        if job not in jobs.jobs:
            return None
        ps_tasks = jobs.num_tasks(job or "")
    if ps_tasks == 0:
        return None
    if not merge_devices:
        logging.warning("DEPRECATION: It is recommended to set merge_devices=true in replica_device_setter")
    if ps_strategy is not None and not callable(ps_strategy):
        raise TypeError("ps_strategy must be callable")
    turns = itertools.count()
    strategy = ps_strategy or (lambda op: next(turns) % ps_tasks)
    held = frozenset(HELD_BY_SERVERS if ps_ops is None else ps_ops)

    def device_of(op: Any) -> str:
        if not merge_devices and op.device:
            return str(op.device)
        own = DeviceSpec.from_string(op.device or "")
        if (op.op if isinstance(op, proto.NodeDef) else op.type) in held and ps_device:
            server = DeviceSpec.from_string(ps_device)
            if server.job and (not own.job or own.job == server.job):
                server = server.replace(task=strategy(op))
            return server.make_merged_spec(own).to_string()
        return DeviceSpec.from_string(worker_device or "").make_merged_spec(own).to_string()

    return device_of
