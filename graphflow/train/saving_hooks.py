"""Hooks that write: checkpoints, summaries, speed, profiles."""
from __future__ import annotations

import os
from typing import Any

from ..core import context
from ..core.export import export
from ..formats.proto import RunOptions, SessionLog, Summary
from ..graphdef.graph_io import write_graph
from ..platform import tf_logging as logging
from ..profiler.timeline import Timeline
from ..summary.writer import FileWriterCache
from .basic_hooks import SecondOrStepTimer, global_step_for
from .meta_graph_export import export_meta_graph
from .session_run_hook import SessionRunArgs, SessionRunHook


def _due_step(timer: SecondOrStepTimer, run_context: Any, seen: Any, step: Any) -> int | None:
    """The global step if the timer says that it is time, else None. `seen` may be the step before the run, so it is read again."""
    if not timer.should_trigger_for_step(int(seen) + 1):
        return None
    now = int(run_context.session.run(step))
    return now if timer.should_trigger_for_step(now) else None


@export("train.CheckpointSaverListener", "estimator.CheckpointSaverListener")
class CheckpointSaverListener:
    """Base of what is told of each checkpoint: `begin()`, `before_save`, `after_save` (True stops the training), `end`."""

    def begin(self) -> None:
        """Before the session is made."""

    def before_save(self, session: Any, global_step_value: int) -> None:
        """Before a checkpoint."""

    def after_save(self, session: Any, global_step_value: int) -> Any:
        """After a checkpoint; True asks to stop."""

    def end(self, session: Any, global_step_value: int) -> None:
        """At the end."""


@export("train.CheckpointSaverHook", "estimator.CheckpointSaverHook")
class CheckpointSaverHook(SessionRunHook):
    """Saves a checkpoint at the start, every save_secs seconds or save_steps steps, and at the end."""

    def __init__(self, checkpoint_dir: str, save_secs: float | None = None, save_steps: int | None = None, saver: Any = None,
                 checkpoint_basename: str = "model.ckpt", scaffold: Any = None, listeners: Any = None, save_graph_def: bool = True):
        if saver is not None and scaffold is not None:
            raise ValueError("You cannot provide both saver and scaffold.")
        self._dir, self._path = checkpoint_dir, os.path.join(checkpoint_dir, checkpoint_basename)
        self._saver, self._scaffold, self._listeners = saver, scaffold, list(listeners or [])
        self._timer = SecondOrStepTimer(save_secs, save_steps)
        self._with_graph = save_graph_def

    def begin(self) -> None:
        self._writer = FileWriterCache.get(self._dir)
        self._step = global_step_for(self)
        for listener in self._listeners:
            listener.begin()

    def after_create_session(self, session: Any, coord: Any) -> None:
        graph = context.default_graph()
        if self._with_graph:
            write_graph(graph.as_graph_def(add_shapes=True), self._dir, "graph.pbtxt")
        self._writer.add_graph(graph)
        self._writer.add_meta_graph(export_meta_graph(saver_def=self._find_saver().saver_def))
        step = int(session.run(self._step))
        self._save(session, step)
        self._timer.update_last_triggered_step(step)

    def before_run(self, run_context: Any) -> SessionRunArgs:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        step = _due_step(self._timer, run_context, run_values.results, self._step)
        if step is not None:
            self._timer.update_last_triggered_step(step)
            if self._save(run_context.session, step):
                run_context.request_stop()

    def end(self, session: Any) -> None:
        step = int(session.run(self._step))
        if step != self._timer.last_triggered_step():
            self._save(session, step)
        for listener in self._listeners:
            listener.end(session, step)

    def _save(self, session: Any, step: int) -> bool:
        """Saves; whether a listener asks to stop."""
        logging.info("Saving checkpoints for %d into %s.", step, self._path)
        for listener in self._listeners:
            listener.before_save(session, step)
        self._find_saver().save(session, self._path, global_step=step, write_meta_graph=self._with_graph)
        self._writer.add_session_log(SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=self._path), step)
        answers = [listener.after_save(session, step) for listener in self._listeners]
        return any(answers)

    def _find_saver(self) -> Any:
        if self._saver is not None:
            return self._saver
        if self._scaffold is not None:
            return self._scaffold.saver
        found = context.default_graph().get_collection("savers")
        if len(found) != 1:
            raise RuntimeError(f"{'No items' if not found else 'More than one item'} in collection 'savers'. Please pass saver or scaffold "
                               "to the CheckpointSaverHook constructor.")
        self._saver = found[0]
        return self._saver


@export("train.StepCounterHook", "estimator.StepCounterHook")
class StepCounterHook(SessionRunHook):
    """Logs and records how many steps a second are done."""

    def __init__(self, every_n_steps: int | None = 100, every_n_secs: float | None = None, output_dir: str | None = None,
                 summary_writer: Any = None):
        if (every_n_steps is None) == (every_n_secs is None):
            raise ValueError("exactly one of every_n_steps and every_n_secs should be provided.")
        self._timer = SecondOrStepTimer(every_n_secs, every_n_steps)
        self._dir, self._writer = output_dir, summary_writer

    def begin(self) -> None:
        if self._writer is None and self._dir:
            self._writer = FileWriterCache.get(self._dir)
        self._step = global_step_for(self)
        self._tag = self._step.op.name + "/sec"

    def before_run(self, run_context: Any) -> SessionRunArgs:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        step = _due_step(self._timer, run_context, run_values.results, self._step)
        if step is not None:
            seconds, steps = self._timer.update_last_triggered_step(step)
            if seconds and steps is not None:
                rate = steps / seconds
                if self._writer is not None:
                    self._writer.add_summary(Summary(value=[Summary.Value(tag=self._tag, simple_value=rate)]), step)
                logging.info("%s: %g", self._tag, rate)


@export("train.SummarySaverHook", "estimator.SummarySaverHook")
class SummarySaverHook(SessionRunHook):
    """Writes summaries every save_steps steps or save_secs seconds. summary_op: an operation or a list; else the scaffold's."""

    def __init__(self, save_steps: int | None = None, save_secs: float | None = None, output_dir: str | None = None,
                 summary_writer: Any = None, scaffold: Any = None, summary_op: Any = None):
        if (scaffold is None) == (summary_op is None):
            raise ValueError("Exactly one of scaffold or summary_op must be provided.")
        self._op, self._scaffold, self._writer, self._dir = summary_op, scaffold, summary_writer, output_dir
        self._timer = SecondOrStepTimer(save_secs, save_steps)

    def begin(self) -> None:
        if self._writer is None and self._dir:
            self._writer = FileWriterCache.get(self._dir)
        self._step = global_step_for(self)
        self._next: int | None = None
        self._behind = 0

    def before_run(self, run_context: Any) -> SessionRunArgs:
        self._due = self._next is None or self._timer.should_trigger_for_step(self._next)
        requests = {"global_step": self._step}
        op = self._op if self._op is not None else self._scaffold.summary_op
        if self._due and op is not None:
            requests["summary"] = op if isinstance(op, (list, tuple)) else [op]
        return SessionRunArgs(requests)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if self._writer is None:
            return
        seen = int(run_values.results["global_step"])       # before or after the run's own update of the step, the same each time
        step = int(run_context.session.run(self._step)) if self._due else seen + self._behind
        self._behind = step - seen
        if self._next is None:
            self._writer.add_session_log(SessionLog(status=SessionLog.START), step)
        if self._due:
            self._timer.update_last_triggered_step(step)
            for summary in run_values.results.get("summary", ()):
                self._writer.add_summary(summary, step)
        self._next = step + 1

    def end(self, session: Any) -> None:
        if self._writer is not None:
            self._writer.flush()


@export("train.ProfilerHook", "estimator.ProfilerHook")
class ProfilerHook(SessionRunHook):
    """Writes `timeline-STEP.json` (Chrome's trace format) every save_steps steps or save_secs seconds."""

    def __init__(self, save_steps: int | None = None, save_secs: float | None = None, output_dir: str = "", show_dataflow: bool = True,
                 show_memory: bool = False):
        self._dir = output_dir
        self._show: dict[str, Any] = {"show_dataflow": show_dataflow, "show_memory": show_memory}
        self._timer = SecondOrStepTimer(save_secs, save_steps)

    def begin(self) -> None:
        self._step = global_step_for(self)
        self._next: int | None = None
        self._behind = 0

    def before_run(self, run_context: Any) -> SessionRunArgs:
        self._due = self._next is not None and self._timer.should_trigger_for_step(self._next)
        options = RunOptions(trace_level=RunOptions.FULL_TRACE) if self._due else None
        return SessionRunArgs(self._step, options=options)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        seen = int(run_values.results)
        step = int(run_context.session.run(self._step)) if self._due or self._next is None else seen + self._behind
        self._behind = step - seen
        if self._next is None:
            self._timer.update_last_triggered_step(step)
        elif self._due:
            self._timer.update_last_triggered_step(step)
            os.makedirs(self._dir or ".", exist_ok=True)
            path = os.path.join(self._dir, f"timeline-{step}.json")
            logging.info("Saving timeline for %d into '%s'.", step, path)
            with open(path, "w", encoding="utf-8") as f:
                f.write(Timeline(run_values.run_metadata.step_stats).generate_chrome_trace_format(**self._show))
        self._next = step + 1
