"""tf.train.Saver: saves the variables of a session to checkpoints, restores them, and keeps the last few."""
from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable
from typing import Any

from graphflow.core import context, errors
from graphflow.core.collections import GraphKeys
from graphflow.core.export import export
from graphflow.formats import checkpoints
from graphflow.formats.checkpoint_state import DEFAULT_NAME
from graphflow.formats.local_path import local_path, scheme_of
from graphflow.formats.object_graph import object_keys
from graphflow.formats.proto import SaverDef
from graphflow.ops.scopes import graph_of
from graphflow.runtime import hosts

from . import direct_restore
from .checkpoint_management import checkpoint_exists, checkpoint_times, meta_graph_filename, remove_checkpoint, update_state
from .meta_graph_export import export_meta_graph
from .saveable import parts_of
from .saver_builder import V2, BulkSaverBuilder

_log = logging.getLogger("tensorflow")
_HOUR = 3600

_MISSING = ("Restoring from checkpoint failed. This is most likely due to a Variable name or other graph key that is missing from the "
            "checkpoint. Please ensure that you have not altered the graph expected based on the checkpoint.")
_MISFIT = ("Restoring from checkpoint failed. This is most likely due to a mismatch between the current graph and the graph from the "
           "checkpoint. Please ensure that you have not altered the graph expected based on the checkpoint.")


@export("train.Saver")
class Saver:
    """Saves and restores variables.

    var_list: list of variables, or dict {name in the checkpoint: variable}; all global variables and saveable objects when None.
    reshape: restore values whose shape differs but not their number of elements. sharded: one data file per device.
    max_to_keep: how many checkpoints stay (0 or None: all). keep_checkpoint_every_n_hours: besides those, one per so many hours.
    name: scope of the operations. saver_def: use the operations that this SaverDef names instead of making new ones.
    builder: makes the operations, BulkSaverBuilder when None. defer_build: wait for `build()`. allow_empty: no variables are fine.
    write_version: SaverDef.V2 or SaverDef.V1. pad_step_number: write steps with eight digits. save_relative_paths: write relative
    paths to the `checkpoint` file, so that its folder may be moved. filename: default prefix in the graph.
    ValueError when there is nothing to save, or two variables have one name.
    """

    def __init__(self, var_list: Any = None, reshape: bool = False, sharded: bool = False, max_to_keep: int | None = 5,
                 keep_checkpoint_every_n_hours: float = 10000.0, name: str | None = None, restore_sequentially: bool = False,
                 saver_def: Any = None, builder: Any = None, defer_build: bool = False, allow_empty: bool = False,
                 write_version: int = V2, pad_step_number: bool = False, save_relative_paths: bool = False, filename: str | None = None):
        if defer_build and var_list:
            raise ValueError("If `var_list` is provided then build cannot be deferred. Either set defer_build=False or var_list=None.")
        self._var_list, self._reshape, self._sharded = var_list, reshape, sharded
        self._max_to_keep, self._keep_hours = max_to_keep, keep_checkpoint_every_n_hours
        self._name, self._restore_sequentially, self.saver_def = name, restore_sequentially, saver_def
        self._builder, self._allow_empty, self._write_version = builder, allow_empty, write_version
        self._pad_step_number, self._save_relative_paths, self._filename = pad_step_number, save_relative_paths, filename
        self._is_built, self._is_empty = False, False
        self._origin = ""       # the file that names this saver's operations, where one does
        self._next_kept = 0.0
        self._last_checkpoints: list[tuple[str, float]] = []
        self._to_delete: list[tuple[str, float]] = []
        self._jobs: dict[Any, Any] = {}
        if not defer_build:
            self.build()
        if self.saver_def:
            self._check_saver_def()
            self._write_version = self.saver_def.version

    def build(self) -> None:
        """Add the operations to the default graph, once."""
        if self._is_built:
            return
        self._is_built = True
        if self.saver_def is None:
            variables = self._variables()
            if not variables:
                if not self._allow_empty:
                    raise ValueError("No variables to save")
                self._is_empty = True
                return
            builder = self._builder or BulkSaverBuilder(self._write_version)
            named = variables.values() if isinstance(variables, dict) else variables
            with graph_of([part for item in named for part in parts_of(item) or [item]]).as_default():
                self.saver_def = builder.build(
                    variables, reshape=self._reshape, sharded=self._sharded, max_to_keep=self._max_to_keep or 0,
                    keep_checkpoint_every_n_hours=self._keep_hours, name=self._name,
                    restore_sequentially=self._restore_sequentially, filename=self._filename)
        elif self._name:
            copy = SaverDef()
            copy.CopyFrom(self.saver_def)
            for field in ("filename_tensor_name", "save_tensor_name", "restore_op_name"):
                setattr(copy, field, f"{self._name}/{getattr(copy, field)}")
            self.saver_def = copy
        self._check_saver_def()
        self._next_kept = time.time() + self.saver_def.keep_checkpoint_every_n_hours * _HOUR

    def _variables(self) -> Any:
        if self._var_list is not None:
            return self._var_list
        graph = context.default_graph()
        return graph.get_collection(GraphKeys.GLOBAL_VARIABLES) + graph.get_collection(GraphKeys.SAVEABLE_OBJECTS)

    def _check_saver_def(self) -> None:
        if not isinstance(self.saver_def, SaverDef):
            raise ValueError(f"saver_def must be a saver_pb2.SaverDef: {self.saver_def}")
        for field in ("save_tensor_name", "restore_op_name"):
            if not getattr(self.saver_def, field):
                raise ValueError(f"saver_def must specify the {field}: {self.saver_def}")

    def _check_graph(self, graph: Any, *fields: str) -> None:
        """ValueError unless the graph has what the SaverDef names: one that was read from a file may lack it."""
        for field in fields:
            name = getattr(self.saver_def, field)
            try:
                graph.as_graph_element(name)
            except (KeyError, ValueError):
                of = f" of {self._origin}" if self._origin else ""
                raise ValueError(f"The saver{of} names {name!r} as its {field}, which the graph does not have: was the graph stripped, or "
                                 "is another one the session's? A new tf.train.Saver() knows the variables that are there.") from None

    # -- saving -------------------------------------------------------------------------------------------------------
    def save(self, sess: Any, save_path: str, global_step: Any = None, latest_filename: str | None = None,
             meta_graph_suffix: str = "meta", write_meta_graph: bool = True, write_state: bool = True,
             strip_default_attrs: bool = False, save_debug_info: bool = False) -> str | None:
        """Write a checkpoint and return its prefix, None where there is nothing to save.

        save_path: the prefix. global_step: a number, tensor or tensor's name that is added to it, `prefix-step`. latest_filename: name
        of the state file. The checkpoint is complete, and flushed to the disk, before the state file names it.
        """
        if not self._is_built:
            raise RuntimeError("`build()` should be called before save if defer_build==True")
        latest_filename = latest_filename or DEFAULT_NAME
        if os.path.split(latest_filename)[0]:
            raise ValueError("'latest_filename' must not contain path components")
        if self._write_version != V2:
            _log.warning("TensorFlow's V1 checkpoint format has been deprecated. Consider switching to the more efficient V2 format: "
                         "tf.train.Saver(write_version=tf.train.SaverDef.V2)")
        scheme, save_path = scheme_of(_text(save_path)), local_path(_text(save_path))
        prefix = self._with_step(sess, save_path, global_step)
        if prefix == save_path and os.path.basename(save_path) == latest_filename and not self._sharded:
            raise ValueError(f"'latest_filename' collides with 'save_path': '{latest_filename}' and '{save_path}'")
        if not hasattr(sess, "run"):
            raise TypeError(f"'sess' must be a Session; {sess}")
        if not hosts.is_chief(sess.sess_str if hasattr(sess, "sess_str") else ""):     # the chief writes what all have alike
            return None if self._is_empty else scheme + prefix
        try:
            written = None if self._is_empty else self._write(sess, save_path, prefix)
            if write_meta_graph:
                self._write_meta_graph(sess, meta_graph_filename(prefix, meta_graph_suffix), strip_default_attrs, save_debug_info)
        except KeyboardInterrupt:
            if write_state and checkpoint_exists(prefix):       # whole: the next save lists it, and deletes it when its time has come
                self._record(prefix)
            raise
        if written is not None and write_state:
            self._record(written)
            update_state(os.path.dirname(save_path), written, self.last_checkpoints, latest_filename, self._save_relative_paths)
            self._delete_old(meta_graph_suffix)
        return written if written is None else scheme + written

    def _with_step(self, sess: Any, save_path: str, global_step: Any) -> str:
        if global_step is None:
            return save_path
        if not hasattr(global_step, "__index__"):
            value = sess.run(sess.graph.as_graph_element(global_step))
            global_step = value
        step = int(global_step)
        return f"{save_path}-{step:08d}" if self._pad_step_number else f"{save_path}-{step:d}"

    def _write(self, sess: Any, save_path: str, prefix: str) -> str:
        parent = os.path.dirname(save_path)
        self._check_graph(sess.graph, "filename_tensor_name", "save_tensor_name")
        try:
            return _text(sess.run(self.saver_def.save_tensor_name, {self.saver_def.filename_tensor_name: prefix}))
        except (errors.FailedPreconditionError, errors.NotFoundError, errors.AlreadyExistsError) as error:
            if parent and not os.path.isdir(parent):
                raise ValueError(f"Parent directory of {save_path} doesn't exist, can't save.") from error
            raise

    def _write_meta_graph(self, sess: Any, filename: str, strip_default_attrs: bool, save_debug_info: bool) -> None:
        with sess.graph.as_default():
            self.export_meta_graph(filename, strip_default_attrs=strip_default_attrs, save_debug_info=save_debug_info)

    # -- which checkpoints stay ---------------------------------------------------------------------------------------
    def _record(self, prefix: str) -> None:
        """Put a checkpoint at the end of the list; what is too much goes to those to be deleted."""
        if not self.saver_def.max_to_keep:
            return
        self._last_checkpoints = [known for known in self._last_checkpoints if known[0] != prefix]
        self._last_checkpoints.append((prefix, time.time()))
        if len(self._last_checkpoints) > self.saver_def.max_to_keep:
            self._to_delete.append(self._last_checkpoints.pop(0))

    def _delete_old(self, meta_graph_suffix: str) -> None:
        if not self._to_delete:
            return
        prefix, saved = self._to_delete.pop(0)
        if saved > self._next_kept:
            self._next_kept += self.saver_def.keep_checkpoint_every_n_hours * _HOUR
            return
        try:
            remove_checkpoint(prefix, self.saver_def.version, meta_graph_suffix)
        except OSError as error:
            _log.warning("Ignoring: %s", error)

    @property
    def last_checkpoints(self) -> list[str]:
        """Prefixes of the checkpoints that this saver keeps, oldest first; the next `save` may delete the first."""
        return [prefix for prefix, _ in self._last_checkpoints]

    def set_last_checkpoints(self, last_checkpoints: list[str]) -> None:
        """Replace the list, with no times (deprecated: use set_last_checkpoints_with_time)."""
        if not isinstance(last_checkpoints, list):
            raise AssertionError(f"last_checkpoints must be a list, got {last_checkpoints!r}")
        self._last_checkpoints = [(prefix, float("inf")) for prefix in last_checkpoints]

    def set_last_checkpoints_with_time(self, last_checkpoints_with_time: list[tuple[str, float]]) -> None:
        """Replace the list by (prefix, time of saving in seconds since 1970) pairs, oldest first."""
        if not isinstance(last_checkpoints_with_time, list):
            raise AssertionError(f"last_checkpoints_with_time must be a list, got {last_checkpoints_with_time!r}")
        self._last_checkpoints = last_checkpoints_with_time

    def recover_last_checkpoints(self, checkpoint_paths: Iterable[str]) -> None:
        """Take over checkpoints of an earlier run, oldest first; those whose files are gone are left out."""
        there = [prefix for prefix in checkpoint_paths if checkpoints.exists(local_path(prefix))]
        self.set_last_checkpoints_with_time(list(zip(there, checkpoint_times(there), strict=True)))

    # -- restoring ----------------------------------------------------------------------------------------------------
    def restore(self, sess: Any, save_path: str) -> None:
        """Give the saver's variables the values of a checkpoint; they need no initialization.

        ValueError if there is no such checkpoint, NotFoundError if it lacks variables, InvalidArgumentError for other shapes or types; both
        name all that does not fit. DataLossError if it is damaged. No variable is changed then.
        """
        if self._is_empty:
            return
        if save_path is None:
            raise ValueError("Can't load save_path when it is None.")
        save_path = local_path(_text(save_path))
        if not checkpoints.exists(save_path):
            raise ValueError(f"The passed save_path is not a valid checkpoint: {save_path}{checkpoints.hint(save_path)}")
        if not self._is_built:
            raise RuntimeError("`build()` should be called before restore if defer_build==True")
        _log.info("Restoring parameters from %s", save_path)
        try:
            self._restore(sess, save_path, {})
        except errors.NotFoundError as error:
            names = _object_based_names(save_path)
            if not names:
                raise errors.NotFoundError(None, error.op, f"{_MISSING} Original error:\n\n{error.message}") from None
            _log.warning("Restoring an object-based checkpoint using a name-based saver; use tf.train.Checkpoint.restore instead.")
            self._restore(sess, save_path, names)
        except errors.InvalidArgumentError as error:
            raise errors.InvalidArgumentError(None, error.op, f"{_MISFIT} Original error:\n\n{error.message}") from None

    def _restore(self, sess: Any, prefix: str, keys: dict[str, str]) -> None:
        """keys: {name: key in the checkpoint} where they differ."""
        jobs = self._jobs_in(sess.graph)
        if jobs is not None and hasattr(sess, "_store"):
            if keys:
                jobs = [job._replace(wanted=job.wanted._replace(name=keys.get(job.wanted.name, job.wanted.name))) for job in jobs]
            direct_restore.restore(sess, jobs, prefix)
        else:
            sess.run(self.saver_def.restore_op_name, {self.saver_def.filename_tensor_name: prefix})

    def _jobs_in(self, graph: Any) -> Any:
        """What the restore operation does, if it is one that can be done without running the graph."""
        if graph not in self._jobs:
            self._check_graph(graph, "filename_tensor_name", "restore_op_name")
            self._jobs = {graph: direct_restore.jobs_of(graph.get_operation_by_name(self.saver_def.restore_op_name))}
        return self._jobs[graph]

    # -- messages -----------------------------------------------------------------------------------------------------
    def as_saver_def(self) -> Any:
        """The SaverDef message of this saver."""
        return self.saver_def

    def to_proto(self, export_scope: str | None = None) -> Any:
        """The SaverDef message; names below `export_scope` lose it, and None is returned if they are not below it."""
        if export_scope is None:
            return self.saver_def
        if not self.saver_def.filename_tensor_name.startswith(export_scope):
            return None
        copy = SaverDef()
        copy.CopyFrom(self.saver_def)
        for field in ("filename_tensor_name", "save_tensor_name", "restore_op_name"):
            setattr(copy, field, getattr(copy, field).removeprefix(export_scope).removeprefix("/"))
        return copy

    @staticmethod
    def from_proto(saver_def: Any, import_scope: str | None = None) -> Saver:
        """A saver that uses the operations which a SaverDef names, below `import_scope`."""
        return Saver(saver_def=saver_def, name=import_scope)

    def export_meta_graph(self, filename: str | None = None, collection_list: Any = None, as_text: bool = False,
                          export_scope: str | None = None, clear_devices: bool = False, clear_extraneous_savers: bool = False,
                          strip_default_attrs: bool = False, save_debug_info: bool = False) -> Any:
        """The MetaGraphDef of the default graph with this saver; written to `filename` if that is given."""
        return export_meta_graph(filename=filename, saver_def=self.saver_def, collection_list=collection_list, as_text=as_text,
                                 export_scope=export_scope, clear_devices=clear_devices,
                                 clear_extraneous_savers=clear_extraneous_savers, strip_default_attrs=strip_default_attrs,
                                 save_debug_info=save_debug_info)


def _object_based_names(prefix: str) -> dict[str, str]:
    with checkpoints.open_checkpoint(prefix) as reader:
        return object_keys(reader)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return os.fspath(value) if not hasattr(value, "item") else _text(value.item())


