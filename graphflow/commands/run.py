"""Run a TensorFlow 1 program, unchanged: graphflow stands in for tensorflow.

example:
  graphflow run train.py --learning_rate 0.1
  graphflow run -m package.train
"""

from __future__ import annotations

import argparse
import runpy
import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

from graphflow.commands import stand_in


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-m", dest="module", action="store_true", help="SCRIPT is a module's name, as with python -m")
    parser.add_argument("script", metavar="SCRIPT", help="the program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the program")


def main(args: argparse.Namespace) -> int:
    """Runs the program with its own sys.argv and sys.path; its exceptions and exit codes are its own."""
    if not args.module and not Path(args.script).exists():
        print(f"graphflow run: no such file: {args.script}", file=sys.stderr)
        return 1
    stand_in.install()
    follow_into_children()
    sys.argv = [args.script, *args.arguments]
    try:
        if args.module:
            sys.path.insert(0, "")
            runpy.run_module(args.script, run_name="__main__", alter_sys=True)
        else:
            sys.path.insert(0, str(Path(args.script).resolve().parent))
            runpy.run_path(args.script, run_name="__main__")
    except Exception as error:
        traceback.print_exception(type(error), error, _users_part(error.__traceback__))
        if advice := stand_in.advice(error):
            print(f"  {advice}", file=sys.stderr)
        return 1
    return 0


class _InChild:
    """Puts the stand-in into a process that multiprocessing starts: unpickled there before the program is imported."""

    def __reduce__(self) -> tuple[Any, tuple[()]]:
        return stand_in.install, ()


def follow_into_children() -> None:
    """Processes that multiprocessing spawns import the program anew, and tensorflow with it: they get the stand-in too."""
    from multiprocessing import spawn  # at first use: saves `graphflow plan --help` 10 ms

    original = spawn.get_preparation_data

    def prepared(name: str) -> dict[str, Any]:
        return {"stand_in": _InChild(), **original(name)}

    spawn.get_preparation_data = prepared


def _users_part(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the program's own first frame on; the whole of it where the program did not start."""
    part = trace
    while part is not None and part.tb_frame.f_globals.get("__name__") in (__name__, "runpy"):
        part = part.tb_next
    return part or trace
