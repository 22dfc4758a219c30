"""Opens what a user names: a GraphDef in any form, an event file, a log folder, or a program that builds a graph."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from graphflow.viewer import wire
from graphflow.viewer.errors import ViewerError

GRAPH_SUFFIXES = (".pb", ".pbtxt", ".meta", ".json", ".graphdef", ".txt")
HOW = """A graph gets into a log folder by either of
  tf.summary.FileWriter("logs", sess.graph).close()
  tf.train.write_graph(sess.graph, "logs", "graph.pb", as_text=False)"""


@dataclass
class NamedGraph:
    """A serialized GraphDef and where it came from."""

    name: str
    buf: bytes
    kind: str = "file"
    step: int = 0
    wall: float = 0.0


def graph_file(path: Path) -> list[NamedGraph]:
    """The graphs in a GraphDef, MetaGraphDef, SavedModel or our JSON file; ViewerError when it holds none."""
    raw = path.read_bytes()
    try:
        if path.suffix == ".json":
            from graphflow.viewer.graph_json import from_json

            return [NamedGraph(path.name, from_json(raw))]
        if path.suffix in (".pbtxt", ".txt"):
            return [NamedGraph(path.name, from_text(raw))]
        if path.suffix == ".meta":
            return [NamedGraph(path.name, _inner(raw, 2), "meta")]
        if path.name == "saved_model.pb":
            metas = [raw[a:b] for n, w, a, b in wire.fields(raw, 0, len(raw)) if n == 2 and w == wire.BYTES]
            return [NamedGraph(f"{path.name} {i}" if i else path.name, _inner(meta, 2), "meta") for i, meta in enumerate(metas)]
        return [NamedGraph(path.name, raw)]
    except ViewerError as error:
        raise ViewerError(f"{path}: {error}") from None


def _inner(raw: bytes, field: int) -> bytes:
    """The last message in `field` of a message."""
    found = [raw[a:b] for n, w, a, b in wire.fields(raw, 0, len(raw)) if n == field and w == wire.BYTES]
    if not found:
        raise ViewerError("it holds no graph")
    return found[-1]


def from_text(raw: bytes) -> bytes:
    """The wire form of a GraphDef in protobuf's text form."""
    from google.protobuf import text_format

    from graphflow.formats.proto import GraphDef

    try:
        return text_format.Parse(raw.decode("utf-8"), GraphDef()).SerializeToString(deterministic=True)
    except (text_format.ParseError, UnicodeDecodeError, RecursionError) as error:
        raise ViewerError(f"not a GraphDef in text form: {error}") from None


def program_graph(path: Path) -> list[NamedGraph]:
    """Runs a Python program in a process of its own and takes the graph it builds; nothing it prints is lost."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "graph.pb"
        code = (
            "import runpy, sys, graphflow as tf\n"
            "sys.modules.setdefault('tensorflow', tf)\n"
            "path, out = sys.argv[1:3]\n"
            "sys.argv = [path]\n"
            "sys.path[0] = __import__('os').path.dirname(__import__('os').path.abspath(path))\n"
            "try:\n    runpy.run_path(path, run_name='__main__')\n"
            "except SystemExit:\n    pass\n"
            "open(out, 'wb').write(tf.get_default_graph().as_graph_def(add_shapes=True).SerializeToString())\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(path), str(out)],
            env={**os.environ, "PYTHONPATH": _python_path()},
            stdout=2,
            check=False,
        )
        if done.returncode or not out.exists():
            raise ViewerError(f"{path}: the program failed (exit code {done.returncode}), so there is no graph to show")
        return [NamedGraph(path.name, out.read_bytes())]


def _python_path() -> str:
    here = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])


def graphs_of(path: Path) -> list[NamedGraph]:
    """The graphs that a path holds, newest first; ViewerError says what was found instead of one."""
    if not path.exists():
        raise ViewerError(f"{path}: there is no such file or folder")
    if path.is_dir() or "tfevents" in path.name:
        from graphflow.viewer.runs import RunStore

        store = RunStore(path)
        store.refresh()
        found = [graph.named() for run in store.runs.values() for graph in run.newest_first()]
        if not found:
            raise ViewerError(f"{path}: no graph in it. {store.tell()}\n{HOW}")
        return found
    if path.suffix == ".py":
        return program_graph(path)
    return graph_file(path)
