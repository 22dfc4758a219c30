"""Object-based checkpoints (tf.train.Checkpoint): the usual files, but keys that are paths through objects.

One string tensor holds a TrackableObjectGraph that tells, for each stored tensor, the name its variable had.
"""
from __future__ import annotations

from typing import Any

from .checkpoints import CheckpointReader
from .errors import DataLossError
from .proto import TrackableObjectGraph, parse

OBJECT_GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"


def object_graph(reader: CheckpointReader) -> Any:
    """The TrackableObjectGraph of a checkpoint, or None if it is name-based."""
    if OBJECT_GRAPH_KEY not in reader:
        return None
    value = reader.read(OBJECT_GRAPH_KEY)
    if value.shape != () or value.dtype != object:
        raise DataLossError(f"{reader.prefix}: {OBJECT_GRAPH_KEY} should be one string, found {value.dtype} {list(value.shape)}.")
    return parse(value.item(), TrackableObjectGraph, f"{reader.prefix} ({OBJECT_GRAPH_KEY})")


def object_keys(reader: CheckpointReader) -> dict[str, str]:
    """{full name of a variable: its key} of an object-based checkpoint; empty for a name-based one.

    A name that several tensors have is left out, as it does not tell which is meant.
    """
    graph = object_graph(reader)
    keys: dict[str, str] = {}
    repeated = set()
    for attribute in (attribute for node in (graph.nodes if graph else ()) for attribute in node.attributes):
        name = attribute.full_name
        if name in keys and keys[name] != attribute.checkpoint_key:
            repeated.add(name)
        if name:
            keys[name] = attribute.checkpoint_key
    return {name: key for name, key in keys.items() if name not in repeated}
