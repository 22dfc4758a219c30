"""Datasets of what files hold."""
from __future__ import annotations

from typing import Any

from ..core.convert import convert_to_tensor
from ..core.dtypes import int64, string
from ..core.export import export
from ..core.make import make
from ..core.op import Op
from ..ops import functions as F
from ..ops.dataset import files
from .dataset import Dataset
from .structure import Leaf
from .transformations import parallel_interleave

_BUFFER = 256 * 1024


class _OfFiles(Dataset):
    """Base: the records of files, one file after another, or of several in turn."""

    def __init__(self, filenames: Any, cls: type[Op], settings: Any, num_parallel_reads: Any = None):
        def read_one_file(name: Any) -> Dataset:
            return Dataset(make(cls, name, *settings(), name=None), Leaf(string, ()))

        names = filenames
        if not isinstance(names, Dataset):
            names = Dataset.from_tensor_slices(F.reshape(convert_to_tensor(filenames, string), [-1], name="flat_filenames"))
        elif names.output_types != string:
            raise TypeError(f"`filenames` must be a `tf.data.Dataset` of `tf.string` elements, not of {names.output_types}.")
        if num_parallel_reads is None:
            whole = names.flat_map(read_one_file)
        else:
            whole = names.apply(parallel_interleave(read_one_file, cycle_length=num_parallel_reads))
        super().__init__(whole._variant, whole._structure)


def _buffer(size: Any) -> Any:
    return convert_to_tensor(_BUFFER if size is None else size, int64, "buffer_size")


def _compression(kind: Any) -> Any:
    return convert_to_tensor("" if kind is None else kind, string, "compression_type")


def _settings(compression_type: Any, buffer_size: Any) -> Any:
    return lambda: (_compression(compression_type), _buffer(buffer_size))


@export("data.TextLineDataset", "contrib.data.TextLineDataset")
class TextLineDataset(_OfFiles):
    """The lines of text files, without their ends.

    filenames: a name, a list or tensor of names, or a dataset of names. compression_type: "", "ZLIB" or "GZIP".
    """

    def __init__(self, filenames: Any, compression_type: Any = None, buffer_size: Any = None, num_parallel_reads: Any = None):
        super().__init__(filenames, files.TextLineDataset, _settings(compression_type, buffer_size), num_parallel_reads)


@export("data.TFRecordDataset", "contrib.data.TFRecordDataset")
class TFRecordDataset(_OfFiles):
    """The records of TFRecord files, as strings.

    filenames: a name, a list or tensor of names, or a dataset of names. num_parallel_reads: so many files in turn.
    """

    def __init__(self, filenames: Any, compression_type: Any = None, buffer_size: Any = None, num_parallel_reads: Any = None):
        super().__init__(filenames, files.TFRecordDataset, _settings(compression_type, buffer_size), num_parallel_reads)


@export("data.FixedLengthRecordDataset", "contrib.data.FixedLengthRecordDataset")
class FixedLengthRecordDataset(_OfFiles):
    """The records of files, record_bytes long each, after header_bytes and before footer_bytes."""

    def __init__(self, filenames: Any, record_bytes: Any, header_bytes: Any = None, footer_bytes: Any = None, buffer_size: Any = None,
                 compression_type: Any = None, num_parallel_reads: Any = None):
        def settings() -> Any:
            width = convert_to_tensor(record_bytes, int64, "record_bytes")
            header, footer = (convert_to_tensor(0 if n is None else n, int64, f"{what}_bytes")
                              for what, n in (("header", header_bytes), ("footer", footer_bytes)))
            return header, width, footer, _buffer(buffer_size), _compression(compression_type)
        super().__init__(filenames, files.FixedLengthRecordDatasetV2, settings, num_parallel_reads)
