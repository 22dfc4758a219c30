"""tf.function: a Python function that is traced, once per kind of arguments, and then runs as a graph.

What is traced is a FuncGraph; `eager.traced` runs it through plan and engine, as a session does, or adds it as one operation to a graph
that is being built. Python runs while tracing only.
"""
from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core import context, nest
from ..core.convert import convert_to_tensor
from ..core.export import export
from ..core.func_graph import FuncGraph
from ..core.op import Spec
from ..core.shapes import as_tuple, compatible, relax
from ..core.tensor import Tensor
from ..core.type_specs import TensorSpec
from .autograph import converted
from .forms import Form, Signed, as_spec, covers, finished, frozen, places, plain, spec_of, thawed
from .parts import Part
from .retracing import retracing_of
from .tape import Watcher, hidden
from .traced import Traced

_run_eagerly = [False]


class Function:
    """What `tf.function` makes of a Python function."""

    def __init__(self, python_function: Callable[..., Any], name: str | None = None, input_signature: Any = None, autograph: bool = True,
                 reduce_retracing: bool = False):
        self._python_function, self._autograph, self._relax = python_function, autograph, bool(reduce_retracing)
        self._name = str(name or getattr(python_function, "__name__", "function"))
        self._signature: Any = None if input_signature is None else nest.map_structure(as_spec, tuple(input_signature))
        self._cache: dict[Any, ConcreteFunction] = {}
        self._by_graph: weakref.WeakKeyDictionary[Any, dict[Any, ConcreteFunction]] = weakref.WeakKeyDictionary()
        self._bound: weakref.WeakKeyDictionary[Any, Function] = weakref.WeakKeyDictionary()
        self._created = False
        self._traces = 0
        self._retracing = retracing_of(python_function)
        self._code: Any = None
        functools.update_wrapper(self, python_function, updated=())

    @property
    def python_function(self) -> Any:
        """The function that was wrapped."""
        return self._python_function

    @property
    def input_signature(self) -> Any:
        """What arguments are allowed, or None."""
        return self._signature

    @property
    def experimental_get_tracing_count(self) -> Any:
        """A function that says how often the Python function was traced."""
        return lambda: self._traces

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        found = self._bound.get(instance)
        if found is None:
            method = _WeakMethod(self._python_function.__get__(instance, owner))
            found = self._bound[instance] = Function(method, self._name, self._signature, self._autograph, self._relax)
        return found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if _run_eagerly[0] and context.default_graph().eager:
            return self._python_function(*args, **kwargs)
        form, tensors = self._canonical(args, kwargs)
        before = self._traces
        function = self._concrete(form, tensors)
        self._retracing.calls += 1
        if self._traces > before:
            self._retracing.note(self._python_function)
        return function._called(tensors)

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> ConcreteFunction:
        """The traced function for arguments like these; a `tf.TensorSpec` stands for tensors of its kind."""
        if self._signature is not None and not args and not kwargs:
            args = self._signature
        form, tensors = self._canonical(args, kwargs, specs=True)
        return self._concrete(form, tensors)

    def experimental_relax_shapes(self) -> None:
        """From now on shapes that differ are generalised."""
        self._relax = True

    # -- arguments ----------------------------------------------------------------------------------------------------
    def _canonical(self, args: Any, kwargs: Any, specs: bool = False) -> tuple[Any, list[Any]]:
        """The structure of the arguments with places for tensors, and these."""
        if kwargs or self._signature is not None:
            args, kwargs = self._in_order(args, kwargs)
        if self._signature is not None:
            args = self._signed(args)
        tensors: list[Any] = []
        return Form(frozen((args, kwargs), tensors, specs)), tensors

    def _in_order(self, args: Any, kwargs: Any) -> tuple[Any, dict[str, Any]]:
        try:
            bound = inspect.signature(self._python_function).bind(*args, **kwargs)
        except ValueError:
            return args, kwargs
        return bound.args, bound.kwargs

    def _signed(self, args: Any) -> Any:
        if len(args) > len(self._signature):
            raise TypeError(f"{self._name} has an input_signature of {len(self._signature)} arguments, but got {len(args)}")
        if len(args) < len(self._signature):
            raise TypeError(f"{self._name} needs {len(self._signature)} arguments, as its input_signature says, but got {len(args)}")
        return tuple([self._fitted(spec, value) for spec, value in zip(self._signature, args)])

    def _fitted(self, spec: Any, value: Any) -> Any:
        """An argument, in the structure of its part of the signature."""
        if isinstance(spec, Mapping) and isinstance(value, Mapping) and spec.keys() == value.keys():
            return {k: self._fitted(spec[k], value[k]) for k in spec}
        if isinstance(spec, (list, tuple)) and isinstance(value, (list, tuple)) and len(spec) == len(value):
            return type(spec)([self._fitted(s, v) for s, v in zip(spec, value)])
        if not isinstance(spec, TensorSpec):
            raise ValueError(f"Structure of Python function inputs does not match input_signature of {self._name}: {value}, {spec}")
        if isinstance(value, TensorSpec):
            return spec
        tensor = convert_to_tensor(value, spec.dtype)
        if not compatible(tensor.static, as_tuple(spec.shape)):
            raise TypeError(f"Python inputs incompatible with input_signature of {self._name}: a tensor of shape {tensor.shape} where "
                            f"the signature says {spec}")
        return Signed(tensor, Spec(spec.dtype, as_tuple(spec.shape)))

    # -- tracing ------------------------------------------------------------------------------------------------------
    def _concrete(self, form: Form, tensors: list[Any]) -> ConcreteFunction:
        graph = context.default_graph()
        cache = self._cache if graph.eager else self._by_graph.setdefault(graph, {})
        specs = tuple([spec_of(t) for t in tensors])
        key = form, specs
        found = cache.get(key)
        if found is None and self._relax:
            found = next((f for (other, more), f in cache.items() if other == form and covers(more, specs)), None)
            if found is None:
                dtypes = [s.dtype for s in specs]
                like = next((more for other, more in cache if other == form and [s.dtype for s in more] == dtypes), None)
                if like is not None:
                    specs = tuple([Spec(s.dtype, relax(s.shape, o.shape)) for s, o in zip(specs, like)])
                    key = form, specs
        if found is None:
            found = cache[key] = self._traced(form, specs, tensors)
        return found

    def _traced(self, form: Form, specs: tuple[Spec, ...], tensors: list[Any]) -> ConcreteFunction:
        created: list[Any] = []
        found = self._trace(form, specs, tensors, created)
        if created:
            if self._created:
                raise ValueError("tf.function only supports singleton tf.Variables created on the first call. Make sure the tf.Variable is "
                                 "only created once or created outside tf.function.")
            self._created = True
            again: list[Any] = []
            found = self._trace(form, specs, tensors, again)
            if again:
                raise ValueError("tf.function-decorated function tried to create variables on non-first call: make them outside of it, or "
                                 "keep them: `if self.w is None: self.w = tf.Variable(...)`")
        return found

    def _argument_names(self, form: Form) -> list[str]:
        """A name for each tensor among the arguments: that of the parameter it is given to."""
        try:
            parameters = list(inspect.signature(self._python_function).parameters.values())
        except ValueError:
            parameters = []
        plain = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        args, kwargs = form.structure
        return [name for part, name in (*((a, plain[i] if i < len(plain) else f"args_{i}") for i, a in enumerate(args)),
                                        *((value, key) for key, value in kwargs.items())) for _ in range(places(part))]

    def _trace(self, form: Form, specs: tuple[Spec, ...], tensors: list[Any], created: list[Any]) -> ConcreteFunction:
        self._traces += 1
        if self._code is None:
            self._code = converted(self._python_function) if self._autograph else self._python_function
        graph = context.default_graph()
        body = FuncGraph(f"__inference_{self._name}", graph)
        watcher = Watcher()
        making = _variables_into(graph, created, body, tensors)
        with hidden(watcher), body.as_default(), making:
            names = self._argument_names(form)
            arguments = [body.add_input(spec, names[i]) for i, spec in enumerate(specs)]
            args, kwargs = thawed(form.structure, iter(arguments))
            result = self._code(*args, **kwargs)
            kept = finished(body, result)
        found = ConcreteFunction(body, form, specs, kept, self._name)
        found._traced.variables = list(watcher.variables.values())
        return found

    def __repr__(self) -> str:
        return f"<tf.function {self._name}>"


class _WeakMethod:
    """A method whose instance it does not keep."""
    _graphflow_method = True

    def __init__(self, method: Any):
        self.function = method.__func__
        self._instance = weakref.ref(method.__self__)
        functools.update_wrapper(self, method, updated=())
        self.__wrapped__ = method.__func__

    @property
    def __signature__(self) -> inspect.Signature:
        signature = inspect.signature(self.function)
        return signature.replace(parameters=list(signature.parameters.values())[1:])

    @property
    def instance(self) -> Any:
        """The object whose method it is."""
        found = self._instance()
        if found is None:
            raise ReferenceError("the object whose method this is exists no more")
        return found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(self.instance, *args, **kwargs)


class ConcreteFunction:
    """One trace: a function of tensors."""

    def __init__(self, body: FuncGraph, form: Any, specs: tuple[Spec, ...], result: Any, name: str):
        self._traced, self._form, self._specs, self._result, self._name = Traced(body), form, specs, result, name

    graph = property(lambda self: self._traced.body)
    name = property(lambda self: self._traced.body.name)
    inputs = property(lambda self: list(self._traced.body.inputs))
    outputs = property(lambda self: list(self._traced.body.outputs))
    captured_inputs = property(lambda self: list(self._traced.captured))
    variables = property(lambda self: tuple(self._traced.variables))
    trainable_variables = property(lambda self: tuple(v for v in self._traced.variables if v.trainable))

    @property
    def structured_outputs(self) -> Any:
        """Specs of what it returns, in its structure."""
        return thawed(self._result, iter([TensorSpec(s.shape, s.dtype) for s in self._traced.specs]))

    @property
    def structured_input_signature(self) -> Any:
        """(args, kwargs), with specs for tensors."""
        return thawed(self._form.structure, iter([TensorSpec(s.shape, s.dtype) for s in self._specs]))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given: list[Any] = []
        frozen((args, kwargs), given, False)
        tensors = [convert_to_tensor(t) if not isinstance(t, Tensor) else t for t in map(plain, given)]
        leaves = [leaf for leaf in nest.flatten([list(args), list(kwargs.values())]) if isinstance(leaf, (int, float, bool))]
        if len(tensors) != len(self._specs) and len(tensors) + len(leaves) == len(self._specs):
            tensors = [convert_to_tensor(leaf) for leaf in nest.flatten([list(args), list(kwargs.values())])]
        if len(tensors) != len(self._specs):
            raise TypeError(f"{self._name} takes {len(self._specs)} tensors, got {len(tensors)}")
        for tensor, spec in zip(tensors, self._specs):
            if tensor.dtype.base_dtype is not spec.dtype or not compatible(tensor.static, spec.shape):
                raise TypeError(f"{self._name} was traced for {spec}, but got {tensor.dtype.name} {tensor.shape}")
        return self._called(tensors)

    def _called(self, tensors: list[Any]) -> Any:
        graph: Any = context.default_graph()
        if not graph.eager and not graph.building_function:
            raise NotImplementedError(f"calling the tf.function {self._name} in a graph that is no function's: call the Python function")
        found = self._traced([plain(t) for t in tensors])
        return thawed(self._result, iter(found))


class _variables_into:
    """Context manager: variables that are made inside are noted in a list.

    One whose initial value the body computes gets the value that this has for the arguments of the call.
    """

    def __init__(self, graph: Any, created: list[Any], body: FuncGraph, tensors: list[Any]):
        self.creators = graph.extension("variable_creators", list, shared=True)
        self.created, self.body, self.tensors = created, body, [plain(t) for t in tensors]

    def _value(self, tensor: Tensor) -> Any:
        if not all(t.__class__ is context.EagerTensor for t in self.tensors):
            raise ValueError(f"the initial value of a variable that {self.body.name} makes depends on its arguments: call it once with "
                             "values before it is traced for a tf.TensorSpec or called in another function, or make the variable outside")
        return Part(self.body, [tensor], [], self.body.inputs[:len(self.tensors)])([np.asarray(t._value) for t in self.tensors])[0]

    def _create(self, next_creator: Any, **kwargs: Any) -> Any:
        value = kwargs.get("initial_value")
        if value.__class__ is Tensor and value._op.graph is self.body and context.default_graph().eager:
            kwargs["initial_value"] = self._value(value)
        made = next_creator(**kwargs)
        self.created.append(made)
        return made

    def __enter__(self) -> None:
        self.mine = self._create
        self.creators.append(self.mine)

    def __exit__(self, *exception: object) -> None:
        self.creators.remove(self.mine)


@export("function")
def function(func: Any = None, input_signature: Any = None, autograph: bool = True, jit_compile: Any = None, reduce_retracing: bool = False,
             experimental_implements: Any = None, experimental_autograph_options: Any = None, experimental_attributes: Any = None,
             experimental_relax_shapes: Any = None, experimental_compile: Any = None, experimental_follow_type_hints: Any = None) -> Any:
    """Decorator: the function is traced once per kind of arguments, and its operations run together, through plan and engine.

    Tensors and arrays are kinds by dtype and shape; other Python values by what they are. input_signature: a sequence of `tf.TensorSpec`,
    the one kind that is allowed. autograph: `if`, `while` and `for` on tensors become operations. reduce_retracing: shapes that differ are
    generalised. Variables are made at the first call only. The rest of the arguments changes nothing.
    """
    def decorated(inner: Any) -> Function:
        return Function(inner, None, input_signature, autograph, reduce_retracing or bool(experimental_relax_shapes))
    return decorated if func is None else decorated(func)


@export("config.run_functions_eagerly", "config.experimental_run_functions_eagerly")
def run_functions_eagerly(run_eagerly: bool) -> None:
    """From now on calls of a `tf.function` run its Python function (True), or what was traced of it (False)."""
    _run_eagerly[0] = bool(run_eagerly)


@export("config.functions_run_eagerly")
def functions_run_eagerly() -> bool:
    """Whether a `tf.function` runs its Python function."""
    return _run_eagerly[0]


@export("contrib.eager.defun", "contrib.eager.function")
def defun(func: Any = None, input_signature: Any = None, autograph: bool = True, experimental_autograph_options: Any = None) -> Any:
    """`tf.function` of TF 1.15's tf.contrib.eager."""
    return function(func, input_signature, autograph)
