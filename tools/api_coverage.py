"""How much of TensorFlow 1's public API graphflow covers, and how much of what public programs use.

    python tools/api_coverage.py                the summary, then what is missing, most used first
    python tools/api_coverage.py --signatures   where arguments differ from TensorFlow's
    python tools/api_coverage.py --untested     names that exist and that no test uses

A name of TensorFlow's counts as covered if it resolves in graphflow, does not just raise NotImplementedError, and a test that uses it
passes and checks something: tests/data/called_symbols.json, written by `tools/check --full` (see tests/recording.py). Names for the same
object share their tests.
The share of uses is taken over tools/data/usage.tsv: each symbol weighs as many repositories, or files, as use it.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import sys
import warnings
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from graphflow.commands.missing import refuses  # noqa: E402

DATA = ROOT / "tools" / "data"
CALLED = ROOT / "tests" / "data" / "called_symbols.json"
MISSING = object()
# Large parts of TensorFlow that graphflow leaves out for now; their uses are counted apart.
ELSEWHERE = ("keras", "estimator", "feature_column")


class Use(NamedTuple):
    symbol: str
    repositories: int
    files: int


def find(symbol: str) -> Any:
    """The object that graphflow has for a dotted name without 'tf.', or MISSING."""
    import graphflow
    from graphflow.commands import stand_in

    parts = symbol.split(".")
    if parts[0] in ("python", "examples", "core", "compat"):
        for length in (*range(len(parts) - 1, 0, -1), len(parts)):    # a name of a module before a module of that name
            module = "tensorflow." + ".".join(parts[:length])
            if stand_in.sources(module) is not None:
                found = walk(stand_in.module(module), parts[length:])
                if found is not MISSING:
                    return found
        return MISSING
    found = stand_in.resolve(symbol)
    return walk(graphflow, parts) if found is None else found    # the value itself may be None: tf.newaxis


def walk(value: Any, parts: list[str]) -> Any:
    for part in parts:
        try:
            value = getattr(value, part)
        except (AttributeError, ImportError):
            return MISSING
    return value


def identity(value: Any) -> int | None:
    """What aliases share; None for plain values, which are equal by accident."""
    return id(value) if callable(value) or inspect.ismodule(value) else None


class Coverage:
    """Which names are covered, tested or missing."""

    def __init__(self) -> None:
        called = json.loads(CALLED.read_text()) if CALLED.exists() else {}
        self.called = set(called)
        self.tested_objects = {identity(find(name)) for name in called} - {None}

    def state(self, symbol: str) -> str:
        """'covered', 'untested' or 'missing'."""
        value = find(symbol)
        if value is MISSING or refuses(value):
            return "missing"
        return "covered" if self.tested(symbol, value) else "untested"

    def tested(self, symbol: str, value: Any) -> bool:
        if symbol in self.called or identity(value) in self.tested_objects:
            return True
        if inspect.ismodule(value):
            return any(name.startswith(symbol + ".") for name in self.called)
        owner = symbol.rpartition(".")[0]    # a method or constant of a class counts with its class
        return bool(owner) and inspect.isclass(find(owner)) and self.tested(owner, find(owner))


def usage() -> list[Use]:
    lines = (DATA / "usage.tsv").read_text().splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return [Use(row[0].removeprefix("tf."), int(row[1]), int(row[2])) for row in rows]


def share(part: int, whole: int) -> str:
    return f"{part:>7} of {whole:>7}  {100 * part / whole:5.1f} %"


def signature_difference(symbol: str, wanted: list[list[str]]) -> str | None:
    """Text of the difference between graphflow's arguments and TensorFlow's; None if there is none or it cannot be told."""
    value = find(symbol)
    if value is MISSING or [name for name, _ in wanted] == ["*args", "**kwargs"]:
        return None
    try:
        parameters = list(inspect.signature(value).parameters.values())
    except (TypeError, ValueError):
        return None
    ours = [(str(p).split(":")[0].split("=")[0].strip(), None if p.default is p.empty else p.default) for p in parameters]
    names = [name for name, _ in ours]
    wanted_names = [name for name, _ in wanted]
    if names != wanted_names:
        return f"arguments ({', '.join(names)}), TensorFlow has ({', '.join(wanted_names)})"
    different = [
        f"{name}={p.default!r}, TensorFlow has {default}"
        for p, (name, default) in zip(parameters, wanted, strict=True)
        if not same_default(p, default)
    ]
    return "; ".join(different) or None


def same_default(parameter: inspect.Parameter, wanted: str) -> bool:
    if parameter.default is parameter.empty:
        return wanted == "<required>" or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    try:
        return bool(ast.literal_eval(wanted) == parameter.default)
    except (ValueError, SyntaxError):
        return True    # the repr of an object (a dtype, an initializer): not compared


def report_usage(coverage: Coverage, listed: int) -> None:
    uses = usage()
    state = {use.symbol: coverage.state(use.symbol) for use in uses}
    for title, chosen in (
        ("all symbols that public programs use", uses),
        ("of tf.contrib", [use for use in uses if use.symbol.split(".")[0] == "contrib"]),
        (f"without {', '.join(ELSEWHERE)}", [use for use in uses if use.symbol.split(".")[0] not in ELSEWHERE]),
        ("  of these, used by 2 or more repositories",
         [use for use in uses if use.symbol.split(".")[0] not in ELSEWHERE and use.repositories > 1]),
    ):    # fmt: skip
        covered = [use for use in chosen if state[use.symbol] == "covered"]
        print(title)
        print("  symbols              ", share(len(covered), len(chosen)))
        print("  uses by repositories ", share(sum(u.repositories for u in covered), sum(u.repositories for u in chosen)))
        print("  uses by files        ", share(sum(u.files for u in covered), sum(u.files for u in chosen)))
    for wanted in ("untested", "missing"):
        rows = [use for use in uses if state[use.symbol] == wanted and use.symbol.split(".")[0] not in ELSEWHERE]
        print(f"{wanted}: {len(rows)}" + (f", most used first (repositories, files), {listed} at most" if listed and rows else ""))
        for use in rows[:listed]:
            print(f"  tf.{use.symbol:<60} {use.repositories:>3} {use.files:>4}")


def report_api(coverage: Coverage, api: dict[str, Any]) -> None:
    states = [coverage.state(symbol) for symbol in api]
    print("TensorFlow's v1 API")
    print("  exists               ", share(len(states) - states.count("missing"), len(states)))
    print("  covered              ", share(states.count("covered"), len(states)))
    contrib = {f"contrib.{name}": {"args": args} for name, args in json.loads((DATA / "contrib_v1.json").read_text()).items()}
    there = [find(symbol) is not MISSING for symbol in contrib]
    print("  tf.contrib of 1.15 (packages of which some is there)", share(sum(there), len(there)))
    differences = sum(signature_difference(symbol, entry["args"]) is not None for symbol, entry in api.items() if "args" in entry)
    print(f"  signature differences {differences:>7}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--summary", action="store_true", help="figures only")
    parser.add_argument("--signatures", action="store_true", help="list every difference in arguments")
    parser.add_argument("--untested", action="store_true", help="list every name of TensorFlow's that exists and no test uses")
    parser.add_argument("--top", type=int, default=40, help="how many untested and missing names to list")
    args = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)    # old names are looked up here, not used
    api = json.loads((DATA / "api_v1.json").read_text())
    coverage = Coverage()
    if args.signatures:
        for symbol, entry in api.items():
            difference = signature_difference(symbol, entry["args"]) if "args" in entry else None
            if difference:
                print(f"tf.{symbol}: {difference}")
    elif args.untested:
        print("\n".join(f"tf.{symbol}" for symbol in api if coverage.state(symbol) == "untested"))
    else:
        if not CALLED.exists():
            print(f"{CALLED.relative_to(ROOT)} is missing: run tools/check --full first; nothing counts as covered without it")
        report_usage(coverage, 0 if args.summary else args.top)
        report_api(coverage, api)
    return 0


if __name__ == "__main__":
    sys.exit(main())
