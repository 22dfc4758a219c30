"""One node of a GraphDef made an operation: its type, attributes and input types checked against the op's definition."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..core.constant import Const, const_def
from ..core.dtypes import DType, as_dtype
from ..core.errors import NotFoundError
from ..core.op import Op
from . import op_table
from .attributes import from_message
from .foreign import from_table, op_class
from .nodes import op_def


def definition_of(node: Any, functions: Any) -> Any:
    """The OpDef of a node. NotFoundError for a type that nobody knows."""
    known = op_table.find(node.op)
    if known is not None:
        return known
    if node.op in functions:
        return functions[node.op].signature
    cls = op_class(node.op, functions)
    if cls is None:
        raise NotFoundError(
            None, None,
            f"Op type not registered '{node.op}' (node '{node.name}'): neither TensorFlow 2.21's ops nor the functions of the graph "
            "have that name. Custom ops have no counterpart in graphflow.",
        )  # fmt: skip
    return op_def(cls)


_MOST_OUTPUTS = 1 << 20


class _Rule(NamedTuple):
    """What one attribute of an op type must be."""

    definition: Any
    kind: str
    has_default: bool
    default: Any
    allowed: tuple[Any, ...]


_rules: dict[str, dict[str, _Rule]] = {}


def _rules_of(definition: Any) -> dict[str, _Rule]:
    """The attributes of an op type; those of TensorFlow's own are remembered."""
    if op_table.find(definition.name) is not definition:
        return {a.name: _rule(a) for a in definition.attr}
    found = _rules.get(definition.name)
    if found is None:
        found = _rules[definition.name] = {a.name: _rule(a) for a in definition.attr}
    return found


def _rule(attribute: Any) -> _Rule:
    allowed = attribute.allowed_values.list
    choices = [as_dtype(t) for t in allowed.type if _exists(t)] if allowed.type else [s.decode() for s in allowed.s]
    has_default = attribute.HasField("default_value")
    default = from_message(attribute.default_value, attribute.type) if has_default else None
    return _Rule(attribute, attribute.type, has_default, default, tuple(choices))


def _exists(number: int) -> bool:
    """Whether graphflow has the element type."""
    try:
        as_dtype(number)
    except TypeError:
        return False
    return True


def attributes_of(node: Any, definition: Any, producer_definition: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """(attributes of the op by name, annotations that begin with `_`). Defaults are filled in.

    producer_definition: the writer's OpDef; attributes that only it knows are left out where they are at its default.
    """
    values, extra = {}, {}
    rules = _rules_of(definition)
    given = dict(node.attr)
    for name, message in given.items():
        if name.startswith("_"):
            extra[name] = message
        elif name not in rules and not _at_default(message, producer_definition, name):
            raise ValueError(f"NodeDef mentions attr '{name}' not in {op_table.describe(definition)}; NodeDef: {node.name}")
    missing = []
    for name, rule in rules.items():
        if name in given:
            values[name] = _value(node, rule, given[name], definition)
        elif rule.has_default:
            values[name] = rule.default
        else:
            missing.append(name)
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        raise ValueError(f"NodeDef missing attr{'s' if len(missing) > 1 else ''} {names} from {op_table.describe(definition)}; "
                         f"NodeDef: {node.name}")  # fmt: skip
    return values, extra


def _at_default(message: Any, definition: Any, name: str) -> bool:
    attribute = None if definition is None else op_table.attribute(definition, name)
    return attribute is not None and attribute.HasField("default_value") and attribute.default_value == message


def _value(node: Any, rule: _Rule, message: Any, definition: Any) -> Any:
    attribute = rule.definition
    where = f"Node '{node.name}': attr '{attribute.name}'"
    try:
        value = from_message(message, rule.kind, where)
    except ValueError as error:
        raise ValueError(f"{error}\n\t for attr '{attribute.name}'\n\t; NodeDef: {node.name}; {op_table.describe(definition)}") from None
    if rule.allowed:
        _check_allowed(value, rule, where)
    if attribute.has_minimum:
        size = len(value) if rule.kind.startswith("list(") else value
        if size < attribute.minimum:
            raise ValueError(f"{where}: Value for attr '{attribute.name}' of {size} must be at least minimum {attribute.minimum}")
    return value


def _check_allowed(value: Any, rule: _Rule, where: str) -> None:
    for item in value if rule.kind.startswith("list(") else (value,):
        if item not in rule.allowed:
            shown = item.name if isinstance(item, DType) else item
            names = ", ".join(c.name if isinstance(c, DType) else f'"{c}"' for c in rule.allowed)
            raise ValueError(f"{where}: Value for attr '{rule.definition.name}' of {shown} is not in the list of allowed values: {names}")


def op_def_of(node: Any, values: dict[str, Any], functions: Any) -> Op:
    """The op with these attributes; one that is only held where graphflow's class lacks an attribute that is not at its default."""
    cls = op_class(node.op, functions)
    assert cls is not None
    if cls is Const:
        return const_def(values["value"], values["dtype"])
    extra = [name for name in values if name not in cls.fields]
    for name in extra:
        rule = _rules_of(op_table.find(node.op))[name]
        if not rule.has_default or rule.default != values[name]:
            cls, extra = from_table(node.op), []
            break
    return cls.of(**{name: value for name, value in values.items() if name not in extra})


def input_types(definition: Any, values: dict[str, Any]) -> list[DType]:
    """The types that the data inputs must have, by the definition and the attributes; reference types where it writes."""
    found: list[DType] = []
    for argument in definition.input_arg:
        if argument.type_list_attr:
            types = list(values[argument.type_list_attr])
        else:
            one = as_dtype(argument.type) if argument.type else values[argument.type_attr]
            types = [one] * (values[argument.number_attr] if argument.number_attr else 1)
        found.extend(t.ref_dtype if argument.is_ref else t for t in types)
    return found


def check_inputs(name: str, definition: Any, values: dict[str, Any], tensors: list[Any]) -> None:
    """Refuses a wrong number of inputs, and inputs of a wrong type. name: of the node in the graph that it comes to."""
    for arguments, most, what in ((definition.input_arg, len(tensors), "inputs"), (definition.output_arg, _MOST_OUTPUTS, "outputs")):
        for argument in arguments:      # counted before lists of that length are made
            if argument.number_attr and values[argument.number_attr] > most:
                raise ValueError(f"NodeDef attr {argument.number_attr}={values[argument.number_attr]} does not match the at most {most} "
                                 f"{what} of '{argument.name}'; {op_table.describe(definition)}; NodeDef: {name}")  # fmt: skip
    expected = input_types(definition, values)
    if len(expected) != len(tensors):
        names = ", ".join(_type_name(t) for t in expected)
        raise ValueError(f"NodeDef expected inputs '{names}' do not match {len(tensors)} inputs specified; "
                         f"{op_table.describe(definition)}; NodeDef: {name}")  # fmt: skip
    for i, (wanted, tensor) in enumerate(zip(expected, tensors, strict=True)):
        found = tensor.dtype
        if found.base_dtype is not wanted.base_dtype or (wanted.is_ref and not found.is_ref):
            raise ValueError(f"Input {i} of node {name} was passed {_type_name(found)} from {tensor.name} incompatible with "
                             f"expected {_type_name(wanted)}.")  # fmt: skip


def _type_name(dtype: DType) -> str:
    """As TensorFlow's C++ calls it: float, double, int32_ref."""
    base = {"float32": "float", "float64": "double", "float16": "half"}.get(dtype.base_dtype.name, dtype.base_dtype.name)
    return f"{base}_ref" if dtype.is_ref else base
