"""What is no scalar, read again from its file when somebody looks at it: the files are the store, memory holds places in them."""

from __future__ import annotations

import functools
import math
from typing import Any

from graphflow.formats import proto
from graphflow.formats.errors import FormatError
from graphflow.formats.graph_file import graph_parts
from graphflow.formats.tensor_proto import array_from_proto
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.load import NamedGraph
from graphflow.viewer.logs import keras_graph
from graphflow.viewer.logs.file_log import FileLog, GraphRecord
from graphflow.viewer.logs.frames import record_at

MOST_BUCKETS = 10_000
MOST_ELEMENTS = 1 << 24  # of a tensor
MOST_TEXT = 200_000  # characters of one text that go to the page
KEPT = 64  # events of which the parsed form is kept
_TITLES = {"graph_def": ("graph", "graph"), "meta_graph_def": ("meta", "meta graph"), "keras_model": ("keras", "Keras model"),
           "trace_graph": ("trace", "function")}  # fmt: skip


@functools.lru_cache(maxsize=KEPT)
def _event(path: Any, identity: tuple[int, int], offset: int) -> Any:
    return proto.parse(record_at(path, offset), proto.Event, str(path))


def event_at(file: FileLog, offset: int) -> Any:
    """The event at a place in a file; ViewerError when the file is gone or another."""
    try:
        return _event(file.path, file.identity, offset)
    except (OSError, ValueError, FormatError) as error:
        raise ViewerError(f"{file.path.name}: what stood at byte {offset} cannot be read any more: {error}") from None


def value_at(file: FileLog, where: int) -> Any:
    """The Summary.Value at a place: number in the summary << 48 | offset of the record."""
    offset, place = where & ((1 << 48) - 1), where >> 48
    values = event_at(file, offset).summary.value
    if place >= len(values):
        raise ViewerError(f"{file.path.name}: the record at byte {offset} is another one now")
    return values[place]


def finite(value: float) -> float | str:
    """JSON has no NaN and no infinities; they go as words."""
    return value if math.isfinite(value) else "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _array(tensor: Any) -> Any:
    claimed = math.prod(max(0, dim.size) for dim in tensor.tensor_shape.dim)
    if claimed > MOST_ELEMENTS:  # one value may stand for all of them, so that the file's size is no bound
        raise ViewerError(f"a tensor of {claimed:,} elements is not shown")
    try:
        return array_from_proto(tensor)
    except (FormatError, ValueError) as error:
        raise ViewerError(str(error)) from None


# histograms

_BIG = 1.7e308  # TensorFlow's outermost limits are the largest double


def histogram(value: Any) -> dict[str, Any]:
    """{min, max, num, sum, sumSquares, limits, counts} of a histogram of either kind."""
    if value.WhichOneof("value") == "histo":
        h = value.histo
        limits, counts = list(h.bucket_limit), list(h.bucket)
        plain = {"min": h.min, "max": h.max, "num": h.num, "sum": h.sum, "sumSquares": h.sum_squares}
    else:
        rows = _array(value.tensor).astype(float)
        rows = rows.reshape(-1, 3) if rows.size % 3 == 0 else rows.reshape(-1)[:0].reshape(0, 3)
        middle, counted = (rows[:, 0] + rows[:, 1]) / 2, rows[:, 2]
        limits, counts = rows[:, 1].tolist(), counted.tolist()
        sums = {"num": counted.sum(), "sum": (middle * counted).sum(), "sumSquares": (middle**2 * counted).sum()}
        ends = {"min": rows[0, 0], "max": rows[-1, 1]} if len(rows) else {"min": 0.0, "max": 0.0}
        plain = {name: float(value) for name, value in (ends | sums).items()}
        if len(rows):
            limits, counts = [float(rows[0, 0]), *limits], [0.0, *counts]
    if len(limits) != len(counts) or len(limits) > MOST_BUCKETS:
        raise ViewerError("a histogram's limits and counts differ in length")
    open_ended = [finite(v if abs(v) < _BIG else math.copysign(math.inf, v)) for v in limits]
    return {k: finite(v) for k, v in plain.items()} | {"limits": open_ended, "counts": [finite(v) for v in counts]}


# images and sounds

_MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"), (b"RIFF", "audio/wav"))


def media_type(data: bytes) -> str:
    """The type of an image or sound by its first bytes; nothing else is ever sent as one."""
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), "application/octet-stream")


def media(value: Any, kind: str) -> list[tuple[bytes, dict[str, Any]]]:
    """(bytes, what is known of it) of each image or sound of a value: a batch of them in the v2 form."""
    which = value.WhichOneof("value")
    if which == "image":
        return [(value.image.encoded_image_string, {"width": value.image.width, "height": value.image.height})]
    if which == "audio":
        return [(value.audio.encoded_audio_string, {"rate": finite(value.audio.sample_rate), "label": ""})]
    cells = [c if isinstance(c, bytes) else bytes(str(c), "utf-8") for c in _array(value.tensor).reshape(-1).tolist()]
    if kind == "images":
        size = {"width": _number(cells[0]), "height": _number(cells[1])} if len(cells) > 2 else {}
        return [(data, size) for data in cells[2:]]
    shape = [d.size for d in value.tensor.tensor_shape.dim]
    pairs = list(zip(cells[::2], cells[1::2], strict=False)) if len(shape) == 2 and shape[1] == 2 else [(c, b"") for c in cells]
    return [(data, {"rate": 0, "label": label.decode("utf-8", "replace")[:1000]}) for data, label in pairs]


def _number(text: bytes) -> int:
    return int(text) if text.isdigit() and len(text) < 10 else 0


def _media_entry(kind: str) -> Any:
    return lambda value: {"items": [known | {"type": media_type(data), "bytes": len(data)} for data, known in media(value, kind)]}


# texts and tensors


def text(value: Any) -> dict[str, Any]:
    """{shape, values}: the texts of a value."""
    cells = _array(value.tensor)
    found = [c.decode("utf-8", "replace") if isinstance(c, bytes) else str(c) for c in cells.reshape(-1)[:1000].tolist()]
    cut = cells.size > 1000 or any(len(t) > MOST_TEXT for t in found)
    return {"shape": list(cells.shape), "values": [t[:MOST_TEXT] for t in found], "cut": cut}


def tensor(value: Any) -> dict[str, Any]:
    """{dtype, shape, values}: the first hundred elements."""
    cells = _array(value.tensor)
    first = [finite(float(v)) if cells.dtype.kind == "f" else str(v) for v in cells.reshape(-1)[:100].tolist()]
    return {"dtype": str(cells.dtype), "shape": list(cells.shape), "values": first}


def pr_curve(value: Any) -> dict[str, Any]:
    """{thresholds, precision, recall, tp, fp, tn, fn}: the six rows that the plugin writes."""
    rows = _array(value.tensor).astype(float)
    if rows.ndim != 2 or rows.shape[0] != 6:
        raise ViewerError(f"a PR curve has six rows, not the shape {list(rows.shape)}")
    names = ("tp", "fp", "tn", "fn", "precision", "recall")
    count = max(1, rows.shape[1] - 1)
    return {name: [finite(v) for v in row.tolist()] for name, row in zip(names, rows, strict=True)} | {
        "thresholds": [i / count for i in range(rows.shape[1])]}  # fmt: skip


ENTRY: dict[str, Any] = {"histograms": histogram, "images": _media_entry("images"), "audio": _media_entry("audio"), "text": text,
                         "pr_curves": pr_curve, "tensors": tensor, "mesh": tensor}  # fmt: skip


def entry(kind: str, value: Any) -> dict[str, Any]:
    """What the page shows of a value of a kind; ViewerError for a value that is not what its plugin writes."""
    try:
        found: dict[str, Any] = ENTRY[kind](value)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise ViewerError(f"this is no value of {kind}: {error}") from None
    return found


def raw(value: Any) -> bytes:
    """The bytes of a value that holds one text."""
    cells = _array(value.tensor).reshape(-1)[:1].tolist()
    if not cells or not isinstance(cells[0], bytes):
        raise ViewerError("this value holds no text")
    return cells[0]


# graphs


def graph_title(record: GraphRecord) -> tuple[str, str]:
    """(kind, name) of a graph in a log."""
    kind, title = _TITLES[record.kind]
    return kind, title if record.kind.endswith("_def") else f"{title} {record.mark}"


def graph_of(file: FileLog, record: GraphRecord, name: str) -> NamedGraph:
    """The graph at a place in a file."""
    kind = graph_title(record)[0]
    if record.kind == "graph_def":
        data = event_at(file, record.offset).graph_def
    elif record.kind == "meta_graph_def":
        try:
            data = graph_parts(file.path, event_at(file, record.offset).meta_graph_def)[0].data
        except FormatError as error:
            raise ViewerError(str(error)) from None
    else:
        held = raw(value_at(file, record.place << 48 | record.offset))
        data = keras_graph.keras_graph(held) if record.kind == "keras_model" else keras_graph.traced_graph(held)
    return NamedGraph(name, data, kind, record.step, record.wall)


def profile_at(file: FileLog, offset: int) -> bytes:
    """The RunMetadata of a step, serialized."""
    data: bytes = event_at(file, offset).tagged_run_metadata.run_metadata
    return data
