"""`tf.profiler`: parameters, floating-point operations and (with a trace) times and bytes of a graph, by name scope or by op type."""
from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from math import prod
from typing import Any

from ..core import context
from ..core.collections import GraphKeys
from ..core.export import export, export_values
from ..formats import proto
from ..graphdef.attributes import shape_message
from .flops import float_operations

export_values("graphflow.formats.proto", **{f"profiler__{name}": name for name in (
    "AdviceProto", "GraphNodeProto", "MultiGraphNodeProto", "OpLogProto")})

ROOT = "_TFProfRoot"
# column of a report -> field of a node's message
_COLUMNS = {"params": "parameters", "float_ops": "float_ops", "micros": "exec_micros", "bytes": "requested_bytes",
            "output_bytes": "output_bytes", "peak_bytes": "peak_bytes", "residual_bytes": "residual_bytes", "cpu_micros": "cpu_exec_micros",
            "accelerator_micros": "accelerator_exec_micros", "occurrence": "run_count"}
_DEFAULTS: dict[str, Any] = {
    "max_depth": 10000, "min_bytes": 0, "min_micros": 0, "min_params": 0, "min_float_ops": 0, "min_occurrence": 0, "order_by": "name",
    "account_type_regexes": [".*"], "start_name_regexes": [".*"], "trim_name_regexes": [], "show_name_regexes": [".*"],
    "hide_name_regexes": [], "account_displayed_op_only": False, "select": ["params"], "step": -1, "output": "stdout",
}


@export("profiler.ProfileOptionBuilder")
class ProfileOptionBuilder:
    """Options of `profile`, put together by calls.

    `ProfileOptionBuilder(ProfileOptionBuilder.float_operation()).with_empty_output().build()`
    """

    def __init__(self, options: Any = None):
        plain = {**_DEFAULTS, "select": ["micros", "bytes"], "order_by": "micros"}
        self._options: dict[str, Any] = dict(plain if options is None else options)

    @staticmethod
    def trainable_variables_parameter() -> dict[str, Any]:
        """Parameters of trainable variables, by name."""
        return {**_DEFAULTS, "account_type_regexes": ["_trainable_variables"], "account_displayed_op_only": True, "select": ["params"]}

    @staticmethod
    def float_operation() -> dict[str, Any]:
        """Floating-point operations, the largest first."""
        return {**_DEFAULTS, "min_float_ops": 1, "order_by": "float_ops", "account_displayed_op_only": True, "select": ["float_ops"]}

    @staticmethod
    def time_and_memory(min_micros: int = 1, min_bytes: int = 1, min_accelerator_micros: int = 0, min_cpu_micros: int = 0,
                        min_peak_bytes: int = 0, min_residual_bytes: int = 0, min_output_bytes: int = 0) -> dict[str, Any]:
        """Times and bytes of a traced run, the longest first."""
        return {**_DEFAULTS, "min_micros": min_micros, "min_bytes": min_bytes, "order_by": "micros", "account_displayed_op_only": True,
                "select": ["micros", "bytes"]}

    def _with(self, **options: Any) -> ProfileOptionBuilder:
        self._options.update(options)
        return self

    def with_max_depth(self, max_depth: int) -> ProfileOptionBuilder:
        """Shows scopes down to this depth."""
        return self._with(max_depth=max_depth)

    def with_min_memory(self, min_bytes: int = 0, min_peak_bytes: int = 0, min_residual_bytes: int = 0,
                        min_output_bytes: int = 0) -> ProfileOptionBuilder:
        """Only nodes with at least these bytes."""
        return self._with(min_bytes=min_bytes)

    def with_min_execution_time(self, min_micros: int = 0, min_accelerator_micros: int = 0,
                                min_cpu_micros: int = 0) -> ProfileOptionBuilder:
        """Only nodes that ran at least so long."""
        return self._with(min_micros=min_micros)

    def with_min_parameters(self, min_params: int) -> ProfileOptionBuilder:
        """Only nodes with at least so many parameters."""
        return self._with(min_params=min_params)

    def with_min_occurrence(self, min_occurrence: int) -> ProfileOptionBuilder:
        """Only op types that occur at least so often."""
        return self._with(min_occurrence=min_occurrence)

    def with_min_float_operations(self, min_float_ops: int) -> ProfileOptionBuilder:
        """Only nodes with at least so many floating-point operations."""
        return self._with(min_float_ops=min_float_ops)

    def with_accounted_types(self, account_type_regexes: Any) -> ProfileOptionBuilder:
        """Only operations of these types (regular expressions; `_trainable_variables` are those)."""
        return self._with(account_type_regexes=list(account_type_regexes))

    def with_node_names(self, start_name_regexes: Any = None, show_name_regexes: Any = None, hide_name_regexes: Any = None,
                        trim_name_regexes: Any = None) -> ProfileOptionBuilder:
        """Only operations of these names (regular expressions)."""
        given = {"start_name_regexes": start_name_regexes, "show_name_regexes": show_name_regexes, "hide_name_regexes": hide_name_regexes,
                 "trim_name_regexes": trim_name_regexes}
        return self._with(**{key: list(value) for key, value in given.items() if value is not None})

    def order_by(self, attribute: str) -> ProfileOptionBuilder:
        """Sorts by 'name' or a column, the largest first."""
        return self._with(order_by=attribute)

    def select(self, attributes: Any) -> ProfileOptionBuilder:
        """The columns: params, float_ops, micros, bytes, output_bytes, occurrence."""
        return self._with(select=list(attributes))

    def account_displayed_op_only(self, is_true: bool) -> ProfileOptionBuilder:
        """Whether totals count what is shown only."""
        return self._with(account_displayed_op_only=is_true)

    def with_step(self, step: int) -> ProfileOptionBuilder:
        """The step to show, -1 for all."""
        return self._with(step=step)

    def with_empty_output(self) -> ProfileOptionBuilder:
        """Prints nothing."""
        return self._with(output="none")

    def with_stdout_output(self) -> ProfileOptionBuilder:
        """Prints the report."""
        return self._with(output="stdout")

    def with_file_output(self, outfile: str) -> ProfileOptionBuilder:
        """Writes the report to a file."""
        return self._with(output=f"file:outfile={outfile}")

    def with_timeline_output(self, timeline_file: str) -> ProfileOptionBuilder:
        """Not here: `graphflow.timeline.Timeline` writes a trace."""
        raise NotImplementedError("profiles as timelines: use Timeline(run_metadata.step_stats).generate_chrome_trace_format()")

    def with_pprof_output(self, pprof_file: str) -> ProfileOptionBuilder:
        """Not here."""
        raise NotImplementedError("graphflow writes no pprof files: use with_file_output or a timeline")

    def build(self) -> dict[str, Any]:
        """The options."""
        return dict(self._options)


@export("profiler.profile")
def profile(graph: Any = None, run_meta: Any = None, op_log: Any = None, cmd: str = "scope", options: Any = 0) -> Any:
    """A GraphNodeProto (cmd "scope" or "graph") or MultiGraphNodeProto (cmd "op") with counts and their totals; also printed.

    run_meta: the RunMetadata of a traced run, for times and bytes. options: of ProfileOptionBuilder. Where shapes are unknown,
    operations are not counted. cmd "code" is not part of graphflow.
    """
    if cmd not in ("scope", "graph", "op"):
        raise NotImplementedError(f"tf.profiler.profile(cmd={cmd!r}): graphflow has 'scope', 'graph' and 'op'")
    settings = {**_DEFAULTS, **(options if isinstance(options, dict) else ProfileOptionBuilder().build())}
    graph = graph or context.default_graph()
    measured = _counted(graph, run_meta, settings)
    root = proto.GraphNodeProto(name=ROOT) if cmd != "op" else proto.MultiGraphNodeProto(name=ROOT)
    if cmd == "op":
        _by_type(root, measured, settings)
    elif cmd == "scope":
        _by_scope(root, measured, settings)
    else:
        for op, node in measured:
            root.children.add().CopyFrom(_alone(op, node))
        _sum_up(root)
    _output(root, settings)
    return root


def _counted(graph: Any, run_meta: Any, settings: dict[str, Any]) -> list[tuple[Any, dict[str, int]]]:
    """(operation, {field: count}) of the operations that the settings ask for."""
    trainable = {v.op for v in graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)}
    variables = {v.op for v in graph.get_collection(GraphKeys.GLOBAL_VARIABLES)} | trainable
    times = _times(run_meta)
    found = []
    for op in graph.get_operations():
        types = [op.type, "_trainable_variables"] if op in trainable else [op.type]
        if not any(re.fullmatch(r, t) for r in settings["account_type_regexes"] for t in types):
            continue
        if not _matches(settings["show_name_regexes"], op.name) or _matches(settings["hide_name_regexes"], op.name):
            continue
        counts = {"float_ops": float_operations(op) or 0, "parameters": _parameters(op) if op in variables else 0, **times.get(op.name, {})}
        found.append((op, counts))
    return found


def _matches(expressions: Iterable[str], name: str) -> bool:
    return any(re.match(e, name) for e in expressions)


def _parameters(op: Any) -> int:
    variable = op._op_def.variable()
    shape = None if variable is None else variable.shape
    return 0 if shape is None or None in shape else prod(shape)


def _times(run_meta: Any) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for device in run_meta.step_stats.dev_stats if run_meta is not None else ():
        for node in device.node_stats:
            size = sum(m.total_bytes for m in node.memory)
            micros = node.all_end_rel_micros
            out = sum(o.tensor_description.allocation_description.requested_bytes for o in node.output)
            found[node.node_name] = {"exec_micros": micros, "cpu_exec_micros": micros, "requested_bytes": size, "output_bytes": out,
                                     "peak_bytes": size, "run_count": 1}
    return found


def _alone(op: Any, counts: dict[str, int]) -> Any:
    """The node of one operation."""
    node = proto.GraphNodeProto(name=op.name, total_definition_count=1, **counts)
    for i, tensor in enumerate(op.inputs):
        if tensor.static is not None and None not in tensor.static:
            node.input_shapes[i].CopyFrom(shape_message(tensor.static))
    for field, value in counts.items():
        setattr(node, f"total_{field}", value)
    return node


def _by_scope(root: Any, measured: list[tuple[Any, dict[str, int]]], settings: dict[str, Any]) -> None:
    tree: dict[str, Any] = {"": root}

    def scope_node(name: str) -> Any:
        if name not in tree:
            tree[name] = scope_node(name.rpartition("/")[0]).children.add(name=name)
        return tree[name]

    for op, counts in measured:
        node = scope_node(op.name)
        node.MergeFrom(_alone(op, counts))
    _sum_up(root)
    _prune(root, settings, 0)


def _sum_up(node: Any) -> None:
    """Totals of a node: its own counts and the totals below it."""
    node.total_definition_count = int(any(getattr(node, f) for f in ("parameters", "float_ops", "run_count")) or node.name != ROOT)
    totals = {f: getattr(node, f) for f in set(_COLUMNS.values())}
    for child in node.children:
        _sum_up(child)
        node.total_definition_count += child.total_definition_count
        for field in totals:
            totals[field] += getattr(child, f"total_{field}")
    for field, value in totals.items():
        setattr(node, f"total_{field}", value)


def _wanted(node: Any, settings: dict[str, Any]) -> bool:
    """Whether a node, or one below it, has what the settings ask for at least."""
    minima = (("min_params", "total_parameters"), ("min_float_ops", "total_float_ops"), ("min_micros", "total_exec_micros"),
              ("min_bytes", "total_requested_bytes"))
    selected = [f"total_{_COLUMNS[c]}" for c in settings["select"] if c in _COLUMNS]
    return all(getattr(node, field) >= settings[key] for key, field in minima) and (
        not selected or any(getattr(node, field) for field in selected))


def _prune(node: Any, settings: dict[str, Any], depth: int) -> None:
    kept = [c for c in node.children if _wanted(c, settings) and depth < settings["max_depth"]]
    kept.sort(key=_order(settings))
    copies = [type(c).FromString(c.SerializeToString()) for c in kept]
    del node.children[:]
    for copy in copies:
        _prune(copy, settings, depth + 1)
        node.children.add().CopyFrom(copy)


def _order(settings: dict[str, Any]) -> Any:
    column = settings["order_by"]
    if column == "name" or column not in _COLUMNS:
        return lambda node: node.name
    return lambda node: (-getattr(node, f"total_{_COLUMNS[column]}"), node.name)


def _by_type(root: Any, measured: list[tuple[Any, dict[str, int]]], settings: dict[str, Any]) -> None:
    """One child per op type, flat; each holds the nodes of its type."""
    fields = {f for f in _COLUMNS.values() if f != "run_count"}
    groups: dict[str, Any] = {}
    for op, counts in measured:
        group = groups.setdefault(op.type, type(root)(name=op.type))
        group.graph_nodes.add().CopyFrom(_alone(op, counts))
        for field in fields:
            setattr(group, field, getattr(group, field) + counts.get(field, 0))
    for group in groups.values():
        for field in fields:
            setattr(group, f"total_{field}", getattr(group, field))
            setattr(root, f"total_{field}", getattr(root, f"total_{field}") + getattr(group, field))
    kept = [g for g in groups.values() if _wanted(g, settings) and len(g.graph_nodes) >= settings["min_occurrence"]]
    root.children.extend(sorted(kept, key=_order({**settings, "order_by": "name"} if settings["order_by"] == "occurrence" else settings)))


def _output(root: Any, settings: dict[str, Any]) -> None:
    if settings["output"] == "none":
        return
    lines: list[str] = []
    _report(root, settings["select"], 0, lines)
    text = "\n".join(lines) + "\n"
    if settings["output"].startswith("file:outfile="):
        with open(settings["output"].partition("=")[2], "w", encoding="utf-8") as file:
            file.write(text)
    else:
        sys.stdout.write(text)


def _report(node: Any, select: list[str], depth: int, lines: list[str]) -> None:
    parts = [f"{getattr(node, _COLUMNS[c], 0)}/{getattr(node, f'total_{_COLUMNS[c]}', 0)} {c}" for c in select if c in _COLUMNS]
    lines.append(f"{'  ' * depth}{node.name} ({', '.join(parts)})")
    for child in node.children:
        _report(child, select, depth + 1, lines)
