"""RecordInput, of tensorflow.python.ops.data_flow_ops: batches of the records of many TFRecord files, mixed."""
from __future__ import annotations

from typing import Any

from ...core.make import make
from .. import functions as F
from ..scopes import name_scope
from .record_input_op import RecordInput as RecordInputOp

_COMPRESSIONS = {None: "", 0: "", 1: "ZLIB", 2: "GZIP"}      # tf.python_io.TFRecordCompressionType


class RecordInput:
    """Records of all TFRecord files that match a pattern, epoch after epoch, each once in an epoch, mixed within a buffer.

    batch_size: how many records a batch has. buffer_size: of the buffer. shift_ratio: by which part of the files each epoch begins later.
    seed: of the mixing. batches: how many batches a step gives, as a list. compression_type: a `tf.python_io.TFRecordCompressionType`.
    parallelism changes nothing: one thread reads.
    """

    def __init__(self, file_pattern: str, batch_size: int = 1, buffer_size: int = 1, parallelism: int = 1, shift_ratio: float = 0,
                 seed: int = 0, name: str | None = None, batches: int | None = None, compression_type: Any = None):
        if compression_type not in _COMPRESSIONS:
            raise ValueError(f"Not a valid compression_type: \"{compression_type}\"")
        self._batches, self._name = batches, name
        self._attributes = {"file_pattern": file_pattern, "file_buffer_size": buffer_size, "file_parallelism": parallelism,
                            "file_shuffle_shift_ratio": shift_ratio, "batch_size": batch_size * (1 if batches is None else batches),
                            "file_random_seed": seed, "compression_type": _COMPRESSIONS[compression_type]}

    def get_yield_op(self) -> Any:
        """The next records, string [batch_size]; with `batches` a list of batches, each a list of scalars."""
        records = make(RecordInputOp, name=self._name, **self._attributes)
        if self._batches is None:
            return records
        with name_scope(self._name):
            rows = F.split(records, self._attributes["batch_size"], 0)
            batches: list[list[Any]] = [[] for _ in range(self._batches)]
            for i, row in enumerate(rows):
                batches[i % self._batches].append(F.reshape(row, []))
        return batches
