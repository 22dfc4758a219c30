"""tf.contrib.slim.learning: create_train_op, and a loop that trains, saves and logs.

The chief's session starts from the last checkpoint in logdir, else from init_op and init_fn. Threads write summaries and checkpoints by the
clock; queue runners feed. The end of the input, `number_of_steps` or the train_step_fn stop it, and a last checkpoint is written.
"""
from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import graphflow as tf

from ...core.export import export
from ..training.train_ops import USE_GLOBAL_STEP, clip_gradient_norms, gradients_summaries, multiply_gradients
from ..training.train_ops import create_train_op as training_create_train_op

USE_DEFAULT = 0


@export("contrib.slim.learning.add_gradients_summaries")
def add_gradients_summaries(grads_and_vars: Any) -> list[Any]:
    """A histogram `name/gradient` and a scalar `name/gradient_norm` for each variable that has a gradient."""
    return gradients_summaries(grads_and_vars, "/")


@export("contrib.slim.learning.create_train_op")
def create_train_op(total_loss: Any, optimizer: Any, global_step: Any = USE_GLOBAL_STEP, update_ops: Any = None,
                    variables_to_train: Any = None, clip_gradient_norm: float = 0, summarize_gradients: bool = False,
                    gate_gradients: Any = tf.train.Optimizer.GATE_OP, aggregation_method: Any = None,
                    colocate_gradients_with_ops: bool = False, gradient_multipliers: Any = None, check_numerics: bool = True) -> Any:
    """tf.contrib.training.create_train_op, with gradients multiplied by {variable or its name: factor} and then clipped to a norm."""
    def transform(pairs: Any) -> Any:
        if gradient_multipliers:
            with tf.name_scope("multiply_grads"):
                pairs = multiply_gradients(pairs, gradient_multipliers)
        if clip_gradient_norm > 0:
            with tf.name_scope("clip_grads"):
                pairs = clip_gradient_norms(pairs, clip_gradient_norm)
        return pairs

    return training_create_train_op(total_loss, optimizer, global_step, update_ops, variables_to_train, transform, summarize_gradients,
                                    gate_gradients, aggregation_method, colocate_gradients_with_ops, check_numerics)


@export("contrib.slim.learning.train_step")
def train_step(sess: Any, train_op: Any, global_step: Any, train_step_kwargs: dict[str, Any]) -> tuple[Any, Any]:
    """One step: (loss, whether to stop). train_step_kwargs: tensors should_stop, should_log and should_trace, logdir, summary_writer."""
    start = time.time()
    options = metadata = None
    if "should_trace" in train_step_kwargs:
        if "logdir" not in train_step_kwargs:
            raise ValueError("logdir must be present in train_step_kwargs when should_trace is present")
        if sess.run(train_step_kwargs["should_trace"]):
            options, metadata = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), tf.RunMetadata()
    loss, step = sess.run([train_op, global_step], options=options, run_metadata=metadata)
    seconds = time.time() - start
    if metadata is not None:
        path = Path(train_step_kwargs["logdir"], f"tf_trace-{step}.json")
        tf.logging.info("Writing trace to %s", path)
        path.write_text(tf.timeline.Timeline(metadata.step_stats).generate_chrome_trace_format(), encoding="utf-8")
        if train_step_kwargs.get("summary_writer"):
            train_step_kwargs["summary_writer"].add_run_metadata(metadata, f"run_metadata-{step}")
    if "should_log" in train_step_kwargs and sess.run(train_step_kwargs["should_log"]):
        tf.logging.info("global step %d: loss = %.4f (%.3f sec/step)", step, loss, seconds)
    return loss, sess.run(train_step_kwargs["should_stop"]) if "should_stop" in train_step_kwargs else False


@export("contrib.slim.learning.train")
def train(train_op: Any, logdir: str | None, train_step_fn: Any = train_step, train_step_kwargs: Any = USE_DEFAULT,
          log_every_n_steps: int = 1, graph: Any = None, master: str = "", is_chief: bool = True, global_step: Any = None,
          number_of_steps: int | None = None, init_op: Any = USE_DEFAULT, init_feed_dict: Any = None, local_init_op: Any = USE_DEFAULT,
          init_fn: Any = None, ready_op: Any = USE_DEFAULT, summary_op: Any = USE_DEFAULT, save_summaries_secs: float = 600,
          summary_writer: Any = USE_DEFAULT, startup_delay_steps: int = 0, saver: Any = None, save_interval_secs: float = 600,
          sync_optimizer: Any = None, session_config: Any = None, session_wrapper: Any = None, trace_every_n_steps: int | None = None,
          ignore_live_threads: bool = False) -> Any:
    """Runs training steps until number_of_steps (global_step's count), the end of the input or train_step_fn stops it; the last loss.

    logdir: checkpoints `model.ckpt-N`, summaries and the graph go there; None for none of them. init_fn: of a session, run where there
    is no checkpoint to start from. save_summaries_secs, save_interval_secs: seconds between summaries and checkpoints (0: neither by the
    clock). Raises ValueError for train_op None, a number_of_steps that is not positive, and for what writes without a logdir.
    sync_optimizer: NotImplementedError, as there is one process.
    """
    _refuse(train_op, logdir, summary_op, saver, trace_every_n_steps, number_of_steps, sync_optimizer)
    graph = graph or tf.get_default_graph()
    with graph.as_default():
        step = tf.train.get_or_create_global_step() if global_step is None else global_step
        saver = saver or tf.train.Saver()
        with tf.name_scope("init_ops"):
            init_op = tf.global_variables_initializer() if init_op is USE_DEFAULT else init_op
            ready_op = tf.report_uninitialized_variables() if ready_op is USE_DEFAULT else ready_op
            if local_init_op is USE_DEFAULT:
                local_init_op = tf.group(tf.local_variables_initializer(), tf.tables_initializer())
        summary_op = tf.summary.merge_all() if summary_op is USE_DEFAULT else summary_op
        if train_step_kwargs is USE_DEFAULT:
            train_step_kwargs = _step_arguments(step, number_of_steps, log_every_n_steps, trace_every_n_steps if is_chief else None, logdir)
    services = _Services(graph, step, saver, logdir if is_chief else None, summary_op, summary_writer, save_summaries_secs,
                         save_interval_secs)
    if summary_writer is not None:
        train_step_kwargs["summary_writer"] = services.writer
    loss, retry = None, True
    while retry:
        retry = False
        manager = tf.train.SessionManager(local_init_op=local_init_op, ready_op=ready_op, graph=graph)
        if is_chief:
            session = manager.prepare_session(master, init_op=init_op, saver=saver, checkpoint_dir=logdir, config=session_config,
                                              init_feed_dict=init_feed_dict, init_fn=init_fn)
        else:
            session = manager.wait_for_session(master, config=session_config)
        with session, graph.as_default():
            tf.logging.info("Starting Session.")
            wrapped = session if session_wrapper is None else session_wrapper(session)
            if not is_chief and startup_delay_steps > 0:
                _wait_for_step(session, step, min(startup_delay_steps, number_of_steps or startup_delay_steps))
            coordinator = tf.train.Coordinator()
            threads = services.start(session, coordinator)
            tf.logging.info("Starting Queues.")
            threads += tf.train.start_queue_runners(session, coordinator)
            try:
                while not coordinator.should_stop():
                    loss, stop = train_step_fn(wrapped, train_op, step, train_step_kwargs)
                    if stop:
                        tf.logging.info("Stopping Training.")
                        coordinator.request_stop()
            except tf.errors.OutOfRangeError as error:
                tf.logging.info("Caught OutOfRangeError. Stopping Training. %s", error)
                coordinator.request_stop()
            except tf.errors.AbortedError:
                tf.logging.info("Retrying training!")
                coordinator.request_stop()
                retry = True
            except BaseException:
                coordinator.request_stop()
                raise
            if not retry:
                services.finish(session)
            coordinator.join(threads, ignore_live_threads=ignore_live_threads)
    services.close()
    return loss


def _refuse(train_op: Any, logdir: Any, summary_op: Any, saver: Any, trace: Any, number_of_steps: Any, sync_optimizer: Any) -> None:
    if train_op is None:
        raise ValueError("train_op cannot be None.")
    if logdir is None:
        given = {"summary_op": summary_op is not USE_DEFAULT, "saver": saver is not None, "trace_every_n_steps": trace is not None}
        for name in (n for n, there in given.items() if there):
            raise ValueError(f"Cannot provide {name} because logdir=None")
    if number_of_steps is not None and number_of_steps <= 0:
        raise ValueError("`number_of_steps` must be either None or a positive number.")
    if sync_optimizer is not None:
        raise NotImplementedError("slim.learning.train: sync_optimizer waits for other workers, and everything runs in one process: leave "
                                  "it out, and give the optimizer that it wraps to create_train_op.")


def _step_arguments(step: Any, number_of_steps: int | None, log: int, trace: int | None, logdir: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with tf.name_scope("train_step"):
        found["should_stop"] = tf.greater_equal(step, number_of_steps) if number_of_steps else tf.constant(False)
        if log > 0:
            found["should_log"] = tf.equal(tf.mod(step, log), 0)
        if trace is not None:
            found |= {"should_trace": tf.equal(tf.mod(step, trace), 0), "logdir": logdir}
    return found


def _wait_for_step(session: Any, step: Any, wanted: int) -> None:
    while tf.train.global_step(session, step) < wanted:
        time.sleep(1.0)


class _Services:
    """What a chief with a logdir writes: the graph, summaries and checkpoints by the clock, a last checkpoint."""

    def __init__(self, graph: Any, step: Any, saver: Any, logdir: str | None, summary_op: Any, writer: Any, summary_secs: float,
                 model_secs: float):
        self.graph, self.step, self.saver, self.logdir, self.summary_op = graph, step, saver, logdir, summary_op
        self.summary_secs, self.model_secs = summary_secs, model_secs
        self.owned = writer is USE_DEFAULT
        self.writer = (tf.summary.FileWriter(logdir) if logdir else None) if self.owned else writer
        self.path = str(Path(logdir, "model.ckpt")) if logdir else ""

    def start(self, session: Any, coordinator: Any) -> list[Any]:
        """Writes the graph and starts the threads that write by the clock; the threads."""
        if not self.logdir:
            return []
        tf.train.write_graph(self.graph.as_graph_def(add_shapes=True), self.logdir, "graph.pbtxt")
        threads = []
        if self.writer is not None:
            self.writer.add_graph(self.graph)
            self.writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), tf.train.global_step(session, self.step))
            if self.summary_op is not None and self.summary_secs:
                threads.append(tf.train.LooperThread.loop(coordinator, self.summary_secs, self._summarize, [session]))
        if self.model_secs:
            threads.append(tf.train.LooperThread.loop(coordinator, self.model_secs, self._save, [session]))
        return threads

    def _summarize(self, session: Any) -> None:
        text, step = session.run([self.summary_op, self.step])
        assert self.writer is not None
        self.writer.add_summary(text, step)

    def _save(self, session: Any) -> None:
        self.saver.save(session, self.path, global_step=self.step)

    def finish(self, session: Any) -> None:
        if self.logdir:
            tf.logging.info("Finished training! Saving model to disk.")
            self._save(session)

    def close(self) -> None:
        if self.owned and self.writer is not None:
            self.writer.close()
