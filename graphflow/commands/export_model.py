"""What `graphflow convert` does with --python, --onnx and --stablehlo: a model for other homes."""
from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
from typing import Any

from graphflow.core.errors import OpError
from graphflow.exporting.model import read_model
from graphflow.formats.errors import InvalidFileError

# Each is a function of a model, the path and shapes, imported when asked for.
WRITERS = {"python": ("graphflow.exporting.python_file", "write_python", ".py"),
           "onnx": ("graphflow.exporting.onnx_file", "write_onnx", ".onnx"),
           "stablehlo": ("graphflow.exporting.stablehlo", "write_stablehlo", "")}
NEEDS = {"onnx": ("onnx", "the package onnx: pip install 'graphflow-tf1[onnx]'"),
         "stablehlo": ("jax", "JAX: pip install 'graphflow-tf1[xla]'")}


def target(args: argparse.Namespace) -> tuple[str, str] | None:
    """(kind, path) of the one form asked for, if any."""
    return next(((kind, getattr(args, kind)) for kind in WRITERS if getattr(args, kind)), None)


def export_model(args: argparse.Namespace) -> dict[str, Any]:
    """Do it; what was written, as plain data. FormatError, ValueError, NotImplementedError for what cannot be done."""
    found = target(args)
    assert found is not None
    kind, path = found
    home, function, ending = WRITERS[kind]
    if not path.endswith(ending):
        raise ValueError(f"{path}: --{kind} writes a name that ends in {ending}")
    if kind == "python" and not os.path.basename(path)[:-3].isidentifier():
        raise ValueError(f"{path}: a module's name has letters, digits and _ only, so that it can be imported")
    library, name = NEEDS.get(kind, ("", ""))
    if library and importlib.util.find_spec(library) is None:
        raise ValueError(f"--{kind} needs {name}")
    write = getattr(importlib.import_module(home), function)
    try:
        model = read_model(args.source, args.inputs or (), args.outputs or (), train=args.train or (), checkpoint=args.checkpoint,
                           signature=args.signature, constants=dict(args.set or ()))
        done: dict[str, Any] = write(model, path, dict(args.shape or ()))
    except OpError as error:
        raise InvalidFileError(str(error)) from None
    return done
