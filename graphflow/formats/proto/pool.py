"""The private descriptor pool and the classes made from it. Imports protobuf, so it is imported on first use only."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

_DESCRIPTORS = Path(__file__).with_name("messages.desc")


@cache
def _load() -> tuple[Any, dict[str, str], dict[str, int]]:
    """(pool, {short name: full name} of messages and top-level enums, {value name: number} of top-level enums)."""
    files = descriptor_pb2.FileDescriptorSet.FromString(_DESCRIPTORS.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    names: dict[str, str] = {}
    values: dict[str, int] = {}
    for file in files.file:
        pool.Add(file)
        for message in file.message_type:
            names[message.name] = f"{file.package}.{message.name}"
        if file.package == "tensorflow":
            for enum in file.enum_type:
                names[enum.name] = f"{file.package}.{enum.name}"
                values.update((value.name, value.number) for value in enum.value)
    return pool, names, values


def find(name: str) -> Any:
    """The message class, enum or enum value of that short name, None where there is none."""
    pool, names, values = _load()
    if name in values:
        return values[name]
    if name not in names:
        return None
    try:
        return message_class(pool.FindMessageTypeByName(names[name]))
    except KeyError:
        return EnumTypeWrapper(pool.FindEnumTypeByName(names[name]))


def message_class(descriptor: Any) -> Any:
    """The Python class of a message descriptor; one class per descriptor."""
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return _old_factory().GetPrototype(descriptor)


@cache
def _old_factory() -> Any:
    """protobuf before 4.22 makes classes through a factory object."""
    return message_factory.MessageFactory(_load()[0])


def private_pool() -> Any:
    """The pool itself, for text forms that hold `Any` values."""
    return _load()[0]


def message_names() -> list[str]:
    """Names of all top-level messages, sorted."""
    names = _load()[1]
    enums = {name for name in names if isinstance(find(name), EnumTypeWrapper)}
    return sorted(set(names) - enums)


def all_names() -> list[str]:
    """Names of all messages, top-level enums and their values."""
    _, names, values = _load()
    return sorted([*names, *values])
