"""The numpy array namespace: numpy's functions plus the few that it lacks. Kernels are written against it (as `xp`)."""
from __future__ import annotations

from typing import Any

import numpy as np


class NumpyNamespace:
    """`xp` of the numpy engine and of everything computed while building. Missing names are numpy's own."""

    def __getattr__(self, name: str) -> Any:
        try:
            function = getattr(np, name)
        except AttributeError:
            function = _more(name)
        self.__dict__[name] = function
        return function

    @staticmethod
    def sigmoid(x: Any) -> Any:
        """1 / (1 + exp(-x)) through tanh, which neither overflows nor loses digits."""
        half = np.asarray(0.5, x.dtype)[()]
        return np.tanh(x * half) * half + half if x.dtype.kind == "f" else 1 / (1 + np.exp(-x))

    @staticmethod
    def rsqrt(x: Any) -> Any:
        return np.reciprocal(np.sqrt(x))

    @staticmethod
    def astype(x: Any, dtype: Any) -> Any:
        return np.asarray(x).astype(dtype)


def _more(name: str) -> Any:
    """Functions of this package's kernels, imported when first used: name -> module."""
    import importlib
    where = HOMES.get(name)
    if where is None:
        raise AttributeError(f"the numpy namespace has no function {name!r}")
    return getattr(importlib.import_module(where, __package__), name)


HOMES: dict[str, str] = {}     # filled by the table below: function name -> module of this package
for _module, _names in {
    ".arithmetic": "integer_floor_divide integer_floor_mod integer_truncate_divide integer_truncate_mod make_complex",
    ".special": "erf erfc erfinv ndtri lgamma digamma polygamma zeta igamma igammac igamma_grad_a betainc softplus log_sigmoid "
                "bessel_i0 bessel_i0e bessel_i1 bessel_i1e",
    ".conv": "conv conv_filter_gradient conv_input_gradient",
    ".depthwise": "depthwise_conv depthwise_filter_gradient depthwise_input_gradient",
    ".dilation": "dilation dilation_gradients",
    ".pool": "max_pool max_pool_gradient max_pool_gradient_gradient max_pool_argmax avg_pool avg_pool_gradient",
}.items():
    HOMES.update(dict.fromkeys(_names.split(), _module))

numpy_namespace = NumpyNamespace()
