"""The module imp, which Python 3.12 dropped: what programs used of it."""
from __future__ import annotations

import importlib.util
import sys
import types
from importlib import reload as reload
from typing import Any


def load_source(name: str, pathname: str, file: Any = None) -> types.ModuleType:
    """The module of a file, under this name."""
    spec = importlib.util.spec_from_file_location(name, pathname)
    if spec is None or spec.loader is None:
        raise ImportError(f"no Python file: {pathname}")
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def new_module(name: str) -> types.ModuleType:
    """An empty module."""
    return types.ModuleType(name)
