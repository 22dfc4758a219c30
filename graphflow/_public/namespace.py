"""Public names, resolved on first touch from the generated table `graphflow._public.api`.

`tf.nn`, `tf.linalg`, ... are modules made here without files; packages with files of their own that double as public
namespaces (train, summary, ...) take their `__getattr__` from `resolver`.
"""
from __future__ import annotations

import importlib
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any

from . import second_name
from .api import TABLE

_warned: set[str] = set()
_ROOT = __name__.split(".")[0]
_CORE, _GRAPHDEF = f"{_ROOT}.core.", f"{_ROOT}.graphdef."
_PLAIN = frozenset(("collections", "device", "dtypes", "errors", "shapes"))   # modules of core that make no tensors


def lookup(public: str) -> Any:
    """The object behind a public name ('nn.relu'); KeyError when there is none. Old names warn once."""
    where, _, new = TABLE[public].partition("!")
    module, _, attribute = where.partition(":")
    if module.startswith((_CORE, _GRAPHDEF)) and module[len(_CORE):] not in _PLAIN:
        importlib.import_module(f"{_ROOT}.ops")  # hangs the operators on Tensor, before there is a tensor
    found: Any = importlib.import_module(module)
    for part in attribute.split("."):
        found = getattr(found, part)
    if new and public not in _warned:
        _warned.add(public)
        warnings.warn(f"tf.{public} is TF1's old name of tf.{new}; please use tf.{new} instead.", DeprecationWarning, stacklevel=3)
    return found


def namespaces(table: dict[str, str]) -> set[str]:
    """Dotted names of all public namespaces of a table."""
    found: set[str] = set()
    for name in table:
        parts = name.split(".")[:-1]
        found.update(".".join(parts[:i + 1]) for i in range(len(parts)))
    return found


def resolver(namespace: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of the module that stands for a public namespace ('' is the package itself)."""
    prefix = f"{namespace}." if namespace else ""
    home = f"{_ROOT}.{namespace}" if namespace else _ROOT

    def __getattr__(name: str) -> Any:
        public = prefix + name
        if public not in TABLE:
            inner = sys.modules.get(f"{home}.{name}")       # a namespace inside of one that has files (train.queue_runner)
            if inner is not None:
                return inner
            if name == "python" and namespace.startswith("contrib."):
                from .inner import inner_module  # at first use: only programs that reach into tf.contrib.*.python need it
                return inner_module(home, __getattr__, __dir__)
            raise _missing(public, home)
        value = lookup(public)
        if "!" not in TABLE[public]:
            setattr(sys.modules[home], name, value)
        return value

    def __dir__() -> list[str]:
        return sorted({n[len(prefix):].split(".")[0] for n in TABLE if n.startswith(prefix)})

    return __getattr__, __dir__


class Unknown(AttributeError):
    """A name that is not there. Near names are looked for when the message is read: `hasattr` must not wait for them (0.1 s)."""

    def __init__(self, text: str, public: str = "") -> None:
        super().__init__(text)
        self.public = public

    def __str__(self) -> str:
        import difflib  # at first use: saves 2 ms; only a wrong name needs it
        near = difflib.get_close_matches(self.public, TABLE, n=3) if self.public else []
        return str(self.args[0]) + (f" Near names: {', '.join('tf.' + n for n in near)}." if near else "")

    def __reduce__(self) -> Any:
        return AttributeError, (str(self),)


Unknown.__module__, Unknown.__qualname__ = "builtins", "AttributeError"     # what tracebacks show


class NotAvailable(Unknown, NotImplementedError):
    """A name of TF1 that graphflow does not have (yet); AttributeError, so that `hasattr` works."""

    def __reduce__(self) -> Any:
        return NotAvailable, (str(self),)


def hints() -> dict[str, str]:
    """What to do about names that are not there: names, apart by spaces -> advice."""
    from .contrib_hints import HINTS  # at first use: only a name that is not there needs it
    return {**HINTS, **_HINTS}


_HINTS = {
    "data": "this part of tf.data is not there yet: see dir(tf.data), or feed batches by feed_dict",
    "image": "it is not there yet: use numpy or Pillow and feed the result",
    "saved_model.load_v2": "objects of TensorFlow 2 are not there: tf.saved_model.loader.load(session, [tf.saved_model.SERVING], folder) "
                           "reads the same folder into the session's graph, with its variables and signatures",
    "saved_model.save": "tf.saved_model.simple_save(session, folder, inputs, outputs) and tf.saved_model.Builder write one",
    "ragged RaggedTensor RaggedTensorSpec": "tensors whose rows differ in length are not there: pad the rows (tf.sequence_mask tells which "
                                            "elements count), or use a tf.SparseTensor",
    "strings.bytes_split strings.ngrams strings.unicode_split_with_offsets": "its result would be ragged, and tensors whose rows differ in "
        "length are not there: tf.strings.split gives a tf.SparseTensor, tf.strings.substr parts of strings",
    "distribute": "it is not there: tf.distribute.MirroredStrategy and tf.distribute.experimental.MultiWorkerMirroredStrategy are",
}


def _missing(public: str, home: str) -> AttributeError:
    for names, hint in hints().items():
        if any(public == n or public.startswith(n + ".") for n in names.split()):
            return NotAvailable(f"tf.{public}: {hint}.")
    from .absent import NAMES  # at first use: only a wrong name needs it
    if public in NAMES or any(n.startswith(public + ".") for n in NAMES):
        return NotAvailable(f"tf.{public} is part of TensorFlow 1 that graphflow does not have yet.", public)
    return Unknown(f"module '{home}' has no attribute '{public.rpartition('.')[2]}' (tf.{public} is not part of TensorFlow 1 "
                   "either).", public)


def install(package: types.ModuleType, with_files: frozenset[str]) -> None:
    """Makes a module for each public namespace that has no file, as attribute of its parent and in sys.modules."""
    for dotted in sorted(namespaces(TABLE)):
        if "." in dotted or dotted not in with_files:
            module = _make(dotted)
            parent, _, leaf = dotted.rpartition(".")
            if parent not in with_files:    # else the package's own __getattr__ finds it through sys.modules
                setattr(sys.modules[f"{_ROOT}.{parent}"] if parent else package, leaf, module)
    sys.modules[f"{_ROOT}.compat"].__path__ = [f"{folder}/compat" for folder in package.__path__]       # of compat.v2
    sys.modules[f"{_ROOT}.compat"].v1 = package  # type: ignore[attr-defined]
    second_name.give(package, f"{_ROOT}.compat.v1")


def install_part(package: types.ModuleType, table: dict[str, str]) -> None:
    """Adds a table of names below `package` (graphflow.contrib), which `import graphflow` leaves unread, and makes their namespaces."""
    own = package.__name__.removeprefix(f"{_ROOT}.")
    TABLE.update(table)
    for dotted in sorted(namespaces(table) - {own}):
        module = _make(dotted)
        module.__path__ = [str(folder) + dotted.removeprefix(own).replace(".", "/") for folder in package.__path__]    # its files
        setattr(sys.modules[f"{_ROOT}.{dotted.rpartition('.')[0]}"], dotted.rpartition(".")[2], module)


def _make(dotted: str) -> types.ModuleType:
    module = types.ModuleType(f"{_ROOT}.{dotted}", f"Public namespace tf.{dotted}.")
    module.__getattr__, module.__dir__ = resolver(dotted)  # type: ignore[method-assign]
    module.__path__ = []
    sys.modules[module.__name__] = module
    return module
