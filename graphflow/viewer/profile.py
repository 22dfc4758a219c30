"""Times and memory of one step, or of the average of several, from RunMetadata messages.

    RunMetadata   1 step_stats
    StepStats     1 dev_stats*
    DeviceStepStats  1 device   2 node_stats*   3 thread_names
    NodeExecStats    1 node_name  2 all_start_micros  3 op_start_rel  4 op_end_rel  5 all_end_rel  6 memory*  7 output*
                     8 timeline_label  9 scheduled_micros  10 thread_id  13..17 the same in nanoseconds

A row's `time` is from the start of the op to its end; `self` is the kernel's part of it, `wait` the time between being
ready and being started. A group's `time` is the sum over all ops in it, its `self` that over the ops that stand in it and in
no group inside it. The totals are the sums of the rows, and so of the selves of all groups. Over several steps all of these
are averages; the timeline and the live memory are those of one of the steps.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from graphflow.viewer import wire
from graphflow.viewer.attributes import dtype_name, shape_of, type_text
from graphflow.viewer.graph_tree import OP, GraphTree

MOST_BARS = 20_000


def steps(raw: bytes) -> list[dict[str, Any]]:
    """One record per executed node: name, op, device, thread, start, time, self, wait (us), memory, type."""
    out = []
    for stats in _inside(raw, (0, len(raw)), 1):
        for device in _inside(raw, stats, 1):
            name = next((wire.text(raw, a, b) for n, w, a, b in wire.fields(raw, *device) if n == 1 and w == wire.BYTES), "")
            out += [_node(raw, span, name) for span in _inside(raw, device, 2)]
    # the copies of a GPU's kernels on its streams would count twice
    plain = [row for row in out if "stream:" not in row["device"] and "memcpy" not in row["device"]]
    return plain or out


def _inside(raw: bytes, span: tuple[int, int], field: int) -> list[tuple[int, int]]:
    return [(a, b) for n, w, a, b in wire.fields(raw, *span) if n == field and w == wire.BYTES]


def _node(raw: bytes, span: tuple[int, int], device: str) -> dict[str, Any]:
    number = dict.fromkeys((2, 3, 4, 5, 9, 10, 13, 14, 15, 16, 17), 0)
    name = label = shown = ""
    memory = outputs = 0
    for field, kind, a, b in wire.fields(raw, *span):
        if kind == wire.VARINT and field in number:
            number[field] = wire.signed(a)
        elif kind == wire.BYTES:
            if field == 1:
                name = wire.text(raw, a, b)
            elif field == 8:
                label = wire.text(raw, a, b)
            elif field == 6:
                memory += next((wire.signed(x) for n, w, x, _ in wire.fields(raw, a, b) if n == 2 and w == wire.VARINT), 0)
            elif field == 7:
                size, text = _output(raw, a, b)
                outputs += size
                shown = shown or text
    base = number[13] / 1000 or number[2]
    first, last, end = (number[n] / 1000 if number[n] else float(number[m]) for n, m in ((14, 3), (15, 4), (16, 5)))
    ready = number[17] / 1000 or float(number[9])
    match = re.match(r".*?=\s*([\w>]+)\(", label)
    return {
        "name": name,
        "op": match[1] if match else label.partition("(")[0].rpartition(" ")[2],
        "device": device,
        "thread": number[10],
        "start": base,
        "time": max(end, last, 0.0),
        "self": max(last - first, 0.0),
        "wait": max(base - ready, 0.0) if ready else 0.0,
        "memory": memory or outputs,
        "out": outputs,
        "type": shown,
    }


def _output(raw: bytes, a: int, b: int) -> tuple[int, str]:
    """(bytes, type) of a NodeOutput: 3 tensor_description {1 dtype, 2 shape, 4 allocation {1 requested, 2 allocated}}."""
    size, dtype, shape = 0, "", None
    for span in _inside(raw, (a, b), 3):
        for field, kind, x, y in wire.fields(raw, *span):
            if field == 1 and kind == wire.VARINT:
                dtype = dtype_name(x)
            elif field == 2 and kind == wire.BYTES:
                shape = shape_of(raw, x, y)
            elif field == 4 and kind == wire.BYTES:
                size = max(
                    (wire.signed(v) for n, w, v, _ in wire.fields(raw, x, y) if n in (1, 2) and w == wire.VARINT), default=0
                )
    return size, type_text(dtype, shape) if dtype else ""


def _item(tree: GraphTree | None, name: str) -> int | None:
    if tree is None:
        return None
    item = tree.find(name)
    return item if item is not None and tree.kind[item] == OP else None


def per_item(raws: list[bytes], tree: GraphTree) -> dict[int, tuple[float, int]]:
    """(time, memory) by op of the tree, averages over the steps; what ran but is not in the graph is left out."""
    out: dict[int, tuple[float, int]] = {}
    for raw in raws:
        for row in steps(raw):
            item = _item(tree, row["name"])
            if item is not None:
                time, memory = out.get(item, (0.0, 0))
                out[item] = (time + row["time"], memory + row["memory"])
    return {item: (time / len(raws), round(memory / len(raws))) for item, (time, memory) in out.items()}


def profile(raws: list[bytes], tree: GraphTree | None, shown: int = -1) -> dict[str, Any]:
    """The average over several steps. shown: the step whose timeline and live memory are given (the last one)."""
    all_steps = [steps(raw) for raw in raws]
    rows, devices = _average(all_steps, tree)
    one = all_steps[shown]
    origin = min((row["start"] for row in one), default=0.0)
    timeline, lanes = _timeline(one, rows, devices, origin)
    by_op: dict[str, list[float]] = {}
    for row in rows:
        total = by_op.setdefault(row["op"], [0.0, 0.0, 0])
        for i, value in enumerate((row["calls"], row["time"], row["memory"])):
            total[i] += value
    span = sum(_span(step) for step in all_steps) / len(all_steps)
    return {
        "count": len(raws),
        "unit": "us",
        "devices": devices,
        "rows": rows,
        "groups": _groups(rows, tree),
        "byOp": [
            {"op": op, "calls": c, "time": round(t, 3), "memory": m}
            for op, (c, t, m) in sorted(by_op.items(), key=lambda item: (-item[1][1], item[0]))
        ],
        "timeline": timeline,
        "lanes": lanes,
        "memory": _live(one, tree, origin),
        "total": {
            "time": round(sum(r["time"] for r in rows), 3),
            "self": round(sum(r["self"] for r in rows), 3),
            "span": round(span, 3),
            "memory": sum(r["memory"] for r in rows),
            "ops": len(rows),
        },
    }


def _span(step: list[dict[str, Any]]) -> float:
    """From the first start to the last end."""
    return max((row["start"] + row["time"] for row in step), default=0.0) - min((row["start"] for row in step), default=0.0)


def _average(all_steps: list[list[dict[str, Any]]], tree: GraphTree | None) -> tuple[list[dict[str, Any]], list[str]]:
    devices: list[str] = []
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in all_steps:
        for row in one:
            if row["device"] not in devices:
                devices.append(row["device"])
            into = found.setdefault(
                (row["name"], row["device"]),
                {
                    "name": row["name"],
                    "op": row["op"],
                    "device": devices.index(row["device"]),
                    "calls": 0,
                    "time": 0.0,
                    "self": 0.0,
                    "wait": 0.0,
                    "memory": 0,
                    "peak": 0,
                    "type": row["type"],
                },
            )
            into["calls"] += 1
            for key in ("time", "self", "wait", "memory"):
                into[key] += row[key]
            into["peak"] = max(into["peak"], row["memory"])
    n = len(all_steps)
    rows = []
    for row in found.values():
        item = _item(tree, row["name"])
        row |= {
            "id": item,
            "path": row["name"],
            "calls": row["calls"] / n if row["calls"] % n else row["calls"] // n,
            "memory": round(row["memory"] / n),
        }
        row |= {key: round(row[key] / n, 3) for key in ("time", "self", "wait")}
        if item is not None and tree is not None:
            row["op"] = tree.ops[tree.op[item]]
        rows.append(row)
    rows.sort(key=lambda r: (-r["time"], r["name"]))
    return rows, devices


def _groups(rows: list[dict[str, Any]], tree: GraphTree | None) -> list[dict[str, Any]]:
    """Sums of the groups of the graph, the graph itself among them (id 0, whose `self` holds what is not in the graph too)."""
    sums: dict[int, dict[str, Any]] = {}
    for row in rows:
        over = tree.ancestors(row["id"]) if row["id"] is not None and tree is not None else []
        for group in (0, *over):
            into = sums.setdefault(group, {"time": 0.0, "self": 0.0, "memory": 0, "calls": 0, "ops": 0})
            for key in ("time", "memory", "calls"):
                into[key] += row[key]
            into["ops"] += 1
        sums[over[-1] if over else 0]["self"] += row["time"]
    return [
        {
            "id": group,
            "parent": (tree.ancestors(group) or [0])[-1] if tree is not None and group else None,
            "path": tree.path(group) if tree is not None and group else "",
            **one,
            "time": round(one["time"], 3),
            "self": round(one["self"], 3),
        }
        for group, one in sorted(sums.items())
    ]


def _timeline(step: list[dict[str, Any]], rows: list[dict[str, Any]], devices: list[str], origin: float) -> tuple[list, list]:
    place = {(row["name"], row["device"]): i for i, row in enumerate(rows)}
    lanes: dict[tuple[int, int], int] = {}
    bars = []
    for one in sorted(step, key=lambda r: r["start"])[:MOST_BARS]:
        device = devices.index(one["device"])
        lane = lanes.setdefault((device, one["thread"]), len(lanes))
        start = one["start"] - origin
        bars.append(
            {"lane": lane, "row": place[(one["name"], device)], "start": round(start, 3), "end": round(start + one["time"], 3)}
        )
    return bars, [{"device": d, "name": f"thread {t}"} for d, t in lanes]


def _live(step: list[dict[str, Any]], tree: GraphTree | None, origin: float) -> dict[str, Any]:
    """Bytes of outputs that are alive over time: from an op's start until its last reader ended."""
    ends: dict[int, float] = {}
    for row in step:
        item = _item(tree, row["name"])
        if item is not None:
            ends[item] = max(ends.get(item, 0.0), row["start"] + row["time"])
    last = max((row["start"] + row["time"] for row in step), default=origin)
    changes: list[tuple[float, int]] = []
    for row in step:
        if not row["out"]:
            continue
        item = _item(tree, row["name"])
        readers = tree.dst[np.flatnonzero(tree.src == item)].tolist() if item is not None and tree is not None else []
        known = [ends[r] for r in readers if r in ends]
        changes += [(row["start"], row["out"]), (max(known) if known else last, -row["out"])]
    live, now, peak, when = [], 0, 0, 0.0
    for at, change in sorted(changes, key=lambda c: (c[0], c[1])):
        now += change
        live.append([round(at - origin, 3), now])
        if now > peak:
            peak, when = now, at - origin
    return {"live": live[:MOST_BARS], "peak": peak, "peakAt": round(when, 3)}


def chrome_trace(raws: list[bytes], tags: list[str], tree: GraphTree | None = None) -> dict[str, Any]:
    """Steps in the form that chrome://tracing and Perfetto read: a process per step and device, live memory as a counter."""
    events: list[dict[str, Any]] = []
    for tag, raw in zip(tags, raws, strict=True):
        rows = steps(raw)
        devices = sorted({row["device"] for row in rows})
        first = sum(event["ph"] == "M" for event in events)
        names = [f"{tag} {device}" if len(tags) > 1 else device for device in devices]
        events += [{"name": "process_name", "ph": "M", "pid": first + i, "args": {"name": name}} for i, name in enumerate(names)]
        events += [_bar(row, first + devices.index(row["device"])) for row in rows]
        origin = min((row["start"] for row in rows), default=0.0)
        events += [
            {"name": "live memory", "ph": "C", "pid": first, "ts": origin + at, "args": {"bytes": size}}
            for at, size in _live(rows, tree, origin)["live"]
        ]
    return {"traceEvents": events, "displayTimeUnit": "ns"}


def _bar(row: dict[str, Any], process: int) -> dict[str, Any]:
    return {
        "name": row["op"] or row["name"],
        "cat": "op",
        "ph": "X",
        "pid": process,
        "tid": row["thread"],
        "ts": row["start"],
        "dur": row["time"],
        "args": {"name": row["name"], "memory": row["memory"], "output": row["type"]},
    }
