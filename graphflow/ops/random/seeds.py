"""Which stream a random op draws from.

graph seed   op seed    (seed, seed2) of the node
given        given      both
given        none       the graph's, and how many random ops without a seed were made before in this graph
none         given      87654321 and the op's
none         none       (0, 0): fresh entropy in each session

So with `tf.set_random_seed` alone a program's numbers depend on the order in which its random ops are made, and no two of them
share a stream. (TensorFlow 2.x counts so, in `compat.v1` too; TF 1.x counted all operations made before.)
"""
from __future__ import annotations

import itertools
from typing import Any

from ...core import context
from ...core.export import export

DEFAULT_GRAPH_SEED = 87654321
_MODULUS = 2**31 - 1


@export("get_seed", "random.get_seed")
def get_seed(op_seed: Any) -> tuple[int | None, int | None]:
    """(seed, seed2) of a random op made now in the default graph with this op seed (None: not given); (None, None): unseeded.

    Asking counts as making one.
    """
    graph = context.default_graph()
    if graph.seed is not None:
        if op_seed is None and graph.eager:
            op_seed = graph.operation_seed()  # type: ignore[attr-defined]
        elif op_seed is None:
            op_seed = next(graph.extension("unseeded_random_ops", itertools.count))
        seeds = int(graph.seed) % _MODULUS, int(op_seed) % _MODULUS
    elif op_seed is not None:
        seeds = DEFAULT_GRAPH_SEED, int(op_seed) % _MODULUS
    else:
        return None, None
    return (0, _MODULUS) if seeds == (0, 0) else seeds  # two zeros would mean: unseeded


def seed_attributes(op_seed: Any) -> dict[str, Any]:
    """The seed attributes of a random node made now."""
    seed, seed2 = get_seed(op_seed)
    return {"seed": seed or 0, "seed2": seed2 or 0}
