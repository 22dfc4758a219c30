"""The `checkpoint` file beside checkpoints: a CheckpointState message as text that names the latest and all that are kept.

    model_checkpoint_path: "model.ckpt-30"
    all_model_checkpoint_paths: "model.ckpt-10"
    all_model_checkpoint_paths: "model.ckpt-30"

Oldest first. Relative paths are relative to the file's directory; programs are handed absolute ones or ones joined to it.
"""
from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from .durable import atomic_file
from .errors import InvalidFileError
from .proto import CheckpointState, from_text, to_text

DEFAULT_NAME = "checkpoint"


def state_path(directory: str, latest_filename: str | None = None) -> str:
    """Path of the state file of a directory."""
    return os.path.join(directory, latest_filename or DEFAULT_NAME)


def make_state(directory: str, latest: str, kept: Iterable[str] | None = None, timestamps: Iterable[float] | None = None,
               last_preserved: float | None = None) -> Any:
    """The CheckpointState with these paths; `latest` comes last even if `kept` lacks it.

    Where the directory is relative, so are the paths written: relative to it. ValueError when timestamps and paths differ in number.
    """
    paths = list(kept or ())
    if not paths or paths[-1] != latest:
        paths.append(latest)
    times = list(timestamps or ())
    if times and len(times) != len(paths):
        raise ValueError(f"Checkpoint timestamps, if provided, must match checkpoint paths: {len(times)} timestamps, {len(paths)} paths.")
    if not os.path.isabs(directory):
        paths = [path if os.path.isabs(path) else os.path.relpath(path, directory) for path in paths]
        latest = latest if os.path.isabs(latest) else os.path.relpath(latest, directory)
    return CheckpointState(model_checkpoint_path=latest, all_model_checkpoint_paths=paths, all_model_checkpoint_timestamps=times,
                           last_preserved_timestamp=last_preserved)


def write_state(path: str, state: Any) -> None:
    """Write the file whole or not at all."""
    with atomic_file(path) as file:
        file.write(to_text(state).encode())


def read_state(directory: str, latest_filename: str | None = None) -> Any:
    """The CheckpointState of a directory with paths joined to it, or None if there is no state file.

    DataLossError when the file is no such text, InvalidFileError when it names no checkpoint.
    """
    path = state_path(directory, latest_filename)
    try:
        with open(path, "rb") as file:
            text = file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    state = from_text(text, CheckpointState, path)
    if not state.model_checkpoint_path:
        raise InvalidFileError(f"Invalid checkpoint state loaded from {directory}: {path} names no model_checkpoint_path.")
    state.model_checkpoint_path = _joined(directory, state.model_checkpoint_path)
    for at, kept in enumerate(state.all_model_checkpoint_paths):
        state.all_model_checkpoint_paths[at] = _joined(directory, kept)
    return state


def _joined(directory: str, path: str) -> str:
    return path if os.path.isabs(path) else os.path.join(directory, path)


__all__ = ["DEFAULT_NAME", "make_state", "read_state", "state_path", "write_state"]
