"""The shape of the code in figures: package order, cycles, imports inside functions, file lengths, dead type ignores.

`python -m tools.structure` prints them; tests/core/test_structure.py holds them. Only the sources are read, nothing is imported.
"""
from __future__ import annotations

import ast
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "graphflow"

# Each package may import those to its left, and those of its own group as long as modules form no cycle.
ORDER = (("_public",), ("formats",), ("viewer",), ("kernels",), ("core",), ("graphdef",), ("ops",), ("autodiff",), ("plan",), ("runtime",),
         ("profiler",), ("variables",), ("eager",), ("platform", "train", "layers", "rnn", "data", "summary", "losses", "metrics",
          "distributions"),
         ("keras", "estimator", "feature_column", "contrib", "datasets"), ("exporting",),
         ("testing", "commands", "compat"), ("cli", "__main__"))
RANK = {name: rank for rank, group in enumerate(ORDER) for name in group}
ONLY = {"viewer": {"viewer", "formats"}}       # opens a log folder without loading the framework
FIRST_USE = "# at first use:"                  # the comment of an import inside a function: what it saves


@dataclass(frozen=True)
class Import:
    """One import of a module of ours or of others. lazy: on first touch. named: by no statement, but by the module's name as a string."""
    importer: str
    imported: str
    lazy: bool
    path: Path
    line: int
    named: bool = False

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.importer} imports {self.imported}"


def modules() -> dict[str, Path]:
    """Module name -> file, of the whole package."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def package_of(module: str) -> str:
    """'ops' for graphflow.ops.array.fill; '' for graphflow itself."""
    return module.split(".")[1] if "." in module else ""


def _targets(node: ast.Import | ast.ImportFrom, module: str, is_package: bool, known: dict[str, Path]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    start = module.split(".")[:len(module.split(".")) - node.level + is_package] if node.level else []
    home = ".".join([*start, *([node.module] if node.module else [])])
    return [f"{home}.{alias.name}" if f"{home}.{alias.name}" in known else home for alias in node.names]


def _by_name(module: str, path: Path, tree: ast.AST, known: dict[str, Path]) -> list[Import]:
    """What a module imports on first touch by a string: `Late(cut="graphflow.plan.segments:cut")`, tables of homes, and the viewer's
    `late.cards`. Not the generated tables of public names, through which everything can be reached."""
    if package_of(module) == "_public":
        return []
    found = []
    for node in ast.walk(tree):
        homes: list[str] = []
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("graphflow."):
            homes = [node.value.partition(":")[0]]
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "late":
            homes = [other for other in known if other.startswith("graphflow.viewer.") and other.endswith(f".{node.attr}")]
        found += [Import(module, home, True, path, node.lineno, named=True) for home in homes if home in known]
    return found


def imports() -> list[Import]:
    """All imports at run time, those inside functions and those by a string too; not those for type checkers."""
    known, found = modules(), []
    for module, path in known.items():
        is_package = path.name == "__init__.py"

        def walk(node: ast.AST, lazy: bool, module: str = module, path: Path = path, is_package: bool = is_package) -> None:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                    for other in child.orelse:
                        walk(other, lazy)
                    continue
                if isinstance(child, (ast.Import, ast.ImportFrom)):
                    for target in dict.fromkeys(_targets(child, module, is_package, known)):
                        found.append(Import(module, target, lazy, path, child.lineno))
                walk(child, lazy or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)))

        tree = ast.parse(path.read_text(encoding="utf-8"))
        walk(tree, False)
        found.extend(_by_name(module, path, tree, known))
    return found


def against_order(found: list[Import]) -> list[Import]:
    """Imports of a package to the right, or of one that this package must do without."""
    wrong = []
    for item in found:
        if item.imported.split(".")[0] != "graphflow" or not package_of(item.importer) or not package_of(item.imported):
            continue
        own, other = package_of(item.importer), package_of(item.imported)
        if RANK[other] > RANK[own] or other not in ONLY.get(own, {other}):
            wrong.append(item)
    return wrong


def cycles(found: list[Import]) -> list[list[str]]:
    """Groups of modules that import each other in a circle (Tarjan's strongly connected components)."""
    edges: dict[str, set[str]] = {module: set() for module in modules()}
    for item in found:
        if item.imported in edges and item.imported != item.importer:
            edges[item.importer].add(item.imported)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in sorted(edges[module]):
            if other not in index:
                visit(other)
            if other in stack:
                low[module] = min(low[module], low[other])
        if low[module] == index[module]:
            group = stack[stack.index(module):]
            del stack[stack.index(module):]
            if len(group) > 1:
                groups.append(sorted(group))

    sys.setrecursionlimit(max(10_000, sys.getrecursionlimit()))
    for module in edges:
        if module not in index:
            visit(module)
    return groups


def lazy_lines(found: list[Import]) -> list[tuple[Path, int, str]]:
    """(file, line, text) of each import statement inside a function."""
    places = sorted({(item.path, item.line) for item in found if item.lazy and not item.named})
    return [(path, line, path.read_text(encoding="utf-8").splitlines()[line - 1]) for path, line in places]


def lengths() -> dict[Path, int]:
    """Lines of each Python file that a person wrote (the generated tables are left out)."""
    return {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules().values() if package_of_path(path) != "_public"}


def package_of_path(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def main() -> int:
    found = imports()
    sizes = lengths()
    code = {path: size for path, size in sizes.items() if path.name != "__init__.py"}
    lazy = lazy_lines(found)
    total = sum(sizes.values())
    print(f"files {len(sizes)}, lines {total}, median file {statistics.median(code.values()):.0f}, "
          f"over 400 lines {sum(size > 400 for size in code.values())}")
    print(f"imports inside functions {len(lazy)}: {1000 * len(lazy) / total:.2f} in 1,000 lines, "
          f"{sum(FIRST_USE not in text for _, _, text in lazy)} without the comment '{FIRST_USE}'")
    print(f"cycles {len(cycles(found))}, at top level {len(cycles([item for item in found if not item.lazy]))}")
    print(f"against the package order {len(against_order(found))}")
    for path, size in sorted(code.items(), key=lambda item: -item[1]):
        if size > 400:
            print(f"  {path.relative_to(ROOT)} {size} lines")
    for item in against_order(found):
        print(f"  {item}")
    for group in cycles(found):
        print(f"  cycle {' '.join(group)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
