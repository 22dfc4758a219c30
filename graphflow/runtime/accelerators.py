"""The GPUs that plans of this process run on: those that JAX has, where the xla engine is asked for. Other engines compute on the CPU."""
from __future__ import annotations

import importlib.util
from typing import Any, NamedTuple

from ..core.late import Late
from . import engines

_late = Late(local_devices="graphflow.runtime.engines.xla.joined:local_devices")     # at first use: JAX, which takes seconds


class Gpu(NamedTuple):
    """number: its place in this process. kind: as its maker calls it. memory: bytes that JAX may take. capability: (9, 0), say."""
    number: int
    kind: str
    memory: int
    capability: tuple[int, ...]

    @property
    def name(self) -> str:
        return f"/device:GPU:{self.number}"


def gpus(engine: str | None = None) -> list[Gpu]:
    """The GPUs of an engine, of the one that sessions get when they name none (GRAPHFLOW_ENGINE) where None is given."""
    if (engine or engines.choose(None)) != "xla" or importlib.util.find_spec("jax") is None:
        return []
    return [_gpu(index, device) for index, device in enumerate(_late.local_devices()) if device.platform == "gpu"]


def _gpu(index: int, device: Any) -> Gpu:
    limit = (device.memory_stats() or {}).get("bytes_limit", 0)
    capability = str(getattr(device, "compute_capability", ""))
    return Gpu(index, device.device_kind, int(limit), tuple(int(part) for part in capability.split(".") if part.isdecimal()))
