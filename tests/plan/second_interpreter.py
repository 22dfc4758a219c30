"""A second interpreter of plans, over jax.numpy: it knows a plan's value and nothing else of graphflow's.

Three things are asked of the host: kernels that plans hand to it (`call`), the place in an operation's random stream (`stream`), and the
bits of random numbers.
"""
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy import special

from graphflow.kernels.namespace import numpy_namespace
from graphflow.plan.ir import Handle
from graphflow.plan.kernels import KERNELS
from graphflow.plan.node import ELEMENTWISE, Node
from tests.plan.second_kernels import SECOND

jax.config.update("jax_enable_x64", True)
SPECIAL = {"sigmoid": jax.nn.sigmoid, "rsqrt": jax.lax.rsqrt, "lgamma": special.gammaln, "igamma": special.gammainc,
           "igammac": special.gammaincc, "igamma_grad_a": lambda a, x: jax.lax.igamma_grad_a(*jnp.broadcast_arrays(a, x)),
           "bessel_i0": special.i0, "bessel_i0e": special.i0e,
           "bessel_i1": special.i1, "bessel_i1e": special.i1e,
           "make_complex": lambda a, b: jax.lax.complex(*jnp.broadcast_arrays(a, b)),
           **{name: getattr(special, name) for name in ("erf", "erfc", "erfinv", "ndtri", "digamma", "zeta", "betainc")},
           "polygamma": lambda n, x: special.polygamma(n.astype(int), x)}


def is_text(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "O"


def stays(value):
    """Strings stay numpy's; a handle says which variable a host call is about."""
    return is_text(value) or isinstance(value, Handle)


def array(value):
    """An array of JAX's, or what stays."""
    return value if stays(value) else jnp.asarray(value)


def elementwise(node, args):
    if node.prim == "cast":
        return args[0].astype(node.dtype)
    if node.prim != "where":                    # numpy's rule for what is computed in; JAX's differs for integers with floats
        kind = np.result_type(*[a.dtype for a in node.args])
        args = [a.astype(kind) for a in args]
    return (SPECIAL.get(node.prim) or getattr(jnp, node.prim))(*args)


def reduction(node, args):
    axes, keep = node.par
    start = {"max": -np.inf, "min": np.inf}.get(node.prim) if 0 in args[0].shape and args[0].dtype.kind == "f" else None
    return getattr(jnp, node.prim)(args[0], axis=axes, keepdims=keep, **({} if start is None else {"initial": start}))


def check(node, args):
    assert not args[0].any(), node.par


def kernel(node, args):
    """A kernel in JAX's terms (second_kernels); what has none runs on the host, as an engine without such a function has it."""
    found = SECOND.get(node.prim, lambda *_: None)(*args, *node.par)
    return jnp.asarray(getattr(numpy_namespace, node.prim)(*[np.array(a) for a in args], *node.par)) if found is None else found


PRIMITIVES = {
    **dict.fromkeys(ELEMENTWISE, elementwise), **dict.fromkeys(("sum", "prod", "max", "min", "any", "all"), reduction),
    "argmax": lambda node, args: jnp.argmax(args[0], node.par), "argmin": lambda node, args: jnp.argmin(args[0], node.par),
    "reshape": lambda node, args: args[0].reshape(node.par), "transpose": lambda node, args: args[0].transpose(node.par),
    "broadcast_to": lambda node, args: (np if node.dtype == object else jnp).broadcast_to(args[0], node.par),
    "slice": lambda node, args: args[0][node.par.value],
    "matmul": lambda node, args: jnp.matmul(*args, precision="highest"),
    "einsum": lambda node, args: jnp.einsum(node.par, *args, precision="highest"),
    "concatenate": lambda node, args: (np if node.dtype == object else jnp).concatenate(args, node.par),
    "copy": lambda node, args: args[0], "check": check, **dict.fromkeys(KERNELS, kernel),
    "take": lambda node, args: (np.take(args[0], np.asarray(args[1]), node.par) if node.dtype == object else
                                jnp.take(args[0], args[1], node.par, mode="clip")),
    "item": lambda node, args: args[0][node.par],
}


class Interpreter:
    """host: what a session gives the operations that the plan leaves to it, by operation."""

    def __init__(self, host=None):
        self.host = host

    def run(self, plan, inputs):
        """(outputs, {key: written value}) of a plan for values in the order of `plan.inputs`."""
        values = {node.id: array(value) for node, value in zip(plan.inputs, inputs, strict=True)}

        def now(value):
            return values[value.id] if isinstance(value, Node) else array(value)

        for node in plan.nodes:
            found = self.value(node, [now(a) for a in node.args])
            if node.shape is not None and node.dtype.kind != "O" and node.prim not in ("check", "call"):
                found = found.astype(node.dtype)
                assert found.shape == node.shape, f"{node.prim} gave {found.shape}, the plan says {node.shape}"
            values[node.id] = found
        return [now(v) for v in plan.outputs], {key: now(value) for key, value in plan.effects}

    def value(self, node, args):
        if node.prim == "cond":
            return self.run(node.par.then if bool(args[0]) else node.par.orelse, args[1:])[0]
        if node.prim == "loop":
            count = len(node.par.body.outputs)
            while bool(self.run(node.par.test, args)[0][0]):
                args = [*self.run(node.par.body, args)[0], *args[count:]]
            return args[:count]
        if node.prim == "stream":
            return array(node.par.op._op_def.take(self.host(node.par.op), node.par.blocks))
        return self.call(node.par, args) if node.prim == "call" else PRIMITIVES[node.prim](node, args)

    def call(self, par, args):
        args = [a if stays(a) else np.array(a) for a in args]
        with np.errstate(all="ignore"):
            found = par.op_def.run(self.host(par.op), *args) if par.op_def.stateful else par.op_def.kernel(numpy_namespace, *args)
        found = [np.asarray(v, dtype) for v, (_, dtype) in zip(found if isinstance(found, (tuple, list)) else [found], par.results)]
        return array(found[0]) if len(par.results) == 1 else [array(v) for v in found]


def interpret(plan, inputs, host=None):
    return Interpreter(host).run(plan, inputs)
