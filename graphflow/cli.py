"""The `graphflow` command: finds the subcommand's module and hands over.

Each subcommand is a module with `add_arguments(parser)`, `main(args) -> int` and a docstring that is its help; `complaint(args)`, where
there is one, says which options do not go together, before anything is done. Only the chosen one is
imported, so that `graphflow view` opens without the framework. Exit codes: 0 it worked, 1 it failed, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from graphflow.commands.arguments import Parser

COMMANDS = {
    "demo": "train a digit classifier on images that ship with graphflow",
    "plan": "show what graphflow makes of a program's runs",
    "draw": "draw a graph as SVG, PNG, PDF, DOT, HTML, JSON, Mermaid or text; compare two graphs",
    "inspect": "tell what a checkpoint, graph, SavedModel or event file holds, and what a damaged one suffers from",
    "convert": "convert checkpoints and graphs to other forms and back; freeze graphs; write models as numpy code, ONNX or StableHLO",
    "run": "run a TensorFlow 1 program, unchanged, on graphflow",
    "check": "tell which names of TensorFlow a program uses that graphflow does not have",
    "view": "show a log folder, an event file or a graph in the browser or the terminal",
}

EPILOG = """example:
  graphflow demo
  graphflow run train.py --steps 100

`graphflow COMMAND --help` tells about one command."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one subcommand; returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = arguments[0] if arguments else ""
    if name not in COMMANDS:
        return _top_level(arguments)
    module = importlib.import_module(f"graphflow.commands.{name}")
    parser = Parser(
        prog=f"graphflow {name}", description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(command=name)
    module.add_arguments(parser)
    args = parser.parse_args(arguments[1:])
    if complaint := getattr(module, "complaint", lambda _: None)(args):
        parser.error(complaint)
    try:
        return int(module.main(args))
    except BrokenPipeError:    # `graphflow inspect ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print(f"\ngraphflow {name}: interrupted", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        if os.environ.get("GRAPHFLOW_DEBUG"):
            raise
        print(f"graphflow {name}: {error}", file=sys.stderr)
        return 1


def _top_level(arguments: list[str]) -> int:
    """`graphflow`, `graphflow --help`, `graphflow --version` and unknown commands."""
    parser = argparse.ArgumentParser(
        prog="graphflow",
        description="TensorFlow 1 style programs on numpy.\n\ncommands:\n"
        + "\n".join(f"  {name:<9} {summary}" for name, summary in COMMANDS.items()),
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    parser.add_argument("command", nargs="?", metavar="COMMAND", help="one of: " + ", ".join(COMMANDS))
    args, _ = parser.parse_known_args(arguments)
    if args.version:
        from importlib.metadata import version  # at first use: saves 20 ms

        print(f"graphflow {version('graphflow-tf1')}")
        return 0
    if args.command is not None:
        parser.error(f"unknown command {args.command!r}; choose from {', '.join(COMMANDS)}")
    parser.print_help(sys.stderr)
    return 2
