"""`while` and `for` where a tensor decides."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...core import context, nest
from ...core.convert import convert_to_tensor
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from ...core.values import resource_handle
from ...ops import functions as F
from ...ops.array.fill import Range
from ...ops.control_flow import structures
from ...ops.control_flow.while_loop import while_loop
from .branches import if_
from .state import Undefined, Unset, becomes_tensors, decided, same, symbolic

Get = Callable[[], tuple[Any, ...]]
Put = Callable[[tuple[Any, ...]], None]


def while_(check: Callable[[], Any], step: Callable[[], None], get: Get, put: Put, names: Sequence[str]) -> None:
    """while check(): step(). A loop of operations where the check gives a tensor."""
    options = _options()
    going = check()
    while not symbolic(going):
        if not going:
            return
        step()
        going = check()
    _loop(lambda _: check(), lambda i: step(), get, put, names, options)


def for_(values: Any, check: Callable[[], Any] | None, step: Callable[[Any], None], get: Get, put: Put, names: Sequence[str]) -> None:
    """for value in values: step(value), as long as check() holds. A loop of operations where the values are a tensor or a dataset."""
    options = _options()
    if symbolic(values):
        _over_tensor(values, check, step, get, put, names, options)
        return
    if hasattr(values, "_variant") and hasattr(values, "reduce") and not context.default_graph().eager:
        _over_dataset(values, check, step, get, put, names)
        return
    for value in values:
        going = True if check is None else check()
        if symbolic(going):
            if_(going, lambda value=value: step(value), lambda: None, get, put, names)  # type: ignore[misc]
        elif not going:
            return
        else:
            step(value)


def _options() -> dict[str, Any]:
    """What `tf.autograph.experimental.set_loop_options` said of the loop that begins here."""
    found: dict[str, Any] = context.default_graph().extension("loop options", dict[str, Any]).pop("next", {})
    return found


def _over_tensor(values: Tensor, check: Any, step: Any, get: Get, put: Put, names: Sequence[str], options: dict[str, Any]) -> None:
    op = values._op
    if isinstance(op._op_def, Range) and op.graph is context.default_graph():
        start, limit, delta = op._inputs
        count = F.maximum(F.cast(F.ceil(F.cast(limit - start, "float64") / F.cast(delta, "float64")), "int32"), 0) \
            if values.static is None or values.static[0] is None else convert_to_tensor(np.int32(values.static[0]))

        def item(i: Tensor) -> Any:
            return start + F.cast(i, start.dtype.base_dtype) * delta
    else:
        if values.static == ():
            raise TypeError(f"Cannot iterate over a scalar tensor ({values.name})")
        count = F.shape(values)[0] if values.static is None or values.static[0] is None else convert_to_tensor(np.int32(values.static[0]))

        def item(i: Tensor) -> Any:
            return F.gather(values, i)

    def going(i: Tensor) -> Any:
        inside = i < count
        if check is None:
            return inside
        more = check()
        return F.logical_and(inside, decided(more)) if symbolic(more) else inside if more else convert_to_tensor(False)
    _loop(going, lambda i: step(item(i)), get, put, names, options)


def _over_dataset(values: Any, check: Any, step: Any, get: Get, put: Put, names: Sequence[str]) -> None:
    if check is not None:
        raise NotImplementedError("`break` or `return` in a loop over a dataset inside of tf.function: take the elements that are wanted "
                                  "by dataset.take or a filter, or loop outside of the function")
    before = get()
    carried = [i for i, v in enumerate(before) if becomes_tensors(v)]
    state = tuple([nest.map_structure(_tensor, before[i]) for i in carried]) or (convert_to_tensor(np.int32(0)),)

    def reduce(now: Any, element: Any) -> Any:
        put(_with(before, carried, now))
        step(element)
        after = get()
        return tuple([_fitted(names[i], before[i], after[i]) for i in carried]) or now
    found = values.reduce(state, reduce)
    put(_with(_forgotten(before, carried, names), carried, found))


def _loop(going: Callable[[Tensor], Any], step: Callable[[Tensor], None], get: Get, put: Put, names: Sequence[str],
          options: dict[str, Any]) -> None:
    """A loop of operations. It carries the names that have values before it and change in it."""
    before = tuple([v if isinstance(v, Undefined) or resource_handle(v) is None else v.value() for v in get()])
    put(before)
    carried = [i for i, v in enumerate(before) if becomes_tensors(v)]
    start = [nest.map_structure(_tensor, before[i]) for i in carried]
    shapes = [nest.map_structure(lambda t: t.shape if isinstance(t, Tensor) else TensorShape([]), s) for s in start]
    for tensor, shape in options.get("shape_invariants", ()):
        for place, i in enumerate(carried):
            if before[i] is tensor:
                shapes[place] = TensorShape(shape)

    def check(i: Tensor, now: Any) -> Any:
        put(_with(before, carried, now))
        more = going(i)
        return decided(more) if symbolic(more) else more

    def body(i: Tensor, now: Any) -> Any:
        put(_with(before, carried, now))
        step(i)
        after = get()
        for place, name in enumerate(names):
            if place not in carried and not isinstance(before[place], Undefined) and not same(before[place], after[place]):
                if before[place].__class__ is Unset:
                    raise NotImplementedError("`return` in a loop on tensors: assign the result to a name that has a value before the "
                                              "loop, `break`, and return it after the loop")
                raise TypeError(f"'{name}' is {before[place]!r} before a loop on tensors and {after[place]!r} after a turn of it: give it "
                                "a tensor before the loop")
        return i + 1, [_fitted(names[place], before[place], after[place]) for place in carried]

    zero = convert_to_tensor(np.int32(0))
    _, found = while_loop(check, body, [zero, start], [TensorShape([]), shapes], maximum_iterations=options.get("maximum_iterations"),
                          return_same_structure=True)
    put(_with(_forgotten(before, carried, names), carried, found))


def _tensor(leaf: Any) -> Any:
    return leaf if structures.parts(leaf) is not None else context.default_graph().own(convert_to_tensor(leaf))


def _with(values: Sequence[Any], places: Sequence[int], new: Sequence[Any]) -> tuple[Any, ...]:
    found = list(values)
    for place, value in zip(places, new):
        found[place] = value
    return tuple(found)


def _forgotten(before: Sequence[Any], carried: Sequence[int], names: Sequence[str]) -> list[Any]:
    return [Undefined(names[i], "a loop on tensors assigns it, and may have no turn; assign it before the loop")
            if i not in carried and isinstance(v, Undefined) else v for i, v in enumerate(before)]


def _fitted(name: str, before: Any, after: Any) -> Any:
    """A carried value after a turn, as tensors of the dtypes that it had before."""
    if not becomes_tensors(after):
        raise TypeError(f"'{name}' is carried by a loop on tensors, but is {after!r} after a turn, which cannot become a tensor")
    try:
        nest.assert_same_structure(before, after, check_types=False)
    except (ValueError, TypeError) as error:
        raise TypeError(f"'{name}' does not have the same nested structure after one iteration of a loop on tensors: {error}") from None

    def leaf(old: Any, new: Any) -> Any:
        if structures.parts(new) is not None:
            return new
        wanted = convert_to_tensor(old).dtype.base_dtype
        if isinstance(new, Tensor):
            if new.dtype.base_dtype is not wanted:
                raise TypeError(f"'{name}' has dtype {wanted.name} before the loop, but dtype {new.dtype.base_dtype.name} after one "
                                "iteration. tf.cast converts; or give it that dtype before the loop.")
            return new
        return convert_to_tensor(new, wanted)
    return nest.map_structure(leaf, before, after, check_types=False)
