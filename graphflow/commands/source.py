"""The text of programs: Python files, notebooks, and Python 2, which is converted."""
from __future__ import annotations

import ast
import importlib
import json
import re
import warnings
from pathlib import Path
from typing import Any, NamedTuple

_LINE_MAGIC = re.compile(r"^(\s*)(?:([\w ,]+?)\s*=\s*)?(%|!)\s*(\S.*)?$")
_SKIPPED_CELLS = ("bash", "sh", "html", "javascript", "js", "latex", "svg", "perl", "ruby", "script", "cmd", "writefile", "file",
                  "markdown", "configure", "shell", "system", "cython", "sql", "R")


class Cell(NamedTuple):
    """A piece of a program: what tracebacks call it, and its text."""

    name: str
    text: str


class Python2Error(SyntaxError):
    """A text that is not Python 3; most likely it is Python 2."""


def read(path: Path) -> list[Cell]:
    """The cells of a notebook, or the one piece that a Python file is."""
    if path.suffix == ".ipynb":
        return notebook_cells(path)
    return [Cell(str(path), decoded(path.read_bytes()))]


def decoded(data: bytes) -> str:
    """The text of a Python file, by the encoding that it says; Latin 1 where it is not what it says."""
    first = re.match(rb"(?:[^\n]*\n)?[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", data)
    names = [first[1].decode()] if first else []
    for name in (*names, "utf-8-sig"):
        try:
            return data.decode(name).replace("\r\n", "\n").replace("\r", "\n")
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("latin-1").replace("\r\n", "\n")


def notebook_cells(path: Path) -> list[Cell]:
    """The code cells of a notebook (formats 3 and 4), without magics. ValueError if the file is no notebook."""
    try:
        book = json.loads(path.read_text(encoding="utf-8"))
        sheets: Any = book["cells"] if "cells" in book else [cell for sheet in book["worksheets"] for cell in sheet["cells"]]
        code = [cell for cell in sheets if cell["cell_type"] == "code"]
        texts = [cell.get("source", cell.get("input", "")) for cell in code]
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no notebook: {type(error).__name__}: {error}") from None
    return [Cell(f"{path}[{i}]", plain("".join(text))) for i, text in enumerate(texts, 1)]


def plain(text: str) -> str:
    """A cell without magics: those lines become `pass` (what they assign becomes an empty list), so that the lines keep their numbers."""
    first = re.match(r"\s*%%(\w+)", text)
    if first and first[1] in _SKIPPED_CELLS:
        return ""
    lines = []
    inside = ""          # the quotes of a text that goes over lines
    for line in text.split("\n"):
        found = None if inside else _LINE_MAGIC.match(line)
        if found:
            lines.append(f"{found[1]}{found[2]} = []" if found[2] else f"{found[1]}pass")
        elif not inside and re.match(r"^\s*[\w.]+\?{1,2}\s*$", line):
            lines.append("pass")
        else:
            lines.append(line)
            inside = _open_quotes(line, inside)
    return "\n".join(lines)


def _open_quotes(line: str, inside: str) -> str:
    """The triple quotes that are open at the end of a line."""
    for quote in re.findall(r'"""|\'\'\'', line):
        inside = "" if inside == quote else inside or quote
    return inside


def parse(cell: Cell, py2: bool = False) -> ast.Module:
    """The syntax tree. With `py2` the text is converted first; else one that is no Python 3 raises Python2Error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")      # escapes such as "\\d" in texts, the program's own matter
        if py2:
            tree = ast.parse(from_python2(cell), cell.name)
            return tree if _true_division(tree) else ast.fix_missing_locations(_Divisions().visit(tree))
        try:
            return ast.parse(cell.text, cell.name)
        except SyntaxError as error:
            raise Python2Error(*error.args) from None


def from_python2(cell: Cell) -> str:
    """The text as Python 3, by the converter that came with Python until 3.12, or its successor."""
    for package in ("fissix", "lib2to3"):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                refactor = importlib.import_module(f"{package}.refactor")
        except ImportError:
            continue
        text = cell.text if cell.text.endswith("\n") else cell.text + "\n"
        try:
            converted = _tool(refactor, package).refactor_string(text, cell.name)
        except Exception:        # the converter's own kinds of errors: the text is no Python 2 either
            converted = text
        return "\n".join(_spaces(line) for line in str(converted).split("\n"))
    raise ModuleNotFoundError("converting Python 2 needs the package fissix: pip install 'graphflow-tf1[py2]'")


_tools: dict[str, Any] = {}


def _tool(refactor: Any, package: str) -> Any:
    if package not in _tools:
        fixers = [name for name in refactor.get_fixers_from_package(f"{package}.fixes")
                  if name.rpartition("fix_")[2] not in ("idioms", "ws_comma", "buffer", "set_literal", "future")]
        _tools[package] = refactor.RefactoringTool(fixers)
    return _tools[package]


def _spaces(line: str) -> str:
    """A line whose tabs in front are spaces, eight to the stop, as Python 2 read them."""
    body = line.lstrip(" \t")
    return line[:len(line) - len(body)].expandtabs(8) + body


def _true_division(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.ImportFrom) and node.module == "__future__" and any(a.name == "division" for a in node.names)
               for node in tree.body)


class _Divisions(ast.NodeTransformer):
    """a / b as Python 2 divides: whole numbers give a whole number."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            return ast.copy_location(ast.Call(ast.Name(DIVIDE, ast.Load()), [node.left, node.right], []), node)
        return node


DIVIDE = "__divided_as_in_python_2__"


def divided(a: Any, b: Any) -> Any:
    """a / b, rounded down for two whole numbers."""
    return a // b if isinstance(a, int) and isinstance(b, int) else a / b
