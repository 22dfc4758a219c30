"""HParams: hyperparameters as attributes, with types that stay, read from text and JSON."""
from __future__ import annotations

import json
import numbers
import re
from typing import Any

from ...core.export import export

# name=value, name[2]=value, name=[value, value]; apart by commas
_ITEM = re.compile(r"\s*(?P<name>[a-zA-Z][\w.]*)(\[\s*(?P<index>\d+)\s*\])?\s*=\s*((?P<value>[^,\[]*)|\[(?P<values>[^\]]*)\])\s*($|,\s*)")


def _parsed(name: str, text: str, kind: type) -> Any:
    try:
        if kind is bool:
            if text in ("true", "True", "false", "False"):
                return text in ("true", "True")
            return bool(int(text))
        return kind(text)
    except ValueError:
        raise ValueError(f"Could not parse hparam '{name}' of type '{kind.__name__}' with value '{text}'") from None


@export("contrib.training.parse_values")
def parse_values(values: str, type_map: dict[str, type], ignore_unknown: bool = False) -> dict[str, Any]:
    """{name: value} of a text such as 'a=1,b=[2.5, 3],c[1]=7'; {index: value} for names with an index.

    type_map: {name: type}. Raises ValueError for text of another form, names that are not there (unless ignore_unknown), values that
    are not of the type, and names that are set twice.
    """
    found: dict[str, Any] = {}
    place = 0
    while place < len(values):
        item = _ITEM.match(values, place)
        if item is None:
            raise ValueError(f"Malformed hyperparameter value: {values[place:]}")
        place = item.end()
        name, index = item["name"], item["index"]
        if name not in type_map:
            if ignore_unknown:
                continue
            raise ValueError(f"Unknown hyperparameter type for {name}: the names are {', '.join(sorted(type_map))}")
        if index is not None:
            if item["values"] is not None or not isinstance(found.setdefault(name, {}), dict) or int(index) in found[name]:
                raise ValueError(f"Multiple assignments to variable '{name}' in {values}")
            found[name][int(index)] = _parsed(name, item["value"].strip(), type_map[name])
        elif name in found:
            raise ValueError(f"Multiple assignments to variable '{name}' in {values}")
        elif item["values"] is not None:
            found[name] = [_parsed(name, text, type_map[name]) for text in re.split(r"[ ,]+", item["values"].strip()) if text]
        else:
            found[name] = _parsed(name, item["value"].strip(), type_map[name])
    return found


def _as_type(name: str, kind: type, value: Any) -> Any:
    """The value as that type where nothing is lost: an int for a float; ValueError for a float for an int, text for a number, ..."""
    if isinstance(value, kind) and isinstance(value, bool) == issubclass(kind, bool) or issubclass(kind, type(None)):
        return value
    wrong = (issubclass(kind, (str, bytes)) and not isinstance(value, (str, bytes)) or issubclass(kind, bool) != isinstance(value, bool)
             or issubclass(kind, numbers.Integral) and not isinstance(value, numbers.Integral)
             or issubclass(kind, numbers.Number) and not isinstance(value, numbers.Number))
    if wrong:
        raise ValueError(f"Could not cast hparam '{name}' of type '{kind.__name__}' from value {value!r}")
    converted: Any = kind
    return converted(value)


@export("contrib.training.HParams")
class HParams:
    """Hyperparameters, given by keyword: `hparams.learning_rate`. A list is one of several values of one type.

    The type of each is that of its first value: later ones are converted where nothing is lost, else ValueError.
    """

    def __init__(self, hparam_def: Any = None, model_structure: Any = None, **kwargs: Any):
        if hparam_def is not None:
            raise NotImplementedError("HParams: hparam_def (a protocol message) is not there; give the values by keyword, or read them by "
                                      "parse_json.")
        self._hparam_types: dict[str, tuple[type, bool]] = {}
        self._model_structure = model_structure
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def __getattr__(self, name: str) -> Any:
        """Only for what is not there: type checkers learn that any name may be."""
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def add_hparam(self, name: str, value: Any) -> None:
        """A new hyperparameter; ValueError for a name that is taken and for an empty list."""
        if getattr(self, name, None) is not None:
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        several = isinstance(value, (list, tuple))
        if several and not value:
            raise ValueError(f"Multi-valued hyperparameters cannot be empty: {name}")
        self._hparam_types[name] = (type(value[0]) if several else type(value), several)
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """A new value of the same type; {index: value} for some of a list. KeyError for an unknown name."""
        if name not in self._hparam_types:
            raise KeyError(f"{name}: there is no such hyperparameter; add it with add_hparam. There are "
                           f"{', '.join(sorted(self._hparam_types))}")
        kind, several = self._hparam_types[name]
        if isinstance(value, dict) and several:
            items = list(getattr(self, name))
            for index, item in value.items():
                items[index] = _as_type(name, kind, item)
            setattr(self, name, items)
        elif isinstance(value, (list, tuple)):
            if not several:
                raise ValueError(f"Must not pass a list for single-valued parameter: {name}")
            setattr(self, name, [_as_type(name, kind, item) for item in value])
        elif several:
            raise ValueError(f"Must pass a list for multi-valued parameter: {name}.")
        else:
            setattr(self, name, _as_type(name, kind, value))

    def del_hparam(self, name: str) -> None:
        """Takes a hyperparameter out; no error where it is not there."""
        if hasattr(self, name):
            delattr(self, name)
            del self._hparam_types[name]

    def parse(self, values: str) -> HParams:
        """Overrides values by a text such as 'a=1,b=[2, 3]' (see parse_values); gives itself."""
        return self.override_from_dict(parse_values(values, {name: kind for name, (kind, _) in self._hparam_types.items()}))

    def override_from_dict(self, values_dict: dict[str, Any]) -> HParams:
        """Overrides values by those of a dict; gives itself."""
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def parse_json(self, values_json: str) -> HParams:
        """Overrides values by those of a JSON object; gives itself."""
        return self.override_from_dict(json.loads(values_json))

    def to_json(self, indent: Any = None, separators: Any = None, sort_keys: bool = False) -> str:
        """A JSON object of all values that are no functions."""
        plain = {name: value for name, value in self.values().items() if not callable(value)}
        return json.dumps(plain, indent=indent, separators=separators, sort_keys=sort_keys)

    def values(self) -> dict[str, Any]:
        """{name: value}"""
        return {name: getattr(self, name) for name in self._hparam_types}

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or `default` where there is none; ValueError for a default that is not of its type."""
        if key not in self._hparam_types:
            return default
        kind, several = self._hparam_types[key]
        if default is not None:
            shown = f"list[{kind.__name__}]" if several else kind.__name__
            text = f"Hparam '{key}' of type '{shown}' is incompatible with default={default}"
            if several != isinstance(default, list):
                raise ValueError(text)
            try:
                for item in default if several else [default]:
                    _as_type(key, kind, item)
            except ValueError as error:
                raise ValueError(f"{text}. {error}") from None
        return getattr(self, key)

    def set_model_structure(self, model_structure: Any) -> None:
        self._model_structure = model_structure

    def get_model_structure(self) -> Any:
        return self._model_structure

    def __contains__(self, key: str) -> bool:
        return key in self._hparam_types

    def __str__(self) -> str:
        return str(sorted(self.values().items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"
