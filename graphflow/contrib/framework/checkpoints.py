"""tf.contrib.framework's readers of checkpoints: those of tf.train under the argument names of their time."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export


@export("contrib.framework.load_checkpoint")
def load_checkpoint(filepattern: str) -> Any:
    """A reader of the checkpoint of that prefix, or of the last one in that folder."""
    return tf.train.load_checkpoint(filepattern)


@export("contrib.framework.load_variable")
def load_variable(checkpoint_dir: str, name: str) -> Any:
    """The value of one tensor of a checkpoint (a prefix, or a folder)."""
    return tf.train.load_variable(checkpoint_dir, name)


@export("contrib.framework.list_variables")
def list_variables(checkpoint_dir: str) -> list[tuple[str, Any]]:
    """(name, shape) of all tensors of a checkpoint."""
    return tf.train.list_variables(checkpoint_dir)


@export("contrib.framework.init_from_checkpoint")
def init_from_checkpoint(checkpoint_dir: str, assignment_map: dict[str, Any]) -> None:
    """Makes the initializers of variables read a checkpoint; see tf.train.init_from_checkpoint."""
    tf.train.init_from_checkpoint(checkpoint_dir, assignment_map)
