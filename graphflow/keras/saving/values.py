"""Configs as JSON."""
from __future__ import annotations

import json
from typing import Any

import numpy as np

from ..utils.objects import get_registered_name


def plain_json(value: Any, **options: Any) -> str:
    """The JSON of a config: objects as their class and config, functions and dtypes as their names, arrays as lists."""
    return json.dumps(value, default=_plain, **options)


def _plain(value: Any) -> Any:
    if hasattr(value, "get_config"):
        return {"class_name": get_registered_name(type(value)), "config": value.get_config()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if callable(value):
        return get_registered_name(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "as_list"):
        return value.as_list()
    if hasattr(value, "name"):
        return value.name
    raise TypeError(f"{value!r} cannot be written as JSON: give the layer a get_config of plain values")
