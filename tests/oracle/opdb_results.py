"""Runs the rows of the op database in TensorFlow: values, gradients and node lists of every sample, written to a folder.

    python -m tests.oracle.opdb_results FOLDER       with an interpreter that has tensorflow 2.x
"""

from __future__ import annotations

import json
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from tests import opdb


def dtypes_of(row: opdb.Row) -> tuple[str, ...]:
    """The dtypes to compare: the first, and float16 and an integer where the row has them."""
    more = [d for d in ("float16", "int32", "complex64") if d in row.dtypes and d != row.dtypes[0]]
    return (row.dtypes[0], *more)


def weights(row: opdb.Row, index: int, shape: tuple[int, ...]) -> np.ndarray:
    """What an output is weighted by in the gradient that is compared."""
    generator = np.random.Generator(np.random.PCG64(zlib.crc32(f"{row.name} {index}".encode())))
    return np.asarray(generator.uniform(-1, 1, shape))


def flatten(outputs: Any) -> list[Any]:
    if hasattr(outputs, "dense_shape"):
        return [outputs.indices, outputs.values, outputs.dense_shape]
    if isinstance(outputs, dict):
        return [t for k in sorted(outputs) for t in flatten(outputs[k])]
    if isinstance(outputs, (list, tuple)):
        return [t for item in outputs for t in flatten(item)]
    return [outputs]


def nodes_of(graph: Any) -> list[Any]:
    return [[op.name, op.type, [t.name for t in op.inputs]] for op in graph.get_operations()]


def run_case(tf: Any, row: opdb.Row, dtype: str, example: opdb.Sample) -> dict[str, Any]:
    """{'nodes', 'values', 'gradients', 'gradient_nodes'} of one sample, by the module `tf` (TensorFlow or graphflow)."""
    feeds: dict[Any, np.ndarray] = {}
    with tf.Graph().as_default() as graph:
        def tensor(array: np.ndarray) -> Any:
            made = tf.placeholder(tf.string if array.dtype == object else array.dtype, array.shape, name=f"in{len(feeds)}")
            feeds[made] = array
            return made
        inputs = opdb.map_arrays(example.inputs, tensor)
        outputs = flatten(row.call(tf, inputs, example.attrs))
        nodes = nodes_of(graph)
        with tf.Session(graph=graph) as session:
            values = [opdb.as_array(v) for v in session.run(outputs, feeds)] if outputs else []
            found: dict[str, Any] = {"nodes": nodes, "values": values, "gradients": [], "gradient_nodes": []}
            if row.gradient and dtype == row.dtypes[0] and dtype.startswith("float"):
                xs = [t for t in feeds if t.dtype == dtype]
                pairs = [(y, v) for y, v in zip(outputs, values) if y.dtype == dtype]
                loads = [tf.constant(weights(row, i, v.shape).astype(dtype), name="weight") for i, (_, v) in enumerate(pairs)]
                before = len(graph.get_operations())
                gradients = tf.gradients([y for y, _ in pairs], xs, loads)
                found["gradient_nodes"] = nodes_of(graph)[before:]
                dense = [None if g is None else tf.convert_to_tensor(g) for g in gradients]
                found["gradients"] = [None if g is None else np.asarray(session.run(g, feeds)) for g in dense]
    return found


def write(folder: Path) -> None:
    import tensorflow.compat.v1 as tf
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    arrays: dict[str, np.ndarray] = {}
    results: dict[str, Any] = {}

    def keep(value: Any) -> Any:
        if value is None:
            return None
        key = f"a{len(arrays)}"
        if value.dtype == object:
            return [list(value.shape), [v.decode("latin-1") for v in value.ravel().tolist()]]
        arrays[key] = value if value.dtype.name != "bfloat16" else value.astype("float32")
        return key

    for row in opdb.load():
        if row.oracle is not True:
            continue
        for dtype in dtypes_of(row):
            for number, example in enumerate(row.cases(dtype)):
                label = f"{row.name}|{dtype}|{number}"
                try:
                    found = run_case(tf, row, dtype, example)
                except Exception as error:  # the row is wrong, or TensorFlow lacks the dtype: the suite says so
                    results[label] = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
                    continue
                found["values"] = [keep(v) for v in found["values"]]
                found["gradients"] = [keep(v) for v in found["gradients"]]
                results[label] = found
    np.savez(folder / "values.npz", **arrays)
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
