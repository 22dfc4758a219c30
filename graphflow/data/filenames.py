"""Names of input files, found once per session."""
from __future__ import annotations

import glob
from typing import Any

from graphflow.core.collections import GraphKeys
from graphflow.core.export import export
from graphflow.formats.local_path import local_path
from graphflow.ops.io.files import matching_files
from graphflow.ops.scopes import name_scope
from graphflow.variables.variable import Variable


@export("train.match_filenames_once", "io.match_filenames_once")
def match_filenames_once(pattern: Any, name: str | None = None) -> Any:
    """A local variable with the sorted paths that match a pattern, or any of several, when `tf.local_variables_initializer` runs."""
    with name_scope(name, "matching_filenames", [pattern]) as name:
        return Variable(name=name, initial_value=matching_files(pattern), trainable=False, validate_shape=False,
                        collections=[GraphKeys.LOCAL_VARIABLES])


def matching_names(pattern: Any) -> list[str]:
    """The names of the files that a pattern, or one of several, fits, sorted; ValueError where there is none."""
    patterns = pattern if isinstance(pattern, (list, tuple)) else [pattern]
    if not patterns:
        raise ValueError("Argument `file_pattern` should not be empty.")
    found = sorted({name for one in patterns for name in glob.glob(local_path(one))})
    if not found:
        raise ValueError(f"No files match `file_pattern` {pattern}.")
    return found
