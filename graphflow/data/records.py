"""Record files as programs read and write them: `tf.python_io` and `tf.io`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphflow.core.errors import FailedPreconditionError, of_file_error
from graphflow.core.export import export
from graphflow.formats.errors import FormatError
from graphflow.formats.local_path import local_path
from graphflow.formats.record import RecordWriter, read_records


@export("python_io.TFRecordCompressionType", "io.TFRecordCompressionType")
class TFRecordCompressionType:
    """How a record file is compressed."""

    NONE = 0
    ZLIB = 1
    GZIP = 2


_NAMES = {TFRecordCompressionType.NONE: "", TFRecordCompressionType.ZLIB: "ZLIB", TFRecordCompressionType.GZIP: "GZIP"}


@export("python_io.TFRecordOptions", "io.TFRecordOptions")
class TFRecordOptions:
    """Options of a record file. Only the compression and its level matter here; buffers and zlib's finer settings change no record."""

    compression_type_map = _NAMES

    def __init__(
        self,
        compression_type: Any = None,
        flush_mode: int | None = None,
        input_buffer_size: int | None = None,
        output_buffer_size: int | None = None,
        window_bits: int | None = None,
        compression_level: int | None = None,
        compression_method: int | None = None,
        mem_level: int | None = None,
        compression_strategy: int | None = None,
    ) -> None:
        self.get_compression_type_string(compression_type)
        self.compression_type = compression_type
        self.flush_mode, self.input_buffer_size, self.output_buffer_size = flush_mode, input_buffer_size, output_buffer_size
        self.window_bits, self.compression_level, self.compression_method = window_bits, compression_level, compression_method
        self.mem_level, self.compression_strategy = mem_level, compression_strategy

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """"", "ZLIB" or "GZIP" for options, a compression type, its name, or None. ValueError for anything else."""
        if options is None:
            return ""
        if isinstance(options, TFRecordOptions):
            return cls.get_compression_type_string(options.compression_type)
        if options in _NAMES:
            return _NAMES[options]
        if options in _NAMES.values():
            return str(options)
        raise ValueError(f'Not a valid compression_type: "{options}"; use "", "ZLIB", "GZIP" or a TFRecordCompressionType.')


@export("python_io.TFRecordWriter", "io.TFRecordWriter")
class TFRecordWriter:
    """Writes records to a new file. A context manager; options: TFRecordOptions, a compression type or its name."""

    def __init__(self, path: Any, options: Any = None) -> None:
        compression = TFRecordOptions.get_compression_type_string(options)
        level = getattr(options, "compression_level", None)
        try:
            self._writer = RecordWriter(local_path(path), compression, -1 if level is None else level)
        except OSError as error:
            raise of_file_error(error) from error

    def write(self, record: Any) -> None:
        """Adds a record (bytes, or text to be stored as UTF-8). FailedPreconditionError after `close`."""
        if isinstance(record, str):
            record = record.encode("utf-8")
        if not isinstance(record, (bytes, bytearray, memoryview)):
            raise TypeError(f"a record is bytes or text, not {type(record).__name__}: {record!r}")
        self._check_open()
        self._writer.write(bytes(record))

    def flush(self) -> None:
        """Hands what was written to the operating system."""
        self._check_open()
        self._writer.flush()

    def _check_open(self) -> None:
        if self._writer.closed:
            raise FailedPreconditionError(None, None, "Writer is closed.")

    def close(self) -> None:
        """Writes what is left and closes the file."""
        self._writer.close()

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@export("python_io.tf_record_iterator", "io.tf_record_iterator")
def tf_record_iterator(path: Any, options: Any = None) -> Iterator[bytes]:
    """The records of a file in order. Damage raises DataLossError after the records before it."""
    compression = TFRecordOptions.get_compression_type_string(options)
    try:
        yield from read_records(local_path(path), compression)
    except (FormatError, OSError) as error:
        raise of_file_error(error) from error
