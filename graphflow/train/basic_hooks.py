"""Hooks that watch, log, feed and stop. Steps are those of the global step where a hook needs one."""
from __future__ import annotations

import time
from typing import Any

import numpy as np

from ..core import context, errors
from ..core.export import export
from ..platform import tf_logging as logging
from .session_run_hook import SessionRunArgs, SessionRunHook
from .step_counter import get_global_step


def global_step_for(hook: SessionRunHook) -> Any:
    step = get_global_step()
    if step is None:
        raise RuntimeError(f"Global step should be created to use {type(hook).__name__}: pass tf.train.get_or_create_global_step() to "
                           "minimize or apply_gradients.")
    return step


def _one_of(**given: Any) -> None:
    """ValueError unless exactly one argument is given."""
    names = " and ".join(given)
    if all(v is None for v in given.values()):
        raise ValueError(f"Either {' or '.join(given)} should be provided.")
    if all(v is not None for v in given.values()):
        raise ValueError(f"Can not provide both {names}.")


@export("train.SecondOrStepTimer", "estimator.SecondOrStepTimer")
class SecondOrStepTimer:
    """Says when every_secs seconds or every_steps steps have passed since the last time; at first always."""

    def __init__(self, every_secs: float | None = None, every_steps: int | None = None):
        _one_of(every_secs=every_secs, every_steps=every_steps)
        self._every_secs, self._every_steps = every_secs, every_steps
        self.reset()

    def reset(self) -> None:
        self._last_step: int | None = None
        self._last_time: float | None = None

    def should_trigger_for_step(self, step: int) -> bool:
        if self._last_step is None or self._last_time is None:
            return True
        if self._last_step == step:
            return False
        if self._every_secs is not None:
            return time.time() >= self._last_time + self._every_secs
        return step >= self._last_step + (self._every_steps or 0)

    def update_last_triggered_step(self, step: int) -> tuple[float | None, int | None]:
        """(seconds, steps) since the last time; (None, None) at first."""
        now = time.time()
        passed = (None, None) if self._last_step is None or self._last_time is None else (now - self._last_time, step - self._last_step)
        self._last_time, self._last_step = now, step
        return passed

    def last_triggered_step(self) -> int | None:
        return self._last_step


@export("train.StopAtStepHook", "estimator.StopAtStepHook")
class StopAtStepHook(SessionRunHook):
    """Stops after num_steps further steps, or when the global step is last_step."""

    def __init__(self, num_steps: int | None = None, last_step: int | None = None):
        if num_steps is None and last_step is None:
            raise ValueError("One of num_steps or last_step must be specified.")
        if num_steps is not None and last_step is not None:
            raise ValueError("Only one of num_steps or last_step can be specified.")
        self._num_steps, self._last_step = num_steps, last_step

    def begin(self) -> None:
        self._step = global_step_for(self)

    def after_create_session(self, session: Any, coord: Any) -> None:
        if self._last_step is None:
            self._last_step = int(session.run(self._step)) + (self._num_steps or 0)

    def before_run(self, run_context: Any) -> SessionRunArgs:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if run_values.results + 1 >= self._last_step and run_context.session.run(self._step) >= self._last_step:
            run_context.request_stop()


@export("train.LoggingTensorHook", "estimator.LoggingTensorHook")
class LoggingTensorHook(SessionRunHook):
    """Logs tensors every_n_iter runs, every_n_secs seconds, or at the end. tensors: {tag: tensor or name}, or a list of them.

    formatter: a function of {tag: value} that returns the line.
    """

    def __init__(self, tensors: Any, every_n_iter: int | None = None, every_n_secs: float | None = None, at_end: bool = False,
                 formatter: Any = None):
        only_at_end = at_end and every_n_iter is None and every_n_secs is None
        if not only_at_end and (every_n_iter is None) == (every_n_secs is None):
            raise ValueError("either at_end and/or exactly one of every_n_iter and every_n_secs must be provided.")
        if every_n_iter is not None and every_n_iter <= 0:
            raise ValueError(f"invalid every_n_iter={every_n_iter}.")
        self._order = list(tensors) if isinstance(tensors, dict) else [getattr(t, "name", t) for t in tensors]
        self._tensors = tensors if isinstance(tensors, dict) else dict(zip(self._order, tensors))
        self._formatter, self._at_end = formatter, at_end
        self._timer = None if only_at_end else SecondOrStepTimer(every_n_secs, every_n_iter)

    def begin(self) -> None:
        if self._timer:
            self._timer.reset()
        self._count = 0
        graph = context.default_graph()
        self._current = {tag: graph.as_graph_element(t) for tag, t in self._tensors.items()}

    def before_run(self, run_context: Any) -> SessionRunArgs | None:
        self._due = self._timer is not None and self._timer.should_trigger_for_step(self._count)
        return SessionRunArgs(self._current) if self._due else None

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if self._due and self._timer is not None:
            self._log(run_values.results, self._timer.update_last_triggered_step(self._count)[0])
        self._count += 1

    def end(self, session: Any) -> None:
        if self._at_end:
            self._log(session.run(self._current), None)

    def _log(self, values: dict[str, Any], seconds: float | None) -> None:
        if self._formatter:
            logging.info(self._formatter(values))
            return
        with np.printoptions(suppress=True):
            text = ", ".join(f"{tag} = {values[tag]!s}" for tag in self._order)
        logging.info("%s", text) if seconds is None else logging.info("%s (%.3f sec)", text, seconds)


@export("train.NanLossDuringTrainingError", "estimator.NanLossDuringTrainingError")
class NanLossDuringTrainingError(RuntimeError):
    """A loss became NaN."""

    def __str__(self) -> str:
        return "NaN loss during training."


@export("train.NanTensorHook", "estimator.NanTensorHook")
class NanTensorHook(SessionRunHook):
    """Stops when the loss is NaN; with an exception unless fail_on_nan_loss is False."""

    def __init__(self, loss_tensor: Any, fail_on_nan_loss: bool = True):
        self._loss, self._fail = loss_tensor, fail_on_nan_loss

    def before_run(self, run_context: Any) -> SessionRunArgs:
        return SessionRunArgs(self._loss)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if np.isnan(run_values.results):
            message = "Model diverged with loss = NaN."
            if self._fail:
                logging.error(message)
                raise NanLossDuringTrainingError
            logging.warning(message)
            run_context.request_stop()


@export("train.GlobalStepWaiterHook", "estimator.GlobalStepWaiterHook")
class GlobalStepWaiterHook(SessionRunHook):
    """Holds each run back until another thread's training brings the global step to wait_until_step."""

    def __init__(self, wait_until_step: int):
        self._until = wait_until_step

    def begin(self) -> None:
        self._done, self._step = self._until <= 0, global_step_for(self)

    def before_run(self, run_context: Any) -> None:
        while not self._done and run_context.session.run(self._step) < self._until:
            time.sleep(0.05)
        self._done = True


@export("train.FinalOpsHook", "estimator.FinalOpsHook")
class FinalOpsHook(SessionRunHook):
    """Runs final_ops at the end; their values are in `final_ops_values`."""

    def __init__(self, final_ops: Any, final_ops_feed_dict: Any = None):
        self._ops, self._feed, self._values = final_ops, final_ops_feed_dict, None

    final_ops_values = property(lambda self: self._values)

    def end(self, session: Any) -> None:
        if self._ops is not None:
            try:
                self._values = session.run(self._ops, feed_dict=self._feed)
            except (errors.OutOfRangeError, StopIteration):
                logging.warning("An OutOfRangeError or StopIteration exception is raised by the code in FinalOpsHook. This typically means "
                                "the Ops running by the FinalOpsHook have a dependency back to some input source, which should not happen.")
                raise


@export("train.FeedFnHook", "estimator.FeedFnHook")
class FeedFnHook(SessionRunHook):
    """Feeds each run what feed_fn() returns."""

    def __init__(self, feed_fn: Any):
        self._feed = feed_fn

    def before_run(self, run_context: Any) -> SessionRunArgs:
        return SessionRunArgs(fetches=None, feed_dict=self._feed())
