"""tf.config: the devices there are, and the numbers of threads. The CPU's threads are the engine's choice; GPUs are the xla engine's."""
from __future__ import annotations

from typing import Any, NamedTuple

from ..core.export import export
from ..runtime import accelerators

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
_growing: dict[PhysicalDevice, bool] = {}
_CPU = PhysicalDevice("/physical_device:CPU:0", "CPU")


@export("config.experimental.list_physical_devices", "config.list_physical_devices")
def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of this kind, all without one: the CPU, and GPUs where sessions run on the xla engine."""
    found = [_CPU, *(PhysicalDevice(f"/physical_device:GPU:{gpu.number}", "GPU") for gpu in accelerators.gpus())]
    return [device for device in found if device_type in (None, device.device_type)]


@export("config.experimental.list_logical_devices", "config.list_logical_devices")
def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices of this kind that are used, all without one: the CPU, and GPUs where sessions run on the xla engine."""
    found = [LogicalDevice("/device:CPU:0", "CPU"), *(LogicalDevice(gpu.name, "GPU") for gpu in accelerators.gpus())]
    return [device for device in found if device_type in (None, device.device_type)]


@export("config.experimental.get_visible_devices", "config.get_visible_devices")
def get_visible_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices of this kind that a program may use."""
    return list_physical_devices(device_type)


@export("config.experimental.set_visible_devices", "config.set_visible_devices")
def set_visible_devices(devices: Any, device_type: str | None = None) -> None:
    """Leaves devices out. ValueError for the CPU and for one that is not there, NotImplementedError for a GPU."""
    given, known = [devices] if isinstance(devices, PhysicalDevice) else list(devices or []), list_physical_devices()
    for device in given:
        if device not in known:
            raise ValueError(f"Unrecognized device: {device}: there is {', '.join(one.name for one in known)} only")
    if not given and device_type in (None, "CPU"):
        raise ValueError("the CPU cannot be hidden")
    if device_type in (None, "GPU") and any(one.device_type == "GPU" and one not in given for one in known):
        raise NotImplementedError("JAX has taken its GPUs already: hide some by CUDA_VISIBLE_DEVICES before the program starts")


@export("config.experimental.set_memory_growth")
def set_memory_growth(device: Any, enable: bool) -> None:
    """Kept for a GPU, and changes nothing: XLA_PYTHON_CLIENT_PREALLOCATE=false has JAX do it. ValueError for another device."""
    _refuse_others(device)
    _growing[device] = bool(enable)


@export("config.experimental.get_memory_growth")
def get_memory_growth(device: Any) -> bool:
    """What was set for a GPU, False at first. ValueError for another device."""
    _refuse_others(device)
    return _growing.get(device, False)


def _refuse_others(device: Any) -> None:
    if device not in list_physical_devices("GPU"):
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
