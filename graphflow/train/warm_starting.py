"""tf.train.warm_start: variables of a new model start from a checkpoint of an older one."""
from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from graphflow.core import context
from graphflow.core.collections import GraphKeys
from graphflow.core.export import export
from graphflow.formats.checkpoints import open_checkpoint
from graphflow.formats.local_path import local_path
from graphflow.formats.object_graph import object_keys
from graphflow.ops.io.checkpoint import file_errors

from .checkpoint_reader import checkpoint_prefix
from .initializing import init_from_checkpoint
from .saveable import parts_of

_log = logging.getLogger("tensorflow")


@export("train.warm_start")
def warm_start(ckpt_to_initialize_from: str, vars_to_warm_start: Any = ".*", var_name_to_vocab_info: Mapping[str, Any] | None = None,
               var_name_to_prev_var_name: Mapping[str, str] | None = None) -> None:
    """Replace the initializers of variables by reads of a checkpoint.

    vars_to_warm_start: regular expression for the names of trainable variables, list of such expressions (then all variables are
    considered), list of variables, or None for none. var_name_to_prev_var_name: {name: its name in the checkpoint} where they differ.
    ValueError when a name of that dict is not used, or the checkpoint lacks a tensor.
    """
    if var_name_to_vocab_info:
        raise NotImplementedError("warm_start with var_name_to_vocab_info: graphflow does not rearrange embeddings by vocabulary; assign "
                                  "the rows that tf.train.load_variable gives yourself")
    previous = dict(var_name_to_prev_var_name or {})
    _log.info("Warm-starting from: %s", ckpt_to_initialize_from)
    keys = _keys_of_objects(ckpt_to_initialize_from)
    for name, variable in _grouped(_chosen(vars_to_warm_start)).items():
        init_from_checkpoint(ckpt_to_initialize_from, {previous.pop(name, keys.get(name, name)): variable})
    if previous:
        raise ValueError(f"You provided the following variables in var_name_to_prev_var_name that were not used: {sorted(previous)}. "
                         "Perhaps you misspelled them? Here is the list of viable variable names: "
                         f"{sorted(_grouped(_chosen('.*')))}")


def _keys_of_objects(ckpt_dir_or_file: str) -> dict[str, str]:
    """{variable's name: its key} of a checkpoint of objects (tf.train.Checkpoint); empty for one by names."""
    with file_errors(None), open_checkpoint(local_path(checkpoint_prefix(ckpt_dir_or_file))) as reader:
        return object_keys(reader)


def _chosen(wanted: Any) -> list[Any]:
    """The variables that a user means."""
    graph = context.default_graph()
    if wanted is None:
        return []
    if isinstance(wanted, str):
        return graph.get_collection(GraphKeys.TRAINABLE_VARIABLES, wanted)
    if not isinstance(wanted, (list, tuple)):
        raise ValueError(f"`vars_to_warm_start must be a `list` or `tuple` when used as not a string; got {wanted!r}")
    if all(isinstance(item, str) for item in wanted):
        found = [variable for item in wanted for variable in graph.get_collection(GraphKeys.GLOBAL_VARIABLES, item)]
        return list(dict.fromkeys(found))
    if any(isinstance(item, str) for item in wanted):
        raise ValueError("If `vars_to_warm_start` is a list, it must be all `Variable` or all `str`.")
    return [part for item in wanted for part in parts_of(item) or [item]]


def _grouped(variables: list[Any]) -> dict[str, Any]:
    """{name in a checkpoint: variable, or list of the slices of one}."""
    groups: dict[str, Any] = {}
    for variable in variables:
        info = getattr(variable, "_save_slice_info", None)
        if info is None:
            groups[variable.op.name] = variable
        else:
            groups.setdefault(info.full_name, []).append(variable)
    return groups
