"""Shapes that TensorFlow gives for the rows of the op database with an empty first axis: writes tests/data/opdb_empty.json.

    python -m tests.oracle.empty_results       with an interpreter that has tensorflow 2.x

Only rows that TensorFlow accepts so are in the file. (Its depthwise convolution with a filter of no height is left out: it has rows
of output there that no other size has.)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests import opdb
from tests.oracle.opdb_results import flatten

DATA = Path(__file__).parents[1] / "data" / "opdb_empty.json"
LEFT_OUT = {"depthwise_conv2d_native"}


def emptied(row: opdb.Row, size: int = 0) -> opdb.Sample | None:
    """The row's first sample with `size` entries along the axis that its floating arrays begin with; None if they differ there."""
    example = row.cases(row.dtypes[0])[0]
    arrays: list[np.ndarray] = []
    opdb.map_arrays(example.inputs, lambda a: arrays.append(a) or a)
    sizes = {a.shape[0] for a in arrays if a.ndim and a.dtype.kind in "fc"}
    if len(sizes) != 1:
        return None
    whole = sizes.pop()
    return opdb.Sample(opdb.map_arrays(example.inputs, lambda a: a[:size] if a.ndim and a.shape[0] == whole else a), example.attrs)


def run(tf: Any, row: opdb.Row, example: opdb.Sample) -> list[np.ndarray]:
    """Outputs and gradients, by the module `tf` (TensorFlow or graphflow); sizes are unknown while building where the row allows it."""
    feeds: dict[Any, np.ndarray] = {}
    with tf.Graph().as_default(), tf.Session() as session:
        def tensor(array: np.ndarray) -> Any:
            made = tf.placeholder(tf.string if array.dtype == object else array.dtype, (None,) * array.ndim if row.shapes else array.shape)
            feeds[made] = array
            return made

        outputs = flatten(row.call(tf, opdb.map_arrays(example.inputs, tensor), example.attrs))
        xs, ys = ([t for t in tensors if t.dtype.is_floating] for tensors in (feeds, outputs))
        if xs and ys and row.gradient:
            try:
                outputs += [tf.convert_to_tensor(g) for g in tf.gradients(ys, xs) if g is not None]
            except LookupError:  # no gradient
                return list(session.run(outputs, feeds))
        return list(session.run(outputs, feeds))


def main() -> None:
    import tensorflow.compat.v1 as tf

    tf.disable_v2_behavior()
    found = {}
    for row in opdb.load():
        example = emptied(row)
        if example is None or row.name in LEFT_OUT:
            continue
        try:
            found[row.name] = [list(np.shape(v)) for v in run(tf, row, example)]
        except Exception:  # TensorFlow refuses it
            continue
    lines = [f"  {json.dumps(name)}: {json.dumps(shapes, separators=(',', ':'))}" for name, shapes in sorted(found.items())]
    DATA.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
