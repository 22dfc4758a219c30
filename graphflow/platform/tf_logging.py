"""tf.logging: Python's logging under the logger "tensorflow", warnings and worse shown by default."""

from __future__ import annotations

import logging
import sys
import threading
from typing import Any

from graphflow.core.export import export, export_values

DEBUG, INFO, WARN, ERROR, FATAL = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.FATAL
export_values(__name__, logging__DEBUG="DEBUG", logging__INFO="INFO", logging__WARN="WARN", logging__ERROR="ERROR", logging__FATAL="FATAL")

_lock = threading.Lock()
_counts: dict[tuple[str, int], int] = {}


class _StderrHandler(logging.StreamHandler):
    """Writes to the sys.stderr of the moment, which notebooks and test runners exchange."""

    @property
    def stream(self) -> Any:
        return sys.stderr

    @stream.setter
    def stream(self, value: Any) -> None:
        """The base class sets it; the present sys.stderr is what counts."""


def _logger() -> logging.Logger:
    logger = logging.getLogger("tensorflow")
    with _lock:
        if not logger.handlers and not logging.getLogger().handlers:
            handler = _StderrHandler()
            handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
            logger.addHandler(handler)
        if logger.level == logging.NOTSET:
            logger.setLevel(WARN)
    return logger


def _log(level: int, msg: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    _logger().log(level, msg, *args, stacklevel=3, **kwargs)


@export("logging.log")
def log(level: int, msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs `msg % args` at `level`."""
    _log(level, msg, args, kwargs)


@export("logging.vlog")
def vlog(level: int, msg: Any, *args: Any, **kwargs: Any) -> None:
    """The same as log."""
    _log(level, msg, args, kwargs)


@export("logging.debug")
def debug(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs at level DEBUG."""
    _log(DEBUG, msg, args, kwargs)


@export("logging.info")
def info(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs at level INFO; shown after set_verbosity(tf.logging.INFO)."""
    _log(INFO, msg, args, kwargs)


@export("logging.warning", "logging.warn")
def warning(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs at level WARN."""
    _log(WARN, msg, args, kwargs)


@export("logging.error")
def error(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs at level ERROR."""
    _log(ERROR, msg, args, kwargs)


@export("logging.fatal")
def fatal(msg: Any, *args: Any, **kwargs: Any) -> None:
    """Logs at level FATAL; the program goes on."""
    _log(FATAL, msg, args, kwargs)


@export("logging.TaskLevelStatusMessage")
def TaskLevelStatusMessage(msg: Any) -> None:
    """Logs at level ERROR."""
    _log(ERROR, msg, (), {})


@export("logging.log_if")
def log_if(level: int, msg: Any, condition: Any, *args: Any) -> None:
    """Logs if `condition` is true."""
    if condition:
        _log(level, msg, args, {})


def _next_count() -> int:
    """How often this line has asked before."""
    frame = sys._getframe(2)
    key = (frame.f_code.co_filename, frame.f_lineno)
    with _lock:
        count = _counts.get(key, 0)
        _counts[key] = count + 1
    return count


@export("logging.log_every_n")
def log_every_n(level: int, msg: Any, n: int, *args: Any) -> None:
    """Logs the first time this line is reached and every n-th time after."""
    if _next_count() % n == 0:
        _log(level, msg, args, {})


@export("logging.log_first_n")
def log_first_n(level: int, msg: Any, n: int, *args: Any) -> None:
    """Logs the first n times this line is reached."""
    if _next_count() < n:
        _log(level, msg, args, {})


@export("logging.flush")
def flush() -> None:
    """Writes out what handlers hold back."""
    for handler in _logger().handlers:
        handler.flush()


@export("logging.get_verbosity")
def get_verbosity() -> int:
    """The lowest level that is shown."""
    return _logger().getEffectiveLevel()


@export("logging.set_verbosity")
def set_verbosity(v: int | str) -> None:
    """Shows messages of level `v` and above."""
    _logger().setLevel(v)
