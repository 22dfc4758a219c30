"""Building a row's call in graphflow and running it, in the ways that the suites compare."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

import graphflow as tf
from graphflow.core.values import IndexedSlices
from graphflow.kernels.namespace import numpy_namespace
from graphflow.plan import pipeline

from . import Row, Sample, as_array, map_arrays


def flatten(outputs: Any) -> list[Any]:
    """The tensors (or arrays) of a result: lists, tuples and sparse values taken apart."""
    if isinstance(outputs, IndexedSlices):
        return [tf.convert_to_tensor(outputs)]
    if hasattr(outputs, "dense_shape"):
        return [outputs.indices, outputs.values, outputs.dense_shape]
    if isinstance(outputs, dict):
        return [t for k in sorted(outputs) for t in flatten(outputs[k])]
    if isinstance(outputs, (list, tuple)):
        return [t for item in outputs for t in flatten(item)]
    return [outputs]


class Built:
    """A call in a graph of its own: its placeholders, what to feed, its output tensors."""

    def __init__(self, row: Row, case: Sample, erase: str = "", constants: bool = False):
        self.graph = tf.Graph()
        self.feeds: dict[Any, np.ndarray] = {}
        self.tensors: list[Any] = []
        with self.graph.as_default():
            def tensor(array: np.ndarray) -> Any:
                if constants:
                    made = tf.constant(array)
                else:
                    static = {"": array.shape, "dims": (None,) * array.ndim, "rank": None}[erase]
                    made = tf.placeholder(tf.string if array.dtype == object else array.dtype, static)
                    self.feeds[made] = array
                self.tensors.append(made)
                return made
            inputs = map_arrays(case.inputs, tensor)
            self.made_before = len(self.graph.get_operations())
            self.outputs = flatten(row.call(tf, inputs, case.attrs))

    def types(self) -> set[str]:
        """Types of the operations, those in the bodies of branches and loops too."""
        message = self.graph.as_graph_def()
        return {node.op for node in (*message.node, *(node for function in message.library.function for node in function.node_def))}

    def run(self, config: Any = None) -> list[np.ndarray]:
        with tf.Session(graph=self.graph, config=config) as session:
            if not self.outputs:
                return []
            return [as_array(v) for v in session.run(self.outputs, self.feeds)]


@contextlib.contextmanager
def without_passes() -> Iterator[None]:
    """Plans made inside are run as lowering leaves them."""
    whole = list(pipeline.PASSES)
    pipeline.PASSES[:] = []
    try:
        yield
    finally:
        pipeline.PASSES[:] = whole


def run_one_by_one(built: Built) -> list[np.ndarray]:
    """The outputs by running each kernel once on numpy arrays: no plan, no passes.

    Operations that draw random numbers, print, complain or use variables are fetched one at a time with every value that they take fed, in
    one session; what reaches them by reference or by control edges runs again before each.
    """
    values: dict[Any, Any] = dict(built.feeds)
    with tf.Session(graph=built.graph) as session:
        for op in needed(built):
            if op.outputs and any(t in values for t in op.outputs):
                continue
            if op._op_def.stateful or op._op_def.holds or op._op_def.accesses(op) or not op.outputs or any(t not in values for t in op.inputs):
                fetched = [t for t in op.outputs if t.dtype is not tf.resource and not t.dtype.is_ref]
                fed = built.feeds | {t: values[t] for t in op.inputs if t in values}
                values.update(zip(fetched, session.run([op, *fetched], fed)[1:], strict=True))
            else:
                values.update(run_kernel(op, [values[t] for t in op.inputs]))
        # references are read after all has run
        return [values[t] if t in values else session.run(t, built.feeds) for t in built.outputs]


def needed(built: Built) -> list[Any]:
    """The operations that the outputs need, in the order in which they were made; all of them where there are no outputs."""
    found: set[Any] = set()
    ahead = [getattr(t, "op", t) for t in built.outputs] or built.graph.get_operations()
    while ahead:
        op = ahead.pop()
        if op not in found:
            found.add(op)
            ahead += [*(t.op for t in op.inputs), *op.control_inputs]
    return [op for op in built.graph.get_operations() if op in found]


def run_kernel(op: Any, arguments: list[Any]) -> dict[Any, np.ndarray]:
    """{output: value} by the kernel alone."""
    with np.errstate(all="ignore"):
        found = op._op_def.kernel(numpy_namespace, *arguments)
    results = {}
    for t, value in zip(op.outputs, found if isinstance(found, (tuple, list)) else (found,), strict=True):
        dtype = t.dtype.base_dtype.np
        results[t] = np.asarray(value) if dtype.kind == "O" else np.asarray(value, dtype)
    return results


def assert_close(found: Any, wanted: Any, dtype: str, factor: float = 1.0, what: str = "") -> None:
    """Equal dtypes' kinds, shapes and values, within what the dtype allows."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape, f"{what}: shape {found.shape}, expected {wanted.shape}"
    if found.dtype == object or wanted.dtype == object or found.dtype.kind in "SU":
        assert found.tolist() == wanted.tolist(), what
        return
    if found.dtype.kind in "iub":
        np.testing.assert_array_equal(found, wanted, err_msg=what)
        return
    precision = {"float16": 2e-3, "bfloat16": 2e-2, "float32": 2e-5, "complex64": 2e-5}.get(str(found.dtype), 1e-10)
    if dtype in ("float16", "bfloat16"):
        precision = max(precision, 5e-3)
    wide = np.complex128 if found.dtype.kind == "c" else np.float64
    np.testing.assert_allclose(found.astype(wide), wanted.astype(wide), rtol=precision * factor, atol=precision * factor, err_msg=what)
