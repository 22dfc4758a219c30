"""tf.case and tf.switch_case: one of several functions."""
from __future__ import annotations

import functools
from typing import Any

from ...core import context, dtypes, nest
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.tensor import Tensor
from .. import functions as F
from ..checks.asserts import assert_
from ..scopes import beside_inputs
from .bodies import trace
from .cond import branch_op, cond


@export("case")
def case(pred_fn_pairs: Any, default: Any = None, exclusive: bool = False, strict: bool = False, name: str = "case") -> Any:
    """What the function of the first true predicate returns, else what default() does.

    pred_fn_pairs: a list or tuple of (scalar bool tensor, function), or a dict. Without default, one predicate must be true when the graph
    runs (InvalidArgumentError). exclusive: no more than one may be true. strict: as in tf.cond.
    """
    predicates, actions = _pairs(pred_fn_pairs)
    if default is not None and not callable(default):
        raise TypeError("default must be callable.")
    with context.default_graph().name_scope(name or "case"):
        if default is None:
            default, predicates, actions = _last_as_default(predicates, actions)
        chain = default
        for predicate, action in reversed(list(zip(predicates, actions))):
            chain = functools.partial(cond, predicate, true_fn=action, false_fn=chain, strict=strict)
        if not exclusive:
            return chain()
        with context.default_graph().control_dependencies([_at_most(predicates, 1, "Input error: exclusive=True")]):
            return chain()


def _pairs(given: Any) -> tuple[list[Tensor], list[Any]]:
    if not isinstance(given, (list, tuple, dict)):
        raise TypeError("'pred_fn_pairs' must be a list, tuple, or dict.")
    pairs = list(given.items()) if isinstance(given, dict) else list(given)
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError("Each entry in 'pred_fn_pairs' must be a 2-tuple.")
        predicate, action = pair
        if not isinstance(predicate, Tensor):
            raise TypeError("pred must be Tensor")
        if predicate.dtype.base_dtype is not dtypes.bool:
            raise TypeError(f"pred must be of type bool: {predicate.name}")
        if not callable(action):
            raise TypeError(f"fn for pred {predicate.name} must be callable.")
    if not pairs:
        raise ValueError("'pred_fn_pairs' must have at least one entry.")
    return [p for p, _ in pairs], [a for _, a in pairs]


def _last_as_default(predicates: list[Tensor], actions: list[Any]) -> tuple[Any, list[Tensor], list[Any]]:
    """The last function where no predicate before it is true, checked that its own is."""
    count = len(predicates) - 1

    def default() -> Any:
        message = ["Input error: None of conditions evaluated as True:", F.stack(predicates, name="preds_c")]
        others = f"Implementation error: selected action #{count} was called, but some of other predicates are True: "
        checks = [_at_most(predicates[:count], 0, others)] if count else []
        with context.default_graph().control_dependencies([*checks, assert_(predicates[count], message)]):
            return actions[count]()
    return default, predicates[:count], actions[:count]


def _at_most(predicates: list[Tensor], count: int, message: str) -> Any:
    together = F.stack(predicates, name="preds_c")
    true = F.reduce_sum(F.cast(together, dtypes.int32), name="num_true_conds")
    condition = F.less_equal(true, constant_op(count, name="n_true_conds"))
    names = ", ".join(p.name for p in predicates)
    data = [f"{message}: more than {count} conditions ({names}) evaluated as True:", together]
    return assert_(condition, data, summarize=len(predicates))


@export("switch_case")
@beside_inputs
def switch_case(branch_index: Any, branch_fns: Any, default: Any = None, name: str = "switch_case") -> Any:
    """What the function number branch_index returns; the last one's, or default's, where there is none of that number.

    branch_fns: a list of functions, or a dict {int: function} or list of (int, function) with keys 0, 1, ..., n - 1.
    """
    functions = _numbered(branch_fns, default)
    with context.default_graph().name_scope(name or "switch_case"):
        graph = context.default_graph()
        if not isinstance(branch_index, Tensor) and not graph.eager:
            raise TypeError(f"branch_index must a Tensor, got {type(branch_index)}; tf.constant(...) makes one, and tf.identity(...) of a "
                            "variable")
        index = convert_to_tensor(branch_index, name="branch_index")
        if index.dtype.base_dtype is not dtypes.int32:
            raise TypeError(f"branch_index must be of type int32, not {index.dtype.base_dtype.name}")
        if graph.eager:
            number = int(index)
            return functions[number if 0 <= number < len(functions) else -1]()
        with graph.name_scope("indexed_case") as scope:
            branches = [trace(f"indexed_case_branch{i}", function) for i, function in enumerate(functions)]
            for branch in branches[1:]:
                try:
                    nest.assert_same_structure(branches[0].structured_outputs, branch.structured_outputs)
                except (ValueError, TypeError) as error:
                    raise TypeError(f"branch_fns of tf.switch_case must return the same structure: {error}") from None
            return branch_op(index, branches, scope, indexed=True)


def _numbered(given: Any, default: Any) -> list[Any]:
    if not isinstance(given, (list, tuple, dict)) or not given:
        raise TypeError("'branch_fns' must be a list, tuple, or dict of functions, with at least one entry.")
    items = sorted(given.items()) if isinstance(given, dict) else list(given)
    if items and all(callable(item) for item in items):
        items = list(enumerate(items))
    for item in items:
        if not isinstance(item, tuple) or len(item) != 2 or not isinstance(item[0], int) or not callable(item[1]):
            raise TypeError(f"Each entry in 'branch_fns' must be a function or an (int, function) pair, not {item!r}.")
    items.sort(key=lambda item: item[0])
    if [i for i, _ in items] != list(range(len(items))):
        raise ValueError(f"branch indices must form contiguous range of [0 to {len(items)}) but found {[i for i, _ in items]}")
    if default is not None and not callable(default):
        raise TypeError("default must be callable.")
    return [function for _, function in items] + ([] if default is None else [default])
