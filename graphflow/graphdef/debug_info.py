"""The user's lines that made a graph's operations, as a GraphDebugInfo message (a GraphDef's field `debug_info`)."""

from __future__ import annotations

from typing import Any

from graphflow.formats import proto


def debug_info(graph: Any) -> Any:
    """The GraphDebugInfo of all operations whose line is known; the viewer shows it on their cards."""
    message = proto.GraphDebugInfo()
    files: dict[str, int] = {}
    for op in graph.get_operations():
        line = op.line
        if line is not None:
            frame = message.traces[op.name].file_line_cols.add()
            frame.file_index = files.setdefault(line.file, len(files))
            frame.line = line.number
            frame.code = line.text
    message.files.extend(files)
    return message
