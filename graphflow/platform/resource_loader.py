"""`tf.resource_loader`: files that lie beside the program."""
from __future__ import annotations

import inspect
import os
from pathlib import Path

from graphflow.core.export import export


def _callers_folder() -> str:
    frame = inspect.currentframe()
    assert frame is not None and frame.f_back is not None and frame.f_back.f_back is not None
    return os.path.dirname(os.path.abspath(inspect.getfile(frame.f_back.f_back)))


@export("resource_loader.get_data_files_path")
def get_data_files_path() -> str:
    """The folder of the file that calls this."""
    return _callers_folder()


@export("resource_loader.get_path_to_datafile")
def get_path_to_datafile(path: str) -> str:
    """`path` as seen from the folder of the file that calls this."""
    return os.path.join(_callers_folder(), path)


@export("resource_loader.load_resource")
def load_resource(path: str) -> bytes:
    """The content of a file below the root of the installed packages. FileNotFoundError if there is none."""
    return Path(get_root_dir_with_all_resources(), path).read_bytes()


@export("resource_loader.get_root_dir_with_all_resources")
def get_root_dir_with_all_resources() -> str:
    """The folder above graphflow's package."""
    return str(Path(__file__).parents[2])


@export("resource_loader.readahead_file_path")
def readahead_file_path(path: str, readahead: str = "128M") -> str:
    """`path` itself: how far files are read ahead is the operating system's matter."""
    return path
