"""Hooks: what is done around each run of a monitored session."""
from __future__ import annotations

from typing import Any, NamedTuple

from ..core.export import export


class _RunArgs(NamedTuple):
    fetches: Any
    feed_dict: Any = None
    options: Any = None


@export("train.SessionRunArgs", "estimator.SessionRunArgs")
class SessionRunArgs(_RunArgs):
    """What a hook adds to a run: fetches, feed_dict, options."""
    __slots__ = ()


class _RunValues(NamedTuple):
    results: Any
    options: Any
    run_metadata: Any


@export("train.SessionRunValues", "estimator.SessionRunValues")
class SessionRunValues(_RunValues):
    """What a run gave to a hook: the results of its own fetches."""
    __slots__ = ()


@export("train.SessionRunContext", "estimator.SessionRunContext")
class SessionRunContext:
    """What a hook may know of a run, and its way to end the loop: `request_stop()`."""

    def __init__(self, original_args: SessionRunArgs, session: Any):
        self._original_args, self._session, self._stop_requested = original_args, session, False

    @property
    def original_args(self) -> SessionRunArgs:
        """The arguments of `run` as the user gave them."""
        return self._original_args

    @property
    def session(self) -> Any:
        """The session below; running it calls no hooks."""
        return self._session

    @property
    def stop_requested(self) -> bool:
        return self._stop_requested

    def request_stop(self) -> None:
        """`should_stop()` of the monitored session is True from here on."""
        self._stop_requested = True


@export("train.SessionRunHook", "estimator.SessionRunHook")
class SessionRunHook:
    """Base of hooks; all methods do nothing."""

    def begin(self) -> None:
        """Before the session is made: the graph may still grow."""

    def after_create_session(self, session: Any, coord: Any) -> None:
        """After the session was made and initialized; the graph is final."""

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        """Before each run; what to fetch and feed beside the user's own."""
        return None

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """After each run that did not fail."""

    def end(self, session: Any) -> None:
        """At the end of the loop, unless it ended by an exception other than OutOfRangeError or StopIteration."""
