"""A second interpreter of plans, over jax.numpy: it knows a plan's value and nothing else of graphflow's but the kernels' table."""
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy import special

from graphflow.kernels.namespace import numpy_namespace
from graphflow.plan.kernels import KERNELS
from graphflow.plan.node import ELEMENTWISE, Node

jax.config.update("jax_enable_x64", True)
SPECIAL = {"sigmoid": jax.nn.sigmoid, "rsqrt": jax.lax.rsqrt, "lgamma": special.gammaln, "igamma": special.gammainc,
           "igammac": special.gammaincc, "igamma_grad_a": jax.lax.igamma_grad_a, "bessel_i0": special.i0, "bessel_i0e": special.i0e,
           "bessel_i1": special.i1, "bessel_i1e": special.i1e,
           "make_complex": lambda a, b: jax.lax.complex(*jnp.broadcast_arrays(a, b)),
           **{name: getattr(special, name) for name in ("erf", "erfc", "erfinv", "ndtri", "digamma", "zeta", "betainc")},
           "polygamma": lambda n, x: special.polygamma(n.astype(int), x)}


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


def cond(node, args):
    body = node.par.then if bool(args[0]) else node.par.orelse
    return interpret(body, args[1:])[0]


def loop(node, args):
    count = len(node.par.body.outputs)
    while bool(interpret(node.par.test, args)[0][0]):
        args = [*interpret(node.par.body, args)[0], *args[count:]]
    return args[:count]


PRIMITIVES = {
    **dict.fromkeys(ELEMENTWISE, elementwise), **dict.fromkeys(("sum", "prod", "max", "min", "any", "all"), reduction),
    "argmax": lambda node, args: jnp.argmax(args[0], node.par), "argmin": lambda node, args: jnp.argmin(args[0], node.par),
    "reshape": lambda node, args: args[0].reshape(node.par), "transpose": lambda node, args: args[0].transpose(node.par),
    "broadcast_to": lambda node, args: jnp.broadcast_to(args[0], node.par), "slice": lambda node, args: args[0][node.par.value],
    "matmul": lambda node, args: jnp.matmul(*args, precision="highest"),
    "einsum": lambda node, args: jnp.einsum(node.par, *args, precision="highest"),
    "concatenate": lambda node, args: jnp.concatenate(args, node.par), "copy": lambda node, args: args[0],
    "take": lambda node, args: jnp.take(args[0], args[1], node.par, mode="clip"),
    "check": check, "cond": cond, "loop": loop, "item": lambda node, args: args[0][node.par],
}


def host(node, args):
    """A kernel of ours, which takes and gives whole arrays: what an engine without such a function of its own does."""
    return jnp.asarray(getattr(numpy_namespace, node.prim)(*[np.array(a) for a in args], *node.par))


PRIMITIVES.update(dict.fromkeys(KERNELS, host))


def interpret(plan, inputs):
    """(outputs, {key: written value}) of a plan for values in the order of `plan.inputs`."""
    values = {node.id: value for node, value in zip(plan.inputs, inputs, strict=True)}

    def now(value):
        return values[value.id] if isinstance(value, Node) else jnp.asarray(value)

    for node in plan.nodes:
        found = PRIMITIVES[node.prim](node, [now(a) for a in node.args])
        if node.shape is not None and node.dtype.kind != "O" and node.prim != "check":
            found = found.astype(node.dtype)
            assert found.shape == node.shape, f"{node.prim} gave {found.shape}, the plan says {node.shape}"
        values[node.id] = found
    return [now(v) for v in plan.outputs], {key: now(value) for key, value in plan.effects}
