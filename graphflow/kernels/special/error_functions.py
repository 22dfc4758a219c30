"""Error functions and normal quantiles. Sources: Cody 1969 (error functions), Wichura 1988 (AS 241, normal quantiles)."""
from __future__ import annotations

from typing import Any

import numpy as np

from .blocks import blocked, polynomial, where_true

_A = (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3)
_B = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
_C = (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
      8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3)
_D = (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3,
      4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3)
_P = (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2,
      6.58749161529837803e-4)
_Q = (1.0, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2, 2.33520497626869185e-3)


# For results of up to 4 bytes, fitted to relative errors of 6e-9: erf(x) / x as a fraction in x^2 up to 16, and
# exp(x^2) erfc(x) / t as a polynomial in t = 2 / (2 + x)
_SHORT = (-1.3202539664508889e-08, 4.684840693658182e-06, 0.00037961099521240343, 0.003849607886396072, 0.05431693111806812,
          0.18520295881751683, 1.1283791693792318)
_SHORT_D = (6.311117608356488e-05, 0.0013075719867868172, 0.015462089908910997, 0.11395835583297198, 0.4974652626532617, 1.0)
_SHORT_TAIL = (0.04161619021142914, -0.22505742998961142, 0.4679482039815365, -0.4159521595794863, 0.095047356602942,
               -0.03616347135094835, 0.08407087381241837, 0.17777842807773842, 0.24649014175912368, 0.28212832785117803,
               0.2820935441496077)


def _erfc_positive(x: Any) -> Any:
    """erfc for x > 0.46875."""
    x = np.minimum(x, 30.0)
    result = polynomial(x, _C)
    result /= polynomial(x, _D)
    far = where_true(x > 4)
    if far.size:
        y = x[far]
        inverse = 1 / (y * y)
        result[far] = (0.56418958354775628695 - inverse * polynomial(inverse, _P) / polynomial(inverse, _Q)) / y
    coarse = np.trunc(x * 16)
    coarse /= 16                            # exp(-x^2) in two factors keeps its relative precision
    result *= np.exp(-coarse * coarse)
    result *= np.exp((coarse - x) * (x + coarse))
    return result


def _erf_short(x: Any) -> Any:
    x = np.clip(x, -4.0, 4.0)
    square = x * x
    x *= polynomial(square, _SHORT)
    x /= polynomial(square, _SHORT_D)
    return x


@blocked(_erf_short)
def erf(x: Any) -> Any:
    """2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x."""
    square = np.minimum(x * x, 1.0)
    result = x * polynomial(square, _A)
    result /= polynomial(square, _B)
    size = np.abs(x)
    far = where_true(size > 0.46875)
    result[far] = np.copysign(1 - _erfc_positive(size[far]), x[far])
    return result


def _erfc_short(x: Any) -> Any:
    size = np.abs(x)
    t = 2 / (size + 2)
    result = polynomial(t, _SHORT_TAIL)
    result *= t
    size *= size
    result *= np.exp(np.negative(size, size))
    return np.abs((x < 0) * 2.0 - result)       # below 0 what is left of 2


@blocked(_erfc_short)
def erfc(x: Any) -> Any:
    """1 - erf(x), precise for large x."""
    square = np.minimum(x * x, 1.0)
    result = 1 - x * polynomial(square, _A) / polynomial(square, _B)
    far = where_true(np.abs(x) > 0.46875)
    tail = _erfc_positive(np.abs(x[far]))
    result[far] = np.abs((x[far] < 0) * 2.0 - tail)
    return result


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
    r = 0.180625 - q * q
    result = q * polynomial(r, _CENTRE) / polynomial(r, _CENTRE_D)
    beyond = where_true(~(np.abs(q) <= 0.425))
    q, tail = q[beyond], tail[beyond]
    r = np.sqrt(-np.log(tail))
    found = polynomial(r - 1.6, _MIDDLE) / polynomial(r - 1.6, _MIDDLE_D)
    outer = where_true(r > 5)
    far = r[outer] - 5
    found[outer] = polynomial(far, _TAIL) / polynomial(far, _TAIL_D)
    found = np.where(tail == 0, np.inf, np.where((tail < 0) | np.isnan(q), np.nan, found))
    result[beyond] = np.copysign(found, q)
    return result


@blocked()
def ndtri(p: Any) -> Any:
    """The x below which a standard normal variable lies with probability p."""
    return _quantile(p - 0.5, np.minimum(p, 1 - p))


def _erfinv_short(y: Any) -> Any:
    return _quantile(y / 2, (1 - np.abs(y)) / 2) * np.sqrt(0.5)


@blocked(_erfinv_short)
def erfinv(y: Any) -> Any:
    """The x with erf(x) = y."""
    fine = y.astype(np.longdouble)
    return _quantile(fine / 2, (1 - np.abs(fine)) / 2) * np.sqrt(np.longdouble(0.5))
