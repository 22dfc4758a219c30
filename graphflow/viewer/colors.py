"""Fills of boxes by colour mode, in the page and in files alike: one table (static/colors.json), one rule.

A colour never carries meaning alone: each box also has its words.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

MODES = ("op", "structure", "device", "scope", "grad", "dtype", "none")
_TABLE: dict[str, Any] = json.loads((Path(__file__).parent / "static" / "colors.json").read_text(encoding="utf-8"))
PALETTE: list[str] = _TABLE["palette"]
PLACES: dict[str, str] = _TABLE["places"]  # of values in a plan; buffers have colours of their own
BUFFERS: list[str] = _TABLE["buffers"]
_FAMILIES = {op: fill for _, fill, ops in _TABLE["families"] for op in ops}
PLAIN = "#eef2f7"


def is_place(device: str) -> bool:
    """Whether a "device" is the place of a value in a plan (plan_graph.py)."""
    return device in PLACES or re.match(r"buffer b\d{1,9} ", device, re.ASCII) is not None


def paint(box: dict[str, Any], mode: str) -> str:
    """The fill of a box in a colour mode."""
    if mode == "op":
        return _op(box)
    if mode == "structure":
        return _hashed(str(box["structure"]))
    if mode == "device":
        return _hashed(box["device"]) if box["device"] else _TABLE["none"]
    if mode == "scope":
        return _hashed(box["path"].split("/")[0])
    if mode == "grad":
        return str(_TABLE["gradient" if box["grad"] else "forward"])
    if mode == "dtype":
        return _hashed(box["dtype"]) if box["dtype"] else _TABLE["none"]
    return PLAIN


def _op(box: dict[str, Any]) -> str:
    if not box["op"]:
        return str(_TABLE["scope" if box["kind"] == "scope" else "group"])
    if is_place(box["device"]):
        return PLACES.get(box["device"]) or BUFFERS[int(box["device"].split()[1][1:]) % len(BUFFERS)]
    return _FAMILIES.get(box["op"]) or _hashed(box["op"])


def _hashed(text: str) -> str:
    """The colour of a text: FNV-1a over its code points."""
    value = 2166136261
    for letter in text:
        value = (value ^ ord(letter)) * 16777619 & 0xFFFFFFFF
    return PALETTE[value % len(PALETTE)]


def ink(fill: str) -> str:
    """The outline that goes with a fill: the same hue, darker."""
    return "#" + "".join(f"{int(int(fill[i : i + 2], 16) * 0.62):02x}" for i in (1, 3, 5))
