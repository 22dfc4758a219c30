"""Questions about the graph of operations: what depends on a tensor."""
from __future__ import annotations

from typing import Any

from ...core.operation import Operation


def reachable(inputs: list[Any], targets: list[Any]) -> set[int]:
    """The ids of those targets (tensors, operations, or variables that a write gave) that depend on any of the inputs."""
    wanted = {id(target): operation_of(target) for target in targets}
    left = {id(op) for op in wanted.values() if op is not None}
    stack = [x.op for x in inputs if hasattr(x, "op")]
    seen = {id(op) for op in stack}
    while stack and left:
        op = stack.pop()
        left.discard(id(op))
        for output in op.outputs:
            for consumer in output.consumers():
                if id(consumer) not in seen:
                    seen.add(id(consumer))
                    stack.append(consumer)
    return {key for key, op in wanted.items() if op is not None and id(op) in seen}


def operation_of(target: Any) -> Any:
    """The operation that makes a tensor, or a write; None for what has none."""
    return target if isinstance(target, Operation) else getattr(target, "op", None)
