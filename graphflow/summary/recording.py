"""Summaries as TensorFlow 2 records them: at once, into the writer that is the default one, with the step that the program says.

In a function that is traced a summary is an operation, which records at each call; the writer is the one it was traced with.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np

from graphflow.core import context
from graphflow.core.convert import convert_to_tensor
from graphflow.core.dtypes import bool_, int64
from graphflow.core.graph import Graph
from graphflow.core.tensor import Tensor
from graphflow.formats import proto
from graphflow.formats.summary_values import tensor_summary
from graphflow.ops.array.basic import cast
from graphflow.ops.control_flow.cond import cond
from graphflow.ops.script import numpy_function
from graphflow.summary.event_file_writer import EventFileWriter


class _State(threading.local):
    writer: SummaryWriter | None = None
    step: Any = None
    recording: Any = True


_state = _State()


class SummaryWriter:
    """What `create_file_writer` gives. One without a file (`create_noop_writer`) records nothing."""

    def __init__(self, events: EventFileWriter | None):
        self._events = events
        self._closed = False

    @property
    def has_file(self) -> bool:
        """Whether what is recorded goes anywhere."""
        return self._events is not None

    @contextmanager
    def as_default(self, step: Any = None) -> Iterator[SummaryWriter]:
        """Context manager: summaries made inside go to this writer. step: of those that say none. RuntimeError once it is closed."""
        before, steps = _state.writer, _state.step
        self.set_as_default(step)
        try:
            yield self
        finally:
            self.flush()
            _state.writer = before
            if step is not None:
                _state.step = steps

    def set_as_default(self, step: Any = None) -> None:
        """From now on summaries of this thread go to this writer."""
        if self._closed:
            raise RuntimeError("SummaryWriter is already closed: make another one with tf.summary.create_file_writer")
        _state.writer = self
        if step is not None:
            _state.step = step

    def init(self) -> None:
        """Nothing: the file is there."""

    def flush(self) -> None:
        """Returns when all that was recorded is in the file."""
        if self._events is not None and not self._closed:
            self._events.flush()

    def close(self) -> None:
        """Writes what waits and closes the file."""
        if self._events is not None:
            self._events.close()
        self._closed = True

    def record(self, tag: str, array: np.ndarray[Any, Any], step: int, metadata: bytes, number: int) -> None:
        """Writes a tensor. metadata: a SummaryMetadata; number: the DataType."""
        summary = tensor_summary(tag, array, metadata, number)
        if not metadata:
            summary.value[0].ClearField("metadata")
        self.add(proto.Event(summary=summary, step=step))

    def add(self, event: Any) -> None:
        """Writes an event, as of now."""
        if self._events is not None and not self._closed:
            event.wall_time = time.time()
            self._events.add_event(event)


def create_file_writer(logdir: Any, max_queue: int | None = None, flush_millis: int | None = None, filename_suffix: str | None = None,
                       name: str | None = None, experimental_trackable: bool = False) -> SummaryWriter:
    """A writer of a new event file in `logdir`.

    max_queue: events that may wait (10). flush_millis: how often what was recorded is handed to the operating system (120000).
    filename_suffix: the end of the file's name (".v2"). The file is written by a thread; `close`, or the end of the program, waits for it.
    """
    folder = os.fspath(logdir.numpy() if hasattr(logdir, "numpy") else logdir)
    seconds = (120_000 if flush_millis is None else flush_millis) / 1000
    events = EventFileWriter(folder, max_queue or 10, seconds, ".v2" if filename_suffix is None else filename_suffix)
    return SummaryWriter(events)


def create_noop_writer() -> SummaryWriter:
    """A writer that records nothing."""
    return SummaryWriter(None)


def flush(writer: SummaryWriter | None = None, name: str | None = None) -> None:
    """Flushes a writer, by default the default one."""
    writer = _state.writer if writer is None else writer
    if writer is not None:
        writer.flush()


def should_record_summaries() -> Any:
    """Whether summaries are recorded here: there is a default writer, and what `record_if` says."""
    if _state.writer is None:
        return convert_to_tensor(False)
    return convert_to_tensor(_state.recording() if callable(_state.recording) else _state.recording, bool_)


@contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """Context manager: summaries inside are recorded where the condition holds: a bool, a tensor, or a function that gives one."""
    before = _state.recording
    _state.recording = condition
    try:
        yield
    finally:
        _state.recording = before


def get_step() -> Any:
    """The step of summaries that say none, or None."""
    return _state.step


def set_step(step: Any) -> None:
    """Sets the step of summaries of this thread that say none: a number, a tensor or a variable, which is read at each summary."""
    _state.step = step


def write(tag: str, tensor: Any, step: Any = None, metadata: Any = None, name: str | None = None) -> Any:
    """Records a tensor (or what a function gives, called where it is recorded) under a tag; a bool tensor: whether it was recorded.

    step: an integer, by default the one of the writer or of `set_step`; ValueError where there is none. metadata: a SummaryMetadata.
    """
    writer = _state.writer
    if writer is None or not writer.has_file:
        return convert_to_tensor(False)
    step = _state.step if step is None else step
    if step is None:
        raise ValueError("No step set. Please specify one either through the `step` argument or through "
                         "tf.summary.experimental.set_step().")
    described = b"" if metadata is None else metadata if isinstance(metadata, bytes) else metadata.SerializeToString(deterministic=True)
    return _recorded(lambda: _write(writer, tag, convert_to_tensor(tensor() if callable(tensor) else tensor), step, described))


def _recorded(record: Callable[[], Any]) -> Any:
    """What a recording gives, done where summaries are recorded."""
    recording = should_record_summaries()
    if recording.__class__ is Tensor:
        return cond(recording, record, lambda: convert_to_tensor(False))
    return record() if recording else recording


def _write(writer: SummaryWriter, tag: str, tensor: Tensor, step: Any, metadata: bytes) -> Any:
    number = tensor.dtype.base_dtype.number
    at = cast(convert_to_tensor(step), int64)

    def on_arrays(array: Any, now: Any) -> Any:
        writer.record(tag, np.asarray(array), int(now), metadata, number)
        return np.True_
    if context.default_graph().eager:
        on_arrays(tensor, at)
        return convert_to_tensor(True)
    return numpy_function(on_arrays, [tensor, at], bool_)


def in_scope(name: str) -> str:
    """A tag: the name inside of the name scopes around it."""
    scope = context.default_graph().get_name_scope()
    return f"{scope}/{name}" if scope else name


def graph(graph_data: Any) -> Any:
    """Records a Graph (`f.get_concrete_function(...).graph`) or a GraphDef for TensorBoard's graphs; a bool tensor: whether it was.

    RuntimeError in a function that is traced.
    """
    if not context.default_graph().eager:
        raise RuntimeError("tf.summary.graph is for eager execution: call it outside of the tf.function")
    writer = _state.writer
    if writer is None or not should_record_summaries():
        return convert_to_tensor(False)
    if not isinstance(graph_data, Graph) and not hasattr(graph_data, "SerializeToString"):
        raise ValueError(f"graph_data must be a tf.Graph or a GraphDef, got {type(graph_data).__name__}")
    message = graph_data.as_graph_def(add_shapes=True) if isinstance(graph_data, Graph) else graph_data
    writer.add(proto.Event(graph_def=message.SerializeToString(deterministic=True)))
    return convert_to_tensor(True)


def trace_on(graph: bool = True, profiler: bool = False, profiler_outdir: str | None = None) -> NoReturn:
    """NotImplementedError: nothing watches functions as they run."""
    raise NotImplementedError("tf.summary.trace_on: graphflow does not record traces of functions. For the graph of one write "
                              "tf.summary.graph(f.get_concrete_function(...).graph); for times run the program under cProfile")


def trace_off() -> None:
    """Nothing: no trace is on."""


def trace_export(name: str, step: Any = None, profiler_outdir: str | None = None) -> NoReturn:
    """ValueError: no trace is on."""
    raise ValueError("Must enable trace before export through tf.summary.trace_on, which graphflow refuses")

