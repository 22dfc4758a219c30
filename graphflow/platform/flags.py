"""tf.flags and tf.app.flags: absl's flags with TF1's old argument names, read from sys.argv on first use.

Flags that nobody defined stay for the program, as TF1's app.run leaves them.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from absl import flags as _absl
from absl import logging as _logging

from graphflow.core.export import export_values

_LOGGINGS = _logging.__name__    # its flags are there before the program's, which so are the ones that count
_absl.disclaim_key_flags()    # they are the program's, which `--help` lists by the file that runs, not this module's
_OLD_NAMES = {"flag_name": "name", "default_value": "default", "docstring": "help"}


class _Flags:
    """absl's FLAGS, parsed when the first value is asked for."""

    def _parse_flags(self, argv: list[str] | None = None) -> list[str]:
        """Reads the flags; returns what is left."""
        return list(_absl.FLAGS(sys.argv if argv is None else argv, known_only=True))

    def __getattr__(self, name: str) -> Any:
        if name == "__wrapped__":
            raise AttributeError(name)
        if not _absl.FLAGS.is_parsed():
            self._parse_flags()
        return getattr(_absl.FLAGS, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_absl.FLAGS, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_absl.FLAGS, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _absl.FLAGS(*args, **kwargs)

    def __getitem__(self, name: str) -> Any:
        return _absl.FLAGS[name]

    def __contains__(self, name: str) -> bool:
        return name in _absl.FLAGS

    def __iter__(self) -> Any:
        return iter(_absl.FLAGS)

    def __len__(self) -> int:
        return len(_absl.FLAGS)

    def __dir__(self) -> list[str]:
        return list(dir(_absl.FLAGS))


FLAGS = _Flags()


def _plain(value: Any) -> Any:
    """A number of numpy's as Python's, which absl wants."""
    return value.item() if isinstance(value, np.generic) else value


def _make_room(name: Any) -> None:
    """Takes away a flag that an installed library has defined (absl's own `log_dir`): the program's is the one that counts."""
    if isinstance(name, str) and name in _absl.FLAGS:
        module = sys.modules.get(_absl.FLAGS.find_module_defining_flag(name) or "")
        if "site-packages" in (getattr(module, "__file__", None) or ""):
            delattr(_absl.FLAGS, name)


def _with_old_names(define: Callable[..., Any]) -> Callable[..., Any]:
    """`define` that also takes TF1's flag_name, default_value and docstring."""

    @functools.wraps(define)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        kwargs = {_OLD_NAMES.get(key, key): _plain(value) for key, value in kwargs.items()}
        args = tuple(_plain(value) for value in args)
        _make_room(args[0] if args else kwargs.get("name"))
        return define(*args, **kwargs)

    return wrapper


DEFINE_string = _with_old_names(_absl.DEFINE_string)
DEFINE_integer = _with_old_names(_absl.DEFINE_integer)
DEFINE_float = _with_old_names(_absl.DEFINE_float)
DEFINE_bool = DEFINE_boolean = _with_old_names(_absl.DEFINE_boolean)
DEFINE_enum = _with_old_names(_absl.DEFINE_enum)
DEFINE_list = _with_old_names(_absl.DEFINE_list)
DEFINE_spaceseplist = _with_old_names(_absl.DEFINE_spaceseplist)
DEFINE_multi_string = _with_old_names(_absl.DEFINE_multi_string)
DEFINE_multi_integer = _with_old_names(_absl.DEFINE_multi_integer)
DEFINE_multi_float = _with_old_names(_absl.DEFINE_multi_float)
DEFINE_multi_enum = _with_old_names(_absl.DEFINE_multi_enum)
DEFINE_alias = _absl.DEFINE_alias
mark_flag_as_required = _absl.mark_flag_as_required
mark_flags_as_required = _absl.mark_flags_as_required
mark_flags_as_mutual_exclusive = _absl.mark_flags_as_mutual_exclusive
register_validator = _absl.register_validator
validator = _absl.validator

_PUBLIC = (
    "FLAGS", "DEFINE_string", "DEFINE_integer", "DEFINE_float", "DEFINE_bool", "DEFINE_boolean", "DEFINE_enum", "DEFINE_list",
    "DEFINE_spaceseplist", "DEFINE_multi_string", "DEFINE_multi_integer", "DEFINE_multi_float", "DEFINE_multi_enum", "DEFINE_alias",
    "mark_flag_as_required", "mark_flags_as_required", "mark_flags_as_mutual_exclusive", "register_validator", "validator",
)    # fmt: skip
export_values(__name__, **{f"{prefix}__{name}": name for prefix in ("flags", "app__flags") for name in _PUBLIC})
