"""MetaGraphDef messages: a graph with its collections and its saver, in one file (`model.ckpt-10.meta`)."""
from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Iterable
from typing import Any

from graphflow.core import context, errors
from graphflow.core.collections import GraphKeys
from graphflow.core.export import export
from graphflow.core.graph import Graph
from graphflow.core.graph_io import write_message
from graphflow.core.import_graph import import_graph_def
from graphflow.formats import proto
from graphflow.formats.errors import FormatError
from graphflow.variables.proto import COLLECTIONS, from_proto, prepend_scope, strip_scope

from .meta_graph_nodes import op_list, scoped_nodes, strip_defaults

_log = logging.getLogger("tensorflow")
_UNBOUND = "unbound_inputs"
_TENSORFLOW_VERSION = "2.21.0"  # the version whose graphs ours are like


@export("train.export_meta_graph")
def export_meta_graph(filename: str | None = None, meta_info_def: Any = None, graph_def: Any = None, saver_def: Any = None,
                      collection_list: Iterable[str] | None = None, as_text: bool = False, graph: Graph | None = None,
                      export_scope: str | None = None, clear_devices: bool = False, clear_extraneous_savers: bool = False,
                      strip_default_attrs: bool = False, save_debug_info: bool = False, **kwargs: Any) -> Any:
    """The MetaGraphDef of a graph (the default one), written to `filename` if that is given.

    collection_list: names of the collections to include, all when None. export_scope: only nodes below this scope, which
    their names then lack.
    clear_devices: leave out devices. clear_extraneous_savers: leave out the operations of other savers than `saver_def`.
    strip_default_attrs: leave out attributes at their defaults, for older readers. save_debug_info: accepted, nothing is written for it.
    """
    if kwargs:
        raise TypeError(f"export_meta_graph() got unexpected keyword arguments {sorted(kwargs)}")
    graph = graph or context.default_graph()
    message = proto.MetaGraphDef()
    if meta_info_def is not None:
        message.meta_info_def.CopyFrom(meta_info_def)
    message.graph_def.CopyFrom(graph.as_graph_def(add_shapes=True) if graph_def is None else graph_def)
    if clear_extraneous_savers:
        _drop_savers(message.graph_def, saver_def)
    unbound = scoped_nodes(message.graph_def, export_scope, clear_devices)
    if strip_default_attrs:
        strip_defaults(message.graph_def)
    info = message.meta_info_def
    info.stripped_default_attrs = strip_default_attrs
    info.tensorflow_version = info.tensorflow_version or _TENSORFLOW_VERSION
    info.tensorflow_git_version = info.tensorflow_git_version or "graphflow"
    if not info.HasField("stripped_op_list"):
        info.stripped_op_list.CopyFrom(op_list(message.graph_def))
    for key in graph.get_all_collection_keys() if collection_list is None else collection_list:
        if clear_extraneous_savers and key == GraphKeys.SAVERS:
            continue
        _add_collection(message, key, graph.get_collection(key), export_scope)
    if unbound:
        message.collection_def[_UNBOUND].bytes_list.value.extend(name.encode() for name in unbound)
    if saver_def is not None:
        message.saver_def.CopyFrom(saver_def)
    if filename:
        write_message(message, filename, as_text)
    return message


def _drop_savers(graph_def: Any, saver_def: Any) -> None:
    """Remove the operations that save and restore, but for those of one saver."""
    kept = saver_def.restore_op_name.rpartition("/")[0] if saver_def is not None else None
    scopes = {node.name.rpartition("/")[0] for node in graph_def.node if node.op in ("SaveV2", "RestoreV2", "SaveSlices")} - {kept}
    nodes = [node for node in graph_def.node if not any(node.name.startswith(scope + "/") for scope in scopes)]
    copies = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del graph_def.node[:]
    graph_def.node.extend(copies)


def _add_collection(message: Any, key: Any, items: list[Any], scope: str | None) -> None:
    """One collection, in the form that its members allow; left out with a warning if there is none."""
    if not isinstance(key, str):
        _log.warning("Only collections with string type keys will be serialized. This key has %s", type(key))
        return
    if scope is not None:
        items = [item for item in items if not hasattr(item, "name") or item.name.startswith(scope)]
    if not items:
        return
    collection = proto.CollectionDef()
    try:
        if key in COLLECTIONS or key == GraphKeys.SAVERS or all(hasattr(item, "to_proto") and key == GraphKeys.QUEUE_RUNNERS
                                                                for item in items):
            messages = [item.to_proto(export_scope=scope) for item in items]
            collection.bytes_list.value.extend(made.SerializeToString(deterministic=True) for made in messages if made is not None)
        elif all(isinstance(item, (str, bytes)) for item in items):
            collection.bytes_list.value.extend(item.encode() if isinstance(item, str) else item for item in items)
        elif all(isinstance(item, int) for item in items):
            collection.int64_list.value.extend(items)
        elif all(isinstance(item, float) for item in items):
            collection.float_list.value.extend(items)
        elif type(items[0]).__name__ == "Any":
            collection.any_list.value.extend(items)
        else:
            collection.node_list.value.extend(strip_scope(item.name, scope) for item in items)
    except (AttributeError, TypeError, ValueError) as error:
        _log.warning("Issue encountered when serializing %s. Type is unsupported, or the types of the items don't match field type in "
                     "CollectionDef. Note this is a warning and probably safe to ignore. %s", key, error)
        return
    message.collection_def[key].CopyFrom(collection)


@export("train.import_meta_graph")
def import_meta_graph(meta_graph_or_file: Any, clear_devices: bool = False, import_scope: str | None = None, **kwargs: Any) -> Any:
    """Add a MetaGraphDef (or the file of one, binary or text) to the default graph; its Saver, or None if there is nothing to restore.

    import_scope: prefix for all names. input_map (keyword): tensors of the default graph that take the place of inputs.
    OSError if there is no such file; DataLossError for a damaged one.
    """
    from .saver import Saver

    graph = context.default_graph()
    message = read_meta_graph(meta_graph_or_file)
    scope = graph.unique_name(import_scope, mark_as_used=False) if import_scope else ""
    import_scoped(message, import_scope, clear_devices, kwargs.pop("input_map", None))
    if kwargs:
        raise TypeError(f"import_meta_graph() got unexpected keyword arguments {sorted(kwargs)}")
    if message.HasField("saver_def"):
        return Saver(saver_def=message.saver_def, name=scope)
    if graph.get_collection(GraphKeys.GLOBAL_VARIABLES, scope or None):
        return Saver()
    _log.info("Saver not created because there are no variables in the graph to restore")
    return None


def import_scoped(message: Any, import_scope: str | None, clear_devices: bool = False, input_map: Any = None) -> str:
    """Add graph and collections of a MetaGraphDef to the default graph; the scope that all names got."""
    graph = context.default_graph()
    scope = graph.unique_name(import_scope, mark_as_used=False) if import_scope else ""
    unbound = message.collection_def[_UNBOUND].bytes_list.value if _UNBOUND in message.collection_def else ()
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
    import_graph_def(graph_def, input_map=input_map, name=import_scope or "", producer_op_list=producer)
    variables: dict[bytes, Any] = {}
    for key in sorted(message.collection_def):
        if key != _UNBOUND:
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
        from .saver import Saver

        return [Saver.from_proto(proto.parse(value, proto.SaverDef, f"collection {key}"), scope) for value in values]
    return [_queue_runner(value, scope) for value in values] if key == GraphKeys.QUEUE_RUNNERS else list(values)


def _queue_runner(value: bytes, scope: str) -> Any:
    """The QueueRunner of a QueueRunnerDef; the message's bytes where graphflow cannot make one."""
    home = "graphflow.train.queue_runner"
    if importlib.util.find_spec(home) is None:
        return value
    runner = importlib.import_module(home).QueueRunner
    return runner.from_proto(proto.parse(value, proto.QueueRunnerDef, "collection queue_runners"), scope)


def read_meta_graph(meta_graph_or_file: Any) -> Any:
    """A MetaGraphDef, from one of ours, one of TensorFlow's, or a file in binary or text form."""
    if isinstance(meta_graph_or_file, proto.MetaGraphDef):
        return meta_graph_or_file
    if hasattr(meta_graph_or_file, "SerializeToString"):
        return proto.parse(meta_graph_or_file.SerializeToString(), proto.MetaGraphDef, "MetaGraphDef")
    path = os.fspath(meta_graph_or_file)
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
