"""tf.TextLineReader and its relatives: records of the files whose names come out of a queue."""
from __future__ import annotations

from typing import Any

from ..core.dtypes import int64
from ..core.export import export
from ..core.make import make
from ..core.tensor import Tensor
from ..ops.data_flow import reader_ops as ops
from .records import TFRecordOptions


@export("ReaderBase")
class ReaderBase:
    """Base of readers. `read(queue)` takes the next file name from the queue when the file before is at its end.

    OutOfRangeError at run when the queue is closed and empty.
    """

    def __init__(self, reader_ref: Tensor, supports_serialize: bool = False):
        self._reader_ref, self._supports_serialize = reader_ref, supports_serialize

    reader_ref = property(lambda self: self._reader_ref)
    supports_serialize = property(lambda self: self._supports_serialize)

    def read(self, queue: Any, name: str | None = None) -> Any:
        """The next record: two string scalars, key and value. queue: of file names, or its handle."""
        return make(ops.ReaderReadV2, self._reader_ref, getattr(queue, "queue_ref", queue), name=name)

    def read_up_to(self, queue: Any, num_records: Any, name: str | None = None) -> Any:
        """The next records of one file, at most num_records: two string vectors, keys and values."""
        if not isinstance(num_records, Tensor):
            return make(ops.ReaderReadUpToV2, self._reader_ref, getattr(queue, "queue_ref", queue), num_records, name=name)
        from ..ops import functions as F  # at first use: most programs read one by one
        return make(ops.ReaderReadUpToV2, self._reader_ref, getattr(queue, "queue_ref", queue), F.cast(num_records, int64), name=name)

    def num_records_produced(self, name: str | None = None) -> Tensor:
        """How many records this reader has given, int64."""
        return make(ops.ReaderNumRecordsProducedV2, self._reader_ref, name=name)

    def num_work_units_completed(self, name: str | None = None) -> Tensor:
        """How many files this reader has gone through, int64."""
        return make(ops.ReaderNumWorkUnitsCompletedV2, self._reader_ref, name=name)

    def reset(self, name: str | None = None) -> Any:
        """An operation that puts the reader back to its start."""
        return make(ops.ReaderResetV2, self._reader_ref, name=name)

    def serialize_state(self, name: str | None = None) -> Any:
        """Not there: a reader's place is not kept."""
        raise NotImplementedError("graphflow's readers do not give their state: count with num_records_produced() and read on from there")

    def restore_state(self, state: Any, name: str | None = None) -> Any:
        """Not there, as `serialize_state`."""
        raise NotImplementedError("graphflow's readers take no state: read as many records as were read before")


@export("TextLineReader")
class TextLineReader(ReaderBase):
    """Reads lines, without their ends; keys are `file:line`."""

    def __init__(self, skip_header_lines: int | None = None, name: str | None = None):
        super().__init__(make(ops.TextLineReaderV2, name=name, skip_header_lines=skip_header_lines or 0))


@export("WholeFileReader")
class WholeFileReader(ReaderBase):
    """Reads whole files; keys are their names."""

    def __init__(self, name: str | None = None):
        super().__init__(make(ops.WholeFileReaderV2, name=name), True)


@export("IdentityReader")
class IdentityReader(ReaderBase):
    """Gives what the queue gives, as key and as value."""

    def __init__(self, name: str | None = None):
        super().__init__(make(ops.IdentityReaderV2, name=name), True)


@export("TFRecordReader")
class TFRecordReader(ReaderBase):
    """Reads the records of TFRecord files; keys are `file:offset`."""

    def __init__(self, name: str | None = None, options: Any = None):
        compression = TFRecordOptions.get_compression_type_string(options)
        super().__init__(make(ops.TFRecordReaderV2, name=name, compression_type=compression))


@export("FixedLengthRecordReader")
class FixedLengthRecordReader(ReaderBase):
    """Reads records of record_bytes after header_bytes and before footer_bytes, hop_bytes apart (0: one after the other)."""

    def __init__(self, record_bytes: int, header_bytes: int | None = None, footer_bytes: int | None = None, hop_bytes: int | None = None,
                 name: str | None = None, encoding: str | None = None):
        super().__init__(make(ops.FixedLengthRecordReaderV2, name=name, record_bytes=record_bytes, header_bytes=header_bytes or 0,
                              footer_bytes=footer_bytes or 0, hop_bytes=hop_bytes or 0, encoding=encoding or ""))
