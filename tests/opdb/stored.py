"""Values of TensorFlow for the rows without a reference: tests/data/opdb/references.npz, written by tests.oracle.store_references."""

from __future__ import annotations

import functools
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from . import Row, Sample, arrays_in

FILE = Path(__file__).parents[1] / "data" / "opdb" / "references.npz"


def label(row: Row, dtype: str, number: int) -> str:
    return f"{row.name}|{dtype}|{number}"


def digest(sample: Sample) -> int:
    """Changes when the sample does, so that values of another sample are not taken for it."""
    sum_ = zlib.crc32(repr(sorted(sample.attrs.items())).encode())
    for array in arrays_in(sample.inputs):
        content = repr(array.tolist()).encode() if array.dtype == object else array.tobytes()
        sum_ = zlib.crc32(content, zlib.crc32(f"{array.dtype}{array.shape}".encode(), sum_))
    return sum_


@functools.cache
def stored() -> dict[str, tuple[int, list[np.ndarray]]]:
    """{label: (digest of the sample, values)}"""
    with np.load(FILE, allow_pickle=False) as file:
        index = zip(file["labels"].tolist(), file["digests"].tolist(), np.split(np.arange(file["counts"].sum()), np.cumsum(file["counts"])[:-1]))
        return {name: (wanted, [text(file[f"v{i}"]) for i in places]) for name, wanted, places in index}


def write(found: dict[str, tuple[int, list[Any]]]) -> None:
    FILE.parent.mkdir(exist_ok=True)
    values = [packed(value) for _, group in found.values() for value in group]
    index = {"labels": np.array(list(found)), "digests": np.array([d for d, _ in found.values()], np.uint32),
             "counts": np.array([len(group) for _, group in found.values()], np.int32)}
    np.savez_compressed(FILE, **index, **{f"v{i}": value for i, value in enumerate(values)})


def values(row: Row, dtype: str, number: int, sample: Sample) -> list[np.ndarray] | None:
    """What TensorFlow gave for a sample; None where it has no such kernel. AssertionError when the sample is another one by now."""
    name = label(row, dtype, number)
    if name not in stored():
        return None
    wanted, found = stored()[name]
    assert wanted == digest(sample), f"{name} has changed: run python -m tests.oracle.store_references"
    return found


def text(value: np.ndarray) -> np.ndarray:
    """Strings as an array of objects, as sessions give them."""
    return value.astype(object) if value.dtype.kind == "S" else value


def packed(value: Any) -> np.ndarray:
    """The other way round, for a file without pickled objects."""
    value = np.asarray(value)
    if value.dtype == object:
        assert not any(v.endswith(b"\0") for v in value.ravel()), "numpy drops zeros at the end"
        return value.astype("S")
    return value
