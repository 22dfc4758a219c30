"""tf.contrib.slim.queues.QueueRunners: queue runners for as long as a `with` block."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import graphflow as tf

from ...core.export import export

_open = threading.Lock()


@export("contrib.slim.queues.NestedQueueRunnerError")
class NestedQueueRunnerError(Exception):
    """A QueueRunners block inside of another one."""


@export("contrib.slim.queues.QueueRunners")
@contextmanager
def QueueRunners(session: Any) -> Iterator[None]:
    """Starts the graph's queue runners, and stops them at the end of the block."""
    if not _open.acquire(blocking=False):
        raise NestedQueueRunnerError("QueueRunners cannot be nested")
    coordinator = tf.train.Coordinator()
    try:
        threads = tf.train.start_queue_runners(session, coordinator)
        try:
            yield
        finally:
            coordinator.request_stop()
            coordinator.join(threads, ignore_live_threads=True)
    finally:
        _open.release()
