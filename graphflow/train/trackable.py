"""Objects that an object-based checkpoint holds: from a root, along attributes, entries and an optimizer's variables, breadth first.

    variable                    a leaf with one value
    dict, list, tuple           their entries, by key or number
    Checkpoint, or an object    what its `_trackable_children()` gives, {name: object}
    optimizer                   its own variables (beta1_power), and slots of other variables

A variable's key in the file is the first path found to it; `.` stands before what is no name:

    model/w/.ATTRIBUTES/VARIABLE_VALUE
    model/w/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/VARIABLE_VALUE
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from graphflow.core import context
from graphflow.formats.proto import TrackableObjectGraph
from graphflow.variables.variable import Variable

from .optimizers.base import Optimizer

VALUE = "VARIABLE_VALUE"


class Slot(NamedTuple):
    """A slot variable: of which optimizer, for which variable, under which name; numbers of nodes."""

    optimizer: int
    original: int
    name: str
    node: int


class ObjectView(NamedTuple):
    """All objects below a root. paths: of each, as in the file. children: {name: number} of each."""

    objects: list[Any]
    paths: list[str]
    children: list[dict[str, int]]
    slots: list[Slot]

    def variables(self) -> dict[str, Any]:
        """{key in the file: variable}."""
        return {value_key(path): found for path, found in zip(self.paths, self.objects, strict=True) if isinstance(found, Variable)}


def value_key(path: str) -> str:
    return f"{path}/.ATTRIBUTES/{VALUE}"


def is_trackable(value: Any) -> bool:
    """Whether a checkpoint follows it."""
    return isinstance(value, (Variable, Optimizer, Mapping, list, tuple)) or hasattr(value, "_trackable_children")


def children_of(value: Any) -> dict[str, Any]:
    """{name: object} of what hangs on an object. ValueError for a dict with keys that are no strings."""
    if isinstance(value, Variable):
        return {}
    if isinstance(value, Optimizer):
        graph = context.default_graph()
        return {name: found for (name, of), found in sorted(value._non_slot_dict.items(), key=lambda item: item[0][0]) if of is graph}
    if isinstance(value, Mapping):
        entries = {key: found for key, found in value.items() if is_trackable(found)}
        for key in entries:
            if not isinstance(key, str):
                raise ValueError(f"Unable to save the object {value!r} (a dictionary). It contains a non-string key which maps to a "
                                 f"trackable object: {key!r}")
        return entries
    if isinstance(value, (list, tuple)):
        return {str(number): found for number, found in enumerate(value) if is_trackable(found)}
    return {name: found for name, found in value._trackable_children().items() if is_trackable(found)}


def view(root: Any) -> ObjectView:
    """Everything below a root; slots come last, as TensorFlow numbers them."""
    found, numbers = ObjectView([root], [""], [], []), {id(root): 0}
    for path, value in _growing(found):
        links = {}
        for name, child in children_of(value).items():
            if id(child) not in numbers:
                numbers[id(child)] = len(found.objects)
                found.objects.append(child)
                found.paths.append(f"{path}/{_escaped(name)}".lstrip("/"))
            links[name] = numbers[id(child)]
        found.children.append(links)
    _add_slots(found)
    return found


def _growing(found: ObjectView) -> Iterator[tuple[str, Any]]:
    """(path, object) of each, those that are added meanwhile too."""
    at = 0
    while at < len(found.objects):
        yield found.paths[at], found.objects[at]
        at += 1


def _add_slots(found: ObjectView) -> None:
    plain = list(enumerate(found.objects))
    for number, optimizer in plain:
        if not (isinstance(optimizer, Optimizer) or hasattr(optimizer, "get_slot_names")):
            continue
        for name in optimizer.get_slot_names():
            for original, variable in plain:
                slot = optimizer.get_slot(variable, name) if isinstance(variable, Variable) else None
                if slot is not None:
                    found.slots.append(Slot(number, original, name, len(found.objects)))
                    found.objects.append(slot)
                    found.paths.append(f"{found.paths[original]}/.OPTIMIZER_SLOT/{found.paths[number]}/{_escaped(name)}")
                    found.children.append({})


def to_message(found: ObjectView) -> Any:
    """The TrackableObjectGraph that goes into the file."""
    message = TrackableObjectGraph()
    for path, value, links in zip(found.paths, found.objects, found.children, strict=True):
        node = message.nodes.add()
        for name, number in links.items():
            node.children.add(node_id=number, local_name=name)
        if isinstance(value, Variable):
            node.attributes.add(name=VALUE, full_name=value.op.name, checkpoint_key=value_key(path))
    for slot in found.slots:
        message.nodes[slot.optimizer].slot_variables.add(original_variable_node_id=slot.original, slot_name=slot.name,
                                                         slot_variable_node_id=slot.node)
    for number, node in enumerate(message.nodes):
        node.has_checkpoint_values.value = _has_values(message, number)
    return message


def _has_values(message: Any, start: int) -> bool:
    """Whether a node, or one below it, has a value."""
    stack, seen = [start], {start}
    while stack:
        node = message.nodes[stack.pop()]
        if node.attributes or node.slot_variables:
            return True
        below = {child.node_id for child in node.children} - seen
        seen |= below
        stack += below
    return False


def _escaped(name: str) -> str:
    """A name that holds no slash, and no dot of its own."""
    return name.replace(".", "..").replace("/", ".S")
