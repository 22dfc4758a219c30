"""The devices of a session: one CPU, and what a session may be connected to."""
from __future__ import annotations

from typing import Any, NamedTuple

from ..core.errors import NotFoundError


class DeviceAttributes(NamedTuple):
    """What `Session.list_devices` says of a device."""
    name: str
    device_type: str
    memory_limit_bytes: int
    incarnation: int


def list_devices(count: int = 0) -> list[DeviceAttributes]:
    """The CPU of this process under `count` names, one at least."""
    return [DeviceAttributes(f"/job:localhost/replica:0/task:0/device:CPU:{i}", "CPU", 268435456, i + 1) for i in range(max(count, 1))]


def check_target(target: Any) -> None:
    """NotFoundError for a target that no kind of session takes."""
    text = target.decode() if isinstance(target, bytes) else target
    if text and not text.startswith("grpc://"):
        raise NotFoundError(None, None, f'No session factory registered for the given session options: {{target: "{text}"}}. A session of '
                                        "graphflow runs in this process: leave the target out.")
