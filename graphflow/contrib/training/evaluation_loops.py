"""Evaluating checkpoints as they come: tf.contrib.training and tf.contrib.slim.evaluation.

A session is made for each checkpoint; hooks say when it has run enough, and final operations give the result.
"""
from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import graphflow as tf

from ...core.export import export
from ...train.evaluation import StopAfterNEvalsHook, counted, run_evaluation
from ...train.session_run_hook import SessionRunHook
from ..homes import home

_named = home("training", "slim.evaluation")
USE_DEFAULT = 0


@_named("SummaryAtEndHook")
class SummaryAtEndHook(SessionRunHook):
    """Writes summaries (None: all of the graph) when a session ends; into log_dir or by a writer, of which one must be given."""

    def __init__(self, log_dir: str | None = None, summary_writer: Any = None, summary_op: Any = None, feed_dict: Any = None):
        if log_dir is None and summary_writer is None:
            raise ValueError("One of log_dir or summary_writer should be used.")
        self._log_dir, self._writer, self._op, self._feed, self._all = log_dir, summary_writer, summary_op, feed_dict, summary_op is None

    def begin(self) -> None:
        """Merges the graph's summaries where none were given."""
        if self._all:
            self._op = tf.summary.merge_all()
        self._step = tf.train.get_or_create_global_step()

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Opens the log folder."""
        if self._writer is None:
            self._writer = tf.summary.FileWriterCache.get(self._log_dir)

    def end(self, session: Any) -> None:
        """Writes."""
        if self._op is not None:
            self._writer.add_summary(session.run(self._op, self._feed), tf.train.global_step(session, self._step))
        self._writer.flush()


@_named("wait_for_new_checkpoint")
def wait_for_new_checkpoint(checkpoint_dir: str, last_checkpoint: str | None = None, seconds_to_sleep: float = 1,
                            timeout: float | None = None) -> str | None:
    """The path of a checkpoint that is not last_checkpoint, as soon as there is one; None after `timeout` seconds."""
    tf.logging.info("Waiting for new checkpoint at %s", checkpoint_dir)
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        path = tf.train.latest_checkpoint(checkpoint_dir)
        if path is not None and path != last_checkpoint:
            tf.logging.info("Found new checkpoint at %s", path)
            return path
        if end is not None and time.monotonic() + seconds_to_sleep > end:
            return None
        time.sleep(seconds_to_sleep)


@_named("checkpoints_iterator")
def checkpoints_iterator(checkpoint_dir: str, min_interval_secs: float = 0, timeout: float | None = None,
                         timeout_fn: Any = None) -> Iterator[str]:
    """Paths of checkpoints as they come. timeout: ends after so many seconds without a new one, unless timeout_fn() is false."""
    path: str | None = None
    while True:
        new = wait_for_new_checkpoint(checkpoint_dir, path, timeout=timeout)
        if new is None:
            if not timeout_fn:
                tf.logging.info("Timed-out waiting for a checkpoint.")
                return
            if timeout_fn():
                return
            continue
        start, path = time.monotonic(), new
        yield path
        time.sleep(max(0.0, start + min_interval_secs - time.monotonic()))


def _evaluate(path: str, master: str, scaffold: Any, steps: Any, feed_dict: Any, hooks: list[Any], config: Any) -> None:
    tf.logging.info("Starting evaluation of %s", path)
    run_evaluation(path, master, scaffold, steps, feed_dict, hooks, config)
    tf.logging.info("Finished evaluation of %s", path)


@export("contrib.training.evaluate_once")
def evaluate_once(checkpoint_path: str, master: str = "", scaffold: Any = None, eval_ops: Any = None, feed_dict: Any = None,
                  final_ops: Any = None, final_ops_feed_dict: Any = None, hooks: Any = None, config: Any = None) -> Any:
    """Runs eval_ops on one checkpoint until a hook stops it; the values of final_ops."""
    every = list(hooks or [])
    steps = counted(eval_ops, every)
    final = tf.train.FinalOpsHook(final_ops, final_ops_feed_dict)
    _evaluate(checkpoint_path, master, scaffold, steps, feed_dict, [*every, final], config)
    return final.final_ops_values


@export("contrib.training.evaluate_repeatedly")
def evaluate_repeatedly(checkpoint_dir: str, master: str = "", scaffold: Any = None, eval_ops: Any = None, feed_dict: Any = None,
                        final_ops: Any = None, final_ops_feed_dict: Any = None, eval_interval_secs: float = 60, hooks: Any = None,
                        config: Any = None, max_number_of_evaluations: int | None = None, timeout: float | None = None,
                        timeout_fn: Any = None) -> Any:
    """evaluate_once for each new checkpoint, max_number_of_evaluations of them or until `timeout`; the last values of final_ops."""
    every = list(hooks or [])
    steps = counted(eval_ops, every)
    final = tf.train.FinalOpsHook(final_ops, final_ops_feed_dict)
    for done, path in enumerate(checkpoints_iterator(checkpoint_dir, eval_interval_secs, timeout, timeout_fn), 1):
        _evaluate(path, master, scaffold, steps, feed_dict, [*every, final], config)
        if max_number_of_evaluations is not None and done >= max_number_of_evaluations:
            break
    return final.final_ops_values


def _slim_hooks(num_evals: int, logdir: Any, summary_op: Any, summary_feed: Any, hooks: Any) -> list[Any]:
    found: list[Any] = [StopAfterNEvalsHook(num_evals)]
    summary_op = tf.summary.merge_all() if summary_op is USE_DEFAULT else summary_op
    if summary_op is not None:
        found.append(SummaryAtEndHook(log_dir=logdir, summary_op=summary_op, feed_dict=summary_feed))
    return [*found, *(hooks or [])]


def _slim_scaffold(initial_op: Any, feed: Any, init_fn: Any, variables_to_restore: Any) -> Any:
    saver = None if variables_to_restore is None else tf.train.Saver(variables_to_restore)
    return tf.train.Scaffold(init_op=initial_op, init_feed_dict=feed, init_fn=init_fn, saver=saver)


@export("contrib.slim.evaluation.evaluate_once")
def slim_evaluate_once(master: str, checkpoint_path: str, logdir: str, num_evals: int = 1, initial_op: Any = None,
                       initial_op_feed_dict: Any = None, eval_op: Any = None, eval_op_feed_dict: Any = None, final_op: Any = None,
                       final_op_feed_dict: Any = None, summary_op: Any = USE_DEFAULT, summary_op_feed_dict: Any = None,
                       variables_to_restore: Any = None, session_config: Any = None, hooks: Any = None) -> Any:
    """Runs eval_op num_evals times on a checkpoint, writes summaries into logdir; the value of final_op."""
    return evaluate_once(checkpoint_path, master, _slim_scaffold(initial_op, initial_op_feed_dict, None, variables_to_restore), eval_op,
                         eval_op_feed_dict, final_op, final_op_feed_dict,
                         _slim_hooks(num_evals, logdir, summary_op, summary_op_feed_dict, hooks), session_config)


@export("contrib.slim.evaluation.evaluation_loop")
def evaluation_loop(master: str, checkpoint_dir: str, logdir: str, num_evals: int = 1, initial_op: Any = None,
                    initial_op_feed_dict: Any = None, init_fn: Any = None, eval_op: Any = None, eval_op_feed_dict: Any = None,
                    final_op: Any = None, final_op_feed_dict: Any = None, summary_op: Any = USE_DEFAULT, summary_op_feed_dict: Any = None,
                    variables_to_restore: Any = None, eval_interval_secs: float = 60, max_number_of_evaluations: int | None = None,
                    session_config: Any = None, timeout: float | None = None, timeout_fn: Any = None, hooks: Any = None) -> Any:
    """evaluate_once for each new checkpoint; the last value of final_op."""
    return evaluate_repeatedly(checkpoint_dir, master, _slim_scaffold(initial_op, initial_op_feed_dict, init_fn, variables_to_restore),
                               eval_op, eval_op_feed_dict, final_op, final_op_feed_dict, eval_interval_secs,
                               _slim_hooks(num_evals, logdir, summary_op, summary_op_feed_dict, hooks), session_config,
                               max_number_of_evaluations, timeout, timeout_fn)
