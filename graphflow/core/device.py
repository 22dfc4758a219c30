"""Device strings are recorded on operations, merged by TensorFlow's rule, and change nothing else."""
from __future__ import annotations

import logging
import re
from typing import Any

from .export import export

_told: list[str] = []      # the device of a GPU that a program asked for, once it was told that there is none
_PARTS = re.compile(r"/(job|replica|task|device|cpu|gpu):([^/]+)", re.IGNORECASE)


@export("DeviceSpec")
class DeviceSpec:
    """A (maybe partial) device: job, replica, task, device type and index; `DeviceSpec.from_string("/job:w/device:CPU:0")`."""

    def __init__(self, job: str | None = None, replica: int | None = None, task: int | None = None,
                 device_type: str | None = None, device_index: int | None = None):
        self.job, self.replica, self.task = job, replica, task
        self.device_type = None if device_type is None else _kind(device_type)
        self.device_index = device_index

    @staticmethod
    def from_string(spec: str) -> DeviceSpec:
        return DeviceSpec().parse_from_string(spec)

    def parse_from_string(self, spec: str) -> DeviceSpec:
        if spec and not spec.startswith("/"):
            spec = "/" + spec          # "cpu:0"
        rest = _PARTS.sub("", spec)
        if (rest.strip("/") and rest.strip("/") != spec.strip("/")) or (spec and not _PARTS.search(spec)):
            raise ValueError(f"Unknown attribute '{rest or spec}' is encountered while parsing the device spec: '{spec}'.")
        for key, value in _PARTS.findall(spec):
            key = key.lower()
            if key == "job":
                self.job = value
            elif key == "replica":
                self.replica = _number(value, spec)
            elif key == "task":
                self.task = _number(value, spec)
            else:
                kind, _, index = value.partition(":") if key == "device" else (key, ":", value)
                self.device_type = _kind(kind)
                self.device_index = _number(index, spec) if index and index != "*" else None
        return self

    def merge_from(self, other: DeviceSpec) -> None:
        """Fields that `other` has replace mine."""
        for field in ("job", "replica", "task", "device_type", "device_index"):
            value = getattr(other, field)
            if value is not None:
                setattr(self, field, value)

    def make_merged_spec(self, other: DeviceSpec) -> DeviceSpec:
        """A new spec: mine with the fields that `other` has."""
        found = self.replace()
        found.merge_from(other)
        return found

    def replace(self, **fields: Any) -> DeviceSpec:
        """A new spec with some fields changed."""
        mine = {name: getattr(self, name) for name in ("job", "replica", "task", "device_type", "device_index")}
        return DeviceSpec(**{**mine, **fields})

    def to_string(self) -> str:
        text = "" if self.job is None else f"/job:{self.job}"
        text += "" if self.replica is None else f"/replica:{self.replica}"
        text += "" if self.task is None else f"/task:{self.task}"
        if self.device_type is not None:
            index = "*" if self.device_index is None else self.device_index
            text += f"/device:{self.device_type}:{index}"
        return text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceSpec) and self.to_string() == other.to_string()

    def __hash__(self) -> int:
        return hash(self.to_string())

    __str__ = to_string


def _number(text: str, spec: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number in the device spec: {spec!r}") from None


def _kind(text: str) -> str:
    """A device type as it is kept: cpu and gpu in capitals, others as they are."""
    return text.upper() if text.upper() in ("CPU", "GPU") else text


def merge_device(outer: str, inner: Any) -> str:
    """The device string of an operation under nested devices: inner fields win."""
    if inner is None or inner == "":
        return outer
    inner = inner.to_string() if isinstance(inner, DeviceSpec) else str(inner)
    merged = DeviceSpec.from_string(outer)
    merged.merge_from(DeviceSpec.from_string(inner))
    return merged.to_string()


def check_device(device: Any) -> None:
    """ValueError unless `device` is None, a function, a DeviceSpec or a well-formed device string."""
    if isinstance(device, str) and device:
        DeviceSpec.from_string(device)
        if "gpu" in device.lower() and not _told:
            _told.append(device)
            logging.getLogger("tensorflow").warning("%s: there is no GPU for graphflow; everything runs on the CPU", device)
