"""What surrounds operations while they are made: control dependencies, devices, colocation, containers, extra attributes.

`Graph` inherits the `with` blocks of this file, and lets a new operation through them when one is entered.
"""
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from ..kernels.interrupts import whole
from .device import check_device, merge_device
from .operation import Operation
from .tensor import Tensor


class _Controller:
    """One entered `control_dependencies`: the operations to wait for, and those made inside (they need no second edge)."""
    __slots__ = ("made", "ops")

    def __init__(self, ops: tuple[Operation, ...]):
        self.ops = ops
        self.made: set[Operation] = set()


class _Controlled:
    """The context manager of `control_dependencies`; ops None: none inside."""
    __slots__ = ("before", "graph", "ops")
    before: list[_Controller]

    def __init__(self, graph: Scopes, ops: tuple[Operation, ...] | None):
        self.graph, self.ops = graph, ops

    @whole
    def __enter__(self) -> None:
        self.before = self.graph._controllers
        self.graph._controllers = [] if self.ops is None else [*self.before, _Controller(self.ops)]

    @whole
    def __exit__(self, *exception: object) -> None:
        self.graph._controllers = self.before


def _per_thread(name: str) -> property:
    """An attribute that each thread sets for itself; until it does, it sees what was there before."""
    def get(self: Any) -> Any:
        return getattr(self._here, name, self.__dict__[name])
    return property(get, lambda self, value: setattr(self._here, name, value))


class _PerThread:
    """Mixed into the class of a graph whose scopes are per thread; others do not pay for it."""
    _controllers = _per_thread("_controllers")
    _devices = _per_thread("_devices")
    _colocation = _per_thread("_colocation")


class Scopes:
    """The entered `with` blocks of a graph, and what each does to an operation made inside of it."""

    def __init__(self) -> None:
        self._controllers: list[_Controller] = []
        self._devices: list[Any] = []
        self._colocation: list[Operation] = []
        self._attributes: dict[str, Any] = {}       # extra attributes of the scope, e.g. _gradient_op_type
        self._gradient_overrides: dict[str, str] = {}
        self._containers: list[str] = [""]

    if TYPE_CHECKING:    # of Graph
        def as_graph_element(self, obj: Any) -> Any: ...

        def within(self, op: Operation) -> Operation: ...

    def _control_for(self, op: Operation) -> tuple[Operation, ...]:
        """The control inputs of a new operation: an entered group is left out when an input was made inside of it."""
        input_ops = {t._op for t in op._inputs}
        found: dict[Operation, None] = {}
        for controller in self._controllers:
            if controller.made.isdisjoint(input_ops):
                found.update((o, None) for o in controller.ops if o not in input_ops)
        for controller in self._controllers:
            controller.made.add(op)
        return tuple(found)

    def _apply_devices(self, op: Operation) -> None:
        """From the innermost device outwards: names fill in what is open, a function sees what is chosen so far and chooses anew."""
        for device in reversed(self._devices):
            if device is None:
                break
            op._device = merge_device("", device(op)) if callable(device) else merge_device(merge_device("", device), op._device)

    def _apply_scopes(self, op: Operation) -> None:
        if self._attributes:
            for name, value in self._attributes.items():
                value = value(op) if callable(value) else value
                if value is not None:
                    op._set_attr(name, value)
        override = self._gradient_overrides.get(op.type)
        if override is not None:
            op._set_attr("_gradient_op_type", override.encode())
        if self._colocation:
            groups = sorted({g for other in self._colocation for g in other.colocation_groups()})
            op._set_attr("_class", groups)
            op._device = self._colocation[-1]._device or op._device

    def control_dependencies(self, control_inputs: Any) -> AbstractContextManager[None]:
        """Operations made inside run after `control_inputs`; None clears the dependencies entered outside."""
        if control_inputs is None:
            return _Controlled(self, None)
        ops: dict[Operation, None] = {}
        for item in control_inputs:
            if not isinstance(item, (Operation, Tensor)) and hasattr(item, "_as_graph_element"):
                item = item.op if hasattr(item, "handle") else item._as_graph_element()     # a resource variable is not read for it
            if hasattr(item, "indices") and hasattr(item, "values") and hasattr(item, "op"):
                item = item.op
            if isinstance(item, (Operation, Tensor)):
                item = self.within(item if isinstance(item, Operation) else item._op)
            item = self.as_graph_element(item)
            ops[item._op if isinstance(item, Tensor) else item] = None
        return _Controlled(self, tuple(ops))

    @contextmanager
    @whole
    def device(self, device_name_or_function: Any) -> Iterator[None]:
        """Records a device (string, DeviceSpec or function of the operation) on operations made inside."""
        check_device(device_name_or_function)
        before = self._devices
        self._devices = [*before, device_name_or_function]
        try:
            yield
        finally:
            self._devices = before

    @contextmanager
    @whole
    def colocate_with(self, op: Any, ignore_existing: bool = False) -> Iterator[None]:
        """Records on operations made inside that they belong beside `op`; None clears."""
        before, devices = self._colocation, self._devices
        if op is None:
            self._colocation = []
        else:
            if not isinstance(op, (Tensor, Operation)):
                handle = getattr(op, "handle", None)        # a resource variable is where its handle is
                op = handle if isinstance(handle, Tensor) else op._as_graph_element() if hasattr(op, "_as_graph_element") else op
            op = op.op if not isinstance(op, Operation) else op
            self._colocation = [op] if ignore_existing else [*before, op]
        self._devices = []
        try:
            yield
        finally:
            self._colocation, self._devices = before, devices

    _colocate_with = colocate_with

    @contextmanager
    @whole
    def container(self, container_name: str) -> Iterator[str]:
        """Names the resource container of stateful operations made inside."""
        self._containers.append(container_name)
        try:
            yield container_name
        finally:
            self._containers.pop()

    @contextmanager
    @whole
    def _attr_scope(self, attributes: dict[str, Any]) -> Iterator[None]:
        before = self._attributes
        self._attributes = {k: v for k, v in {**before, **attributes}.items() if v is not None}
        try:
            yield
        finally:
            self._attributes = before

    @contextmanager
    @whole
    def gradient_override_map(self, op_type_map: dict[str, str]) -> Iterator[None]:
        """Operations made inside take the gradient function registered under another name: {op type: registered name}."""
        if not isinstance(op_type_map, dict):
            raise TypeError("op_type_map must be a dictionary mapping strings to strings")
        for k, v in op_type_map.items():
            if not isinstance(k, str) or not isinstance(v, str):
                raise TypeError(f"op_type_map must map strings to strings, not {k!r} to {v!r}")
        before = self._gradient_overrides
        self._gradient_overrides = {**before, **op_type_map}
        try:
            yield
        finally:
            self._gradient_overrides = before

    def switch_to_thread_local(self) -> None:
        """From now on each thread has control dependencies, devices and colocation of its own, beginning with those around this call.

        (Name scopes and variable scopes are per thread anyway.)
        """
        if not hasattr(self, "_here"):
            self._here = threading.local()
            self.__class__ = type(type(self).__name__, (_PerThread, type(self)), {"__module__": type(self).__module__})
