"""tf.cond: one of two functions, chosen when the graph runs."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core import context, nest, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import bool_
from ...core.export import export
from ...core.func_graph import FuncGraph
from ...core.make import make_op
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from .. import functions as F
from ..scopes import beside_inputs
from . import structures
from .bodies import is_stateful, register, trace
from .branch_ops import Case, If, StatelessCase, StatelessIf
from .rewrite import released


@export("cond")
@beside_inputs
def cond(pred: Any, true_fn: Any = None, false_fn: Any = None, strict: bool = False, name: str | None = None, fn1: Any = None,
         fn2: Any = None) -> Any:
    """What true_fn() returns where `pred` is true, else what false_fn() returns; only the chosen one's operations run.

    Both return the same structure of tensors, with the same dtypes. Tensors made outside may be used inside. Operations made inside
    that have an effect (assignments, tf.print) run when their branch is taken, needed or not. strict: a list or tuple of one tensor
    stays one; by default it is that tensor. Raises TypeError for functions that do not fit each other.
    """
    true_fn, false_fn = _renamed(true_fn, fn1, "true_fn", "fn1"), _renamed(false_fn, fn2, "false_fn", "fn2")
    if not callable(true_fn):
        raise TypeError("'true_fn' must be callable.")
    if not callable(false_fn):
        raise TypeError("'false_fn' must be callable.")
    if context.default_graph().eager:
        taken = true_fn() if pred else false_fn()
        return taken if strict else _unpacked(taken)
    if isinstance(pred, bool):
        raise TypeError("pred must not be a Python bool", pred)
    graph = context.default_graph()
    with graph.name_scope(name or "cond") as scope:
        pred = one_bool(convert_to_tensor(pred, name="pred"), "the predicate of tf.cond")
        pred = graph.own(pred) if graph.building_function else pred
        short = scope.rstrip("/").rpartition("/")[2]
        branches = [trace(f"{short}_{kind}", function, instead_of_operation=pred)
                    for kind, function in (("true", true_fn), ("false", false_fn))]
        _check_same(branches[0], branches[1])
        result = branch_op(pred, branches[::-1], scope)
    return _unpacked(result) if not strict else result


def one_bool(tensor: Tensor, what: str) -> Tensor:
    """The tensor; TypeError or ValueError unless it may be a bool scalar."""
    if tensor.dtype.base_dtype is not bool_:
        raise TypeError(f"{what}, {tensor.name}, has type {tensor.dtype.base_dtype.name} that does not match expected type of bool; "
                        "tf.not_equal(..., 0) or tf.cast(..., tf.bool) makes a bool of it")
    if tensor.static:
        raise ValueError(f"Shape must be rank 0 but is rank {len(tensor.static)}: {what}, {tensor.name}, has shape "
                         f"{TensorShape(tensor.static)}; tf.reduce_all or tf.reduce_any makes one bool of several")
    return tensor


def _renamed(new: Any, old: Any, name: str, old_name: str) -> Any:
    if old is not None:
        if new is not None:
            raise TypeError(f"cond(): '{old_name}' is deprecated in favor of '{name}'; both are set")
        return old
    return new


def _unpacked(result: Any) -> Any:
    return result[0] if type(result) in (list, tuple) and len(result) == 1 else result


def _check_same(true: FuncGraph, false: FuncGraph) -> None:
    a, b = true.structured_outputs, false.structured_outputs
    head = ("true_fn and false_fn arguments to tf.cond must have the same number, type, and overall structure of return values.\n\n"
            f"true_fn output:  {a}\nfalse_fn output: {b}\n\nError details:\n")
    try:
        nest.assert_same_structure(a, b)
    except (ValueError, TypeError) as error:
        raise TypeError(head + str(error)) from None
    for x, y in zip(nest.flatten(a), nest.flatten(b)):
        if type(x) is not type(y):
            raise TypeError(f"{head}{x} and {y} are of different kinds")
        if isinstance(x, Tensor) and x.dtype.base_dtype is not y.dtype.base_dtype:
            raise TypeError(f"{head}{x} and {y} have different types")


def branch_op(choice: Tensor, branches: Sequence[FuncGraph], name: str | None, indexed: bool = False) -> Any:
    """If or Case with these bodies (in the order of the choice), in the structure of their outputs; made in the scope of its name."""
    op = make_branch_op(choice, branches, name, indexed)
    return structures.pack(branches[0].structured_outputs, [F.identity(t) for t in op.outputs])


def make_branch_op(choice: Tensor, branches: Sequence[FuncGraph], name: str | None, indexed: bool = False) -> Operation:
    """The If or Case operation itself."""
    captured = list(dict.fromkeys(t for branch in (branches if indexed else branches[::-1]) for t in branch.captures))
    for branch in branches:
        _take_all(branch, captured)
    types = tuple(t.dtype.base_dtype for t in branches[0].outputs)
    attributes = {"Tout": types, "output_shapes": tuple(_common_shape([b.outputs[i] for b in branches]) for i in range(len(types)))}
    stateful = any(is_stateful(b) for b in branches)
    names = [register(b) for b in branches]
    cls: Any
    if indexed:
        cls = Case if stateful else StatelessCase
        attributes["branches"] = tuple(names)
    else:
        cls = If if stateful else StatelessIf
        attributes.update(else_branch=names[0], then_branch=names[1])
    waited = list(dict.fromkeys(op for branch in branches for op in branch.control_captures))
    graph = context.default_graph()
    with graph.control_dependencies(waited):
        op = make_op(cls, (choice, captured), name, attributes)
    op._set_attr("_lower_using_switch_merge", True)
    for branch in branches:
        branch.holder, branch.release = op, released
    return op


def _take_all(branch: FuncGraph, captured: Sequence[Tensor]) -> None:
    """Gives a branch an input for every tensor that one of the branches captured, in one order."""
    for tensor in captured:
        if tensor not in branch.captures:
            branch.own(tensor)
    arguments = branch.inputs[:len(branch.inputs) - len(branch.captures)]
    branch.captures = {t: branch.captures[t] for t in captured}
    branch.inputs = [*arguments, *branch.captures.values()]


def _common_shape(tensors: Sequence[Tensor]) -> Any:
    shape = tensors[0].static
    for t in tensors[1:]:
        shape = shapes.relax(shape, t.static)
    return shape
