"""Reader operations: records of the files whose names a queue gives. What a reader keeps in a session is here too."""
from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...core import errors
from ...core.dtypes import int64, string
from ...core.effects import HANDLE, by_signature
from ...core.op import Op, Spec, require_rank
from ...core.operation import Operation
from ...core.outcomes import Effect, Several
from ...core.run_context import Context
from ...formats.local_path import local_path
from ...formats.record import RecordReader
from ..io.checkpoint import file_errors
from .queue_ops import queue_behind
from .resource_ops import ResourceOp, behind

Record = tuple[bytes, bytes]       # key, value


class ReaderResource:
    """A reader in one session: the file that it is at, and how many records and files it has gone through."""

    def __init__(self, op_def: Any):
        self.op_def = op_def
        self.changed, self.busy = threading.Condition(), False
        self.reset()

    def reset(self) -> None:
        self.records: Iterator[Record] | None = None
        self.produced = self.completed = 0

    def close_session(self) -> None:
        """Wakes those who wait for their turn."""
        with self.changed:
            self.changed.notify_all()

    def read(self, ctx: Context, queue: Any, count: int) -> list[Record]:
        """Up to `count` records of one file, at least one; takes the next name when the file is at its end. One caller at a time."""
        with self.changed:
            ctx.wait_for(self.changed, lambda: not self.busy)
            self.busy = True
        try:
            found: list[Record] = []
            while not found:
                if self.records is None:
                    name = queue.take(ctx)[0].item()
                    self.records = self.op_def.records(name)
                with file_errors(ctx.operation):
                    self._read(found, count)
            return found
        finally:
            with self.changed:
                self.busy = False
                self.changed.notify_all()

    def _read(self, found: list[Record], count: int) -> None:
        assert self.records is not None
        while len(found) < count:
            record = next(self.records, None)
            if record is None or self.op_def.whole:
                self.records, self.completed = None, self.completed + 1
            if record is None:
                return
            found.append(record)
            self.produced += 1
            if self.records is None:
                return


class _Reader(ResourceOp):
    """Base of what stands for a reader. whole: a file is one record."""
    whole: Any = False
    container: str = ""
    shared_name: str = ""

    def records(self, name: bytes) -> Iterator[Record]:
        """Keys and values of the records of a file."""
        raise NotImplementedError


class _TextLine(_Reader):
    skip_header_lines: int = 0
    container: str = ""
    shared_name: str = ""

    def records(self, name: bytes) -> Iterator[Record]:
        with open(local_path(name), "rb") as file:
            for number, line in enumerate(file, 1):
                if number > self.skip_header_lines:
                    yield b"%s:%d" % (name, number), line.removesuffix(b"\n").removesuffix(b"\r")


class TextLineReaderV2(_TextLine, sig="-> reader_handle: resource", stateful=True):
    """A reader of lines, without their ends; keys are `file:line`, counted from 1."""


class TextLineReader(_TextLine, sig="-> reader_handle: &string", stateful=True):
    """TextLineReaderV2 by reference."""


class _WholeFile(_Reader):
    whole = True

    def records(self, name: bytes) -> Iterator[Record]:
        with open(local_path(name), "rb") as file:
            yield name, file.read()


class WholeFileReaderV2(_WholeFile, sig="-> reader_handle: resource", stateful=True):
    """A reader of whole files; keys are their names."""


class WholeFileReader(_WholeFile, sig="-> reader_handle: &string", stateful=True):
    """WholeFileReaderV2 by reference."""


class _Identity(_Reader):
    whole = True

    def records(self, name: bytes) -> Iterator[Record]:
        yield name, name


class IdentityReaderV2(_Identity, sig="-> reader_handle: resource", stateful=True):
    """A reader that gives what the queue gives."""


class IdentityReader(_Identity, sig="-> reader_handle: &string", stateful=True):
    """IdentityReaderV2 by reference."""


class _TFRecord(_Reader):
    container: str = ""
    shared_name: str = ""
    compression_type: str = ""

    def records(self, name: bytes) -> Iterator[Record]:
        with RecordReader(local_path(name).decode("utf-8", "surrogateescape"), text(self.compression_type)) as reader:
            while True:
                start = reader.offset
                record = reader.next_record()
                if record is None:
                    return
                yield b"%s:%d" % (name, start), record


class TFRecordReaderV2(_TFRecord, sig="-> reader_handle: resource", stateful=True):
    """A reader of TFRecord files; keys are `file:offset`."""


class TFRecordReader(_TFRecord, sig="-> reader_handle: &string", stateful=True):
    """TFRecordReaderV2 by reference."""


class _FixedLength(_Reader):
    encoding: Any
    header_bytes: int = 0
    record_bytes: int
    footer_bytes: int = 0
    hop_bytes: int = 0
    container: str = ""
    shared_name: str = ""

    def records(self, name: bytes) -> Iterator[Record]:
        if text(getattr(self, "encoding", "")):
            raise errors.UnimplementedError(None, None, f"FixedLengthRecordReader with encoding {self.encoding!r}: unpack the file before")
        with open(local_path(name), "rb") as file:
            data = file.read()
        end, hop, width = len(data) - self.footer_bytes, self.hop_bytes or self.record_bytes, self.record_bytes
        for number, start in enumerate(range(self.header_bytes, end - width + 1, hop)):
            yield b"%s:%d" % (name, number), data[start:start + width]


class FixedLengthRecordReaderV2(_FixedLength, sig="-> reader_handle: resource", stateful=True):
    """A reader of records of one length, after a header and before a footer; keys are `file:number`."""
    header_bytes: int = 0
    record_bytes: int
    footer_bytes: int = 0
    hop_bytes: int = 0
    container: str = ""
    shared_name: str = ""
    encoding: str = ""


class FixedLengthRecordReader(_FixedLength, sig="-> reader_handle: &string", stateful=True):
    """FixedLengthRecordReaderV2 by reference."""


def text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class _OnReader(Op):
    """Base of what is done with a reader."""

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, reader_handle=HANDLE, queue_handle=HANDLE)

    @staticmethod
    def reader(ctx: Context, handle: Any) -> ReaderResource:
        wanted = behind(ctx.operation, 0, handle)._op_def
        return ctx.resource(handle, lambda: ReaderResource(wanted))


class _Read(_OnReader, Several):
    may_wait = True

    def infer(self, reader_handle: Spec, queue_handle: Spec) -> tuple[Spec, ...]:
        return Spec(string, ()), Spec(string, ())

    def run(self, ctx: Context, reader_handle: Any, queue_handle: Any) -> Any:
        (key, value), = self.reader(ctx, reader_handle).read(ctx, queue_behind(ctx, queue_handle, 1), 1)
        return np.array(key, object), np.array(value, object)


class ReaderReadV2(_Read, sig="reader_handle: @, queue_handle: @ -> key: string, value: string", stateful=True):
    """The next record."""


class ReaderRead(_Read, sig="reader_handle: &string, queue_handle: &string -> key: string, value: string", stateful=True):
    """ReaderReadV2 by reference."""


class _ReadUpTo(_OnReader, Several):
    may_wait = True

    def infer(self, reader_handle: Spec, queue_handle: Spec, num_records: Any) -> tuple[Spec, ...]:
        require_rank(num_records, 0)
        return Spec(string, (None,)), Spec(string, (None,))

    def run(self, ctx: Context, reader_handle: Any, queue_handle: Any, num_records: Any) -> Any:
        if num_records <= 0:
            raise errors.InvalidArgumentError(None, None, f"num_records must be positive, got {num_records}")
        found = self.reader(ctx, reader_handle).read(ctx, queue_behind(ctx, queue_handle, 1), int(num_records))
        return [np.array(column, object) for column in zip(*found)]


class ReaderReadUpToV2(_ReadUpTo, sig="reader_handle: @, queue_handle: @, num_records: int64 -> keys: string, values: string",
                       stateful=True):
    """The next records of one file, at most num_records."""


class ReaderReadUpTo(_ReadUpTo, sig="reader_handle: &string, queue_handle: &string, num_records: int64 -> keys: string, values: string",
                     stateful=True):
    """ReaderReadUpToV2 by reference."""


class _Produced(_OnReader):
    def infer(self, reader_handle: Spec) -> Spec:
        return Spec(int64, ())

    def run(self, ctx: Context, reader_handle: Any) -> Any:
        return np.asarray(self.reader(ctx, reader_handle).produced, np.int64)


class ReaderNumRecordsProducedV2(_Produced, sig="reader_handle: @ -> records_produced: int64", stateful=True):
    """How many records a reader has given."""


class ReaderNumRecordsProduced(_Produced, sig="reader_handle: &string -> records_produced: int64", stateful=True):
    """ReaderNumRecordsProducedV2 by reference."""


class _Completed(_OnReader):
    def infer(self, reader_handle: Spec) -> Spec:
        return Spec(int64, ())

    def run(self, ctx: Context, reader_handle: Any) -> Any:
        return np.asarray(self.reader(ctx, reader_handle).completed, np.int64)


class ReaderNumWorkUnitsCompletedV2(_Completed, sig="reader_handle: @ -> units_completed: int64", stateful=True):
    """How many files a reader has gone through."""


class ReaderNumWorkUnitsCompleted(_Completed, sig="reader_handle: &string -> units_completed: int64", stateful=True):
    """ReaderNumWorkUnitsCompletedV2 by reference."""


class _Reset(_OnReader, Effect):
    def infer(self, reader_handle: Spec) -> tuple[()]:
        return ()

    def run(self, ctx: Context, reader_handle: Any) -> tuple[()]:
        self.reader(ctx, reader_handle).reset()
        return ()


class ReaderResetV2(_Reset, sig="reader_handle: @ ->", stateful=True):
    """Puts a reader back to its start."""


class ReaderReset(_Reset, sig="reader_handle: &string ->", stateful=True):
    """ReaderResetV2 by reference."""
