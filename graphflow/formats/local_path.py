"""Paths that begin with `file://`, which TF1 takes wherever it takes a path of this machine."""
from __future__ import annotations

import os
from typing import Any

_SCHEME = "file://"


def local_path(path: Any) -> Any:
    """A path without `file://` and the host behind it; any other path as it is, os.PathLike as text."""
    path = os.fspath(path)
    return path[len(scheme_of(path)):]


def scheme_of(path: Any) -> Any:
    """What `local_path` leaves out: `file://` and a host, or nothing."""
    path = os.fspath(path)
    scheme, slash = (_SCHEME, "/") if isinstance(path, str) else (_SCHEME.encode(), b"/")
    if not path.startswith(scheme):
        return path[:0]
    start = path.find(slash, len(scheme))
    return path if start < 0 else path[:start]
