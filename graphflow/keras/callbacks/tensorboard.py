"""TensorBoard: a training's curves, graph and weights as event files, which `graphflow view` and TensorBoard show."""
from __future__ import annotations

import os
from typing import Any

import graphflow as tf

from ...core import context
from ...core.export import export
from ...formats.summary_values import histogram_summary
from ...summary.writer import FileWriter
from .base import Callback

_NOT_LOGGED = ("batch", "size", "num_steps", "outputs")


@export("keras.callbacks.TensorBoard")
class TensorBoard(Callback):
    """Logs loss and metrics after each epoch (tags epoch_loss, epoch_val_loss ...) to log_dir.

    update_freq: 'epoch', 'batch', or a number of samples, after which batch_loss ... are logged too. write_graph: the graph, at the start.
    histogram_freq: epochs between histograms of all weights; 0: none. With TensorFlow 2's names there are the folders train and validation,
    and epoch_loss in each.
    """

    def __init__(self, log_dir: Any = "./logs", histogram_freq: int = 0, batch_size: int = 32, write_graph: bool = True,
                 write_grads: bool = False, write_images: bool = False, embeddings_freq: int = 0, embeddings_layer_names: Any = None,
                 embeddings_metadata: Any = None, embeddings_data: Any = None, update_freq: Any = "epoch", profile_batch: int = 2):
        super().__init__()
        refused = [name for name, given in (("write_grads", write_grads), ("write_images", write_images),
                                            ("embeddings_freq", embeddings_freq)) if given]
        if refused:
            raise NotImplementedError(f"TensorBoard({', '.join(refused)}=...): write them by tf.summary.FileWriter in a callback of "
                                      "your own.")
        self.log_dir, self.histogram_freq, self.write_graph = os.fspath(log_dir), histogram_freq, write_graph
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self._samples = self._batches = self._written = 0
        self._writers: dict[str, FileWriter] = {}

    def _writer(self, name: str) -> FileWriter:
        folder = os.path.join(self.log_dir, name) if context.behavior.tensor_equality else self.log_dir
        if folder not in self._writers:
            self._writers[folder] = FileWriter(folder)
        return self._writers[folder]

    def on_train_begin(self, logs: Any = None) -> None:
        if self.write_graph and not tf.executing_eagerly() and self.model.outputs:
            self._writer("train").add_graph(self.model._graph)

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        logs = logs or {}
        self._samples += logs.get("size", 1)
        if self.update_freq != "epoch" and self._samples - self._written >= self.update_freq:
            self._write("batch_", logs, self._batches)
            self._written = self._samples
        self._batches += 1

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._write("epoch_", logs or {}, epoch if self.update_freq == "epoch" else self._samples)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            weights = self.model.weights
            values = tf.keras.backend.batch_get_value(weights)
            for weight, value in zip(weights, values):
                self._writer("train").add_summary(histogram_summary(weight.name.replace(":", "_"), value), epoch)
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, logs: Any = None) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def _write(self, prefix: str, logs: dict[str, Any], step: int) -> None:
        apart = context.behavior.tensor_equality
        for name, value in logs.items():
            if name in _NOT_LOGGED:
                continue
            of_validation = apart and name.startswith("val_")
            tag = prefix + (name[4:] if of_validation else name)
            writer = self._writer("validation" if of_validation else "train")
            writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag=tag, simple_value=float(value))]), step)
