"""Engines turn plans into programs (engine.py says what one is). `load(name)` gives one, `fallback` what one lacks."""
from __future__ import annotations

import functools
import importlib
import importlib.util
import os
from pathlib import Path
from typing import Any

from ..hosts import Hosts, of
from .engine import Engine

HOMES = {"numpy": "graphflow.runtime.engines.numpy_engine",      # modules whose ENGINE is imported when first asked for
         "native": "graphflow.runtime.engines.native",
         "xla": "graphflow.runtime.engines.xla"}

program_mesh = ""          # of sessions for which nothing else says one: set by tf.distribute.MirroredStrategy
LLVMLITE = (0, 45)         # the oldest that the native engine can use


def choose(config: Any) -> str:
    """The engine that a ConfigProto names, else GRAPHFLOW_ENGINE, else numpy."""
    name = getattr(config, "engine", "") if config is not None else ""
    return name or os.environ.get("GRAPHFLOW_ENGINE", "") or "numpy"


@functools.lru_cache(maxsize=1)
def compiler() -> bool:
    """Whether an llvmlite is installed that the native engine can use."""
    found = importlib.util.find_spec("llvmlite")
    if found is None or not found.origin:
        return False
    notes = [path.name.split("-")[1] for path in Path(found.origin).parent.parent.glob("llvmlite-*.dist-info")]
    return all(tuple(int(part) for part in note.split(".")[:2] if part.isdigit()) >= LLVMLITE for note in notes)


def chosen(config: Any) -> tuple[str, str, tuple[str, ...]]:
    """(engine, mesh, sharding rules) of a ConfigProto, else of GRAPHFLOW_ENGINE, GRAPHFLOW_MESH and GRAPHFLOW_SHARDING (rules with spaces
    between)."""
    mesh, rules = ("", ()) if config is None else (config.mesh, tuple(config.sharding))
    mesh = mesh or os.environ.get("GRAPHFLOW_MESH", "") or program_mesh
    return choose(config), mesh, rules or tuple(os.environ.get("GRAPHFLOW_SHARDING", "").split())


def of_session(config: Any, target: Any) -> Engine:
    """The engine of a session: of all hosts where its target is theirs, which is the xla engine unless another one is named."""
    name, mesh, sharding = chosen(config)
    hosts = of(target)
    if hosts is not None and not (getattr(config, "engine", "") or os.environ.get("GRAPHFLOW_ENGINE")):
        name = "xla"
    return load(name, mesh, sharding, hosts)


def load(name: str, mesh: str = "", sharding: tuple[str, ...] = (), hosts: Hosts | None = None) -> Engine:
    """An engine by name; NotImplementedError for one that this version does not have, or whose library is not installed.

    auto: the native engine, which leaves small plans to the numpy engine. mesh, sharding: of the xla engine; see xla.mesh. ValueError for
    them on another engine. hosts: of the xla engine, those whose devices the mesh is made of, all of them where none is given.
    """
    home = HOMES.get("native" if name == "auto" else name)
    if home is None:
        raise NotImplementedError(f"engine {name!r} is not available; this version has: {', '.join(HOMES)}. "
                                  "Choose one by tf.ConfigProto(engine=...) or GRAPHFLOW_ENGINE.")
    if home == HOMES["native"] and not compiler():
        raise NotImplementedError(f"the {name} engine needs llvmlite {'.'.join(map(str, LLVMLITE))}: pip install 'graphflow-tf1[jit]'. "
                                  "Without it, tf.ConfigProto(engine=\"numpy\") or GRAPHFLOW_ENGINE=numpy.")
    if name == "xla" and importlib.util.find_spec("jax") is None:
        raise NotImplementedError("the xla engine needs JAX: pip install 'graphflow-tf1[xla]' (for a GPU: 'jax[cuda12]' beside it).")
    module = importlib.import_module(home)
    if hosts is not None and name == "xla":
        joint: Engine = module.spread(mesh, sharding, hosts)
        return joint
    if mesh or sharding:
        if name != "xla":
            raise ValueError(f"a mesh ({mesh!r}) needs the xla engine, not {name!r}: tf.ConfigProto(engine=\"xla\", mesh=...)")
        placed: Engine = module.placed(mesh, sharding)
        return placed
    return module.AUTO if name == "auto" else module.ENGINE
