"""Every op type that has a class has a row."""

from __future__ import annotations

import importlib

import pytest

from graphflow import _api
from graphflow.core.op import REGISTRY
from tests import opdb

# Op types that the database cannot hold, with the suite that has them instead.
ELSEWHERE: dict[str, str] = {}


def _registered() -> set[str]:
    for module in sorted(set(_api.OPS.values())):
        importlib.import_module(module)
    return {name for name, cls in REGISTRY.items() if cls.__module__.startswith("graphflow.")}


def test_every_op_has_a_row():
    covered = {op for row in opdb.load() for op in row.ops}
    missing = sorted(_registered() - covered - set(ELSEWHERE))
    if missing:
        pytest.xfail(f"{len(missing)} ops have no row in tests/opdb yet: {', '.join(missing)}")


def test_rows_name_ops_that_exist():
    unknown = sorted({op for row in opdb.load() for op in row.ops} - _registered())
    assert not unknown, f"rows of tests/opdb name ops without a class: {unknown}"
