"""V2 checkpoints ("tensor bundles"): a table of entries in `P.index`, the tensors' bytes in `P.data-SSSSS-of-NNNNN`."""
from __future__ import annotations

from graphflow.formats.errors import TensorNotFoundError

from .entries import Entry
from .files import all_files, data_name, index_name
from .merge import merge
from .reader import BundleReader
from .writer import BundleWriter

__all__ = ["BundleReader", "BundleWriter", "Entry", "TensorNotFoundError", "all_files", "data_name", "index_name", "merge"]
