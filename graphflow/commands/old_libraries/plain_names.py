"""What the standard library and matplotlib had and have no more."""
from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

show: Any = None      # what plt.show does in a notebook


def _absent(module: str, found: Mapping[str, Any]) -> dict[str, Any]:
    real = importlib.import_module(module)
    return {name: value for name, value in found.items() if not hasattr(real, name)}


def time() -> Mapping[str, Any]:
    return _absent("time", {"clock": importlib.import_module("time").perf_counter})


def collections() -> Mapping[str, Any]:
    abstract = importlib.import_module("collections.abc")
    return _absent("collections", {name: getattr(abstract, name) for name in abstract.__all__})


def inspect() -> Mapping[str, Any]:
    real = importlib.import_module("inspect")
    tuples = importlib.import_module("collections")
    spec = tuples.namedtuple("ArgSpec", "args varargs keywords defaults")
    return _absent("inspect", {"getargspec": lambda f: spec(*real.getfullargspec(f)[:4]), "ArgSpec": spec})


def fractions() -> Mapping[str, Any]:
    return _absent("fractions", {"gcd": importlib.import_module("math").gcd})


def base64() -> Mapping[str, Any]:
    real = importlib.import_module("base64")
    return _absent("base64", {"encodestring": real.encodebytes, "decodestring": real.decodebytes})


def os() -> Mapping[str, Any]:
    return _absent("os", {"errno": importlib.import_module("errno"), "getcwdu": importlib.import_module("os").getcwd})


def pyplot() -> Mapping[str, Any]:
    """plt.hold(True) was the only way that is left: each call adds to what is drawn."""
    own = {} if show is None else {"show": show}
    return {**_absent("matplotlib.pyplot", {"hold": lambda b=None: None, "ishold": lambda: True}), **own}


def colormaps() -> Mapping[str, Any]:
    plots = importlib.import_module("matplotlib.pyplot")
    known = importlib.import_module("matplotlib").colormaps
    return _absent("matplotlib.cm", {"get_cmap": plots.get_cmap, "spectral": known["nipy_spectral"]})
