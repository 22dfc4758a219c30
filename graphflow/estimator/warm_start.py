"""tf.estimator.WarmStartSettings: which variables of a new model start from those of an older one."""
from __future__ import annotations

import os
from typing import Any, NamedTuple

import graphflow as tf

from ..core.export import export


class _Vocab(NamedTuple):
    new_vocab: Any
    new_vocab_size: int
    num_oov_buckets: int
    old_vocab: Any
    old_vocab_size: int = -1
    backup_initializer: Any = None
    axis: int = 0


@export("estimator.VocabInfo", "train.VocabInfo")
class VocabInfo(_Vocab):
    """How rows (axis 0) or columns (axis 1) of a variable belong to the lines of two vocabulary files, of the new model and the old."""
    __slots__ = ()


class _Settings(NamedTuple):
    ckpt_to_initialize_from: Any
    vars_to_warm_start: Any = ".*"
    var_name_to_vocab_info: Any = None
    var_name_to_prev_var_name: Any = None


@export("estimator.WarmStartSettings")
class WarmStartSettings(_Settings):
    """What `warm_start_from` of an Estimator takes beside a path: as the arguments of tf.train.warm_start.

    ckpt_to_initialize_from: checkpoint, its folder, or a SavedModel's. vars_to_warm_start: regular expression of trainable variables, list
    of such (of all variables), list of variables, or None. ValueError for an empty path.
    """
    __slots__ = ()

    def __new__(cls, ckpt_to_initialize_from: Any, vars_to_warm_start: Any = ".*", var_name_to_vocab_info: Any = None,
                var_name_to_prev_var_name: Any = None) -> Any:
        if not ckpt_to_initialize_from:
            raise ValueError("`ckpt_to_initialize_from` MUST be set in WarmStartSettings")
        return super().__new__(cls, ckpt_to_initialize_from, vars_to_warm_start, var_name_to_vocab_info or {},
                               var_name_to_prev_var_name or {})


def settings_of(warm_start_from: Any) -> WarmStartSettings | None:
    """The settings from settings, a path or None; the folder of a SavedModel stands for its variables."""
    if warm_start_from is None:
        return None
    if isinstance(warm_start_from, (str, bytes, os.PathLike)):
        warm_start_from = WarmStartSettings(os.fsdecode(warm_start_from))
    if not isinstance(warm_start_from, WarmStartSettings):
        raise ValueError(f"warm_start_from must be a path or a WarmStartSettings, not a {type(warm_start_from)}")
    path = os.fsdecode(warm_start_from.ckpt_to_initialize_from)
    if tf.saved_model.contains_saved_model(path):
        path = os.path.join(path, "variables", "variables")
    found: WarmStartSettings = warm_start_from._replace(ckpt_to_initialize_from=path)
    return found
