"""Which sides of Switches a value lies on: the predicates that must be alive and say what they must for it to be alive.

A guard is a set of Sides, and of Tensors that are alive or not where sides do not tell it.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from ...core.tensor import Tensor

ALIVE: frozenset[Any] = frozenset()


class Side(NamedTuple):
    """The predicate is alive and says this. root: what it is an Identity of."""
    root: Tensor
    value: bool
    predicate: Tensor


def root_of(predicate: Tensor, fed: Collection[Tensor] = (), guards: Mapping[Any, frozenset[Any]] | None = None) -> Tensor:
    """What a predicate is an Identity of.

    guards: those known so far, of operations and tensors; with them an Identity may wait for something that lives whenever its input does.
    """
    while predicate not in fed and predicate._op._op_def.forwards and not predicate._op._inputs[0].dtype.is_ref:
        source = predicate._op._inputs[0]
        if predicate._op._control and (guards is None or
                                       guards.get(predicate._op, ALIVE) != guards.get(source, guards.get(source._op, ALIVE))):
            break
        predicate = source
    return predicate


def joined(guards: Sequence[frozenset[Any]]) -> frozenset[Any] | None:
    """When one of several is alive, if that is simple: both sides of a predicate together are no condition."""
    left = set(guards)
    while len(left) > 1:
        for a, b in combinations(left, 2):
            differ = list(a ^ b)
            if len(differ) == 2 and all(d.__class__ is Side for d in differ) and differ[0].value is not differ[1].value and \
                    differ[0].root is differ[1].root:
                left -= {a, b}
                left.add(a & b)
                break
        else:
            return None
    return left.pop()
