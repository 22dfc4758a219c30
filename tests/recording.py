"""Records which public names the tests use: `GRAPHFLOW_RECORD_CALLS=FILE pytest` writes {name: a test file that uses it}.

The public namespaces (`graphflow`, `graphflow.nn`, ...) become a module class whose attribute access notes the name when the line that asks
for it lies in tests/. A name counts only where the run passed: a session with failures writes nothing. A test that expects
NotImplementedError says so in its source; names used by such a test function do not count. Workers of pytest-xdist each write
a part, and the controller joins them.
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
_used: dict[str, str] = {}
_refusing: dict[types.CodeType, bool] = {}


class Recorded(types.ModuleType):
    """A namespace that notes which of its names the tests ask for."""

    def __getattribute__(self, name: str) -> object:
        value = super().__getattribute__(name)
        if not name.startswith("_"):
            frame = sys._getframe(1)
            file = frame.f_code.co_filename
            if file.startswith(TESTS) and file != __file__ and not _expects_refusal(frame.f_code):
                public = f"{super().__getattribute__('__name__')}.{name}".removeprefix("graphflow.")
                _used.setdefault(public, Path(file).relative_to(TESTS).as_posix())
        return value


def _expects_refusal(code: types.CodeType) -> bool:
    """Whether this function of a test file is about something that raises NotImplementedError."""
    if code not in _refusing:
        lines = {line for _, _, line in code.co_lines() if line} if code.co_name != "<module>" else set()
        _refusing[code] = any("NotImplementedError" in linecache.getline(code.co_filename, line) for line in lines)
    return _refusing[code]


def start() -> None:
    """From now on names are noted."""
    import graphflow._namespace as namespace

    importlib.import_module("graphflow.datasets.mnist")
    names = ["graphflow", "graphflow.datasets.mnist", *(f"graphflow.{dotted}" for dotted in namespace.namespaces())]
    for name in names:
        if name in sys.modules and type(sys.modules[name]) is types.ModuleType:
            sys.modules[name].__class__ = Recorded


class Plugin:
    """Writes the record when the session ends well."""

    def __init__(self, config: pytest.Config, target: Path) -> None:
        self.config, self.target = config, target
        self.worker = getattr(config, "workerinput", {}).get("workerid")

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self.worker:
            self.target.with_suffix(f".{self.worker}.part").write_text(json.dumps(_used))
            return
        parts = sorted(self.target.parent.glob(f"{self.target.stem}.*.part"))
        found = [_used, *(json.loads(part.read_text()) for part in parts)]
        for part in parts:
            part.unlink()
        if exitstatus == 0:
            joined = {name: min(part[name] for part in found if name in part) for part in found for name in part}
            self.target.write_text(json.dumps(dict(sorted(joined.items())), indent=0) + "\n")


def configure(config: pytest.Config) -> None:
    """Starts recording where GRAPHFLOW_RECORD_CALLS names a file."""
    target = os.environ.get("GRAPHFLOW_RECORD_CALLS")
    if target:
        start()
        config.pluginmanager.register(Plugin(config, Path(target).resolve()))
