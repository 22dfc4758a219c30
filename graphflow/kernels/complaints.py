"""What an operation says about values that it refuses, as text and data: checks in a plan carry no code of their own."""
from __future__ import annotations

from typing import Any

import numpy as np


def complaint(text: str, bad: Any, values: Any = None) -> str:
    """`text` about the first place where the flags `bad` are set.

    In it {place} stands for "[2,1]", or nothing for a scalar; {value} for the element (or row) of `values` there; {all} for the first
    twenty elements of `values`, {each[0]} for the first of them.
    """
    where = tuple(np.argwhere(bad)[0].tolist())
    fields: dict[str, Any] = {"place": f"[{','.join(map(str, where))}]" if where else ""}
    if values is not None:
        array = np.asarray(values)
        fields["value"] = array[where].tolist() if len(where) <= array.ndim else None
        fields["each"] = array.ravel()[:20].tolist()
        fields["all"] = " ".join(map(str, fields["each"]))
    return text.format_map(fields)
