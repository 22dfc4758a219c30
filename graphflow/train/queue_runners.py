"""Queue runners: threads that fill queues, each running one enqueue operation again and again until its input ends.

    queue = tf.FIFOQueue(32, tf.string, [[]])
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [queue.enqueue(record)] * 4))
    with tf.Session() as session:
        coord = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coord)
"""
from __future__ import annotations

import threading
import weakref
from typing import Any

from ..core import context, errors
from ..core.collections import GraphKeys
from ..core.export import export
from ..formats import proto
from ..platform import tf_logging as logging
from ..runtime.session import BaseSession
from ..variables.proto import prepend_scope, strip_scope


@export("train.QueueRunner", "train.queue_runner.QueueRunner")
class QueueRunner:
    """Enqueue operations for a queue, each to be run in a thread of its own.

    close_op: run when all of them have come to the end of their input, so that those who dequeue see it; cancel_op: run when the
    coordinator stops. queue_closed_exception_types: what tells the end of the input, OutOfRangeError by default.
    """

    def __init__(self, queue: Any = None, enqueue_ops: Any = None, close_op: Any = None, cancel_op: Any = None,
                 queue_closed_exception_types: Any = None, queue_runner_def: Any = None, import_scope: str | None = None):
        if queue_runner_def is not None:
            if queue is not None or enqueue_ops:
                raise ValueError("queue_runner_def and queue are mutually exclusive.")
            self._from_message(queue_runner_def, import_scope)
        else:
            if queue is None or not enqueue_ops:
                raise ValueError("Must provide queue and enqueue_ops.")
            self._queue, self._enqueue_ops = queue, list(enqueue_ops)
            self._close_op = queue.close() if close_op is None else close_op
            self._cancel_op = queue.close(cancel_pending_enqueues=True) if cancel_op is None else cancel_op
            ends = queue_closed_exception_types
            if ends is not None and (not isinstance(ends, tuple) or not ends or not all(issubclass(e, errors.OpError) for e in ends)):
                raise TypeError(f"queue_closed_exception_types, when provided, must be a tuple of tf.error types, but saw: {ends}")
            self._ends = ends or (errors.OutOfRangeError,)
        self._lock = threading.Lock()
        self._running: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()    # session -> threads that enqueue
        self._raised: list[BaseException] = []

    queue = property(lambda self: self._queue)
    enqueue_ops = property(lambda self: self._enqueue_ops)
    close_op = property(lambda self: self._close_op)
    cancel_op = property(lambda self: self._cancel_op)
    queue_closed_exception_types = property(lambda self: self._ends)

    @property
    def exceptions_raised(self) -> list[BaseException]:
        """What threads without a coordinator failed with."""
        return self._raised

    @property
    def name(self) -> str:
        """The queue's name."""
        return str(self._queue.name)

    def create_threads(self, sess: Any, coord: Any = None, daemon: bool = False, start: bool = False) -> list[threading.Thread]:
        """Threads that enqueue, and one that cancels when the coordinator stops; none if those of the session still run.

        An exception in a thread stops the coordinator; without one it is logged, kept in `exceptions_raised` and raised.
        """
        with self._lock:
            if self._running.get(sess):
                return []
            self._running[sess] = len(self._enqueue_ops)
        threads = [threading.Thread(target=self._enqueue, args=(sess, op, coord), name=f"QueueRunnerThread-{self.name}-{op.name}")
                   for op in self._enqueue_ops]
        if coord is not None:
            threads.append(threading.Thread(target=self._cancel_on_stop, args=(sess, coord),
                                            name=f"QueueRunnerThread-{self.name}-close_on_stop"))
        for thread in threads:
            if coord is not None:
                coord.register_thread(thread)
            thread.daemon = daemon or thread.daemon
            if start:
                thread.start()
        return threads

    def _enqueue(self, session: Any, operation: Any, coord: Any) -> None:
        """The work of one thread."""
        ended = False
        try:
            enqueue = self._caller(session, operation)
            while coord is None or not coord.should_stop():
                enqueue()
        except self._ends:
            ended = True
        except Exception as error:
            if coord is not None:
                coord.request_stop(error)
                return
            logging.error("Exception in QueueRunner: %s", error)
            with self._lock:
                self._raised.append(error)
            raise
        finally:
            with self._lock:
                self._running[session] -= 1
                last = self._running[session] == 0
            if ended and last:
                _quietly(session, self._close_op)

    def _caller(self, session: Any, operation: Any) -> Any:
        """What enqueues once."""
        return session.make_callable(operation)

    def _cancel_on_stop(self, session: Any, coord: Any) -> None:
        coord.wait_for_stop()
        _quietly(session, self._cancel_op)

    def to_proto(self, export_scope: str | None = None) -> Any:
        """The runner as a QueueRunnerDef; None if its queue lies outside of export_scope."""
        if export_scope is not None and not self.name.startswith(export_scope):
            return None
        made = proto.QueueRunnerDef(queue_name=strip_scope(self.name, export_scope))
        made.enqueue_op_name.extend(strip_scope(op.name, export_scope) for op in self._enqueue_ops)
        made.close_op_name = strip_scope(self._close_op.name, export_scope)
        made.cancel_op_name = strip_scope(self._cancel_op.name, export_scope)
        made.queue_closed_exception_types.extend(errors.error_code_from_exception_type(e) for e in self._ends)
        return made

    @staticmethod
    def from_proto(queue_runner_def: Any, import_scope: str | None = None) -> QueueRunner:
        """The runner of a QueueRunnerDef, for operations of the default graph."""
        return QueueRunner(queue_runner_def=queue_runner_def, import_scope=import_scope)

    def _from_message(self, message: Any, scope: str | None) -> None:
        graph = context.default_graph()

        def found(name: str) -> Any:
            return graph.as_graph_element(prepend_scope(name, scope))
        self._queue, self._enqueue_ops = found(message.queue_name), [found(name) for name in message.enqueue_op_name]
        self._close_op, self._cancel_op = found(message.close_op_name), found(message.cancel_op_name)
        ends = tuple(errors.exception_type_from_error_code(code) for code in message.queue_closed_exception_types)
        self._ends = ends or (errors.OutOfRangeError,)


def _quietly(session: Any, operation: Any) -> None:
    """Runs what closes a queue; that it is closed already, or its session, is no error."""
    try:
        session.run(operation)
    except (errors.OpError, RuntimeError) as error:
        logging.debug("Ignored exception: %s", error)


@export("train.add_queue_runner", "train.queue_runner.add_queue_runner")
def add_queue_runner(qr: QueueRunner, collection: str = GraphKeys.QUEUE_RUNNERS) -> None:
    """Adds a runner to the collection of those that `start_queue_runners` starts."""
    context.default_graph().add_to_collection(collection, qr)


@export("train.start_queue_runners", "train.queue_runner.start_queue_runners")
def start_queue_runners(sess: Any = None, coord: Any = None, daemon: bool = True, start: bool = True,
                        collection: str = GraphKeys.QUEUE_RUNNERS) -> list[threading.Thread]:
    """Starts the runners of the graph and gives their threads, to be joined by the coordinator.

    sess: by default the default session. daemon: the threads do not keep the program alive. start=False: they are made only.
    """
    if sess is None:
        sess = context.default_session()
        if sess is None:
            raise ValueError("Cannot start queue runners: No default session is registered. Use `with sess.as_default()` or pass an "
                             "explicit session to tf.start_queue_runners(sess=sess)")
    if not isinstance(sess, BaseSession):
        if type(sess).__name__ in ("MonitoredSession", "SingularMonitoredSession"):     # has started them itself
            return []
        raise TypeError(f"sess must be a `tf.Session` object. Given class: {type(sess)}")
    runners = sess.graph.get_collection(collection)
    if not runners:
        logging.warning("`tf.train.start_queue_runners()` was called when no queue runners were defined.")
    return [thread for runner in runners for thread in runner.create_threads(sess, coord=coord, daemon=daemon, start=start)]
