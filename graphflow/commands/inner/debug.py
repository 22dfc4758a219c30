"""tensorflow.python.debug: TensorFlow's debugger, which is not there. What can be told without it."""
from __future__ import annotations

from typing import Any, NoReturn

import numpy as np


def has_inf_or_nan(datum: Any, tensor: Any) -> bool:
    """Whether a floating array holds an infinity or NaN; a filter of tfdbg's."""
    array = np.asarray(tensor)
    return array.dtype.kind in "fc" and not bool(np.isfinite(array).all())


def __getattr__(name: str) -> NoReturn:
    from graphflow._public.namespace import NotAvailable  # at first use: only a name that is not there needs it
    if name.startswith("__"):
        raise AttributeError(name)
    raise NotAvailable(f"tensorflow.python.debug.{name}: graphflow has no tfdbg; tf.add_check_numerics_ops() finds the first operation "
                       "that makes an infinity or NaN, tf.Print shows values, and `graphflow view` shows the graph.")
