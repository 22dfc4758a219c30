"""Which op types plans trace, and that none slips from its kernel's primitives to the host, or back, unseen."""
from __future__ import annotations

from pathlib import Path

from tests.golden.traced_ops import table

GOLDEN = Path(__file__).parent / "golden" / "traced_ops.txt"


def test_op_types_trace_as_the_golden_table_says():
    """After a change that is meant: `python -m tests.golden.traced_ops > tests/golden/traced_ops.txt`, and read the difference."""
    assert table() == GOLDEN.read_text(encoding="utf-8").splitlines()
