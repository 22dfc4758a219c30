"""tf.while_loop: a body that runs as long as a condition holds.

The While operation carries a counter, the limit, the loop variables, and what condition and body capture, in this order; captures
come out as they went in.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...core import context, nest, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.export import export
from ...core.func_graph import FuncGraph
from ...core.make import make_op
from ...core.op import Spec
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from ...core.values import IndexedSlices, SparseTensor
from .. import functions as F
from ..scopes import beside_inputs
from . import structures
from .bodies import is_stateful, register
from .cond import one_bool
from .loop_ops import StatelessWhile, While


@export("while_loop")
@beside_inputs
def while_loop(cond: Any, body: Any, loop_vars: Any, shape_invariants: Any = None, parallel_iterations: int = 10, back_prop: bool = True,
               swap_memory: bool = False, name: str | None = None, maximum_iterations: Any = None,
               return_same_structure: bool = False) -> Any:
    """The loop variables after the last iteration of: while cond(*loop_vars): loop_vars = body(*loop_vars).

    loop_vars: a list, tuple or nested structure of tensors, sparse tensors, IndexedSlices, TensorArrays or values that become tensors.
    body returns the same structure with the same dtypes. Tensors made outside may be used inside. shape_invariants: in the structure of
    loop_vars, what of a shape holds in every iteration; by default the whole static shape must. maximum_iterations: a scalar; no more
    than so many. back_prop=False: no gradient flows. Iterations run one after the other, whatever parallel_iterations says; swap_memory
    is ignored. Returns a tensor for a single loop variable unless return_same_structure.
    """
    if not callable(cond):
        raise TypeError("'cond' must be callable.")
    if not callable(body):
        raise TypeError("'body' must be callable.")
    if parallel_iterations < 1:
        raise TypeError("'parallel_iterations' must be a positive integer.")
    loop_vars = loop_vars if nest.is_nested(loop_vars) else [loop_vars]
    if not nest.flatten(loop_vars):
        raise ValueError("'loop_vars' must be provided.")
    loop_vars = nest.pack_sequence_as(loop_vars, [_value(leaf) for leaf in nest.flatten(loop_vars)])
    if context.default_graph().eager:
        return _eagerly(cond, body, loop_vars, maximum_iterations, return_same_structure)
    values = structures.flatten(loop_vars)
    wanted = _invariants(loop_vars, shape_invariants)
    graph = context.default_graph()
    with graph.name_scope(name or "while") as scope:
        limit = constant_op(-1, int32, name="maximum_iterations") if maximum_iterations is None else \
            convert_to_tensor(maximum_iterations, name="maximum_iterations")
        if not limit.dtype.is_integer:
            raise TypeError(f"maximum_iterations must be an integer, but got {maximum_iterations!r} of type {limit.dtype.base_dtype.name}")
        counter = constant_op(0, limit.dtype.base_dtype, name="loop_counter")
        values = [graph.own(t) if graph.building_function else t for t in [counter, limit, *values]]
        wanted = [(), limit.static, *wanted]
        short = scope.rstrip("/").rpartition("/")[2]
        condition = _condition(short, cond, loop_vars, values, wanted, maximum_iterations is not None)
        inner = _body(short, body, loop_vars, values, wanted, condition)
        op = loop_op(condition, inner, values, wanted, parallel_iterations, scope)
        outputs = [F.identity(t) for t in op.outputs][2:len(values)]
    if not back_prop:
        outputs = [F.stop_gradient(t) for t in outputs]
    result = structures.pack(loop_vars, outputs)
    leaves = nest.flatten(result)
    return leaves[0] if len(leaves) == 1 and not return_same_structure else result


def _eagerly(cond: Any, body: Any, loop_vars: Any, maximum_iterations: Any, same_structure: bool) -> Any:
    """The loop, run by Python."""
    left = None if maximum_iterations is None else int(maximum_iterations)
    form = loop_vars
    while (left is None or left > 0) and cond(*_given(loop_vars)):
        found = body(*_given(loop_vars))
        if not nest.is_nested(found) or (len(nest.flatten(form)) == 1 and isinstance(found, dict) and not isinstance(form, dict)):
            found = [found]
        nest.assert_same_structure(_plain(found), _plain(form), check_types=False)
        loop_vars = nest.pack_sequence_as(form, [_of_body(leaf) for leaf in nest.flatten(found)])
        left = None if left is None else left - 1
    leaves = nest.flatten(loop_vars)
    return leaves[0] if len(leaves) == 1 and not same_structure else loop_vars


def _given(loop_vars: Any) -> list[Any]:
    return [loop_vars] if isinstance(loop_vars, dict) else list(loop_vars)


def _value(leaf: Any) -> Any:
    return leaf if structures.parts(leaf) is not None else convert_to_tensor(leaf)


def _invariants(loop_vars: Any, given: Any) -> list[Any]:
    """The shape of each tensor of the loop variables that holds in every iteration."""
    leaves = nest.flatten(loop_vars)
    own: list[Any] = [None] * len(leaves)
    if given is not None:
        flat = _flat_shapes(loop_vars, given)
        if len(flat) != len(leaves):
            raise ValueError(f"shape_invariants must have the structure of loop_vars: {len(leaves)} shapes, not {len(flat)}")
        own = flat
    found: list[Any] = []
    for leaf, shape in zip(leaves, own):
        found.extend(_of_leaf(leaf, shape, given is not None))
    return found


def _flat_shapes(loop_vars: Any, given: Any) -> list[Any]:
    """Shapes in the structure of the loop variables; a list of sizes may stand for a shape."""
    if not nest.is_nested(loop_vars):
        return [given]
    if isinstance(loop_vars, dict):
        return [s for key in sorted(loop_vars) for s in _flat_shapes(loop_vars[key], given[key])]
    given = list(given) if isinstance(given, (list, tuple)) else [given]
    if len(given) != len(loop_vars):
        raise ValueError(f"shape_invariants must have the structure of loop_vars: {len(given)} shapes for {len(loop_vars)} variables")
    return [s for inner, part in zip(list(loop_vars), given, strict=True) for s in _flat_shapes(inner, part)]


def _of_leaf(leaf: Any, shape: Any, given: bool) -> list[Any]:
    if isinstance(leaf, SparseTensor):
        rank = leaf.indices.static[1] if leaf.indices.static else None
        if isinstance(shape, SparseTensor):
            shape = None
        known = shapes.as_tuple(shape) if shape is not None else None
        rank = rank if known is None else len(known)
        return [(None, rank), (None,), (rank,)]
    if isinstance(leaf, IndexedSlices):
        count, rest = None, leaf.values.static[1:] if leaf.values.static else None
        if shape is not None and shapes.as_tuple(shape) is not None:
            rest = shapes.as_tuple(shape)[1:]  # type: ignore[index]
        elif not given:
            count = leaf.indices.static[0] if leaf.indices.static else None
            rest = rest if leaf.shape.rank is None else shapes.as_tuple(leaf.shape)[1:]  # type: ignore[index]
        dense = [] if leaf.dense_shape is None else [leaf.dense_shape.static]
        return [None if rest is None else (count, *rest), (count,), *dense]
    if structures.parts(leaf) is not None:
        return [()]
    if not given:
        return [leaf.static]
    wanted = shapes.as_tuple(shape)
    if not _covers(wanted, leaf.static):
        raise ValueError(f"The shape invariant specified for {leaf.name} is not compatible with the initial shape of the loop variable. It "
                         f"enters the loop with shape {TensorShape(leaf.static)}, but the specified shape invariant is "
                         f"{TensorShape(wanted)}.")
    return [wanted]


def _covers(general: Any, special: Any) -> bool:
    """Whether every shape that `special` allows is allowed by `general`."""
    if general is None:
        return True
    return special is not None and len(general) == len(special) and all(g is None or g == s for g, s in zip(general, special))


def _start(name: str, values: Sequence[Tensor], wanted: Sequence[Any]) -> FuncGraph:
    """A body whose first inputs are the loop's values."""
    body = FuncGraph(name, context.default_graph())
    for tensor, shape in zip(values, wanted):
        body.add_input(Spec(tensor.dtype.base_dtype, shape), tensor.op.name.rpartition("/")[2])
    return body


def _condition(name: str, cond: Callable[..., Any], loop_vars: Any, values: Sequence[Tensor], wanted: Sequence[Any],
               limited: bool) -> FuncGraph:
    condition = _start(f"{name}_cond", values, wanted)
    with condition.as_default():
        holds = one_bool(convert_to_tensor(cond(*_arguments(loop_vars, condition))), "the condition of tf.while_loop")
        if limited:
            holds = F.logical_and(F.less(condition.inputs[0], condition.inputs[1]), holds)
        condition.outputs = [condition.own(holds)]
    condition.structured_outputs = condition.outputs[0]
    return condition


def _arguments(loop_vars: Any, body: FuncGraph) -> list[Any]:
    packed = structures.pack(loop_vars, body.inputs[2:])
    return [packed] if isinstance(packed, dict) else list(packed)


def _body(name: str, function: Callable[..., Any], loop_vars: Any, values: Sequence[Tensor], wanted: Sequence[Any],
          condition: FuncGraph) -> FuncGraph:
    body = _start(f"{name}_body", values, wanted)
    with body.as_default():
        for tensor in condition.captures:      # in the condition's order
            body.own(tensor)
        result = function(*_arguments(loop_vars, body))
        if not nest.is_nested(result) or len(nest.flatten(loop_vars)) == 1 and isinstance(result, dict) and not isinstance(loop_vars, dict):
            result = [result]
        nest.assert_same_structure(_plain(result), _plain(loop_vars), check_types=False)
        result = nest.pack_sequence_as(result, [_of_body(leaf) for leaf in nest.flatten(result)])
        flat = [body.own(t) for t in structures.flatten(result)]
        _check(flat, values[2:], wanted[2:])
        body.outputs = [body.inputs[0] + 1, body.inputs[1], *flat]
    body.structured_outputs = result
    return body


def _of_body(leaf: Any) -> Any:
    if isinstance(leaf, Operation):
        raise TypeError(f"body returned the operation '{leaf.name}' as a loop variable; return a tensor made under "
                        "tf.control_dependencies([operation]) instead")
    return _value(leaf)


def _plain(structure: Any) -> Any:
    """Named tuples, lists and tuples as lists: the loop takes one for the other."""
    if isinstance(structure, dict):
        return {key: _plain(item) for key, item in structure.items()}
    return [_plain(item) for item in structure] if nest.is_nested(structure) else structure


def _check(outputs: Sequence[Tensor], values: Sequence[Tensor], wanted: Sequence[Any]) -> None:
    if len(outputs) != len(values):
        raise ValueError(f"body must return as many values as there are loop variables: {len(values)}, not {len(outputs)}")
    for out, value, shape in zip(outputs, values, wanted):
        if out.dtype.base_dtype is not value.dtype.base_dtype:
            raise TypeError(f"Loop var {value.name} enters the loop with type {value.dtype.base_dtype!r} but has type "
                            f"{out.dtype.base_dtype!r} after 1 iteration. tf.cast converts.")
        if not _covers(shape, out.static):
            raise ValueError(
                f"Input tensor '{value.name}' enters the loop with shape {TensorShape(shape)}, but has shape "
                f"{TensorShape(out.static)} after one iteration. To allow the shape to vary across iterations, use the "
                "`shape_invariants` argument of tf.while_loop to specify a less-specific shape.")


def loop_op(condition: FuncGraph, body: FuncGraph, values: Sequence[Tensor], wanted: Sequence[Any], parallel_iterations: int,
            name: str | None, turned: dict[Tensor, Tensor] | None = None) -> Operation:
    """The While operation of a condition and a body that take `values` and then what either captures.

    turned: {placeholder of a capture: its next value}, of captures that change from turn to turn.
    """
    captured = list(dict.fromkeys([*condition.captures, *body.captures]))
    for graph in (condition, body):
        for tensor in captured:
            graph.own(tensor)
        graph.captures = {t: graph.captures[t] for t in captured}
        graph.inputs = [*graph.inputs[:len(values)], *graph.captures.values()]
    body.outputs = [*body.outputs, *[(turned or {}).get(t, t) for t in body.captures.values()]]
    everything = [*values, *captured]
    output_shapes = (*wanted, *[t.static for t in captured])
    waited = list(dict.fromkeys([*condition.control_captures, *body.control_captures]))
    cls = While if is_stateful(condition) or is_stateful(body) else StatelessWhile
    graph_around = context.default_graph()
    with graph_around.control_dependencies(waited):
        op = make_op(cls, (everything,), name, {"cond": register(condition), "body": register(body), "output_shapes": tuple(output_shapes),
                                                "parallel_iterations": parallel_iterations})
    op._set_attr("_lower_using_switch_merge", True)
    op._set_attr("_num_original_outputs", len(everything))
    return op
