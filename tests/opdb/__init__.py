"""The op database: a row per public op function, from which the suites tests/test_opdb_*.py make their cases.

    row("MatMul", "matmul", dtypes=FLOATING + INTEGER,
        reference=lambda a, b, transpose_a=False: (a.T if transpose_a else a) @ b,
        samples=lambda rand: [sample(rand(2, 3), rand(3, 4)), sample(rand(3, 2), rand(3, 4), transpose_a=True)],
        errors=[error(ValueError, "must be equal, but are 3 and 2", zeros(2, 3), zeros(2, 3))])

The same rows run in TensorFlow's process, so this package imports numpy only; functions are named by their public name, or
are callables that take the module (`lambda tf, x: tf.reshape(x, [-1])`).

In a sample numpy arrays are tensors (also inside lists) and float64 arrays take each dtype of the row in turn; everything else
(lists, numbers, strings, keyword arguments) goes to the function as it is.
"""

from __future__ import annotations

import importlib
import pkgutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

FLOATING = ("float32", "float64")
HALF = ("float16",)
INTEGER = ("int32", "int64")
COMPLEX = ("complex64", "complex128")
ROWS: list[Row] = []


@dataclass(frozen=True)
class Sample:
    """One call: positional inputs and keyword arguments."""
    inputs: tuple[Any, ...]
    attrs: dict[str, Any]


@dataclass(frozen=True)
class Error:
    """A call that must be refused: exception type by name (`ValueError`, `errors.InvalidArgumentError`), words of its text."""
    kind: Any
    text: str
    inputs: tuple[Any, ...]
    attrs: dict[str, Any]


@dataclass
class Row:
    """One public function and what is known of it. See the module's docstring; `suites` says which suites leave it out."""
    ops: tuple[str, ...]
    function: Any
    name: str
    dtypes: tuple[str, ...]
    samples: Callable[[Any], list[Sample]]
    reference: Callable[..., Any] | None
    gradient: bool
    second: bool
    domain: tuple[float, float]
    kinks: tuple[float, ...]
    errors: list[Error]
    tolerance: float
    oracle: str | bool
    nodes: str | bool
    shapes: bool
    covers: tuple[str, ...] = field(default_factory=tuple)

    def call(self, tf: Any, inputs: Any, attrs: dict[str, Any]) -> Any:
        if callable(self.function):
            return self.function(tf, *inputs, **attrs)
        target = tf
        for part in self.function.split("."):
            target = getattr(target, part)
        return target(*inputs, **attrs)

    def cases(self, dtype: str) -> list[Sample]:
        """The samples with their float64 arrays in a dtype."""
        made = self.samples(Rand(self, zlib.crc32(self.name.encode())))
        return [Sample(map_arrays(s.inputs, lambda a: as_dtype(a, dtype)), s.attrs) for s in made]


class Rand:
    """Reproducible arrays inside the row's domain and off its kinks."""

    def __init__(self, row: Row, seed: int):
        self.row, self.generator = row, np.random.Generator(np.random.PCG64(seed))

    def __call__(self, *shape: int) -> np.ndarray:
        low, high = self.row.domain
        values = self.generator.uniform(low, high, shape)
        for _ in range(100):
            near = np.zeros(shape, bool)
            for kink in self.row.kinks:
                near |= np.abs(values - kink) < 0.05 * (high - low) / 2
            if not near.any():
                return np.asarray(values)
            values = np.where(near, self.generator.uniform(low, high, shape), values)
        raise AssertionError(f"{self.row.name}: no values off the kinks found")

    def ints(self, low: int, high: int, *shape: int, dtype: str = "int32") -> np.ndarray:
        """Integers in [low, high); they keep their dtype in every case."""
        return np.asarray(self.generator.integers(low, high, shape), dtype)

    def bools(self, *shape: int) -> np.ndarray:
        return np.asarray(self.generator.uniform(size=shape) < 0.5)

    def distinct(self, *shape: int) -> np.ndarray:
        """Values of which no two are close to each other, for sorting, maxima and the like."""
        low, high = self.row.domain
        count = int(np.prod(shape, dtype=np.int64))
        return np.asarray(self.generator.permutation(np.linspace(low, high, count)).reshape(shape))


def as_dtype(array: np.ndarray, dtype: str) -> np.ndarray:
    """A float64 array in another dtype (integers: scaled by 3 and rounded; complex: with an imaginary part)."""
    if array.dtype != np.float64:
        return array
    if dtype == "bool":
        return np.asarray(array > 0)
    if dtype.startswith(("int", "uint")):
        return np.asarray(np.rint(array * 3)).astype(dtype)
    if dtype.startswith("complex"):
        turned = np.roll(array.ravel(), 1).reshape(array.shape)
        return np.asarray(array + 0.5j * turned).astype(dtype)
    return array.astype(dtype)


def map_arrays(value: Any, function: Callable[[np.ndarray], Any]) -> Any:
    """A nested list or tuple with every numpy array mapped."""
    if isinstance(value, np.ndarray):
        return function(value)
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return type(value)(map_arrays(v, function) for v in value)
    return value


def as_array(value: Any) -> np.ndarray:
    """A fetched value as an array; a single string as an array of objects."""
    return np.array(value, object) if isinstance(value, bytes) else np.asarray(value)


def arrays_in(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from arrays_in(item)


def sample(*inputs: Any, **attrs: Any) -> Sample:
    return Sample(inputs, attrs)


def error(kind: Any, text: str, *inputs: Any, **attrs: Any) -> Error:
    """kind: an exception class, or its name under tf ("errors.InvalidArgumentError"). text: words that its message holds."""
    return Error(kind, text, inputs, attrs)


def zeros(*shape: int, dtype: str = "float32") -> np.ndarray:
    return np.zeros(shape, dtype)


def row(ops: str | tuple[str, ...], function: Any, *, samples: Callable[[Any], list[Sample]], name: str | None = None,
        dtypes: tuple[str, ...] = FLOATING, reference: Callable[..., Any] | None = None, gradient: bool | None = None,
        second: bool = True, domain: tuple[float, float] = (-2.0, 2.0), kinks: tuple[float, ...] = (), errors: list[Error] | None = None,
        tolerance: float = 1.0, oracle: str | bool = True, nodes: str | bool = True, shapes: bool = True) -> None:
    """Adds a row.

    ops: op type(s) that the call makes. gradient: whether gradients are checked (default: where a dtype is floating);
    second: of order 2 too. domain, kinks: where random values lie and what they avoid. tolerance: a factor on the suites' own.
    oracle, nodes: False or the reason why values, or node lists, are not compared with TensorFlow's. shapes: False where erased
    static shapes are refused.
    """
    types = (ops,) if isinstance(ops, str) else tuple(ops)
    label = name or (function if isinstance(function, str) else types[0])
    if any(r.name == label for r in ROWS):
        raise ValueError(f"opdb has two rows named {label!r}; pass name=")
    if gradient is None:
        gradient = any(d.startswith("float") for d in dtypes)
    ROWS.append(Row(types, function, label, dtypes, samples, reference, gradient, second, domain, kinks, errors or [], tolerance,
                    oracle, nodes, shapes))


def load() -> list[Row]:
    """All rows, from every module of this package."""
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        if not module.startswith("_"):
            importlib.import_module(f"{__name__}.{module}")
    return ROWS


def cases(dtype_filter: Callable[[Row], tuple[str, ...]] = lambda r: r.dtypes) -> list[tuple[Row, str]]:
    return [(r, d) for r in load() for d in dtype_filter(r)]


def case_id(case: Any) -> str:
    return f"{case[0].name}-{case[1]}"
