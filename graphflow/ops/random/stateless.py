"""The stateless_* ops: numbers that depend on nothing but the pair of seeds handed in.

The pair is scrambled by one op (StatelessRandomGetKeyCounter) into the key and counter of a stream; the drawing ops take those and
the number of an algorithm, of which only Philox (1, or 3 for "choose") exists here.
"""
from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, bfloat16, float16, float32, float64, int32, int64, uint32, uint64
from ...core.errors import InvalidArgumentError, UnimplementedError
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels import random as draws
from ...kernels.contract import Namespace
from ...kernels.namespace import numpy_namespace
from ..elementwise.binary import AddV2, Mul
from ..elementwise.mold import INTEGER
from .base import FLOATING, check_dtype, shape_tensor, sizes_of, static_shape
from .choices import categorical_shape, check_logits
from .distributions import integers, scaled_uniform
from .gamma_gradient import of_trailing_parameters
from .rejection import gamma_parameters, scaled_gamma

_ALGORITHMS = {"philox": 1, "threefry": 2, "auto_select": 3}
_WHOLE = (int32, int64, uint32, uint64)
_NUMBERS = (float16, float32, float64, int32, int64)


class StatelessOp(Op):
    """Draws from a stream that comes in as values."""

    def grad(self, op: Operation, *dy: Any) -> Any:
        return (None,) * len(op.inputs)


class StatelessRandomGetKeyCounter(StatelessOp, Several, sig="seed: Tseed -> key: uint64, counter: uint64"):
    """Key [1] and counter [2] of the stream of a pair of seeds."""
    Tseed: DType = one_of((int32, int64), default=int64)

    def infer(self, seed: Any) -> Any:
        check_seed(seed)
        return Spec(uint64, (1,)), Spec(uint64, (2,))

    def kernel(self, xp: Namespace, seed: Any) -> Any:
        place = xp.place_from_seeds(seed)
        return place[:1], place[1:]


class StatelessRandomGetAlg(Op, sig="-> alg: int32"):
    """The number of the algorithm that this device prefers: Philox."""

    def infer(self) -> Spec:
        return Spec(int32, ())

    def kernel(self, xp: Namespace) -> Any:
        return np.int32(1)


def check_seed(seed: Any) -> None:
    """ValueError unless the static shape can be [2]."""
    shape = seed.shape
    require(shape is None or (len(shape) == 1 and shape[0] in (None, 2)), f"seed must have shape [2], not {shape}")


def seeded_place(seed: np.ndarray) -> draws.Philox:
    return draws.place_from_seed(int(seed[0]), int(seed[1]))


def keyed_words(xp: Namespace, key: Any, counter: Any, alg: Any) -> Any:
    """The place in the stream of a key, a counter and an algorithm's number, as kernels.random.drawing takes it."""
    number = int(xp.known(alg))
    if number == _ALGORITHMS["threefry"]:
        raise UnimplementedError(None, None, "random algorithm 2 (threefry) is not available; use 'philox' or 'auto_select'")
    if number not in _ALGORITHMS.values():
        raise InvalidArgumentError(None, None, f"Unsupported algorithm id: {number}")
    return xp.concatenate([key, counter], 0)


def keyed_place(key: np.ndarray, counter: np.ndarray, alg: Any) -> draws.Philox:
    """The same for kernels of the host."""
    words: list[int] = keyed_words(numpy_namespace, key, counter, alg).tolist()
    return draws.place_from_key_counter(words[0], (words[1], words[2]))


class KeyedOp(StatelessOp):
    """Numbers of one distribution; `how` is its name in kernels.random.drawing."""
    dtype: Any
    how: ClassVar[str] = ""

    def infer(self, shape: Any, key: Any, counter: Any, alg: Any) -> Spec:
        return Spec(self.dtype, static_shape(shape))

    def kernel(self, xp: Namespace, shape: Any, key: Any, counter: Any, alg: Any) -> Any:
        return xp.draw(keyed_words(xp, key, counter, alg), self.how, sizes_of(shape, None)[0], self.dtype.np)


class SeededOp(StatelessOp):
    """As KeyedOp, from the pair of seeds itself: the ops of TF 1.x graphs."""
    dtype: Any
    how: ClassVar[str] = ""

    def infer(self, shape: Any, seed: Any) -> Spec:
        check_seed(seed)
        return Spec(self.dtype, static_shape(shape))

    def kernel(self, xp: Namespace, shape: Any, seed: Any) -> Any:
        return xp.draw(xp.place_from_seeds(seed), self.how, sizes_of(shape, None)[0], self.dtype.np)


def _keyed(name: str, how: str, what: str, allowed: Any = FLOATING, default: DType = float32) -> type[Op]:
    body = {
        "__module__": __name__, "__doc__": f"{what}, from a key and a counter.", "__annotations__": {"dtype": DType, "Tshape": DType},
        "dtype": one_of(allowed, default=default), "Tshape": one_of((int32, int64), default=int32),
        "how": how, "static": {"shape": 1},
    }
    return type(name, (KeyedOp,), body, sig="shape: Tshape, key: uint64, counter: uint64, alg: int32 -> output: dtype")


def _seeded(name: str, how: str, what: str, allowed: Any = FLOATING, default: DType = float32, seeds: Any = (int32, int64)) -> type[Op]:
    body = {
        "__module__": __name__, "__doc__": f"{what}, from a pair of seeds.",
        "__annotations__": {"dtype": DType, "T": DType, "Tseed": DType},
        "dtype": one_of(allowed, default=default), "T": one_of((int32, int64), default=int32), "Tseed": one_of(seeds, default=int64),
        "how": how, "static": {"shape": 1},
    }
    return type(name, (SeededOp,), body, sig="shape: T, seed: Tseed -> output: dtype")


StatelessRandomUniformV2 = _keyed("StatelessRandomUniformV2", "uniform", "Uniform numbers in [0, 1)")
StatelessRandomNormalV2 = _keyed("StatelessRandomNormalV2", "normal", "Standard normal numbers")
StatelessTruncatedNormalV2 = _keyed("StatelessTruncatedNormalV2", "truncated_normal", "Truncated normal numbers")
StatelessRandomUniformFullIntV2 = _keyed(
    "StatelessRandomUniformFullIntV2", "integers", "Integers of the whole range of the dtype", _WHOLE, uint64)
StatelessRandomUniform = _seeded("StatelessRandomUniform", "uniform", "Uniform numbers in [0, 1)")
StatelessRandomNormal = _seeded("StatelessRandomNormal", "normal", "Standard normal numbers")
StatelessTruncatedNormal = _seeded("StatelessTruncatedNormal", "truncated_normal", "Truncated normal numbers")
StatelessRandomUniformFullInt = _seeded(
    "StatelessRandomUniformFullInt", "integers", "Integers of the whole range of the dtype", _WHOLE, uint64, _WHOLE)


class StatelessRandomUniformIntV2(
        StatelessOp, sig="shape: Tshape, key: uint64, counter: uint64, alg: int32, minval: dtype, maxval: dtype -> output: dtype",
        static={"shape": 1}):
    """Uniform integers in [minval, maxval), from a key and a counter."""
    dtype: DType = one_of(_WHOLE)
    Tshape: DType = one_of((int32, int64), default=int32)

    def infer(self, shape: Any, *others: Any) -> Spec:
        return Spec(self.dtype, static_shape(shape))

    def kernel(self, xp: Namespace, shape: Any, key: Any, counter: Any, alg: Any, minval: Any, maxval: Any) -> Any:
        return integers(xp, keyed_words(xp, key, counter, alg), shape, minval, maxval, self.dtype)


class StatelessRandomUniformInt(StatelessOp, sig="shape: T, seed: Tseed, minval: dtype, maxval: dtype -> output: dtype",
                                static={"shape": 1}):
    """Uniform integers in [minval, maxval), from a pair of seeds."""
    dtype: DType = one_of((int32, int64))
    T: DType = one_of((int32, int64))
    Tseed: DType = one_of((int32, int64), default=int64)

    def infer(self, shape: Any, seed: Any, *others: Any) -> Spec:
        check_seed(seed)
        return Spec(self.dtype, static_shape(shape))

    def kernel(self, xp: Namespace, shape: Any, seed: Any, minval: Any, maxval: Any) -> Any:
        return integers(xp, xp.place_from_seeds(seed), shape, minval, maxval, self.dtype)


class StatelessMultinomial(StatelessOp, sig="logits: T, num_samples: int32, seed: Tseed -> output: output_dtype",
                           static={"num_samples": 0}):
    """Class numbers drawn in proportion to exp(logits), for each row, from a pair of seeds."""
    host = True         # the kernel draws from a generator, which needs the seeds' values
    T: DType = one_of((bfloat16, float16, float32, float64, *INTEGER))
    Tseed: DType = one_of((int32, int64), default=int64)
    output_dtype: DType = one_of((int32, int64), default=int64)

    def infer(self, logits: Any, num_samples: Any, seed: Any) -> Spec:
        check_seed(seed)
        return Spec(self.output_dtype, categorical_shape(logits, num_samples))

    def kernel(self, xp: Namespace, logits: Any, num_samples: Any, seed: Any) -> Any:
        count = check_logits(logits, num_samples, None)
        return draws.multinomial(seeded_place(seed), logits, count, self.output_dtype.np)


class StatelessRandomGammaV3(
        StatelessOp, sig="shape: shape_dtype, key: uint64, counter: uint64, alg: int32, alpha: dtype -> output: dtype",
                             static={"shape": 1}):
    """Gamma numbers of scale 1, of the given shape, whose last axes are alpha's."""
    host = True         # drawn by rejection: how much of the stream a number takes depends on it
    dtype: DType = one_of((float16, float32, float64))
    shape_dtype: DType = one_of((int32, int64), default=int32)

    def infer(self, shape: Any, key: Any, counter: Any, alg: Any, alpha: Any) -> Spec:
        return Spec(self.dtype, static_shape(shape))

    def kernel(self, xp: Namespace, shape: Any, key: Any, counter: Any, alg: Any, alpha: Any) -> Any:
        return _per_parameter(draws.gamma, keyed_place(key, counter, alg), shape, alpha, self.dtype)

    def grad(self, op: Operation, *dy: Any) -> Any:
        return None, None, None, None, of_trailing_parameters(op.inputs[0], op.inputs[4], op.outputs[0], dy[0])


class StatelessRandomPoisson(StatelessOp, sig="shape: T, seed: Tseed, lam: Rtype -> output: dtype", static={"shape": 1}):
    """Poisson numbers of the given shape, whose last axes are those of the rates, from a pair of seeds."""
    host = True         # drawn by rejection: how much of the stream a number takes depends on it
    Rtype: DType = one_of(_NUMBERS)
    dtype: DType = one_of(_NUMBERS)
    T: DType = one_of((int32, int64))
    Tseed: DType = one_of((int32, int64), default=int64)

    def infer(self, shape: Any, seed: Any, lam: Any) -> Spec:
        check_seed(seed)
        return Spec(self.dtype, static_shape(shape))

    def kernel(self, xp: Namespace, shape: Any, seed: Any, lam: Any) -> Any:
        return _per_parameter(draws.poisson, seeded_place(seed), shape, lam, self.dtype)


def _per_parameter(draw: Any, place: draws.Philox, shape: np.ndarray, parameter: np.ndarray, dtype: DType) -> np.ndarray:
    sizes, count = sizes_of(shape, None)
    last = sizes[len(sizes) - parameter.ndim:]
    if parameter.shape != last:
        raise InvalidArgumentError(None, None, f"Shape passed in must end with broadcasted shape: the parameter has "
                                               f"{list(parameter.shape)}, the output {list(sizes)}")
    samples = count // parameter.size if parameter.size else 0
    return draw(place, samples, parameter.ravel(), dtype.np).reshape(sizes)


# ---- public functions ----------------------------------------------------------------------------------------------------

def _key_counter(seed: Any, alg: Any) -> tuple[Any, ...]:
    """(key, counter, algorithm number) for a drawing op."""
    key, counter = make(StatelessRandomGetKeyCounter, seed)
    return key, counter, _algorithm(alg)


def _algorithm(alg: Any) -> Any:
    if isinstance(alg, str):
        if alg not in _ALGORITHMS:
            raise ValueError(f"Unsupported algorithm {alg!r}: choose one of {', '.join(map(repr, _ALGORITHMS))}")
        return _ALGORITHMS[alg]
    return getattr(alg, "value", alg)


@export("random.stateless_uniform")
def stateless_random_uniform(shape: Any, seed: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32, name: str | None = None,
                             alg: Any = "auto_select") -> Tensor:
    """Uniform numbers in [minval, maxval) that depend on the shape and the two integers of `seed` only.

    dtype: floating (maxval None: 1), int32, int64, uint32, uint64; minval and maxval both None: all values of an integer dtype.
    """
    dtype = check_dtype(as_dtype(dtype), (*FLOATING, *_WHOLE))
    if dtype.is_integer:
        if (minval is None) != (maxval is None):
            raise ValueError(f"For integer `dtype` argument {dtype}, argument `minval` and `maxval` must be both None or not None. "
                             f"Got `minval`={minval} and `maxval`={maxval}.")
        if minval is not None and dtype in (uint32, uint64):
            raise ValueError(f"Argument `dtype` got invalid value {dtype} when argument `minval` is not None. Please don't use unsigned "
                             "integers in this case.")
    elif maxval is None:
        maxval = 1
    with context.default_graph().name_scope(name or "stateless_random_uniform") as scope:
        shape = shape_tensor(shape)
        if dtype.is_integer and minval is None:
            return make(StatelessRandomUniformFullIntV2, shape, *_key_counter(seed, alg), name=scope, dtype=dtype)
        minval = convert_to_tensor(minval, dtype, "min")
        maxval = convert_to_tensor(maxval, dtype, "max")
        if dtype.is_integer:
            return make(StatelessRandomUniformIntV2, shape, *_key_counter(seed, alg), minval, maxval, name=scope)
        return scaled_uniform(make(StatelessRandomUniformV2, shape, *_key_counter(seed, alg), dtype=dtype), minval, maxval, scope)


@export("random.stateless_normal")
def stateless_random_normal(shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, name: str | None = None,
                            alg: Any = "auto_select") -> Tensor:
    """Normal numbers that depend on the shape and the two integers of `seed` only."""
    return _scaled(StatelessRandomNormalV2, shape, seed, mean, stddev, dtype, name or "stateless_random_normal", alg)


@export("random.stateless_truncated_normal")
def stateless_truncated_normal(shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, name: str | None = None,
                               alg: Any = "auto_select") -> Tensor:
    """Normal numbers within two standard deviations that depend on the shape and the two integers of `seed` only."""
    return _scaled(StatelessTruncatedNormalV2, shape, seed, mean, stddev, dtype, name or "stateless_truncated_normal", alg)


def _scaled(cls: type[Op], shape: Any, seed: Any, mean: Any, stddev: Any, dtype: Any, name: str, alg: Any) -> Tensor:
    dtype = as_dtype(dtype)
    with context.default_graph().name_scope(name) as scope:
        shape = shape_tensor(shape)
        mean = convert_to_tensor(mean, dtype, "mean")
        stddev = convert_to_tensor(stddev, dtype, "stddev")
        numbers = make(cls, shape, *_key_counter(seed, alg), dtype=dtype)
        return make(AddV2, make(Mul, numbers, stddev, name="mul"), mean, name=scope)


@export("random.stateless_multinomial")
def stateless_multinomial(logits: Any, num_samples: Any, seed: Any, output_dtype: Any = int64, name: str | None = None) -> Tensor:
    """As `tf.random.categorical`, depending on the inputs and the two integers of `seed` only."""
    return _categorical(logits, num_samples, seed, output_dtype, name or "stateless_multinomial")


@export("random.stateless_categorical")
def stateless_categorical(logits: Any, num_samples: Any, seed: Any, dtype: Any = int64, name: str | None = None) -> Tensor:
    """As `tf.random.categorical`, depending on the inputs and the two integers of `seed` only."""
    return _categorical(logits, num_samples, seed, dtype, name or "stateless_categorical")


def _categorical(logits: Any, num_samples: Any, seed: Any, dtype: Any, name: str) -> Tensor:
    with context.default_graph().name_scope(name):
        logits = convert_to_tensor(logits, name="logits")
        dtype = check_dtype(as_dtype(dtype) if dtype else int64, (int32, int64))
        return make(StatelessMultinomial, logits, num_samples, seed, output_dtype=dtype)


@export("random.stateless_gamma")
def stateless_random_gamma(shape: Any, seed: Any, alpha: Any, beta: Any = None, dtype: Any = float32, name: str | None = None) -> Tensor:
    """Gamma numbers of the given shape, which must end with that of broadcast(alpha, beta), from the two integers of `seed`."""
    dtype = as_dtype(dtype)
    with context.default_graph().name_scope(name or "stateless_random_gamma"):
        shape = shape_tensor(shape)
        alpha, beta = gamma_parameters(alpha, beta, dtype)
        return scaled_gamma(make(StatelessRandomGammaV3, shape, *_key_counter(seed, "auto_select"), alpha), alpha, beta)


@export("random.stateless_poisson")
def stateless_random_poisson(shape: Any, seed: Any, lam: Any, dtype: Any = int32, name: str | None = None) -> Tensor:
    """Poisson numbers of the given shape, which must end with that of the rates `lam`, from the two integers of `seed`."""
    with context.default_graph().name_scope(name or "stateless_random_poisson"):
        shape = shape_tensor(shape)
        return make(StatelessRandomPoisson, shape, seed, lam, dtype=as_dtype(dtype))
