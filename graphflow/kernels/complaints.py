"""What an operation says about values that it refuses, as text and data: checks in a plan carry no code of their own."""
from __future__ import annotations

from typing import Any

import numpy as np


def complaint(text: str, bad: Any, values: Any = None) -> str:
    """`text` about the first place where the flags `bad` are set.

    In it {place} stands for "[2,1]", or nothing for a scalar; {value} for the element (or row) of `values` there; {all} for the first
    twenty elements of `values`.
    """
    where = tuple(np.argwhere(bad)[0].tolist())
    fields = {"place": f"[{','.join(map(str, where))}]" if where else ""}
    if values is not None:
        array = np.asarray(values)
        fields["value"] = str(array[where].tolist())
        fields["all"] = " ".join(str(v) for v in array.ravel()[:20].tolist())
    return text.format_map(fields)
