"""A graph and the values of its variables as one graph without variables."""
from __future__ import annotations

from typing import Any

from graphflow.core.graph import Graph
from graphflow.core.graph_io import write_message
from graphflow.core.graph_util import convert_variables_to_constants
from graphflow.core.import_graph import import_graph_def
from graphflow.formats import checkpoints, proto
from graphflow.formats.errors import InvalidFileError
from graphflow.runtime.session import Session
from graphflow.train.meta_graph import import_meta_graph

from .inspect_graph import read_message


def freeze(source: str, checkpoint: str | None, outputs: list[str], target: str) -> int:
    """Write the frozen GraphDef; its number of nodes. InvalidFileError when the checkpoint lacks a variable."""
    if checkpoint is None:
        raise ValueError("--freeze needs --checkpoint PREFIX, which holds the values of the variables")
    message = read_message(source)
    with Graph().as_default() as graph:
        if isinstance(message, proto.MetaGraphDef):
            saver = import_meta_graph(message, clear_devices=True)
            graph_def = message.graph_def
        elif isinstance(message, proto.GraphDef):
            saver, graph_def = None, message
            import_graph_def(message, name="")
        else:
            raise InvalidFileError(f"{source}: --freeze takes a graph or a meta graph, not a SavedModel")
        with Session() as session:
            if saver is not None:
                saver.restore(session, checkpoint)
            else:
                _restore_by_name(session, graph, checkpoint)
            frozen = convert_variables_to_constants(session, graph_def, outputs)
    write_message(frozen, target, target.endswith((".pbtxt", ".txt")))
    return len(frozen.node)


def _restore_by_name(session: Any, graph: Any, checkpoint: str) -> None:
    """Give the variables of a graph without saver the values under their names."""
    with checkpoints.open_checkpoint(checkpoint) as reader:
        for op in graph.get_operations():
            key = op.kind.variable_key(op)
            if key is not None and op.name in reader:
                session._store.rebind(key, reader.read(op.name))
