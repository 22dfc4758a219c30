"""Several hosts that run one program together: which there are, and which of them this process is.

The xla engine connects them (engines/xla/joined.py); nothing here needs JAX. A session is one of all hosts where its target is the one that
was entered: "" for all sessions of a program that `graphflow run --coordinator` started, a server's target for a program of TF1's clusters.
"""
from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

NO_TRAINERS = ("ps", "evaluator")          # jobs of a cluster whose tasks take no part in the steps
_FIRST = ("chief", "master")


class Hosts(NamedTuple):
    """coordinator: 'host:port' of the first, where all meet. rank: which of `names` this process is; the first is the chief."""
    coordinator: str
    rank: int
    names: tuple[str, ...]

    @property
    def me(self) -> str:
        return self.names[self.rank]


_entered: dict[str, Hosts] = {}            # by target: one at most, since a process meets others once


def enter(hosts: Hosts, target: str = "") -> None:
    """Makes this process one of several hosts, for sessions of `target`. RuntimeError where it is one of others already."""
    for known_target, known in _entered.items():
        if (known_target, known) != (target, hosts):
            raise RuntimeError(f"this process is {known.me} of {len(known.names)} hosts that meet at {known.coordinator}; it cannot be "
                               f"{hosts.me} of {len(hosts.names)} at {hosts.coordinator} too: start another process for that")
    _entered[target] = hosts


def of(target: Any) -> Hosts | None:
    """The hosts that a session of this target is one of; None for a session that is this process's own."""
    text = target.decode() if isinstance(target, bytes) else target
    return _entered.get("") or (_entered.get(text) if text else None)


def is_chief(target: Any) -> bool:
    """Whether a session of this target is that of the first host, or this process's own."""
    hosts = of(target)
    return hosts is None or hosts.rank == 0


def program_wide() -> Hosts | None:
    """The hosts that all run the same lines (`graphflow run --coordinator`), so that the chief's output is enough."""
    return _entered.get("")


def entered() -> Hosts | None:
    """The hosts that this process is one of, for whichever sessions."""
    return next(iter(_entered.values()), None)


def writes() -> bool:
    """Whether this process writes summaries and checkpoints of the program: the chief, or one that runs alone."""
    hosts = program_wide()
    return hosts is None or hosts.rank == 0


def members(cluster: Mapping[str, Sequence[str] | Mapping[int, str]], job: str, task: int) -> Hosts:
    """The tasks of a cluster that take part in steps, as hosts, chief and master first; `task` of `job` is this process.

    They meet at the address of the first, which needs a port of its own.
    """
    jobs = sorted((name for name in cluster if name not in NO_TRAINERS), key=lambda name: (name not in _FIRST, name))
    found = []
    for name in jobs:
        tasks = cluster[name]
        addresses = tasks if isinstance(tasks, Mapping) else dict(enumerate(tasks))
        found += [((name, index), addresses[index]) for index in sorted(addresses)]
    places = [place for place, _ in found]
    return Hosts(found[0][1], places.index((job, int(task))), tuple(f"{name} {index} ({address})" for (name, index), address in found))


def numbered(coordinator: str, index: int, count: int) -> Hosts:
    """`count` processes that know only where the first is. ValueError for an index or address that is none."""
    if not 0 <= index < count:
        raise ValueError(f"process id {index} is not one of 0 to {count - 1}, as there are {count} processes")
    host, colon, port = coordinator.rpartition(":")
    if not host or not colon or not port.isdecimal():
        raise ValueError(f"coordinator {coordinator!r} is not HOST:PORT, the address of process 0")
    return Hosts(coordinator, index, tuple(f"process {i}" for i in range(count)))


def of_tf_config(text: str | None = None) -> tuple[str, Hosts | None]:
    """(the job of this process, its hosts) as TF_CONFIG says; ("", None) where it says nothing of a cluster.

    The hosts are None for a job that takes no part in steps (ps, evaluator) and for a cluster with one trainer. ValueError for a task that
    the cluster does not have.
    """
    settings = json.loads((os.environ.get("TF_CONFIG") if text is None else text) or "{}")
    cluster, task = settings.get("cluster") or {}, settings.get("task") or {}
    if not cluster:
        return "", None
    job, index = str(task.get("type", "")), int(task.get("index", 0))
    if job in NO_TRAINERS:
        return job, None
    if job not in cluster or not 0 <= index < len(cluster[job]):
        raise ValueError(f"TF_CONFIG: task {job!r} {index} is not in its cluster {cluster}")
    hosts = members(cluster, job, index)
    return job, hosts if len(hosts.names) > 1 else None
