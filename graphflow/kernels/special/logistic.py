"""Logarithms of the logistic function."""
from __future__ import annotations

from typing import Any

import numpy as np


def softplus(x: Any) -> Any:
    """log(1 + exp(x)) without overflow."""
    return np.logaddexp(x, np.zeros((), np.asarray(x).dtype))


def log_sigmoid(x: Any) -> Any:
    """log(1 / (1 + exp(-x))) without underflow."""
    return -softplus(-np.asarray(x))
