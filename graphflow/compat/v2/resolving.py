"""Finding what a name of TensorFlow 2 stands for."""
from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections.abc import Callable
from typing import Any

from graphflow._public.namespace import NotAvailable, lookup

from .names import ADAPTED, SAME

VERSION = "2.0.0"
_HOME = __package__
CHANGED = f"{__package__}.changed"

# Names that a function or class of graphflow under another name serves.
OTHERS = {
    "Variable": "Variable", "data.Dataset": "data.Dataset", "device": "device", "constant_initializer": "constant_initializer",
    "train.Checkpoint": "train.Checkpoint", "where": "where_v2", "nn.softmax_cross_entropy_with_logits":
    "nn.softmax_cross_entropy_with_logits_v2",
    "random.set_seed": "random.set_random_seed", "autodiff.GradientTape": "GradientTape", "name_scope": "name_scope",
    "ones_initializer": "ones_initializer", "zeros_initializer": "zeros_initializer",
    "random_normal_initializer": "random_normal_initializer", "random_uniform_initializer": "random_uniform_initializer",
    "data.Iterator": "data.Iterator", "concat": "concat", "Module": "Module",
}
# Namespaces of Keras that TensorFlow 2 shows under names of its own.
KERAS = {"keras": "", "optimizers": ".optimizers", "losses": ".losses", "metrics": ".metrics", "initializers": ".initializers"}


def _tables() -> tuple[dict[str, str], dict[str, str]]:
    same: dict[str, str] = {}
    home = ""
    for word in SAME.split():
        if word.endswith(":"):
            home = "" if word == "-:" else word[:-1] + "."
        else:
            same[home + word] = home + word
    adapted = dict(line.partition(" ")[::2] for line in ADAPTED.strip().splitlines())
    return {**same, **OTHERS}, adapted


PLAIN, ARGUMENTS = _tables()
# Functions that only TensorFlow 2 has: namespace -> module -> names.
MORE = {
    "summary": {
        "graphflow.summary.recording": "SummaryWriter create_file_writer create_noop_writer flush graph record_if should_record_summaries "
                                       "trace_export trace_off trace_on write",
        "graphflow.summary.series": "audio histogram image scalar text",
    },
    "summary.experimental": {"graphflow.summary.recording": "get_step set_step"},
}
MODULES = {f"{space}.{name}": module for space, modules in MORE.items() for module, names in modules.items() for name in names.split()}
OWN = ("zeros_like", "ones_like")
_ALL = {*PLAIN, *ARGUMENTS, *OWN, *MODULES}
NAMESPACES = {name.rpartition(".")[0] for name in _ALL if "." in name}
NAMESPACES |= {space.rpartition(".")[0] for space in NAMESPACES if "." in space}


def names_in(namespace: str) -> list[str]:
    """The names of a namespace."""
    prefix = f"{namespace}." if namespace else ""
    return sorted({n[len(prefix):].partition(".")[0] for n in _ALL if n.startswith(prefix)} | (set(KERAS) if not namespace else set()))


def lister(namespace: str) -> Callable[[], list[str]]:
    """`__dir__` of a namespace."""
    return lambda: names_in(namespace)


def getter(namespace: str) -> Callable[[str], Any]:
    """`__getattr__` of a namespace."""
    return lambda name: attribute(namespace, name)


def attribute(namespace: str, name: str) -> Any:
    """What a name stands for. AttributeError, which says what to do, where there is none."""
    public = f"{namespace}.{name}" if namespace else name
    if public == "compat":
        found: Any = importlib.import_module("graphflow.compat")
    elif public in KERAS:
        found = _keras(public)
    elif public in OWN:
        found = getattr(importlib.import_module(CHANGED), public.replace(".", "_"))
    elif public in MODULES:
        found = getattr(importlib.import_module(MODULES[public]), name)
    elif public in PLAIN:
        found = lookup(PLAIN[public])
    elif public in ARGUMENTS:
        found = adapted(public, lookup(public), ARGUMENTS[public])
    else:
        raise NotAvailable(f"tf.{public} is no name of TensorFlow 2 that graphflow has; tf.compat.v1 has those of TensorFlow 1")
    setattr(sys.modules[f"{_HOME}.{namespace}" if namespace else _HOME], name, found)
    return found


def _keras(public: str) -> Any:
    return importlib.import_module(f"{_HOME}.keras_spaces").space(KERAS[public].lstrip("."))


def adapted(public: str, function: Any, text: str) -> Any:
    """A function with TensorFlow 2's arguments, which calls TensorFlow 1's by name."""
    parameters, defaults = [], {}
    for word in text.split():
        name, equals, value = word.partition("=")
        if value:
            defaults[name] = _literal(value)
        parameters.append(inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD,
                                            default=defaults.get(name) if equals else inspect.Parameter.empty))
    signature = inspect.Signature(parameters)

    names, known = tuple(signature.parameters), set(signature.parameters)
    required = {name for name, p in signature.parameters.items() if p.default is p.empty}
    theirs = inspect.signature(function).parameters
    same = next((i for i, (a, b) in enumerate(zip(names, theirs)) if a != b), min(len(names), len(theirs)))   # leading ones alike
    beyond = [defaults.keys() - names[:i] for i in range(same + 1)]

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        count = len(args)
        if len(required) <= count <= same and not kwargs:
            return function(*args, **{name: defaults[name] for name in beyond[count]})
        given = {**dict(zip(names, args)), **kwargs}
        if len(args) > len(names) or len(given) != len(args) + len(kwargs) or not required <= given.keys() <= known:
            signature.bind(*args, **kwargs)              # says what is wrong
        return function(**{**defaults, **given})
    call.__signature__ = signature  # type: ignore[attr-defined]
    call.__name__ = public.rpartition(".")[2]
    return call


def _literal(text: str) -> Any:
    return {"None": None, "True": True, "False": False}[text] if text in ("None", "True", "False") else \
        text[1:-1] if text[:1] in "'\"" else float(text) if "." in text or "e" in text else int(text)
