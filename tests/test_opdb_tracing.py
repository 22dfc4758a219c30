"""Which op types plans trace, and that none slips from its kernel's primitives to the host, or back, unseen."""
from __future__ import annotations

import re
from pathlib import Path

from graphflow.core.op import OPS, load
from graphflow.ops.control_flow.steering_ops import Steering
from tests.golden.traced_ops import table

GOLDEN = Path(__file__).parent / "golden" / "traced_ops.txt"


def test_op_types_trace_as_the_golden_table_says():
    """After a change that is meant: `python -m tests.golden.traced_ops > tests/golden/traced_ops.txt`, and read the difference."""
    assert table() == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_every_other_op_type_says_why_it_is_not_in_the_table():
    """An op type without a row is one of the host's, or has effects, or bodies, or steers between plans, or has nothing unknown to take."""
    there = {line.split()[0] for line in GOLDEN.read_text(encoding="utf-8").splitlines()}
    silent = []
    for name in sorted(set(OPS) - there):
        cls = load(name)
        if not (cls.host or cls.stateful or cls.lowered is not None or issubclass(cls, Steering) or not cls.signature().inputs):
            silent.append(name)
    assert silent == []


def test_a_class_of_the_host_says_why():
    package = Path(__file__).parents[1] / "graphflow"
    lines = [line for path in sorted((package / "ops").rglob("*.py")) for line in path.read_text(encoding="utf-8").splitlines()]
    declared = [line for line in lines if re.match(r"\s+host(: ClassVar\[bool\])? = True", line)]
    assert len(declared) > 20
    assert [line for line in declared if not re.search(r"True\s+# \w+", line)] == []
