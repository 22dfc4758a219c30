"""Exponentials, logarithms and their kin as polynomials on vectors, to 2 units in the last place, for float and double.

Coefficients are minimax fits made for this file (Remez exchange in 60 digits) on the reduced range that stands beside them. NaN, infinities
and signed zeros come out as in C; denormal numbers count as zero.

    exp     x = n ln 2 + r, |r| <= ln 2 / 2:            2^n (1 + r + r^2 q(r))
    log     x = 2^n m, m in [sqrt 1/2, sqrt 2):         n ln 2 + 2 s + s^3 q(s^2),   s = (m - 1) / (m + 1)
    erf     |x| <= 1: x q(x^2);  above:                 1 - exp(-x^2 - q(|x|))
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .values import Emitter, Value


class _Format(NamedTuple):
    """A floating point format: its integer kind, bits of the fraction, bias of the exponent, and constants of the reductions."""
    whole: str
    fraction: int
    bias: int
    magic: float                 # 1.5 * 2^fraction: what is added to it is rounded to a whole number in its low bits
    highest: float               # exp above is infinite
    lowest: float                # exp below is 0
    ln2: tuple[float, float]     # its leading bits, so that n times them is exact, and the rest
    exp: Sequence[float]         # |r| <= 0.35
    log: Sequence[float]         # s^2 <= 0.03
    steep: float                 # tanh above is 1


_FORMATS = {
    "float": _Format("i32", 23, 127, 12582912.0, 89.0, -104.0, (0.693145751953125, 1.428606765330187e-06),
                     (0.500000010085, 0.1666651289, 0.0416661876362, 0.0083695983346, 0.00139516973563),
                     (0.666666665436, 0.400001303826, 0.285498834887, 0.233553192008), 10.0),
    "double": _Format("i64", 52, 1023, 6755399441055744.0, 710.0, -746.0, (0.6931471803691238, 1.9082149292705877e-10),
                      (0.49999999999999999962, 0.1666666666666668562, 0.041666666666666730315, 0.0083333333333153797612,
                       0.0013888888888856023337, 0.00019841269900451748333, 0.000024801587377993935593, 2.7557230824307409642e-6,
                       2.755723001822008912e-7, 2.5113435727213519801e-8, 2.092791129069254315e-9),
                      (0.66666666666666666427, 0.4000000000000102032, 0.28571428570717523214, 0.22222222410893284425,
                       0.18181793623425337796, 0.15386347754567206648, 0.13265920404773224124, 0.13116056043800867843), 20.0),
}
_ERF_SMALL = (1.12837916706, -0.376126384837, 0.112837827449, -0.0268654457007, 0.00522107456822, -0.000848470729892, 0.000112705165271,
              -9.68006149286e-6)                                                   # x^2 <= 1, float only
_ERF_LARGE = (-0.000291026219436, 1.13011971972, -0.367986565785, 0.109909737893, -0.026327529524, 0.00472769109129, -0.000590203933616,
              4.52981923052e-5, -1.59982474934e-6)                                 # 1 <= |x| <= 4, float only


def _polynomial(e: Emitter, x: Value, coefficients: Sequence[float]) -> Value:
    found = e.constant(x.kind, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        found = e.fma(found, x, c)
    return found


def _clipped(x: Value, low: float, high: float) -> Value:
    """NaN stays NaN."""
    x = (x > high).choose(high, x)
    return (x < low).choose(low, x)


def _reduced(e: Emitter, x: Value) -> tuple[Value, Value]:
    """(n as a whole number, exp(r) - 1) for x = n ln 2 + r."""
    f = _FORMATS[x.kind]
    shifted = e.fma(x, 1.4426950408889634, f.magic)
    n = shifted - f.magic
    r = e.fma(n, -f.ln2[0], x)
    r = e.fma(n, -f.ln2[1], r)
    return shifted.bits(f.whole) - e.constant(x.kind, f.magic).bits(f.whole), e.fma(r * r, _polynomial(e, r, f.exp), r)


def _power_of_two(n: Value, kind: str) -> Value:
    f = _FORMATS[kind]
    return ((n + f.bias) << f.fraction).bits(kind)


def _halved(e: Emitter, n: Value) -> Value:
    """n / 2, downwards."""
    return e.binary("ashr", n, e.constant(n.kind, 1))


def exp(e: Emitter, x: Value) -> Value:
    f = _FORMATS[x.kind]
    n, p = _reduced(e, _clipped(x, f.lowest, f.highest))
    half = _halved(e, n)                     # 2^n itself may be out of range
    return (p + 1) * _power_of_two(half, x.kind) * _power_of_two(n - half, x.kind)


def expm1(e: Emitter, x: Value) -> Value:
    f = _FORMATS[x.kind]
    n, p = _reduced(e, _clipped(x, -0.5 * f.highest, f.highest))
    half = _power_of_two(n - 1, x.kind)
    found = e.fma(half, p, half - 0.5) * 2
    return x.equals(0).choose(x, found)      # -0.0 stays


def _log_of_ratio(e: Emitter, top: Value, bottom: Value) -> tuple[Value, Value]:
    """(2 s, s^3 q(s^2)) for s = top / bottom, which add up to log((1 + s) / (1 - s))."""
    s = top / bottom
    z = s * s
    return s + s, s * z * _polynomial(e, z, _FORMATS[s.kind].log)


def _log_of_positive(e: Emitter, x: Value, more: Value | None = None) -> Value:
    """The logarithm of positive, finite numbers; `more` is a small correction that is added to it."""
    f = _FORMATS[x.kind]
    bits = x.bits(f.whole)
    root = e.constant(x.kind, 0.7071067811865476).bits(f.whole)
    shifted = bits - root
    n = e.binary("ashr", shifted, e.constant(f.whole, f.fraction))
    m = ((shifted & ((1 << f.fraction) - 1)) + root).bits(x.kind)
    a, b = _log_of_ratio(e, m - 1, m + 1)
    n = n.convert("sitofp", x.kind)
    low = e.fma(n, f.ln2[1], b)
    if more is not None:
        low = low + more
    return e.fma(n, f.ln2[0], a + low)


def _log_ends(e: Emitter, x: Value, found: Value) -> Value:
    """What a logarithm is for 0, negative numbers, infinity and NaN."""
    found = x.equals(0).choose(float("-inf"), found)
    found = (x < 0).choose(float("nan"), found)
    return x.compare("ult", float("inf")).choose(x.is_nan().choose(x, found), x)


def log(e: Emitter, x: Value) -> Value:
    return _log_ends(e, x, _log_of_positive(e, x))


def log1p(e: Emitter, x: Value) -> Value:
    u = x + 1
    lost = (u > 2).choose(e.constant(x.kind, 1) - (u - x), x - (u - 1))
    far = _log_of_positive(e, u, lost / u)
    a, b = _log_of_ratio(e, x, x + 2)
    near = a + b
    found = (e.abs(x) < 0.25).choose(near, far)
    found = x.equals(0).choose(x, found)
    found = u.equals(0).choose(float("-inf"), (u < 0).choose(float("nan"), found))
    return x.compare("ult", float("inf")).choose(found, x)


def tanh(e: Emitter, x: Value) -> Value:
    size = e.abs(x)
    size = (size > _FORMATS[x.kind].steep).choose(_FORMATS[x.kind].steep, size)
    n, p = _reduced(e, size + size)
    half = _power_of_two(n - 1, x.kind)
    m = e.fma(half, p, half - 0.5)           # (exp(2 x) - 1) / 2
    return e.with_sign_of(m / (m + 1), x)


def sigmoid(e: Emitter, x: Value) -> Value:
    return e.constant(x.kind, 1) / (exp(e, -x) + 1)


def erf(e: Emitter, x: Value) -> Value:
    """float only."""
    size = e.abs(x)
    near = x * _polynomial(e, x * x, _ERF_SMALL)
    size = (size > 4).choose(4, size)
    far = e.constant(x.kind, 1) - exp(e, -e.fma(size, size, _polynomial(e, size, _ERF_LARGE)))
    return (e.abs(x) < 1).choose(near, e.with_sign_of(far, x))


def _widened(function: Any) -> Any:
    """The function for float, computed in double."""
    def narrow(e: Emitter, *args: Value) -> Value:
        return function(e, *(a.convert("fpext", "double") for a in args)).convert("fptrunc", "float")
    return narrow


def _power(e: Emitter, x: Value, y: Value) -> Value:
    """In double, good for float: the error of the logarithm grows with the result's exponent."""
    size = e.abs(x)
    found = exp(e, y * _log_ends(e, size, _log_of_positive(e, size)))
    whole = e.call("floor", y)
    half = y * 0.5
    odd = whole.equals(y) & (e.call("floor", half).equals(half) ^ -1)
    negative = x.bits("i64").compare("slt", 0)
    found = (negative & odd).choose(-found, found)
    found = ((x < 0) & (whole.compare("une", y)) & (e.abs(x) < float("inf"))).choose(float("nan"), found)
    endless = (e.abs(y).equals(float("inf")) & size.equals(1))
    return (y.equals(0) | x.equals(1) | endless).choose(1, found)


power = _widened(_power)
