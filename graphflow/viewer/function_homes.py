"""Where the bodies of branches and loops are drawn: in the scope of the one node that runs them.

A function of a GraphDef's library is a scope `{function NAME}/`. One that a single If, Case or While names lies in that node's scope,
`while/{function while_body_3}/`, so that opening the node shows its bodies; any other stands by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from graphflow.viewer import wire
from graphflow.viewer.errors import ViewerError

FUNCTION = b"{function "
HOLDERS = frozenset(("If", "StatelessIf", "Case", "StatelessCase", "While", "StatelessWhile"))


def homes(buf: bytes, names: Sequence[bytes], holders: Sequence[tuple[int, int, int]], owner: Sequence[int],
          functions: Sequence[str]) -> list[bytes]:  # fmt: skip
    """The scope of each function, in their order.

    names: of all nodes. holders: (node, start, end of its attributes) of branches and loops. owner: per node, the number of the function
    that it is of, -1 for none.
    """
    number = {name: i for i, name in enumerate(functions)}
    users: dict[int, set[int]] = {}
    for node, a, b in holders:
        for name in _named(buf, a, b):
            if name in number:
                users.setdefault(number[name], set()).add(node)
    found: dict[int, bytes] = {}

    def scope(i: int, inside: frozenset[int]) -> bytes:
        if i not in found:
            own, (node, *others) = FUNCTION + functions[i].encode() + b"}/", [*users.get(i, ()), -1][:2]
            if node < 0 or others != [-1] or owner[node] in inside:        # nobody's, of several, or of itself
                return own
            around = b"" if owner[node] < 0 else scope(owner[node], inside | {owner[node]})
            found[i] = around + names[node] + b"/" + own
        return found[i]
    return [scope(i, frozenset([i])) for i in range(len(functions))]


def _named(buf: bytes, a: int, b: int) -> list[str]:
    """The functions that the attributes of a node name."""
    found: list[str] = []
    try:
        for number, kind, x, y in wire.fields(buf, a, b):
            if number == 5 and kind == wire.BYTES:
                for n, w, c, d in wire.fields(buf, x, y):
                    if n == 2 and w == wire.BYTES:
                        found += _of_value(buf, c, d)
    except ViewerError:
        return found        # the card says what is wrong with the attribute
    return found


def _of_value(buf: bytes, a: int, b: int) -> list[str]:
    """AttrValue: 10 func, 1 list with 9 func; a function's 1 is its name."""
    found: list[str] = []
    for number, kind, x, y in wire.fields(buf, a, b):
        if kind == wire.BYTES and number == 10:
            found += [wire.text(buf, c, d) for n, w, c, d in wire.fields(buf, x, y) if n == 1 and w == wire.BYTES]
        elif kind == wire.BYTES and number == 1:
            for n, w, c, d in wire.fields(buf, x, y):
                if n == 9 and w == wire.BYTES:
                    found += [wire.text(buf, e, f) for m, v, e, f in wire.fields(buf, c, d) if m == 1 and v == wire.BYTES]
    return found
