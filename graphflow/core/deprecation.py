"""Warnings for TF1's old names and arguments: once per text and process."""
import warnings

_said: set[str] = set()


def warn_once(text: str, stacklevel: int = 4) -> None:
    """A DeprecationWarning at the user's line, the first time that this text is said."""
    if text not in _said:
        _said.add(text)
        warnings.warn(text, DeprecationWarning, stacklevel=stacklevel)
