"""Records which public names the tests check: `GRAPHFLOW_RECORD_CALLS=FILE pytest` writes {name: a test that uses it}.

The public namespaces (`graphflow`, `graphflow.nn`, ...) and the modules that define public names become a module class whose
attribute access notes the name, for the test that runs, when the line that asks for it lies in tests/. A name counts if a test that uses
it passes and checks something: its function asserts, expects an exception or calls what does by its name (`assert_close`, `check`,
`fits`). What a file imports at its top counts for the tests that name it; what it uses there does not. A test that expects
NotImplementedError says so in its source; names used by such a function do not count. Workers of pytest-xdist each write a part, and
the controller joins them. A file that is there is added to.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import linecache
import os
import re
import sys
import textwrap
import types
from collections.abc import Generator
from pathlib import Path

import pytest

TESTS = str(Path(__file__).parent)
_used: dict[str, set[str]] = {}    # name -> tests
_imported: dict[str, dict[str, str]] = {}    # test file -> {name imported at its top: public name}
_running: list[str] = []    # the test that runs, if one does
_CHECK = re.compile(r"assert|check|expect|same|agree|differen|fits|compare")
_refusing: dict[types.CodeType, bool] = {}


class Recorded(types.ModuleType):
    """A namespace that notes which of its names the tests ask for."""

    def __getattribute__(self, name: str) -> object:
        value = super().__getattribute__(name)
        if not name.startswith("_") or name == "__version__":
            frame = sys._getframe(1)
            file = frame.f_code.co_filename
            if file.startswith(TESTS) and file != __file__ and not _expects_refusal(frame.f_code):
                public = f"{super().__getattribute__('__name__')}.{name}".removeprefix("graphflow.")
                if _running:
                    _used.setdefault(public, set()).add(_running[-1])
                else:
                    _imported.setdefault(file, {})[name] = public
        return value


def _expects_refusal(code: types.CodeType) -> bool:
    """Whether this function of a test file is about something that raises NotImplementedError."""
    if code not in _refusing:
        lines = {line for _, _, line in code.co_lines() if line} if code.co_name != "<module>" else set()
        _refusing[code] = any("NotImplementedError" in linecache.getline(code.co_filename, line) for line in lines)
    return _refusing[code]


def checks(function: object) -> bool:
    """Whether a test's source asserts something, expects an exception or calls a function that says so by its name."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))    # type: ignore[arg-type]
    except (OSError, TypeError, SyntaxError):
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            return True
        called = node.func if isinstance(node, ast.Call) else None
        name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
        if name in ("raises", "warns", "fail") or _CHECK.search(name):
            return True
    return False


def start() -> None:
    """From now on names are noted."""
    import graphflow._public.namespace as namespace
    import graphflow.contrib  # noqa: F401  adds its names

    namespaces = ["graphflow", "graphflow.datasets.mnist", *(f"graphflow.{dotted}" for dotted in namespace.namespaces(namespace.TABLE))]
    homes = {where.partition(":")[0] for where in namespace.TABLE.values()}
    for name in [*namespaces, *sorted(homes)]:
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError:    # a namespace whose package is not there yet
            continue
        if type(module) is types.ModuleType:
            module.__class__ = Recorded


def public_names(name: str) -> list[str]:
    """The public names of what was asked for as `name`, which is one itself or lies in a module of the package."""
    import graphflow._public.namespace as namespace

    if name in namespace.TABLE:
        return [name]
    home = "graphflow." + ":".join(name.rsplit(".", 1))
    return [public for public, where in namespace.TABLE.items() if where.partition("!")[0] == home] or [name]


class Plugin:
    """Writes the record when the session ends."""

    def __init__(self, config: pytest.Config, target: Path) -> None:
        self.config, self.target = config, target
        self.worker = getattr(config, "workerinput", {}).get("workerid")
        self.checked: set[str] = set()    # tests that passed and check something

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, None, None]:
        _running.append(item.nodeid)
        named = getattr(getattr(item, "function", None), "__code__", None)
        for name in set(named.co_names) & set(_imported.get(named.co_filename, {})) if named else ():
            _used.setdefault(_imported[named.co_filename][name], set()).add(item.nodeid)
        yield
        _running.pop()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, None, None]:
        yield
        if call.when == "call" and call.excinfo is None and checks(getattr(item, "function", None)):
            self.checked.add(item.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self.worker:
            part = json.dumps({name: sorted(tests & self.checked) for name, tests in _used.items()})
            self.target.with_suffix(f".{self.worker}.part").write_text(part)
            return
        for tests in _used.values():
            tests &= self.checked
        for path in sorted(self.target.parent.glob(f"{self.target.stem}.*.part")):
            for name, tests in json.loads(path.read_text()).items():
                _used.setdefault(name, set()).update(tests)
            path.unlink()
        public: dict[str, set[str]] = {}
        for name, tests in _used.items():
            for found in public_names(name):
                public.setdefault(found, set()).update(tests)
        # a test by its name without the parameters, and only one for each name: the file stays small and changes little
        passed = {name: sorted({test.removeprefix("tests/").split("[")[0] for test in tests}) for name, tests in sorted(public.items())}
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            before = json.loads(self.target.read_text()) if self.target.exists() else {}
            found = before | {name: tests[0] for name, tests in passed.items() if tests}
            self.target.write_text(json.dumps(dict(sorted(found.items())), indent=0) + "\n")


def configure(config: pytest.Config) -> None:
    """Starts recording where GRAPHFLOW_RECORD_CALLS names a file."""
    target = os.environ.get("GRAPHFLOW_RECORD_CALLS")
    if target:
        start()
        config.pluginmanager.register(Plugin(config, Path(target).resolve()))
