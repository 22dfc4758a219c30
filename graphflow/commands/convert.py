"""Convert between file formats. The endings of the names say which:

  checkpoint (prefix) <-> .npz, .safetensors; V1 checkpoint -> V2
  graph, meta graph, SavedModel: .pb, .meta (binary) <-> .pbtxt (text)
  graph and checkpoint, or SavedModel -> one graph without variables (--freeze)
  SavedModel, frozen graph, meta graph and checkpoint, Keras HDF5 file -> a Python file that needs numpy only (--python), ONNX (--onnx),
  StableHLO (--stablehlo); --inputs and --outputs name tensors where no signature does

example:
  graphflow convert logs/model.ckpt-1000 weights.safetensors
  graphflow convert weights.npz logs/model.ckpt
  graphflow convert graph.pb graph.pbtxt
  graphflow convert logs/model.ckpt-1000.meta frozen.pb --freeze scores --checkpoint logs/model.ckpt-1000
  graphflow convert saved_model/ --python model.py
  graphflow convert frozen.pb --outputs scores --onnx model.onnx
"""
from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from graphflow.commands import tensor_files
from graphflow.commands.arguments import excludes, given, names, needs, regex, setting, sizes
from graphflow.commands.columns import size_text
from graphflow.formats import checkpoints, proto
from graphflow.formats.durable import atomic_file
from graphflow.formats.errors import FormatError
from graphflow.formats.graph_file import load_graph

EXAMPLE = "graphflow convert logs/model.ckpt-1000 weights.safetensors"

EXPORTS = ("python", "onnx", "stablehlo")
_ARRAYS = (".npz", ".safetensors")
_TEXT = (".pbtxt", ".txt")
_GRAPHS = (".pb", ".meta", *_TEXT)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help="a checkpoint's prefix, .npz, .safetensors, a graph or a SavedModel's folder")
    parser.add_argument("target", metavar="TARGET", nargs="?", help="what to write; a name without known ending is a checkpoint's prefix")
    parser.add_argument("--only", type=regex, metavar="REGEX", help="only tensors whose names match from their start")
    parser.add_argument("--freeze", metavar="NODES", help="outputs to keep, separated by commas: variables become constants")
    parser.add_argument("--checkpoint", metavar="PREFIX", help="where the values of a graph's variables are")
    parser.add_argument("--python", metavar="OUT.py", help="write the model as numpy code; many weights go to an .npz beside it")
    parser.add_argument("--onnx", metavar="OUT.onnx", help="write the model as ONNX (extra onnx)")
    parser.add_argument("--stablehlo", metavar="OUT", help="write the model as jax.export does; a name in .mlir: its text (extra xla)")
    parser.add_argument("--inputs", type=names, metavar="NAMES", help="tensors to feed, separated by commas; NAME=TENSOR renames")
    parser.add_argument("--outputs", type=names, metavar="NAMES", help="tensors to compute; NAME=TENSOR renames")
    parser.add_argument("--signature", metavar="KEY", help="which signature of the model tells its inputs and outputs")
    parser.add_argument("--shape", type=sizes, action="append", metavar="NAME=SIZES",
                        help="sizes of an input; a name stays open: images=n,224,224,3")
    parser.add_argument("--set", type=setting, action="append", metavar="NAME=VALUE", help="a placeholder's value for good")
    parser.add_argument("--train", type=names, metavar="OPS", help="with --python: operations of a training step")
    parser.add_argument("--force", action="store_true", help="write over a target that is there")
    parser.add_argument("--json", action="store_true", help="tell what was written as JSON")


def complaint(args: argparse.Namespace) -> str | None:
    forms = [form for form in EXPORTS if given(args, form)]
    if len(forms) > 1:
        return f"--{forms[0]} and --{forms[1]}: one form at a time"
    if bool(forms) == (args.target is not None):
        return f"TARGET does nothing with --{forms[0]} OUT" if forms else "TARGET is missing: what to write"
    found = [needs(args, "checkpoint", "freeze", *EXPORTS), excludes(args, "only", "freeze", *EXPORTS), excludes(args, "freeze", *EXPORTS),
             needs(args, "train", "python"),
             *[needs(args, option, *EXPORTS) for option in ("inputs", "outputs", "signature", "shape", "set")]]
    return next(filter(None, found), None)


def main(args: argparse.Namespace) -> int:
    """Converts; 1 if the source is damaged, cannot be represented in the target, or the target is there already."""
    try:
        target = args.target or next(getattr(args, form) for form in EXPORTS if given(args, form))
        if not args.force and (os.path.exists(target) or (not _is_file_name(target) and checkpoints.exists(target))):
            raise FileExistsError(f"{target} is there already; --force writes over it")
        folder = os.path.dirname(target)
        if folder and not os.path.isdir(folder):
            raise FileNotFoundError(f"{target}: there is no folder {folder}")
        done = convert(args)
    except (FormatError, OSError, ValueError, TypeError, ImportError, NotImplementedError) as error:
        if args.json:
            print(json.dumps({"error": str(error)}))
        else:
            print(f"graphflow convert: {error}", file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps(done))
    else:
        print(", ".join(f"{value} {key}" if isinstance(value, int) and key != "bytes" else size_text(value) if key == "bytes"
                        else f"{key} {value}" for key, value in done.items()))
    return 0


def convert(args: argparse.Namespace) -> dict[str, Any]:
    """Do it; what was written, as plain data."""
    if args.target is None:
        from graphflow.commands.export_model import export_model  # at first use: saves the session and its engines, 200 ms

        return export_model(args)
    if args.freeze:
        from graphflow.commands.freeze import freeze  # at first use: saves the session and its engines, 200 ms

        nodes = freeze(args.source, args.checkpoint, [name.strip() for name in args.freeze.split(",")], args.target)
        return {"nodes": nodes, "wrote": args.target}
    if args.target.endswith(_GRAPHS) or (args.source.endswith(_GRAPHS) and not checkpoints.has_table_magic(args.source)):
        return _convert_graph(args.source, args.target)
    count, size = tensor_files.convert(args.source, args.target, args.only)
    return {"tensors": count, "bytes": size, "wrote": args.target}


def _is_file_name(path: str) -> bool:
    return path.endswith((*_ARRAYS, *_GRAPHS, ".py", ".onnx"))


def _convert_graph(source: str, target: str) -> dict[str, Any]:
    """A graph or meta graph in the other form."""
    if not target.endswith(_GRAPHS):
        raise ValueError(f"{target}: a graph is written to a name that ends in {', '.join(_GRAPHS)}")
    _, message = load_graph(source)
    data = proto.to_text(message).encode() if target.endswith(_TEXT) else proto.to_bytes(message)
    with atomic_file(target) as file:
        file.write(data)
    return {"message": type(message).__name__, "bytes": len(data), "wrote": target}
