"""Reading event files back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphflow.core.errors import of_file_error
from graphflow.core.export import export
from graphflow.formats.errors import FormatError
from graphflow.formats.event_file import read_events
from graphflow.formats.local_path import local_path


@export("train.summary_iterator")
def summary_iterator(path: Any) -> Iterator[Any]:
    """The Event messages of an event file, in order.

    Damage raises DataLossError after the events before it; it names file, offset and record.
    """
    try:
        yield from read_events(local_path(path))
    except (FormatError, OSError) as error:
        raise of_file_error(error) from error
