"""Warnings for TF1's old names and arguments: once per text and process."""
import warnings
from typing import Any

_said: set[str] = set()


def warn_once(text: str, stacklevel: int = 4) -> None:
    """A DeprecationWarning at the user's line, the first time that this text is said."""
    if text not in _said:
        _said.add(text)
        warnings.warn(text, DeprecationWarning, stacklevel=stacklevel)


def either(first: Any, second: Any, first_name: str, second_name: str) -> Any:
    """The value of an argument that has two names, as TensorFlow renamed it; ValueError when both are given."""
    if first is not None and second is not None:
        raise ValueError(f"Cannot specify both '{first_name}' and '{second_name}'.")
    return first if second is None else second
