"""Random nestings of variable scopes, name scopes, scopes entered again, default names and reuse, as programs for
`tests.oracle.programs`: what each scope says of itself is a constant of the graph, beside the nodes' own names."""
from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

PREFIXES = ("a", "b", "dense", "a_1", "dense_2", "x/y", "")


def nesting(seed: int) -> Callable[[Any], list[Any]]:
    """A program: about 60 scopes, variables, layers and constants, up to five deep."""
    def program(tf: Any) -> list[Any]:
        draw, scopes, told, left = random.Random(seed), [], [], [60]
        reuses = (None, None, None, True, tf.AUTO_REUSE)

        def enter(where: Any, depth: int, **options: Any) -> None:
            with tf.variable_scope(where, **options) as scope:
                scopes.append(scope)
                told.append(f"{scope.name} {scope.original_name_scope} {scope.reuse}")
                inside(depth + 1)

        def act(depth: int) -> None:
            kind, auxiliary = draw.random(), draw.random() < 0.85
            if kind < 0.2:
                told.append(tf.get_variable(draw.choice(("v", "w", f"v{left[0]}", f"w{left[0]}")), [2]).name)
            elif kind < 0.3:
                tf.constant(1.0, name=draw.choice(("c", "v", "a")))
            elif kind < 0.35:
                tf.layers.dense(tf.zeros([1, 2]), 2, name=draw.choice((None, "dense", "q")), reuse=tf.AUTO_REUSE)
            elif depth > 4:
                return
            elif kind < 0.45:
                with tf.name_scope(draw.choice((*PREFIXES, None))) as name:
                    told.append(name)
                    inside(depth + 1)
            elif kind < 0.5:
                enter(tf.get_variable_scope(), depth, reuse=draw.choice(reuses))
            elif kind < 0.65 and scopes:
                enter(draw.choice(scopes), depth, reuse=draw.choice(reuses), auxiliary_name_scope=auxiliary)
            elif kind < 0.8:
                enter(None, depth, default_name=draw.choice(PREFIXES[:5]), auxiliary_name_scope=auxiliary)
            else:
                enter(draw.choice(PREFIXES), depth, reuse=draw.choice(reuses), auxiliary_name_scope=auxiliary)

        def inside(depth: int) -> None:
            for _ in range(draw.randint(1, 4)):
                left[0] -= 1
                if left[0] > 0:
                    try:
                        act(depth)
                    except (ValueError, TypeError) as error:         # a variable that is there, or is not
                        told.append(type(error).__name__)

        while left[0] > 0:
            inside(0)
        return [tf.constant(list("\n".join(told).encode()), tf.uint8, name="told")]
    return program


for _seed in range(60):
    globals()[f"program_nesting_{_seed}"] = nesting(_seed)
