"""Writing MetaGraphDef messages: a graph with its collections and its saver, in one file (`model.ckpt-10.meta`)."""
from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from graphflow.core import context
from graphflow.core.collections import GraphKeys
from graphflow.core.export import export
from graphflow.core.graph import Graph
from graphflow.formats import proto
from graphflow.graphdef.graph_io import write_message
from graphflow.variables.proto import COLLECTIONS, strip_scope

from .meta_graph_nodes import op_list, scoped_nodes, strip_defaults

_log = logging.getLogger("tensorflow")
UNBOUND = "unbound_inputs"
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
        values = graph.get_collection(key)
        if clear_extraneous_savers and key == GraphKeys.SAVERS:
            values = [saver for saver in values if saver_def is not None and saver.saver_def == saver_def]
        if values:
            _add_collection(message, key, values, export_scope)
    if unbound:
        message.collection_def[UNBOUND].bytes_list.value.extend(name.encode() for name in unbound)
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
