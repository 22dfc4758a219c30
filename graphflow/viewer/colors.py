"""Fills of boxes by colour mode. The page shows and `draw` writes what is computed here (boxes.py puts it on each box).

A colour never carries meaning alone: each box also has its words.
"""

from __future__ import annotations

import functools
import re
from typing import Any

MODES = ("op", "structure", "device", "scope", "grad", "dtype")
PALETTE = ("#cfe3fb", "#d5efd0", "#fde3c4", "#e6d8f5", "#fbd3dc", "#cdeeea", "#f5ebb8", "#e3ddd3", "#d3dcf7", "#e0efc1", "#f7d7c9",
           "#d6e4e8")  # fmt: skip
_FAMILIES = (
    ("variable", "#f5ebb8", ("Assign", "AssignVariableOp", "ReadVariableOp", "VarHandleOp", "Variable", "VariableV2")),
    ("constant, shape", "#e6e8ec", ("Const", "Identity", "NoOp", "Reshape", "Shape")),
    ("input", "#d5efd0", ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault", "_Arg")),
)
_FAMILY = {op: (fill, word) for word, fill, ops in _FAMILIES for op in ops}
PLACES = {"fed": "#d5efd0", "variable": "#f5ebb8", "in place": "#ffc48c", "cache": "#e0ccf7", "view": "#f1f3f6", "number": "#e6e8ec",
          "own array": "#cfe3fb"}  # of values in a plan; buffers have colours of their own  # fmt: skip
BUFFERS = ("#cdeeea", "#fbd3dc", "#d3dcf7", "#e0efc1", "#f7d7c9", "#d6e4e8")
SCOPE, GROUP, NONE, GRADIENT, FORWARD, PLAIN = "#e9eef5", "#dfe7f4", "#e6e8ec", "#fbd3dc", "#cfe3fb", "#eef2f7"


def is_place(device: str) -> bool:
    """Whether a "device" is the place of a value in a plan (plan_graph.py)."""
    return device in PLACES or re.match(r"buffer b\d{1,9} ", device, re.ASCII) is not None


def fills(box: dict[str, Any]) -> dict[str, str]:
    """The fill of a box (kind, path, op, device, dtype, grad, structure) in each colour mode."""
    return {
        "op": _by_op(box)[0],
        "structure": hashed(str(box["structure"])),
        "device": hashed(box["device"]) if box["device"] else NONE,
        "scope": hashed(box["path"].partition("/")[0]),
        "grad": GRADIENT if box["grad"] else FORWARD,
        "dtype": hashed(box["dtype"]) if box["dtype"] else NONE,
    }


def word_of(box: dict[str, Any]) -> str:
    """What the fill of the mode "op" means, for a legend."""
    return _by_op(box)[1]


def _by_op(box: dict[str, Any]) -> tuple[str, str]:
    op, device = box["op"], box["device"]
    if not op:
        return (SCOPE if box["kind"] == "scope" else GROUP), box["kind"]
    if is_place(device):
        word = "written in place" if device == "in place" else device
        return PLACES.get(device) or BUFFERS[int(device.split()[1][1:]) % len(BUFFERS)], word
    return _FAMILY.get(op) or (hashed(op), op)


@functools.lru_cache(4096)
def hashed(text: str) -> str:
    """The colour of a text: FNV-1a over its code points."""
    value = 2166136261
    for letter in text:
        value = (value ^ ord(letter)) * 16777619 & 0xFFFFFFFF
    return PALETTE[value % len(PALETTE)]


def ink(fill: str) -> str:
    """The outline that goes with a fill: the same hue, darker."""
    return "#" + "".join(f"{int(int(fill[i : i + 2], 16) * 0.62):02x}" for i in (1, 3, 5))
