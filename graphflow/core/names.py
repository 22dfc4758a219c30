"""Unique names and name scopes, by TensorFlow's rule: names are compared without case, taken ones get _1, _2, ..."""
from __future__ import annotations

import re
import threading

_VALID_OP = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*\Z")
_VALID_SCOPE = re.compile(r"[A-Za-z0-9_.\\/>-]*\Z")
valid_names: set[str] = set()    # names of operations seen to be valid
_REMEMBERED = 10_000


class _Here(threading.local):
    scope = ""


class Names:
    """The names in use in one graph, and the thread's current scope ('' or 'a/b/')."""
    __slots__ = ("_here", "_lock", "used")

    def __init__(self) -> None:
        self.used: dict[str, int] = {}
        self._here = _Here()
        self._lock = threading.Lock()

    @property
    def scope(self) -> str:
        return self._here.scope

    @scope.setter
    def scope(self, scope: str) -> None:
        self._here.scope = scope

    def unique(self, name: str, mark: bool = True) -> str:
        """`name`, made unique by a number; `name` is complete (scope included). Threads get different names."""
        used = self.used
        key = name.lower()
        with self._lock:
            count = used.get(key, 0)
            if mark:
                used[key] = count + 1
            if not count:
                return name
            base = key
            while key in used:
                key = f"{base}_{count}"
                count += 1
            if mark:
                used[key] = 1
        return f"{name}_{count - 1}"


def check_op_name(name: str) -> None:
    """ValueError unless `name` (without its scope) may name an operation."""
    if name in valid_names:
        return
    if not _VALID_OP.match(name):
        raise ValueError(f"'{name}' is not a valid node name: letters, digits, '.', '_', '-', '/', '\\', '>' only, "
                         "and a letter, digit or '.' first")
    if len(valid_names) >= _REMEMBERED:
        valid_names.clear()
    valid_names.add(name)


def check_scope_name(name: str, outermost: bool) -> None:
    """ValueError unless `name` may name a scope; the outermost scope must begin as an operation's name does."""
    if name in valid_names:
        return
    if not (_VALID_OP if outermost else _VALID_SCOPE).match(name):
        raise ValueError(f"'{name}' is not a valid scope name: letters, digits, '.', '_', '-', '/', '\\', '>' only"
                         + (", and a letter, digit or '.' first" if outermost else ""))
