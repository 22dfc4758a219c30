"""EagerGraph: the builder that runs an operation where a graph would add a node.

It stands where a default graph stands, so that all that is written on graphs (op functions, optimizers, layers) asks it instead. It
keeps no operations: a tensor has its value, a tape what it needs for gradients, the session of this graph the variables.
"""
from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np

from ..core import context
from ..core.constant import to_array
from ..core.dtypes import DType
from ..core.graph import Graph
from ..core.make import make
from ..core.op import Op, remember
from ..core.operation import Operation
from ..core.spec import Spec
from ..core.tensor import Tensor
from ..kernels.interrupts import whole
from . import arguments
from .calls import NoKey, keep, key_of
from .run import prepare, run, run_quickly
from .tensor import DEVICE, EagerTensor

_MAX_INT32 = 2 ** 31 - 1
_KNOWN_NUMBERS = 4096
_numbers = itertools.count()


class SymbolicError(Exception):
    """An input is a tensor of a graph of models, which the operation is to be added to."""

    def __init__(self, graph: Any):
        super().__init__(graph)
        self.graph = graph


class EagerGraph(Graph):
    """Runs operations at once. What a graph keeps of them (names in use, collections, nodes) it does not keep."""
    eager = True

    def __init__(self) -> None:
        super().__init__()
        self.constants: dict[Any, EagerTensor] = {}      # of Python numbers
        self.variables: set[type] = set()                # classes of variables, which stand for their values among arguments
        self.entered_controls = nullcontext()
        self._session: Any = None
        self._rng: random.Random | None = None
        self.streams: dict[Any, Any] = {}                # of random operations
        self.on_new_seed: list[Any] = []                 # what functions do when random numbers begin anew

    # -- running ------------------------------------------------------------------------------------------------------
    def execute(self, cls: type[Op], inputs: Sequence[Any], name: str | None, attrs: dict[str, Any]) -> Any:
        """What `make` gives: a tensor, a list or named tuple of them, None of an operation without outputs."""
        key: Any = None
        if cls._by_specs:
            try:
                prepared = cls._eager.get((*[t._spec for t in inputs], *attrs.items()))
            except (AttributeError, TypeError):          # something to convert; an attribute that cannot be hashed
                prepared = None
            if prepared is not None:
                return run_quickly(prepared, inputs)
        inputs = [value.value() if value.__class__ in self.variables else value for value in inputs]  # type: ignore[attr-defined]
        try:
            key = key_of(cls, inputs, attrs)
            call = cls._ready.get(key)
        except (NoKey, TypeError):
            key = call = None
        if call is not None:
            return call(self, inputs, name)
        try:
            outputs = self.outputs_of(cls, inputs, name, dict(attrs), key)
        except SymbolicError as symbolic:
            with symbolic.graph.as_default():
                return make(cls, *inputs, name=name and name.rstrip("/").rpartition("/")[2], **attrs)
        if len(outputs) == 1 and cls._signature.outputs[0].arity == "one":  # type: ignore[union-attr]
            return outputs[0]
        if not outputs:
            return None
        named = cls.results()
        return list(outputs) if named is None else named(*outputs)

    def outputs_of(self, cls: type[Op], inputs: Sequence[Any], name: str | None, attrs: dict[str, Any], key: Any) -> Sequence[EagerTensor]:
        """The outputs of an operation, in a list. What it does is kept for the next one of this key."""
        given = tuple(attrs.items())
        op_def, flat = arguments.convert(self, cls, inputs, attrs)
        prepared = prepare(op_def, flat)
        if key is not None:
            if cls._by_specs and prepared.quick and all(a is b for a, b in zip(inputs, flat)):
                remember(cls._eager, (*[t._spec for t in flat], *given), prepared)
            else:
                keep(cls, key, inputs, prepared, flat)
        return run(self, prepared, flat, name)

    def _add(self, op_def: Op, inputs: tuple[Tensor, ...], name: str, specs: Sequence[Spec], depth: int = 3, line: Any = None) -> Operation:
        """Runs an operation whose inputs are checked; what comes back has its outputs, and is kept by nobody."""
        op = self.operation(op_def, inputs, name)
        op.outputs = list(run(self, prepare(op_def, inputs), inputs, name))
        return op

    def operation(self, op_def: Op, inputs: Sequence[Tensor], name: str | None) -> Operation:
        """A record of an operation, for what asks for one: tapes, gradients, errors, operations with state."""
        op = object.__new__(Operation)
        op.graph, op._op_def, op.name, op._inputs = self, op_def, name or type(op_def).__name__, tuple(inputs)
        op._control, op._extra, op._device, op._origin, op._id, op._original_op = (), None, DEVICE, None, -1, None
        return op

    def constant(self, array: np.ndarray, dtype: DType) -> EagerTensor:
        """A tensor of an array that nobody else writes."""
        return EagerTensor(array, Spec(dtype, array.shape))

    def custom_gradient(self, f: Any, args: Any, kwargs: Any) -> Any:
        """The outputs of a function that brings its own gradient."""
        from .custom import call  # at first use: saves 2 ms; few programs have gradients of their own
        return call(self, f, args, kwargs)

    def number(self, value: Any, dtype: DType) -> EagerTensor:
        """A Python number as a tensor; the same one for the same number. TypeError where it does not fit."""
        key = value, value.__class__, dtype
        known = self.constants.get(key)
        if known is None:
            known = self.constant(to_array(value, dtype)[0], dtype)
            if len(self.constants) >= _KNOWN_NUMBERS:
                self.constants.clear()
            if value == value and value != 0:            # 0.0 and -0.0 are equal keys
                self.constants[key] = known
        return known

    def own(self, tensor: Tensor, user: str = "") -> Tensor:
        """`tensor`, if it has a value; ValueError for one of a graph."""
        if tensor.__class__ is EagerTensor:
            return tensor
        if tensor._op.graph.takes_symbolic:
            raise SymbolicError(tensor._op.graph)
        line = tensor._op.line
        where = f" (made at {line}: {line.text})" if line else ""
        raise TypeError(f"{tensor.name}{where} is a symbolic tensor of a graph, but eager execution is on here and wants a value: use it "
                        "inside of its function, `with tf.Graph().as_default()` or tf.init_scope, or return it from the function.")

    @property
    def session(self) -> Any:
        """Where variables and other state live, made on first use."""
        if self._session is None:
            from .session import EagerSession  # at first use: saves 10 ms; programs without variables
            self._session = EagerSession(self)
        return self._session

    @property
    def store(self) -> Any:
        return self.session._store

    # -- random numbers -----------------------------------------------------------------------------------------------
    @property
    def seed(self) -> int | None:
        """The global seed."""
        return self._seed

    @seed.setter
    def seed(self, seed: int | None) -> None:
        self._seed = seed
        self._rng = None if seed is None else random.Random(seed)
        self.streams.clear()
        for forget in self.on_new_seed:
            forget()

    def operation_seed(self) -> int | None:
        """The seed of a random operation without one, where there is a global one."""
        return None if self._rng is None else self._rng.randint(0, _MAX_INT32)

    # -- scopes: names count nothing ----------------------------------------------------------------------------------
    def _op_name(self, name: str | bytes) -> str:
        return name if isinstance(name, str) else name.decode()

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        return self._names.here.scope + name

    def fresh_name(self, name: str) -> str:
        """A name for a resource, which no other one has."""
        return f"{name}_{next(_numbers)}"

    @contextmanager
    def name_scope(self, name: str | None) -> Iterator[str]:
        """The prefix of variables made inside."""
        here = self._names.here
        before = here.scope
        here.scope = "" if not name else name if name[-1] == "/" else before + name + "/"
        try:
            yield here.scope
        finally:
            here.scope = before

    @contextmanager
    @whole
    def as_default(self) -> Iterator[Graph]:
        with context.entered(context.stacks.graphs, self):
            yield self

    def control_dependencies(self, control_inputs: Any) -> AbstractContextManager[None]:
        """Nothing: operations run in the order of the program."""
        if callable(control_inputs):
            control_inputs()
        return self.entered_controls

    def colocate_with(self, op: Any, ignore_existing: bool = False) -> Any:
        """Nothing: there is one device."""
        return self.entered_controls

    _colocate_with = colocate_with

    def _attr_scope(self, attributes: dict[str, Any]) -> Any:
        return self.entered_controls

    def add_to_collection(self, name: Any, value: Any) -> None:
        """Nothing is collected: collections would keep what nobody needs any more."""

    def finalize(self) -> None:
        raise RuntimeError("graphs are not used with eager execution")

    def as_graph_element(self, obj: Any, allow_tensor: bool = True, allow_operation: bool = True) -> Any:
        if isinstance(obj, EagerTensor):
            return obj
        if hasattr(obj, "_as_graph_element"):
            return obj._as_graph_element()
        return super().as_graph_element(obj, allow_tensor, allow_operation)

