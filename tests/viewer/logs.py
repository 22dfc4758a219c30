"""Event files for tests, of plain values."""

from graphflow.formats.proto import Event, Summary
from graphflow.formats.record import frame


def scalars(step, wall=None, **values):
    """One record: an event with a value for each tag."""
    summary = Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()])
    return event(step, wall, summary=summary)


def event(step=0, wall=None, **what):
    return frame(Event(wall_time=1.7e9 + step if wall is None else wall, step=step, **what).SerializeToString())


def write(path, *records):
    """Writes records as an event file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(records))
    return path


NAME = "events.out.tfevents.1.host"
