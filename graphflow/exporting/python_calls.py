"""Operations of lists of tensors and of optionals in Python: lists, and tuples or None. What a call gives is one expression per result."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.op import Op
from ..ops.array.basic import ZerosLike
from ..ops.array.select import Where
from ..ops.array.stitch import Unique, UniqueWithCounts
from ..ops.data_flow import tensor_list as kinds
from ..ops.data_flow.optional import OptionalFromValue, OptionalGetValue
from ..ops.data_flow.tensor_list_parts import TensorListGather
from ..ops.elementwise.aggregate import AddN
from ..ops.linalg.factor import Cholesky
from ..ops.linalg.solve import MatrixInverse, MatrixSolve
from .general import Step
from .planned import refused
from .python_text import CALL, TIMES, UNARY, Text, call, dtype_text, shape_text


def element(items: Text, place: Text, result: tuple[Any, np.dtype[Any]]) -> Text:
    """An element of a list; zeros where nobody set it."""
    return call("element", items, place, shape_text(result[0]), dtype_text(result[1]))


def from_tensor(step: Step, args: list[Text]) -> list[Text]:
    return [call("list", args[0])]


def reserve(step: Step, args: list[Text]) -> list[Text]:
    return [Text(f"[None] * int({args[1].text})", TIMES)]


def push(step: Step, args: list[Text]) -> list[Text]:
    return [Text(f"[*{args[0].within(CALL)}, {args[1].text}]")]


def pop(step: Step, args: list[Text]) -> list[Text]:
    return [Text(f"{args[0].within(CALL)}[:-1]", CALL), element(args[0], Text("-1", UNARY), step.par.results[1])]


def get(step: Step, args: list[Text]) -> list[Text]:
    return [element(args[0], args[1], step.par.results[0])]


def put(step: Step, args: list[Text]) -> list[Text]:
    return [call("with_item", *args)]


def stack(step: Step, args: list[Text]) -> list[Text]:
    (shape, dtype), = step.par.results
    if isinstance(shape[0] if shape else 1, int) and shape and shape[0] == 0:
        return [call("np.zeros", shape_text(shape), dtype_text(dtype))]
    return [call("stacked", args[0], shape_text(shape), dtype_text(dtype))]


def gather(step: Step, args: list[Text]) -> list[Text]:
    return [Text(f"np.stack({args[0].within(CALL)})[{args[1].text}]", CALL)]


def length(step: Step, args: list[Text]) -> list[Text]:
    return [call("np.int32", call("len", args[0]))]


def zeros(step: Step, args: list[Text]) -> list[Text]:
    return [Text(f"[None if item is None else np.zeros_like(item) for item in {args[0].text}]")]


def add(step: Step, args: list[Text]) -> list[Text]:
    return [call("list_sum", *args)]


def optional(step: Step, args: list[Text]) -> list[Text]:
    return [Text(f"({', '.join(a.text for a in args)},)")]


def components(step: Step, args: list[Text]) -> list[Text]:
    return [Text(f"{args[0].within(CALL)}[{k}]", CALL) for k in range(len(step.par.results))]


LISTS: dict[type[Op], Callable[[Step, list[Text]], list[Text]]] = {
    kinds.TensorListFromTensor: from_tensor, kinds.TensorListPushBack: push, kinds.TensorListPopBack: pop, kinds.TensorListGetItem: get,
    kinds.TensorListSetItem: put, kinds.TensorListStack: stack, TensorListGather: gather, kinds.TensorListLength: length,
    kinds.TensorListReserve: reserve, OptionalFromValue: optional, OptionalGetValue: components}
ON_LISTS: dict[type[Op], Callable[[Step, list[Text]], list[Text]]] = {ZerosLike: zeros, AddN: add}


def unique(step: Step, args: list[Text]) -> list[Text]:
    types = [dtype_text(dtype) for _, dtype in step.par.results]
    found = call("unique", *args).text
    return [Text(f"{found}[{k}].astype({name})", CALL) for k, name in enumerate(types)]


def where(step: Step, args: list[Text]) -> list[Text]:
    return [call("np.argwhere", *args)]


def by_numpy(function: str) -> Callable[[Step, list[Text]], list[Text]]:
    """An operation that numpy has, in its own precision."""
    def made(step: Step, args: list[Text]) -> list[Text]:
        return [Text(f"{call(function, *args).text}.astype({dtype_text(step.par.results[0][1])})", CALL)]
    return made


NUMPYS: dict[type[Op], Callable[[Step, list[Text]], list[Text]]] = {
    Cholesky: by_numpy("np.linalg.cholesky"), MatrixInverse: by_numpy("np.linalg.inv"), MatrixSolve: by_numpy("np.linalg.solve"),
    Unique: unique, UniqueWithCounts: unique, Where: where}


def results(step: Step, args: list[Text]) -> list[Text]:
    """What a call gives, an expression per result. NotImplementedError for operations that are none of lists."""
    kind = type(step.par.op_def)
    found = LISTS.get(kind) or (ON_LISTS.get(kind) if step.dtype.kind == "O" else None)
    if found is None and not getattr(step.par.op_def, "adjoint", False):
        found = NUMPYS.get(kind)
    if found is None:
        raise refused(step, "graphflow runs it in code of its own, which an exported file does not have")
    return found(step, args)
