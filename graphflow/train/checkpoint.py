"""tf.train.Checkpoint: saves the variables that hang on an object, under the paths to them instead of their names."""
from __future__ import annotations

import os
from typing import Any

from graphflow.core import context
from graphflow.core.dtypes import int64, string
from graphflow.core.export import export
from graphflow.core.make import make
from graphflow.formats.checkpoints import open_checkpoint
from graphflow.formats.local_path import local_path
from graphflow.formats.object_graph import OBJECT_GRAPH_KEY, object_graph
from graphflow.formats.proto import to_bytes
from graphflow.ops.array.basic import placeholder
from graphflow.ops.io.checkpoint import SaveV2, file_errors
from graphflow.ops.scopes import name_scope
from graphflow.variables.variable import Variable

from .checkpoint_management import update_state
from .checkpoint_status import LoadStatus, NameBasedStatus, NoCheckpointStatus
from .saveable import named_saveables
from .trackable import ObjectView, is_trackable, to_message, view


@export("train.Checkpoint")
class Checkpoint:
    """Variables, optimizers, other Checkpoints, dicts and lists by the names given: `Checkpoint(model=..., optimizer=...)`.

    What is assigned to an attribute later is saved too, if it is of those kinds. `restore` finds variables by their paths, so
    renamed variables keep their values. ValueError for an argument of another kind.
    """

    def __init__(self, **kwargs: Any) -> None:
        self._saves: dict[Any, tuple[Any, Any]] = {}
        for name, value in sorted(kwargs.items()):
            if not is_trackable(value):
                raise ValueError(f"`Checkpoint` was expecting {name} to be a trackable object (a variable, an optimizer, a Checkpoint, or "
                                 f"a dict or list of those), got {value!r}")
            setattr(self, name, value)

    def _trackable_children(self) -> dict[str, Any]:
        counter = getattr(self, "_save_counter", None)
        found = {name: value for name, value in vars(self).items() if name not in ("_saves", "_save_counter", "_count")}
        return found if counter is None else {**found, "save_counter": counter}

    @property
    def save_counter(self) -> Any:
        """An int64 variable: how often `save` was called."""
        self._make_save_counter()
        return self._save_counter

    def _make_save_counter(self) -> None:
        if not hasattr(self, "_save_counter"):
            with context.default_graph().control_dependencies(None):
                self._save_counter = Variable(0, name="save_counter", trainable=False, dtype=int64, use_resource=True)
                if not context.default_graph().eager:
                    self._count = self._save_counter.assign_add(1, read_value=True)

    def _counted(self, session: Any) -> int:
        """How many saves there were, with the one that begins."""
        if context.default_graph().eager:
            return int(self.save_counter.assign_add(1))
        if not hasattr(self, "_save_counter"):
            self._make_save_counter()
            session.run(self._save_counter.initializer)
        return int(session.run(self._count))

    def save(self, file_prefix: str, session: Any = None, options: Any = None) -> str:
        """Write the checkpoint `file_prefix-N`, N counting the saves, and a state file that names it; returns its prefix.

        session: whose values are saved, the default one if None. Missing folders are made.
        """
        session = session_or_default(session)
        number = self._counted(session)
        prefix = self.write(f"{os.fspath(file_prefix)}-{number}", session)
        update_state(os.path.dirname(local_path(prefix)), prefix, [prefix], None, relative=True)
        return prefix

    def write(self, file_prefix: str, session: Any = None, options: Any = None) -> str:
        """Write a checkpoint of exactly this prefix, and no state file; returns the prefix."""
        session, prefix = session_or_default(session), os.fspath(file_prefix)
        with file_errors(None):
            os.makedirs(os.path.dirname(local_path(prefix)) or os.curdir, exist_ok=True)
        if context.default_graph().eager:
            found = view(self)
            make(SaveV2, prefix, *_contents(to_bytes(to_message(found)), found.variables()))
            return prefix
        with session.graph.as_default():
            filename, save = self._save_operation(view(self))
        session.run(save, {filename: prefix})
        return prefix

    def _save_operation(self, found: ObjectView) -> tuple[Any, Any]:
        """(tensor of the file's prefix, operation) for these objects in the default graph; made once."""
        message, graph = to_bytes(to_message(found)), context.default_graph()
        variables = found.variables()
        key = (graph, message, *map(id, variables.values()))
        if key not in self._saves:
            with graph.control_dependencies(None), name_scope("checkpoint"):
                filename = placeholder(string, [], name="prefix")
                names, slices, tensors = _contents(message, variables)
                self._saves[key] = filename, make(SaveV2, filename, names, slices, tensors, name="SaveV2")
        return self._saves[key]

    def restore(self, save_path: str | None) -> LoadStatus:
        """What `save` or `write` wrote, ready to be put into a session by the status that comes back.

            checkpoint.restore(tf.train.latest_checkpoint(folder)).initialize_or_restore(session)

        Objects that are assigned to the checkpoint after this call and before that one are restored as well. A path of None is the
        same as no checkpoint. Checkpoints of `tf.train.Saver` are restored by the names of variables. NotFoundError if there is none.
        """
        status = self._status(save_path)
        self._make_save_counter()
        if context.default_graph().eager and save_path is not None:
            status.run_restore_ops()
        return status

    def _status(self, save_path: str | None) -> LoadStatus:
        if save_path is None:
            return NoCheckpointStatus(self, None, {}, None)
        prefix = local_path(save_path)
        with file_errors(None), open_checkpoint(prefix) as reader:
            stored = {name: reader.shape(name) for name in reader.names()}
            message = object_graph(reader)
        return (NameBasedStatus if message is None else LoadStatus)(self, prefix, stored, message)


def _contents(message: Any, variables: dict[str, Any]) -> tuple[list[str], list[str], list[Any]]:
    """Keys, parts and tensors of a file that holds these variables and the message about their objects."""
    specs = [spec for saveable in named_saveables(variables) for spec in saveable.specs]
    return ([OBJECT_GRAPH_KEY, *(spec.name for spec in specs)], ["", *(spec.slice_spec for spec in specs)],
            [message, *(spec.tensor for spec in specs)])


def session_or_default(session: Any) -> Any:
    """The session, or the default one. ValueError if there is none."""
    session = session or context.default_session()
    if session is None and not context.default_graph().eager:
        raise ValueError("Cannot save or restore without a session: pass `session=...`, or call this inside `with tf.Session():`.")
    return session
