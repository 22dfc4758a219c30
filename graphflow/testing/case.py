"""tf.test.TestCase: unittest with a fresh graph per test, sessions, and assertions on arrays."""
from __future__ import annotations

import re
import tempfile
import unittest
import unittest.mock
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..core import context, errors
from ..core.device import merge_device
from ..core.export import export, export_values
from ..core.graph import Graph
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..runtime import accelerators
from ..runtime.session import Session
from .assertions import PlainAssertions

mock = unittest.mock
_temporary: list[tempfile.TemporaryDirectory[str]] = []


@export("test.get_temp_dir")
def get_temp_dir() -> str:
    """A directory for the files of this test process, removed when it ends."""
    if not _temporary:
        _temporary.append(tempfile.TemporaryDirectory(prefix="graphflow-test-"))
    return _temporary[0].name


@export("test.main")
def main(argv: Any = None) -> None:
    """Runs the tests of the main module."""
    unittest.main(argv=argv)


@export("test.is_built_with_cuda")
def is_built_with_cuda() -> bool:
    """False: graphflow computes on the CPU."""
    return False


@export("test.is_built_with_gpu_support")
def is_built_with_gpu_support() -> bool:
    """False: graphflow computes on the CPU."""
    return False


@export("test.is_gpu_available")
def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Whether sessions run on a GPU: on the xla engine (GRAPHFLOW_ENGINE=xla), of that capability, (9, 0) say, at least."""
    least = tuple(min_cuda_compute_capability or ())
    return any(gpu.capability >= least for gpu in accelerators.gpus())


@export("test.gpu_device_name")
def gpu_device_name() -> str:
    """The first GPU that sessions run on, "/device:GPU:0"; '' without one."""
    return next((gpu.name for gpu in accelerators.gpus()), "")


@export("test.TestCase")
class TestCase(PlainAssertions):
    """unittest.TestCase with a new default graph for each test.

    Arguments of the array assertions may be tensors; they are run in the test's session.
    """

    def setUp(self) -> None:
        super().setUp()
        self._cached: Session | None = None
        context.stacks.graphs.clear()
        context.reset_default_graph()
        context.default_graph().seed = 87654321
        np.random.seed(87654321)

    def tearDown(self) -> None:
        if self._cached is not None:
            self._cached.close()
        super().tearDown()

    def get_temp_dir(self) -> str:
        """A directory for files of this test."""
        return tempfile.mkdtemp(dir=get_temp_dir())

    @contextmanager
    def session(self, graph: Graph | None = None, config: Any = None, use_gpu: bool = True, force_gpu: bool = False) -> Iterator[Session]:
        """A new session, closed afterwards."""
        with Session(graph=graph, config=config) as session:
            yield session

    @contextmanager
    def cached_session(self, graph: Graph | None = None, config: Any = None, use_gpu: bool = True,
                       force_gpu: bool = False) -> Iterator[Session]:
        """The test's session: the same one each time, closed with the test."""
        if self._cached is None:
            self._cached = Session(graph=graph, config=config)
        elif graph is not None and self._cached.graph is not graph:
            raise ValueError("The graph used to get the cached session is different than the one that was used to create the session.")
        with self._cached.graph.as_default(), self._cached.as_default():
            yield self._cached

    def test_session(self, graph: Graph | None = None, config: Any = None, use_gpu: bool = True, force_gpu: bool = False) -> Any:
        """TF1's old name: a new session when a graph or config is given, else the cached one."""
        if graph is None and config is None:
            return self.cached_session()
        return self.session(graph, config)

    test_session.__test__ = False  # type: ignore[attr-defined]

    def evaluate(self, tensors: Any) -> Any:
        """The values of tensors in the default session (or the test's)."""
        session = context.default_session() or self._cached
        if session is not None:
            return session.run(tensors)
        with self.cached_session() as own:
            return own.run(tensors)

    def _array(self, value: Any) -> Any:
        if isinstance(value, (Tensor, Operation)) or hasattr(value, "_as_graph_element"):
            return self.evaluate(value)
        return np.asarray(value)

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None) -> None:
        """Equal structure, shapes and values up to atol + rtol * |b|; half precision gets 1e-3."""
        if isinstance(a, Mapping) or isinstance(b, Mapping):
            self.assertEqual(set(a), set(b), msg)
            for k in a:
                self.assertAllClose(a[k], b[k], rtol, atol, f"{msg or ''} at key {k!r}")
            return
        if isinstance(a, (list, tuple)) and any(isinstance(x, (list, tuple, Tensor, np.ndarray, Mapping)) for x in a):
            self.assertEqual(len(a), len(b), msg)
            for i, (x, y) in enumerate(zip(a, b)):
                self.assertAllClose(x, y, rtol, atol, f"{msg or ''} at index {i}")
            return
        x, y = self._array(a), self._array(b)
        if np.float16 in (x.dtype, y.dtype):
            rtol, atol = max(rtol, 1e-3), max(atol, 1e-3)
        self.assertShapeEqual(x, y)
        np.testing.assert_allclose(x, y, rtol=rtol, atol=atol, err_msg=msg or "", equal_nan=True)

    def assertAllCloseAccordingToType(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, float_rtol: float = 1e-6,
                                      float_atol: float = 1e-6, half_rtol: float = 1e-3, half_atol: float = 1e-3,
                                      bfloat16_rtol: float = 1e-2, bfloat16_atol: float = 1e-2, msg: str | None = None) -> None:
        """assertAllClose with tolerances by the less precise dtype."""
        names = {str(self._array(v).dtype) for v in (a, b)}
        for name, r, t in (("float32", float_rtol, float_atol), ("complex64", float_rtol, float_atol), ("float16", half_rtol, half_atol),
                           ("bfloat16", bfloat16_rtol, bfloat16_atol)):
            if name in names:
                rtol, atol = max(rtol, r), max(atol, t)
        self.assertAllClose(a, b, rtol, atol, msg)

    def assertAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Equal shapes and values."""
        x, y = self._array(a), self._array(b)
        self.assertShapeEqual(np.asarray(x), np.asarray(y))
        np.testing.assert_array_equal(x, y, err_msg=msg or "")

    def assertNotAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None) -> None:
        """Not assertAllClose."""
        try:
            self.assertAllClose(a, b, rtol, atol)
        except AssertionError:
            return
        raise AssertionError(msg or "The two values are close at all elements.")

    def assertShapeEqual(self, input_a: Any, input_b: Any, msg: str | None = None) -> None:
        """An array (or static tensor) has the shape of another."""
        shapes = [tuple(x.shape.as_list()) if hasattr(x.shape, "as_list") else tuple(x.shape) for x in (input_a, input_b)]
        self.assertEqual(shapes[0], shapes[1], msg or f"Shape mismatch: expected {shapes[0]}, got {shapes[1]}.")

    def assertArrayNear(self, farray1: Any, farray2: Any, err: float, msg: str | None = None) -> None:
        """Equal lengths, and elements that differ by at most err."""
        self.assertEqual(len(farray1), len(farray2), msg)
        for x, y in zip(farray1, farray2):
            self.assertNear(float(x), float(y), err, msg)

    def assertNear(self, f1: float, f2: float, err: float, msg: str | None = None) -> None:
        """|f1 - f2| <= err."""
        self.assertTrue(f1 == f2 or abs(f1 - f2) <= err, f"{f1:f} != {f2:f} +/- {err:f}{f' ({msg})' if msg else ''}")

    def assertNDArrayNear(self, ndarray1: Any, ndarray2: Any, err: float, msg: str | None = None) -> None:
        """The norm of the difference is at most err."""
        distance = float(np.linalg.norm(np.asarray(ndarray1) - np.asarray(ndarray2)))
        self.assertTrue(distance < err, f"{distance} >= {err}{f' ({msg})' if msg else ''}")

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        self.assertGreater(float(np.min(self._array(a))), comparison_target)

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:
        self.assertLess(float(np.max(self._array(a))), comparison_target)

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:
        self.assertGreaterEqual(float(np.min(self._array(a))), comparison_target)

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:
        self.assertLessEqual(float(np.max(self._array(a))), comparison_target)

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        """Every element is one of the set."""
        extra = set(np.ravel(self._array(target)).tolist()) - set(expected_set)
        self.assertFalse(extra, f"{len(extra)} elements are not in the set {expected_set}, e.g. {sorted(extra)[:5]}")

    def assertNotAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Not assertAllEqual."""
        if np.array_equal(self._array(a), self._array(b)):
            raise AssertionError(msg or "The two values are equal at all elements.")

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        """An array, list or tensor has that numpy dtype."""
        self.assertEqual(np.dtype(self._array(target).dtype), np.dtype(getattr(expected_dtype, "as_numpy_dtype", expected_dtype)))

    def assertAllInRange(self, target: Any, lower_bound: Any, upper_bound: Any, open_lower_bound: bool = False,
                         open_upper_bound: bool = False) -> None:
        """All elements lie between the bounds."""
        x = self._array(target)
        low = x <= lower_bound if open_lower_bound else x < lower_bound
        high = x >= upper_bound if open_upper_bound else x > upper_bound
        bad = np.logical_or(low, high)
        self.assertFalse(bool(np.any(bad)), f"{int(np.sum(bad))} elements are out of range, e.g. {x[bad][:5] if np.any(bad) else ''}")

    @contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type: Any, expected_err_re_or_predicate: Any) -> Iterator[None]:
        """The body raises, and the message matches a regular expression (or a function accepts the exception)."""
        try:
            yield
        except exception_type as error:
            predicate = expected_err_re_or_predicate
            text = error.message if isinstance(error, errors.OpError) else str(error)
            good = predicate(error) if callable(predicate) else re.search(predicate, text)
            if not good:
                raise AssertionError(f"Exception of type {type(error)}: {error} does not match {predicate!r}") from error
        else:
            self.fail(f"{exception_type.__name__} not raised")

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> Any:
        """As assertRaisesWithPredicateMatch, for tf.errors.OpError."""
        return self.assertRaisesWithPredicateMatch(errors.OpError, expected_err_re_or_predicate)

    def assertDeviceEqual(self, device1: Any, device2: Any, msg: str | None = None) -> None:
        """Two device strings mean the same."""
        self.assertEqual(merge_device("", device1), merge_device("", device2), msg)


export_values(__name__, test__mock="mock")
