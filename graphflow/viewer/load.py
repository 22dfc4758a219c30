"""Opens what a user names: a graph in any form, an event file, a log folder, a checkpoint's prefix, or a program that builds a graph."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from graphflow.formats import graph_file
from graphflow.formats.errors import FormatError
from graphflow.formats.graph_file import find_graph_file
from graphflow.viewer import late
from graphflow.viewer.errors import ViewerError

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


def graphs_in_file(path: Path) -> list[NamedGraph]:
    """The graphs in a file, by its content; those that a program builds; ViewerError, in one sentence, when there is none."""
    if path.suffix == ".py":
        return program_graphs(path)
    try:
        data = graph_file.read_plain_file(path)
        if graph_file.kind_of(data) == "json":
            return [NamedGraph(path.name, late.graph_json.from_json(data))]
        return [NamedGraph(part.name, part.data, "meta" if part.kind == "meta" else "file") for part in graph_file.graph_parts(path, data)]
    except FormatError as error:
        raise ViewerError(str(error)) from None
    except ViewerError as error:
        raise ViewerError(f"{path}: {error}") from None


_PROGRAM = """
import argparse, sys
from graphflow.core import graph as graphs
kept, made = [], graphs.Graph.__init__
def noted(self, *args, **kwargs):
    made(self, *args, **kwargs)
    if type(self) is graphs.Graph:
        kept.append(self)
graphs.Graph.__init__ = noted
from graphflow.commands import run
path, out = sys.argv[1:3]
code = 0
try:
    parser = argparse.ArgumentParser()
    run.add_arguments(parser)
    code = run.main(parser.parse_args([path, *sys.argv[3:]]))
except SystemExit as left:
    code = left.code or 0
except KeyboardInterrupt:
    pass
import graphflow as tf
first = tf.get_default_graph()
shown = [g for g in dict.fromkeys([first, *kept]) if len(g.get_operations())]
shown.sort(key=lambda g: -len(g.get_operations()))
for i, g in enumerate(shown[:20]):
    open(f"{out}/{i}.pb", "wb").write(g.as_graph_def(add_shapes=True).SerializeToString())
sys.exit(0 if shown else code if isinstance(code, int) else 1)
"""


def program_graphs(path: Path, arguments: tuple[str, ...] = ()) -> list[NamedGraph]:
    """The graphs that a program builds, largest first: it is run as `graphflow run` would, in a process of its own.

    What it prints goes to standard error. Ctrl-C ends the program and shows what it has built so far.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", _PROGRAM, str(path), folder, *arguments]
        try:
            done = subprocess.run(command, env={**os.environ, "PYTHONPATH": _python_path()}, stdout=2, check=False).returncode
        except KeyboardInterrupt:
            done = 0
        files = sorted(Path(folder).glob("*.pb"), key=lambda file: int(file.stem))
        if not files:
            why = f"the program failed (exit code {done})" if done else "the program built no graph"
            raise ViewerError(f"{path}: {why}, so there is nothing to show")
        names = [path.name, *(f"{path.name}: graph {i}" for i in range(2, len(files) + 1))]
        return [NamedGraph(name, file.read_bytes()) for name, file in zip(names, files, strict=True)]


def _python_path() -> str:
    here = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])


def located(path: Path) -> Path:
    """The path that is meant: a log folder or event file as it is, else the file with the graph (of a SavedModel's folder, of a
    checkpoint's prefix). ViewerError when there is nothing."""
    try:
        found = find_graph_file(path)
        if found is None and path.is_dir():
            os.listdir(path)  # may it be read at all?
            return path
    except OSError as error:
        raise ViewerError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    if found is None:
        raise ViewerError(f"{path}: there is no such file or folder")
    return found


def is_log(path: Path) -> bool:
    """Whether a path is read as a log: a folder, or an event file by its name."""
    return path.is_dir() or ("tfevents" in path.name and path.is_file())
