"""Puts the save and restore operations of a Saver into the graph, with TensorFlow 1's names and order."""
from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from graphflow.core import context
from graphflow.core.constant import constant_op
from graphflow.core.dtypes import int32, string
from graphflow.core.make import make
from graphflow.core.op import load
from graphflow.formats.proto import SaverDef
from graphflow.ops.array.basic import identity
from graphflow.ops.array.basic import shape as shape_op
from graphflow.ops.control_flow.flow import group, with_dependencies
from graphflow.ops.io.checkpoint import MergeV2Checkpoints, RestoreV2, SaveSlices, SaveV2, ShardedFilename
from graphflow.ops.scopes import name_scope
from graphflow.ops.string.join import StringJoin
from graphflow.ops.string.regex import StaticRegexFullMatch

from .saveable import SaveableObject, named_saveables

V1, V2 = 1, 2


class BulkSaverBuilder:
    """One SaveV2 and one RestoreV2 for everything (per device where sharded)."""

    def __init__(self, write_version: int = V2) -> None:
        self._version = write_version

    def build(self, names_to_saveables: Any, reshape: bool = False, sharded: bool = False, max_to_keep: int = 5,
              keep_checkpoint_every_n_hours: float = 10000.0, name: str | None = None, restore_sequentially: bool = False,
              filename: Any = "model") -> Any:
        """Add the operations to the default graph; the SaverDef that names them."""
        saveables = named_saveables(names_to_saveables)
        graph = context.default_graph()
        with name_scope(name, "save", [saveable.op for saveable in saveables]):
            prefix = self._filename(filename or "model")
            if sharded:
                groups = _by_device(saveables)
                saved = self._sharded_save(prefix, groups)
                restored = self._sharded_restore(prefix, groups, reshape)
            else:
                saved = self._save(prefix, saveables)
                restored = self._restore(prefix, saveables, reshape, "restore_all")
        assert restored.graph is graph
        return SaverDef(filename_tensor_name=prefix.name, save_tensor_name=saved.name, restore_op_name=restored.name,
                        max_to_keep=max_to_keep, sharded=sharded, keep_checkpoint_every_n_hours=keep_checkpoint_every_n_hours,
                        version=self._version)

    def _filename(self, filename: Any) -> Any:
        """The tensor that a save or restore feeds with the prefix."""
        with_default = load("PlaceholderWithDefault")
        default = make(with_default, filename, name="filename", dtype=string, shape=())
        return make(with_default, default, name="Const", dtype=string, shape=())

    def _save(self, prefix: Any, saveables: list[SaveableObject]) -> Any:
        specs = [spec for saveable in saveables for spec in saveable.specs]
        names, slices = [spec.name for spec in specs], [spec.slice_spec for spec in specs]
        tensors = [spec.tensor for spec in specs]
        if self._version == V1:
            save = make(SaveSlices, prefix, names, slices, tensors, name="save")
        else:
            save = make(SaveV2, prefix, names, slices, tensors, name="SaveV2")
        return with_dependencies([save], prefix)

    def _restore(self, prefix: Any, saveables: list[SaveableObject], reshape: bool, name: str) -> Any:
        specs = [spec for saveable in saveables for spec in saveable.specs]
        with context.default_graph().device("/device:CPU:0"):
            values = make(RestoreV2, prefix, [spec.name for spec in specs], [spec.slice_spec for spec in specs],
                          dtypes=tuple(spec.dtype.base_dtype for spec in specs), name="RestoreV2")
        assigned, remaining = [], iter(values)
        for saveable in saveables:
            shapes = [_shape_of(spec.tensor) for spec in saveable.specs] if reshape else None
            assigned.append(saveable.restore([next(remaining) for _ in saveable.specs], shapes))
        return group(*assigned, name=name)

    def _sharded_save(self, prefix: Any, groups: list[tuple[str, list[SaveableObject]]]) -> Any:
        graph = context.default_graph()
        with graph.device("/device:CPU:*"):
            matches = make(StaticRegexFullMatch, prefix, pattern="^s3://.*")
            suffix = make(load("Select"), matches, constant_op(".part"), constant_op(os.path.normpath("_temp/part")))
            temporary = make(StringJoin, [prefix, suffix])
        count = constant_op(len(groups), int32, name="num_shards")
        parts, saves = [], []
        for shard, (device, saveables) in enumerate(groups):
            with graph.device(_cpu0(device)):
                parts.append(make(ShardedFilename, temporary, shard, count))
                saves.append(self._save(parts[-1], saveables))
        with graph.control_dependencies([save.op for save in saves]), graph.device(_cpu0(groups[-1][0])):
            merged = make(MergeV2Checkpoints, parts, prefix, delete_old_dirs=True)
            with graph.control_dependencies([merged]):
                return identity(prefix)

    def _sharded_restore(self, prefix: Any, groups: list[tuple[str, list[SaveableObject]]], reshape: bool) -> Any:
        restored = []
        for device, saveables in groups:
            with context.default_graph().device(device or None):
                restored.append(self._restore(prefix, saveables, reshape, "restore_shard"))
        return group(*restored, name="restore_all")


def _shape_of(tensor: Any) -> Any:
    """The shape of a variable: its sizes if they are known, else a tensor of them."""
    static = tensor.static
    return list(static) if static is not None and None not in static else shape_op(tensor)


def _by_device(saveables: Iterable[SaveableObject]) -> list[tuple[str, list[SaveableObject]]]:
    """Saveables of each device, devices sorted."""
    groups: dict[str, list[SaveableObject]] = {}
    for saveable in saveables:
        groups.setdefault(saveable.device, []).append(saveable)
    return sorted(groups.items())


def _cpu0(device: str) -> str:
    """The first CPU of the task that a device belongs to."""
    return device.partition("/device:")[0] + "/device:CPU:0"
