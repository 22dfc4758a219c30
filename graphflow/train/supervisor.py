"""tf.train.Supervisor: a session that is restored or initialized, beside threads that save checkpoints and summaries."""
from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from ..core import context
from ..core.collections import GraphKeys
from ..core.export import export
from ..formats import proto
from ..graphdef.graph_io import write_graph
from ..ops.control_flow.flow import group
from ..ops.io.summary import merge_all
from ..platform import tf_logging as logging
from ..runtime.session import Session
from ..summary.writer import FileWriter
from ..variables.checks import report_uninitialized_variables
from ..variables.lists import global_variables, global_variables_initializer, local_variables_initializer, tables_initializer
from .coordinator import Coordinator, LooperThread
from .meta_graph_export import export_meta_graph
from .saver import Saver
from .session_manager import SessionManager
from .step_counter import global_step as value_of_step
from .supervisor_threads import SVStepCounterThread, SVSummaryThread, SVTimerCheckpointThread


@export("train.Supervisor")
class Supervisor:
    """Makes a session ready, and stops everything when training ends or fails. The graph is finalized: build the model before.

        supervisor = tf.train.Supervisor(logdir="/tmp/mydir")
        with supervisor.managed_session() as session:
            while not supervisor.should_stop():
                session.run(train_op)

    graph: the default graph when None. Operations, saver, summary_writer and global_step are, by default, what the graph's collections
    hold, else made; None means none. logdir: checkpoints named checkpoint_basename every save_model_secs, summary_op's summaries every
    save_summaries_secs (0: never), graph.pbtxt and events. is_chief False: the session waits for variables that another process
    initializes, every recovery_wait_secs. stop_grace_secs: how long threads may take to stop. init_fn(session) runs after init_op.
    """

    USE_DEFAULT = 0

    def __init__(self, graph: Any = None, ready_op: Any = USE_DEFAULT, ready_for_local_init_op: Any = USE_DEFAULT, is_chief: bool = True,
                 init_op: Any = USE_DEFAULT, init_feed_dict: Any = None, local_init_op: Any = USE_DEFAULT, logdir: str | None = None,
                 summary_op: Any = USE_DEFAULT, saver: Any = USE_DEFAULT, global_step: Any = USE_DEFAULT, save_summaries_secs: float = 120,
                 save_model_secs: float = 600, recovery_wait_secs: float = 30, stop_grace_secs: float = 120,
                 checkpoint_basename: str = "model.ckpt", session_manager: SessionManager | None = None, summary_writer: Any = USE_DEFAULT,
                 init_fn: Callable[[Session], None] | None = None, local_init_run_options: Any = None):
        self._graph = graph if graph is not None else context.default_graph()
        with self._graph.as_default():
            self._ready_op = self._given(ready_op, GraphKeys.READY_OP, report_uninitialized_variables)
            self._ready_for_local_init_op = self._given(ready_for_local_init_op, GraphKeys.READY_FOR_LOCAL_INIT_OP, lambda: None)
            self._init_op = self._given(init_op, GraphKeys.INIT_OP, global_variables_initializer)
            self._local_init_op = self._given(local_init_op, GraphKeys.LOCAL_INIT_OP,
                                              lambda: group(local_variables_initializer(), tables_initializer()))
            self._saver = self._given(saver, GraphKeys.SAVERS, lambda: Saver() if global_variables() else None)
            self._summary_op = self._given(summary_op, GraphKeys.SUMMARY_OP, merge_all)
            self._global_step = self._given(global_step, GraphKeys.GLOBAL_STEP, self._step_by_name)
        self._init_feed_dict, self._init_fn, self._is_chief = init_feed_dict, init_fn, is_chief
        self._coord, self._stop_grace_secs = Coordinator(), stop_grace_secs
        self._logdir = logdir if is_chief else None
        self._save_summaries_secs = save_summaries_secs if is_chief else None
        self._save_model_secs = save_model_secs if is_chief else None
        self._save_path = os.path.join(logdir, checkpoint_basename) if self._logdir and logdir else None
        self._summary_writer = None
        if is_chief and summary_writer is not Supervisor.USE_DEFAULT:
            self._summary_writer = summary_writer
        elif self._logdir:
            self._summary_writer = FileWriter(self._logdir)
        self._graph_is_written = False
        self._session_manager = session_manager or SessionManager(
            local_init_op=self._local_init_op, ready_op=self._ready_op,
            ready_for_local_init_op=self._ready_for_local_init_op if self._local_init_op is not None else None, graph=self._graph,
            recovery_wait_secs=recovery_wait_secs, local_init_run_options=local_init_run_options)
        if not is_chief:
            self._check_devices()
        self._graph.finalize()

    def _given(self, value: Any, collection: str, default: Callable[[], Any]) -> Any:
        """The value; where it is the default's mark, the collection's first item, or the default, which is put there."""
        if value is not Supervisor.USE_DEFAULT:
            return value
        found = self._graph.get_collection(collection)
        if found:
            if len(found) > 1:
                logging.info("Found %d %s operations. Returning the first one.", len(found), collection)
            return found[0]
        made = default()
        if made is not None:
            self._graph.add_to_collection(collection, made)
        return made

    def _step_by_name(self) -> Any:
        try:
            found = self._graph.get_tensor_by_name("global_step:0")
        except KeyError:
            return None
        if found.dtype.base_dtype.is_integer:
            return found
        logging.warning("Found 'global_step' but is not an int type: %s", found.dtype)
        return None

    def _check_devices(self) -> None:
        for variable in self._graph.get_collection(GraphKeys.GLOBAL_VARIABLES):
            if not variable.device:
                raise ValueError(f"When using replicas, all Variables must have their device set: {variable.op.name}")

    is_chief = property(lambda self: self._is_chief)
    session_manager = property(lambda self: self._session_manager)
    coord = property(lambda self: self._coord)
    init_op = property(lambda self: self._init_op)
    init_feed_dict = property(lambda self: self._init_feed_dict)
    ready_op = property(lambda self: self._ready_op)
    ready_for_local_init_op = property(lambda self: self._ready_for_local_init_op)
    summary_writer = property(lambda self: self._summary_writer)
    summary_op = property(lambda self: self._summary_op)
    save_summaries_secs = property(lambda self: self._save_summaries_secs)
    global_step = property(lambda self: self._global_step)
    saver = property(lambda self: self._saver)
    save_model_secs = property(lambda self: self._save_model_secs)
    save_path = property(lambda self: self._save_path)

    # sessions

    def prepare_or_wait_for_session(self, master: str = "", config: Any = None, wait_for_checkpoint: bool = False,
                                    max_wait_secs: float = 7200, start_standard_services: bool = True) -> Session:
        """A session whose model is ready, restored from logdir's newest checkpoint or initialized, and its threads started."""
        self._coord.clear_stop()
        if self._summary_writer:
            self._summary_writer.reopen()
        if self._is_chief:
            session = self._session_manager.prepare_session(
                master, init_op=self._init_op, saver=self._saver, checkpoint_dir=self._logdir, wait_for_checkpoint=wait_for_checkpoint,
                max_wait_secs=max_wait_secs, config=config, init_feed_dict=self._init_feed_dict, init_fn=self._init_fn)
            self._write_graph()
            if start_standard_services:
                logging.info("Starting standard services.")
                self.start_standard_services(session)
        else:
            session = self._session_manager.wait_for_session(master, config=config, max_wait_secs=max_wait_secs)
        if start_standard_services:
            logging.info("Starting queue runners.")
            self.start_queue_runners(session)
        return session

    @contextmanager
    def managed_session(self, master: str = "", config: Any = None, start_standard_services: bool = True,
                        close_summary_writer: bool = True) -> Iterator[Session]:
        """As prepare_or_wait_for_session; at the end all threads are stopped, the session is closed, and the first exception of the
        body or of a thread is raised, but for OutOfRangeError."""
        session = None
        try:
            session = self.prepare_or_wait_for_session(master, config, start_standard_services=start_standard_services)
            yield session
        except Exception as error:
            self.request_stop(error)
        finally:
            try:
                self.stop(close_summary_writer=close_summary_writer)
            finally:
                if session is not None:
                    session.close()

    def _write_graph(self) -> None:
        if self._logdir:
            write_graph(self._graph.as_graph_def(add_shapes=True), self._logdir, "graph.pbtxt")
        if self._summary_writer and not self._graph_is_written:
            self._summary_writer.add_graph(self._graph)
            with self._graph.as_default():
                self._summary_writer.add_meta_graph(export_meta_graph(saver_def=self._saver.saver_def if self._saver else None))
            self._graph_is_written = True

    # threads

    def start_standard_services(self, sess: Session) -> list[LooperThread] | None:
        """Starts the threads that save summaries, steps per second and checkpoints; RuntimeError where this is not the chief."""
        if not self._is_chief:
            raise RuntimeError("Only chief supervisor can start standard services. Because only chief supervisors can write events.")
        if not self._logdir:
            logging.warning("Standard services need a 'logdir' passed to the SessionManager")
            return None
        self._log(sess, proto.SessionLog.START)
        threads: list[LooperThread] = []
        if self._save_summaries_secs and self._summary_writer:
            if self._summary_op is not None:
                threads.append(SVSummaryThread(self, sess))
            if self._global_step is not None:
                threads.append(SVStepCounterThread(self, sess))
        if self._saver and self._save_model_secs:
            threads.append(SVTimerCheckpointThread(self, sess))
        for thread in threads:
            thread.start()
        return threads

    def _log(self, session: Session | None, status: int) -> None:
        if self._summary_writer and self._global_step is not None:
            step = None if session is None else value_of_step(session, self._global_step)
            self._summary_writer.add_session_log(proto.SessionLog(status=status), step)

    def start_queue_runners(self, sess: Session, queue_runners: Sequence[Any] | None = None) -> list[Any]:
        """Starts the threads of queue runners, by default those of GraphKeys.QUEUE_RUNNERS."""
        runners = self._graph.get_collection(GraphKeys.QUEUE_RUNNERS) if queue_runners is None else queue_runners
        return [thread for runner in runners for thread in runner.create_threads(sess, coord=self._coord, daemon=True, start=True)]

    def loop(self, timer_interval_secs: float | None, target: Callable[..., Any], args: Any = None, kwargs: Any = None) -> LooperThread:
        """A started thread that calls target(*args, **kwargs) every timer_interval_secs until stopped."""
        return LooperThread.loop(self._coord, timer_interval_secs, target=target, args=args, kwargs=kwargs)

    def summary_computed(self, sess: Session, summary: Any, global_step: Any = None) -> None:
        """Writes a summary at the global step; RuntimeError without a summary writer."""
        if not self._summary_writer:
            raise RuntimeError("Writing a summary requires a summary writer.")
        if global_step is None and self._global_step is not None:
            global_step = value_of_step(sess, self._global_step)
        self._summary_writer.add_summary(summary, global_step)

    # the end

    def stop(self, threads: Any = None, close_summary_writer: bool = True, ignore_live_threads: bool = False) -> None:
        """Stops all threads and waits for them; raises what the first of them failed with."""
        self._coord.request_stop()
        try:
            self._coord.join(threads, stop_grace_period_secs=self._stop_grace_secs, ignore_live_threads=ignore_live_threads)
        finally:
            if close_summary_writer and self._summary_writer:
                self._summary_writer.add_session_log(proto.SessionLog(status=proto.SessionLog.STOP))
                self._summary_writer.close()
                self._graph_is_written = False

    def request_stop(self, ex: Any = None) -> None:
        """All threads shall stop; ex is raised by `stop`."""
        self._coord.request_stop(ex)

    def should_stop(self) -> bool:
        """Whether somebody asked to stop."""
        return self._coord.should_stop()

    def stop_on_exception(self) -> AbstractContextManager[None]:
        """Context manager that hands exceptions to the coordinator."""
        return self._coord.stop_on_exception()

    def wait_for_stop(self) -> None:
        """Returns when somebody asks to stop."""
        self._coord.wait_for_stop()

    # TF 0's spellings
    Loop, PrepareSession, RequestStop, ShouldStop, StartQueueRunners = loop, prepare_or_wait_for_session, request_stop, should_stop, \
        start_queue_runners
    StartStandardServices, Stop, StopOnException, SummaryComputed, WaitForStop = start_standard_services, stop, stop_on_exception, \
        summary_computed, wait_for_stop
