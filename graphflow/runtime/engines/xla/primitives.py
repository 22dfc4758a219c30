"""What each primitive of a plan is in jax.numpy: a function of the node and its arrays."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy import special

from ....kernels.namespace import numpy_namespace
from ....plan.kernels import KERNELS
from ....plan.node import ELEMENTWISE, Node
from .callbacks import call_back
from .kernels import FUNCTIONS

SPECIAL: dict[str, Callable[..., Any]] = {
    "sigmoid": jax.nn.sigmoid, "rsqrt": jax.lax.rsqrt, "lgamma": special.gammaln, "igamma": special.gammainc, "igammac": special.gammaincc,
    "igamma_grad_a": lambda a, x: jax.lax.igamma_grad_a(*jnp.broadcast_arrays(a, x)),
    "bessel_i0": special.i0, "bessel_i0e": special.i0e, "bessel_i1": special.i1, "bessel_i1e": special.i1e,
    "make_complex": lambda a, b: jax.lax.complex(*jnp.broadcast_arrays(a, b)),
    "polygamma": lambda n, x: special.polygamma(n.astype(int), x), "erf": special.erf, "erfc": special.erfc, "erfinv": special.erfinv,
    "ndtri": special.ndtri, "digamma": special.digamma, "zeta": special.zeta, "betainc": special.betainc}
_REDUCTIONS = ("sum", "prod", "max", "min", "any", "all")


def elementwise(node: Node, args: list[Any]) -> Any:
    if node.prim == "cast":
        return args[0].astype(node.dtype)
    if node.prim != "where":                    # numpy's rule for what is computed in; JAX's differs for integers with floats
        kind = np.result_type(*[a.dtype for a in node.args])
        args = [a.astype(kind) for a in args]
    return (SPECIAL.get(node.prim) or getattr(jnp, node.prim))(*args)


def reduction(node: Node, args: list[Any]) -> Any:
    axes, keep = node.par
    start = {}
    if 0 in args[0].shape and args[0].dtype.kind == "f" and node.prim in ("max", "min"):
        start = {"initial": -np.inf if node.prim == "max" else np.inf}
    return getattr(jnp, node.prim)(args[0], axis=axes, keepdims=keep, **start)


def kernel(node: Node, args: list[Any]) -> Any:
    """A kernel in JAX's terms, or a call of graphflow's function for it on the host."""
    function = FUNCTIONS.get(node.prim)
    found = None if function is None else function(*args, *node.par)
    return on_host(getattr(numpy_namespace, node.prim), node.par, node.shape, node.dtype, args) if found is None else found


def on_host(function: Callable[..., Any], par: tuple[Any, ...], shape: Any, dtype: Any, args: list[Any]) -> Any:
    """A function of numpy arrays, called back from the compiled program."""
    def call(*arrays: Any) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(function(*[np.array(a) for a in arrays], *par), dtype)
    return call_back(call, jax.ShapeDtypeStruct(shape, dtype), args)


PRIMITIVES: dict[str, Callable[[Node, list[Any]], Any]] = {
    **dict.fromkeys(ELEMENTWISE, elementwise), **dict.fromkeys(_REDUCTIONS, reduction), **dict.fromkeys(KERNELS, kernel),
    "argmax": lambda node, args: jnp.argmax(args[0], node.par), "argmin": lambda node, args: jnp.argmin(args[0], node.par),
    "reshape": lambda node, args: args[0].reshape(node.par), "transpose": lambda node, args: args[0].transpose(node.par),
    "broadcast_to": lambda node, args: jnp.broadcast_to(args[0], node.par), "slice": lambda node, args: args[0][node.par.value],
    "matmul": lambda node, args: jnp.matmul(*args), "einsum": lambda node, args: jnp.einsum(node.par, *args),
    "concatenate": lambda node, args: jnp.concatenate(args, node.par), "copy": lambda node, args: args[0],
    "take": lambda node, args: jnp.take(args[0], args[1], node.par, mode="clip"),
}
