"""The blocks of docs/plans.md run in order and print what the page shows."""
import re
from pathlib import Path

import pytest

from tests.docs.test_walkthrough import outputs

PAGE = Path(__file__).parents[2] / "docs" / "plans.md"


def test_the_page_shows_what_its_code_prints():
    pytest.importorskip("llvmlite")
    found = outputs(PAGE.read_text(encoding="utf-8"))
    assert len(found) == 2
    for shown, printed in found:
        assert shown == printed


def test_the_page_names_every_pass():
    from graphflow.plan import pipeline

    named = re.findall(r"^- \*\*(.*?)\*\*:", PAGE.read_text(encoding="utf-8"), re.M)
    assert named == ["lowered", *[name for name, _ in pipeline.PASSES], "native engine"]
