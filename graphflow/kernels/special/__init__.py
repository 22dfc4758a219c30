"""Special functions in numpy: error functions, gamma and its kin, Bessel functions of the first few orders.

All work elementwise on floating arrays, compute in float64 and give the dtype of the first input.
"""
from .bessel import bessel_i0, bessel_i0e, bessel_i1, bessel_i1e
from .error_functions import erf, erfc, erfinv, ndtri
from .gamma import digamma, lgamma, polygamma, zeta
from .incomplete import betainc, igamma, igamma_grad_a, igammac
from .logistic import log_sigmoid, softplus

__all__ = ["bessel_i0", "bessel_i0e", "bessel_i1", "bessel_i1e", "betainc", "digamma", "erf", "erfc", "erfinv", "igamma", "igamma_grad_a",
           "igammac", "lgamma", "log_sigmoid", "ndtri", "polygamma", "softplus", "zeta"]
