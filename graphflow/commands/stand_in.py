"""Makes `import tensorflow` give graphflow, in this process.

A finder at the front of sys.meta_path answers for `tensorflow` and everything below it. `tensorflow.a.b` is a module that looks its
names up in graphflow's namespaces: those that `ALIASES` lists for it, else `graphflow.a.b`. Nothing is copied, so a lazily
made name is made when it is first touched.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import re
import sys
import types
from collections.abc import Iterator, Sequence
from typing import Any

from graphflow.ops.raw import raw_function
from graphflow.platform.behavior import VERSION

_PUBLIC: tuple[str, ...] = ("", "math", "nn", "linalg", "train", "layers", "errors", "test", "strings", "random", "initializers", "losses")

# tensorflow module -> graphflow namespaces ("" is graphflow itself) searched in this order
ALIASES: dict[str, tuple[str, ...]] = {
    "tensorflow": ("",),
    "tensorflow.compat": ("compat",),
    "tensorflow.compat.v1": ("",),
    "tensorflow.contrib": ("contrib",),
    "tensorflow.python": ("",),
    "tensorflow.python.framework.ops": ("",),
    "tensorflow.python.framework.dtypes": ("dtypes", ""),
    "tensorflow.python.framework.errors": ("errors",),
    "tensorflow.python.framework.errors_impl": ("errors",),
    "tensorflow.python.framework.graph_util": ("graph_util",),
    "tensorflow.python.framework.constant_op": ("",),
    "tensorflow.python.framework.tensor_shape": ("", "core.shapes"),
    "tensorflow.python.framework.tensor_util": ("", "contrib.util"),
    "tensorflow.python.framework.random_seed": ("",),
    "tensorflow.python.framework.sparse_tensor": ("",),
    "tensorflow.python.framework.importer": ("",),
    "tensorflow.python.framework.graph_io": ("io", "train"),
    "tensorflow.python.framework.meta_graph": ("train",),
    "tensorflow.python.ops.control_flow_ops": (*_PUBLIC, "ops.control_flow.flow"),
    "tensorflow.python.ops.init_ops": (*_PUBLIC, "variables.initializers"),
    "tensorflow.python.platform": ("",),
    "tensorflow.python.platform.gfile": ("gfile",),
    "tensorflow.python.platform.app": ("app",),
    "tensorflow.python.platform.flags": ("flags",),
    "tensorflow.python.platform.tf_logging": ("logging",),
    "tensorflow.python.platform.test": ("test",),
    "tensorflow.python.util.compat": ("compat",),
    "tensorflow.python.platform.googletest": ("test",),
    "tensorflow.python.util.nest": ("nest", "core.nest"),
    "tensorflow.python.training.moving_averages": ("train", "train.moving_averages"),
    "tensorflow.python.lib.io.file_io": ("platform.file_io",),
    "tensorflow.python.lib.io.tf_record": ("python_io",),
    "tensorflow.python.pywrap_tensorflow": ("train",),
    "tensorflow.python.saved_model.builder_impl": ("saved_model.builder",),
    "tensorflow.python.saved_model.loader_impl": ("saved_model.loader",),
    "tensorflow.python.saved_model.signature_def_utils_impl": ("saved_model.signature_def_utils",),
    "tensorflow.python.saved_model.utils_impl": ("saved_model.utils",),
    "tensorflow.python.saved_model.simple_save": ("saved_model",),
    "tensorflow.python.summary.summary": ("summary",),
    "tensorflow.python.summary.summary_iterator": ("train",),
    "tensorflow.python.summary.writer.writer": ("summary",),
    "tensorflow.python.summary.writer.writer_cache": ("summary",),
    "tensorflow.python.client.device_lib": ("platform.device_lib",),
    "tensorflow.python.client.session": ("",),
    "tensorflow.python.client.timeline": ("timeline",),
    "tensorflow.examples.tutorials.mnist.input_data": ("datasets.mnist",),
}
# Packages that hold modules only.
PACKAGES = (
    "tensorflow.core",
    "tensorflow.core.example",
    "tensorflow.core.framework",
    "tensorflow.core.protobuf",
    "tensorflow.core.util",
    "tensorflow.examples",
    "tensorflow.examples.tutorials",
    "tensorflow.examples.tutorials.mnist",
    "tensorflow.python.framework",
    "tensorflow.python.lib",
    "tensorflow.python.lib.io",
    "tensorflow.python.ops",
    "tensorflow.python.saved_model",
    "tensorflow.python.summary",
    "tensorflow.python.summary.writer",
    "tensorflow.python.training",
    "tensorflow.python.util",
    "tensorflow.python.client",
)
# tensorflow.python.ops.math_ops, array_ops, ...: the public functions under their inner modules' names.
_INNER = ("tensorflow.python.ops.", "tensorflow.python.training.")
_SAVED_MODEL = "tensorflow.python.saved_model."

# Modules of functions that were generated from op types, beside those whose names begin with gen_.
_RAW = ("tensorflow.python.training.training_ops",)

REFUSED = {
    "tensorflow.contrib": "tf.contrib is not part of graphflow (TensorFlow itself dropped it in 2.0). "
    "Most of it has a home in the core API: tf.nn, tf.initializers, tf.losses, tf.metrics, tf.train.",
    "tensorflow.compat.v2": "tensorflow.compat.v2 is not part of graphflow yet; it runs the v1 API.",
}


class StandIn(types.ModuleType):
    """A module whose names are graphflow's."""

    _namespaces: tuple[str, ...]

    def __getattr__(self, name: str) -> Any:
        own = f"{self.__name__}.{name}"
        refuse(own, AttributeError)
        if own in ALIASES or own in PACKAGES:
            return importlib.import_module(own)
        if name in ("__version__", "VERSION"):
            return VERSION
        error = None
        for namespace in namespaces(() if name.startswith("__") else self._namespaces):
            try:
                value = getattr(namespace, name)
            except AttributeError as missing:  # says what to do instead, or which names are near
                error = error or missing
                continue
            setattr(self, name, value)
            return value
        if self.__name__ in _RAW or self.__name__.rpartition(".")[2].startswith("gen_"):
            try:
                return raw_function(name)
            except AttributeError as missing:
                error = error or missing
        if error is not None and len(self._namespaces) == 1:
            raise type(error)(str(error).replace("module 'graphflow", "module 'tensorflow", 1))
        raise AttributeError(f"module '{self.__name__}' has no attribute '{name}' (graphflow stands in for tensorflow)")

    def __dir__(self) -> list[str]:
        return sorted({name for namespace in namespaces(self._namespaces) for name in dir(namespace)})


def namespaces(paths: Sequence[str]) -> Iterator[Any]:
    """graphflow's namespaces of these dotted paths; those that do not exist are left out."""
    for path in paths:
        found = resolve(path)
        if found is not None:
            yield found


def resolve(path: str) -> Any:
    """graphflow.`path`: a submodule or an attribute, None if it is neither."""
    value: Any = importlib.import_module("graphflow")
    for part in path.split(".") if path else ():
        try:
            value = getattr(value, part)
        except (AttributeError, ModuleNotFoundError):
            name = f"{getattr(value, '__name__', '')}.{part}"
            if not name.startswith("graphflow.") or not hasattr(value, "__path__") or importlib.util.find_spec(name) is None:
                return None
            value = importlib.import_module(name)
    return value


def refuse(name: str, exception: type[Exception]) -> None:
    """Raises `exception` where `name` lies in a part of TensorFlow that graphflow leaves out."""
    for prefix, reason in REFUSED.items():
        if (name == prefix or name.startswith(prefix + ".")) and resolve(name.removeprefix("tensorflow.")) is None:
            raise exception(reason)


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers imports of tensorflow and the modules below it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "tensorflow" and not fullname.startswith("tensorflow."):
            return None
        refuse(fullname, ModuleNotFoundError)
        if sources(fullname) is None:
            text = f"No module named '{fullname}' (graphflow stands in for tensorflow)"
            raise ModuleNotFoundError(". ".join(filter(None, (text, why_not(fullname)))), name=fullname)
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = StandIn(spec.name, f"graphflow, standing in for {spec.name}")
        module._namespaces = sources(spec.name) or ()
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run: names are looked up when touched."""


def why_not(fullname: str) -> str:
    """What graphflow says of tensorflow's public module or name: that it is not there yet, and what to do instead; '' if it is there."""
    path = fullname.removeprefix("tensorflow.").removeprefix("compat.v1.")
    if path.split(".")[0] in ("python", "core", "compiler", "contrib", "examples"):
        return ""
    value: Any = importlib.import_module("graphflow")
    for part in path.split("."):
        try:
            value = getattr(value, part)
        except AttributeError as missing:
            return str(missing).replace("module 'graphflow", "module 'tensorflow", 1)
    return ""


def advice(error: BaseException) -> str:
    """What to do about a name that `from tensorflow import name` did not find; Python leaves out what the module said of it."""
    found = re.match(r"cannot import name '(\w+)' from '(tensorflow[\w.]*)'", str(error)) if isinstance(error, ImportError) else None
    return why_not(f"{found[2]}.{found[1]}") if found else ""


def sources(fullname: str) -> tuple[str, ...] | None:
    """The graphflow namespaces that module `fullname` of tensorflow shows; None if graphflow has nothing for it."""
    if fullname in ALIASES:
        return ALIASES[fullname]
    if fullname in PACKAGES:
        return ()
    if fullname.startswith("tensorflow.core.") and fullname.endswith("_pb2"):
        return ("formats.proto",)
    if fullname.startswith(_SAVED_MODEL):
        return (f"saved_model.{fullname.removeprefix(_SAVED_MODEL)}",)
    if fullname.startswith(_INNER):
        return _PUBLIC
    path = fullname.removeprefix("tensorflow.compat.v1.").removeprefix("tensorflow.")
    return (path,) if resolve(path) is not None else None


def install() -> None:
    """From now on `import tensorflow` gives graphflow; a tensorflow imported before stays where it is in use."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder())
    for name in [name for name in sys.modules if name == "tensorflow" or name.startswith("tensorflow.")]:
        if not isinstance(sys.modules[name], StandIn):
            del sys.modules[name]


def uninstall() -> None:
    """Undoes install."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
    for name in [name for name, module in sys.modules.items() if isinstance(module, StandIn)]:
        del sys.modules[name]
