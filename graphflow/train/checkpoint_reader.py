"""Reading checkpoints from programs, without a graph: `tf.train.load_checkpoint` and its kin."""
from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any

from graphflow.core import errors
from graphflow.core.dtypes import DType, as_dtype
from graphflow.core.export import export
from graphflow.formats import checkpoints
from graphflow.formats.checkpoint_fit import near_names
from graphflow.formats.element_types import type_name
from graphflow.formats.errors import FormatError
from graphflow.formats.local_path import local_path

from .checkpoint_management import latest_checkpoint

_log = logging.getLogger("tensorflow")
_FILE_ERRORS = (FormatError, OSError)


class CheckpointReader:
    """The tensors of one checkpoint; made by `tf.train.NewCheckpointReader(prefix)`.

    A tensor whose entry is damaged does not hide the others: the maps leave it out with a warning, and asking for it raises DataLossError.
    """

    def __init__(self, filepattern: str) -> None:
        try:
            self._reader = checkpoints.open_checkpoint(filepattern)
        except FileNotFoundError as error:
            raise errors.NotFoundError(None, None, f"Unsuccessful TensorSliceReader constructor: {error}") from None
        except _FILE_ERRORS as error:
            raise errors.of_file_error(error) from None

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """{name: shape} of every tensor, partitioned ones whole."""
        return {name: list(shape) for name, shape in self._sound("shape")}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """{name: element type} of every tensor."""
        return {name: as_dtype(type_name(number)) for name, number in self._sound("type_number")}

    def has_tensor(self, tensor_str: str) -> bool:
        return tensor_str in self._reader

    def get_tensor(self, tensor_str: str) -> Any:
        """The value: an array, or a numpy scalar (bytes for a string) where the shape is []. NotFoundError if there is none."""
        value = self._ask("read", tensor_str)
        return value[()] if value.shape == () else value

    def debug_string(self) -> bytes:
        """A line for each tensor: name, type and shape."""
        return "".join(f"{name} (DT_{_proto_name(number)}) [{','.join(map(str, self._ask('shape', name)))}]\n"
                       for name, number in self._sound("type_number")).encode("utf-8", "surrogateescape")

    def _sound(self, method: str) -> Iterator[tuple[str, Any]]:
        """(name, answer) of every tensor whose entry is sound; each damaged one is told in a warning. DataLossError if all are."""
        damage: list[errors.OpError] = []
        names = self._reader.names()
        for name in names:
            try:
                yield name, self._ask(method, name)
            except errors.OpError as error:
                damage.append(error)
                _log.warning("%s Left out: tensor %s, which cannot be read.", error.message, name)
        if damage and len(damage) == len(names):
            raise damage[0]

    def _ask(self, method: str, name: str) -> Any:
        try:
            return getattr(self._reader, method)(name)
        except checkpoints.TensorNotFoundError:
            raise errors.NotFoundError(None, None, f"Key {name} not found in checkpoint{near_names(name, self._reader.names())}") from None
        except _FILE_ERRORS as error:
            raise errors.of_file_error(error) from None


def _proto_name(number: int) -> str:
    return {"float32": "FLOAT", "float64": "DOUBLE", "float16": "HALF"}.get(type_name(number), type_name(number).upper())


@export("train.NewCheckpointReader")
def NewCheckpointReader(filepattern: str) -> CheckpointReader:
    """A reader of the checkpoint with this prefix. NotFoundError if there is none, DataLossError if it is damaged."""
    return CheckpointReader(local_path(filepattern))


@export("train.load_checkpoint")
def load_checkpoint(ckpt_dir_or_file: str) -> CheckpointReader:
    """A reader of a checkpoint, or of the latest one of a folder. ValueError if the folder names none."""
    return NewCheckpointReader(checkpoint_prefix(ckpt_dir_or_file))


@export("train.load_variable")
def load_variable(ckpt_dir_or_file: str, name: str) -> Any:
    """The value of one tensor of a checkpoint. NotFoundError if there is none of that name."""
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))


@export("train.list_variables")
def list_variables(ckpt_dir_or_file: str) -> list[tuple[str, list[int]]]:
    """(name, shape) of every tensor of a checkpoint, sorted by name."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


def checkpoint_prefix(ckpt_dir_or_file: str | os.PathLike[str]) -> str:
    """The prefix that a user means: a prefix, or a folder whose latest checkpoint is meant."""
    path = os.fspath(ckpt_dir_or_file)
    if not os.path.isdir(local_path(path)):
        return path
    found = latest_checkpoint(path)
    if found is None:
        raise ValueError(f"Couldn't find 'checkpoint' file or checkpoints in given directory {path}")
    return found
