"""tf.contrib.tensorboard.plugins.projector: tells TensorBoard's projector which variables of a checkpoint are embeddings."""
from __future__ import annotations

import os
from typing import Any

from graphflow.core.export import export
from graphflow.formats.durable import atomic_file
from graphflow.formats.proto import to_text

CONFIG_FILE = "projector_config.pbtxt"
_HOME = "contrib.tensorboard.plugins.projector"


@export(f"{_HOME}.visualize_embeddings")
def visualize_embeddings(summary_writer: Any, config: Any) -> None:
    """Write a ProjectorConfig into the folder of a FileWriter (or a folder), where TensorBoard looks for it.

    config: its `embeddings` name variables (`tensor_name`) of the checkpoints saved in the same folder, and maybe a file of labels
    (`metadata_path`) or of small pictures (`sprite`). ValueError where the writer has no folder.
    """
    folder = summary_writer.get_logdir() if hasattr(summary_writer, "get_logdir") else summary_writer
    if folder is None:
        raise ValueError("Expected logdir to be a path, but got None")
    os.makedirs(folder, exist_ok=True)
    with atomic_file(os.path.join(folder, CONFIG_FILE)) as file:
        file.write(to_text(config).encode())
