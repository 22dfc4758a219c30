"""Arguments that many layers take: initializers, regularizers, constraints and activations, given by name, and in a config."""
from __future__ import annotations

from typing import Any

from ..activations import functions as activations
from ..constraints import norms as constraints
from ..initializers import named as initializers
from ..regularizers import norms as regularizers

_HOMES = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints, "activation": activations}


def take(layer: Any, **arguments: Any) -> None:
    """Sets attributes from arguments: `kernel_initializer="zeros"` becomes the initializer, by the last part of the name."""
    for name, value in arguments.items():
        home = _home(name)
        setattr(layer, name, value if home is None else home.get(value))


def config_of(layer: Any, *names: str) -> dict[str, Any]:
    """These attributes of a layer as plain values."""
    found = {}
    for name in names:
        value, home = getattr(layer, name), _home(name)
        found[name] = value if home is None else home.serialize(value)
    return found


def _home(name: str) -> Any:
    return _HOMES.get(name.rpartition("_")[2])
