"""tf.config: the devices there are, and the numbers of threads. There is one device, the CPU, whose threads the engine chooses."""
from __future__ import annotations

from typing import Any, NamedTuple

from ..core.export import export

_threads = {"inter": 0, "intra": 0}


class PhysicalDevice(NamedTuple):
    """A device of this machine."""
    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device as a program names it."""
    name: str
    device_type: str


class VirtualDeviceConfiguration(NamedTuple):
    """A part of a device's memory."""
    memory_limit: int | None = None


export("config.experimental.VirtualDeviceConfiguration", "config.LogicalDeviceConfiguration")(VirtualDeviceConfiguration)
_CPU = PhysicalDevice("/physical_device:CPU:0", "CPU")


@export("config.experimental.list_physical_devices", "config.list_physical_devices")
def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of this kind, all without one: the CPU."""
    return [_CPU] if device_type in (None, "CPU") else []


@export("config.experimental.list_logical_devices", "config.list_logical_devices")
def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices of this kind that are used, all without one: the CPU."""
    return [LogicalDevice("/device:CPU:0", "CPU")] if device_type in (None, "CPU") else []


@export("config.experimental.get_visible_devices", "config.get_visible_devices")
def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of this kind that a program may use."""
    return list_physical_devices(device_type)


@export("config.experimental.set_visible_devices", "config.set_visible_devices")
def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Leaves devices out. ValueError for the CPU, the only one there is, and for one that is not there."""
    given = [devices] if isinstance(devices, PhysicalDevice) else list(devices or [])
    for device in given:
        if device != _CPU:
            raise ValueError(f"Unrecognized device: {device}: there is {_CPU.name} only")
    if not given and device_type in (None, "CPU"):
        raise ValueError("the CPU is the only device and cannot be hidden")


@export("config.experimental.set_memory_growth")
def set_memory_growth(device: Any, enable: bool) -> None:
    """ValueError: only a GPU's memory grows, and there is none."""
    raise ValueError(f"Cannot set memory growth on non-GPU devices, given: {device}")


@export("config.experimental.get_memory_growth")
def get_memory_growth(device: Any) -> bool:
    """ValueError: only a GPU's memory grows, and there is none."""
    raise ValueError(f"Cannot set memory growth on non-GPU devices, given: {device}")


def _set(kind: str, num_threads: int) -> None:
    if num_threads < 0:
        raise ValueError(f"num_threads must be >= 0, given: {num_threads}")
    _threads[kind] = num_threads


@export("config.threading.set_inter_op_parallelism_threads")
def set_inter_op_parallelism_threads(num_threads: int) -> None:
    """Kept, and changes nothing: operations of a run come one after the other. ValueError for less than 0."""
    _set("inter", num_threads)


@export("config.threading.get_inter_op_parallelism_threads")
def get_inter_op_parallelism_threads() -> int:
    """What was set, 0 for the engine's choice."""
    return _threads["inter"]


@export("config.threading.set_intra_op_parallelism_threads")
def set_intra_op_parallelism_threads(num_threads: int) -> None:
    """Kept, and changes nothing: OMP_NUM_THREADS sets the threads of an operation. ValueError for less than 0."""
    _set("intra", num_threads)


@export("config.threading.get_intra_op_parallelism_threads")
def get_intra_op_parallelism_threads() -> int:
    """What was set, 0 for the engine's choice."""
    return _threads["intra"]
