"""Which of the names that a program uses graphflow does not have, and what it says of them."""
from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
import types
import warnings
from collections.abc import Iterable
from typing import Any, NamedTuple

from graphflow.commands.symbols import ROOT, Use


class Missing(NamedTuple):
    """A name (`tf.contrib.tpu`), where it is used ((file, line), ...), and what graphflow says of it."""

    name: str
    places: tuple[tuple[str, int], ...]
    why: str


def missing(uses: Iterable[tuple[str, Use]]) -> list[Missing]:
    """Of (file, use) pairs those names that are not there, most used first. The stand-in is installed while this looks."""
    places: dict[str, list[tuple[str, int]]] = {}
    reasons: dict[str, tuple[str, str]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")    # old names are looked up here, not used
        for file, use in uses:
            key = use.path + "(" + ",".join(use.keywords)
            if key not in reasons:
                reasons[key] = _why(use)
            name, why = reasons[key]
            if why:
                places.setdefault(name, []).append((file, use.line))
    texts = dict(reasons.values())
    return sorted((Missing(name, tuple(found), texts[name]) for name, found in places.items()), key=lambda m: (-len(m.places), m.name))


def _why(use: Use) -> tuple[str, str]:
    """A used name and why it is not there; ("", "") if it is."""
    parts = use.path.split(".")
    shown = use.path.replace(ROOT, "tf", 1)
    found: Any = importlib.import_module(ROOT)
    for i, part in enumerate(parts[1:], 2):
        try:
            found = _member(found, part, ".".join(parts[:i]))
        except (AttributeError, ImportError, NotImplementedError) as error:
            return shown, str(error)
        if not isinstance(found, (types.ModuleType, type)):
            break       # what an object has is known at run only
    else:
        i = len(parts)
    if refuses(found):
        return shown, _refusal(found)
    unknown = _unknown_keywords(found, use.keywords) if i == len(parts) else []
    return (f"{shown}({', '.join(k + '=' for k in unknown)})", "graphflow's takes no such argument") if unknown else ("", "")


def _member(found: Any, part: str, path: str) -> Any:
    try:
        return getattr(found, part)
    except AttributeError:
        if not isinstance(found, types.ModuleType):
            raise
        try:
            return importlib.import_module(path)
        except ModuleNotFoundError as error:
            if not error.name or not path.startswith(error.name):
                raise
    return getattr(found, part)


def _unknown_keywords(found: Any, keywords: tuple[str, ...]) -> list[str]:
    if not keywords:
        return []
    try:
        parameters = inspect.signature(found).parameters
    except (TypeError, ValueError):
        return []
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return []
    return [k for k in keywords if k not in parameters]


def refuses(value: Any) -> bool:
    """Whether this function does nothing but raise NotImplementedError."""
    return inspect.isfunction(value) and _refusing(value) is not None


def _refusing(value: Any) -> ast.Raise | None:
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(value))).body[0].body    # type: ignore[attr-defined]
    except (OSError, SyntaxError, TypeError):
        return None
    statements = [node for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    raises = len(statements) == 1 and isinstance(statements[0], ast.Raise) and "NotImplementedError" in ast.dump(statements[0])
    return statements[0] if raises else None


def _refusal(value: Any) -> str:
    """The text that a refusing function raises, as far as it is known."""
    nodes = ast.walk(_refusing(value) or ast.Pass())
    return " ".join("".join(n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)).split())
