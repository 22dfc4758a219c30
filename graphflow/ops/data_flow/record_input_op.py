"""The RecordInput operation: records of many TFRecord files, mixed, epoch after epoch without end."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...core import errors
from ...core.dtypes import string
from ...core.op import Op, Spec
from ...core.run_context import Context
from ...formats.local_path import local_path
from ...formats.record import RecordReader
from ..io.checkpoint import file_errors
from ..io.files import matches
from .reader_ops import text


class _Yielder:
    """The records of one operation in one session. Each epoch gives every record once, mixed within a buffer of some size."""

    def __init__(self, op_def: Any):
        self.op_def, self.lock = op_def, threading.Lock()
        self.random = np.random.Generator(np.random.PCG64(op_def.file_random_seed & 0xFFFFFFFF))
        self.source: Iterator[bytes] = iter(())
        self.epoch = 0
        self.buffer: list[bytes] = []

    def _files(self) -> list[str]:
        found = sorted(matches(local_path(self.op_def.file_pattern)))
        if not found:
            raise errors.NotFoundError(None, None, f"Found no files at {self.op_def.file_pattern}")
        first = int(self.epoch * self.op_def.file_shuffle_shift_ratio * len(found)) % len(found)
        self.random.shuffle(found)
        return [*found[first:], *found[:first]]

    def _records(self) -> Iterator[bytes]:
        """The records of an epoch."""
        for path in self._files():
            with RecordReader(path, text(self.op_def.compression_type)) as reader:
                yield from iter(reader.next_record, None)

    def next(self) -> bytes:
        """A record; the buffer is filled up first."""
        for record in self.source:
            self.buffer.append(record)
            if len(self.buffer) >= max(1, self.op_def.file_buffer_size):
                break
        if not self.buffer:                        # an epoch is over
            self.source, self.epoch = self._records(), self.epoch + 1
            first = next(self.source, None)
            if first is None:
                raise errors.NotFoundError(None, None, f"Found no records in the files at {self.op_def.file_pattern}")
            self.buffer.append(first)
            return self.next()
        place = int(self.random.integers(len(self.buffer)))
        found, self.buffer[place] = self.buffer[place], self.buffer[-1]
        self.buffer.pop()
        return found


class RecordInput(Op, sig="-> records: string", stateful=True):
    """The next batch_size records of the TFRecord files that match a pattern; file_parallelism changes nothing."""
    file_pattern: str
    file_random_seed: int = 301
    file_shuffle_shift_ratio: float = 0.0
    file_buffer_size: int = 10000
    file_parallelism: int = 16
    batch_size: int = 32
    compression_type: str = ""

    def infer(self) -> Spec:
        return Spec(string, (None,))

    def run(self, ctx: Context) -> Any:
        yielder: _Yielder = ctx.state(lambda: _Yielder(self))
        with yielder.lock, file_errors(ctx.operation):
            found = np.empty(self.batch_size, object)
            found[:] = [yielder.next() for _ in range(self.batch_size)]
        return found
