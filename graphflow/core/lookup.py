"""Finding tensors and operations of a graph by name or by what stands for them, with TF1's error texts."""
from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from .operation import Operation
from .tensor import Tensor

if TYPE_CHECKING:
    from .graph import Graph


def graph_element(graph: Graph, obj: Any, allow_tensor: bool, allow_operation: bool) -> Any:
    """The tensor or operation of `graph` for a name, a tensor, an operation or an object with `_as_graph_element`.

    KeyError: no such name. ValueError: the wrong kind of name, or another graph. TypeError: no graph element at all.
    """
    if obj.__class__ is Tensor and allow_tensor and obj._op.graph is graph:
        return obj
    wanted = " or ".join(kind for kind, ok in (("Tensor", allow_tensor), ("Operation", allow_operation)) if ok)
    if not wanted:
        raise ValueError("allow_tensor and allow_operation can't both be False.")
    if not isinstance(obj, (str, bytes, Tensor, Operation)) and hasattr(obj, "_as_graph_element"):
        obj = obj._as_graph_element()
    if isinstance(obj, bytes):
        obj = obj.decode()
    if isinstance(obj, str):
        return _by_name(graph, obj, allow_tensor, allow_operation, wanted)
    if isinstance(obj, Tensor) and allow_tensor:
        if obj.graph is not graph:
            raise ValueError(f"Tensor {obj} is not an element of this graph.{_other_graph(obj.op)}")
        return obj
    if isinstance(obj, Operation) and allow_operation:
        if obj.graph is not graph:
            raise ValueError(f"Operation {obj.name} is not an element of this graph.{_other_graph(obj)}")
        return obj
    raise TypeError(f"Can not convert a {type(obj).__name__} into a {wanted}.")


def _other_graph(op: Operation) -> str:
    line = op.line
    made = f" It was made at {line}: {line.text}" if line else ""
    if op.graph.building_function:
        return (f"{made}\n  It belongs to the body of a cond, loop or function and has a value only there: return it from the body and "
                "fetch what the cond, loop or function returns; or print it inside with tf.print or tf.Print.")
    return f"{made}\n  Enter its graph with `with other.as_default():` before building on it, or open the session on that graph."


def _by_name(graph: Graph, name: str, allow_tensor: bool, allow_operation: bool, wanted: str) -> Any:
    op_name, colon, index_text = name.rpartition(":")
    if colon:
        if not allow_tensor:
            raise ValueError(f"Name {name!r} appears to refer to a Tensor, not a {wanted}.")
        if not index_text.isdigit():
            raise ValueError(f"The name {name!r} looks a like a Tensor name, but is not a valid one. "
                             "Tensor names must be of the form \"<op_name>:<output_index>\".")
        op = graph._by_name.get(op_name)
        if op is None:
            raise KeyError(f"The name {name!r} refers to a Tensor which does not exist. The operation, {op_name!r}, "
                           f"does not exist in the graph.{_near(graph, op_name)}")
        index = int(index_text)
        if index >= len(op.outputs):
            raise KeyError(f"The name {name!r} refers to a Tensor which does not exist. The operation, {op_name!r}, "
                           f"exists but only has {len(op.outputs)} outputs.")
        return op.outputs[index]
    op = graph._by_name.get(name)
    if not allow_operation:
        if op is not None:
            raise ValueError(f"The name {name!r} refers to an Operation, not a {wanted}. "
                             f"Tensor names must be of the form \"<op_name>:<output_index>\": perhaps '{name}:0'.")
        raise ValueError(f"The name {name!r} looks like an (invalid) Operation name, not a {wanted}. "
                         "Tensor names must be of the form \"<op_name>:<output_index>\".")
    if op is None:
        raise KeyError(f"The name {name!r} refers to an Operation not in the graph.{_near(graph, name)}")
    return op


def _near(graph: Graph, name: str) -> str:
    if len(graph._by_name) > 20_000:
        return ""
    near = difflib.get_close_matches(name, graph._by_name, n=3)
    return f" Near names: {', '.join(near)}." if near else ""
