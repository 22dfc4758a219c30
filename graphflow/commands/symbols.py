"""Which names of tensorflow a program uses, read from its text without running it."""
from __future__ import annotations

import ast
from collections import Counter
from typing import NamedTuple

ROOT = "tensorflow"
_FORGIVING = {"ImportError", "ModuleNotFoundError", "AttributeError", "Exception"}


class Use(NamedTuple):
    """A dotted name below tensorflow (`tensorflow.nn.relu`), the line, and the keywords if it is called there."""

    path: str
    line: int
    keywords: tuple[str, ...] = ()


def used(tree: ast.Module) -> list[Use]:
    """The uses in the order of lines. Those in a `try` that catches a missing name are left out: the program goes on without them."""
    reader = _Reader(tree)
    reader.visit(tree)
    return sorted(reader.uses, key=lambda use: use.line)


class _Reader(ast.NodeVisitor):
    def __init__(self, tree: ast.Module) -> None:
        self.bound: dict[str, str] = {}     # names of the program -> what of tensorflow they are
        self.uses: list[Use] = []
        self._seen: set[int] = set()
        self._assigned = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.name.split(".")[0] == ROOT:
                self.bound[alias.asname or ROOT] = alias.name if alias.asname else ROOT
                self._use(alias.name, node.lineno)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if node.level or module.split(".")[0] != ROOT:
            return
        for alias in node.names:
            path = module if alias.name == "*" else f"{module}.{alias.name}"
            if alias.name != "*":
                self.bound[alias.asname or alias.name] = path
            self._use(path, node.lineno)

    def visit_Try(self, node: ast.Try) -> None:
        if any(_catches(handler) for handler in node.handlers):
            kept = list(self.uses)
            for part in node.body:
                self.visit(part)      # for the names that it binds
            self.uses = kept
            for part in (*node.orelse, *node.finalbody):
                self.visit(part)
        else:
            self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        path = self._path(node.value)
        target = node.targets[0]
        if path is not None and len(node.targets) == 1 and isinstance(target, ast.Name) and self._assigned[target.id] == 1:
            self.bound[target.id] = path        # slim = tf.contrib.slim

    def visit_Call(self, node: ast.Call) -> None:
        path = self._path(node.func)
        if path is not None:
            self._seen.add(id(node.func))
            self._use(path, node.lineno, tuple(k.arg for k in node.keywords if k.arg))
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        path = self._path(node)
        if path is None:
            self.generic_visit(node)
        elif id(node) not in self._seen and isinstance(node.ctx, ast.Load):
            self._use(path, node.lineno)

    def _path(self, node: ast.AST) -> str | None:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.bound:
            return None
        return ".".join([self.bound[node.id], *reversed(parts)])

    def _use(self, path: str, line: int, keywords: tuple[str, ...] = ()) -> None:
        self.uses.append(Use(path, line, keywords))


def _catches(handler: ast.ExceptHandler) -> bool:
    """Whether an `except` clause catches that a name is not there."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or isinstance(kind, ast.Name) and kind.id in _FORGIVING for kind in kinds)
