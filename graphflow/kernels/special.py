"""Special functions in numpy: error functions, gamma and its kin, Bessel functions of the first few orders.

All work elementwise on floating arrays, compute in float64 and give the input's dtype. Sources: Cody 1969 (error functions), Wichura
1988 (AS 241, normal quantiles), Abramowitz and Stegun (gamma 6.1, 6.3, 6.5; zeta 23.2; incomplete beta 26.5; Bessel 9.6, 9.7).
"""
from __future__ import annotations

from typing import Any

import numpy as np

_LIMIT = 5000     # terms of a series or continued fraction


def _wide(*values: Any) -> tuple[list[Any], Any]:
    """The operands as float64, broadcast, and the dtype of the result."""
    arrays = [np.asarray(v) for v in values]
    dtype = arrays[0].dtype
    return [np.array(v, np.float64) for v in np.broadcast_arrays(*arrays)], dtype


def _polynomial(x: Any, coefficients: tuple[float, ...]) -> Any:
    """Horner's rule, the highest power first."""
    total = np.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        total = total * x + c
    return total


# -- error functions ---------------------------------------------------------------------------------------------------
_A = (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3)
_B = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
_C = (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
      8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3)
_D = (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3,
      4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3)
_P = (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2,
      6.58749161529837803e-4)
_Q = (1.0, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3)


def _erfc_positive(x: Any) -> Any:
    """erfc for x > 0.46875."""
    x = np.minimum(x, 30.0)
    middle = _polynomial(x, _C) / _polynomial(x, _D)
    inverse = 1 / (x * x)
    far = (0.56418958354775628695 - inverse * _polynomial(inverse, _P) / _polynomial(inverse, _Q)) / x
    coarse = np.trunc(x * 16) / 16  # exp(-x^2) in two factors keeps its relative precision
    return np.exp(-coarse * coarse) * np.exp(-(x - coarse) * (x + coarse)) * np.where(x <= 4, middle, far)


def erf(x: Any) -> Any:
    """2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x."""
    (wide,), dtype = _wide(x)
    size = np.abs(wide)
    square = wide * wide
    with np.errstate(all="ignore"):
        near = wide * _polynomial(np.minimum(square, 1), _A) / _polynomial(np.minimum(square, 1), _B)
        far = np.copysign(1 - _erfc_positive(np.maximum(size, 0.46875)), wide)
    return np.where(np.isnan(wide), wide, np.where(size <= 0.46875, near, far)).astype(dtype)


def erfc(x: Any) -> Any:
    """1 - erf(x), precise for large x."""
    (wide,), dtype = _wide(x)
    size = np.abs(wide)
    tail = _erfc_positive(np.maximum(size, 0.46875))
    result = np.where(size <= 0.46875, 1 - erf(wide), np.where(wide > 0, tail, 2 - tail))
    return np.where(np.isnan(wide), wide, result).astype(dtype)


_CENTRE = (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
           1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080)
_CENTRE_D = (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
             5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0)
_MIDDLE = (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258,
           3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734)
_MIDDLE_D = (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
             6.89767334985100004550e-1, 1.67638483018380384940, 2.05319162663775882187, 1.0)
_TAIL = (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
         2.96560571828504891230e-1, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720)
_TAIL_D = (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
           1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0)


def _quantile(q: Any, tail: Any) -> Any:
    """The normal quantile of 0.5 + q, where `tail` is 0.5 - |q|."""
    with np.errstate(all="ignore"):
        r = 0.180625 - q * q
        centre = q * _polynomial(r, _CENTRE) / _polynomial(r, _CENTRE_D)
        r = np.sqrt(-np.log(tail))
        middle = _polynomial(r - 1.6, _MIDDLE) / _polynomial(r - 1.6, _MIDDLE_D)
        outer = _polynomial(r - 5, _TAIL) / _polynomial(r - 5, _TAIL_D)
        far = np.copysign(np.where(r <= 5, middle, outer), q)
    result = np.where(np.abs(q) <= 0.425, centre, far)
    return np.where(tail == 0, np.copysign(np.inf, q), np.where((tail < 0) | np.isnan(q), np.nan, result))


def ndtri(p: Any) -> Any:
    """The x below which a standard normal variable lies with probability p."""
    (wide,), dtype = _wide(p)
    return _quantile(wide - 0.5, np.minimum(wide, 1 - wide)).astype(dtype)


def erfinv(y: Any) -> Any:
    """The x with erf(x) = y."""
    (wide,), dtype = _wide(y)
    fine = wide.astype(np.longdouble)
    return (_quantile(fine / 2, (1 - np.abs(fine)) / 2) * np.sqrt(np.longdouble(0.5))).astype(dtype)


# -- gamma -------------------------------------------------------------------------------------------------------------
_STIRLING = (1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)
# log gamma(2 + w) in powers of w, the highest first: (-1)^k (zeta(k) - 1) / k, and 1 - Euler's constant (6.1.33)
_LGAMMA = (3.1044247747322276e-11, -6.4229645638381e-11, 1.330476437424449e-10, -2.7595228851242334e-10, 5.731367241678862e-10,
           -1.1921401405860912e-09, 2.4836745438024785e-09, -5.183475041970047e-09, 1.0838659214896955e-08, -2.2711094608943164e-08,
           4.7698101693639804e-08, -1.0043224823968099e-07, 2.1207184805554665e-07, -4.492469198764566e-07, 9.55141213040742e-07,
           -2.039215753801366e-06, 4.374866789907488e-06, -9.439488275268397e-06, 2.050721277567069e-05, -4.492623673813314e-05,
           9.945751278180853e-05, -0.00022315475845357939, 0.0005096695247430425, -0.001192753911703261, 0.0028905103307415234,
           -0.007385551028673986, 0.020580808427784546, -0.0673523010531981, 0.3224670334241132, 0.42278433509846713)


def _lgamma_positive(x: Any) -> Any:
    """log gamma for x > 0: Stirling's series from 10 on; below that the series about 2, which keeps the digits near the zeros 1 and 2."""
    w, product = x - 2, np.ones_like(x)
    for _ in range(8):                      # down to [1.5, 2.5)
        above = (w >= 0.5) & (x < 10)
        product = np.where(above, product * (w + 1), product)
        w = np.where(above, w - 1, w)
    w = np.where(x < 1.5, x - 1, w)         # up from [0.5, 1.5) by one, from below 0.5 by two
    w = np.where(x < 0.5, x, w)
    w = np.where(x < 10, w, 0.0)
    near = w * _polynomial(w, _LGAMMA) + np.log(product)
    near -= np.where(x < 1.5, np.log1p(w), 0.0) + np.where(x < 0.5, np.log(x), 0.0)
    big = np.maximum(x, 10.0)
    inverse = 1 / big
    far = (big - 0.5) * np.log(big) - big + 0.91893853320467274178 + _polynomial(inverse * inverse, _STIRLING) * inverse
    return np.where(x < 10, near, far)


def lgamma(x: Any) -> Any:
    """log |gamma(x)|; infinite at 0 and the negative whole numbers."""
    (wide,), dtype = _wide(x)
    with np.errstate(all="ignore"):
        positive = _lgamma_positive(np.where(wide > 0, wide, 1 - wide))
        distance = wide - np.round(wide)
        reflected = np.log(np.pi / np.abs(np.sin(np.pi * distance))) - positive
        result = np.where(wide > 0, positive, np.where(distance == 0, np.inf, reflected))
    return np.where(np.isinf(wide), np.inf, np.where(np.isnan(wide), wide, result)).astype(dtype)


_DIGAMMA = (-1 / 12, 691 / 32760, -1 / 132, 1 / 240, -1 / 252, 1 / 120, -1 / 12, 0.0)
_ROOT = 1.4616321449683622, 9.549995429965697e-17     # the positive zero of digamma, in two parts
# digamma(zero + t) / t in powers of t, the highest first: polygamma(k, zero) / k!
_NEAR_ROOT = (5.586299683532171e-08, -8.165115189488409e-08, 1.1934394829830244e-07, -1.7443695117727745e-07, 2.549626552021554e-07,
              -3.7266161283438227e-07, 5.446941930669446e-07, -7.96142543124197e-07, 1.1636675363548843e-06, -1.7008538854332607e-06,
              2.486022733129538e-06, -3.6336507898010456e-06, 5.3110609208898636e-06, -7.762817668462094e-06, 1.134638458466385e-05,
              -1.6584242271854135e-05, 2.424006611860132e-05, -3.5430070947659604e-05, 5.178575795222081e-05, -7.569179582195066e-05,
              0.0001106337276874741, -0.00016170622091974803, 0.00023635601564027053, -0.0003454680251063077, 0.000504953265834602,
              -0.0007380709389960052, 0.0010788252019162967, -0.0015769367714301972, 0.002305126326734928, -0.003369801655439328,
              0.004926781395729853, -0.007204534386356869, 0.010538791616612175, -0.01542476590494896, 0.022597648232218104,
              -0.03316112647484736, 0.04880428816414311, -0.07219956125645471, 0.10782405069126237, -0.16394270544240652,
              0.258499760955651, -0.4427631689835921, 0.9676722454476212)


def _digamma_positive(x: Any) -> Any:
    """digamma for x > 0: the asymptotic series from 10 on; below that the series about the zero in [1, 2)."""
    y, total = x.copy(), np.zeros_like(x)
    for _ in range(8):
        above = (y >= 2) & (x < 10)
        y = np.where(above, y - 1, y)
        total = np.where(above, total + 1 / y, total)
    low = x < 1
    t = np.where(x < 10, (y + low - _ROOT[0]) - _ROOT[1], 0.0)
    near = t * _polynomial(t, _NEAR_ROOT) + total - np.where(low, 1 / x, 0.0)
    big = np.maximum(x, 10.0)
    far = np.log(big) - 0.5 / big + _polynomial(1 / (big * big), _DIGAMMA)
    return np.where(x < 10, near, far)


def digamma(x: Any) -> Any:
    """The derivative of log gamma; NaN at 0 and the negative whole numbers."""
    (wide,), dtype = _wide(x)
    with np.errstate(all="ignore"):
        total = _digamma_positive(np.where(wide > 0, wide, 1 - wide))
        distance = wide - np.round(wide)
        reflected = np.where(distance == 0, np.nan, total - np.pi / np.tan(np.pi * distance))
    return np.where(wide > 0, total, reflected).astype(dtype)


_ZETA = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600,
         -3617 / 10670622842880000, 43867 / 5109094217170944000)


def zeta(x: Any, q: Any) -> Any:
    """Hurwitz's zeta: the sum of (q + n)^-x over n >= 0, for x > 1; by Euler's and Maclaurin's formula."""
    (x, q), dtype = _wide(x, q)
    with np.errstate(all="ignore"):
        total = np.zeros_like(x)
        for n in range(12):
            total += np.power(q + n, -x)
        end = q + 12
        total += end ** (1 - x) / (x - 1) + 0.5 * end ** -x
        factor, power = x.copy(), end ** (-x - 1)
        for j, c in enumerate(_ZETA):
            total += c * factor * power
            factor *= (x + 2 * j + 1) * (x + 2 * j + 2)
            power /= end * end
        whole = q == np.floor(q)
        total = np.where(x == 1, np.inf, np.where(x < 1, np.nan, total))
        total = np.where((q <= 0) & (x >= 1), np.where(whole, np.inf, np.where(x == np.floor(x), total, np.nan)), total)
    return total.astype(dtype)


def polygamma(n: Any, x: Any) -> Any:
    """The n-th derivative of digamma, for whole n >= 0; NaN for others."""
    (order, wide), dtype = _wide(n, x)
    with np.errstate(all="ignore"):
        sign = np.where(order % 2 == 0, -1.0, 1.0)
        result = sign * np.exp(lgamma(order + 1)) * zeta(order + 1, wide)
    result = np.where(order == 0, digamma(wide), result)
    return np.where((order == np.floor(order)) & (order >= 0), result, np.nan).astype(dtype)


def _igamma_series(a: Any, x: Any) -> tuple[Any, Any]:
    """(sum of x^n / ((a+1) ... (a+n)), the derivative of that sum by a); for all x > 0, quick for x up to a."""
    term, total, slope, drift = np.ones_like(a), np.ones_like(a), np.zeros_like(a), np.zeros_like(a)
    for n in range(1, _LIMIT):
        term = term * x / (a + n)
        drift = drift - 1 / (a + n)
        total, slope = total + term, slope + term * drift
        if not (np.abs(term) > 1e-17 * np.abs(total)).any():
            break
    return total, slope


def _igamma_fraction(a: Any, x: Any) -> Any:
    """The continued fraction of gamma(a, x) / (exp(-x) x^a), by Lentz's method; for x > a + 1."""
    tiny = 1e-300
    b = x + 1 - a
    c, d = np.full_like(x, 1 / tiny), 1 / b
    h = d
    for i in range(1, _LIMIT):
        an = -i * (i - a)
        b = b + 2
        d = an * d + b
        d = 1 / np.where(np.abs(d) < tiny, tiny, d)
        c = b + an / c
        c = np.where(np.abs(c) < tiny, tiny, c)
        step = d * c
        h = h * step
        if not (np.abs(step - 1) > 1e-16).any():
            break
    return h


def _incomplete(a: Any, x: Any) -> tuple[Any, Any]:
    """(P, Q), the regularised lower and upper incomplete gamma functions."""
    with np.errstate(all="ignore"):
        scale = np.exp(a * np.log(x) - x - lgamma(a))
        lower_side = x <= a + 1
        series, _ = _igamma_series(np.where(lower_side, a, 1.0), np.where(lower_side, x, 0.5))
        fraction = _igamma_fraction(np.where(lower_side, 1.0, a), np.where(lower_side, 3.0, x))
        lower, upper = scale * series / a, scale * fraction
    p, q = np.where(lower_side, lower, 1 - upper), np.where(lower_side, 1 - lower, upper)
    bad = (x < 0) | (a <= 0) | np.isnan(a) | np.isnan(x)
    for special, at_p in ((x == 0, 0.0), (np.isinf(x), 1.0)):
        p, q = np.where(special, at_p, p), np.where(special, 1 - at_p, q)
    return np.where(bad, np.nan, p), np.where(bad, np.nan, q)


def igamma(a: Any, x: Any) -> Any:
    """The regularised lower incomplete gamma function P(a, x), a > 0, x >= 0."""
    (a, x), dtype = _wide(a, x)
    return _incomplete(a, x)[0].astype(dtype)


def igammac(a: Any, x: Any) -> Any:
    """The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x)."""
    (a, x), dtype = _wide(a, x)
    return _incomplete(a, x)[1].astype(dtype)


def igamma_grad_a(a: Any, x: Any) -> Any:
    """The derivative of P(a, x) by a, from its series."""
    (a, x), dtype = _wide(a, x)
    with np.errstate(all="ignore"):
        inside = (x > 0) & (a > 0) & (x < 2000)
        sa, sx = np.where(inside, a, 1.0), np.where(inside, x, 1.0)
        total, slope = _igamma_series(sa, sx)
        scale = np.exp(sa * np.log(sx) - sx - lgamma(sa + 1))
        result = scale * (total * (np.log(sx) - digamma(sa + 1)) + slope)
    return np.where(inside, result, np.where((x < 0) | (a <= 0), np.nan, 0.0)).astype(dtype)


def betainc(a: Any, b: Any, x: Any) -> Any:
    """The regularised incomplete beta function I_x(a, b); a, b > 0, 0 <= x <= 1."""
    (a, b, x), dtype = _wide(a, b, x)
    with np.errstate(all="ignore"):
        swap = x > (a + 1) / (a + b + 2)
        p, q, y = np.where(swap, b, a), np.where(swap, a, b), np.where(swap, 1 - x, x)
        front = np.exp(p * np.log(y) + q * np.log1p(-y) + lgamma(p + q) - lgamma(p) - lgamma(q)) / p
        result = front * _beta_fraction(p, q, y)
        result = np.where(swap, 1 - result, result)
    result = np.where(x == 0, 0.0, np.where(x == 1, 1.0, result))
    return np.where((a <= 0) | (b <= 0) | (x < 0) | (x > 1), np.nan, result).astype(dtype)


def _beta_fraction(a: Any, b: Any, x: Any) -> Any:
    """The continued fraction 26.5.8, by Lentz's method."""
    tiny = 1e-300
    c = np.ones_like(x)
    d = 1 - (a + b) * x / (a + 1)
    d = 1 / np.where(np.abs(d) < tiny, tiny, d)
    h = d
    for m in range(1, 400):
        for numerator in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                          -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1 + numerator * d
            d = 1 / np.where(np.abs(d) < tiny, tiny, d)
            c = 1 + numerator / c
            c = np.where(np.abs(c) < tiny, tiny, c)
            h = h * d * c
        if not (np.abs(d * c - 1) > 1e-16).any():
            break
    return h


# -- Bessel functions --------------------------------------------------------------------------------------------------
def _bessel_ie(order: int, x: Any) -> Any:
    """exp(-|x|) I_order(x): the power series up to 30, beyond that the asymptotic one."""
    (wide,), dtype = _wide(x)
    size = np.abs(wide if dtype != np.float64 else wide.astype(np.longdouble))    # many roundings: more bits where there are any
    near = np.minimum(size, 30.0)
    quarter = near * near / 4
    term = np.ones_like(near) if order == 0 else near / 2
    total = term.copy()
    for k in range(1, 120):
        term = term * quarter / (k * (k + order))
        total += term
    far = np.maximum(size, 30.0)
    tail, part = np.ones_like(far), np.ones_like(far)
    for k in range(1, 20):
        part = -part * (4 * order * order - (2 * k - 1) ** 2) / (k * 8 * far)
        tail += part
    result = np.where(size <= 30, total * np.exp(-near), tail / np.sqrt(2 * np.pi * far))
    return (np.where(wide < 0, -result, result) if order else result).astype(dtype)


def bessel_i0e(x: Any) -> Any:
    """exp(-|x|) I0(x)."""
    return _bessel_ie(0, x)


def bessel_i1e(x: Any) -> Any:
    """exp(-|x|) I1(x)."""
    return _bessel_ie(1, x)


def bessel_i0(x: Any) -> Any:
    """The modified Bessel function of order 0."""
    (wide,), dtype = _wide(x)
    return (_bessel_ie(0, wide) * np.exp(np.abs(wide))).astype(dtype)


def bessel_i1(x: Any) -> Any:
    """The modified Bessel function of order 1."""
    (wide,), dtype = _wide(x)
    return (_bessel_ie(1, wide) * np.exp(np.abs(wide))).astype(dtype)


def softplus(x: Any) -> Any:
    """log(1 + exp(x)) without overflow."""
    return np.logaddexp(x, np.zeros((), np.asarray(x).dtype))


def log_sigmoid(x: Any) -> Any:
    """log(1 / (1 + exp(-x))) without underflow."""
    return -softplus(-np.asarray(x))
