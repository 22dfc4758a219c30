"""Fourier transforms over the last one, two or three axes."""
from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ...core import context, dtypes, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int32
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import cast, shape_internal
from ..array.joining import concat
from ..dtype_sets import COMPLEX, WIDE
from ..elementwise import binary, division, unary
from ..elementwise.complex import conj, real_
from ..reduce import reduction


class _Fft(Op):
    """Complex in, complex out; the inverse divides by the number of points."""
    host = True         # transforms are numpy's
    Tcomplex: DType = one_of(COMPLEX, default=dtypes.complex64)
    rank: ClassVar[int] = 1
    inverse: ClassVar[bool] = False

    def infer(self, x: Spec) -> Spec:
        require(x.shape is None or len(x.shape) >= self.rank, f"Shape must be at least rank {self.rank} but is rank {len(x.shape or ())}")
        return Spec(self.Tcomplex, x.shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        if not np.size(x):
            return np.zeros(np.shape(x), self.Tcomplex.np)
        function = np.fft.ifftn if self.inverse else np.fft.fftn
        return function(np.asarray(x), axes=tuple(range(-self.rank, 0))).astype(self.Tcomplex.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        back = _FORWARD[self.rank] if self.inverse else _INVERSE[self.rank]
        if self.inverse:
            scale = cast(1.0 / cast(_points(dy, self.rank), dy.dtype.real_dtype), dy.dtype)
        else:
            scale = cast(_points(dy, self.rank), dy.dtype)
        return (make(back, dy) * scale,)


def _points(x: Any, rank: int) -> Tensor:
    return reduction.reduce_prod(shape_internal(x)[-rank:])


def _row(name: str, rank: int, inverse: bool) -> Any:
    return type(name, (_Fft,), {"__doc__": f"The {'inverse ' if inverse else ''}Fourier transform over the last {rank} axes.",
                                "__module__": __name__, "rank": rank, "inverse": inverse}, sig="input: Tcomplex -> output: Tcomplex")


_FORWARD = {1: _row("FFT", 1, False), 2: _row("FFT2D", 2, False), 3: _row("FFT3D", 3, False)}
_INVERSE = {1: _row("IFFT", 1, True), 2: _row("IFFT2D", 2, True), 3: _row("IFFT3D", 3, True)}


def _sizes(spec: Any, rank: int) -> tuple[int | None, ...]:
    return (None,) * rank if spec.value is None else tuple(int(v) for v in np.ravel(spec.value))


def _transformed(x: Any, length: Any, rank: int) -> bool:
    """Whether the input's rank is known; ValueError where it, or the shape of fft_length, does not fit the transform."""
    require(x.shape is None or len(x.shape) >= rank, f"Shape must be at least rank {rank} but is rank {len(x.shape or ())}")
    require(shapes.compatible(length.shape, (rank,)), f"fft_length must have shape [{rank}], but has {shapes.describe(length.shape)}")
    return x.shape is not None


class _Rfft(Op):
    """Real in, the non-redundant half of the spectrum out."""
    host = True         # transforms are numpy's
    static = {"fft_length": 1}
    Treal: DType = one_of(WIDE, default=dtypes.float32)
    Tcomplex: DType = one_of(COMPLEX, default=dtypes.complex64)
    rank: ClassVar[int] = 1

    def infer(self, x: Any, length: Any) -> Spec:
        if not _transformed(x, length, self.rank):
            return Spec(self.Tcomplex, None)
        sizes = _sizes(length, self.rank)
        last = None if sizes[-1] is None else sizes[-1] // 2 + 1 if sizes[-1] else 0
        return Spec(self.Tcomplex, (*x.shape[:len(x.shape) - self.rank], *sizes[:-1], last))

    def kernel(self, xp: Namespace, x: Any, length: Any) -> Any:
        sizes = tuple(int(v) for v in np.ravel(length))
        axes = tuple(range(-self.rank, 0))
        for axis, size in zip(axes, sizes):
            if np.shape(x)[axis] < size:
                raise ValueError(f"Input dimension {axis} must have length of at least {size} but got: {np.shape(x)[axis]}")
        if not np.size(x):
            return np.zeros((*np.shape(x)[:-self.rank], *sizes[:-1], sizes[-1] // 2 + 1 if sizes[-1] else 0), self.Tcomplex.np)
        return np.fft.rfftn(np.asarray(x), sizes, axes=axes).astype(self.Tcomplex.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        if self.rank == 3:
            raise LookupError(f"No gradient defined for operation '{op.name}' (op type: RFFT3D)")
        return _rfft_slope(op, dy, self.rank), None


class _Irfft(Op):
    """The half spectrum of a real signal in, the signal out."""
    host = True         # transforms are numpy's
    static = {"fft_length": 1}
    Treal: DType = one_of(WIDE, default=dtypes.float32)
    Tcomplex: DType = one_of(COMPLEX, default=dtypes.complex64)
    rank: ClassVar[int] = 1

    def infer(self, x: Any, length: Any) -> Spec:
        if not _transformed(x, length, self.rank):
            return Spec(self.Treal, None)
        return Spec(self.Treal, (*x.shape[:len(x.shape) - self.rank], *_sizes(length, self.rank)))

    def kernel(self, xp: Namespace, x: Any, length: Any) -> Any:
        sizes = tuple(int(v) for v in np.ravel(length))
        if not np.size(x):
            return np.zeros((*np.shape(x)[:-self.rank], *sizes), self.Treal.np)
        return np.fft.irfftn(np.asarray(x), sizes, axes=tuple(range(-self.rank, 0))).astype(self.Treal.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        if self.rank == 3:
            raise LookupError(f"No gradient defined for operation '{op.name}' (op type: IRFFT3D)")
        return _irfft_slope(op, dy, self.rank), None


def _real_row(name: str, rank: int, base: Any, sig: str) -> Any:
    return type(name, (base,), {"__doc__": f"{base.__doc__} Over the last {rank} axes.", "__module__": __name__, "rank": rank}, sig=sig)


_RSIG, _ISIG = "input: Treal, fft_length: int32 -> output: Tcomplex", "input: Tcomplex, fft_length: int32 -> output: Treal"
_RFFT = {1: _real_row("RFFT", 1, _Rfft, _RSIG), 2: _real_row("RFFT2D", 2, _Rfft, _RSIG), 3: _real_row("RFFT3D", 3, _Rfft, _RSIG)}
_IRFFT = {1: _real_row("IRFFT", 1, _Irfft, _ISIG), 2: _real_row("IRFFT2D", 2, _Irfft, _ISIG), 3: _real_row("IRFFT3D", 3, _Irfft, _ISIG)}


def _complex_function(function_name: str, cls: Any) -> Any:
    def function(input: Any, name: str | None = None) -> Tensor:
        return make(cls, input, name=name)
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = cls.__doc__ + " complex64 or complex128."
    return export(function_name, f"signal.{function_name}", f"spectral.{function_name}")(function)


fft, ifft = _complex_function("fft", _FORWARD[1]), _complex_function("ifft", _INVERSE[1])
fft2d, ifft2d = _complex_function("fft2d", _FORWARD[2]), _complex_function("ifft2d", _INVERSE[2])
fft3d, ifft3d = _complex_function("fft3d", _FORWARD[3]), _complex_function("ifft3d", _INVERSE[3])


def _inferred_length(x: Tensor, rank: int, reverse: bool) -> Any:
    """The transform's sizes from the input's: for the reverse direction 2 (n - 1) in the last axis."""
    sizes = None if x.static is None else list(x.static[len(x.static) - rank:])
    if sizes is not None and None not in sizes:
        if reverse and sizes[-1]:
            sizes[-1] = max(2 * (sizes[-1] - 1), 0)
        return convert_to_tensor(np.array(sizes, np.int32))
    length = shape_internal(x)[-rank:]
    if reverse:
        length = concat([length[:-1], binary.maximum(0, 2 * (length[-1:] - 1))], 0)
    return length


def _padded(x: Tensor, rank: int, length: Tensor, reverse: bool) -> Tensor:
    """x with zeros after the end of axes that are shorter than the transform."""
    known = constant_value(length)
    if known is not None and x.static is not None and None not in x.static[len(x.static) - rank:]:
        wanted = [int(v) for v in known]
        if reverse and wanted[-1]:
            wanted[-1] = wanted[-1] // 2 + 1
        missing = [[0, max(w - d, 0)] for w, d in zip(wanted, x.static[len(x.static) - rank:])]  # type: ignore[operator]
        if not any(m for _, m in missing):
            return x
        return F.pad(x, [[0, 0]] * (len(x.static) - rank) + missing)
    outer = F.zeros([binary.maximum(0, F.rank(x) - rank)], length.dtype)
    if reverse:
        length = concat([length[:-1], length[-1:] // 2 + 1], 0)
    missing_tensor = concat([outer, binary.maximum(0, length - shape_internal(x)[-rank:])], 0)
    return F.pad(x, F.stack([F.zeros_like(missing_tensor), missing_tensor], axis=1))


def _real_function(function_name: str, cls: Any, rank: int, reverse: bool) -> Any:
    hint = dtypes.complex64 if reverse else dtypes.float32

    def function(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Tensor:
        with context.default_graph().name_scope(name or function_name) as scope:
            x = convert_to_tensor(input_tensor, preferred_dtype=hint)
            dtype = x.dtype.base_dtype
            if dtype not in (COMPLEX if reverse else WIDE):
                wanted = "tf.complex64 or tf.complex128" if reverse else "tf.float32 or tf.float64"
                raise ValueError(f"{'IRFFT' if reverse else 'RFFT'} requires {wanted} inputs, got: {x}")
            length = _inferred_length(x, rank, reverse) if fft_length is None else convert_to_tensor(fft_length, int32)
            if length.static is not None and len(length.static) != 1:
                raise ValueError(f"Shape must be rank 1 but is rank {len(length.static)}: fft_length has shape {length.shape}")
            x = _padded(x, rank, length, reverse)
            known = constant_value(length)
            other = {"Treal": dtype.real_dtype} if reverse else \
                {"Tcomplex": dtypes.complex64 if dtype is dtypes.float32 else dtypes.complex128}
            return make(cls, x, length if known is None else known, name=scope, **other)
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = (f"{cls.__doc__} fft_length: the transform's sizes (zeros are added to shorter input, longer is cut); "
                        "by default those of the input.")
    return export(f"signal.{function_name}", f"spectral.{function_name}")(function)


rfft, irfft = _real_function("rfft", _RFFT[1], 1, False), _real_function("irfft", _IRFFT[1], 1, True)
rfft2d, irfft2d = _real_function("rfft2d", _RFFT[2], 2, False), _real_function("irfft2d", _IRFFT[2], 2, True)
rfft3d, irfft3d = _real_function("rfft3d", _RFFT[3], 3, False), _real_function("irfft3d", _IRFFT[3], 3, True)


def _alternating(length: Any, dtype: Any) -> Any:
    """1, -1, 1, ..."""
    return cast(1 - 2 * (F.range(length) % 2), dtype)


def _rotations(length: Any, dtype: Any) -> Tensor:
    """The matrix of the discrete Fourier transform."""
    a = F.tile(F.expand_dims(F.range(length), 0), (length, 1))
    b = F.transpose(a, [1, 0])
    return unary.exp(-2j * np.pi * cast(a * b, dtype) / cast(length, dtype))


def _rfft_slope(op: Any, dy: Any, rank: int) -> Any:
    """The inverse transform of dy, plus what the half spectrum counts once: the first and (even lengths) the last column."""
    length = op.inputs[1]
    dtype = dy.dtype.base_dtype
    shape = shape_internal(op.inputs[0])
    even = cast(1 - length[-1] % 2, dtype)
    first = dy[..., 0:1]
    if rank == 1:
        last = dy[..., -1:]
        extra = first + even * last * _alternating(shape[-1], dtype)
    else:
        base = _rotations(shape[-2], dtype)
        ones = concat([F.ones([F.rank(first) - 2], int32), shape_internal(base)], 0)
        mask = F.tile(F.reshape(base, ones), concat([shape_internal(first)[:-2], [1, 1]], 0))
        extra = F.matmul(mask, conj(first))
        last = dy[..., -1:]
        term = F.matmul(mask, conj(last))
        width = shape[-1]
        times = concat([F.ones([F.rank(dy) - 1], int32), [width]], 0)
        extra += even * (F.tile(term, times) * _alternating(width, dtype))
    points = cast(_points(op.inputs[0], rank), dtype.real_dtype)
    back = (irfft if rank == 1 else irfft2d)(dy, length)
    return 0.5 * (back * points + real_(extra))


def _irfft_slope(op: Any, dy: Any, rank: int) -> Any:
    """The transform of dy; inner columns count twice, since their mirror images are not stored."""
    known = constant_value(op.inputs[1])
    length = op.inputs[1] if known is None else known
    real = dy.dtype.base_dtype
    dtype = dtypes.complex64 if real is dtypes.float32 else dtypes.complex128
    odd = division.floormod(length[-1], 2, name="mod")
    width = shape_internal(op.inputs[0])[-1]
    mask = concat([[1.0], 2.0 * F.ones([width - 2 + odd], real), F.ones([1 - odd], real)], 0)
    scale = unary.reciprocal(cast(_points(dy, rank), real))
    forward = (rfft if rank == 1 else rfft2d)(dy, length)
    return forward * cast(scale * mask, dtype)
