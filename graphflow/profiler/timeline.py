"""A trace of a run in the format of Chrome's chrome://tracing and of Perfetto."""
from __future__ import annotations

import json
from typing import Any

from ..core.export import export


@export("timeline.Timeline")
class Timeline:
    """`Timeline(run_metadata.step_stats).generate_chrome_trace_format()` gives a text to save as `trace.json`."""

    def __init__(self, step_stats: Any, graph: Any = None):
        self._step_stats, self._graph = step_stats, graph

    def generate_chrome_trace_format(self, show_dataflow: bool = True, show_memory: bool = False, op_time: str = "schedule") -> str:
        """The trace as JSON: an event per operation, a process per device.

        show_dataflow: arrows from an operation to those that take its outputs. show_memory: the bytes made so far, as a counter. op_time:
        accepted; graphflow's operations start when they are scheduled.
        """
        events: list[dict[str, Any]] = []
        for pid, device in enumerate(self._step_stats.dev_stats):
            events.append({"name": "process_name", "ph": "M", "pid": pid, "args": {"name": f"{device.device} Compute"}})
            ends: dict[str, tuple[int, int]] = {}
            total = 0
            for stats in sorted(device.node_stats, key=lambda s: (s.all_start_nanos, s.all_start_micros)):
                kind, inputs = _parts(stats.timeline_label)
                start, spent = stats.all_start_micros, max(stats.all_end_rel_micros, 1)
                arguments = {"name": stats.node_name, "op": kind, **{f"input{i}": name for i, name in enumerate(inputs)}}
                events.append({"name": kind, "cat": "Op", "ph": "X", "pid": pid, "tid": 0, "ts": start, "dur": spent, "args": arguments})
                if show_dataflow:
                    events.extend(_arrows(inputs, ends, pid, start, len(events)))
                ends[stats.node_name] = (start + spent, 0)
                if show_memory:
                    total += sum(m.total_bytes for m in stats.memory)
                    events.append({"name": "cpu", "cat": "Memory", "ph": "C", "pid": pid, "ts": start, "args": {"bytes": total}})
        return json.dumps({"traceEvents": events}, indent=1)


def _parts(label: str) -> tuple[str, list[str]]:
    """'y = Add(a, b:1)' -> ('Add', ['a', 'b:1']); other labels (TensorFlow's own) are taken as the kind."""
    _, found, call = label.partition(" = ")
    kind, opened, inside = call.partition("(")
    if not found or not opened:
        return label or "unknown", []
    return kind, [name.strip() for name in inside.rstrip(")").split(",") if name.strip()]


def _arrows(inputs: list[str], ends: dict[str, tuple[int, int]], pid: int, start: int, number: int) -> list[dict[str, Any]]:
    found = []
    for i, name in enumerate(inputs):
        source = ends.get(name.lstrip("^").split(":")[0])
        if source is not None:
            common = {"cat": "DataFlow", "name": name, "id": number * 100 + i, "pid": pid}
            found.append({**common, "ph": "s", "tid": source[1], "ts": source[0]})
            found.append({**common, "ph": "t", "tid": 0, "ts": max(start, source[0])})
    return found
