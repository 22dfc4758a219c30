"""tensorflow.python.client.device_lib: programs of TF1 looked for GPUs with it."""
from __future__ import annotations

from typing import Any, NamedTuple

from ..runtime import accelerators


class DeviceAttributes(NamedTuple):
    """What TensorFlow tells of a device; memory_limit in bytes."""
    name: str
    device_type: str
    memory_limit: int = 256 << 20
    incarnation: int = 0
    physical_device_desc: str = ""


def list_local_devices(session_config: Any = None) -> list[DeviceAttributes]:
    """The devices of this machine that graphflow computes on: one CPU, and GPUs where sessions run on the xla engine."""
    gpus = [DeviceAttributes(gpu.name, "GPU", gpu.memory, 0, f"device: {gpu.number}, name: {gpu.kind}") for gpu in accelerators.gpus()]
    return [DeviceAttributes("/device:CPU:0", "CPU"), *gpus]
