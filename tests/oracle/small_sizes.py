"""Shapes that TensorFlow gives for the rows of the op database when a size, wherever it occurs, becomes 0 or 1: writes
tests/data/opdb_small_sizes.json.

    python -m tests.oracle.small_sizes       with an interpreter that has tensorflow 2.x

Only what TensorFlow accepts is in the file: outputs, then gradients.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests import opdb
from tests.oracle.empty_results import run

DATA = Path(__file__).parents[1] / "data" / "opdb_small_sizes.json"
LEFT_OUT = {"map of structural similarity",      # TensorFlow's depthwise convolution of no images has rows and columns of its own
            "approximate_equal"}                 # TensorFlow 2 has no such function


def cases(row: opdb.Row) -> Iterator[tuple[str, opdb.Sample]]:
    """("3 to 0", the row's first sample with every 3 among the sizes of its arrays made 0)"""
    example = row.cases(row.dtypes[0])[0]
    arrays: list[np.ndarray] = []
    opdb.map_arrays(example.inputs, arrays.append)
    for size in sorted({d for array in arrays for d in array.shape if d > 1}):
        for small in (0, 1):
            yield f"{size} to {small}", opdb.Sample(_resized(example.inputs, size, small), example.attrs)


def _resized(inputs: object, size: int, small: int) -> tuple[object, ...]:
    def array(a: np.ndarray) -> np.ndarray:
        for axis, d in enumerate(a.shape):
            a = a.take(range(small), axis) if d == size else a
        return a
    return opdb.map_arrays(inputs, array)


def main() -> None:
    import tensorflow.compat.v1 as tf

    tf.disable_v2_behavior()
    found: dict[str, dict[str, list[list[int]]]] = {}
    for row in opdb.load():
        for case, example in () if row.name in LEFT_OUT else cases(row):
            try:
                found.setdefault(row.name, {})[case] = [list(np.shape(v)) for v in run(tf, row, example)]
            except Exception:  # TensorFlow refuses it
                continue
    lines = [f"  {json.dumps(name)}: {json.dumps(shapes, separators=(',', ':'))}" for name, shapes in sorted(found.items()) if shapes]
    DATA.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
