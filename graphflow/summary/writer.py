"""`tf.summary.FileWriter`: graphs, summaries, session logs and run metadata of a program in event files."""

from __future__ import annotations

import os
import threading
import time
import warnings
import weakref
from typing import Any

from graphflow.core import context
from graphflow.core.export import export
from graphflow.core.graph import Graph
from graphflow.formats import proto
from graphflow.formats.proto import to_bytes
from graphflow.graphdef.debug_info import debug_info
from graphflow.graphdef.import_graph import own_message
from graphflow.runtime import hosts
from graphflow.summary.event_file_writer import EventFileWriter


@export("summary.FileWriter", old=["train.SummaryWriter"])
class FileWriter:
    """Writes an event file in `logdir` that TensorBoard and `graphflow view` show, also while it grows.

    graph: written at once, with the shapes of its tensors. max_queue: events that may wait to be written. flush_secs: how often
    what was added is handed to the operating system; `flush` does so at once. filename_suffix: comes last in the file's name.
    session: all writers of one session and folder write to one file.
    A context manager; also closed when the program ends. Forked children and other processes get files of their own. Of hosts that run
    one program (`graphflow run --coordinator`) the chief writes, the others' writers take events and leave them.
    """

    def __init__(
        self,
        logdir: Any,
        graph: Any = None,
        max_queue: int = 10,
        flush_secs: float = 120,
        graph_def: Any = None,
        filename_suffix: str | None = None,
        session: Any = None,
    ) -> None:
        self._closed = False
        self._seen_tags: set[str] = set()
        self._session_run_tags: set[str] = set()
        if isinstance(logdir, bytes):
            logdir = os.fsdecode(logdir)
        self.event_writer: Any = _OfOtherHost(logdir) if not hosts.writes() else \
            EventFileWriter(logdir, max_queue, flush_secs, filename_suffix) if session is None else \
            _shared(session, logdir, max_queue, flush_secs, filename_suffix)
        if graph is not None or graph_def is not None:
            self.add_graph(graph=graph, graph_def=graph_def)
        if isinstance(graph, Graph):
            self._add_its_meta_graph(graph)

    def _add_its_meta_graph(self, graph: Graph) -> None:
        meta = proto.MetaGraphDef(graph_def=graph.as_graph_def(add_shapes=True))
        meta.meta_info_def.tensorflow_version = "2.21.0"
        self.add_meta_graph(meta)

    def get_logdir(self) -> str:
        """The folder of the event files."""
        return self.event_writer.get_logdir()

    def add_event(self, event: Any) -> None:
        """Adds an Event message."""
        if self._closed:
            self._warn_closed()
        else:
            self.event_writer.add_event(own_message(event, "Event"))

    def _add(self, event: Any, global_step: Any) -> None:
        event.wall_time = time.time()
        if global_step is not None:
            event.step = int(global_step)
        self.add_event(event)

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Adds a Summary: what running a summary op gave (bytes), or the message.

        The metadata of a tag is written with its first value only.
        """
        event = proto.Event()
        if isinstance(summary, bytes):
            event.summary.CopyFrom(proto.Summary.FromString(summary))
        else:
            event.summary.CopyFrom(own_message(summary, "Summary"))
        for value in event.summary.value:
            if value.HasField("metadata"):
                if value.tag in self._seen_tags:
                    value.ClearField("metadata")
                self._seen_tags.add(value.tag)
        self._add(event, global_step)

    def add_session_log(self, session_log: Any, global_step: Any = None) -> None:
        """Adds a SessionLog: START, STOP or CHECKPOINT. TensorBoard drops earlier events of later steps at START."""
        self._add(proto.Event(session_log=own_message(session_log, "SessionLog")), global_step)

    def add_graph(self, graph: Any, global_step: Any = None, graph_def: Any = None) -> None:
        """Adds a Graph, or the GraphDef `graph_def` (older programs pass it as `graph`)."""
        if graph is not None and graph_def is not None:
            raise ValueError("Please pass only graph, or graph_def (deprecated), but not both.")
        if isinstance(graph, Graph):
            message = graph.as_graph_def(add_shapes=True)
            message.debug_info.CopyFrom(debug_info(graph))
        elif graph_def is not None or isinstance(graph, proto.GraphDef) or hasattr(graph, "SerializeToString"):
            warnings.warn("Passing a `GraphDef` to the SummaryWriter is deprecated. Pass a `Graph` object instead, such as `sess.graph`.")
            message = own_message(graph if graph_def is None else graph_def, "GraphDef")
        else:
            raise TypeError(f"The passed graph must be an instance of `Graph`, not {type(graph).__name__}.")
        self._add(proto.Event(graph_def=to_bytes(message)), global_step)

    def add_meta_graph(self, meta_graph_def: Any, global_step: Any = None) -> None:
        """Adds a MetaGraphDef."""
        if getattr(getattr(meta_graph_def, "DESCRIPTOR", None), "full_name", "") != "tensorflow.MetaGraphDef":
            raise TypeError(f"meta_graph_def must be type MetaGraphDef, saw type: {type(meta_graph_def).__name__}")
        self._add(proto.Event(meta_graph_def=to_bytes(own_message(meta_graph_def, "MetaGraphDef"))), global_step)

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """Adds the RunMetadata of a traced run under a tag of its own; ValueError for a tag used before."""
        if tag in self._session_run_tags:
            raise ValueError("The provided tag was already used for this event type")
        self._session_run_tags.add(tag)
        data = to_bytes(own_message(run_metadata, "RunMetadata"))
        self._add(proto.Event(tagged_run_metadata=proto.TaggedRunMetadata(tag=tag, run_metadata=data)), global_step)

    def flush(self) -> None:
        """Returns when all events so far are in the file."""
        if self._closed:
            self._warn_closed()
        self.event_writer.flush()

    def close(self) -> None:
        """Writes what waits and closes the file, which is closed also where that fails. Nothing more can be added before `reopen`."""
        self._closed = True
        self.event_writer.close()

    def reopen(self) -> None:
        """After `close`: begins another file in the same folder."""
        self.event_writer.reopen()
        self._closed = False

    def _warn_closed(self) -> None:
        warnings.warn("Attempting to use a closed FileWriter. The operation will be a noop unless the FileWriter is explicitly reopened.")

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _OfOtherHost:
    """Stands for an event file that the chief of several hosts writes."""

    def __init__(self, logdir: Any):
        self._logdir = os.fspath(logdir)

    def get_logdir(self) -> str:
        return self._logdir

    def add_event(self, event: Any) -> None:
        return None

    def flush(self) -> None:
        return None

    close = reopen = flush


_of_sessions: weakref.WeakKeyDictionary[Any, dict[tuple[str, str], EventFileWriter]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def _shared(session: Any, logdir: Any, max_queue: int, flush_secs: float, suffix: str | None) -> EventFileWriter:
    """The writer of a session for a folder; closed ones begin another file."""
    if not hasattr(session, "graph"):
        raise TypeError(f"session must be a tf.Session, got {type(session).__name__}")
    key = (os.path.abspath(os.fspath(logdir)), suffix or "")
    with _lock:
        writers = _of_sessions.setdefault(session, {})
        if key in writers:
            writers[key].reopen()       # where it was closed
        else:
            writers[key] = EventFileWriter(logdir, max_queue, flush_secs, suffix)
        return writers[key]


@export("summary.FileWriterCache")
class FileWriterCache:
    """One FileWriter for each folder, shared by the parts of a program."""

    _cache: dict[str, FileWriter] = {}
    _lock = threading.RLock()

    @staticmethod
    def clear() -> None:
        """Closes the writers and forgets them."""
        with FileWriterCache._lock:
            for writer in FileWriterCache._cache.values():
                writer.close()
            FileWriterCache._cache.clear()

    @staticmethod
    def get(logdir: Any) -> FileWriter:
        """The writer of a folder, made with the default graph on the first call."""
        with FileWriterCache._lock:
            logdir = os.fspath(logdir)
            if logdir not in FileWriterCache._cache:
                FileWriterCache._cache[logdir] = FileWriter(logdir, graph=context.default_graph())
            return FileWriterCache._cache[logdir]
