"""Python for calls on the lists of a loop (plan.lists): one Python list is changed in place of making a version per call.

What is out of the ordinary, an index that is not there say, is left to the operation's own function, on a version made for it.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....kernels.tensor_list import TensorList
from ....ops.data_flow.list_values import as_list
from ....plan.node import Node


def start(name: str, value: str, calls: tuple[Node, ...], copied: bool, constant: Callable[[Any], str]) -> list[str]:
    """A Python list `name` of the elements of a list, which stays as `{name}_`; and `{name}k`: whether all that is set in it may be."""
    shapes = {call.args[2].shape for call in calls if call.par.op_def.on_list == "set"}
    op_type = calls[0].par.op_def.__class__.__name__ if calls else "While"
    return [f"{name}_ = {constant(as_list)}({value}, {op_type!r})",
            f"{name} = {f'[*{name}_.items]' if copied else f'{name}_.items'}",
            *([f"{name}k = {constant(_fit)}({name}_, {shapes!r})"] if shapes else [])]


def end(result: str, name: str, constant: Callable[[Any], str]) -> list[str]:
    """The list after a loop."""
    return [f"{result} = {constant(TensorList)}({name}, {name}_.dtype, {name}_.shape)"]


def lines(call: Node, target: str, name: str, rest: list[str], index: str, slow: Callable[..., Any],
          constant: Callable[[Any], str]) -> list[str]:
    """A call on the list `name`. rest: its other arguments. index: of "get" and "set", as a Python number. slow: the operation's own
    function of a list and the rest."""
    use = call.par.op_def.on_list
    if use == "push":
        return [f"{name}.append({rest[0]})"]
    given = ", ".join([f"{name}_", name, *rest])
    if use == "pop":
        return [f"{target} = {name}[-1] if {name} else None",
                f"if {target} is None: {target} = {constant(_last(slow))}({given})", f"del {name}[-1]"]
    inside = f"0 <= {index} < len({name})"
    if use == "get":
        return [f"{target} = {name}[{index}] if {inside} else None", f"if {target} is None: {target} = {constant(_element(slow))}({given})"]
    return [f"if {inside} and {name}k: {name}[{index}] = {rest[1]}", f"else: {name} = {constant(_changed(slow))}({given})"]


def _fit(whole: TensorList, shapes: set[Any]) -> bool:
    """Whether a list may have elements of these shapes; if not, the operation's own function says so."""
    if whole.shape is None:
        return True
    return all(shape is not None and len(shape) == len(whole.shape) and all(a in (None, b) for a, b in zip(whole.shape, shape))
               for shape in shapes)


def _version(whole: TensorList, items: list[Any]) -> TensorList:
    return TensorList(items, whole.dtype, whole.shape)


def _last(slow: Callable[..., Any]) -> Callable[..., Any]:
    return lambda whole, items, shape: slow(_version(whole, [*items]), shape)[1]


def _element(slow: Callable[..., Any]) -> Callable[..., Any]:
    return lambda whole, items, *rest: slow(_version(whole, items), *rest)


def _changed(slow: Callable[..., Any]) -> Callable[..., Any]:
    return lambda whole, items, *rest: slow(_version(whole, items), *rest).items
