"""The hosts of a program, connected by JAX: what they agree on, what they get from the chief, and what is said when one is gone.

Steps themselves need none of this: XLA's collectives (gloo on CPUs, NCCL on GPUs) do the work. The coordinator, which is a process beside
the chief's so that it outlives it, keeps what hosts say to each other before a plan runs for the first time, and who is alive. A host whose
process ends breaks the connections of the others, whose step then fails at once; one that cannot be reached any more is missed by
heartbeats. A thread looks who has left while a step waits, and ends the process, with an error that names the host, if the step does not.
"""
from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from jax._src import distributed
from jax._src.lib import _jax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from ....core import errors
from ...hosts import Hosts, entered
from .values import x64

PATIENCE = 600.0        # seconds until a host that is alive has to come to the same run
_GRACE = 5.0            # seconds that a step which waits for a lost host has to fail by itself
_CHUNK = 1 << 26        # bytes that go from the chief to the others at once
# The coordinator: lives until its input ends, and then as long as others may need it to learn that the chief has died.
_COORDINATOR = """
import sys, time
from jaxlib import _jax
address, count, heartbeat, wait = sys.argv[1], *map(int, sys.argv[2:])
service = _jax.get_distributed_runtime_service(address, count, heartbeat_timeout=heartbeat, cluster_register_timeout=wait,
                                               shutdown_timeout=heartbeat, recoverable=True)
time.sleep(1 if sys.stdin.read() else 2 * heartbeat + 10)
service.shutdown()
"""
_met: dict[Hosts, Joined] = {}


def seconds(name: str, default: float) -> float:
    """A time of the environment."""
    return float(os.environ.get(name) or default)


def join(hosts: Hosts) -> Joined:
    """Connects this process with the others, once; waits until all are there."""
    if hosts not in _met:
        _met[hosts] = Joined(hosts)
    return _met[hosts]


def local_devices() -> list[Any]:
    """JAX's devices of this process; where it is one of several hosts they meet first, as JAX asks for."""
    hosts = entered()
    if hosts is not None:
        join(hosts)
    return list(jax.local_devices())


class Joined:
    """This process among its hosts. heartbeat: seconds without a sign of life after which a host is lost (GRAPHFLOW_HEARTBEAT, 30)."""

    def __init__(self, hosts: Hosts):
        self.hosts, self.heartbeat = hosts, max(1, round(seconds("GRAPHFLOW_HEARTBEAT", 30)))
        self.others = [rank for rank in range(len(hosts.names)) if rank != hosts.rank]
        self.gone = ""                           # of a host that is lost: which, and why
        self.waiting = self.steps = 0            # how many runs of all hosts are under way here, and were begun
        self.agreed = 0
        self.ended = threading.Event()
        self.coordinator: subprocess.Popen[bytes] | None = None
        self.client = self._connect()
        firsts: dict[int, Any] = {}
        for device in jax.devices():
            firsts.setdefault(device.process_index, device)
        mesh = Mesh(np.array([firsts[rank] for rank in range(len(hosts.names))]), ("hosts",))
        self.apart, self.alike = NamedSharding(mesh, PartitionSpec("hosts")), NamedSharding(mesh, PartitionSpec())
        self._first = jax.jit(lambda rows: rows[0], out_shardings=self.alike)
        self.watcher = threading.Thread(target=self._watch, name="graphflow-hosts", daemon=True)
        self.watcher.start()
        atexit.register(self.leave)

    def _connect(self) -> Any:
        """As jax.distributed.initialize does it, which keeps the coordinator in the chief's process."""
        hosts, count, state = self.hosts, len(self.hosts.names), distributed.global_state
        wait = round(seconds("GRAPHFLOW_JOIN_TIMEOUT", 300))
        jax.config.update("jax_cpu_collectives_implementation", os.environ.get("JAX_CPU_COLLECTIVES_IMPLEMENTATION") or "gloo")
        if hosts.rank == 0:
            port = hosts.coordinator.rpartition(":")[2]
            numbers = [str(count), str(self.heartbeat), str(wait)]
            self.coordinator = subprocess.Popen([sys.executable, "-c", _COORDINATOR, f"[::]:{port}", *numbers], stdin=subprocess.PIPE,
                                                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2")})
        client = _jax.get_distributed_runtime_client(
            hosts.coordinator, hosts.rank, init_timeout=wait, shutdown_timeout=self.heartbeat, heartbeat_timeout=self.heartbeat,
            shutdown_on_destruction=False, use_compression=True)
        state.client, state.coordinator_address, state.process_id, state.num_processes = client, hosts.coordinator, hosts.rank, count
        try:
            client.connect()
        except Exception as error:
            raise errors.DeadlineExceededError(None, None, (
                f"{hosts.me}: not all of {count} hosts met at {hosts.coordinator} within {wait} s ({', '.join(hosts.names)}). Start all of "
                "them with the same coordinator and number of processes; GRAPHFLOW_JOIN_TIMEOUT=SECONDS changes the time. "
                f"{error}")) from None
        return client

    def leave(self) -> None:
        """Says that this process has ended its program. The chief, beside which the coordinator is, waits for the others to do so."""
        self.ended.set()
        self.watcher.join(2 * self.heartbeat)        # Python must not end while a thread is in JAX's code
        with contextlib.suppress(Exception):
            self.client.key_value_set(f"graphflow/left/{self.hosts.rank}", "1")
            for rank in self.others if self.coordinator is not None else ():
                while not self._has_left(rank) and self._alive([rank]):
                    time.sleep(0.2)
        with contextlib.suppress(Exception):
            self.client.shutdown()
        distributed.global_state.client = None
        if self.coordinator is not None:
            with contextlib.suppress(OSError):
                self.coordinator.communicate(b"ended")

    # -- what hosts agree on
    def agree(self, what: str) -> None:
        """Waits until every host says the same of the run that comes; FailedPreconditionError where one says something else."""
        number, self.agreed = self.agreed, self.agreed + 1
        for rank, said in enumerate(self.told(f"graphflow/run/{number}", what)):
            if said != what:
                raise errors.FailedPreconditionError(None, None, (
                    f"{self.hosts.me} and {self.hosts.names[rank]} are not at the same run. Every host has to make the same runs that "
                    f"change variables, in the same order, with batches of the same size.\n  here:  {what}\n  there: {said}"))

    def told(self, key: str, mine: str) -> list[str]:
        """What each host says under a key."""
        self.client.key_value_set(f"{key}/{self.hosts.rank}", mine)
        return [mine if rank == self.hosts.rank else self._of(rank, f"{key}/{rank}", mine) for rank in range(len(self.hosts.names))]

    def _of(self, rank: int, key: str, mine: str) -> str:
        begin = time.monotonic()
        while True:
            try:
                return str(self.client.blocking_key_value_get(key, 1000))
            except Exception as error:
                if "DEADLINE_EXCEEDED" not in str(error):
                    raise self.lost(error) from None
            name = self.hosts.names[rank]
            if self._look():
                raise errors.UnavailableError(None, None, f"{self.hosts.me}: {self.gone}; it was waited for to make this run: {mine}")
            if time.monotonic() - begin > seconds("GRAPHFLOW_HOST_TIMEOUT", PATIENCE):
                raise errors.DeadlineExceededError(None, None, (
                    f"{name} is alive, but has not come to the run that {self.hosts.me} waits to make: {mine}. Runs that change variables "
                    "are made by all hosts or by none (GRAPHFLOW_HOST_TIMEOUT=SECONDS changes how long to wait)."))

    def from_chief(self, arrays: list[np.ndarray]) -> list[np.ndarray]:
        """The chief's values of arrays that have the same shapes and types everywhere."""
        with self.step(), x64():
            mine = np.concatenate([np.ascontiguousarray(a).reshape(-1).view(np.uint8) for a in arrays] or [np.zeros(0, np.uint8)])
            rows = [jax.make_array_from_process_local_data(self.apart, mine[None, at:at + _CHUNK]) for at in range(0, len(mine), _CHUNK)]
            parts = [np.asarray(self._first(row).addressable_data(0)) for row in rows]
        whole = np.concatenate([*parts, np.zeros(0, np.uint8)])
        ends = np.cumsum([a.nbytes for a in arrays])
        return [whole[end - a.nbytes:end].view(a.dtype).reshape(a.shape) for a, end in zip(arrays, ends)]

    # -- hosts that are gone
    @contextlib.contextmanager
    def step(self) -> Iterator[None]:
        """Around what waits for other hosts: its failure is said as the loss of a host, where it is that."""
        if self.gone:
            raise self.lost(None)
        self.waiting, self.steps = self.waiting + 1, self.steps + 1
        try:
            yield
        except errors.OpError:
            raise
        except Exception as error:
            if not _is_of_network(error):
                raise
            raise self.lost(error) from None
        finally:
            self.waiting -= 1

    def lost(self, error: Exception | None) -> errors.OpError:
        """The error for a run that another host does not answer; waits until heartbeats tell which one."""
        begin = time.monotonic()
        while not self._look() and time.monotonic() - begin < 2 * self.heartbeat + _GRACE:
            time.sleep(0.2)
        why = "" if error is None else f" ({str(error).splitlines()[0][:200]})"
        return errors.UnavailableError(None, None, (
            f"{self.hosts.me}: {self.gone or 'a host does not answer'}{why}. Steps need all {len(self.hosts.names)} hosts: start all of "
            "them again; a program that restores its last checkpoint goes on from there."))

    def _look(self) -> str:
        """Sees whether all other hosts are there; what is said of one that is not, "" if all are."""
        for rank in self.others:
            if not self.gone and self._has_left(rank):
                self.gone = f"{self.hosts.names[rank]} has ended its program"
        if not self.gone:
            with contextlib.suppress(Exception):
                alive = self._alive(self.others)
                for rank in self.others:
                    if rank not in alive:
                        self.gone = f"{self.hosts.names[rank]} does not answer any more: it has died, or cannot be reached"
        return self.gone

    def _alive(self, ranks: list[int]) -> list[int]:
        return list(self.client.get_live_nodes([*ranks, self.hosts.rank]).keys() & set(ranks))

    def _has_left(self, rank: int) -> bool:
        with contextlib.suppress(Exception):
            return bool(self.client.key_value_try_get(f"graphflow/left/{rank}"))
        return False

    def _watch(self) -> None:
        """Ends a process whose step waits for a host that is lost, or that waits for this one at another run."""
        while not self.ended.wait(1.0):
            if not self.waiting:
                continue
            if self._look():
                said = self.lost(None).message
            elif elsewhere := self._elsewhere():
                said = f"{self.hosts.me} is in a step, and {elsewhere}. Every host has to make the same runs that change variables, with " \
                       "the same fetches, in the same order"
            else:
                continue
            step = self.steps
            if not self.ended.wait(_GRACE) and self.waiting and self.steps == step:
                print(f"graphflow: {said}", file=sys.stderr, flush=True)
                os._exit(1)

    def _elsewhere(self) -> str:
        """What a host says that waits for all to make another run, "" where none does."""
        for rank in self.others:
            with contextlib.suppress(Exception):
                run = self.client.key_value_try_get(f"graphflow/run/{self.agreed}/{rank}")
                return f"{self.hosts.names[rank]} waits at another one: {run}"
        return ""


def _is_of_network(error: Exception) -> bool:
    text = str(error)
    return any(word in text for word in ("Gloo", "gloo", "NCCL", "UNAVAILABLE", "collective", "Connection", "coordination"))
