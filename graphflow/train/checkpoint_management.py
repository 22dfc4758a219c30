"""Which checkpoints a folder holds: the `checkpoint` state file, and removing checkpoints."""
from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from graphflow.core.deprecation import warn_once
from graphflow.core.export import export
from graphflow.formats import checkpoint_state, checkpoints, durable
from graphflow.formats.errors import DataLossError, InvalidFileError
from graphflow.formats.local_path import local_path, scheme_of
from graphflow.ops.io.checkpoint import file_errors

_log = logging.getLogger("tensorflow")


@export("train.latest_checkpoint")
def latest_checkpoint(checkpoint_dir: str, latest_filename: str | None = None) -> str | None:
    """Prefix of the newest checkpoint that the folder's state file names; None if there is none, or its files are gone.

    ValueError for a state file that names no checkpoint at all.
    """
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    prefix: str = state.model_checkpoint_path
    if checkpoints.exists(prefix):
        return str(scheme_of(checkpoint_dir)) + prefix
    _log.error("Couldn't match files for checkpoint %s", prefix)
    return None


@export("train.checkpoint_exists")
def checkpoint_exists(checkpoint_prefix: str) -> bool:
    """Whether there is a checkpoint, V2 or V1, with this prefix; patterns are honoured."""
    return checkpoints.exists(local_path(checkpoint_prefix))


@export("train.get_checkpoint_state")
def get_checkpoint_state(checkpoint_dir: str, latest_filename: str | None = None) -> Any:
    """The CheckpointState message of a folder, its paths joined to the folder; None if the file is missing or no such text (a warning).

    ValueError for a state file that names no checkpoint.
    """
    try:
        return checkpoint_state.read_state(local_path(checkpoint_dir), latest_filename)
    except InvalidFileError as error:
        raise ValueError(str(error)) from None
    except DataLossError as error:
        _log.warning("%s: ignored, as it is no checkpoint state", error)
    except OSError as error:
        _log.warning("%s: checkpoint state ignored", error)
    return None


@export("train.generate_checkpoint_state_proto")
def generate_checkpoint_state_proto(save_dir: str, model_checkpoint_path: str, all_model_checkpoint_paths: Iterable[str] | None = None,
                                    all_model_checkpoint_timestamps: Iterable[float] | None = None,
                                    last_preserved_timestamp: float | None = None) -> Any:
    """A CheckpointState message with these paths, made relative to `save_dir` where that is relative.

    all_model_checkpoint_paths: oldest first; `model_checkpoint_path` is put last if it is not.
    """
    return checkpoint_state.make_state(save_dir, model_checkpoint_path, all_model_checkpoint_paths, all_model_checkpoint_timestamps,
                                       last_preserved_timestamp)


@export("train.update_checkpoint_state")
def update_checkpoint_state(save_dir: str, model_checkpoint_path: str, all_model_checkpoint_paths: Iterable[str] | None = None,
                            latest_filename: str | None = None, all_model_checkpoint_timestamps: Iterable[float] | None = None,
                            last_preserved_timestamp: float | None = None) -> None:
    """Write the state file of a folder. RuntimeError when a checkpoint's path is that of the state file."""
    update_state(save_dir, model_checkpoint_path, all_model_checkpoint_paths, latest_filename, False, all_model_checkpoint_timestamps,
                 last_preserved_timestamp)


def update_state(save_dir: str, latest: str, kept: Iterable[str] | None, latest_filename: str | None, relative: bool,
                 timestamps: Iterable[float] | None = None, last_preserved: float | None = None) -> None:
    """Write the state file. relative: write paths below `save_dir` as relative to it, so that the folder may be moved."""
    save_dir, latest = local_path(save_dir), local_path(latest)
    path = checkpoint_state.state_path(save_dir, latest_filename)
    paths = [local_path(known) for known in kept or ()]
    if relative:
        latest = _relative(latest, save_dir)
        paths = [_relative(known, save_dir) for known in paths]
    state = checkpoint_state.make_state(save_dir, latest, paths, timestamps, last_preserved)
    if path == state.model_checkpoint_path:
        raise RuntimeError(f"Save path '{latest}' conflicts with path used for checkpoint state. Please use a different save path.")
    with file_errors(None):
        checkpoint_state.write_state(path, state)


def _relative(path: str, folder: str) -> str:
    return os.path.relpath(path, folder) if os.path.isabs(path) else path


@export("train.remove_checkpoint")
def remove_checkpoint(checkpoint_prefix: str, checkpoint_format_version: int = 2, meta_graph_suffix: str = "meta") -> None:
    """Delete the files of a checkpoint, its meta graph included."""
    checkpoint_prefix = local_path(checkpoint_prefix)
    durable.remove_if_there(meta_graph_filename(checkpoint_prefix, meta_graph_suffix))
    for path in checkpoints.checkpoint_files(checkpoint_prefix):
        durable.remove_if_there(path)


def meta_graph_filename(checkpoint_filename: str, meta_graph_suffix: str = "meta") -> str:
    """Path of the meta graph beside a checkpoint: the prefix without a shard's `-ddddd-of-ddddd`, and the suffix."""
    return re.sub(r"-[\d\?]+-of-\d+$", "", checkpoint_filename) + "." + meta_graph_suffix


@export("train.get_checkpoint_mtimes")
def get_checkpoint_mtimes(checkpoint_prefixes: Iterable[str]) -> list[float]:
    """Times of last change of the checkpoints that are there, in seconds since 1970."""
    warn_once("tf.train.get_checkpoint_mtimes is deprecated: use os.path.getmtime.")
    return checkpoint_times(checkpoint_prefixes)


def checkpoint_times(checkpoint_prefixes: Iterable[str]) -> list[float]:
    """As `get_checkpoint_mtimes`."""
    found = []
    for prefix in map(local_path, checkpoint_prefixes):
        times = [os.stat(path).st_mtime for path in checkpoints.checkpoint_files(prefix)
                 if path.endswith(".index") or path == prefix or checkpoints.is_v1(prefix)]
        if times:
            found.append(float(max(times)))
    return found


@export("train.checkpoints_iterator")
def checkpoints_iterator(checkpoint_dir: str, min_interval_secs: float = 0, timeout: float | None = None,
                         timeout_fn: Callable[[], bool] | None = None) -> Iterator[str]:
    """Prefixes of new checkpoints as they appear in a folder.

    timeout: seconds to wait for the next one; then the iterator ends, unless `timeout_fn` is given and returns False.
    """
    last: str | None = None
    while True:
        found = _wait_for_new_checkpoint(checkpoint_dir, last, timeout)
        if found is None:
            if not timeout_fn:
                _log.info("Timed-out waiting for a checkpoint.")
                return
            if timeout_fn():
                return
            continue
        started, last = time.time(), found
        yield found
        time.sleep(max(0.0, started + min_interval_secs - time.time()))


def _wait_for_new_checkpoint(folder: str, last: str | None, timeout: float | None, pause: float = 1.0) -> str | None:
    end = None if timeout is None else time.time() + timeout
    while True:
        found = latest_checkpoint(folder)
        if found is not None and found != last:
            return found
        if end is not None and time.time() + pause > end:
            return None
        time.sleep(pause)


