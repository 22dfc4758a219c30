"""tf.train.CheckpointManager: keeps the last few checkpoints of a tf.train.Checkpoint in a folder."""
from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from typing import Any

from graphflow.core.export import export
from graphflow.core.tensor import Tensor
from graphflow.formats.local_path import local_path
from graphflow.variables.variable import Variable

from .checkpoint import session_or_default
from .checkpoint_management import get_checkpoint_state, remove_checkpoint, update_state

_log = logging.getLogger("tensorflow")
_HOUR = 3600


@export("train.CheckpointManager")
class CheckpointManager:
    """Saves `directory/checkpoint_name-N` and deletes old ones; goes on with what it finds in the folder's state file.

    max_to_keep: how many stay; None: all. keep_checkpoint_every_n_hours: besides those, one per so many hours. step_counter (variable,
    tensor or number) and checkpoint_interval: `save` does nothing until so many steps have passed. init_fn: called by
    `restore_or_initialize` where there is no checkpoint. last_checkpoint_step: the step of the last save.
    ValueError for a max_to_keep below 1, or an interval without a counter.
    """

    def __init__(self, checkpoint: Any, directory: str, max_to_keep: int | None, keep_checkpoint_every_n_hours: float | None = None,
                 checkpoint_name: str = "ckpt", step_counter: Any = None, checkpoint_interval: int | None = None,
                 init_fn: Callable[[], Any] | None = None, last_checkpoint_step: int | None = None) -> None:
        if max_to_keep is not None and max_to_keep <= 0:
            raise ValueError("The maximum number of checkpoints to keep should be positive (or None to keep all), "
                             f"got `max_to_keep` = {max_to_keep}")
        if checkpoint_interval is not None and step_counter is None:
            raise ValueError("`step_counter` should be passed if `checkpoint_interval` is not None.")
        self._checkpoint, self._directory, self._max_to_keep = checkpoint, local_path(directory), max_to_keep
        self._keep_hours, self._prefix = keep_checkpoint_every_n_hours, os.path.join(self._directory, checkpoint_name)
        self._step_counter, self._interval, self._init_fn = step_counter, checkpoint_interval, init_fn
        self._last_step = last_checkpoint_step
        self._kept: dict[str, float] = {}
        self._latest, self._last_preserved = None, time.time() - 1.0
        self._recover()

    def _recover(self) -> None:
        """Take over what the state file names; checkpoints older than the last one that was preserved stay for good."""
        state = get_checkpoint_state(self._directory)
        if state is None:
            return
        now = time.time()
        self._latest = state.model_checkpoint_path
        self._last_preserved = min(state.last_preserved_timestamp, now)
        paths = list(state.all_model_checkpoint_paths)
        times = list(state.all_model_checkpoint_timestamps) or [self._last_preserved] * len(paths)      # without times: not ours to delete
        self._kept = {path: min(saved, now) for path, saved in zip(paths, times, strict=False) if saved > self._last_preserved}

    @property
    def directory(self) -> str:
        return self._directory

    @property
    def checkpoint(self) -> Any:
        """The tf.train.Checkpoint that is saved."""
        return self._checkpoint

    @property
    def checkpoint_interval(self) -> int | None:
        return self._interval

    @property
    def checkpoints(self) -> list[str]:
        """Prefixes of the checkpoints that are kept for now, oldest first; without those preserved for good."""
        return list(self._kept)

    @property
    def latest_checkpoint(self) -> str | None:
        """Prefix of the newest checkpoint, to be given to `Checkpoint.restore`; None if there is none."""
        return self._latest

    def save(self, checkpoint_number: Any = None, check_interval: bool = True, options: Any = None, session: Any = None) -> str | None:
        """Write a checkpoint and delete those that are too many; its prefix, None where the interval has not passed.

        checkpoint_number: a number, variable or tensor that ends the prefix; the save counter if None. Works in the default session.
        """
        session = session_or_default(session)
        step = None if self._interval is None else _number(self._step_counter, session)
        if step is not None and check_interval and self._last_step is not None and step - self._last_step < (self._interval or 0):
            return None
        counter = self._checkpoint.save_counter
        if session is not None:
            session.run(counter.initializer if not session.run(counter.is_initialized()) else [])
        count = self._checkpoint._counted(session)
        number = count if checkpoint_number is None else _number(checkpoint_number, session)
        prefix = self._checkpoint.write(f"{self._prefix}-{number}", session)
        self._last_step = step
        self._kept.pop(prefix, None)
        self._kept[prefix] = time.time()
        self._latest = prefix
        self._write_state()
        self._sweep()
        self._write_state()
        return prefix

    def restore_or_initialize(self) -> str | None:
        """Restore the latest checkpoint into the default session; its prefix. Without one, call `init_fn` and return None."""
        if self._latest is not None:
            session = session_or_default(None)
            self._checkpoint.restore(self._latest).initialize_or_restore(session)
            if self._interval is not None:
                self._last_step = _number(self._step_counter, session)
            return self._latest
        if self._init_fn is not None:
            self._init_fn()
        return None

    def sync(self) -> None:
        """Wait until a save has ended; saves end before they return, so there is nothing to wait for."""

    def _write_state(self) -> None:
        update_state(self._directory, str(self._latest), list(self._kept), None, True, list(self._kept.values()), self._last_preserved)

    def _sweep(self) -> None:
        """Delete the oldest; one that was saved so many hours after the last preserved one is preserved instead."""
        while self._max_to_keep and len(self._kept) > self._max_to_keep:
            prefix = next(iter(self._kept))
            saved = self._kept.pop(prefix)
            if self._keep_hours and saved - self._keep_hours * _HOUR >= self._last_preserved:
                self._last_preserved = saved
                continue
            try:
                remove_checkpoint(prefix)
            except OSError as error:
                _log.warning("Ignoring: %s", error)


def _number(value: Any, session: Any) -> int:
    return int(value if session is None or not isinstance(value, (Variable, Tensor)) else session.run(value))
