"""A graph and the values of its variables as one graph without variables."""
from __future__ import annotations

from typing import Any

from graphflow.core import errors
from graphflow.core.graph import Graph
from graphflow.exporting.model import restore_by_name
from graphflow.formats import proto
from graphflow.formats.checkpoint_fit import near_names
from graphflow.formats.errors import InvalidFileError
from graphflow.formats.graph_file import load_graph
from graphflow.graphdef.graph_io import write_message
from graphflow.graphdef.graph_util import convert_variables_to_constants
from graphflow.graphdef.import_graph import import_graph_def
from graphflow.runtime.session import Session
from graphflow.train.meta_graph import import_meta_graph


def freeze(source: str, checkpoint: str | None, outputs: list[str], target: str) -> int:
    """Write the frozen GraphDef; its number of nodes. InvalidFileError when the checkpoint lacks a variable.

    source: a graph or meta graph, whose checkpoint must be given, or a SavedModel (its folder), which has one of its own.
    """
    message, checkpoint = _model(source, checkpoint)
    _check_outputs(message, outputs, source)
    try:
        frozen = _frozen(message, checkpoint, outputs)
    except errors.OpError as error:
        raise InvalidFileError(str(error)) from None
    write_message(frozen, target, target.endswith((".pbtxt", ".txt")))
    return len(frozen.node)


def _check_outputs(message: Any, outputs: list[str], source: str) -> None:
    names = [node.name for node in (message.graph_def if isinstance(message, proto.MetaGraphDef) else message).node]
    for output in outputs:
        if output not in names:
            raise InvalidFileError(f"{source}: the graph has no node {output}{near_names(output, names)}")


def _frozen(message: Any, checkpoint: str, outputs: list[str]) -> Any:
    with Graph().as_default() as graph:
        if isinstance(message, proto.MetaGraphDef):
            saver = import_meta_graph(message, clear_devices=True)
            graph_def = message.graph_def
        else:
            saver, graph_def = None, message
            import_graph_def(message, name="")
        with Session() as session:
            if saver is not None:
                saver.restore(session, checkpoint)
            else:
                restore_by_name(session, graph, checkpoint)
            return convert_variables_to_constants(session, graph_def, outputs)


def _model(source: str, checkpoint: str | None) -> tuple[Any, str]:
    """The GraphDef or MetaGraphDef to freeze, and the prefix of its checkpoint."""
    file, message = load_graph(source)
    if isinstance(message, proto.SavedModel):
        serving = [meta for meta in message.meta_graphs if "serve" in meta.meta_info_def.tags] or list(message.meta_graphs)
        if not serving:
            raise InvalidFileError(f"{source}: the SavedModel holds no graph")
        message = serving[0]
        checkpoint = checkpoint or str(file.parent / "variables" / "variables")
    if checkpoint is None:
        raise ValueError("--freeze needs --checkpoint PREFIX, which holds the values of the variables")
    return message, checkpoint
