"""What the workloads are made with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Step = Callable[[], Any]


@dataclass(frozen=True)
class Workload:
    """One row of the table; `units` is how many units one step makes (ops added, for instance)."""

    name: str
    program: Callable[[Any, bool], Step | tuple[Step, Callable[[Any], Any]]]
    about: str
    units: int = 1
    unit: str = "step"


def rand(*shape: int) -> np.ndarray:
    return np.random.RandomState(0).standard_normal(shape).astype(np.float32)


def session(tf: Any) -> Any:
    """A session on the default graph with every variable initialised."""
    sess = tf.Session()
    sess.run(tf.global_variables_initializer())
    return sess


def trained(tf: Any, loss: Any, optimizer: Any, feed: dict[Any, Any]) -> Step:
    """A step: [loss, ...] of a run that trains by an optimizer, or by operations that are there."""
    steps = optimizer if isinstance(optimizer, list) else [optimizer.minimize(loss)]
    sess = session(tf)
    return lambda: sess.run([loss, *steps], feed)
