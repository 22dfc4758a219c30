"""`tf.import_graph_def`: the nodes of a GraphDef added to the default graph."""

from __future__ import annotations

from typing import Any

from graphflow.formats import proto

from ..core import context, origin, shapes
from ..core.convert import convert_to_tensor
from ..core.device import merge_device
from ..core.export import export
from ..core.graph import Graph
from ..core.make import infer
from ..core.op import Spec
from ..core.operation import Operation
from ..core.tensor import Tensor
from .attributes import check_message
from .functions import Library
from .import_checks import Source, check_names, check_versions, order_of, parse_inputs
from .import_nodes import attributes_of, check_inputs, definition_of, op_def_of

_LAST_WITHOUT_UNKNOWN_RANK = 21


@export("import_graph_def", "graph_util.import_graph_def")
def import_graph_def(
    graph_def: Any,
    input_map: Any = None,
    return_elements: Any = None,
    name: str | None = None,
    op_dict: Any = None,
    producer_op_list: Any = None,
) -> Any:
    """Adds the nodes of a GraphDef to the default graph, under `name` ("import" by default, "" for none).

    input_map: {input name in the GraphDef ("a", "a:1", "^a"): tensor or operation of this graph that takes its place}.
    return_elements: names of operations and tensors of the GraphDef to return, in a list.
    producer_op_list: the OpList of the program that wrote the graph; attributes that only it knows are dropped at their default.
    op_dict is ignored, as in TensorFlow. If anything is wrong (ValueError; NotFoundError for an unknown op type), the graph stays
    as it was.
    """
    graph_def = own_message(graph_def, "GraphDef")
    graph = context.default_graph()
    wanted = _element_names(return_elements)
    prefix_name = "import" if name is None else name
    before = _Snapshot(graph)
    try:
        with graph.name_scope(prefix_name or None) as scope:
            mapped = _mapped(graph, input_map, scope, prefix_name)
            importer = _Importer(graph, graph_def, scope, mapped, own_message(producer_op_list, "OpList"))
            importer.add_nodes()
            return importer.elements(wanted) if return_elements is not None else None
    except BaseException:
        before.restore()
        raise


def own_message(message: Any, message_type: str) -> Any:
    """A message of graphflow's class: itself, or made of TensorFlow's of the same name. TypeError for anything else."""
    wanted = getattr(proto, message_type)
    if message is None or isinstance(message, wanted):
        if message is None and message_type == "GraphDef":
            raise TypeError("graph_def must be a GraphDef proto, not None.")
        return message
    if getattr(getattr(message, "DESCRIPTOR", None), "full_name", "") == f"tensorflow.{message_type}":
        return wanted.FromString(message.SerializeToString())
    raise TypeError(f"Expected a message: it must be a {message_type} proto, not {type(message).__name__}.")


def _element_names(return_elements: Any) -> list[str]:
    if return_elements is None:
        return []
    names = None if isinstance(return_elements, (str, bytes)) else [e.decode() if isinstance(e, bytes) else e for e in return_elements]
    if names is None or not all(isinstance(e, str) for e in names):
        raise TypeError(f"Argument `return_elements` must be a list of strings, not {return_elements!r}.")
    return names


def _mapped(graph: Graph, input_map: Any, scope: str, name: str) -> dict[Source, Any]:
    """The input map with its keys taken apart and its values as tensors (operations for control inputs)."""
    if input_map is None:
        return {}
    if not isinstance(input_map, dict) or not all(isinstance(k, (str, bytes)) for k in input_map):
        raise TypeError(f"Argument `input_map` must be a dictionary mapping strings to tensors, not {input_map!r}.")
    found: dict[Source, Any] = {}
    if not name and any(not isinstance(v, (Tensor, Operation)) for v in input_map.values()):
        raise ValueError("tf.import_graph_def() requires a non-empty `name` if `input_map` contains non-Tensor values. "
                         "Convert the values of `input_map` to tensors first.")  # fmt: skip
    for key, value in input_map.items():
        text = key.decode() if isinstance(key, bytes) else key
        (source,) = parse_inputs(_Named(text))
        if source.port < 0:
            found[source] = value if isinstance(value, Operation) else graph.as_graph_element(value).op
        elif isinstance(value, Tensor):
            found[source] = value
        else:
            with graph.name_scope("_inputs"):
                found[source] = convert_to_tensor(value)
    return found


class _Named:
    """A node with one input, to take a name apart."""

    def __init__(self, text: str) -> None:
        self.name, self.input = text, [text]


class _Snapshot:
    """What an import that fails has to put back."""

    def __init__(self, graph: Graph) -> None:
        self.graph, self.count = graph, len(graph._ops)
        self.names, self.functions = graph._names.snapshot(), dict(graph._functions)
        self.producer = graph.graph_def_versions_producer

    def restore(self) -> None:
        graph = self.graph
        for op in graph._ops[self.count :]:
            del graph._by_name[op.name]
        del graph._ops[self.count :]
        graph._names.restore(self.names)
        graph._functions.clear()       # bodies share this dict
        graph._functions.update(self.functions)
        graph.graph_def_versions_producer = self.producer
        graph._consumers = (0, {})


class _Importer:
    def __init__(self, graph: Graph, graph_def: Any, scope: str, mapped: dict[Source, Any], producer_ops: Any) -> None:
        self.graph, self.graph_def, self.scope, self.mapped = graph, graph_def, scope, mapped
        self.producer_ops = {op.name: op for op in producer_ops.op} if producer_ops is not None else {}
        self.ops: dict[str, Operation] = {}
        self.used: set[Source] = set()
        self.renamed: dict[str, str] = {}
        self.line = origin.capture(3)

    def add_nodes(self) -> None:
        nodes = self.graph_def.node
        check_versions(self.graph_def)
        positions = check_names(self.graph_def)
        inputs = [parse_inputs(node) for node in nodes]
        self._add_functions()
        order, loops = order_of(self.graph_def, inputs, positions, set(self.mapped))
        self.names = self._new_names([node.name for node in nodes])
        for i in order:
            self.ops[nodes[i].name] = self._add(nodes[i], inputs[i], i in loops)
        for i in sorted(loops):
            self._close_loop(nodes[i], inputs[i])
        if nodes and self.graph_def.versions.producer:
            self.graph.graph_def_versions_producer = min(self.graph.graph_def_versions_producer, self.graph_def.versions.producer)
        unused = [s for s in self.mapped if s not in self.used]
        if unused:
            raise ValueError(f"Attempted to map inputs that were not found in graph_def: [{', '.join(_text(s) for s in unused)}]")

    def _new_names(self, names: list[str]) -> dict[str, str]:
        """What the nodes are called here: their own names, unless an operation of exactly that name is there (names that differ in
        case only stay apart, unlike names of new operations: TensorFlow 1.11 and older wrote such graphs)."""
        graph, own = self.graph, set(names)
        found: dict[str, str] = {}
        taken = graph._by_name.keys()
        for name in names:
            full, count = self.scope + name, 0
            while full in taken or (count and f"{name}_{count}" in own):
                count += 1
                full = f"{self.scope}{name}_{count}"
            found[name] = full
            graph._names.take(full)
        return found

    def _add_functions(self) -> None:
        """The functions of the GraphDef's library; one that the graph has already must be the same."""
        library = self.graph._functions
        for function in self.graph_def.library.function:
            name = function.signature.name
            known = library.get(name)
            if isinstance(known, proto.FunctionDef) and known != function:
                raise ValueError(f"Cannot add function '{name}' because a different function with the same name already exists.")
            if known is not None and not isinstance(known, proto.FunctionDef):     # a body that was built here and has its name by chance
                self.renamed[name] = next(f"{name}_{i}" for i in range(1, len(library) + 2) if f"{name}_{i}" not in library)
        for function in self.graph_def.library.function:
            name = self.renamed.get(function.signature.name, function.signature.name)
            if name not in library:
                copied = proto.FunctionDef()
                copied.CopyFrom(function)
                copied.signature.name = name
                for node in copied.node_def if self.renamed else ():
                    self._rename_functions(node)
                library[name] = copied

    def _rename_functions(self, node: Any) -> None:
        """Names functions as they are called here."""
        node.op = self.renamed.get(node.op, node.op)
        for attribute in node.attr.values():
            for function in [attribute.func, *attribute.list.func] if attribute.WhichOneof("value") in ("func", "list") else ():
                if function.name in self.renamed:
                    function.name = self.renamed[function.name]

    def _add(self, node: Any, sources: list[Source], in_loop: bool) -> Operation:
        functions = Library(self.graph._functions)
        if self.renamed:
            node = _copied(node)
            self._rename_functions(node)
        definition = definition_of(node, functions)
        values, extra = attributes_of(node, definition, self.producer_ops.get(node.op))
        if node.op == "Placeholder" and values["shape"] == () and self.graph_def.versions.producer <= _LAST_WITHOUT_UNKNOWN_RANK:
            values["shape"] = None  # so old programs wrote a shape that they did not know; those before versions say 0
        tensors, controls = self._inputs(node, sources, in_loop)
        check_inputs(self.names[node.name], definition, values, tensors)
        try:
            op_def = op_def_of(node, values, functions)
        except TypeError as error:
            raise ValueError(f"Node '{node.name}': {error}") from None
        name = self.names[node.name]
        specs = _refined(infer(op_def, tuple(tensors), name), extra.pop("_output_shapes", None))
        op = self.graph._add(op_def, tuple(tensors), name, specs, line=self.line)
        if node.device:
            op._device = _canonical_device(node.device)
        op._control = tuple(dict.fromkeys([*controls, *op._control]))
        annotations = {key: self._annotation(key, message) for key, message in extra.items()}
        if annotations:
            op._extra = {**(op._extra or {}), **annotations}
        return op

    def _inputs(self, node: Any, sources: list[Source], in_loop: bool) -> tuple[list[Tensor], list[Operation]]:
        tensors: list[Any] = []
        controls: list[Operation] = []
        for source in sources:
            if source in self.mapped:
                self.used.add(source)
                (controls if source.port < 0 else tensors).append(self.mapped[source])
            elif in_loop and source.name not in self.ops:
                tensors.append(None)  # the way back of a loop; see _close_loop
            elif source.port < 0:
                controls.append(self.ops[source.name])
            else:
                tensors.append(self._output(node, source))
        stand_in = next((t for t in tensors if t is not None), None)
        if stand_in is None and tensors:
            raise ValueError(f"Node '{node.name}': a loop without an entry: all inputs come from NextIteration")
        return [stand_in if t is None else t for t in tensors], controls  # type: ignore[misc]

    def _output(self, node: Any, source: Source) -> Tensor:
        outputs = self.ops[source.name].outputs
        if source.port >= len(outputs):
            raise ValueError(f"Node '{node.name}': Connecting to invalid output {source.port} of source node {source.name} which has "
                             f"{len(outputs)} outputs.")  # fmt: skip
        return outputs[source.port]

    def _close_loop(self, node: Any, sources: list[Source]) -> None:
        op = self.ops[node.name]
        tensors = [self.mapped[s] if s in self.mapped else self._output(node, s) for s in sources if s.port >= 0]
        for i, tensor in enumerate(tensors):
            if tensor.dtype.base_dtype is not op._inputs[i].dtype.base_dtype:
                raise ValueError(f"Input {i} of node {self.names[node.name]} was passed {tensor.dtype.name} from {tensor.name} "
                                 f"incompatible with expected {op._inputs[i].dtype.name}.")  # fmt: skip
        op._inputs = tuple(tensors)
        self.graph.turns = True
        self.graph._consumers = (0, {})

    def _annotation(self, key: str, message: Any) -> Any:
        """`_class` names nodes, so the scope comes before them; all others are kept as they are."""
        if key != "_class" or message.WhichOneof("value") != "list":
            copy = type(message)()
            copy.CopyFrom(message)
            return copy
        groups = []
        for group in message.list.s:
            name = group[5:].decode("utf-8", "replace")
            groups.append(f"loc:@{self.names.get(name, name)}".encode() if group.startswith(b"loc:@") else group)
        return groups

    def elements(self, names: list[str]) -> list[Any]:
        """The operations and tensors of these names in the GraphDef."""
        found = []
        for name in names:
            (source,) = parse_inputs(_Named(name))
            if source in self.mapped and ":" in name:
                found.append(self.mapped[source])
                continue
            op = self.ops.get(source.name)
            if op is None or (":" in name and source.port >= len(op.outputs)):
                raise ValueError(f"Requested return_element '{name}' not found in graph_def.")
            found.append(op.outputs[source.port] if ":" in name else op)
        return found


def _copied(node: Any) -> Any:
    found = proto.NodeDef()
    found.CopyFrom(node)
    return found


def _refined(specs: Any, recorded: Any) -> Any:
    """Where shape inference knows nothing, what the writer recorded in `_output_shapes`."""
    if recorded is None:
        return specs
    check_message(recorded, "list(shape)")
    messages = recorded.list.shape
    if len(messages) != len(specs):
        return specs
    return tuple(Spec(s.dtype, shapes.as_tuple(m)) if s.shape is None else s for s, m in zip(specs, messages, strict=True))


def _canonical_device(device: str) -> str:
    try:
        return merge_device("", device)
    except ValueError:
        return device


def _text(source: Source) -> str:
    return f"^{source.name}" if source.port < 0 else f"{source.name}:{source.port}"
