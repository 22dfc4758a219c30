"""What `tf.train.Checkpoint.restore` gives: which objects fit the file, checked and put into a session on request."""
from __future__ import annotations

import logging
from typing import Any, NamedTuple

from graphflow.core import context
from graphflow.formats.checkpoint_fit import near_names
from graphflow.formats.checkpoints import open_checkpoint
from graphflow.formats.object_graph import OBJECT_GRAPH_KEY
from graphflow.variables.variable import Variable

from . import direct_restore
from .saver import Saver
from .trackable import ObjectView, Slot, value_key, view

_log = logging.getLogger("tensorflow")
_SHOWN = 8


class Matches(NamedTuple):
    """restored: {key in the file: variable}. alone: {path: variable} that the file lacks. left: keys that no object takes."""

    restored: dict[str, Any]
    alone: dict[str, Any]
    left: list[str]


class LoadStatus:
    """A checkpoint found for an object. Objects are compared with the file anew at each call, so later ones count too."""

    def __init__(self, checkpoint: Any, prefix: str | None, stored: dict[str, Any], message: Any) -> None:
        self._checkpoint, self._prefix, self._stored, self._message = checkpoint, prefix, stored, message

    def assert_consumed(self) -> LoadStatus:
        """AssertionError unless every value of the file has an object, and every object a value; itself."""
        found = self._matches()
        if found.left or found.alone:
            raise AssertionError(self._explained("Unresolved object in checkpoint", found, found.left, found.alone))
        return self

    def assert_existing_objects_matched(self) -> LoadStatus:
        """AssertionError unless every object has a value in the file; itself."""
        found = self._matches()
        if found.alone:
            raise AssertionError(self._explained("Object not assigned a value from checkpoint", found, [], found.alone))
        return self

    def assert_nontrivial_match(self) -> LoadStatus:
        """AssertionError if no object besides the save counter has a value in the file; itself."""
        found = self._matches()
        if not found.restored.keys() - {value_key("save_counter")}:
            raise AssertionError(self._explained("Nothing to load: no object of the checkpoint was found", found, found.left, found.alone))
        return self

    def expect_partial(self) -> LoadStatus:
        """Itself: that objects or values are left over is fine (and never said)."""
        return self

    def run_restore_ops(self, session: Any = None) -> None:
        """Give the objects that the file knows its values, in a session (the default one if None)."""
        self._restore(_session(session), self._matches())

    def initialize_or_restore(self, session: Any = None) -> None:
        """As `run_restore_ops`; the other variables below the checkpoint are initialized."""
        session, found = _session(session), self._matches()
        if found.alone and not context.default_graph().eager:
            session.run([variable.initializer for variable in found.alone.values()])
        self._restore(session, found)

    def _restore(self, session: Any, found: Matches) -> None:
        if not found.restored:
            return
        if context.default_graph().eager:
            with open_checkpoint(str(self._prefix)) as reader:
                for key, variable in found.restored.items():
                    variable.assign(reader.read(key))
            return
        if hasattr(session, "_store"):
            direct_restore.restore_variables(session, found.restored, self._prefix)
        else:
            with session.graph.as_default():
                saver = Saver(found.restored, max_to_keep=None)
            saver.restore(session, self._prefix)  # type: ignore[arg-type]

    def _matches(self) -> Matches:
        ours = view(self._checkpoint)
        numbers = _matched(ours, self._message)
        restored, left, taken = {}, [], set()
        for number, node in enumerate(self._message.nodes):
            for attribute in node.attributes:
                found = numbers.get(number)
                if found is None or not isinstance(ours.objects[found], Variable):
                    left.append(attribute.checkpoint_key)
                else:
                    restored[attribute.checkpoint_key] = ours.objects[found]
                    taken.add(found)
        alone = {path: value for number, (path, value) in enumerate(zip(ours.paths, ours.objects, strict=True))
                 if isinstance(value, Variable) and number not in taken}
        return Matches(restored, alone, left)

    def _explained(self, what: str, found: Matches, left: list[str], alone: dict[str, Any]) -> str:
        keys = [key for key in self._stored if key != OBJECT_GRAPH_KEY]
        lines = [f"{what}: {self._prefix}, {len(keys)} values, {len(found.restored)} of them with objects"]
        titles = (("no object", left), ("no value", [f"{path}  {variable!r}{near_names(value_key(path), found.left)}"
                                                     for path, variable in alone.items()]))
        for title, items in titles:
            lines += [f"  {title:<10} {item}" for item in items[:_SHOWN]]
            if len(items) > _SHOWN:
                lines.append(f"  {title:<10} and {len(items) - _SHOWN} more")
        return "\n".join(lines)


class NameBasedStatus(LoadStatus):
    """For the files of tf.train.Saver: a variable's name is its key."""

    def _matches(self) -> Matches:
        ours = view(self._checkpoint)
        variables = {path: value for path, value in zip(ours.paths, ours.objects, strict=True) if isinstance(value, Variable)}
        restored = {value.op.name: value for value in variables.values() if value.op.name in self._stored}
        alone = {path: value for path, value in variables.items() if value.op.name not in restored}
        return Matches(restored, alone, [name for name in self._stored if name not in restored])


class NoCheckpointStatus(LoadStatus):
    """For a path of None: nothing is restored, everything initialized."""

    def assert_consumed(self) -> LoadStatus:
        raise AssertionError("No checkpoint specified (save_path=None); nothing is being restored.")

    def assert_existing_objects_matched(self) -> LoadStatus:
        return self.assert_consumed()

    def assert_nontrivial_match(self) -> LoadStatus:
        return self.assert_consumed()

    def run_restore_ops(self, session: Any = None) -> None:
        self.assert_consumed()

    def _matches(self) -> Matches:
        ours = view(self._checkpoint)
        return Matches({}, {path: value for path, value in zip(ours.paths, ours.objects, strict=True) if isinstance(value, Variable)}, [])


def _matched(ours: ObjectView, message: Any) -> dict[int, int]:
    """{number of a node in the file: number of our object} for all that is reached by equal names from the roots, slots included."""
    numbers, stack = ({0: 0}, [0]) if message.nodes else ({}, [])
    while stack:
        theirs = stack.pop()
        links = ours.children[numbers[theirs]]
        for child in message.nodes[theirs].children:
            mine = links.get(child.local_name)
            if mine is None or not 0 <= child.node_id < len(message.nodes):
                continue
            if child.node_id not in numbers:
                numbers[child.node_id] = mine
                stack.append(child.node_id)
            elif numbers[child.node_id] != mine:
                _log.warning("Inconsistent references when loading the checkpoint into this object graph: %s is one object in the file, "
                             "but two here.", child.local_name)
    slots = {(slot.optimizer, slot.original, slot.name): slot.node for slot in ours.slots}
    for theirs, mine in list(numbers.items()):
        for slot in message.nodes[theirs].slot_variables:
            original = numbers.get(slot.original_variable_node_id, -1)
            place = slots.get((mine, original, slot.slot_name))
            if place is None and original >= 0 and context.default_graph().eager:
                place = _made(ours, mine, original, slot.slot_name)
            if place is not None:
                numbers[slot.slot_variable_node_id] = place
    return numbers


def _made(ours: ObjectView, optimizer: int, original: int, name: str) -> int | None:
    """The number of a slot that the first step would make, made now: an optimizer that has not stepped yet is restored whole."""
    owner = ours.objects[optimizer]
    if not hasattr(owner, "add_slot"):
        return None
    number = len(ours.objects)
    ours.slots.append(Slot(optimizer, original, name, number))
    ours.objects.append(owner.add_slot(ours.objects[original], name))
    ours.paths.append(f"{ours.paths[original]}/.OPTIMIZER_SLOT/{ours.paths[optimizer]}/{name}")
    ours.children.append({})
    return number


def _session(session: Any) -> Any:
    session = session or context.default_session()
    if session is None and not context.default_graph().eager:
        raise ValueError("Cannot restore without a session: pass `session=...`, or call this inside `with tf.Session():`.")
    return session


