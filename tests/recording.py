"""Records which public names the tests use: `GRAPHFLOW_RECORD_CALLS=FILE pytest` writes {name: a test file that uses it}.

The public namespaces (`graphflow`, `graphflow.nn`, ...) and the modules that define public names become a module class whose
attribute access, `import` included, notes the name when the line that asks for it lies in tests/. What a test file with a
failing test uses does not count. A test that expects NotImplementedError says so in its source; names used by such a test
function do not count. Workers of pytest-xdist each write a part, and the controller joins them. A file that is there is added to.
"""

from __future__ import annotations

import importlib
import json
import linecache
import os
import sys
import types
from pathlib import Path

import pytest

TESTS = str(Path(__file__).parent)
_used: dict[str, set[str]] = {}
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
                _used.setdefault(public, set()).add(Path(file).relative_to(TESTS).as_posix())
        return value


def _expects_refusal(code: types.CodeType) -> bool:
    """Whether this function of a test file is about something that raises NotImplementedError."""
    if code not in _refusing:
        lines = {line for _, _, line in code.co_lines() if line} if code.co_name != "<module>" else set()
        _refusing[code] = any("NotImplementedError" in linecache.getline(code.co_filename, line) for line in lines)
    return _refusing[code]


def start() -> None:
    """From now on names are noted."""
    import graphflow._public.namespace as namespace

    namespaces = ["graphflow", "graphflow.datasets.mnist", *(f"graphflow.{dotted}" for dotted in namespace.namespaces())]
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
        self.failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid.split("::")[0].removeprefix("tests/"))

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self.worker:
            part = json.dumps({name: sorted(files) for name, files in _used.items()})
            self.target.with_suffix(f".{self.worker}.part").write_text(part)
            return
        for path in sorted(self.target.parent.glob(f"{self.target.stem}.*.part")):
            for name, files in json.loads(path.read_text()).items():
                _used.setdefault(name, set()).update(files)
            path.unlink()
        public: dict[str, set[str]] = {}
        for name, files in _used.items():
            for found in public_names(name):
                public.setdefault(found, set()).update(files)
        passed = {name: sorted(files - self.failed) for name, files in sorted(public.items())}
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            before = json.loads(self.target.read_text()) if self.target.exists() else {}
            found = before | {name: files[0] for name, files in passed.items() if files}
            self.target.write_text(json.dumps(dict(sorted(found.items())), indent=0) + "\n")


def configure(config: pytest.Config) -> None:
    """Starts recording where GRAPHFLOW_RECORD_CALLS names a file."""
    target = os.environ.get("GRAPHFLOW_RECORD_CALLS")
    if target:
        start()
        config.pluginmanager.register(Plugin(config, Path(target).resolve()))
