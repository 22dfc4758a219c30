"""Fills of boxes by colour mode. A colour never carries meaning alone: each box also has its words."""

from __future__ import annotations

import re
import zlib
from typing import Any

MODES = ("op", "structure", "device", "scope", "grad", "dtype", "none")
PALETTE = (
    "#cfe3fb",
    "#d5efd0",
    "#fde3c4",
    "#e6d8f5",
    "#fbd3dc",
    "#cdeeea",
    "#f5ebb8",
    "#e3ddd3",
    "#d3dcf7",
    "#e0efc1",
    "#f7d7c9",
    "#d6e4e8",
)
FAMILIES = {
    "#f5ebb8": {"Variable", "VariableV2", "VarHandleOp", "Assign", "AssignVariableOp", "ReadVariableOp"},
    "#e6e8ec": {"Const", "NoOp", "Identity", "Shape", "Reshape"},
    "#d5efd0": {"Placeholder", "PlaceholderV2", "PlaceholderWithDefault", "_Arg"},
}
PLACES = {  # of values in a plan; buffers have colours of their own
    "fed": "#d5efd0",
    "variable": "#f5ebb8",
    "in place": "#ffc48c",
    "cache": "#e0ccf7",
    "view": "#f1f3f6",
    "number": "#e6e8ec",
    "own array": "#cfe3fb",
}
BUFFERS = ("#cdeeea", "#fbd3dc", "#d3dcf7", "#e0efc1", "#f7d7c9", "#d6e4e8")
PLAIN, GREY = "#eef2f7", "#e6e8ec"


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
        return _hashed(box["device"]) if box["device"] else GREY
    if mode == "scope":
        return _hashed(box["path"].split("/")[0])
    if mode == "grad":
        return "#fbd3dc" if box["grad"] else "#cfe3fb"
    if mode == "dtype":
        return _hashed(box["dtype"]) if box["dtype"] else GREY
    return PLAIN


def _op(box: dict[str, Any]) -> str:
    if not box["op"]:
        return PLAIN if box["kind"] == "scope" else "#e3eaf6"
    if is_place(box["device"]):
        return PLACES.get(box["device"]) or BUFFERS[int(box["device"].split()[1][1:]) % len(BUFFERS)]
    return next((color for color, ops in FAMILIES.items() if box["op"] in ops), None) or _hashed(box["op"])


def _hashed(text: str) -> str:
    return PALETTE[zlib.crc32(text.encode("utf-8", "replace")) % len(PALETTE)]


def ink(fill: str) -> str:
    """The outline that goes with a fill: the same hue, darker."""
    return "#" + "".join(f"{int(int(fill[i : i + 2], 16) * 0.62):02x}" for i in (1, 3, 5))
