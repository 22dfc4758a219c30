"""Functions of TensorFlow 2 that TensorFlow 1 has none of, or quite different ones."""
from __future__ import annotations

from typing import Any

from graphflow.eager.autograph.convert import do_not_convert
from graphflow.ops.array import fill

autograph_experimental_do_not_convert = do_not_convert


def zeros_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Any:
    """Zeros of the shape of `input`, and its dtype unless another is given."""
    return fill.zeros_like(input, dtype, name)


def ones_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Any:
    """Ones of the shape of `input`, and its dtype unless another is given."""
    return fill.ones_like(input, dtype, name)


class PhysicalDevice:
    """The CPU, as `config.list_physical_devices` lists it."""
    name, device_type = "/physical_device:CPU:0", "CPU"

    def __repr__(self) -> str:
        return f"PhysicalDevice(name='{self.name}', device_type='{self.device_type}')"


def config_list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The one device that there is, a CPU; none of another type."""
    return [PhysicalDevice()] if device_type in (None, "CPU") else []
