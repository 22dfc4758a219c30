"""MonitoredSession: a session that is initialized or restored when it is made, and calls hooks around each run.

    with tf.train.MonitoredTrainingSession(checkpoint_dir=folder, hooks=[tf.train.StopAtStepHook(1000)]) as session:
        while not session.should_stop():
            session.run(train_op)
"""
from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ..core import context, errors
from ..core.collections import GraphKeys
from ..core.export import export
from ..core.values import SparseTensor
from ..formats.proto import RunMetadata, RunOptions
from ..platform import tf_logging as logging
from ..runtime import hosts
from .coordinator import Coordinator
from .queue_runners import start_queue_runners
from .saving_hooks import CheckpointSaverHook, StepCounterHook, SummarySaverHook
from .scaffold import Scaffold
from .session_manager import SessionManager
from .session_run_hook import SessionRunArgs, SessionRunContext, SessionRunValues

_DEFAULT = object()
_LOST = (errors.AbortedError, errors.UnavailableError)
_ENDS = (errors.OutOfRangeError, StopIteration)     # how input ends: no error of the loop


@export("train.SessionCreator")
class SessionCreator:
    """Base of what makes the session of a MonitoredSession."""

    def create_session(self) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define create_session()")


@export("train.ChiefSessionCreator")
class ChiefSessionCreator(SessionCreator):
    """Makes a session from the newest checkpoint of checkpoint_dir, or by the scaffold's init_op and init_fn."""

    def __init__(self, scaffold: Scaffold | None = None, master: str = "", config: Any = None, checkpoint_dir: str | None = None,
                 checkpoint_filename_with_path: str | None = None):
        self._scaffold, self._master, self._config = scaffold or Scaffold(), master, config
        self._dir, self._file = checkpoint_dir, checkpoint_filename_with_path

    def create_session(self) -> Any:
        scaffold = self._scaffold.finalize()
        manager = SessionManager(local_init_op=scaffold.local_init_op, ready_op=scaffold.ready_op,
                                 ready_for_local_init_op=scaffold.ready_for_local_init_op, graph=context.default_graph(),
                                 local_init_feed_dict=scaffold.local_init_feed_dict)
        return manager.prepare_session(self._master, saver=scaffold.saver, checkpoint_dir=self._dir,
                                       checkpoint_filename_with_path=self._file, config=self._config, init_op=scaffold.init_op,
                                       init_feed_dict=scaffold.init_feed_dict, init_fn=scaffold.init_fn)


@export("train.WorkerSessionCreator")
class WorkerSessionCreator(SessionCreator):
    """Makes a session that gets its values from the chief of a cluster; waits for that for max_wait_secs at most.

    NotImplementedError where the master is no server of a cluster with several workers: there is no chief to wait for.
    """

    def __init__(self, scaffold: Scaffold | None = None, master: str = "", config: Any = None, max_wait_secs: float = 1800):
        if hosts.of(master) is None:
            raise NotImplementedError("there is no chief beside this process: use tf.train.ChiefSessionCreator, or is_chief=True, or as "
                                      "master the target of a tf.train.Server of a cluster with several workers")
        self._scaffold, self._master, self._config, self._max_wait_secs = scaffold or Scaffold(), master, config, max_wait_secs

    def create_session(self) -> Any:
        scaffold = self._scaffold.finalize()
        manager = SessionManager(local_init_op=scaffold.local_init_op, ready_op=scaffold.ready_op,
                                 ready_for_local_init_op=scaffold.ready_for_local_init_op, graph=context.default_graph())
        return manager.wait_for_session(self._master, config=self._config, max_wait_secs=self._max_wait_secs)


class _Monitored:
    """What both monitored sessions share."""
    _recovers = False

    def __init__(self, session_creator: Any, hooks: Any, stop_grace_period_secs: float):
        self._graph_was_finalized = context.default_graph().finalized
        self._hooks = list(hooks or [])
        self._grace = stop_grace_period_secs
        for hook in self._hooks:
            hook.begin()
        self._creator = session_creator
        self._open()

    def _open(self) -> None:
        self._coord = Coordinator()
        self._session: Any = self._creator.create_session()
        if self._session.graph.get_collection(GraphKeys.QUEUE_RUNNERS):
            start_queue_runners(self._session, self._coord)
        for hook in self._hooks:
            hook.after_create_session(self._session, self._coord)

    def _recovering(self, step: Callable[[], Any]) -> Any:
        """What step() gives; where it fails as when the connection to a server is lost, the session is made anew and step called again."""
        while True:
            try:
                return step()
            except _LOST as error:
                if not self._recovers or hosts.entered() is not None:      # lost hosts come back by a new start of all
                    raise
                logging.info("An error was raised. This may be due to a preemption in a connected worker or parameter server. The current "
                             "session will be closed and a new session will be created. Error: %s", error)
                session, self._session = self._session, None
                self._coord.request_stop()
                if session is not None:
                    session.close()
                self._open()

    @property
    def graph(self) -> Any:
        """The graph of the session, None after the end."""
        return None if self._session is None else self._session.graph

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """As Session.run, with what the hooks ask for."""
        return self._recovering(lambda: self._run(fetches, feed_dict, options, run_metadata))

    def _run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        session = self._checked()
        call = SessionRunContext(SessionRunArgs(fetches, feed_dict, options), session)
        wanted: dict[Any, Any] = {"caller": fetches}
        feeds = dict(feed_dict or {})
        options = options or RunOptions()
        for hook in self._hooks:
            args = hook.before_run(call)
            if args is None:
                continue
            if args.fetches is not None:
                wanted[hook] = args.fetches
            _add_feeds(feeds, args.feed_dict, feed_dict or {})
            if args.options:
                options.MergeFrom(args.options)
        metadata = run_metadata or RunMetadata()
        plain = options == RunOptions() and run_metadata is None
        try:
            results = self._results(session, wanted, feeds, () if plain else (options, metadata))
            for hook in self._hooks:
                hook.after_run(call, SessionRunValues(results.get(hook), options, metadata))
        except Exception:
            self._coord.raise_requested_exception()     # what a queue runner failed with before is the cause of what followed
            self._coord.request_stop()
            raise
        if call.stop_requested:
            self._coord.request_stop()
        return results["caller"]

    @staticmethod
    def _results(session: Any, wanted: dict[Any, Any], feeds: dict[Any, Any], more: tuple[Any, ...]) -> dict[Any, Any]:
        """What the caller and the hooks ask for. Of several hosts only the chief may have some hooks, so that what hooks ask for is a run
        of its own there, after the one that all make."""
        if session._store.engine.spread is None or len(wanted) == 1:
            found: dict[Any, Any] = session.run(wanted, feeds, *more)
            return found
        caller = session.run(wanted["caller"], feeds, *more)
        return {**session.run({hook: fetches for hook, fetches in wanted.items() if hook != "caller"}, feeds), "caller": caller}

    def run_step_fn(self, step_fn: Callable[..., Any]) -> Any:
        """step_fn(step_context): step_context.session runs without hooks, step_context.run_with_hooks with them."""
        arguments = [a for a in inspect.signature(step_fn).parameters if a != "self"]
        if arguments != ["step_context"]:
            raise ValueError("`step_fn` may either have one `step_context` argument, or `self` and `step_context` arguments if it's an "
                             f"instance method. Got {arguments} instead.")
        return self._recovering(lambda: step_fn(_Monitored.StepContext(self._checked(), self._run)))

    class StepContext:
        """What `run_step_fn` passes on."""

        def __init__(self, session: Any, run_with_hooks_fn: Callable[..., Any]):
            self._session, self._run = session, run_with_hooks_fn

        session = property(lambda self: self._session)

        def run_with_hooks(self, *args: Any, **kwargs: Any) -> Any:
            """As MonitoredSession.run."""
            return self._run(*args, **kwargs)

        def request_stop(self) -> None:
            """Ends step_fn and the loop."""
            raise StopIteration("step_fn has requested the iterations to stop.")

    def should_stop(self) -> bool:
        """Whether the loop shall end: a hook asked for it, the input ended, or the session is closed."""
        return self._session is None or self._coord.should_stop()

    def close(self) -> None:
        """Calls the hooks' `end` and closes the session."""
        self._close(None)

    def _checked(self) -> Any:
        if self._session is None:
            raise RuntimeError("Attempted to use a closed Session: this MonitoredSession has ended.")
        if self._coord.should_stop():
            raise RuntimeError("Run called even after should_stop requested. Loop by `while not session.should_stop():`.")
        return self._session

    def _close(self, exception_type: Any) -> None:
        if self._session is None and exception_type is None:
            raise RuntimeError("Session is already closed.")
        try:
            if self._session is not None and exception_type is None:
                for hook in self._hooks:
                    hook.end(self._session)
        finally:
            session, self._session = self._session, None
            self._coord.request_stop()
            if session is not None:
                try:
                    self._coord.join(stop_grace_period_secs=self._grace, ignore_live_threads=True)
                except Exception:
                    if exception_type is None:
                        raise
                finally:
                    session.close()
            if not self._graph_was_finalized:
                context.default_graph()._unsafe_unfinalize()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, exception_type: Any, exception: Any, trace: Any) -> bool:
        ended = exception_type is not None and issubclass(exception_type, _ENDS)
        self._close(None if ended else exception_type)
        return ended


def _add_feeds(feeds: dict[Any, Any], more: Any, of_user: dict[Any, Any]) -> None:
    for key, value in (more or {}).items():
        if isinstance(key, SparseTensor) or key not in feeds:
            feeds[key] = value
        elif key in of_user:
            raise RuntimeError(f"Same tensor is fed by a SessionRunHook and user. Conflicting tensor: {key}")
        else:
            raise RuntimeError(f"Same tensor is fed by two hooks. Conflicting tensor: {key}")


@export("train.MonitoredSession")
class MonitoredSession(_Monitored):
    """A session with hooks; session_creator: ChiefSessionCreator() by default.

    The end of the input (OutOfRangeError, StopIteration) ends `with` quietly. It is no default session, as in TF1. After an AbortedError or
    UnavailableError the session is made anew, restored or initialized, and the run begins again.
    """
    _recovers = True

    def __init__(self, session_creator: Any = None, hooks: Any = None, stop_grace_period_secs: float = 120):
        super().__init__(session_creator or ChiefSessionCreator(), hooks, stop_grace_period_secs)


@export("train.SingularMonitoredSession")
class SingularMonitoredSession(_Monitored):
    """A MonitoredSession by its parts; `raw_session()` is the session below."""

    def __init__(self, hooks: Any = None, scaffold: Scaffold | None = None, master: str = "", config: Any = None,
                 checkpoint_dir: str | None = None, stop_grace_period_secs: float = 120, checkpoint_filename_with_path: str | None = None):
        super().__init__(ChiefSessionCreator(scaffold, master, config, checkpoint_dir, checkpoint_filename_with_path), hooks,
                         stop_grace_period_secs)

    def raw_session(self) -> Any:
        """The session that `run` calls with what the hooks add."""
        return self._session


@export("train.MonitoredTrainingSession")
def MonitoredTrainingSession(master: str = "", is_chief: bool = True, checkpoint_dir: str | None = None,
                             scaffold: Scaffold | None = None, hooks: Any = None, chief_only_hooks: Any = None,
                             save_checkpoint_secs: Any = _DEFAULT, save_summaries_steps: Any = _DEFAULT,
                             save_summaries_secs: Any = _DEFAULT, config: Any = None, stop_grace_period_secs: float = 120,
                             log_step_count_steps: int | None = 100, max_wait_secs: float = 7200,
                             save_checkpoint_steps: Any = _DEFAULT, summary_dir: str | None = None,
                             save_graph_def: bool = True) -> MonitoredSession:
    """A MonitoredSession that restores from checkpoint_dir and saves there: checkpoints (every 600 s), summaries (every 100 steps), speed.

    None for an interval leaves that out. Without checkpoint_dir nothing is saved. is_chief=False: gets its values from the chief of the
    cluster that `master`, a server's target, is of; waits for max_wait_secs.
    """
    if not is_chief:
        return MonitoredSession(WorkerSessionCreator(scaffold, master, config, max_wait_secs), list(hooks or []), stop_grace_period_secs)
    steps, secs = save_summaries_steps, save_summaries_secs
    if steps is _DEFAULT and secs is _DEFAULT:
        steps, secs = 100, None
    steps, secs = (None if v is _DEFAULT else v for v in (steps, secs))
    save_steps, save_secs = save_checkpoint_steps, save_checkpoint_secs
    if save_steps is _DEFAULT and save_secs is _DEFAULT:
        save_steps, save_secs = None, 600
    save_steps, save_secs = (None if v is _DEFAULT else v for v in (save_steps, save_secs))
    scaffold = scaffold or Scaffold()
    every: list[Any] = list(chief_only_hooks or [])
    summary_dir = summary_dir or checkpoint_dir
    if summary_dir:
        if log_step_count_steps and log_step_count_steps > 0:
            every.append(StepCounterHook(output_dir=summary_dir, every_n_steps=log_step_count_steps))
        if (steps and steps > 0) or (secs and secs > 0):
            every.append(SummarySaverHook(scaffold=scaffold, save_steps=steps, save_secs=secs, output_dir=summary_dir))
    if checkpoint_dir and ((save_secs and save_secs > 0) or (save_steps and save_steps > 0)):
        every.append(CheckpointSaverHook(checkpoint_dir, save_steps=save_steps, save_secs=save_secs, scaffold=scaffold,
                                         save_graph_def=save_graph_def))
    creator = ChiefSessionCreator(scaffold, master, config, checkpoint_dir)
    return MonitoredSession(creator, [*every, *(hooks or [])], stop_grace_period_secs)
