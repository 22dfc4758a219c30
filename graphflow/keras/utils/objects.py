"""Objects as plain values and back: {'class_name': ..., 'config': ...}; custom objects that programs name."""
from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from ..._public.namespace import TABLE, lookup
from ...core.export import export

_CUSTOM: dict[str, Any] = {}
_REGISTERED_NAMES: dict[Any, str] = {}


@export("keras.utils.get_custom_objects")
def get_custom_objects() -> dict[str, Any]:
    """The dict of names that stand for a program's own classes and functions; changing it adds some."""
    return _CUSTOM


@export("keras.utils.custom_object_scope", "keras.utils.CustomObjectScope")
class CustomObjectScope:
    """Inside `with custom_object_scope({'Mine': Mine}):` these names are known to what loads models."""

    def __init__(self, *args: Any):
        self.custom_objects, self._kept = args, {}    # type: tuple[Any, ...], dict[str, Any]

    def __enter__(self) -> Any:
        self._kept = dict(_CUSTOM)
        for objects in self.custom_objects:
            _CUSTOM.update(objects or {})
        return self

    def __exit__(self, *exception: object) -> None:
        _CUSTOM.clear()
        _CUSTOM.update(self._kept)


@export("keras.utils.register_keras_serializable")
def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[Any], Any]:
    """Decorator: models that hold this class or function load without custom_objects; its name is 'package>name'."""
    def mark(thing: Any) -> Any:
        full = f"{package}>{name or thing.__name__}"
        if inspect.isclass(thing) and not hasattr(thing, "get_config"):
            raise ValueError(f"Cannot register a class that does not have a get_config() method: {thing.__name__}")
        if full in _CUSTOM and _CUSTOM[full] is not thing:
            raise ValueError(f"{full} has already been registered to {_CUSTOM[full]}.")
        _CUSTOM[full], _REGISTERED_NAMES[thing] = thing, full
        return thing
    return mark


@export("keras.utils.get_registered_name")
def get_registered_name(obj: Any) -> str:
    """The name under which a class or function was registered, else its own."""
    return _REGISTERED_NAMES.get(obj) or str(obj.__name__)


@export("keras.utils.get_registered_object")
def get_registered_object(name: str, custom_objects: Any = None, module_objects: Any = None) -> Any:
    """What a registered name stands for; None where it is none."""
    for table in (_CUSTOM, custom_objects or {}, module_objects or {}):
        if name in table:
            return table[name]
    return None


@export("keras.utils.serialize_keras_object")
def serialize_keras_object(instance: Any) -> Any:
    """{'class_name', 'config'} of an object, the name of a function."""
    if instance is None:
        return None
    if hasattr(instance, "get_config"):
        config = {key: _plain(value) for key, value in instance.get_config().items()}
        return {"class_name": get_registered_name(type(instance)), "config": config}
    if hasattr(instance, "__name__"):
        return get_registered_name(instance)
    raise ValueError(f"Cannot serialize {instance!r}: it has neither get_config nor a name.")


def _plain(value: Any) -> Any:
    if isinstance(value, str) or not hasattr(value, "get_config"):
        return value
    return serialize_keras_object(value)


@export("keras.utils.deserialize_keras_object")
def deserialize_keras_object(identifier: Any, module_objects: Any = None, custom_objects: Any = None,
                             printable_module_name: str = "object") -> Any:
    """The object of what `serialize_keras_object` gave; a name stands for a function, or for an object of a class of that name.

    Raises ValueError for a name that neither module_objects nor custom objects have.
    """
    if identifier is None:
        return None
    known = {**(module_objects or {}), **_CUSTOM, **(custom_objects or {})}
    if isinstance(identifier, dict):
        if "class_name" not in identifier or "config" not in identifier:
            raise ValueError(f"Improper config format: {identifier}. It wants the keys 'class_name' and 'config'.")
        name, config = identifier["class_name"], identifier["config"]
        found = _known(name, known, printable_module_name)
        if not hasattr(found, "from_config"):
            with CustomObjectScope(custom_objects or {}):
                return found(**config)
        if "custom_objects" in inspect.signature(found.from_config).parameters:
            return found.from_config(config, custom_objects={**_CUSTOM, **(custom_objects or {})})
        with CustomObjectScope(custom_objects or {}):
            return found.from_config(config)
    if isinstance(identifier, str):
        found = _known(identifier, known, printable_module_name)
        return found() if inspect.isclass(found) else found
    if inspect.isfunction(identifier):
        return identifier
    raise ValueError(f"Could not interpret serialized {printable_module_name}: {identifier}")


def _known(name: str, known: Any, kind: str) -> Any:
    if name in known:
        found = known[name]
        return found() if isinstance(found, Deferred) else found
    raise ValueError(f"Unknown {kind}: '{name}'. Please ensure you are using a `keras.utils.custom_object_scope` and that this object is "
                     "included in the scope: with tf.keras.utils.custom_object_scope({'" + name + "': " + name + "}): ..., or give "
                     "custom_objects={'" + name + "': " + name + "}.")


class Deferred:
    """A public name that is imported when it is called."""

    def __init__(self, public: str):
        self.public = public

    def __call__(self) -> Any:
        return lookup(self.public)


def objects_of(namespace: str) -> dict[str, Any]:
    """{name: what `tf.keras.<namespace>` has under it}, imported when taken."""
    prefix = f"keras.{namespace}."
    return {name[len(prefix):]: Deferred(name) for name in TABLE if name.startswith(prefix) and "." not in name[len(prefix):]}


def to_snake_case(name: str) -> str:
    """BatchNormalization -> batch_normalization, Conv2D -> conv2d."""
    found = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)).lower()
    return f"private{found}" if found.startswith("_") else found


def has_arg(function: Any, name: str, accept_all: bool = False) -> bool:
    """Whether a function takes an argument of that name."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters or accept_all and any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def interpreted(identifier: Any, deserialize: Any, kind: str) -> Any:
    """What `get` of losses, metrics and the like gives: for a name or a config what it names, a function as it is, None for None."""
    if identifier is None:
        return None
    if isinstance(identifier, (str, dict)):
        return deserialize(identifier)
    if callable(identifier):
        return identifier
    raise ValueError(f"Could not interpret {kind} identifier: {identifier}")
