"""Running one operation: what is found out once per op, dtypes, shapes and static values, and the call of its kernel."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import context, errors
from ..core.effects import HANDLE, READ, WRITE
from ..core.known import spec_of_value
from ..core.make import variable_spec
from ..core.op import Op, check_ranks, output_dtypes, remember, static_positions
from ..core.spec import Spec
from ..core.tensor import Tensor
from ..kernels.namespace import numpy_namespace
from .complaints import USER_ERRORS, failure
from .tensor import EagerTensor

try:    # numpy 2: what np.errstate sets, at a tenth of its time
    from numpy._core.umath import _extobj_contextvar, _make_extobj
    _SILENT: Any = _make_extobj(all="ignore")
    enter, leave = _extobj_contextvar.set, _extobj_contextvar.reset
except ImportError:    # pragma: no cover - numpy 1
    _SILENT = None

    def enter(_: Any) -> Any:
        state = np.errstate(all="ignore")
        state.__enter__()
        return state

    def leave(state: Any) -> None:
        state.__exit__(None, None, None)

_SHORT = 64             # elements of a static value that a key holds
_new = object.__new__


class Prepared:
    """What an op needs on inputs of these dtypes, shapes and static values.

    pure: a kernel of numbers that touches nothing else. short: such a one has one output, whose shape is known. quick: a short one is
    found by the inputs' specs alone. touches: what it does to variables. specs: of the outputs, as far as known.
    """
    __slots__ = ("dtype", "kernel", "op_def", "pure", "quick", "short", "spec", "specs", "touches")

    def __init__(self, op_def: Op, specs: tuple[Spec, ...], touches: tuple[Any, ...], static: bool):
        self.op_def, self.specs, self.touches = op_def, specs, touches
        self.kernel = op_def.kernel
        self.spec = specs[0] if specs else None
        self.dtype = specs[0].dtype.held if specs else None
        signature = type(op_def).signature()
        self.pure = (not touches and not op_def.stateful and op_def.holds is None and not op_def.must_be_fed
                     and all(s.dtype.held.kind != "O" for s in specs) and not any(a.is_handle for a in signature.inputs))
        self.short = self.pure and len(specs) == 1 and signature.outputs[0].arity == "one" and complete(specs[0].shape)
        self.quick = self.short and not static


def complete(shape: Any) -> bool:
    return shape is not None and None not in shape


def run_quickly(prepared: Prepared, inputs: Sequence[Any]) -> EagerTensor:
    """The output of an op that is `short`."""
    values = [t._value for t in inputs]
    token = enter(_SILENT)
    try:
        value = prepared.kernel(numpy_namespace, *values)
    except Exception as error:
        raise failure(prepared.op_def, error, inputs) from None
    finally:
        leave(token)
    cls = value.__class__
    if cls is tuple or cls is list:
        value = value[0]
    if value.dtype is not prepared.dtype:
        value = np.asarray(value, prepared.dtype)
    tensor: EagerTensor = _new(EagerTensor)
    tensor._value, tensor._spec = value, prepared.spec  # type: ignore[assignment]
    if context.recorders:
        record(prepared.op_def, inputs, (tensor,))
    return tensor


def _run_purely(prepared: Prepared, inputs: Sequence[Any]) -> list[EagerTensor]:
    """The outputs of an op that is `pure`."""
    values = [t._value for t in inputs]
    token = enter(_SILENT)
    try:
        result = prepared.kernel(numpy_namespace, *values)
    except Exception as error:
        raise failure(prepared.op_def, error, inputs) from None
    finally:
        leave(token)
    return _finished(prepared, result if isinstance(result, (tuple, list)) else [result])


def record(op_def: Op, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
    """Tells the tapes of an operation that has run."""
    operation = None
    for tape in context.recorders:
        if tape.wants(inputs, outputs):
            if operation is None:
                operation = context.eager_graph.operation(op_def, inputs, None)
                operation.outputs = list(outputs)
            tape.add(operation)


def prepare(op_def: Op, inputs: Sequence[Tensor]) -> Prepared:
    """What is known of an op on these inputs; found out once. InvalidArgumentError where they do not fit."""
    cls = type(op_def)
    static = static_positions(cls, len(inputs))
    handles = cls._signature.handle_inputs  # type: ignore[union-attr]
    key: Any = None
    if not handles:
        key = tuple([t._spec for t in inputs]) if not static else _static_key(inputs, static)
    found = None if key is None else op_def._memo.get(("eager", key))
    if found is None:
        found = _prepared(op_def, inputs, static)
        if key is not None:
            remember(op_def._memo, ("eager", key), found)
    return found


def _static_key(inputs: Sequence[Any], static: tuple[int, ...]) -> Any:
    key: list[Any] = [t._spec for t in inputs]
    for i in static:
        value = inputs[i]._value
        if value.size > _SHORT or value.dtype.kind == "O":
            return None
        key.append(value.tobytes())
    return tuple(key)


def _prepared(op_def: Op, inputs: Sequence[Any], static: tuple[int, ...]) -> Prepared:
    cls = type(op_def)
    specs: list[Any] = []
    for i, t in enumerate(inputs):
        if t._spec.dtype.name == "resource":
            specs.append(variable_spec(t))
        elif i in static:
            specs.append(spec_of_value(np.asarray(t._value), t._spec.dtype))
        else:
            specs.append(t._spec)
    try:
        if not op_def.legacy_scalars:
            check_ranks(cls, specs)
        op_def.check(*specs)
        found = op_def.infer(*specs)
    except USER_ERRORS as error:
        raise failure(op_def, error, inputs) from None
    outputs = (found,) if isinstance(found, Spec) else tuple(found)
    types = output_dtypes(op_def)
    outputs = tuple([s if s.dtype is t else Spec(t, s.shape) for s, t in zip(outputs, types)])
    touches = tuple(op_def.accesses(context.eager_graph.operation(op_def, inputs, None)))
    return Prepared(op_def, outputs, touches, bool(static))


def run(graph: Any, prepared: Prepared, inputs: Sequence[Any], name: str | None) -> Sequence[EagerTensor]:
    """The outputs of an operation, which tapes are told of."""
    if prepared.short:
        return (run_quickly(prepared, inputs),)
    op_def = prepared.op_def
    if op_def.holds is not None:
        from .bodies import run_holder  # at first use: saves 1 ms; calls of functions of a library
        outputs = run_holder(graph, op_def, inputs)
    elif op_def.must_be_fed:
        raise RuntimeError(f"tf.{type(op_def).__name__.lower()}() is not compatible with eager execution.")
    elif prepared.pure:
        outputs = _run_purely(prepared, inputs)
    elif not inputs and op_def.stateful and op_def.resource_key(graph.operation(op_def, inputs, name)) is not None:
        outputs = (graph.session.handle(op_def, inputs, name),)
    else:
        outputs = _finished(prepared, _results(graph, prepared, inputs, name))
    if context.recorders:
        record(op_def, inputs, outputs)
    return outputs


def _results(graph: Any, prepared: Prepared, inputs: Sequence[Any], name: str | None) -> list[Any]:
    """What the kernel gives, the variables that it writes written."""
    op_def, touches = prepared.op_def, prepared.touches
    values = [t._value for t in inputs]
    written = []
    for position, how in touches:
        handle = values[position]
        if how & HANDLE:
            continue
        values[position] = graph.session.read(handle, op_def) if how & READ else None
        if how & WRITE:
            written.append(handle)
    token = enter(_SILENT)
    try:
        if op_def.stateful:
            result = op_def.run(graph.session.context(op_def, inputs, name), *values)
        else:
            if op_def.mutates:
                values[:len(written)] = [np.array(v) for v in values[:len(written)]]
            result = op_def.kernel(numpy_namespace, *values)
    except Exception as error:
        raise failure(op_def, error, inputs) from (None if isinstance(error, (*USER_ERRORS, errors.OpError)) else error)
    finally:
        leave(token)
    results = list(result) if isinstance(result, (tuple, list)) else [] if result is None and not prepared.specs else [result]
    for handle, value in zip(written, results):
        graph.session.write(handle, value)
    return results[len(written):]


def _finished(prepared: Prepared, results: Sequence[Any]) -> list[EagerTensor]:
    """Tensors of results, of the dtypes that inference promised."""
    found = []
    for spec, value in zip(prepared.specs, results):
        dtype = spec.dtype.held
        if dtype.kind == "O":
            if spec.dtype.name == "string" and not isinstance(value, np.ndarray):
                value = np.asarray(value, object)
            shape = value.shape if isinstance(value, np.ndarray) else ()
        else:
            if getattr(value, "dtype", None) != dtype:
                value = np.asarray(value, dtype)
            shape = value.shape
        tensor: EagerTensor = _new(EagerTensor)
        tensor._value, tensor._spec = value, spec if spec.shape == shape else Spec(spec.dtype.base_dtype, shape)
        found.append(tensor)
    return found

