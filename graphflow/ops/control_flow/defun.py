"""Defun, of tensorflow.python.framework.function: makes functions of a graph's library; each call of one is a node of its type."""
from __future__ import annotations

import base64
import hashlib
import inspect
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype
from ...core.errors import InvalidArgumentError
from ...core.func_graph import FuncGraph
from ...core.graph import Graph
from ...core.make import make_op
from ...core.op import OPS, Spec
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...graphdef.foreign import of_function
from ...graphdef.functions import definition
from .bodies import finish, register


class Defun:
    """Decorator of a Python function of tensors: @Defun(tf.float32, tf.float32); @Defun() takes the types of each call's arguments.

    func_name: its name in the library; by default made of its own and of what it does. python_grad_func: (operation of the call, gradient
    per output) -> gradient per input; grad_func: a function made by Defun, of the inputs and the gradients of the outputs. shape_func:
    operation -> shapes of the outputs, which are unknown otherwise. out_names, noinline, compiled and separate_compiled_gradients change
    nothing of what is computed.
    """

    def __init__(self, *input_types: Any, **kwargs: Any):
        self._types = [as_dtype(t) for t in input_types]
        self._options = kwargs

    def __call__(self, func: Callable[..., Any]) -> DefinedFunction:
        if not callable(func):
            raise ValueError(f"function {func} must be callable.")
        kinds = inspect.signature(func).parameters.values()
        if any(p.kind is p.KEYWORD_ONLY or p.kind is p.VAR_KEYWORD for p in kinds):
            raise ValueError("Functions with argument defaults or keywords arguments are not supported.")
        some = any(p.kind is p.VAR_POSITIONAL for p in kinds)
        least = sum(p.kind is not p.VAR_POSITIONAL and p.default is p.empty for p in kinds)
        if self._types and (len(self._types) < least or len(self._types) > len(kinds) and not some):
            raise ValueError(f"The function has fewer arguments than the number of specified input types: {len(self._types)} types for "
                             f"{len(kinds)} arguments.")
        return DefinedFunction(func, self._types if self._types or not (least or some) else None, **self._options)


class DefinedFunction:
    """A function of a library; called with tensors it adds one operation. In each graph it is traced at its first call."""

    def __init__(self, func: Callable[..., Any], types: Sequence[DType] | None, func_name: str | None = None, grad_func: Any = None,
                 python_grad_func: Any = None, out_names: Any = None, shape_func: Any = None, noinline: bool = False, **_: Any):
        if grad_func is not None and python_grad_func is not None:
            raise ValueError("Gradient defined twice for function")
        if func_name is not None and func_name in OPS:
            raise InvalidArgumentError(None, None, f"Cannot add function '{func_name}' because an op with the same name already exists.")
        self._func, self._types, self._name, self._grad_func = func, types, func_name, grad_func
        self.python_grad_func, self._shape_func, self._noinline = python_grad_func, shape_func, noinline
        self._traced: weakref.WeakKeyDictionary[Graph, dict[tuple[DType, ...], FuncGraph]] = weakref.WeakKeyDictionary()
        self.__doc__, self.__name__ = func.__doc__, getattr(func, "__name__", "function")

    def __call__(self, *args: Any, name: str | None = None) -> Any:
        if self._types is not None and len(args) != len(self._types):
            raise ValueError(f"Expected {len(self._types)} arguments, got {len(args)}.")
        wanted: list[DType | None] = [*self._types] if self._types else [None] * len(args)
        given = [convert_to_tensor(a, preferred_dtype=t) for a, t in zip(args, wanted)]
        for i, (tensor, t) in enumerate(zip(given, wanted)):
            if t is not None and tensor.dtype.base_dtype is not t:
                raise ValueError(f"Input {i} of the function {self.name} passed {tensor.dtype.base_dtype.name} expected {t.name}: "
                                 f"{tensor.name}")
        body = self._body(tuple(t.dtype.base_dtype for t in given))
        graph = context.default_graph()
        inputs = [graph.own(t) if graph.building_function else t for t in (*given, *body.captures)]
        op = make_op(of_function(definition(body).signature), inputs, name, {})
        if self._noinline:
            op._set_attr("_noinline", True)
        for tensor, shape in zip(op.outputs, self._shape_func(op) if self._shape_func else ()):
            tensor.set_shape(shapes.as_tuple(shape))
        return op if not op.outputs else op.outputs[0] if len(op.outputs) == 1 else tuple(op.outputs)

    def _body(self, types: tuple[DType, ...] | None = None) -> FuncGraph:
        """The body in the default graph."""
        if types is None:
            if self._types is None:
                raise ValueError(f"{self.__name__} takes the types of its arguments from its calls: it has no definition before one.")
            types = tuple(self._types)
        home = context.default_graph().shared
        known = self._traced.setdefault(home, {})
        if types not in known:
            known[types] = self._trace(home, types)
        return known[types]

    def _trace(self, home: Graph, types: tuple[DType, ...]) -> FuncGraph:
        body = FuncGraph(self.__name__, home)
        names = [p.name for p in inspect.signature(self._func).parameters.values() if p.kind is not p.VAR_POSITIONAL]
        with home.as_default(), home.control_dependencies(None), body.as_default():
            arguments = [body.add_input(Spec(t, None), names[i] if i < len(names) else f"arg{i}") for i, t in enumerate(types)]
            found = self._func(*arguments)
            finish(body, [] if found is None or isinstance(found, Operation) else found)
        body.common = True                        # several calls have it: gradients change a copy
        body.name = self._name or self._unique(body)
        register(body)
        gradient = self.python_grad_func or (self._by_function if self._grad_func is not None else None)
        if gradient is not None:
            home._gradient_functions[body.name] = gradient
        return body

    def _unique(self, body: FuncGraph) -> str:
        """A name of what the function is called and does: equal functions share it."""
        body.name = ""
        digest = hashlib.sha256(definition(body).SerializeToString(deterministic=True)).digest()[:8]
        code = base64.b64encode(digest).decode().rstrip("=").replace("+", "a").replace("/", "b")
        before = "" if self._grad_func is None else f"{self._grad_func.name}_"
        return f"{self.__name__}_{before}{code}" if self.__name__.isidentifier() else f"function_{before}{code}"

    def _by_function(self, op: Operation, *dys: Tensor) -> list[Any]:
        """The gradients of a call by the function that was given for them; of what the body captures none."""
        (body,) = op._op_def.bodies_of(op)
        arity = len(op.inputs) - len(body.captures)
        found = self._grad_func(*op.inputs[:arity], *dys)
        return [*(found if isinstance(found, tuple) else [found]), *[None] * len(body.captures)]

    @property
    def name(self) -> str:
        """Its name in the library of the default graph."""
        return self._name or self._body().name

    @property
    def definition(self) -> Any:
        """Its FunctionDef."""
        return definition(self._body())

    @property
    def captured_inputs(self) -> list[Tensor]:
        """The tensors outside that it uses: further inputs of each call."""
        return list(self._body().captures)

    @property
    def declared_input_types(self) -> tuple[DType, ...]:
        """The types of its arguments."""
        return tuple(self._types or ())

    @property
    def stateful_ops(self) -> list[tuple[str, str]]:
        """(name, type) of the operations in it that have state."""
        return [(op.name, op.type) for op in self._body()._ops if op._op_def.stateful]

    @property
    def grad_func_name(self) -> str | None:
        """The name of the function that computes its gradient."""
        return None if self._grad_func is None else self._grad_func.name
