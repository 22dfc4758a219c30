"""A model as StableHLO: the xla engine's function of its plan, exported by JAX. Needs JAX (extra xla).

Sizes that stay open are JAX's symbolic dimensions. The weights are inside; checks are left out, since StableHLO has none.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import export

from ..formats.durable import atomic_file
from ..kernels.tensor_list import TensorList
from ..plan.bodies import Cond, Loop, all_nodes
from ..plan.ir import Plan
from ..plan.kernels import KERNELS, Index
from ..plan.node import Node, Untraceable
from ..runtime.engines.xla import lists
from ..runtime.engines.xla.kernels import FUNCTIONS
from ..runtime.engines.xla.trace import Tracing, checks_of, is_assertion, traceable
from ..runtime.engines.xla.values import x64
from .general import Filled, General, Items, Known, Listed, Nothing, Ramp, Spread, Step
from .planned import Formless, Planned, planned, refused
from .sizes import Ratio, Size, mapped

PLATFORMS = ("cpu", "cuda", "rocm", "tpu")


def write_stablehlo(model: Any, path: str, shapes: Mapping[str, Sequence[int | str]] | None = None) -> dict[str, Any]:
    """Writes what `jax.export.deserialize` reads, or the text of the module where the path ends in .mlir; what was written, as plain data.

    The function takes the model's inputs in their order and gives its outputs in a dict. model: `exporting.model.Model`. shapes: see
    `planned.planned`. NotImplementedError, naming operation and line, for what runs on the host.
    """
    found = exported(planned(model, shapes=shapes))
    data = found.mlir_module().encode() if path.endswith(".mlir") else bytes(found.serialize())
    with atomic_file(path) as file:
        file.write(data)
    return {"inputs": len(found.in_avals), "outputs": len(found.out_avals), "bytes": len(data), "wrote": path}


def exported(made: Planned) -> export.Exported:
    """JAX's form of a plan, for CPUs, GPUs and TPUs."""
    scope = export.SymbolicScope()
    symbols = {name: export.symbolic_shape(name, scope=scope)[0] for name in made.points.names}
    plan = _plan(made.plan, symbols)
    for node in all_nodes(plan):
        _check(node)
    feeds = [node for node in plan.inputs if node.prim == "feed"]

    def function(*values: Any) -> dict[str, Any]:
        tracing = _Open(checks_of(plan), {}, symbols)
        given = {node.id: jnp.asarray(value) for node, value in zip(feeds, values)}
        given.update((node.id, jnp.asarray(made.weights[node.par])) for node in plan.inputs if node.prim == "variable")
        return dict(zip(made.outputs, tracing.run(plan, given)))

    with x64():
        forms = [jax.ShapeDtypeStruct(node.shape, node.dtype) for node in feeds]
        try:
            return export.export(jax.jit(function), platforms=PLATFORMS)(*forms)
        except Untraceable as why:
            raise NotImplementedError(f"StableHLO has no form of {why}; give its sizes as numbers (--shape NAME=SIZES)") from None


def _check(node: Node) -> None:
    """Refuses what would call Python from compiled code, and what the xla engine leaves to the numpy engine."""
    on_host = (node.prim in KERNELS and node.prim not in FUNCTIONS) or (
        node.prim == "call" and lists.function(node) is None and not is_assertion(node))
    if node.prim in ("stream", "draw", "draw_integers"):
        raise refused(node, "random numbers", "give the placeholder that turns them off a value (--set keep_prob=1.0)")
    if on_host or not traceable(node):
        raise refused(node, "graphflow runs it on the host, in code of its own")


class _Open(Tracing):
    """Tracing with numbers that are made of open sizes. sizes: JAX's dimensions by name."""

    def __init__(self, checks: Sequence[Node], streams: dict[int, Any], sizes: Mapping[str, Any]):
        super().__init__(checks, streams)
        self.sizes = sizes

    def known(self, value: Any) -> Any:
        if isinstance(value, Filled):
            return jnp.full(mapped(value.shape, self.size), self.number(value.number, value.dtype))
        if isinstance(value, Listed):
            return jnp.stack([self.number(n, value.dtype) for n in value.numbers]).reshape(value.shape)
        if isinstance(value, Spread):
            return jnp.broadcast_to(self.known(value.core), mapped(value.shape, self.size))
        if isinstance(value, Known):
            return jnp.asarray(value.array)
        if isinstance(value, Ramp):
            line = jnp.arange(self.size(value.shape[value.axis])).astype(value.dtype)
            line = self.number(value.start, value.dtype) + self.number(value.step, value.dtype) * line
            column = line.reshape(-1, *[1] * (len(value.shape) - value.axis - 1))
            return jnp.broadcast_to(column, mapped(value.shape, self.size))
        return super().known(value)

    def size(self, size: Any) -> Any:
        return size.at(self.sizes) if isinstance(size, Size) else size

    def number(self, number: Any, dtype: Any) -> Any:
        if isinstance(number, Ratio):
            wide = {name: jnp.asarray(size, np.float64) for name, size in self.sizes.items()}
            return jnp.asarray(number.at(wide), dtype)
        return jnp.asarray(self.size(number), dtype)


def _plan(general: General, symbols: Mapping[str, Any]) -> Plan:
    """The plan with JAX's dimensions for open sizes, as the xla engine takes plans."""
    made: dict[int, Node] = {}

    def value(given: Any) -> Any:
        if isinstance(given, Step):
            return made[given.id]
        if isinstance(given, Known):
            return given.array
        if isinstance(given, Items) and isinstance(given.count, int):
            items = [None] * given.count if given.items is None else [None if i is None else value(i) for i in given.items]
            return _held(TensorList(items, given.element, None))
        if isinstance(given, (Items, Nothing)):
            raise Formless("a list whose length is open")
        return given

    def node(step: Step) -> Node:
        try:
            args = tuple(value(a) for a in step.args)
        except Formless as why:
            raise refused(step, str(why), "give its length as a number (--shape NAME=SIZES)") from None
        bodies = {name: _plan(body, symbols) for name, body in step.bodies.items()}
        par = mapped(step.par, lambda size: size.at(symbols))
        if bodies:
            par = Loop(**bodies) if step.prim == "loop" else Cond(**bodies)
        elif step.prim == "slice":
            par = Index(par)
        shape = None if step.shape is None else mapped(step.shape, lambda size: size.at(symbols))
        made[step.id] = found = Node(step.prim, args, par, shape, step.dtype, step.source)
        return found

    inputs = [node(step) for step in general.inputs]
    return Plan(inputs, [node(step) for step in general.steps], [value(v) for v in general.outputs], [])


def _held(value: Any) -> np.ndarray:
    found = np.empty((), object)
    found[()] = value
    return found
