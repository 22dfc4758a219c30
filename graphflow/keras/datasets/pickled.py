"""Arrays in pickles (CIFAR, IMDB, Reuters), read without running what a file says: only numpy's arrays, lists and numbers are made."""
from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

_ALLOWED = {("numpy", "ndarray"), ("numpy", "dtype"), ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"),
            ("numpy.core.multiarray", "scalar"), ("numpy._core.multiarray", "scalar"), ("_codecs", "encode"), ("builtins", "list")}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        module = {"__builtin__": "builtins"}.get(module, module)
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed in a file of data: only numpy's arrays, lists and numbers are")
        return super().find_class(module, name)


def read(stream: Any, path: Any, encoding: str = "ASCII") -> Any:
    """What a pickle holds. OSError, with the file's name, where it is none or holds other objects."""
    try:
        return _Reader(stream, encoding=encoding).load()
    except (pickle.UnpicklingError, EOFError, ValueError, AttributeError, IndexError, KeyError) as error:
        raise OSError(f"{path} is not the file of data that it should be: {error}") from None


def read_arrays(path: Path, *names: str) -> list[Any]:
    """Arrays of an .npz file, those of objects included. OSError, with its name, for a file that lacks one."""
    found = []
    try:
        with zipfile.ZipFile(path) as archive:
            for name in names:
                found.append(_array(archive.read(f"{name}.npy"), path))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise OSError(f"{path} is not the .npz file that it should be: {error}") from None
    return found


def _array(data: bytes, path: Path) -> Any:
    stream = io.BytesIO(data)
    version = np.lib.format.read_magic(stream)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    _, _, dtype = header(stream)
    return read(stream, path) if dtype.hasobject else np.load(io.BytesIO(data), allow_pickle=False)
