"""Both array namespaces have what `xp` promises, and kernels ask for nothing else."""
import ast
from pathlib import Path

import pytest

from graphflow.kernels.contract import Namespace
from graphflow.kernels.namespace import numpy_namespace
from graphflow.plan.kernels import KERNELS
from graphflow.plan.node import ELEMENTWISE
from graphflow.plan.tracer import Tracer
from tools.structure import PACKAGE

NAMES = sorted(Namespace.__annotations__)


@pytest.mark.parametrize("name", NAMES)
def test_both_namespaces_have_each_name(name):
    assert callable(getattr(numpy_namespace, name)) and callable(getattr(Tracer(), name))


def test_every_elementwise_primitive_and_every_kernel_is_promised():
    assert (ELEMENTWISE | KERNELS.keys()) - {"cast"} <= set(NAMES)


def test_kernels_ask_for_nothing_else():
    assert foreign(PACKAGE) == []


def test_a_foreign_name_is_found(tmp_path):
    (tmp_path / "family.py").write_text("def kernel(self, xp, x):\n    return xp.exp(xp.arange(3) + x)\n")
    assert foreign(tmp_path) == ["family.py:2: xp.arange"]


def foreign(folder: Path) -> list[str]:
    """Uses of names of `xp` that the contract does not have."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "xp" and node.attr not in NAMES:
                found.append(f"{path.relative_to(folder)}:{node.lineno}: xp.{node.attr}")
    return found
