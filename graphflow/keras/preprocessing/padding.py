"""tf.keras.preprocessing.sequence: lists of numbers as arrays."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.export import export


@export("keras.preprocessing.sequence.pad_sequences")
def pad_sequences(sequences: Any, maxlen: int | None = None, dtype: Any = "int32", padding: str = "pre", truncating: str = "pre",
                  value: Any = 0.0) -> Any:
    """Sequences as an array [count, maxlen, ...]: short ones are filled up with value, long ones cut, at the 'pre' or 'post' end.

    maxlen: by default the longest's length. Raises ValueError for what has no length, or shapes that differ.
    """
    if not hasattr(sequences, "__len__"):
        raise ValueError("`sequences` must be iterable.")
    for x in sequences:
        if not hasattr(x, "__len__"):
            raise ValueError(f"`sequences` must be a list of iterables. Found non-iterable: {x}")
    maxlen = max((len(x) for x in sequences), default=0) if maxlen is None else maxlen
    sample = next((np.asarray(x).shape[1:] for x in sequences if len(x)), ())
    is_text = np.issubdtype(dtype, np.str_)
    if isinstance(value, str) and dtype is not object and not is_text:
        raise ValueError(f"`dtype` {dtype} is not compatible with `value`'s type: {type(value)}\nYou should set `dtype=object` for "
                         "variable "
                         "length strings.")
    found = np.full((len(sequences), maxlen, *sample), value, dtype=dtype)
    for i, x in enumerate(sequences):
        if not len(x):
            continue
        if truncating not in ("pre", "post"):
            raise ValueError(f'Truncating type "{truncating}" not understood')
        cut = x[-maxlen:] if truncating == "pre" else x[:maxlen]
        part = np.asarray(cut, dtype=dtype)
        if part.shape[1:] != sample:
            raise ValueError(f"Shape of sample {part.shape[1:]} of sequence at position {i} is different from expected shape {sample}")
        if padding == "post":
            found[i, :len(part)] = part
        elif padding == "pre":
            found[i, maxlen - len(part):] = part
        else:
            raise ValueError(f'Padding type "{padding}" not understood')
    return found
