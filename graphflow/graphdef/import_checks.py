"""What a GraphDef must be before its nodes become operations: names, references, order, versions. Of ops only what loops are made of.

ValueError, with TensorFlow's key phrase first.
"""

from __future__ import annotations

import heapq
import re
from typing import Any, NamedTuple

from ..core.names import VALID_OP
from .export import CONSUMER
from .foreign import MERGES, TURNS

_INDEX = re.compile(r"(.*):([0-9]{1,9})\Z", re.DOTALL)


class Source(NamedTuple):
    """Where an input comes from: output `port` of node `name`, or -1 for a control input."""

    name: str
    port: int


def check_versions(graph_def: Any) -> None:
    """Refuses a graph that says it needs a newer reader, or that readers such as this one misread it."""
    versions = graph_def.versions
    if versions.min_consumer > CONSUMER:
        raise ValueError(
            f"GraphDef min consumer version {versions.min_consumer} above current version {CONSUMER} for graphflow. "
            "Please upgrade graphflow, or write the graph with an older program."
        )
    if CONSUMER in versions.bad_consumers:
        raise ValueError(f"GraphDef disallows consumer version {CONSUMER}, which is what graphflow reads. Please upgrade graphflow.")


def check_names(graph_def: Any) -> dict[str, int]:
    """{node name: its position}; refuses names that are not allowed or used twice."""
    positions: dict[str, int] = {}
    for i, node in enumerate(graph_def.node):
        if not VALID_OP.match(node.name):
            raise ValueError(f"Node '{node.name}': Node name contains invalid characters")
        if node.name in positions:
            raise ValueError(f"Node '{node.name}' is not unique: nodes {positions[node.name]} and {i} of the graph have that name")
        positions[node.name] = i
    return positions


def parse_inputs(node: Any) -> list[Source]:
    """The inputs of a node; control inputs must come last."""
    found: list[Source] = []
    for text in node.input:
        if text.startswith("^"):
            found.append(Source(text[1:], -1))
            continue
        if found and found[-1].port < 0:
            raise ValueError(f"Node '{node.name}': Control dependencies must come after regular dependencies: '{text}'")
        match = _INDEX.match(text)
        found.append(Source(match[1], int(match[2])) if match else Source(text, 0))
    return found


def order_of(graph_def: Any, inputs: list[list[Source]], positions: dict[str, int], mapped: set[Source]) -> tuple[list[int], set[int]]:
    """(positions in an order in which inputs come first, positions of Merge nodes that a loop leads back to).

    mapped: inputs that come from elsewhere. Of the nodes that are ready, the one that stands first comes first.
    """
    consumers: list[list[int]] = [[] for _ in inputs]
    missing = [0] * len(inputs)
    loops = set()
    for i, sources in enumerate(inputs):
        for source in dict.fromkeys(sources):
            if source in mapped:
                continue
            at = positions.get(source.name)
            if at is None:
                raise ValueError(f"Node '{graph_def.node[i].name}': Unknown input node '{source.name}'")
            if graph_def.node[i].op in MERGES and graph_def.node[at].op in TURNS:
                loops.add(i)
                continue
            consumers[at].append(i)
            missing[i] += 1
    ready = [i for i, count in enumerate(missing) if not count]
    order = []
    while ready:
        i = heapq.heappop(ready)
        order.append(i)
        for j in consumers[i]:
            missing[j] -= 1
            if not missing[j]:
                heapq.heappush(ready, j)
    if len(order) < len(inputs):
        raise ValueError(_cycle(graph_def, inputs, positions, set(order)))
    return order, loops


def _cycle(graph_def: Any, inputs: list[list[Source]], positions: dict[str, int], done: set[int]) -> str:
    """Names one cycle among the nodes that never became ready."""
    i = next(i for i in range(len(inputs)) if i not in done)
    path: list[int] = []
    while i not in path:
        path.append(i)
        i = next(positions[s.name] for s in inputs[i] if s.name in positions and positions[s.name] not in done)
    names = [graph_def.node[j].name for j in path[path.index(i) :]]
    return f"{len(names)} nodes in a cycle: {' -> '.join([*reversed(names), names[-1]][:12])}"
