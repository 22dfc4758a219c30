"""Tell what a file holds: checkpoint, graph, meta graph, SavedModel or event file; and what a damaged one suffers from.

example:
  graphflow inspect logs/model.ckpt-1000 --statistics
  graphflow inspect graph.pb --json
"""
from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from typing import Any

from graphflow.commands import inspect_checkpoint, inspect_events, inspect_graph
from graphflow.commands.columns import table
from graphflow.formats import checkpoint_state, checkpoints
from graphflow.formats.errors import FormatError
from graphflow.formats.graph_file import find_graph_file

EXAMPLE = "graphflow inspect logs/model.ckpt-1000 --statistics"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="a file, a checkpoint's prefix, or a folder")
    parser.add_argument("--statistics", action="store_true", help="with minimum, maximum, mean and deviation of each tensor")
    parser.add_argument("--tensor", metavar="NAME", help="show the values of one tensor of a checkpoint")
    parser.add_argument("--no-verify", action="store_true", help="do not read the data to verify checksums")
    parser.add_argument("--json", action="store_true", help="write JSON")


def main(args: argparse.Namespace) -> int:
    """Prints what the path holds; 1 if it is damaged or nothing that is known."""
    try:
        found = examine(args.path, args)
    except (FormatError, FileNotFoundError) as error:
        found = {"kind": "unreadable", "path": args.path, "problems": [str(error)]}
    if found["kind"] == "unreadable" and not args.json:
        print(f"graphflow inspect: {found['problems'][0]}", file=sys.stderr)
    elif args.json:
        json.dump(strict(found), sys.stdout, indent=1, allow_nan=False)
        print()
    else:
        print("\n".join(lines(found)))
    return 1 if found.get("problems") else 0


def examine(path: str, args: argparse.Namespace) -> dict[str, Any]:
    """What there is at a path, as plain data with `kind`, `path` and `problems`."""
    if os.path.isdir(path):
        return _folder(path, args)
    prefix = _prefix(path)
    if prefix is not None:
        return inspect_checkpoint.examine(prefix, args.statistics, not args.no_verify, args.tensor)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path}: no such file, and no checkpoint of that name")
    if inspect_events.looks_like_records(path):
        return inspect_events.examine(path)
    if os.path.basename(path) == checkpoint_state.DEFAULT_NAME:
        return _state(path)
    try:
        return inspect_graph.examine(path)
    except FormatError as error:
        if path.endswith((".pb", ".pbtxt", ".meta")):
            raise
        raise FormatError(f"{path}: no checkpoint, no event file; nor is it a graph: {str(error).removeprefix(f'{path}: ')}") from None


def _state(path: str) -> dict[str, Any]:
    """What a `checkpoint` file names; those that are gone are problems."""
    folder, name = os.path.split(path)
    state = checkpoint_state.read_state(folder, name)
    kept = list(state.all_model_checkpoint_paths)
    gone = [f"{path}: the checkpoint {prefix} is not there" for prefix in kept if not checkpoints.exists(prefix)]
    return {"kind": "state", "path": path, "latest": state.model_checkpoint_path, "kept": kept,
            "times": list(state.all_model_checkpoint_timestamps), "problems": gone}


def _state_lines(found: dict[str, Any]) -> list[str]:
    times = found["times"] or [None] * len(found["kept"])
    rows = [(f"  {prefix}", "" if saved is None else f"saved {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(saved))}",
             "latest" if prefix == found["latest"] else "") for prefix, saved in zip(found["kept"], times, strict=False)]
    return [f"checkpoint state {found['path']}", *table(rows)]


def _prefix(path: str) -> str | None:
    """The prefix of a checkpoint that the path is, or one of whose files it is."""
    for ending in (".index", ".data-"):
        start, found, _ = path.rpartition(ending)
        if found and os.path.isfile(path):
            return start
    if os.path.isfile(path):
        return path if checkpoints.has_table_magic(path) else None
    return path if checkpoints.exists(path) else None


def _folder(path: str, args: argparse.Namespace) -> dict[str, Any]:
    saved_model = find_graph_file(path)
    if saved_model is not None:
        return inspect_graph.examine(str(saved_model))
    state = checkpoint_state.read_state(path)
    if state is not None:
        found = inspect_checkpoint.examine(state.model_checkpoint_path, args.statistics, not args.no_verify, args.tensor)
        found["kept"] = list(state.all_model_checkpoint_paths)
        return found
    events = inspect_events.files(path) or [file for folder, _, _ in sorted(os.walk(path)) for file in inspect_events.files(folder)]
    if events:
        files = [inspect_events.examine(file) for file in events]
        return {"kind": "events", "path": path, "files": files, "problems": [problem for file in files for problem in file["problems"]]}
    raise FileNotFoundError(f"{path}: the folder holds no SavedModel, no checkpoint state file and no event file, nor do subfolders")


def strict(value: Any) -> Any:
    """Plain data without what JSON lacks: infinities and NaN become strings."""
    if isinstance(value, dict):
        return {key: strict(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strict(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def lines(found: dict[str, Any]) -> list[str]:
    """The text form."""
    render = {"checkpoint": inspect_checkpoint.lines, "state": _state_lines,
              "events": inspect_events.lines, "records": inspect_events.lines}
    body = render.get(found["kind"], inspect_graph.lines)(found)
    return body + [f"DAMAGED: {problem}" for problem in found.get("problems", ())]


