"""Exporters of train_and_evaluate: which of the evaluated checkpoints become SavedModels."""
from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Callable
from typing import Any

import graphflow as tf

from ..core.export import export
from .model_inputs import arguments_of


@export("estimator.Exporter")
class Exporter:
    """Base of exporters: `name`, and `export`, which gives the path of a SavedModel or None."""

    name: Any = None

    def export(self, estimator: Any, export_path: str, checkpoint_path: str, eval_result: dict[str, Any], is_the_final_export: bool) -> Any:
        """Exports an estimator's checkpoint to a new folder of export_path, if the exporter wants it."""
        raise NotImplementedError(f"{type(self).__name__} must define export(estimator, export_path, checkpoint_path, eval_result, "
                                  "is_the_final_export)")


class _SavedModels(Exporter):
    """What the three exporters share."""

    def __init__(self, name: str, serving_input_receiver_fn: Any, assets_extra: Any, as_text: bool, exports_to_keep: int | None):
        if exports_to_keep is not None and exports_to_keep <= 0:
            raise ValueError(f"`exports_to_keep`, if provided, must be a positive number, given: {exports_to_keep}")
        self._name, self._receiver_fn, self._extra, self._as_text = name, serving_input_receiver_fn, assets_extra, as_text
        self._keep = exports_to_keep

    name = property(lambda self: self._name)

    def _write(self, estimator: Any, folder: str, checkpoint_path: str) -> Any:
        path = estimator.export_saved_model(folder, self._receiver_fn, assets_extra=self._extra, as_text=self._as_text,
                                            checkpoint_path=checkpoint_path)
        if self._keep is not None:
            versions = sorted((name for name in os.listdir(folder) if len(name) == 10 and name.isdigit()), key=int)
            for name in versions[:-self._keep]:
                shutil.rmtree(os.path.join(folder, name))
        return path


@export("estimator.LatestExporter")
class LatestExporter(_SavedModels):
    """Exports each evaluated checkpoint; of the exports the last exports_to_keep stay (None: all)."""

    def __init__(self, name: str, serving_input_receiver_fn: Any, assets_extra: Any = None, as_text: bool = False,
                 exports_to_keep: int | None = 5):
        super().__init__(name, serving_input_receiver_fn, assets_extra, as_text, exports_to_keep)

    def export(self, estimator: Any, export_path: str, checkpoint_path: str, eval_result: dict[str, Any], is_the_final_export: bool) -> Any:
        """The path of the SavedModel."""
        return self._write(estimator, export_path, checkpoint_path)


@export("estimator.FinalExporter")
class FinalExporter(_SavedModels):
    """Exports once, when the training has reached max_steps."""

    def __init__(self, name: str, serving_input_receiver_fn: Any, assets_extra: Any = None, as_text: bool = False):
        super().__init__(name, serving_input_receiver_fn, assets_extra, as_text, None)

    def export(self, estimator: Any, export_path: str, checkpoint_path: str, eval_result: dict[str, Any], is_the_final_export: bool) -> Any:
        """The path of the SavedModel, None before the end."""
        if not is_the_final_export:
            return None
        tf.logging.info("Performing the final export in the end of training.")
        return self._write(estimator, export_path, checkpoint_path)


def _loss_smaller(best_eval_result: Any, current_eval_result: Any) -> bool:
    """Whether the second result has a smaller loss. ValueError where one of them has none."""
    for name, result in (("best_eval_result", best_eval_result), ("current_eval_result", current_eval_result)):
        if not result or "loss" not in result:
            raise ValueError(f"{name} has no loss to compare: {result}")
    return bool(best_eval_result["loss"] > current_eval_result["loss"])


@export("estimator.BestExporter")
class BestExporter(_SavedModels):
    """Exports a checkpoint whose evaluation is better than all before.

    compare_fn(best_eval_result, current_eval_result): whether the second is better; by default, whether its loss is smaller.
    event_file_pattern: event files below the model folder, in which the best result of an earlier run is looked for; None for none.
    """

    def __init__(self, name: str = "best_exporter", serving_input_receiver_fn: Any = None, event_file_pattern: str | None =
                 "eval/*.tfevents.*", compare_fn: Callable[..., bool] = _loss_smaller, assets_extra: Any = None, as_text: bool = False,
                 exports_to_keep: int | None = 5):
        if compare_fn is None:
            raise ValueError("`compare_fn` must not be None.")
        names = set(arguments_of(compare_fn))
        if names != {"best_eval_result", "current_eval_result"}:
            raise ValueError(f"compare_fn ({compare_fn}) must have the arguments best_eval_result and current_eval_result, and no others: "
                             f"it has {sorted(names)}")
        super().__init__(name, serving_input_receiver_fn, assets_extra, as_text, exports_to_keep)
        self._pattern, self._compare = event_file_pattern, compare_fn
        self._best: dict[str, Any] | None = None
        self._folder: str | None = None

    def export(self, estimator: Any, export_path: str, checkpoint_path: str, eval_result: dict[str, Any], is_the_final_export: bool) -> Any:
        """The path of the SavedModel, None where an earlier one is better."""
        if self._folder != estimator.model_dir and self._pattern:
            tf.logging.info("Loading best metric from event files.")
            self._folder = estimator.model_dir
            self._best = self._best_of(os.path.join(estimator.model_dir, self._pattern), eval_result)
        if self._best is not None and not self._compare(best_eval_result=self._best, current_eval_result=eval_result):
            return None
        tf.logging.info("Performing best model export.")
        self._best = eval_result
        return self._write(estimator, export_path, checkpoint_path)

    def _best_of(self, pattern: str, now: dict[str, Any]) -> dict[str, Any] | None:
        """The best result in event files, apart from the one that was just written there."""
        best = None
        for path in sorted(glob.glob(pattern)):
            for event in tf.train.summary_iterator(path):
                found = {value.tag: value.simple_value for value in event.summary.value if value.HasField("simple_value")}
                if found and event.step != now["global_step"]:
                    if best is None or self._compare(best_eval_result=best, current_eval_result=found):
                        best = found
        return best
