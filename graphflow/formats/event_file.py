"""Event files: which files of a folder are some, and the events in one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphflow.formats import proto
from graphflow.formats.proto import parse
from graphflow.formats.record import RecordReader

VERSION = "brain.Event:2"
WRITER = "tensorflow.core.util.events_writer"


def event_files(folder: str | os.PathLike[str]) -> list[Path]:
    """The event files of a folder in the order in which they were begun; a later file continues the run."""
    return sorted((p for p in Path(folder).iterdir() if "tfevents" in p.name and p.is_file()), key=lambda p: p.name)


def read_events(path: str | os.PathLike[str]) -> Iterator[Any]:
    """The Event messages of a file in order. Damage raises DataLossError after the good ones."""
    for event, _ in read_events_with_offsets(path):
        yield event


def read_events_with_offsets(path: str | os.PathLike[str]) -> Iterator[tuple[Any, int]]:
    """Event messages and the offsets where their records start."""
    with RecordReader(path) as reader:
        while True:
            offset = reader.offset
            record = reader.next_record()
            if record is None:
                return
            yield parse(record, proto.Event, f"{reader.path}: record {reader.count - 1} at {offset}"), offset
