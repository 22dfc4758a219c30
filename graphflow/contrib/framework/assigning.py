"""Putting values in variables: from arrays, and from checkpoints."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import graphflow as tf

from ..homes import framework_and_slim
from .model_variables import get_variable_full_name


def _placeholder(variable: Any) -> Any:
    return tf.placeholder(variable.dtype.base_dtype, variable.shape, name=f"placeholder/{variable.op.name}")


@framework_and_slim("assign_from_values")
def assign_from_values(var_names_to_values: Any) -> tuple[Any, dict[Any, Any]]:
    """(operation, feed_dict) that assign {name: array} to the global variables of these names; ValueError for one that is not there."""
    feeds, assigns = {}, []
    for name, value in var_names_to_values.items():
        found = tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, name)
        if not found:
            raise ValueError(f"Variable {name} wasn't found")
        exact = found if len(found) == 1 else [v for v in found if v.op.name == name]
        if not exact:
            raise ValueError(f"Variable {name} doesn't uniquely identify a variable: {', '.join(v.op.name for v in found)}")
        placeholder = _placeholder(exact[0])
        assigns.append(exact[0].assign(placeholder))
        feeds[placeholder] = np.reshape(value, exact[0].shape.as_list())
    return tf.group(*assigns), feeds


@framework_and_slim("assign_from_values_fn")
def assign_from_values_fn(var_names_to_values: Any) -> Callable[[Any], Any]:
    """A function of a session that does what assign_from_values does."""
    operation, feeds = assign_from_values(var_names_to_values)
    return lambda session: session.run(operation, feeds)


@framework_and_slim("assign_from_checkpoint")
def assign_from_checkpoint(model_path: str, var_list: Any, ignore_missing_vars: bool = False) -> tuple[Any, dict[Any, Any]]:
    """(operation, feed_dict) that assign what a checkpoint holds.

    var_list: variables, or {name in the checkpoint: variable or list of slices}. ignore_missing_vars: what the checkpoint lacks is left
    out with a warning, else ValueError; so are shapes that differ.
    """
    if isinstance(var_list, dict):
        wanted = {name: list(v) if isinstance(v, (tuple, list)) else [v] for name, v in var_list.items()}
    else:
        wanted = {}
        for variable in var_list:
            wanted.setdefault(get_variable_full_name(variable), []).append(variable)
    reader = tf.train.NewCheckpointReader(model_path)
    feeds, assigns = {}, []
    for name, variables in wanted.items():
        if not reader.has_tensor(name):
            if not ignore_missing_vars:
                raise ValueError(f"Checkpoint is missing variable [{name}]: {model_path}")
            tf.logging.warning("Checkpoint is missing variable [%s]", name)
            continue
        whole = reader.get_tensor(name)
        for variable in variables:
            placeholder = _placeholder(variable)
            assigns.append(variable.assign(placeholder))
            feeds[placeholder] = _part(name, whole, variable)
    return tf.group(*assigns), feeds


def _part(name: str, whole: Any, variable: Any) -> Any:
    """What of a checkpoint's tensor belongs to a variable: the whole of it, or where its slice lies."""
    info = getattr(variable, "_save_slice_info", None)
    if info:
        return whole[tuple(slice(start, start + size) for start, size in zip(info.var_offset, info.var_shape))]
    if list(variable.shape.as_list()) != list(np.shape(whole)):
        raise ValueError(f"Total size of new array must be unchanged for {name} lh_shape: [{np.shape(whole)}], "
                         f"rh_shape: [{variable.shape}]")
    return whole


@framework_and_slim("assign_from_checkpoint_fn")
def assign_from_checkpoint_fn(model_path: str, var_list: Any, ignore_missing_vars: bool = False,
                              reshape_variables: bool = False) -> Callable[[Any], None] | None:
    """A function of a session that restores var_list (variables, or {name: variable}) from a checkpoint; None where nothing is to restore.

    ignore_missing_vars: variables that the checkpoint lacks are left out with a warning. reshape_variables: shapes may differ where sizes
    agree. Raises ValueError for an empty var_list.
    """
    if not var_list:
        raise ValueError("var_list cannot be empty")
    if ignore_missing_vars:
        reader = tf.train.NewCheckpointReader(model_path)
        named = var_list if isinstance(var_list, dict) else {v.op.name: v for v in var_list}
        for name in named:
            if not reader.has_tensor(name):
                tf.logging.warning("Variable %s missing in checkpoint %s", name, model_path)
        var_list = {name: variable for name, variable in named.items() if reader.has_tensor(name)}
        if not var_list:
            tf.logging.warning("No Variables to restore")
            return None
    saver = tf.train.Saver(var_list, reshape=reshape_variables)
    return lambda session: saver.restore(session, model_path)
