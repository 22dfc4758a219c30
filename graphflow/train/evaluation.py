"""Evaluation of one checkpoint: a session of its own runs evaluation steps until a hook stops it or the input ends."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.collections import GraphKeys
from ..core.dtypes import int64
from ..core.export import export
from ..ops.state.assign import assign_add
from ..platform import tf_logging as logging
from ..variables.get import get_variable
from ..variables.initializers import zeros_initializer
from .monitored_session import ChiefSessionCreator, MonitoredSession
from .session_run_hook import SessionRunArgs, SessionRunHook

EVAL_STEP = "eval_step"


@export("contrib.training.get_or_create_eval_step", "contrib.slim.evaluation.get_or_create_eval_step")
def get_or_create_eval_step() -> Any:
    """The local variable that counts evaluation steps."""
    found = context.default_graph().get_collection(GraphKeys.EVAL_STEP)
    if len(found) > 1:
        raise ValueError("Multiple tensors added to tf.GraphKeys.EVAL_STEP")
    if found:
        return found[0]
    return get_variable(EVAL_STEP, shape=[], dtype=int64, initializer=zeros_initializer(), trainable=False,
                        collections=[GraphKeys.LOCAL_VARIABLES, GraphKeys.EVAL_STEP])


@export("contrib.training.StopAfterNEvalsHook", "contrib.slim.evaluation.StopAfterNEvalsHook")
class StopAfterNEvalsHook(SessionRunHook):
    """Stops a session after num_evals runs (None: never)."""

    def __init__(self, num_evals: int | None, log_progress: bool = True):
        self._num_evals, self._done = num_evals, None
        every = 1 if num_evals is None or num_evals < 20 else num_evals // 10      # about ten lines of progress, of few steps all
        self._log = every if log_progress and num_evals is not None else 0

    def _set_evals_completed_tensor(self, updated_eval_step: Any) -> None:
        self._done = updated_eval_step

    def before_run(self, run_context: Any) -> Any:
        """Asks for the count of evaluations."""
        return SessionRunArgs({"evals_completed": self._done})

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Asks to stop when there were enough."""
        done = run_values.results["evals_completed"]
        if self._log and (done % self._log == 0 or done == self._num_evals):
            logging.info("Evaluation [%d/%d]", done, self._num_evals)
        if self._num_evals is not None and done >= self._num_evals:
            run_context.request_stop()


def counted(eval_ops: Any, hooks: list[Any]) -> Any:
    """The operations of one evaluation step, with what counts it; None where there are none."""
    if eval_ops is None:
        return None
    count = assign_add(get_or_create_eval_step(), 1)
    for hook in hooks:
        if isinstance(hook, StopAfterNEvalsHook):
            hook._set_evals_completed_tensor(count)
    if isinstance(eval_ops, dict):
        return {**eval_ops, "update_eval_step": count}
    return [*eval_ops, count] if isinstance(eval_ops, (list, tuple)) else [eval_ops, count]


def run_evaluation(path: str | None, master: str, scaffold: Any, steps: Any, feed_dict: Any, hooks: list[Any], config: Any) -> None:
    """Runs `steps` in a session of the checkpoint `path` (None: of initial values) until a hook stops it or the input ends."""
    creator = ChiefSessionCreator(scaffold=scaffold, checkpoint_filename_with_path=path, master=master, config=config)
    with MonitoredSession(session_creator=creator, hooks=hooks) as session:
        while steps is not None and not session.should_stop():
            session.run(steps, feed_dict)
