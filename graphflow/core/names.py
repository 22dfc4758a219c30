"""Unique names and name scopes, by TensorFlow's rule: names are compared without case, taken ones get _1, _2, ..."""
from __future__ import annotations

import re
import threading

VALID_OP = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*\Z")
_VALID_SCOPE = re.compile(r"[A-Za-z0-9_.\\/>-]*\Z")
valid_names: set[str] = set()    # names of operations seen to be valid
_REMEMBERED = 10_000


class _Here(threading.local):
    scope = ""


class Names:
    """The names in use in one graph, and the thread's current scope ('' or 'a/b/').

    Threads take names side by side without a lock: `setdefault` stores one of two rivals' marks, and tells both which.
    """
    __slots__ = ("_next", "_used", "here")

    def __init__(self) -> None:
        self._used: dict[str, object] = {}           # with a mark of its taker's own
        self._next: dict[str, int] = {}              # numbers below are taken
        self.here = _Here()

    @property
    def scope(self) -> str:
        return self.here.scope

    @scope.setter
    def scope(self, scope: str) -> None:
        self.here.scope = scope

    def unique(self, name: str, mark: bool = True) -> str:
        """`name`, made unique by a number; `name` is complete (scope included). Threads get different names."""
        used = self._used
        key = name.lower()
        mine = object()
        if (used.setdefault(key, mine) if mark else used.get(key, mine)) is mine:
            return name
        count = self._next.get(key, 1)
        if not mark:
            while f"{key}_{count}" in used:
                count += 1
            return f"{name}_{count}"
        while used.setdefault(f"{key}_{count}", mine) is not mine:
            count += 1
        self._next[key] = count + 1
        return f"{name}_{count}"

    def take(self, name: str) -> None:
        """Marks a complete name as used, as it is."""
        self._used.setdefault(name.lower(), None)

    def snapshot(self) -> tuple[dict[str, object], dict[str, int]]:
        """What `restore` needs to forget the names taken since."""
        return dict(self._used), dict(self._next)

    def restore(self, names: tuple[dict[str, object], dict[str, int]]) -> None:
        self._used.clear()
        self._used.update(names[0])
        self._next.clear()
        self._next.update(names[1])


def check_op_name(name: str) -> None:
    """ValueError unless `name` (without its scope) may name an operation."""
    if name in valid_names:
        return
    if not VALID_OP.match(name):
        raise ValueError(f"'{name}' is not a valid node name: letters, digits, '.', '_', '-', '/', '\\', '>' only, "
                         "and a letter, digit or '.' first")
    if len(valid_names) >= _REMEMBERED:
        valid_names.clear()
    valid_names.add(name)


def check_scope_name(name: str, outermost: bool) -> None:
    """ValueError unless `name` may name a scope; the outermost scope must begin as an operation's name does."""
    if name in valid_names:
        return
    if not (VALID_OP if outermost else _VALID_SCOPE).match(name):
        raise ValueError(f"'{name}' is not a valid scope name: letters, digits, '.', '_', '-', '/', '\\', '>' only"
                         + (", and a letter, digit or '.' first" if outermost else ""))
