"""Parts of a GraphDef for export: the nodes of one scope, the op definitions used, attributes at their defaults."""
from __future__ import annotations

from typing import Any

from graphflow.core.op import load
from graphflow.formats import proto
from graphflow.graphdef.nodes import op_def
from graphflow.graphdef.op_table import find
from graphflow.variables.proto import strip_scope

_UNBOUND_PREFIX = "$unbound_inputs_"


def scoped_nodes(graph_def: Any, scope: str | None, clear_devices: bool) -> list[str]:
    """Keep the nodes below `scope`, their names without it; the names that stand for inputs from outside."""
    if clear_devices:
        for node in graph_def.node:
            node.device = ""
    if not scope:
        return []
    prefix, unbound = scope.rstrip("/") + "/", []
    kept = [node for node in graph_def.node if node.name.startswith(prefix)]
    copies = []
    for node in kept:
        copy = proto.NodeDef.FromString(node.SerializeToString())
        copy.name = strip_scope(node.name, scope)
        del copy.input[:]
        for name in node.input:
            control, bare = ("^", name[1:]) if name.startswith("^") else ("", name)
            if bare.startswith(prefix):
                copy.input.append(control + bare.removeprefix(prefix))
            elif not control:
                copy.input.append(_UNBOUND_PREFIX + bare)
                unbound.append(_UNBOUND_PREFIX + bare)
        if "_class" in copy.attr:
            groups = copy.attr["_class"].list
            local = [b"loc:@" + group[5:].removeprefix(prefix.encode()) for group in groups.s if group[5:].startswith(prefix.encode())]
            del groups.s[:]
            groups.s.extend(local)
        copies.append(copy)
    del graph_def.node[:]
    graph_def.node.extend(copies)
    return list(dict.fromkeys(unbound))


def op_list(graph_def: Any) -> Any:
    """The OpDefs of all op types in a graph and its functions, sorted by name."""
    types = {node.op for node in graph_def.node}
    types |= {node.op for function in graph_def.library.function for node in function.node_def}
    types -= {function.signature.name for function in graph_def.library.function}
    found = proto.OpList()
    for name in sorted(types):
        definition = find(name)
        if definition is None:
            try:
                definition = op_def(load(name))
            except KeyError:
                continue
        found.op.add().CopyFrom(definition)
    return found


def strip_defaults(graph_def: Any) -> None:
    """Remove attributes that have their default value, so that readers older than the attribute can load the graph."""
    for node in graph_def.node:
        definition = find(node.op)
        for attribute in definition.attr if definition is not None else ():
            if attribute.HasField("default_value") and attribute.name in node.attr \
                    and node.attr[attribute.name] == attribute.default_value:
                del node.attr[attribute.name]
