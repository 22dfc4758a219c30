"""`if` where a tensor decides."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...core import context, nest
from ...core.convert import convert_to_tensor
from ...core.dtypes import bool as tf_bool
from ...core.func_graph import FuncGraph
from ...core.tensor import Tensor
from ...ops import functions as F
from ...ops.control_flow import structures
from ...ops.control_flow.bodies import finish
from ...ops.control_flow.cond import branch_op
from .state import Undefined, Unset, becomes_tensors, decided, same, symbolic


def if_(test: Any, body: Callable[[], None], orelse: Callable[[], None], get: Callable[[], tuple[Any, ...]],
        put: Callable[[tuple[Any, ...]], None], names: Sequence[str]) -> None:
    """Runs one branch, or makes an If of both where the test is a tensor. get, put: the values of `names`."""
    if not symbolic(test):
        if test:
            body()
        else:
            orelse()
        return
    graph = context.default_graph()
    if test.dtype.base_dtype is not tf_bool:
        test = F.not_equal(test, F.zeros_like(test)) if test.dtype.base_dtype.is_integer or test.dtype.base_dtype.is_floating else test
    before = get()
    with graph.name_scope("cond") as scope:
        predicate = graph.own(convert_to_tensor(decided(test), name="pred"))
        short = scope.rstrip("/").rpartition("/")[2]
        bodies, after = [], []
        for kind, branch in (("true", body), ("false", orelse)):
            inside = FuncGraph(f"{short}_{kind}", graph)
            with inside.as_default():
                put(before)
                branch()
                after.append(get())
            bodies.append(inside)
        kept: list[Any] = []
        outputs: list[list[Any]] = [[], []]
        for name, true, false in zip(names, *after):
            kept.append(_joined(name, true, false, bodies, outputs))
        for inside, found in zip(bodies, outputs):
            with inside.as_default():
                finish(inside, found)
        results = iter(branch_op(predicate, bodies[::-1], scope))
    put(tuple([_taken(k, results) for k in kept]))


class _Outputs:
    """The place of a value that the branches give: its structure, and how many outputs."""

    def __init__(self, structure: Any, count: int):
        self.structure, self.count = structure, count


def _taken(kept: Any, results: Any) -> Any:
    if kept.__class__ is not _Outputs:
        return kept
    return structures.pack(kept.structure, [next(results) for _ in range(kept.count)])


def _joined(name: str, true: Any, false: Any, bodies: Sequence[FuncGraph], outputs: list[list[Any]]) -> Any:
    """The value of a name after the branches: one that both have, or outputs."""
    if same(true, false):
        return true
    values = [true, false]
    for i, j in ((0, 1), (1, 0)):
        if isinstance(values[i], Undefined):
            return Undefined(name, "only one branch of an `if` on a tensor assigns it; assign it before the `if`, or in both branches")
        if values[i].__class__ is Unset:         # not returned in this branch: anything does, as nobody looks at it
            with bodies[i].as_default():
                values[i] = _like(values[j], bodies[j])
    for value, where in zip(values, ("first", "second")):
        if not becomes_tensors(value):
            raise TypeError(f"'{name}' is {values[0]!r} after one branch of an `if` on a tensor, and {values[1]!r} after the other: what "
                            f"the {where} one gives cannot become a tensor. Give it tensors of one dtype in both branches, or decide by a "
                            "Python value.")
    try:
        nest.assert_same_structure(values[0], values[1])
    except (ValueError, TypeError) as error:
        raise TypeError(f"'{name}' has another structure after each branch of an `if` on a tensor: {error}") from None
    leaves = [nest.flatten(v) for v in values]
    dtypes = [next((leaf.dtype.base_dtype for leaf in pair if isinstance(leaf, Tensor)), None) for pair in zip(*leaves)]
    made = []
    for inside, flat in zip(bodies, leaves):
        with inside.as_default():
            made.append([leaf if structures.parts(leaf) is not None else inside.own(convert_to_tensor(
                leaf, dtype if not isinstance(leaf, Tensor) else None)) for leaf, dtype in zip(flat, dtypes)])
    for a, b in zip(*made):
        if isinstance(a, Tensor) and a.dtype.base_dtype is not b.dtype.base_dtype:
            raise TypeError(f"'{name}' must have one dtype, but is {a.dtype.base_dtype.name} after one branch of an `if` on a tensor and "
                            f"{b.dtype.base_dtype.name} after the other; tf.cast converts")
    flats = [structures.flatten(list(m)) for m in made]
    for found, flat in zip(outputs, flats):
        found.extend(flat)
    return _Outputs(nest.pack_sequence_as(values[0], made[0]) if nest.is_nested(values[0]) else made[0][0], len(flats[0]))


def _like(value: Any, home: FuncGraph) -> Any:
    """Zeros in the structure of a value of the other branch."""
    def zero(leaf: Any) -> Any:
        if structures.parts(leaf) is not None:
            raise NotImplementedError("returning a composite (a sparse tensor, a TensorArray) early, where a tensor decides: assign it to "
                                      "a name in both branches and return at the end")
        with home.as_default():
            tensor = convert_to_tensor(leaf)
        if tensor.static is None or None in tensor.static:
            return F.zeros([1 if d is None else d for d in tensor.static or ()], tensor.dtype.base_dtype)
        return F.zeros(tensor.static, tensor.dtype.base_dtype)
    return nest.map_structure(zero, value)
