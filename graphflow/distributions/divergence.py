"""tf.distributions.kl_divergence, and the table of pairs of families for which it is known."""
from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import graphflow as tf

from ..core.export import export

_KNOWN: dict[tuple[type, type], Callable[..., Any]] = {}


@export("distributions.RegisterKL")
class RegisterKL:
    """Decorator of f(a, b, name): the divergence KL(a || b) of two families. ValueError for a pair that has one."""

    def __init__(self, dist_cls_a: type, dist_cls_b: type):
        self._pair = (dist_cls_a, dist_cls_b)

    def __call__(self, kl_fn: Callable[..., Any]) -> Callable[..., Any]:
        if not callable(kl_fn):
            raise TypeError(f"kl_fn must be callable, received: {kl_fn}")
        if self._pair in _KNOWN:
            a, b = self._pair
            raise ValueError(f"KL({a.__name__} || {b.__name__}) has already been registered to: {_KNOWN[self._pair]}")
        _KNOWN[self._pair] = kl_fn
        return kl_fn


def _find(a: type, b: type) -> Callable[..., Any] | None:
    """The function of the nearest pair of base classes."""
    pairs = [(i + j, i, (first, second)) for i, first in enumerate(inspect.getmro(a)) for j, second in enumerate(inspect.getmro(b))]
    for _, _, pair in sorted(pairs, key=lambda item: item[:2]):
        if pair in _KNOWN:
            return _KNOWN[pair]
    return None


@export("distributions.kl_divergence")
def kl_divergence(distribution_a: Any, distribution_b: Any, allow_nan_stats: bool = True, name: str | None = None) -> Any:
    """KL(distribution_a || distribution_b) in nats, of the shape of the batch. allow_nan_stats=False: nan is an error in runs.

    NotImplementedError for two families for which none is registered: average log_prob over samples in its place.
    """
    function = _find(type(distribution_a), type(distribution_b))
    if function is None:
        raise NotImplementedError(f"No KL(distribution_a || distribution_b) registered for {type(distribution_a).__name__} and "
                                  f"{type(distribution_b).__name__}: register a function by tf.distributions.RegisterKL")
    with tf.name_scope("KullbackLeibler"):
        found = function(distribution_a, distribution_b, name=name)
        if allow_nan_stats:
            return found
        right = tf.reduce_all(tf.logical_not(tf.is_nan(found)))
        with tf.control_dependencies([tf.Assert(right, ["KL calculation gave nan, and allow_nan_stats is False:", found])]):
            return tf.identity(found, name="checked_kl")
