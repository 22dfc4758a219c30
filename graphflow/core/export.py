"""Public names. `@export("nn.relu")` says under which TF1 names an object is reached as `tf.nn.relu`.

`tools/generate_api.py` imports every module, reads TABLE and writes `graphflow/_public/api.py`, from which the package resolves
names on first touch. `old` names work too and warn once, naming the new one.
"""
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
TABLE: dict[str, str] = {}


def export(*names: str, old: tuple[str, ...] | list[str] = ()) -> Callable[[T], T]:
    """Decorator: the public names of a function or class, the first one being the canonical one."""
    def mark(thing: T) -> T:
        where = f"{thing.__module__}:{thing.__qualname__}"  # type: ignore[attr-defined]
        for name in names:
            TABLE[name] = where
        for name in old:
            TABLE[name] = f"{where}!{names[0]}"
        return thing
    return mark


def export_values(module: str, **values: Any) -> None:
    """Public names of constants: `export_values(__name__, newaxis="newaxis")`, public name = attribute of the module.

    Dots in public names are written as double underscores: `logging__INFO="INFO"`.
    """
    for name, attribute in values.items():
        TABLE[name.replace("__", ".")] = f"{module}:{attribute}"
