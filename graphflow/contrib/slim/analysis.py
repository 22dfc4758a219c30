"""What a model holds, printed: tf.contrib.slim.model_analyzer."""
from __future__ import annotations

from typing import Any

from ...core.export import export

_HOME = "contrib.slim.model_analyzer"


def _headed(title: str, print_info: bool) -> None:
    if print_info:
        print(f"---------\n{title}\n---------")


@export(f"{_HOME}.tensor_description")
def tensor_description(var: Any) -> str:
    """'(float32 2x3)' for a tensor or variable."""
    return f"({var.dtype.name} {'x'.join(str(size) for size in var.get_shape())})"


@export(f"{_HOME}.analyze_ops")
def analyze_ops(graph: Any, print_info: bool = False) -> int:
    """How many elements all outputs of all operations have, where that is known; print_info: prints each operation."""
    _headed("Operations: name -> (type shapes) [size]", print_info)
    total = 0
    for op in graph.get_operations():
        size = sum(output.get_shape().num_elements() or 0 for output in op.outputs)
        if print_info:
            shown = ", ".join(tensor_description(output) for output in op.outputs if output.get_shape())
            print(op.name, "\t->", shown, f"[{size}]")
        total += size
    return total


@export(f"{_HOME}.analyze_vars")
def analyze_vars(variables: Any, print_info: bool = False) -> tuple[int, int]:
    """(elements, bytes) of variables; print_info: prints each."""
    _headed("Variables: name (type shape) [size]", print_info)
    elements = memory = 0
    for variable in variables:
        size = variable.get_shape().num_elements() or 0
        elements, memory = elements + size, memory + size * variable.dtype.size
        if print_info:
            print(variable.name, tensor_description(variable), f"[{size}, bytes: {size * variable.dtype.size}]")
    if print_info:
        print(f"Total size of variables: {elements}\nTotal bytes of variables: {memory}")
    return elements, memory
