"""A second interpreter of plans, over the xla engine's table of primitives: it knows a plan's value and nothing else of graphflow's.

It goes step by step, with neither passes nor buffers. Three things are asked of the host: kernels that plans hand to it (`call`), the place
in an operation's random stream (`stream`), and the bits of random numbers.
"""
import jax
import jax.numpy as jnp
import numpy as np

from graphflow.kernels.namespace import numpy_namespace
from graphflow.plan.ir import Handle
from graphflow.plan.node import Node
from graphflow.runtime.engines.xla.primitives import PRIMITIVES

jax.config.update("jax_enable_x64", True)
TEXT = {"broadcast_to": np.broadcast_to, "concatenate": lambda *args: np.concatenate(args[:-1], args[-1]),
        "take": lambda values, indices, axis: np.take(values, np.asarray(indices), axis)}


def stays(value):
    """Strings stay numpy's; a handle says which variable a host call is about."""
    return isinstance(value, Handle) or (isinstance(value, np.ndarray) and value.dtype.kind == "O")


def array(value):
    """An array of JAX's, or what stays."""
    return value if stays(value) else jnp.asarray(value)


def primitive(node, args):
    if node.prim == "check":
        assert not args[0].any(), node.par
        return None
    if node.prim == "item":
        return args[0][node.par]
    return TEXT[node.prim](*args, node.par) if node.dtype == object and node.prim in TEXT else PRIMITIVES[node.prim](node, args)


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
        return self.call(node.par, args) if node.prim == "call" else primitive(node, args)

    def call(self, par, args):
        args = [a if stays(a) else np.array(a) for a in args]
        with np.errstate(all="ignore"):
            found = par.op_def.run(self.host(par.op), *args) if par.op_def.stateful else par.op_def.kernel(numpy_namespace, *args)
        found = [np.asarray(v, dtype) for v, (_, dtype) in zip(found if isinstance(found, (tuple, list)) else [found], par.results)]
        return array(found[0]) if len(par.results) == 1 else [array(v) for v in found]


def interpret(plan, inputs, host=None):
    return Interpreter(host).run(plan, inputs)
