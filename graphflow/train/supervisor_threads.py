"""The threads of a Supervisor: summaries, steps per second, checkpoints."""
from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ..formats import proto
from ..platform import tf_logging as logging
from .coordinator import LooperThread
from .step_counter import global_step as value_of_step

if TYPE_CHECKING:
    from .supervisor import Supervisor


class SVSummaryThread(LooperThread):
    """Writes the summary operation's summaries."""

    def __init__(self, sv: Supervisor, sess: Any):
        super().__init__(sv.coord, sv.save_summaries_secs)
        self._sv, self._session = sv, sess

    def run_loop(self) -> None:
        summary = self._session.run(self._sv.summary_op)
        self._sv.summary_computed(self._session, summary)


class SVStepCounterThread(LooperThread):
    """Writes how many steps were made a second since it looked last, as 'global_step/sec'."""

    def __init__(self, sv: Supervisor, sess: Any, step_counter: Any = None):
        super().__init__(sv.coord, sv.save_summaries_secs)
        self._sv, self._session = sv, sess
        self._counter = sv.global_step if step_counter is None else step_counter
        self._tag = f"{self._counter.op.name}/sec"

    def start_loop(self) -> None:
        self._time, self._step = time.monotonic(), value_of_step(self._session, self._counter)

    def run_loop(self) -> None:
        now, step = time.monotonic(), value_of_step(self._session, self._counter)
        made, passed = step - self._step, now - self._time
        self._time, self._step = now, step
        rate = made / passed if passed > 0 else float("inf")
        self._sv.summary_writer.add_summary(proto.Summary(value=[proto.Summary.Value(tag=self._tag, simple_value=rate)]), step)
        logging.info("%s: %g", self._tag, rate)


class SVTimerCheckpointThread(LooperThread):
    """Saves checkpoints."""

    def __init__(self, sv: Supervisor, sess: Any):
        super().__init__(sv.coord, sv.save_model_secs)
        self._sv, self._session = sv, sess

    def run_loop(self) -> None:
        sv = self._sv
        logging.info("Saving checkpoint to path %s", sv.save_path)
        sv.saver.save(self._session, sv.save_path, global_step=sv.global_step)
        if sv.summary_writer and sv.global_step is not None:
            log = proto.SessionLog(status=proto.SessionLog.CHECKPOINT, checkpoint_path=sv.save_path)
            sv.summary_writer.add_session_log(log, value_of_step(self._session, sv.global_step))
