"""Lowering: the ordered operations of a run become plan nodes, by calling each kernel once on the tracing namespace.

A variable is a chain of immutable versions inside a plan: reading gives the version current at that place in the order,
writing makes the next one. Operations whose kernels need real data become `call` nodes.
"""
from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import errors
from ..core.collections import GraphKeys
from ..core.constant import Const
from ..core.contents import Contents
from ..core.dtypes import c_name
from ..core.effects import HANDLE, READ, WRITE
from ..core.make import variable_spec
from ..core.op import static_positions
from ..core.operation import Operation
from ..core.shapes import describe
from ..core.tensor import Tensor
from ..kernels.namespace import numpy_namespace
from .build import Ordered, variable_behind
from .complaints import USER_ERRORS, at_op, failure
from .concrete import Failing, inferred, is_complete
from .effects import Touch
from .expected import Shapes, Told, effective
from .ir import Call, Draws, Handle, Plan, Write, has_effect
from .node import Node, Unknown, Untraceable
from .tracer import Tracer

_FOLD_LIMIT = 1 << 24      # bytes; larger results of constant work are computed in the run


class Lowering:
    """One walk over the ordered operations.

    store: answers variable(key) -> (shape, numpy dtype), or None for one without a value. holders: what lowers operations with bodies,
    by what they hold (`Op.holds`): `holders.branches(lowering, operation)`, likewise `call` and `loop`. expected: shapes that calls are
    expected to give, as long as nothing before them has an effect.
    """

    def __init__(self, ops: Ordered, fetches: list[Tensor], feeds: list[tuple[Tensor, tuple[int, ...]]], store: Any, holders: Any,
                 expected: Shapes | None = None):
        self.ops, self.fetches, self.store, self.holders = ops, fetches, store, holders
        self.late, self.effects = ops.late, ops.effects
        self.expected: Shapes = expected or {}
        self.looked = 0                              # nodes that are known to be without effect
        self.tracer = Tracer()
        self.values: dict[Tensor, Any] = {}
        self.current: dict[str, Any] = {}            # variable key -> newest version
        self.written: dict[str, Any] = {}
        self.fed: set[Tensor] = set()
        self.taken: set[Tensor] | None = None        # what operations take and fetches ask for, once needed
        for i, (tensor, shape) in enumerate(feeds):
            dtype = tensor.dtype.base_dtype
            self.tracer.source = tensor._op
            self.values[tensor] = self.tracer.input("feed", i, shape, dtype.held)
            self.fed.add(tensor)
        for tensor, key in ops.effects.given.items():     # resources that a body is given
            self.values.setdefault(tensor, Handle(key, ops.effects.stands.get(key, tensor._op)))

    def run(self) -> Plan:
        with np.errstate(all="ignore"), self.tracer:
            for op in self.ops:
                if op.outputs and all(t in self.fed for t in op.outputs):
                    continue
                self.tracer.source = op
                try:
                    self.lower(op)
                except errors.OpError as error:     # nothing fed, not initialized
                    raise failure(op, error) from error.__cause__
                except USER_ERRORS as error:
                    found = failure(op, error, [self.values.get(t) for t in op._inputs])
                    if any(map(has_effect, self.tracer.nodes)):     # an assertion, say, that may have more to say
                        return self.up_to(op, found)
                    raise found from error
            outputs = [self.fetched(t) for t in self.fetches]
        return Plan(self.tracer.inputs, self.tracer.nodes, outputs, [Write(*written) for written in self.written.items()])

    def up_to(self, op: Operation, error: errors.OpError) -> Plan:
        """What comes before `op`, which then fails: earlier operations have their effects, and fail first if they do."""
        results = [(_full(t._spec.shape), t.dtype.base_dtype.held) for t in self.fetches]
        outputs = self.called((), Call(op, Failing(error), tuple(results), 0), results)
        return Plan(self.tracer.inputs, self.tracer.nodes, outputs, [Write(*written) for written in self.written.items()])

    # -- one operation ------------------------------------------------------------------------------------------------
    def lower(self, op: Operation) -> None:
        op_def = op._op_def
        if op_def.__class__ is Const:
            self.values[op.outputs[0]] = op_def.value
            return
        key = op_def.resource_key(op)
        if key is not None:
            self.values[op.outputs[0]] = Handle(key, op)
            return
        if op_def.must_be_fed:
            raise self.unfed(op)
        touches = self.effects.touches.get(op)
        if touches and op_def.lowered is None:
            self.lower_access(op, op_def, touches)
        else:
            if op_def.lowered is not None:
                results = op_def.lowered(self, op)
            else:
                results = self.evaluate(op, op_def, [self.argument(t, op) for t in op._inputs])
            for tensor, value in zip(op.outputs, results):
                if tensor not in self.fed:
                    self.values[tensor] = value

    def lower_access(self, op: Operation, op_def: Any, touches: list[Touch]) -> None:
        """An operation on resources: it gets their values or handles, and returns new values first."""
        by_position = {touch.position: touch for touch in touches}
        args: list[Any] = []
        for i, tensor in enumerate(op._inputs):
            touch = by_position.get(i)
            if touch is None or (touch.key is None and touch.how == HANDLE):        # which resource it is, the run says
                args.append(self.argument(tensor, op))
            elif touch.key is None:
                raise errors.InvalidArgumentError(None, op, at_op(op, f"{tensor.name} is no variable; it cannot be assigned"))
            elif touch.how & HANDLE:
                made = self.values.get(tensor)
                args.append(Handle(touch.key, made.op if made.__class__ is Handle else op, self.current.get(touch.key)))
            else:
                made = self.values.get(tensor) if tensor.dtype.is_ref and touch.how == READ else None
                args.append(self.read(touch.key, made.op if made.__class__ is Handle else op) if touch.how & READ else None)
        keys = [key for _, key in self.written_inputs(op)]
        unread = tuple([self.shape_of(t.key) for t in touches if t.key is not None and args[t.position] is None])
        results = self.evaluate(op, op_def, args, len(keys), unread)
        for key, value in zip(keys, results):
            self.write(key, value)
        news, rest = list(results[:len(keys)]), list(results[len(keys):])
        for i, tensor in enumerate(op.outputs):
            self.values[tensor] = news[i] if tensor.dtype.is_ref and i < len(news) else rest.pop(0)

    def written_inputs(self, op: Operation) -> list[tuple[Tensor, str]]:
        """The inputs whose resources get the first results of `op`, with their keys."""
        return [(op._inputs[touch.position], touch.key) for touch in self.effects.touches.get(op, ())
                if touch.key is not None and touch.how & WRITE and not touch.how & HANDLE]

    def argument(self, tensor: Tensor, user: Operation | None = None) -> Any:
        if self.late and tensor in self.late.get(user, ()):  # type: ignore[arg-type]
            tensor = variable_behind(tensor)
        value = self.values.get(tensor)
        if value is None:                                  # a handle that a function is given
            return Handle(self.effects.home[tensor], tensor._op)
        if value.__class__ is Handle and tensor.dtype.is_ref:
            return self.read(value.key, value.op)
        return value

    def fetched(self, tensor: Tensor) -> Any:
        """The value of a fetch; fetching a variable gives its value after the run."""
        if tensor in tensor.graph._final_reads and tensor not in self.fed:
            return self.read(self.effects.home[tensor._op._inputs[0]], tensor._op)
        return self.argument(tensor)

    def read(self, key: str, op: Operation) -> Any:
        value = self.current.get(key)
        if value is None:
            found = self.store.variable(key)
            if found is None:
                raise self.uninitialized(key, op)
            value = self.current[key] = self.tracer.input("variable", key, *found)
        return value

    def write(self, key: str, value: Any) -> None:
        """The newest version of a resource."""
        self.current[key] = self.written[key] = value

    def held(self, holds: str, op: Operation) -> list[Any]:
        """The outputs of an operation with bodies: "call", "branches" or "loop"."""
        found: list[Any] = getattr(self.holders, holds)(self, op)
        return found

    def has(self, key: str) -> bool:
        """Whether a resource has a value at this place."""
        return key in self.current or self.store.variable(key) is not None

    def consumed(self, op: Operation) -> list[int]:
        """Which outputs of an operation something in this run takes."""
        if self.taken is None:
            self.taken = {t for other in self.ops for t in other._inputs}
            self.taken.update(self.fetches)
        return [i for i, t in enumerate(op.outputs) if t in self.taken]

    # -- evaluation ---------------------------------------------------------------------------------------------------
    def evaluate(self, op: Operation, op_def: Any, args: list[Any], writes: int = 0, unread: Sequence[Any] = ()) -> list[Any]:
        """The results of the kernel: nodes, or arrays when everything is known. unread: shapes of the variables that are None in `args`."""
        specs = inferred(op, args, unread)
        results = self.traced(op, op_def, args, writes)
        return self.call(op, op_def, args, writes, specs, unread) if results is None else results

    def traced(self, op: Operation, op_def: Any, args: list[Any], writes: int) -> list[Any] | None:
        """The results of the kernel called here and now; None where it must be called in the run."""
        if op_def.stateful:
            return self.drawn(op, op_def, args) if self.draws(op_def, args) else None
        unknown = [a for a in args if a.__class__ is Node]
        if not unknown:
            if op_def.elementwise and _repeats_one_number(args):
                result = op_def.kernel(numpy_namespace, *(a[(slice(0, 1),) * a.ndim + (...,)] for a in args))
                return self.finish(op, np.broadcast_to(result, np.broadcast_shapes(*(a.shape for a in args))), writes)
            if not self.too_large(op, op_def, args) and not op_def.mutates:
                return self.finish(op, op_def.kernel(numpy_namespace, *args), writes)
            return None
        if op_def.host or any(a.shape is None for a in unknown):
            return None
        static = static_positions(type(op_def), len(args))
        if any(args[i].__class__ is Node for i in static):
            return None
        self.tracer.arguments = args
        try:
            return self.finish(op, op_def.kernel(self.tracer, *args), writes)
        except Unknown:
            return None
        except Untraceable as reason:
            if not any(t.dtype.base_dtype.held.hasobject for t in (*op._inputs, *op.outputs)):      # strings and handles are the host's
                warnings.warn(f"{op.type} runs on the host: its kernel asked the plan for {reason}. The values are right; please report "
                              "this to graphflow.", RuntimeWarning, stacklevel=3)
            return None

    def draws(self, op_def: Any, args: list[Any]) -> bool:
        """Whether all that an operation does beside its kernel is to take a known number of blocks of its random stream."""
        static = static_positions(type(op_def), len(args))
        return op_def.draws and all(args[i].__class__ is not Node if i in static else a.shape is not None for i, a in enumerate(args))

    def drawn(self, op: Operation, op_def: Any, args: list[Any]) -> list[Any]:
        """The results of a kernel that gets, before its arguments, the place in its random stream."""
        self.tracer.arguments = args
        place = self.tracer.new("stream", (), Draws(op, op_def.blocks(*args)), (3,), np.dtype(np.uint64), merge=False)
        return self.finish(op, op_def.kernel(self.tracer, place, *args), 0)

    def too_large(self, op: Operation, op_def: Any, args: list[Any]) -> bool:
        """Whether constant work is better done in the run: its result is big (and is no broadcast of something small)."""
        size = 0
        for t in op.outputs:
            shape = t._spec.shape
            if shape is not None and None not in shape:
                size += int(np.prod(shape, dtype=np.int64)) * 8  # type: ignore[arg-type]
        return size > _FOLD_LIMIT and not op_def.compact(*args)

    def finish(self, op: Operation, result: Any, writes: int) -> list[Any]:
        """Results in a list, each with the dtype that inference promised."""
        results = list(result) if isinstance(result, (tuple, list)) else [result]
        promised = [t._spec.dtype.held for t in op.outputs]
        if writes:
            refs = sum(t.dtype.is_ref for t in op.outputs)
            promised = self.written_dtypes(op, writes) + promised[min(refs, writes):]
        out: list[Any] = []
        for i, value in enumerate(results):
            dtype = promised[i] if i < len(promised) else None
            if value.__class__ is Handle:
                out.append(value)
            elif value.__class__ is Node:
                out.append(value if dtype is None or value.dtype == dtype else self.tracer.astype(value, dtype))
            elif dtype is None or dtype.kind == "O":
                out.append(value if isinstance(value, np.ndarray) else np.asarray(value, object if dtype is not None else None))
            else:
                out.append(np.asarray(value, dtype))
        return out

    def call(self, op: Operation, op_def: Any, args: list[Any], writes: int, found: Sequence[Any], unread: Sequence[Any]) -> list[Any]:
        """A node that runs the kernel on real arrays; `found`: the outputs' specs, as far as known now."""
        shapes = [_full(s.shape) for s in found]
        dtypes = [t.dtype.base_dtype.held for t in op.outputs]
        refs = sum(t.dtype.is_ref for t in op.outputs)
        news = [self.written_spec(op, i) for i in range(writes)]
        inside = () if op_def.contents is None else op_def.contents(*args)
        for i, known in enumerate(inside):
            if known.__class__ is tuple and shapes[i] is None:
                shapes[i] = known
        guards = self.guarded(op, op_def, shapes) if self.expected and not writes else ()
        results = news + list(zip(shapes, dtypes))[min(refs, writes):]
        par = Call(op, op_def, tuple(results), writes if op_def.mutates else 0, not is_complete(op, args), tuple(unread), guards)
        merge = not op_def.stateful and not writes
        made = self.called(args, par, results, merge)
        for node, known in zip(made, inside):
            node.contents = known if known.__class__ is Contents else None
        return made

    def guarded(self, op: Operation, op_def: Any, shapes: list[Any]) -> tuple[int, ...]:
        """The outputs of a call that is expected to give shapes as in earlier runs; puts these into `shapes`."""
        if op_def.stateful:
            return ()
        if not isinstance(self.expected, Told) and effective(self.tracer.nodes[self.looked:]):
            self.expected = {}
            return ()
        self.looked = len(self.tracer.nodes)
        found = tuple(i for i, shape in enumerate(shapes) if shape is None and (op, i) in self.expected)
        for i in found:
            shapes[i] = self.expected[op, i]
        return found

    def called(self, args: Sequence[Any], par: Call, results: Sequence[Any], merge: bool = False) -> list[Any]:
        """The values that a call gives, of these shapes and dtypes."""
        if len(results) == 1:
            shape, dtype = results[0]
            return [self.tracer.new("call", tuple(args), par, shape, dtype, merge=merge)]
        whole = self.tracer.new("call", tuple(args), par, (), np.dtype(object), merge=merge)
        return [self.tracer.new("item", (whole,), i, shape, dtype) for i, (shape, dtype) in enumerate(results)]

    def shape_of(self, key: str) -> Any:
        """The shape that a variable has here; None if it has no value yet."""
        value = self.current.get(key)
        found = self.store.variable(key) if value is None else None
        return value.shape if value is not None else found[0] if found is not None else None

    def written_dtypes(self, op: Operation, writes: int) -> list[np.dtype[Any]]:
        found = []
        for tensor, _ in self.written_inputs(op)[:writes]:
            value = self.values.get(tensor)
            behind = value.op._op_def.variable() if value.__class__ is Handle else None
            found.append((behind or variable_spec(tensor)).dtype.base_dtype.np)
        return found

    def written_spec(self, op: Operation, i: int) -> tuple[Any, Any]:
        """Shape and dtype of the i-th variable that `op` writes: those it has, as such ops keep them."""
        key = self.written_inputs(op)[i][1]
        value = self.current.get(key)
        if value is not None:
            return value.shape, value.dtype
        found = self.store.variable(key)
        return found if found is not None else (None, self.written_dtypes(op, i + 1)[i])

    # -- what goes wrong ----------------------------------------------------------------------------------------------
    def unfed(self, op: Operation) -> errors.OpError:
        tensor = op.outputs[0]
        shape = "" if tensor._spec.shape is None else f" and shape {describe(tensor._spec.shape)}"
        needs = [f.name for f in self.fetches][:3] or [o.name for o in self.ops[-1:]]
        return errors.InvalidArgumentError(None, op, at_op(
            op, f"You must feed a value for placeholder tensor '{op.name}' with dtype {c_name(tensor.dtype)}{shape}\n"
                f"  needed to compute {', '.join(needs)}; pass feed_dict={{{op.name}: ...}} to Session.run"))

    def uninitialized(self, key: str, op: Operation) -> errors.OpError:
        missing = [key]
        for touches in self.effects.touches.values():
            missing += [touch.key for touch in touches if touch.key is not None and touch.how & (READ | HANDLE) == READ
                        and touch.key not in self.current and self.store.variable(touch.key) is None]
        missing = list(dict.fromkeys(missing))
        more = f"\n  and {len(missing) - 1} more: {', '.join(missing[1:9])}" if len(missing) > 1 else ""
        return errors.FailedPreconditionError(None, op, at_op(
            op, f"Attempting to use uninitialized value {key}{more}\n"
                f"  run {_initializers(op.graph, missing)} in this session first (or restore a checkpoint)"))


def _repeats_one_number(args: list[Any]) -> bool:
    """Whether known arrays are all broadcast from single numbers, so that elementwise work on them need be done only once."""
    return any(a.size > 1 for a in args) and all(a.size and not any(n for n, d in zip(a.strides, a.shape) if d > 1) for a in args)


def _initializers(graph: Any, missing: list[str]) -> str:
    """The calls that would initialize these variables."""
    local = {v.op.name for v in graph.get_collection(GraphKeys.LOCAL_VARIABLES)} & set(missing)
    calls = [*(["tf.global_variables_initializer()"] if len(local) < len(missing) else []),
             *(["tf.local_variables_initializer()"] if local else [])]
    return " and ".join(calls)


def _full(shape: Any) -> Any:
    return None if shape is None or None in shape else tuple(shape)
