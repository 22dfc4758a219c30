"""Runs a program's own modules: those below no library. They get the names that libraries had when they were written
(`old_libraries`), methods of arrays that are gone, and with `py2` their text is converted from Python 2 first.
"""
from __future__ import annotations

import ast
import importlib.machinery
import linecache
import os
import site
import sys
import sysconfig
import traceback
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphflow.commands import old_libraries, source
from graphflow.commands.old_libraries.numpy_names import OLD_METHODS, old_attribute
from graphflow.commands.old_libraries.shell import Plots, display, get_ipython
from graphflow.commands.source import Cell

_OLD = "__old_attribute__"
_OWN = (str(Path(__file__).parent), "<frozen importlib", "<frozen runpy")
BUILTINS: dict[str, Any] = {}
_py2 = False


def prepare(py2: bool) -> None:
    """From now on the modules of the program are loaded as its own; those of libraries stay as they are."""
    global _py2
    _py2 = py2
    BUILTINS.update(old_libraries.script_builtins(), **{_OLD: old_attribute, source.DIVIDE: source.divided})
    sys.path_hooks.insert(0, _finder)
    sys.path_importer_cache.clear()


def _finder(folder: str) -> Any:
    if not os.path.isdir(folder or ".") or _is_librarys(folder):
        raise ImportError("no folder of the program's own")
    return importlib.machinery.FileFinder(
        folder, (Loader, importlib.machinery.SOURCE_SUFFIXES),
        (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES))


def _is_librarys(folder: str) -> bool:
    path = os.path.realpath(folder or ".")
    return "site-packages" in path or any(path == home or path.startswith(home + os.sep) for home in _homes())


def _homes() -> set[str]:
    """The folders of Python, of installed packages and of graphflow."""
    paths = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return {os.path.realpath(p) for p in (*paths, *site.getsitepackages(), str(Path(__file__).parents[1]))}


class Loader(importlib.machinery.SourceFileLoader):
    """Loads a module of the program; never from a compiled file, as that may hold what other settings made."""

    def get_code(self, fullname: str) -> types.CodeType:
        path = self.get_filename(fullname)
        return compiled(Cell(path, source.decoded(self.get_data(path))))

    def exec_module(self, module: types.ModuleType) -> None:
        module.__dict__["__builtins__"] = BUILTINS
        super().exec_module(module)


class _OldMethods(ast.NodeTransformer):
    """x.tostring -> old_attribute(x, "tostring")."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr in OLD_METHODS and isinstance(node.ctx, ast.Load):
            return ast.copy_location(ast.Call(ast.Name(_OLD, ast.Load()), [node.value, ast.Constant(node.attr)], []), node)
        return node


def tree_of(cell: Cell) -> ast.Module:
    """The syntax tree of a piece of the program as it runs."""
    return ast.fix_missing_locations(_OldMethods().visit(source.parse(cell, _py2)))


def compiled(cell: Cell) -> types.CodeType:
    """The code of a piece of the program."""
    return compile(tree_of(cell), cell.name, "exec", dont_inherit=True)


def run(path: str) -> None:
    """Runs a file as the main module."""
    main = _main(path)
    exec(compiled(source.read(Path(path))[0]), main.__dict__)


def run_notebook(path: str) -> None:
    """Runs the cells of a notebook in order, as one module; what a cell ends with is printed, figures become files."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    main = _main(path)
    plots = Plots(Path(path).stem)
    old_libraries.plain_names.show = plots
    main.__dict__.update(display=display, get_ipython=get_ipython)
    for cell in source.notebook_cells(Path(path)):
        linecache.cache[cell.name] = (len(cell.text), None, cell.text.splitlines(keepends=True), cell.name)
        tree = tree_of(cell)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) and not cell.text.rstrip().endswith(";") else None
        exec(compile(tree, cell.name, "exec", dont_inherit=True), main.__dict__)
        if isinstance(last, ast.Expr):
            display(eval(compile(ast.Expression(last.value), cell.name, "eval", dont_inherit=True), main.__dict__))
        plots()


def _main(path: str) -> types.ModuleType:
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __builtins__=BUILTINS, __cached__=None, __spec__=None, __loader__=Loader("__main__", path))
    sys.modules["__main__"] = main
    return main


def print_error(error: BaseException) -> None:
    """Prints the traceback without the frames that run the program."""
    told = traceback.TracebackException(type(error), error, error.__traceback__)
    for part in _chain(told):
        part.stack[:] = [frame for frame in part.stack if not frame.filename.startswith(_OWN)]
    print("".join(told.format()), end="", file=sys.stderr)


def _chain(told: traceback.TracebackException | None) -> Iterator[traceback.TracebackException]:
    while told is not None:
        yield told
        told = told.__cause__ or told.__context__


def own_files(path: Path) -> list[Path]:
    """The program's file and those of its own modules that it imports, as far as its text tells."""
    found, waiting = [], [path.resolve()]
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.append(file)
        try:
            trees = [source.parse(cell, _py2) for cell in source.read(file)]
        except (SyntaxError, ValueError, OSError):
            continue
        for tree in trees:
            for node in ast.walk(tree):
                waiting += [f for name in _imported(node) for f in _files(name, getattr(node, "level", 0), file, path.resolve().parent)]
    return found


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(f"{node.module}.{alias.name}" if node.module else alias.name for alias in node.names)]
    return []


def _files(name: str, level: int, importer: Path, root: Path) -> Iterator[Path]:
    """The files that running `import name` would load, below the importer's folder (relative imports) or the program's."""
    bases = [importer.parents[level - 1]] if level else [root, importer.parent]
    parts = [part for part in name.split(".") if part]
    for base in bases:
        for length in range(len(parts) + 1):
            place = base.joinpath(*parts[:length])
            candidates = [place / "__init__.py"] if place.is_dir() and length else [place.with_suffix(".py")] if length else []
            yield from (file for file in candidates if file.is_file())
