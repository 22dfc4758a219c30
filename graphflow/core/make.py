"""`make`: one call from Python values to a new operation in the default graph.

The order of work is TensorFlow's, since names and graph-derived seeds depend on it: the name is taken, inputs that are no
tensors become constants under `name/argument`, types are inferred and checked, shapes are inferred, the operation is added.
"""
from __future__ import annotations

from typing import Any, overload

from . import context
from .attributes import declared
from .convert import convert_to_tensor
from .dtypes import DType
from .graph import Graph
from .known import known_spec
from .op import Op, Spec, _interned, allowed_text, check_ranks, check_words, output_dtypes, remember, static_positions
from .operation import Operation
from .origin import Line, capture, made_at, resolve
from .outcomes import Effect, Several
from .shapes import describe
from .signature import Arg
from .tensor import Tensor


@overload
def make(cls: type[Effect], *inputs: Any, name: str | None = None, **attrs: Any) -> Operation: ...
@overload
def make(cls: type[Several], *inputs: Any, name: str | None = None, **attrs: Any) -> Any: ...
@overload
def make(cls: type[Op], *inputs: Any, name: str | None = None, **attrs: Any) -> Tensor: ...
def make(cls: type[Op], *inputs: Any, name: str | None = None, **attrs: Any) -> Any:
    """Adds an operation of type `cls`; one positional value per input argument (a list for list arguments).

    Returns the Operation if it has no outputs, its Tensor if it has one that is no list, the list of tensors where an output is a list,
    else a named tuple of tensors (`tf.unique(x).y`).
    TypeError for dtypes that do not fit, ValueError for shapes that do not.
    """
    graph = context.default_graph()
    if graph.eager:
        return graph.execute(cls, inputs, name, attrs)
    op = make_op(cls, inputs, name, attrs)
    outputs = op.outputs
    if len(outputs) == 1 and cls._signature.outputs[0].arity == "one":  # type: ignore[union-attr]
        return outputs[0]
    if not outputs:
        return op
    named = cls.results()
    return list(outputs) if named is None else named(*outputs)


def make_op(cls: type[Op], inputs: Any, name: str | None, attrs: dict[str, Any]) -> Operation:
    """As `make`, returning the Operation."""
    graph = context.default_graph()
    specs = [t._spec for t in inputs if t.__class__ is Tensor and t._op.graph is graph]
    if len(specs) != len(inputs) and not graph.building_function:
        home = _home(graph, inputs)
        if home is not graph:
            with home.as_default():
                return make_op(cls, inputs, name, attrs)
    full = graph._op_name(name or cls.__name__)
    key: tuple[Any, ...] | None = None
    if len(specs) == len(inputs):           # nothing to convert: equal dtypes, shapes and attributes were maybe seen before
        key = (*specs, *attrs.items()) if attrs else tuple(specs)
        try:
            known = cls._calls.get(key)
        except TypeError:                   # an attribute that cannot be hashed
            key = known = None
        if known is not None:
            if cls._signature.ref_inputs:  # type: ignore[union-attr]
                return _beside(graph, known[0], tuple(inputs), full, known[1])
            return graph._add(known[0], tuple(inputs), full, known[1], 4)
    op_def, flat = _checked(cls, graph, full, inputs, attrs)
    found = infer(op_def, flat, full)
    if key is not None and (cls, *attrs.items()) in _interned and not cls._static_positions and not cls.signature().handle_inputs:
        remember(cls._calls, key, (op_def, found))
    if cls._signature.ref_inputs:  # type: ignore[union-attr]
        return _beside(graph, op_def, flat, full, found)
    return graph._add(op_def, flat, full, found, 4)


def _beside(graph: Graph, op_def: Op, inputs: tuple[Tensor, ...], full: str, specs: tuple[Spec, ...]) -> Operation:
    """Adds an operation that writes to references: it belongs beside the variables, whatever the device around it is."""
    colocation, devices = graph._colocation, graph._devices
    positions = type(op_def).signature().ref_inputs
    graph._colocation, graph._devices = [*colocation, *[inputs[i]._op for i in positions if i < len(inputs)]], []
    try:
        return graph._add(op_def, inputs, full, specs, 5)
    finally:
        graph._colocation, graph._devices = colocation, devices


def _home(graph: Graph, inputs: Any) -> Graph:
    """The graph that an operation on these inputs goes to: that of the first tensor among them, else the default graph.

    A tensor of a body does not lead back into the body: the one way out is to return it.
    """
    for value in inputs:
        for item in value if isinstance(value, (list, tuple)) else (value,):
            home = getattr(item, "graph", None)
            if isinstance(home, Graph):
                return graph if home.building_function or home.eager else home
    return graph


def _checked(cls: type[Op], graph: Graph, full: str, inputs: Any, attrs: dict[str, Any]) -> tuple[Op, tuple[Tensor, ...]]:
    """The op with its attributes, and the input tensors, converted and checked; completes `attrs` by what inputs tell."""
    signature = cls._signature or cls.signature()
    if len(inputs) != len(signature.inputs):
        raise TypeError(f"{cls.__name__} takes {len(signature.inputs)} inputs "
                        f"({', '.join(a.name for a in signature.inputs)}), got {len(inputs)}")
    if signature.plain:
        tensors: list[Tensor] = []
        for value, arg in zip(inputs, signature.inputs):
            if value.__class__ is not Tensor:
                value = _converted(cls, graph, full, value, arg, arg.fixed or attrs.get(arg.type))
            if value._op.graph is not graph:
                value = graph.own(value, full)
            base = value._spec.dtype
            if base.is_ref:
                base = base.base_dtype
            elif arg.is_ref:
                raise TypeError(f"'{cls.__name__}' Op requires that input '{arg.name}' be a mutable tensor "
                                f"(e.g.: a tf.Variable); {value.name} is none")
            if arg.fixed is None:
                known = attrs.get(arg.type)
                if known is None:
                    attrs[arg.type] = base
                elif known is not base:
                    raise _type_mismatch(cls, arg, base, known, value, signature.inputs, tensors)
            elif arg.fixed is not base:
                raise TypeError(f"Input '{arg.name}' of '{cls.__name__}' Op has type {base.name} that does not match "
                                f"expected type of {arg.fixed.name}.")
            tensors.append(value)
        flat = tuple(tensors)
    else:
        flat = _list_inputs(cls, graph, full, inputs, signature.inputs, attrs)
    try:
        op_def = _interned.get((cls, *attrs.items()))     # made before, hence checked
    except TypeError:
        op_def = None
    if op_def is None:
        check_attributes(cls, attrs)
        if cls.allowed:
            _check_allowed(cls, attrs)
        op_def = cls.of(**attrs)
    return op_def, flat


def _converted(cls: type[Op], graph: Graph, full: str, value: Any, arg: Arg, dtype: DType | None) -> Tensor:
    """An input value as a tensor; constants are named after the argument, inside the op's own scope."""
    names = graph._names
    before = names.scope
    names.scope = full + "/"
    try:
        default = cls.defaults.get(arg.type) if dtype is None and arg.fixed is None else None
        if default is not None and arg.type in cls.allowed:  # TensorFlow's order: the value's own dtype if it is allowed
            found = convert_to_tensor(value, None, arg.name, as_ref=arg.is_ref)
            if found.dtype.base_dtype in cls.allowed[arg.type]:
                return found  # else its Const stays in the graph, unused
        return convert_to_tensor(value, dtype, arg.name, preferred_dtype=default, as_ref=arg.is_ref)
    except (TypeError, ValueError) as error:
        if dtype is None:
            raise
        raise type(error)(_conversion_text(cls, value, arg, dtype, error)) from None
    finally:
        names.scope = before


def _conversion_text(cls: type[Op], value: Any, arg: Arg, dtype: DType, error: Exception) -> str:
    if not isinstance(value, Tensor) and not hasattr(value, "_as_graph_element"):
        return (f"Expected {dtype.name} passed to parameter '{arg.name}' of op '{cls.__name__}', "
                f"got {value!r} of type '{type(value).__name__}' instead. Error: {error}")
    return f"Input '{arg.name}' of '{cls.__name__}' Op: {error}"


def _list_inputs(cls: type[Op], graph: Graph, full: str, inputs: Any, args: tuple[Arg, ...],
                 attrs: dict[str, Any]) -> tuple[Tensor, ...]:
    flat: list[Tensor] = []
    for value, arg in zip(inputs, args):
        if arg.arity == "one":
            values = [value]
        elif isinstance(value, (list, tuple)):
            values = list(value)
        else:
            raise TypeError(f"Expected list for '{arg.name}' argument to '{cls.__name__}' Op, not {value!r}.")
        dtype = arg.fixed or attrs.get(arg.type)
        if arg.arity == "list" and dtype is None:  # a tensor among them decides for plain values before it
            dtype = next((v.dtype.base_dtype for v in values if isinstance(v, Tensor)
                          or (hasattr(v, "_as_graph_element") and hasattr(v, "dtype"))), None)
        found = []
        for i, item in enumerate(values):
            if item.__class__ is not Tensor:
                label = arg._replace(name=f"{arg.name}_{i}") if arg.arity != "one" else arg
                wanted = dtype if arg.arity != "mixed" else (dtype[i] if dtype else None)  # type: ignore[index]
                item = _converted(cls, graph, full, item, label, wanted)
            if item._op.graph is not graph:
                item = graph.own(item, full)
            if arg.arity != "mixed" and dtype is None:
                dtype = item.dtype.base_dtype
            found.append(item)
        types = [t.dtype.base_dtype for t in found]
        if arg.arity == "mixed":
            attrs.setdefault(arg.type, tuple(types))
        else:
            wrong = next((t for t in types if dtype is not None and t is not dtype), None)
            if wrong is not None:
                raise TypeError(f"Tensors in list passed to '{arg.name}' of '{cls.__name__}' Op have types "
                                f"[{', '.join(t.name for t in types)}] that don't all match."
                                if arg.arity == "list" else
                                f"Input '{arg.name}' of '{cls.__name__}' Op has type {wrong.name} that does not match "
                                f"{'expected type of' if arg.fixed else 'type'} {dtype.name}"  # type: ignore[union-attr]
                                f"{'.' if arg.fixed else ' of argument ' + repr(_earlier(args, arg)) + '.'}")
            if arg.fixed is None and dtype is not None:
                attrs[arg.type] = dtype
            if arg.arity == "list":
                attrs[arg.number] = len(found)
        flat.extend(found)
    return tuple(flat)


def _earlier(args: tuple[Arg, ...], arg: Arg) -> str:
    return next((a.name for a in args if a.type == arg.type and a is not arg), arg.name)


def check_attributes(cls: type[Op], attrs: dict[str, Any]) -> None:
    """ValueError for integers and lengths of lists that are less than the op table says."""
    for attr, least in cls.least.items():
        value = declared(cls, attr, attrs[attr]) if attrs.get(attr) is not None else least
        found = len(value) if isinstance(value, (list, tuple)) else value
        if found < least:
            argument = next((a.name for a in cls.signature().inputs if a.number == attr), None)
            if argument is not None:
                raise ValueError(f"List argument '{argument}' to '{cls.__name__}' Op with length {found} shorter than minimum length "
                                 f"{least}.")
            what = "" if isinstance(value, int) else "list of length "
            raise ValueError(f"Attr '{attr}' of '{cls.__name__}' Op passed {what}{found} less than minimum {least}.")


def _check_allowed(cls: type[Op], attrs: dict[str, Any]) -> None:
    for attr, types in cls.allowed.items():
        value = attrs.get(attr)
        if value is None:
            continue
        for dtype in value if isinstance(value, (list, tuple)) else (value,):
            if dtype not in types:
                parameter = next((a.name for a in cls.signature().inputs if a.type == attr), attr)
                raise TypeError(f"Value passed to parameter '{parameter}' has DataType {dtype.name} not in list of allowed "
                                f"values: {allowed_text(types)}")


def _type_mismatch(cls: type[Op], arg: Arg, found: DType, wanted: DType, given: Any,
                   args: tuple[Arg, ...], tensors: list[Tensor]) -> TypeError:
    earlier = next((i for i, a in enumerate(args[:len(tensors)]) if a.type == arg.type), None)
    if earlier is None:
        return TypeError(f"Input '{arg.name}' of '{cls.__name__}' Op has type {found.name} that does not match "
                         f"expected type of {wanted.name}.")
    where = "".join(made_at(t) for t in (tensors[earlier], given) if isinstance(t, Tensor))
    return TypeError(f"Input '{arg.name}' of '{cls.__name__}' Op has type {found.name} that does not match type "
                     f"{wanted.name} of argument '{args[earlier].name}'.{where}\n  tf.cast(x, tf.{wanted.name}) converts.")


def infer(op_def: Op, inputs: tuple[Tensor, ...], name: str) -> tuple[Spec, ...]:
    """Output specs of an op on these tensors; a ValueError of `op_def.infer` is completed by names and user lines."""
    static = static_positions(type(op_def), len(inputs))
    try:
        if static:
            specs = [known_spec(t) if i in static else t._spec for i, t in enumerate(inputs)]
            check_ranks(type(op_def), specs)
            check_words(op_def)
            return _tuple(op_def, op_def.infer(*specs))
        key = tuple([t._spec for t in inputs])
        if type(op_def)._signature.handle_inputs:  # type: ignore[union-attr]
            key = tuple([variable_spec(t) for t in inputs])
        found = op_def._memo.get(key)
        if found is None:
            check_words(op_def)
            found = remember(op_def._memo, key, _tuple(op_def, op_def.infer(*[base_spec(s) for s in key])))
        return found
    except ValueError as error:
        raise _shape_error(op_def, inputs, name, error) from None


def variable_spec(tensor: Tensor) -> Spec:
    """The spec of the variable behind a handle, as far as the graph tells; other tensors' own."""
    spec = tensor._spec
    if spec.dtype.name != "resource":
        return spec
    while True:      # through bodies, and nodes that pass it on, to the variable itself
        op = tensor._op
        if (op._op_def.steers or op._op_def.forwards) and op._inputs:
            tensor = op._inputs[0]
            continue
        if op._op_def.holds == "loop":
            tensor = op._inputs[tensor._index]
            continue
        outer = tensor._op.graph.behind(tensor) if tensor._op.graph.building_function else None  # type: ignore[attr-defined]
        if outer is None:
            break
        tensor = outer
    return tensor._op._op_def.variable() or Spec(spec.dtype, None)


def base_spec(spec: Spec) -> Spec:
    return Spec(spec.dtype.base_dtype, spec.shape) if spec.dtype.is_ref else spec


def _tuple(op_def: Op, result: Any) -> tuple[Spec, ...]:
    found = (result,) if isinstance(result, Spec) else tuple(result)
    types = output_dtypes(op_def)
    if len(types) != len(found):
        raise ValueError(f"{op_def}: {len(types)} outputs by its types, but {len(found)} by its shapes")
    return tuple([s if s.dtype is t else Spec(t, s.shape) for s, t in zip(found, types)])


def _shape_error(op_def: Op, inputs: tuple[Tensor, ...], name: str, error: ValueError) -> ValueError:
    """The message of `infer` plus a line per input: argument, tensor, dtype and shape, user line."""
    rows = []
    for label, tensor in zip(labels(op_def, len(inputs)), inputs):
        rows.append((label, tensor.name, f"{tensor.dtype.base_dtype.name} {describe(tensor._spec.shape, ', ')}",
                     made(resolve(tensor.op._origin))))
    rows.append(("op", name, "", made(resolve(capture(5)))))
    widths = [max(len(r[i]) for r in rows) for i in range(3)]
    text = "\n".join("  " + "  ".join([r[i].ljust(widths[i]) for i in range(3)] + [r[3]]).rstrip() for r in rows[:10])
    return ValueError(f"{type(op_def).__name__}: {error}\n{text}")


def labels(op_def: Op, count: int) -> list[str]:
    labels: list[str] = []
    for arg in op_def.signature().inputs:
        n = 1 if arg.arity == "one" else getattr(op_def, arg.number) if arg.arity == "list" else len(getattr(op_def, arg.type))
        labels.extend([arg.name] if arg.arity == "one" else [f"{arg.name}[{i}]" for i in range(n)])
    return labels[:count]


def made(line: Line | None) -> str:
    return f"{line}  {line.text}" if line else ""
