"""Clusters as TF1 names them: which tasks there are, and the server that a process is in one."""
from __future__ import annotations

import importlib.util
import threading
from collections.abc import Mapping
from typing import Any

from ..core.export import export
from ..formats import proto
from ..platform import tf_logging as logging
from ..runtime import hosts


@export("train.ClusterSpec")
class ClusterSpec:
    """{job: addresses} or {job: {task index: address}}, 'host:port' each; also from another ClusterSpec or a ClusterDef.

    TypeError for other things.
    """

    def __init__(self, cluster: Any):
        self._jobs: dict[str, dict[int, str]] = {}
        if isinstance(cluster, ClusterSpec):
            self._jobs = {job: dict(tasks) for job, tasks in cluster._jobs.items()}
        elif isinstance(cluster, proto.ClusterDef):
            self._jobs = {job.name: dict(job.tasks) for job in cluster.job}
        elif isinstance(cluster, Mapping):
            for job, tasks in cluster.items():
                self._jobs[_text(job, "The name of a job")] = _tasks(job, tasks)
        else:
            raise TypeError("`cluster` must be a dictionary mapping one or more job names to lists of network addresses, or a `ClusterDef` "
                            f"protocol buffer, not {cluster!r}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClusterSpec) and self._jobs == other._jobs

    def __hash__(self) -> int:
        return hash(str(sorted(self._jobs)))

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def __repr__(self) -> str:
        return f"ClusterSpec({self.as_dict()!r})"

    @property
    def jobs(self) -> list[str]:
        """The jobs' names."""
        return list(self._jobs)

    def as_dict(self) -> dict[str, Any]:
        """{job: list of addresses}, or {job: {task index: address}} where indices are missing."""
        return {job: list(tasks.values()) if sorted(tasks) == list(range(len(tasks))) else dict(tasks) for job, tasks in self._sorted()}

    def as_cluster_def(self) -> Any:
        """The ClusterDef message."""
        return proto.ClusterDef(job=[proto.JobDef(name=job, tasks=tasks) for job, tasks in self._sorted()])

    def _sorted(self) -> list[tuple[str, dict[int, str]]]:
        return [(job, dict(sorted(self._jobs[job].items()))) for job in sorted(self._jobs)]

    def num_tasks(self, job_name: str) -> int:
        """How many tasks a job has; ValueError for an unknown job."""
        return len(self._of(job_name))

    def task_indices(self, job_name: str) -> list[int]:
        """The job's task indices, ascending."""
        return sorted(self._of(job_name))

    def task_address(self, job_name: str, task_index: int) -> str:
        """'host:port' of a task; ValueError for an unknown job or index."""
        tasks = self._of(job_name)
        if task_index not in tasks:
            raise ValueError(f"No task with index {task_index!r} in job {job_name!r}")
        return tasks[task_index]

    def job_tasks(self, job_name: str) -> list[str | None]:
        """Addresses by task index, None where an index is missing."""
        tasks = self._of(job_name)
        return [tasks.get(i) for i in range(max(tasks, default=-1) + 1)]

    def _of(self, job_name: str) -> dict[int, str]:
        if job_name not in self._jobs:
            raise ValueError(f"No such job in cluster: {job_name!r}")
        return self._jobs[job_name]


def _text(value: Any, what: str) -> str:
    if isinstance(value, bytes):
        return value.decode()
    if not isinstance(value, str):
        raise TypeError(f"{what} must be bytes or unicode string, not {value!r}")
    return value


def _tasks(job: Any, tasks: Any) -> dict[int, str]:
    if isinstance(tasks, Mapping):
        if not all(isinstance(i, int) for i in tasks):
            raise TypeError(f"The keys in the tasks dictionary for job {job!r} must be integers")
        numbered = dict(tasks)
    elif isinstance(tasks, (list, tuple)):
        numbered = dict(enumerate(tasks))
    else:
        raise TypeError(f"The tasks for job {job!r} must be a list or dictionary of addresses, not {tasks!r}")
    return {i: _text(address, f"Task address of job {job!r}") for i, address in numbered.items()}


@export("train.Server")
class Server:
    """A task of a cluster.

    A worker's sessions with `target` run together with those of the other workers, on the xla engine: a run that changes variables is
    one of all workers, with the batches of all; training is synchronous (docs/many_machines.md). One worker alone runs in its
    process. Variables are with the workers, so that parameter servers have nothing to do.

    server_or_cluster_def: a ClusterSpec (or what makes one), a ClusterDef or a ServerDef; job_name and task_index: which task this is,
    needed where the cluster has several. config: a ConfigProto. NotImplementedError for several workers without JAX.
    """

    def __init__(self, server_or_cluster_def: Any, job_name: str | None = None, task_index: int | None = None, protocol: str | None = None,
                 config: Any = None, start: bool = True):
        given = server_or_cluster_def
        if isinstance(given, proto.ServerDef):
            cluster = ClusterSpec(given.cluster)
            job_name, protocol = job_name or given.job_name, protocol or given.protocol
            task_index = given.task_index if task_index is None else task_index
        else:
            try:
                cluster = ClusterSpec(given)
            except TypeError:
                raise TypeError("Could not convert `server_or_cluster_def` to a tf.train.ServerDef or tf.train.ClusterSpec: "
                                f"{given!r}") from None
        job_name, task_index = _which(cluster, job_name, task_index)
        address = cluster.task_address(job_name, task_index)
        workers = sum(cluster.num_tasks(job) for job in cluster.jobs if job not in hosts.NO_TRAINERS)
        if workers > 1 and importlib.util.find_spec("jax") is None:
            raise NotImplementedError(f"tf.train.Server: a cluster of {workers} workers needs JAX: python -m pip install "
                                      "'graphflow-tf1[xla]'. Without it: one worker, and any number of ps tasks.")
        self._def = proto.ServerDef(cluster=cluster.as_cluster_def(), job_name=job_name, task_index=task_index, protocol=protocol or "grpc")
        if config is not None:
            self._def.default_session_config.CopyFrom(config)
        self._target = f"{self._def.protocol}://localhost:{address.rpartition(':')[2]}"
        if workers > 1 and job_name not in hosts.NO_TRAINERS:
            hosts.enter(hosts.members(cluster.as_dict(), job_name, task_index), self._target)
        if start:
            self.start()

    def start(self) -> None:
        """Nothing is listened to; a parameter server says that it has nothing to do."""
        if self._def.job_name == "ps":
            logging.warning("Parameter server %d is not needed: variables are with the workers. Its join() ends at once.",
                            self._def.task_index)

    def join(self) -> None:
        """Of a parameter server, nothing, so that its program ends; of another task, waits for ever, until the process is ended."""
        if self._def.job_name == "ps":
            return
        nothing = threading.Event()
        while not nothing.wait(3600):
            continue

    @property
    def server_def(self) -> Any:
        """The ServerDef message."""
        return self._def

    @property
    def target(self) -> str:
        """What `tf.Session(target)` takes; such a session is one of all workers."""
        return self._target

    @staticmethod
    def create_local_server(config: Any = None, start: bool = True) -> Server:
        """A server of a cluster that is this process only."""
        return Server({"local": ["localhost:0"]}, protocol="grpc", config=config, start=start)


def _which(cluster: ClusterSpec, job_name: str | None, task_index: int | None) -> tuple[str, int]:
    if job_name is None:
        if len(cluster.jobs) != 1:
            raise ValueError("Must specify an explicit `job_name` where the cluster has several jobs: " + ", ".join(cluster.jobs))
        job_name = cluster.jobs[0]
    if task_index is None:
        if cluster.num_tasks(job_name) != 1:
            raise ValueError(f"Must specify an explicit `task_index`: job {job_name!r} has {cluster.num_tasks(job_name)} tasks")
        task_index = cluster.task_indices(job_name)[0]
    return job_name, task_index
