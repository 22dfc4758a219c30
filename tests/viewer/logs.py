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


def tensor(tag, array, plugin, content=b""):
    """A Summary.Value of the v2 kind."""
    from graphflow.formats.tensor_proto import proto_from_array

    value = Summary.Value(tag=tag, tensor=proto_from_array(array))
    value.metadata.plugin_data.plugin_name = plugin
    value.metadata.plugin_data.content = content
    return value


def summary(step, *values):
    return event(step, summary=Summary(value=list(values)))


def text(tag, words, step=0):
    import numpy as np

    return summary(step, tensor(tag, np.array(words.encode(), object), "text"))


def field(number, data):
    """A field of a message, for those that have no class here."""
    from graphflow.viewer.graph_json import block

    return block(number, data if isinstance(data, bytes) else data.encode())


def hparams_session(values):
    """The value that starts a session of hyperparameters."""
    import struct

    import numpy as np

    entries = b""
    for name, value in values.items():
        plain = field(3, value) if isinstance(value, str) else b"\x11" + struct.pack("<d", value)
        entries += field(1, field(1, name) + field(2, plain))
    return tensor("_hparams_/session_start_info", np.zeros(0, "f"), "hparams", field(3, entries))
