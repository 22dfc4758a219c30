"""Tell which names of TensorFlow a program uses that graphflow does not have, without running it.

PATH is a file (.py, .ipynb) or a folder, which is searched for them. The exit code is 1 if a name is missing or a file could not be read.

example:
  graphflow check train.py
  graphflow check path/to/repository
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from graphflow.commands import source, stand_in
from graphflow.commands.missing import Missing, missing
from graphflow.commands.symbols import Use, used

_LEFT_OUT = {".git", ".hg", "__pycache__", "node_modules", ".ipynb_checkpoints", "site-packages"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--py2", action="store_true", help="convert files that are Python 2 before they are read")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a program, a notebook or a folder of them")


def main(args: argparse.Namespace) -> int:
    """Prints what is missing, most used first, and a line of figures."""
    absent = [path for path in args.paths if not path.exists()]
    if absent:
        print(f"graphflow check: no such file: {absent[0]}", file=sys.stderr)
        return 1
    uses: list[tuple[str, Use]] = []
    unread = 0
    files = [file for path in args.paths for file in programs(path)]
    if not files:
        print(f"graphflow check: no .py or .ipynb file in {args.paths[0]}", file=sys.stderr)
        return 1
    for file in files:
        try:
            uses += [(cell.name, use) for cell in source.read(file) for use in used(source.parse(cell, args.py2))]
        except (SyntaxError, ValueError, OSError, ModuleNotFoundError) as error:
            unread += 1
            print(f"{file}: not read: {explained(error)}")
    stand_in.install()
    found = missing(uses)
    names = {use.path for _, use in uses}
    print("\n".join(lines(found)), end="\n" if found else "")
    print(f"{len(files)} files use {len(names)} names of tensorflow; "
          + (f"{len(found)} of these are missing" if found else "none is missing") + (f"; {unread} files were not read" if unread else ""))
    return int(bool(found or unread))


def explained(error: Exception) -> str:
    """Why a file could not be read; a hint where it may be Python 2."""
    if isinstance(error, source.Python2Error):
        return f"line {error.lineno}: {error.msg}; if this is Python 2, --py2 converts it"
    return str(error)


def programs(path: Path) -> Iterator[Path]:
    """The file, or the programs below a folder, in order."""
    if path.is_file():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        yield from (Path(folder, name) for name in sorted(files) if name.endswith((".py", ".ipynb")))


def lines(found: list[Missing], most_places: int = 3) -> list[str]:
    """A line for each missing name: where it is used, and what graphflow says of it."""
    text = []
    for item in found:
        places = ", ".join(f"{os.path.relpath(file)}:{line}" for file, line in item.places[:most_places])
        more = f" and {len(item.places) - most_places} more" if len(item.places) > most_places else ""
        text += [f"{item.name}    {places}{more}", f"    {item.why}"]
    return text
