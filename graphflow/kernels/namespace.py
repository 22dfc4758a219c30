"""The numpy array namespace: numpy's functions plus the few that it lacks. Kernels are written against it (as `xp`)."""
from __future__ import annotations

import importlib
from typing import Any, cast

import numpy as np

from .complaints import complaint
from .contract import Namespace
from .ordering import argmax, argmin
from .scatter import scatter_rows


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
        """1 / (1 + exp(-x)); numbers shorter than float32 are computed in it."""
        if x.dtype.itemsize < 4:
            return NumpyNamespace.sigmoid(np.asarray(x, np.float32)).astype(x.dtype)
        one = np.asarray(1, x.dtype)[()]
        return np.reciprocal(one + np.exp(-x))

    @staticmethod
    def argmax(x: Any, axis: int) -> Any:
        """Where the first of the greatest is; NaN never wins."""
        return argmax(x, axis)

    @staticmethod
    def argmin(x: Any, axis: int) -> Any:
        """Where the first of the least is; NaN never wins."""
        return argmin(x, axis)

    @staticmethod
    def expand_dims(x: Any, axis: int) -> Any:
        """x with a new axis; numpy's own takes several, and its time."""
        shape = list(x.shape)
        shape.insert(axis if axis >= 0 else len(shape) + 1 + axis, 1)
        return x.reshape(shape)

    @staticmethod
    def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """The sum along axes, without what numpy's own function asks of its arguments first."""
        add: Any = np.add
        return add.reduce(x, axis, None, None, keepdims)

    @staticmethod
    def rsqrt(x: Any) -> Any:
        return np.reciprocal(np.sqrt(x))

    @staticmethod
    def known(value: Any) -> Any:
        """A value that shapes depend on, as an array; plans hand what needs it to the host where they do not know it."""
        return np.asarray(value)

    @staticmethod
    def check(bad: Any, text: str, values: Any = None) -> None:
        """ValueError where a flag is set, with the text of `complaints.complaint` about it."""
        if bad.any() if hasattr(bad, "any") else bad:
            raise ValueError(complaint(text, bad, values))

    @staticmethod
    def astype(x: Any, dtype: Any) -> Any:
        return np.asarray(x).astype(dtype)


def _more(name: str) -> Any:
    """Functions of this package's kernels, imported when first used: name -> module."""
    where = HOMES.get(name)
    if where is None:
        raise AttributeError(f"the numpy namespace has no function {name!r}")
    return getattr(importlib.import_module(where, __package__), name)


HOMES: dict[str, str] = {}     # filled by the table below: function name -> module of this package
for _module, _names in {
    ".arithmetic": "make_complex",
    ".special": "erf erfc erfinv ndtri lgamma digamma polygamma zeta igamma igammac igamma_grad_a betainc softplus log_sigmoid "
                "bessel_i0 bessel_i0e bessel_i1 bessel_i1e",
    ".conv": "conv conv_filter_gradient conv_input_gradient",
    ".depthwise": "depthwise_conv depthwise_filter_gradient depthwise_input_gradient",
    ".dilation": "dilation dilation_input_gradient dilation_filter_gradient",
    ".pool": "max_pool avg_pool avg_pool_gradient",
    ".pool_places": "max_pool_gradient max_pool_gradient_gradient max_pool_positions",
    ".scatter": "scatter_rows write_slice",
    ".random.drawing": "draw draw_integers place_from_seeds",
    ".resize": "resize_images resize_images_gradient",
    ".segments": "segment_reduce",
    ".filling": "one_hot band_part",
    ".sparse_product": "sparse_product",
    ".ordering": "cumulative top_positions sorted_positions search_rows take_along bitcast",
}.items():
    HOMES.update(dict.fromkeys(_names.split(), _module))


class InPlaceNamespace(NumpyNamespace):
    """`xp` of kernels that own what they write: scattering goes into the target itself."""

    @staticmethod
    def scatter_rows(target: Any, indices: Any, updates: Any, how: str, depth: int) -> Any:
        return scatter_rows(target, indices, updates, how, depth, target)


numpy_namespace = cast(Namespace, NumpyNamespace())        # most of its names are found by __getattr__
in_place_namespace = cast(Namespace, InPlaceNamespace())
