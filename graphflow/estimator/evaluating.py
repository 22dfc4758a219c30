"""The results of an evaluation, and where they are written."""
from __future__ import annotations

import time
from typing import Any

import numpy as np

import graphflow as tf

from ..train.evaluation import counted, run_evaluation


def with_loss(metrics: dict[str, Any], loss: Any) -> dict[str, Any]:
    """The metrics with the mean loss; ValueError for names that are the Estimator's own."""
    for name in ("loss", "global_step"):
        if name in metrics:
            raise ValueError(f'Metric with name "{name}" is not allowed: every evaluation has one of its own; call yours otherwise.')
    return {**metrics, "loss": tf.metrics.mean(loss)}


def updates_and_values(metrics: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """(one operation of all updates, {name: value tensor}), in the order of the names."""
    ordered = sorted(metrics.items())
    return tf.group(*(update for _, (_, update) in ordered)), {name: value for name, (value, _) in ordered}


def evaluate_checkpoint(path: str | None, master: str, scaffold: Any, update: Any, values: dict[str, Any], hooks: list[Any],
                        config: Any) -> dict[str, Any]:
    """{name: value} at the end of an evaluation of a checkpoint (None: of initial values)."""
    steps = counted(update, hooks)
    final = tf.train.FinalOpsHook(values)
    tf.logging.info("Starting evaluation at %s", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    run_evaluation(path, master, scaffold, steps, None, [*hooks, final], config)
    tf.logging.info("Finished evaluation at %s", time.strftime("%Y-%m-%d-%H:%M:%S", time.gmtime()))
    found: dict[str, Any] = final.final_ops_values
    return found


def write_results(folder: str, results: dict[str, Any], path: str | None) -> None:
    """Writes results as summaries of their global step into an event file of `folder`, and which checkpoint they are of."""
    step = int(results["global_step"])
    shown = ", ".join(f"{name} = {value}" for name, value in sorted(results.items()) if not isinstance(value, bytes))
    tf.logging.info("Saving dict for global step %d: %s", step, shown)
    writer = tf.summary.FileWriterCache.get(folder)
    summary = tf.Summary()
    for name, value in results.items():
        if value is not None and name != "global_step":
            _add(summary, name, value)
    writer.add_summary(summary, step)
    if path:
        tf.logging.info("Saving 'checkpoint_path' summary for global step %d: %s", step, path)
        named = tf.Summary.Value(tag="checkpoint_path", tensor=tf.make_tensor_proto(path, tf.string))
        writer.add_summary(tf.Summary(value=[named]), step)
    writer.flush()


def _add(summary: Any, name: str, value: Any) -> None:
    if isinstance(value, (float, int, np.floating, np.integer)):
        summary.value.add(tag=name, simple_value=float(value))
    elif isinstance(value, bytes):          # a serialized Summary
        parts = tf.Summary()
        try:
            parts.ParseFromString(value)
        except Exception:       # DecodeError, wherever protobuf has it
            tf.logging.warning("Skipping summary for %s, cannot parse string to Summary.", name)
            return
        for i, part in enumerate(parts.value):
            part.tag = f"{name}/{i}"
        summary.value.extend(parts.value)
    elif isinstance(value, np.ndarray):
        summary.value.add(tag=name, node_name=name, tensor=tf.make_tensor_proto(value))
    else:
        tf.logging.warning("Skipping summary for %s, must be a number, an array or a serialized Summary, not %s.", name, type(value))
