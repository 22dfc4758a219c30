"""tensorflow.python.lib.io.file_io: the functions behind tf.gfile, which programs of TF1 also took from there."""
from __future__ import annotations

from graphflow.platform.gfile import GFile as FileIO
from graphflow.platform.gfile import copy, isdir, listdir, remove, rename, rmtree, stat, walk
from graphflow.platform.gfile import exists as file_exists
from graphflow.platform.gfile import find as get_matching_files
from graphflow.platform.gfile import makedirs as recursive_create_dir
from graphflow.platform.gfile import mkdir as create_dir

is_directory, list_directory, delete_file, delete_recursively = isdir, listdir, remove, rmtree


def write_string_to_file(filename: str, file_content: str | bytes) -> None:
    """Writes a text (or bytes) as the whole content of a file."""
    with FileIO(filename, mode="wb" if isinstance(file_content, bytes) else "w") as f:
        f.write(file_content)


def read_file_to_string(filename: str, binary_mode: bool = False) -> str | bytes:
    """The whole content of a file."""
    with FileIO(filename, mode="rb" if binary_mode else "r") as f:
        return f.read()


__all__ = [
    "FileIO", "copy", "create_dir", "delete_file", "delete_recursively", "file_exists", "get_matching_files", "is_directory",
    "list_directory", "read_file_to_string", "recursive_create_dir", "rename", "stat", "walk", "write_string_to_file",
]
