"""Functions of GraphDef messages: parts of a graph, graphs without variables (`tf.graph_util`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphflow.formats import proto

from ..core.dtypes import as_dtype, resource
from ..core.export import export
from ..core.op import Op
from .attributes import tensor_message
from .foreign import op_class
from .import_checks import parse_inputs
from .import_graph import own_message


def _checked(graph_def: Any) -> Any:
    try:
        return own_message(graph_def, "GraphDef")
    except TypeError:
        raise TypeError(f"graph_def must be a graph_pb2.GraphDef proto, not {type(graph_def).__name__}.") from None


def _like(graph_def: Any, nodes: list[Any]) -> Any:
    """A GraphDef of these nodes with the versions and functions of another."""
    made = proto.GraphDef(node=nodes)
    if graph_def.HasField("versions"):
        made.versions.CopyFrom(graph_def.versions)
    if graph_def.HasField("library"):
        made.library.CopyFrom(graph_def.library)
    return made


@export("graph_util.extract_sub_graph")
def extract_sub_graph(graph_def: Any, dest_nodes: Any) -> Any:
    """The GraphDef of the nodes that `dest_nodes` (a list of node names) need, themselves included, in their order.

    AssertionError for a name that the graph lacks.
    """
    graph_def = _checked(graph_def)
    if isinstance(dest_nodes, str):
        raise TypeError("dest_nodes must be a list.")
    nodes = {node.name: node for node in graph_def.node}
    for name in dest_nodes:
        if name not in nodes:
            raise AssertionError(f"{name} is not in graph")
    needed: set[str] = set()
    waiting = list(dest_nodes)
    while waiting:
        name = waiting.pop()
        if name in needed:
            continue
        needed.add(name)
        waiting.extend(source.name for source in parse_inputs(nodes[name]) if source.name in nodes)
    return _like(graph_def, [node for node in graph_def.node if node.name in needed])


@export("graph_util.remove_training_nodes")
def remove_training_nodes(input_graph: Any, protected_nodes: Any = None) -> Any:
    """The GraphDef without nodes that only training needs: CheckNumerics, and Identity nodes without control edges.

    What waited for a CheckNumerics waits no more. protected_nodes: names to keep in any case.
    """
    graph = _checked(input_graph)      # by the names that TensorFlow's function names, whatever graphflow's classes say
    protected = set(protected_nodes or ())
    checks = {f"^{n.name}" for n in graph.node if n.op == "CheckNumerics" and n.name not in protected}
    if checks:
        graph = _like(graph, graph.node)
        for node in graph.node:
            left = [i for i in node.input if i not in checks]
            del node.input[:]
            node.input.extend(left)
    with_control = {n.name for n in graph.node if any(i.startswith("^") for i in n.input)}
    waited_for = {i[1:] for n in graph.node for i in n.input if i.startswith("^")}
    skipped: dict[str, str] = {}
    for node in graph.node:
        if node.name in protected:
            continue
        spliced = node.op == "Identity" and node.name not in with_control and node.name not in waited_for
        if node.op == "CheckNumerics" or spliced:
            skipped[node.name] = node.input[0]
    kept = []
    for node in graph.node:
        if node.name not in skipped:
            made = type(node)()
            made.CopyFrom(node)
            del made.input[:]
            made.input.extend(_past(text, skipped) for text in node.input)
            kept.append(made)
    return _like(graph, kept)


def _past(text: str, skipped: dict[str, str]) -> str:
    """An input with the nodes between it and what is kept left out; control inputs stay control inputs."""
    control = "^" if text.startswith("^") else ""
    name = text.lstrip("^")
    while name.removesuffix(":0") in skipped:
        name = skipped[name.removesuffix(":0")]
    return f"^{name.split(':')[0]}" if control else name


@export("graph_util.convert_variables_to_constants")
def convert_variables_to_constants(
    sess: Any,
    input_graph_def: Any,
    output_node_names: Any,
    variable_names_whitelist: Any = None,
    variable_names_blacklist: Any = None,
) -> Any:
    """The GraphDef that computes `output_node_names`, its variables replaced by constants with their values in `sess`.

    variable_names_whitelist, variable_names_blacklist: names of the only variables to replace, and of those not to.
    """
    graph = extract_sub_graph(input_graph_def, list(output_node_names))
    frozen = {
        node.name: node
        for node in graph.node
        if _class(node).variable is not Op.variable
        and (variable_names_whitelist is None or node.name in variable_names_whitelist)
        and (variable_names_blacklist is None or node.name not in variable_names_blacklist)
    }
    values = _values(sess, frozen)
    carriers = _carriers(graph, frozen)
    made: list[Any] = []
    for node in graph.node:
        made.extend(_in_place_of(node, values, frozen, carriers))
    return extract_sub_graph(_like(graph, made), list(output_node_names))


def _class(node: Any) -> type[Op]:
    """The class of a node's op type; `Op` itself for a function, or what is unknown."""
    return op_class(node.op, ()) or Op


def _is_handle(node: Any) -> bool:
    """Whether a variable's node gives its handle, not a reference to it."""
    return not _class(node).signature().outputs[0].is_ref


def _values(sess: Any, variables: dict[str, Any]) -> dict[str, np.ndarray]:
    """The value of each variable in the session."""
    fetches = {}
    for name, node in variables.items():
        if _is_handle(node):
            reads = [op for op in sess.graph.get_operations() if op._op_def.reads and op.inputs[0].op.name == name
                     and op.outputs[0].dtype.base_dtype is not resource]
            if not reads:
                raise ValueError(f"the resource variable '{name}' is never read in the session's graph; add a read, e.g. variable.value()")
            fetches[name] = reads[0].outputs[0]
        else:
            fetches[name] = sess.graph.get_tensor_by_name(f"{name}:0")
    names = list(fetches)
    return dict(zip(names, sess.run([fetches[n] for n in names]), strict=True)) if names else {}


def _carriers(graph: Any, frozen: dict[str, Any]) -> dict[str, str]:
    """{node that only passes a frozen resource on: the variable}, so that their types can follow."""
    carriers = {name: name for name, node in frozen.items() if _is_handle(node)}
    changed = True
    while changed:
        changed = False
        for node in graph.node:
            if node.name not in carriers and node.input and _passes_on(node):
                source = parse_inputs(node)[0].name
                if source in carriers:
                    carriers[node.name] = carriers[source]
                    changed = True
    return carriers


def _passes_on(node: Any) -> bool:
    """Whether a resource goes through: the first output has the type of the first input, as those of Identity, Enter and Switch have."""
    if "T" not in node.attr or node.attr["T"].type != resource.number:
        return False
    signature = _class(node).signature()
    return [(arg.type, arg.arity) for side in (signature.inputs, signature.outputs) for arg in side[:1]] == [("T", "one")] * 2


def _in_place_of(node: Any, values: dict[str, np.ndarray], frozen: dict[str, Any], carriers: dict[str, str]) -> list[Any]:
    """What takes a node's place."""
    if node.name in values:
        return [_constant(node, values[node.name])]
    made = proto.NodeDef()
    made.CopyFrom(node)
    source = parse_inputs(node)[0].name if node.input else ""
    variable = carriers.get(source)
    if variable is None:
        return [made]
    dtype = frozen[variable].attr["dtype"].type
    if node.name in carriers:
        made.attr["T"].type = dtype
        return [made]
    found = _class(node).frozen(made, dtype)
    if found is None:
        raise ValueError(f"Cannot freeze '{node.name}': a {node.op} of the variable '{variable}' has no counterpart on constants.")
    return list(found)


def _constant(node: Any, value: np.ndarray) -> Any:
    made = proto.NodeDef(name=node.name, op="Const", device=node.device)
    made.attr["dtype"].type = node.attr["dtype"].type
    made.attr["value"].tensor.CopyFrom(tensor_message(value, as_dtype(node.attr["dtype"].type)))
    return made


@export("graph_util.tensor_shape_from_node_def_name")
def tensor_shape_from_node_def_name(graph: Any, input_name: str) -> Any:
    """The static shape of a tensor of a graph; its name may lack `:0`."""
    return graph.get_tensor_by_name(input_name if ":" in input_name else f"{input_name}:0").shape


@export("graph_util.must_run_on_cpu")
def must_run_on_cpu(node: Any, pin_variables_on_cpu: bool = False) -> bool:
    """Whether TensorFlow runs an operation (or NodeDef) on the CPU in any case: constants of strings or int32, and a few ops on int32."""
    node_def = getattr(node, "node_def", node)
    # the names in a GraphDef that TensorFlow's placer speaks of: its rule, whatever graphflow's classes know
    if pin_variables_on_cpu and node_def.op in ("Variable", "VariableV2", "AutoReloadVariable", "VarHandleOp", "ReadVariableOp"):
        return True
    if node_def.op == "Const":
        return node_def.attr["dtype"].type in (3, 7)
    if node_def.op in ("DynamicStitch", "ParallelDynamicStitch"):
        return node_def.attr["T"].type == 3
    return node_def.op == "Cast" and node_def.attr["SrcT"].type == 3
