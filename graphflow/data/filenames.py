"""Names of input files, found once per session."""
from __future__ import annotations

from typing import Any

from graphflow.core.collections import GraphKeys
from graphflow.core.export import export
from graphflow.ops.io.files import matching_files
from graphflow.ops.scopes import name_scope
from graphflow.variables.variable import Variable


@export("train.match_filenames_once", "io.match_filenames_once")
def match_filenames_once(pattern: Any, name: str | None = None) -> Any:
    """A local variable with the sorted paths that match a pattern, or any of several, when `tf.local_variables_initializer` runs."""
    with name_scope(name, "matching_filenames", [pattern]) as name:
        return Variable(name=name, initial_value=matching_files(pattern), trainable=False, validate_shape=False,
                        collections=[GraphKeys.LOCAL_VARIABLES])
