"""Which stream a random op draws from.

graph seed   op seed    (seed, seed2) of the node
given        given      both
given        none       the graph's, and the number of operations made before in this graph
none         given      87654321 and the op's
none         none       (0, 0): fresh entropy in each session

So with `tf.set_random_seed` alone a program's numbers depend on how many operations come before each random op, and two such ops
never share a stream.
"""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.export import export

DEFAULT_GRAPH_SEED = 87654321
_BOUND = 2**31


@export("get_seed", "random.get_seed")
def get_seed(op_seed: Any) -> tuple[int | None, int | None]:
    """(seed, seed2) of a random op made now in the default graph with this op seed (None: not given); (None, None): unseeded."""
    graph = context.default_graph()
    if graph.seed is not None:
        seeds = graph.seed % _BOUND, (graph._last_id if op_seed is None else op_seed) % _BOUND
    elif op_seed is not None:
        seeds = DEFAULT_GRAPH_SEED, op_seed % _BOUND
    else:
        return None, None
    return (0, _BOUND - 1) if seeds == (0, 0) else seeds  # two zeros would mean: unseeded


def seed_attributes(op_seed: Any) -> dict[str, int]:
    """The seed attributes of a random node made now."""
    seed, seed2 = get_seed(op_seed)
    return {"seed": seed or 0, "seed2": seed2 or 0}
