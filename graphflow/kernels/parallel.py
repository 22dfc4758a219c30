"""Work split over a few threads, for kernels whose numpy calls release the interpreter lock.

While several threads run, the BLAS library is held to one thread each: on two cores, two threads with one BLAS thread each take 3.3 ms
for a convolution for which one thread with two BLAS threads takes 4.4 ms, since copies run in parallel too. Besides, OpenBLAS's threads
spin for 27 ms after a product and take a core from ours, or wait for one that another process has (then five products of 64 x 100 by
100 x 100 take 30 ms and more instead of 1): programs whose products BLAS would split hold it to one thread for their whole run, and
`products.matmul` splits large products here. Work is split by position, never by who is free first, so sums are made in the same order
in every run. A worker waits on a queue: starting and joining one takes 8 us (a ThreadPoolExecutor 20 us).
"""
from __future__ import annotations

import contextlib
import itertools
import os
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

from .interrupts import whole

WORTH = 300_000      # elements touched (or a thousandth of that many products) below which a second thread costs more than it brings

_lock = threading.Lock()
_inbox: queue.SimpleQueue[Any] | None = None
_blas: list[Any] | None = None
_limited = 0
_before: list[int] = []
_setup: Callable[[], None] | None = None
_here = threading.local()


def thread_count() -> int:
    """Threads a kernel may use: the cores this process may run on, or GRAPHFLOW_THREADS."""
    asked = os.environ.get("GRAPHFLOW_THREADS")
    if asked:
        return max(1, int(asked))
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


THREADS = thread_count()


def set_worker_setup(setup: Callable[[], None]) -> None:
    """`setup` is called once in each worker thread made from now on (engines use it to flush denormals there)."""
    global _setup, _inbox
    with _lock:
        _setup, _inbox = setup, None


def _work(inbox: queue.SimpleQueue[Any], setup: Callable[[], None] | None) -> None:
    """A worker's life."""
    _here.worker = True
    if setup is not None:
        setup()
    while True:
        task, piece, reply = inbox.get()
        try:
            reply.put((piece.start, task(piece), None))
        except BaseException as error:
            reply.put((piece.start, None, error))
        del task, reply            # nothing of a run stays alive until the next


def _workers() -> queue.SimpleQueue[Any]:
    """Where the workers, started when first needed, look for work."""
    global _inbox
    with _lock:
        if _inbox is None:
            _inbox = queue.SimpleQueue()
            for i in range(max(1, THREADS - 1)):
                threading.Thread(target=_work, args=(_inbox, _setup), name=f"graphflow-worker-{i}", daemon=True).start()
        return _inbox


def _after_fork() -> None:
    global _inbox, _lock, _limited
    _inbox, _lock, _limited = None, threading.Lock(), 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)      # a child has none of its parent's threads


def _libraries() -> list[Any]:
    """The loaded BLAS libraries whose thread count can be set; none where threadpoolctl is not installed or knows none."""
    global _blas
    if _blas is None:
        try:
            from threadpoolctl import ThreadpoolController  # at first use: saves 6 ms; large work only
        except ImportError:
            _blas = []
        else:
            _blas = [each for each in ThreadpoolController().lib_controllers if each.user_api == "blas"]
    return _blas


def limit_blas() -> None:
    """BLAS uses one thread until every thread that called this has called `free_blas`; then it has its former count again."""
    global _limited, _before
    with _lock:
        if _limited == 0:
            libraries = _libraries()
            _before = [each.get_num_threads() for each in libraries]
            for each in libraries:
                each.set_num_threads(1)
        _limited += 1


def free_blas() -> None:
    """Ends what `limit_blas` began."""
    global _limited
    with _lock:
        _limited -= 1
        if _limited == 0:
            for each, count in zip(_libraries(), _before):
                each.set_num_threads(count)


@contextlib.contextmanager
@whole
def one_blas_thread() -> Iterator[None]:
    """While any thread is inside, BLAS uses one thread."""
    limit_blas()
    try:
        yield
    finally:
        free_blas()


def parts(count: int, work: int = WORTH) -> list[range]:
    """range(count) in at most THREADS contiguous parts of about equal length; one part where `work` (elements) is small."""
    many = min(THREADS, count) if work >= WORTH and not getattr(_here, "worker", False) else 1
    edges = [count * i // many for i in range(many + 1)] if many else [0]
    return [range(a, b) for a, b in itertools.pairwise(edges)]


def run(task: Callable[[range], Any], pieces: list[range]) -> list[Any]:
    """[task(piece) for piece in pieces], each piece on its own thread; the first runs on the caller's."""
    if len(pieces) <= 1:
        return [task(piece) for piece in pieces]
    inbox, reply = _workers(), queue.SimpleQueue[Any]()
    with one_blas_thread():
        for piece in pieces[1:]:
            inbox.put((task, piece, reply))
        try:
            results = {pieces[0].start: task(pieces[0])}
        finally:
            rest = [reply.get() for _ in pieces[1:]]      # waits: nobody may write into our arrays after we return
    for start, value, error in sorted(rest, key=lambda each: each[0]):
        if error is not None:
            raise error
        results[start] = value
    return [results[piece.start] for piece in pieces]
