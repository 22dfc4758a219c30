"""Ops that write and read checkpoints. They run on real arrays, straight between variables and files."""
from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from graphflow.core import dtypes, errors
from graphflow.core.dtypes import DType
from graphflow.core.op import Op, Spec, require
from graphflow.core.spec import Known
from graphflow.formats import checkpoint_fit, checkpoints
from graphflow.formats.bundle import BundleWriter, files, merge
from graphflow.formats.checkpoint_v1_writer import write_v1
from graphflow.formats.errors import FormatError
from graphflow.formats.local_path import local_path
from graphflow.formats.progress import Progress
from graphflow.formats.slices import parse_spec
from graphflow.kernels.interrupts import whole

from ...core.outcomes import Effect, Several
from ...core.run_context import Context
from ...kernels.contract import Namespace

for _step in (files.commit, files.settle):      # formats knows no signals; one between two renames would cost the old checkpoint
    whole(_step)


@contextmanager
def file_errors(op: Any) -> Iterator[None]:
    """Errors of files and formats become those of tf.errors."""
    try:
        yield
    except (FormatError, OSError, MemoryError) as error:
        raise errors.of_file_error(error, op) from None


def _texts(array: Any) -> list[str]:
    """The elements of a string tensor as str."""
    return [item.decode("utf-8", "surrogateescape") if isinstance(item, bytes) else str(item)
            for item in np.asarray(array, object).reshape(-1).tolist()]


def text(scalar: Any) -> str:
    """A scalar string tensor's value."""
    found = _texts(scalar)
    if len(found) != 1:
        raise errors.InvalidArgumentError(None, None, f"a checkpoint's prefix must be one string, found {len(found)}")
    return found[0]


def _path(scalar: Any) -> str:
    """A scalar string tensor's value, which is a file name."""
    return str(local_path(text(scalar)))


def save_tensors(prefix: str, names: list[str], specs: list[str], values: Any, op: Any = None) -> None:
    """Write a V2 checkpoint of these tensors, in this order."""
    with file_errors(op):
        folder = os.path.dirname(prefix)
        if folder and not os.path.isdir(folder):
            os.mkdir(folder)  # the last level only, as TensorFlow does
        progress = Progress(f"saving {os.path.basename(prefix)}", sum(getattr(value, "nbytes", 0) for value in values))
        try:
            with progress, BundleWriter(prefix, progress.add) as writer:
                for name, spec, value in zip(names, specs, values, strict=True):
                    if spec:
                        full, part = parse_spec(spec)
                        writer.add_slice(name, full, part, value)
                    else:
                        writer.add(name, value)
        except ValueError as error:
            raise errors.InvalidArgumentError(None, op, str(error)) from None


class SaveV2(Effect, sig="prefix: string, tensor_names: string, shape_and_slices: string, tensors: [dtypes] ->", stateful=True):
    """Writes the tensors to the checkpoint `prefix`, which exists when this is done and not before."""
    least = {"dtypes": 1}
    dtypes: list[DType]

    def infer(self, prefix: Spec, tensor_names: Spec, shape_and_slices: Spec, *tensors: Spec) -> tuple[()]:
        for what, spec in (("tensor_names", tensor_names), ("shape_and_slices", shape_and_slices)):
            if spec.shape is not None and len(spec.shape) == 1 and spec.shape[0] is not None:
                require(spec.shape[0] == len(tensors), f"{what} has {spec.shape[0]} elements, but there are {len(tensors)} tensors")
        return ()

    def run(self, ctx: Context, prefix: Any, tensor_names: Any, shape_and_slices: Any, *tensors: Any) -> tuple[()]:
        names, specs = _one_each(tensor_names, shape_and_slices, len(tensors))
        save_tensors(_path(prefix), names, specs, tensors, ctx.operation)
        return ()


class RestoreV2(Several, sig="prefix: string, tensor_names: string, shape_and_slices: string -> tensors: [dtypes]", stateful=True):
    """Reads tensors, or slices of them, from a checkpoint of either version. NotFoundError names every one that is missing."""
    least = {"dtypes": 1}
    dtypes: list[DType]
    static = ("shape_and_slices",)

    def infer(self, prefix: Spec, tensor_names: Spec, shape_and_slices: Known) -> tuple[Spec, ...]:
        if shape_and_slices.value is None:
            return tuple(Spec(dtype, None) for dtype in self.dtypes)
        specs = _texts(shape_and_slices.value)
        require(len(specs) == len(self.dtypes), f"shape_and_slices has {len(specs)} elements, but there are {len(self.dtypes)} tensors")
        return tuple(Spec(dtype, _part_shape(spec)) for dtype, spec in zip(self.dtypes, specs, strict=True))

    def run(self, ctx: Context, prefix: Any, tensor_names: Any, shape_and_slices: Any) -> tuple[Any, ...]:
        wanted = [checkpoint_fit.Wanted(name, spec, dtype.as_datatype_enum)
                  for name, spec, dtype in zip(*_one_each(tensor_names, shape_and_slices, len(self.dtypes)), self.dtypes, strict=True)]
        return tuple(restore_tensors(_path(prefix), wanted, ctx.operation))


def _one_each(names: Any, specs: Any, count: int) -> tuple[list[str], list[str]]:
    """Both inputs as texts, of which there must be one for each tensor."""
    found = _texts(names), _texts(specs)
    if {len(texts) for texts in found} != {count}:
        raise errors.InvalidArgumentError(None, None, f"Got {len(found[0])} tensor names and {len(found[1])} slices, expected {count} "
                                                      "of each, one for each tensor")
    return found


def _part_shape(spec: str) -> tuple[int, ...] | None:
    if not spec:
        return None
    full, part = parse_spec(spec)
    return part.resolved(full).shape


def restore_tensors(prefix: str, wanted: list[checkpoint_fit.Wanted], op: Any = None) -> list[np.ndarray]:
    """The values of what is asked, which must all be there and of the right types."""
    with file_errors(op), checkpoints.open_checkpoint(prefix) as reader:
        refuse_misfits(reader, wanted, op)
        return [reader.read(item.name, parse_spec(item.spec)[1] if item.spec else None) for item in wanted]


def refuse_misfits(reader: Any, wanted: list[checkpoint_fit.Wanted], op: Any = None, reshape: bool = False) -> None:
    """NotFoundError if a tensor is missing, InvalidArgumentError if types or shapes differ; both name all that does not fit."""
    found = checkpoint_fit.fit(reader, wanted, reshape)
    if found:
        return
    rest = checkpoint_fit.explain(found, reader.prefix, len(reader.names()))
    if found.missing:
        first = next(item.name for item in wanted if item.name not in reader)
        raise errors.NotFoundError(None, op, f"Key {first} not found in checkpoint\n{rest}")
    if found.types:
        raise errors.InvalidArgumentError(None, op, f"tensor_name = {found.types[0].partition('  ')[0]}\n{rest}")
    raise errors.InvalidArgumentError(None, op, "Assign requires shapes of both tensors to match. "
                                                f"{found.shapes[0].partition(': ')[2].partition('  ')[0]}\n{rest}")


class MergeV2Checkpoints(Effect, sig="checkpoint_prefixes: string, destination_prefix: string ->", stateful=True):
    """Makes one checkpoint of several; their data files become its shards."""
    delete_old_dirs: bool = True
    allow_missing_files: bool = False

    def infer(self, checkpoint_prefixes: Spec, destination_prefix: Spec) -> tuple[()]:
        return ()

    def run(self, ctx: Context, checkpoint_prefixes: Any, destination_prefix: Any) -> tuple[()]:
        parts = [str(local_path(part)) for part in _texts(checkpoint_prefixes)]
        with file_errors(ctx.operation):
            if self.allow_missing_files:
                parts = [part for part in parts if checkpoints.exists(part)]
            merge(parts, _path(destination_prefix), remove_folders=self.delete_old_dirs)
        return ()


class ShardedFilename(Op, sig="basename: string, shard: int32, num_shards: int32 -> filename: string", host=True):
    """basename-SSSSS-of-NNNNN."""

    def infer(self, basename: Spec, shard: Spec, num_shards: Spec) -> Spec:
        return Spec(dtypes.string, ())

    def kernel(self, xp: Namespace, basename: Any, shard: Any, num_shards: Any) -> Any:
        return _string(f"{text(basename)}-{int(shard):05d}-of-{int(num_shards):05d}")


class ShardedFilespec(Op, sig="basename: string, num_shards: int32 -> filename: string", host=True):
    """basename-?????-of-NNNNN, which all shards match."""

    def infer(self, basename: Spec, num_shards: Spec) -> Spec:
        return Spec(dtypes.string, ())

    def kernel(self, xp: Namespace, basename: Any, num_shards: Any) -> Any:
        return _string(f"{text(basename)}-?????-of-{int(num_shards):05d}")


def _string(value: str) -> np.ndarray:
    array = np.empty((), object)
    array[()] = value.encode("utf-8", "surrogateescape")
    return array


class SaveSlices(Effect, sig="filename: string, tensor_names: string, shapes_and_slices: string, data: [T] ->", stateful=True):
    """Writes the tensors, or slices of tensors, to a V1 checkpoint."""
    least = {"T": 1}
    T: list[DType]

    def infer(self, *inputs: Spec) -> tuple[()]:
        return ()

    def run(self, ctx: Context, filename: Any, tensor_names: Any, shapes_and_slices: Any, *data: Any) -> tuple[()]:
        with file_errors(ctx.operation):
            write_v1(_path(filename), _texts(tensor_names), _texts(shapes_and_slices), data)
        return ()


class Save(Effect, sig="filename: string, tensor_names: string, data: [T] ->", stateful=True):
    """Writes whole tensors to a V1 checkpoint."""
    least = {"T": 1}
    T: list[DType]

    def infer(self, *inputs: Spec) -> tuple[()]:
        return ()

    def run(self, ctx: Context, filename: Any, tensor_names: Any, *data: Any) -> tuple[()]:
        with file_errors(ctx.operation):
            write_v1(_path(filename), _texts(tensor_names), [""] * len(data), data)
        return ()


class Restore(Op, sig="file_pattern: string, tensor_name: string -> tensor: dt", stateful=True):
    """Reads one tensor."""
    dt: DType
    preferred_shard: int = -1

    def infer(self, file_pattern: Spec, tensor_name: Spec) -> Spec:
        return Spec(self.dt, None)

    def run(self, ctx: Context, file_pattern: Any, tensor_name: Any) -> Any:
        wanted = checkpoint_fit.Wanted(text(tensor_name), "", self.dt.as_datatype_enum)
        return restore_tensors(_path(file_pattern), [wanted], ctx.operation)[0]


class RestoreSlice(Op, sig="file_pattern: string, tensor_name: string, shape_and_slice: string -> tensor: dt", stateful=True):
    """Reads one tensor, or a slice of it."""
    dt: DType
    preferred_shard: int = -1

    def infer(self, file_pattern: Spec, tensor_name: Spec, shape_and_slice: Spec) -> Spec:
        return Spec(self.dt, None)

    def run(self, ctx: Context, file_pattern: Any, tensor_name: Any, shape_and_slice: Any) -> Any:
        wanted = checkpoint_fit.Wanted(text(tensor_name), text(shape_and_slice), self.dt.as_datatype_enum)
        return restore_tensors(_path(file_pattern), [wanted], ctx.operation)[0]
