"""The devices of a session: one CPU, GPUs on the xla engine, and what a session may be connected to."""
from __future__ import annotations

from typing import Any, NamedTuple

from ..core.errors import NotFoundError
from . import accelerators


class DeviceAttributes(NamedTuple):
    """What `Session.list_devices` says of a device."""
    name: str
    device_type: str
    memory_limit_bytes: int
    incarnation: int


def list_devices(count: int = 0, engine: str = "numpy") -> list[DeviceAttributes]:
    """The CPU of this process under `count` names, one at least, then the GPUs that the engine uses."""
    place = "/job:localhost/replica:0/task:0"
    cpus = [DeviceAttributes(f"{place}/device:CPU:{i}", "CPU", 268435456, i + 1) for i in range(max(count, 1))]
    return cpus + [DeviceAttributes(place + gpu.name, "GPU", gpu.memory, len(cpus) + gpu.number + 1) for gpu in accelerators.gpus(engine)]


def check_target(target: Any) -> None:
    """NotFoundError for a target that no kind of session takes."""
    text = target.decode() if isinstance(target, bytes) else target
    if text and not text.startswith("grpc://"):
        raise NotFoundError(None, None, f'No session factory registered for the given session options: {{target: "{text}"}}. A session of '
                                        "graphflow runs in this process: leave the target out.")
