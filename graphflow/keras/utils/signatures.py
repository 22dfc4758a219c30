"""Signatures of constructors that are made, not written: what `help` and `inspect.signature` show, and what arguments are bound by."""
from __future__ import annotations

from inspect import Parameter, Signature
from typing import Any


def constructor(defaults: dict[str, Any]) -> Signature:
    """The signature (self, name=default, ...)."""
    names = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=value) for name, value in defaults.items()]
    return Signature([Parameter("self", Parameter.POSITIONAL_OR_KEYWORD), *names])


def bound(signature: Signature, self: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Name -> value of the arguments given to a constructor; TypeError, naming the class, for those that it does not take."""
    try:
        found = signature.bind(self, *args, **kwargs)
    except TypeError as error:
        names = ", ".join(list(signature.parameters)[1:])
        raise TypeError(f"{type(self).__name__}.__init__(): {error}; its arguments are ({names})") from None
    return {name: value for name, value in found.arguments.items() if name != "self"}
