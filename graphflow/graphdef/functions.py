"""Bodies as FunctionDefs and back: a function names its arguments, and its nodes name what they take as node:output:index."""

from __future__ import annotations

import re
from typing import Any

from graphflow.formats import proto

from ..core import origin, shapes
from ..core.dtypes import as_dtype
from ..core.effects import READ
from ..core.func_graph import FuncGraph
from ..core.graph import Graph
from ..core.make import infer
from ..core.op import Spec
from ..core.operation import Operation
from ..core.tensor import Tensor
from . import import_nodes
from .attributes import shape_message
from .foreign import MERGES, TURNS
from .nodes import fill_node


class Library:
    """The functions of a graph as messages, made when asked for."""

    def __init__(self, functions: dict[str, Any]) -> None:
        self.functions = functions

    def __contains__(self, name: object) -> bool:
        return name in self.functions

    def __getitem__(self, name: str) -> Any:
        found = self.functions[name]
        return found if hasattr(found, "node_def") else definition(found)


class _Names:
    """Argument names, which are lower case, each used once."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def __call__(self, name: str) -> str:
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        plain = plain if plain[:1].isalpha() else f"arg_{plain}"
        found, count = plain, 0
        while found in self.used:
            count += 1
            found = f"{plain}_{count}"
        self.used.add(found)
        return found


def definition(body: FuncGraph) -> Any:
    """The FunctionDef of a body."""
    message = proto.FunctionDef()
    signature = message.signature
    signature.name = body.name
    names = _Names()
    arguments = {t: names(t.op.name) for t in body.inputs}
    inside = [op for op in body._ops if not (op.outputs and op.outputs[0] in arguments)]
    taken = {op.name for op in inside}
    arguments = {t: _apart(name, taken, names) for t, name in arguments.items()}
    written = _written(body)
    for i, (t, name) in enumerate(arguments.items()):
        signature.input_arg.add(name=name, type=t.dtype.base_dtype.number, is_ref=t in written)
        message.arg_attr[i].attr["_output_shapes"].list.shape.add().CopyFrom(shape_message(t.static))
    for op in inside:
        node = fill_node(message.node_def.add(), op, False)
        del node.input[:]
        node.input.extend([_source(t, arguments) for t in op._inputs])
        node.input.extend([f"^{c.name}" for c in op._control if not (c.outputs and c.outputs[0] in arguments)])
        if op.outputs:
            node.attr["_output_shapes"].list.shape.extend([shape_message(t.static) for t in op.outputs])
    for t in body.outputs:
        name = names(t.op.name)
        signature.output_arg.add(name=name, type=t.dtype.base_dtype.number)
        message.ret[name] = _source(t, arguments)
    for op in body.effects:
        name = names(op.name)
        signature.control_output.append(name)
        message.control_ret[name] = op.name
    signature.is_stateful = bool(body.effects)
    return message


def _written(body: FuncGraph) -> set[Tensor]:
    """The references among the inputs that the body does more with than reading; of the others TensorFlow's function gets the value."""
    found = set[Tensor]()
    for op in body._ops:
        more = {op._inputs[position] for position, how in op._op_def.accesses(op) if how & ~READ}
        found.update(t for t in op._inputs if t.dtype.is_ref and (t in more or any(out.dtype.is_ref for out in op.outputs)))
    return found.intersection(body.inputs)


def _apart(name: str, taken: set[str], names: _Names) -> str:
    """A name for an argument that no node has."""
    while name in taken:
        name = names(name + "_arg")
    return name


def _source(tensor: Tensor, arguments: dict[Tensor, str]) -> str:
    """How a function's node names what it takes."""
    name = arguments.get(tensor)
    if name is not None:
        return name
    op = tensor._op
    for label, start, count in _spans(op):
        if tensor._index < start + count:
            return f"{op.name}:{label}:{tensor._index - start}"
    raise AssertionError(f"{tensor} is no output of {op}")


def _spans(op: Operation) -> list[tuple[str, int, int]]:
    """(name, first output, how many) of each output argument of an operation."""
    found, start = [], 0
    op_def = op._op_def
    for argument in op_def.signature().outputs:
        if argument.arity == "mixed":
            count = len(getattr(op_def, argument.type))
        else:
            count = getattr(op_def, argument.number) if argument.arity == "list" else 1
        found.append((argument.name, start, count))
        start += count
    return found


def body_from(message: Any, outer: Graph) -> FuncGraph:
    """The body of a FunctionDef. ValueError where it is damaged."""
    body = FuncGraph(message.signature.name, outer)
    body.name = message.signature.name
    reader = _Reader(body, message)
    reader.read()
    return body


def _leads_back(source: Any, node: Any) -> bool:
    return node.op in MERGES and source.op in TURNS


class _Reader:
    def __init__(self, body: FuncGraph, message: Any) -> None:
        self.body, self.message = body, message
        self.values: dict[str, Tensor] = {}
        self.turns = {node.name: node.op in TURNS for node in message.node_def}
        self.ops: dict[str, Operation] = {}
        self.open: dict[Operation, dict[int, str]] = {}       # inputs that come from the turn before, which is made later
        self.library = Library(body._functions)
        self.line = origin.capture(4)

    def read(self) -> None:
        body, message = self.body, self.message
        for i, argument in enumerate(message.signature.input_arg):
            dtype = as_dtype(argument.type)
            spec = Spec(dtype.ref_dtype if argument.is_ref else dtype, self._argument_shape(i))
            self.values[argument.name] = body.add_input(spec, argument.name)
        for node in self._in_order():
            self._add(node)
        body.turns = bool(self.open)
        for op, places in self.open.items():
            op._inputs = tuple([self._found(places[i]) if i in places else t for i, t in enumerate(op._inputs)])
        body.outputs = [self._found(message.ret[argument.name]) for argument in message.signature.output_arg]
        body.structured_outputs = list(body.outputs)
        body.effects = [self.ops[name] for name in message.control_ret.values() if name in self.ops]

    def _argument_shape(self, i: int) -> Any:
        recorded = self.message.arg_attr[i].attr["_output_shapes"].list.shape if i in self.message.arg_attr else []
        return shapes.as_tuple(recorded[0]) if len(recorded) == 1 else None

    def _in_order(self) -> list[Any]:
        """The nodes, each after those that it takes from; without recursion."""
        nodes = {node.name: node for node in self.message.node_def}
        done: dict[str, Any] = {}
        open_: set[str] = set()
        for first in nodes:
            stack = [first]
            while stack:
                name = stack[-1]
                if name in done:
                    stack.pop()
                    continue
                needs = [s for s in (text.lstrip("^").split(":")[0] for text in nodes[name].input)
                         if s in nodes and s not in done and not _leads_back(nodes[s], nodes[name])]
                if not needs:
                    done[name] = nodes[stack.pop()]
                elif name in open_:
                    raise ValueError(f"Function '{self.message.signature.name}' has a cycle through node '{name}'.")
                else:
                    open_.add(name)
                    stack.extend(needs)
        return list(done.values())

    def _add(self, node: Any) -> None:
        found = import_nodes.definition_of(node, self.library)
        values, extra = import_nodes.attributes_of(node, found)
        tensors, later = self._taken(node)
        import_nodes.check_inputs(node.name, found, values, tensors)
        op_def = import_nodes.op_def_of(node, values, self.library)
        recorded = extra.pop("_output_shapes", None)
        specs = infer(op_def, tuple(tensors), node.name)
        if recorded is not None and len(recorded.list.shape) == len(specs):
            specs = tuple(Spec(s.dtype, shapes.as_tuple(m)) if s.shape is None else s for s, m in zip(specs, recorded.list.shape))
        op = self.body._add(op_def, tuple(tensors), self.body._names.unique(node.name), specs, line=self.line)
        op._device = node.device
        op._control = tuple(self.ops[text[1:]] for text in node.input if text.startswith("^") and text[1:] in self.ops)
        if extra:
            op._extra = {**(op._extra or {}), **extra}
        self.ops[node.name] = op
        if later:
            self.open[op] = later

    def _taken(self, node: Any) -> tuple[list[Tensor], dict[int, str]]:
        """What a node takes, and what of that comes from another turn of its loop: there the first input stands in."""
        texts = [text for text in node.input if not text.startswith("^")]
        later = {i: text for i, text in enumerate(texts) if node.op in MERGES and self.turns.get(text.split(":")[0])}
        first = next((self._found(text) for i, text in enumerate(texts) if i not in later), None)
        if later and first is None:
            raise ValueError(f"Function '{self.message.signature.name}': '{node.name}' is in a loop without an entry.")
        return [first if i in later and first is not None else self._found(text) for i, text in enumerate(texts)], later

    def _found(self, text: str) -> Tensor:
        """The tensor that a node names: an argument, or node:output:index."""
        name, *rest = text.split(":")
        if not rest and name in self.values:
            return self.values[name]
        op = self.ops.get(name)
        label, index = (rest + ["", "0"])[:2] if len(rest) != 1 else ("", rest[0])
        if op is not None:
            for known, start, count in _spans(op):
                if label in (known, "") and int(index) < count:
                    return op.outputs[start + int(index)]
        raise ValueError(f"Function '{self.message.signature.name}' takes '{text}', which is no argument and no output of its nodes.")
