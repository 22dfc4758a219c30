"""RunOptions and RunMetadata of a single run: with FULL_TRACE, when each operation ran, for how long, and what came out.

A traced run is compiled anew, with a clock after each step of the plan, so it is slower than a plain one. What the plan folded,
merged or dropped did not run and is not in the trace. An operation of several steps is reported as one.
"""
from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.dtypes import as_dtype
from ..graphdef.attributes import shape_message
from ..plan.node import VIEWS
from . import feeds
from .resources import waits, within

DEVICE = "/job:localhost/replica:0/task:0/device:CPU:0"


def traced_run(session: Any, fetches: Any, feed_dict: Any, options: Any, run_metadata: Any) -> Any:
    """The fetched values of a traced run, whose `run_metadata` is filled.

    NotImplemented when nothing is asked for that changes a run (then the plain path serves).
    """
    if options is not None and not hasattr(options, "trace_level"):
        raise TypeError(f"options must be a tf.RunOptions message, got {type(options).__name__}")
    if run_metadata is not None and not hasattr(run_metadata, "step_stats"):
        raise TypeError(f"run_metadata must be a tf.RunMetadata message, got {type(run_metadata).__name__}")
    limit = (options.timeout_in_ms if options is not None else 0) or session._timeout
    if limit > 0 and waits.deadline is None:
        with within(limit):
            return session.run(fetches, feed_dict, options, run_metadata)
    if run_metadata is None:
        return NotImplemented
    run_metadata.Clear()        # it tells of this run only, if of anything
    if options is None:
        return NotImplemented
    if options.output_partition_graphs:
        run_metadata.partition_graphs.add().MergeFromString(session.graph.as_graph_def().SerializeToString())
    if not options.trace_level:
        return NotImplemented
    feed_dict = feed_dict or {}
    prepared = session._prepare(fetches, feed_dict)
    flat = [part for k, v in feed_dict.items() for part in feeds.parts(k, v)] if prepared.sparse else list(feed_dict.values())
    values = [convert(v) for convert, v in zip(prepared.convert, flat)]
    recorder = _Recorder()
    prepared.executor.trace(recorder)
    results = prepared.executor.run(values)
    recorder.fill(run_metadata.step_stats)
    return prepared.show(results)


class _Recorder:
    """Collects (node of the plan, time, outputs) and makes NodeExecStats of it."""

    def __init__(self) -> None:
        self.marks: list[tuple[Any, int, list[tuple[Any, Any, int]]]] = []

    def begin(self, plan: Any) -> Callable[[int, Any], None]:
        """What the program of a plan calls: with -1 at the start, then with the position of each node and its value.

        Only what is needed is kept: dtype, shape and bytes, not the values.
        """
        def mark(position: int, value: Any) -> None:
            outputs = [_description(v) for v in (value if isinstance(value, (tuple, list)) else [value])] if position >= 0 else []
            self.marks.append((plan.nodes[position] if position >= 0 else None, time.perf_counter_ns(), outputs))
        return mark

    def fill(self, step_stats: Any) -> None:
        stats = step_stats.dev_stats.add(device=DEVICE)
        if not self.marks:
            return
        epoch = time.time_ns() - time.perf_counter_ns()
        operations: dict[Any, list[Any]] = {}  # operation -> [start, nanoseconds, outputs of its last step, bytes]
        before = self.marks[0][1]
        for node, now, outputs in self.marks[1:]:
            op = None if node is None else node.source
            if op is not None:
                entry = operations.setdefault(op, [before, 0, outputs, 0])
                entry[1] += now - before
                entry[2] = outputs
                entry[3] += 0 if node.prim in VIEWS or node.prim == "item" else sum(size for _, _, size in outputs)
            before = now
        for op, (start, spent, outputs, size) in operations.items():
            _fill_node(stats.node_stats.add(), op, epoch + start, spent, outputs, size)


def _description(value: Any) -> tuple[Any, Any, int]:
    dtype = getattr(value, "dtype", None)
    return dtype, getattr(value, "shape", ()), int(getattr(value, "nbytes", 0))


def _fill_node(stats: Any, op: Any, start: int, spent: int, outputs: list[Any], size: int) -> None:
    """One NodeExecStats. start: nanoseconds since 1970; spent: nanoseconds; size: bytes that its steps made."""
    stats.node_name = op.name
    stats.timeline_label = f"{op.name} = {op.type}({', '.join(t.name.removesuffix(':0') for t in op.inputs)})"
    micros = max(1, -(-spent // 1000))
    stats.all_start_micros, stats.op_end_rel_micros, stats.all_end_rel_micros = start // 1000, micros, micros
    stats.all_start_nanos, stats.op_end_rel_nanos, stats.all_end_rel_nanos = start, spent, spent
    stats.scheduled_micros, stats.scheduled_nanos = start // 1000, start
    stats.thread_id = threading.get_native_id() & 0xFFFFFFFF
    stats.memory.add(allocator_name="cpu", total_bytes=size, peak_bytes=size)
    for slot, tensor in enumerate(op.outputs):
        made = outputs[slot] if slot < len(outputs) and len(outputs) == len(op.outputs) else None
        description = stats.output.add(slot=slot).tensor_description
        description.dtype = tensor.dtype.base_dtype.number
        shape = made[1] if made is not None and made[0] is not None and _matches(made, tensor) else tensor.static
        description.shape.MergeFromString(shape_message(shape).SerializeToString())
        if made is not None:
            description.allocation_description.requested_bytes = made[2]
            description.allocation_description.allocated_bytes = made[2]
            description.allocation_description.allocator_name = "cpu"


def _matches(made: tuple[Any, Any, int], tensor: Any) -> bool:
    """Whether the last step of an operation gave its output (and not something on the way to it)."""
    if made[0] == np.dtype(object):
        return True
    return as_dtype(made[0]) is tensor.dtype.base_dtype
