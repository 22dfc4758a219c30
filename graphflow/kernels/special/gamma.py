"""The gamma function's logarithm and its derivatives. Source: Abramowitz and Stegun 6.1, 6.3, 6.4, 23.2 (zeta)."""
from __future__ import annotations

from typing import Any

import numpy as np

from .blocks import blocked, polynomial, where_true

_STIRLING = (1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)
# log gamma(2 + w) in powers of w, the highest first: (-1)^k (zeta(k) - 1) / k, and 1 - Euler's constant (6.1.33)
_LGAMMA = (3.1044247747322276e-11, -6.4229645638381e-11, 1.330476437424449e-10, -2.7595228851242334e-10, 5.731367241678862e-10,
           -1.1921401405860912e-09, 2.4836745438024785e-09, -5.183475041970047e-09, 1.0838659214896955e-08, -2.2711094608943164e-08,
           4.7698101693639804e-08, -1.0043224823968099e-07, 2.1207184805554665e-07, -4.492469198764566e-07, 9.55141213040742e-07,
           -2.039215753801366e-06, 4.374866789907488e-06, -9.439488275268397e-06, 2.050721277567069e-05, -4.492623673813314e-05,
           9.945751278180853e-05, -0.00022315475845357939, 0.0005096695247430425, -0.001192753911703261, 0.0028905103307415234,
           -0.007385551028673986, 0.020580808427784546, -0.0673523010531981, 0.3224670334241132, 0.42278433509846713)


def lgamma_positive(x: Any, series: tuple[float, ...] = _LGAMMA) -> Any:
    """log gamma for x > 0: Stirling's series from 10 on; below that the series about 2, which keeps the digits near the zeros 1 and 2."""
    near = np.minimum(x, 10.0)
    w = near - (2.0 - (near < 1.5) - (near < 0.5))      # from below 0.5 up by two, from below 1.5 by one
    product = np.ones_like(w)
    for _ in range(8):                                  # from 2.5 on down by ones
        above = w >= 0.5
        if not above.any():
            break
        product *= above * w + 1                        # w + 1 or 1
        w -= above
    result = w * polynomial(w, series) + np.log(product)
    low = where_true(x < 1.5)
    result[low] -= np.log1p(w[low])
    low = where_true(x < 0.5)
    result[low] -= np.log(x[low])
    high = where_true(x >= 10)
    big = x[high]
    inverse = 1 / big
    result[high] = (big - 0.5) * np.log(big) - big + 0.91893853320467274178 + polynomial(inverse * inverse, _STIRLING) * inverse
    return result


def _lgamma(x: Any, series: tuple[float, ...]) -> Any:
    result = lgamma_positive(np.maximum(x, _LEAST), series)
    rest = where_true(~(x > 0))
    y = x[rest]
    distance = y - np.round(y)
    reflected = np.log(np.pi / np.abs(np.sin(np.pi * distance))) - lgamma_positive(1 - y, series)
    result[rest] = np.where((distance == 0) | np.isinf(y), np.inf, reflected)
    result[x == np.inf] = np.inf
    return result


@blocked(lambda x: _lgamma(x, _LGAMMA[-18:]))
def lgamma(x: Any) -> Any:
    """log |gamma(x)|; infinite at 0 and the negative whole numbers."""
    return _lgamma(x, _LGAMMA)


_LEAST = 5e-324      # for what is not positive and is computed apart
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


def _digamma_positive(x: Any, series: tuple[float, ...]) -> Any:
    """digamma for x > 0: the asymptotic series from 10 on; below that the series about the zero in [1, 2)."""
    t = np.minimum(x, 10.0)
    total = np.zeros_like(t)
    for _ in range(9):                      # from 2 on down by ones
        above = t >= 2
        if not above.any():
            break
        t -= above
        total += above / t
    t += x < 1
    t -= _ROOT[0]
    t -= _ROOT[1]
    result = t * polynomial(t, series) + total
    low = where_true(x < 1)
    result[low] -= 1 / x[low]
    high = where_true(x >= 10)
    big = x[high]
    result[high] = np.log(big) - 0.5 / big + polynomial(1 / (big * big), _DIGAMMA)
    return result


def _digamma(x: Any, series: tuple[float, ...]) -> Any:
    result = _digamma_positive(np.maximum(x, _LEAST), series)
    rest = where_true(~(x > 0))
    y = x[rest]
    distance = y - np.round(y)
    result[rest] = np.where(distance == 0, np.nan, _digamma_positive(1 - y, series) - np.pi / np.tan(np.pi * distance))
    return result


@blocked(lambda x: _digamma(x, _NEAR_ROOT[-25:]))
def digamma(x: Any) -> Any:
    """The derivative of log gamma; NaN at 0 and the negative whole numbers."""
    return _digamma(x, _NEAR_ROOT)


_ZETA = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000, 1 / 74724249600,
         -3617 / 10670622842880000, 43867 / 5109094217170944000)


@blocked()
def zeta(x: Any, q: Any) -> Any:
    """Hurwitz's zeta: the sum of (q + n)^-x over n >= 0, for x > 1; by Euler's and Maclaurin's formula."""
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
    total = np.where(x == 1, np.inf, np.where(x < 1, np.nan, total))
    beyond = np.where(q == np.floor(q), np.inf, np.where(x == np.floor(x), total, np.nan))
    return np.where((q <= 0) & (x >= 1), beyond, total)


@blocked()
def polygamma(n: Any, x: Any) -> Any:
    """The n-th derivative of digamma, for whole n >= 0; NaN for others."""
    sign = np.where(n % 2 == 0, -1.0, 1.0)
    result = sign * np.exp(lgamma(n + 1)) * zeta(n + 1, x)
    result = np.where(n == 0, digamma(x), result)
    return np.where((n == np.floor(n)) & (n >= 0), result, np.nan)
