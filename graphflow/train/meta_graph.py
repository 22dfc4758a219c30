"""Reading MetaGraphDef messages into graphs; `meta_graph_export` writes them."""
from __future__ import annotations

import logging
import os
from typing import Any

from graphflow.core import context, errors
from graphflow.core.collections import GraphKeys
from graphflow.core.export import export
from graphflow.core.graph import Graph
from graphflow.formats import proto
from graphflow.formats.errors import FormatError
from graphflow.formats.local_path import local_path
from graphflow.graphdef.import_graph import import_graph_def
from graphflow.variables.proto import COLLECTIONS, from_proto, prepend_scope

from .meta_graph_export import UNBOUND
from .queue_runners import QueueRunner
from .saver import Saver

_log = logging.getLogger("tensorflow")


@export("train.import_meta_graph")
def import_meta_graph(meta_graph_or_file: Any, clear_devices: bool = False, import_scope: str | None = None, **kwargs: Any) -> Any:
    """Add a MetaGraphDef (or the file of one, binary or text) to the default graph; its Saver, or None if there is nothing to restore.

    import_scope: prefix for all names; without one, the name scope around. input_map (keyword): tensors of the default graph that take
    the place of inputs. graph (keyword): the graph in place of the default one.
    OSError if there is no such file; DataLossError for a damaged one.
    """
    given = kwargs.pop("graph", None)
    if given is not None:
        with given.as_default():
            return import_meta_graph(meta_graph_or_file, clear_devices, import_scope, **kwargs)
    graph = context.default_graph()
    message = read_meta_graph(meta_graph_or_file)
    scope = graph.unique_name(import_scope, mark_as_used=False) if import_scope else graph.get_name_scope()
    import_scoped(message, import_scope, clear_devices, kwargs.pop("input_map", None))
    if kwargs:
        raise TypeError(f"import_meta_graph() got unexpected keyword arguments {sorted(kwargs)}")
    if message.HasField("saver_def"):
        saver = Saver(saver_def=message.saver_def, name=scope)
        if isinstance(meta_graph_or_file, (str, bytes, os.PathLike)):
            saver._origin = os.fsdecode(meta_graph_or_file)
        return saver
    if graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope or None):
        return Saver()
    _log.info("Saver not created because there are no variables in the graph to restore")
    return None


def import_scoped(message: Any, import_scope: str | None, clear_devices: bool = False, input_map: Any = None) -> str:
    """Add graph and collections of a MetaGraphDef to the default graph; the scope that all names got."""
    graph = context.default_graph()
    scope = graph.unique_name(import_scope, mark_as_used=False) if import_scope else graph.get_name_scope()
    unbound = message.collection_def[UNBOUND].bytes_list.value if UNBOUND in message.collection_def else ()
    missing = sorted({name.decode() for name in unbound} - set(input_map or ()))
    if missing:
        raise ValueError(f"Graph contains unbound inputs: {', '.join(missing)}. Must provide these inputs through input_map.")
    graph_def = message.graph_def
    if clear_devices:
        graph_def = proto.GraphDef()
        graph_def.CopyFrom(message.graph_def)
        for node in graph_def.node:
            node.device = ""
    producer = message.meta_info_def.stripped_op_list if message.meta_info_def.HasField("stripped_op_list") else None
    import_graph_def(graph_def, input_map=input_map, name=import_scope or (scope and scope + "/"), producer_op_list=producer)
    variables: dict[bytes, Any] = {}
    for key in sorted(message.collection_def):
        if key != UNBOUND:
            graph.get_collection_ref(key).extend(_members(graph, key, message.collection_def[key], scope, variables))
    return scope


def _members(graph: Graph, key: str, collection: Any, scope: str, variables: dict[bytes, Any]) -> list[Any]:
    """The members of a stored collection. variables: those met before; one VariableDef gives one variable."""
    kind = collection.WhichOneof("kind")
    if kind is None:
        _log.error("Cannot identify data type for collection %s. Skipping.", key)
        return []
    values = getattr(collection, kind).value
    if kind == "node_list":
        return [graph.as_graph_element(prepend_scope(name, scope)) for name in values]
    if kind != "bytes_list":
        return list(values)
    if key in COLLECTIONS:
        for value in values:
            if value not in variables:
                variables[value] = from_proto(proto.parse(value, proto.VariableDef, f"collection {key}"), scope)
        return [variables[value] for value in values]
    if key == GraphKeys.SAVERS:
            return [Saver.from_proto(proto.parse(value, proto.SaverDef, f"collection {key}"), scope) for value in values]
    return [_queue_runner(value, scope) for value in values] if key == GraphKeys.QUEUE_RUNNERS else list(values)


def _queue_runner(value: bytes, scope: str) -> Any:
    """The QueueRunner of a QueueRunnerDef."""
    return QueueRunner.from_proto(proto.parse(value, proto.QueueRunnerDef, "collection queue_runners"), scope)


def read_meta_graph(meta_graph_or_file: Any) -> Any:
    """A MetaGraphDef, from one of ours, one of TensorFlow's, or a file in binary or text form."""
    if isinstance(meta_graph_or_file, proto.MetaGraphDef):
        return meta_graph_or_file
    if hasattr(meta_graph_or_file, "SerializeToString"):
        return proto.parse(meta_graph_or_file.SerializeToString(), proto.MetaGraphDef, "MetaGraphDef")
    path = local_path(meta_graph_or_file)
    if not os.path.isfile(path):
        raise OSError(f"File {path} does not exist.")
    with open(path, "rb") as file:
        data = file.read()
    try:
        try:
            return proto.parse(data, proto.MetaGraphDef, path)
        except FormatError as binary:
            try:
                return proto.from_text(data, proto.MetaGraphDef, path)
            except FormatError:
                raise binary from None
    except FormatError as error:
        raise errors.of_file_error(error) from None
