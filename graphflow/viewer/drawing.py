"""Labels as drawn, and the figures of pictures that the page and drawn files share (static/drawing.json)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "static" / "drawing.json").read_text(encoding="utf-8"))
LONGEST, HEAD, TAIL = TABLE["label"]  # characters of a drawn label; of them at its start and its end where the middle is left out
LABELLED: int = TABLE["labelled"]  # edges of a picture that has words at them
_CONTROL = re.compile(TABLE["control"])


def elide(label: str) -> str:
    """The label as drawn, the middle left out where it is long."""
    return label if len(label) <= LONGEST else label[:HEAD] + "…" + label[-TAIL:]


def clean(text: str) -> str:
    """Text without control characters, direction overrides and lone surrogates; each shows as a box."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
