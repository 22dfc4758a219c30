"""tensorflow.python.pywrap_tensorflow.EventsWriter: the event file under the summary writers, as protobuf tools wrote to it."""
from __future__ import annotations

import os
from typing import Any

from graphflow.formats import proto
from graphflow.summary.event_file_writer import EventFile


class EventsWriter:
    """Writes Event messages to `<prefix>.out.tfevents.<seconds>.<host>`, begun at the first of them."""

    def __init__(self, file_prefix: bytes | str) -> None:
        self._folder, self._prefix = os.path.split(os.fsdecode(file_prefix))
        self._suffix = ""
        self._file: EventFile | None = None

    def InitWithSuffix(self, suffix: bytes | str) -> None:
        """Ends the file's name with `suffix`; before the first event."""
        self._suffix = os.fsdecode(suffix)

    def _opened(self) -> EventFile:
        if self._file is None:
            self._file = EventFile(self._folder or ".", self._suffix, prefix=self._prefix)
        return self._file

    def FileName(self) -> bytes:
        """The path of the file."""
        return os.fsencode(self._opened().path)

    def WriteEvent(self, event: Any) -> None:
        """Adds an Event message."""
        self._opened().add(event if isinstance(event, proto.Event) else proto.Event.FromString(event.SerializeToString()))

    def Flush(self) -> bool:
        """Hands what was written to the operating system; True."""
        self._opened().flush()
        return True

    def Close(self) -> bool:
        """Ends the file; True."""
        if self._file is not None:
            self._file.close()
        return True
