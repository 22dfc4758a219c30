"""Small messages of TensorBoard's plugins, as plain values: hyperparameters of sessions, and the layout of custom scalars.

    HParamsPluginData   2 experiment, 3 session start, 4 session end
    Experiment          4 hyperparameters (1 name, 2 shown as), 5 metrics (1 {1 group, 2 tag}, 3 shown as)
    SessionStartInfo    1 map from name to google.protobuf.Value, 4 group, 5 start
    SessionEndInfo      1 status, 2 end
    Layout              2 categories (1 title, 2 charts (1 title, 2 lines (1 tag patterns), 3 bands (1 series (1 value, 2 lower, 3 upper))))
"""

from __future__ import annotations

from typing import Any

from graphflow.viewer import wire

STATUS = {1: "success", 2: "failure", 3: "running"}


_READ: dict[int, Any] = {
    wire.BYTES: lambda raw, a, b: raw[a:b],
    wire.VARINT: lambda raw, a, b: wire.signed(a),
    wire.EIGHT: lambda raw, a, b: wire.double(raw, a),
    wire.FOUR: lambda raw, a, b: wire.single(raw, a),
}


def parts(raw: bytes) -> dict[int, list[Any]]:
    """The fields of a message by number: bytes, or numbers."""
    out: dict[int, list[Any]] = {}
    for number, kind, a, b in wire.fields(raw, 0, len(raw)):
        out.setdefault(number, []).append(_READ[kind](raw, a, b))
    return out


def words(found: dict[int, list[Any]], number: int) -> str:
    value = found.get(number, [b""])[-1]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _bytes(found: dict[int, list[Any]], number: int) -> list[bytes]:
    return [value for value in found.get(number, []) if isinstance(value, bytes)]


def _plain(raw: bytes) -> Any:
    """A google.protobuf.Value that is a number, a text or a truth."""
    found = parts(raw)
    if 2 in found:
        return found[2][-1]
    if 4 in found:
        return bool(found[4][-1])
    return words(found, 3) if 3 in found else None


def hparams(raw: bytes) -> dict[str, Any]:
    """{experiment: {names, metrics}} or {session: {values, group, start}} or {end: {status, end}}."""
    found = parts(raw)
    out: dict[str, Any] = {}
    for inner in _bytes(found, 2):
        top = parts(inner)
        names = [(words(p, 1), words(p, 2)) for p in map(parts, _bytes(top, 4))]
        metrics = []
        for p in map(parts, _bytes(top, 5)):
            name = parts(_bytes(p, 1)[-1]) if _bytes(p, 1) else {}
            metrics.append({"group": words(name, 1), "tag": words(name, 2), "title": words(p, 3)})
        out["experiment"] = {"names": [{"name": n, "title": t} for n, t in names], "metrics": metrics}
    for inner in _bytes(found, 3):
        top = parts(inner)
        pairs = [parts(entry) for entry in _bytes(top, 1)]
        values = {words(p, 1): _plain(_bytes(p, 2)[-1]) if _bytes(p, 2) else None for p in pairs}
        out["session"] = {"values": values, "group": words(top, 4), "start": top.get(5, [0.0])[-1]}
    for inner in _bytes(found, 4):
        top = parts(inner)
        out["end"] = {"status": STATUS.get(top.get(1, [0])[-1], "unknown"), "end": top.get(2, [0.0])[-1]}
    return out


def custom_layout(raw: bytes) -> list[dict[str, Any]]:
    """[{title, charts: [{title, tags} or {title, bands: [{value, lower, upper}]}]}] of a Layout."""
    out = []
    for category in map(parts, _bytes(parts(raw), 2)):
        charts: list[dict[str, Any]] = []
        for chart in map(parts, _bytes(category, 2)):
            title = words(chart, 1)
            if _bytes(chart, 3):
                series = [p for raw_band in _bytes(chart, 3) for p in map(parts, _bytes(parts(raw_band), 1))]
                bands = [{"value": words(p, 1), "lower": words(p, 2), "upper": words(p, 3)} for p in series]
                charts.append({"title": title, "bands": bands})
            else:
                tags = [t.decode("utf-8", "replace") for lines in _bytes(chart, 2) for t in _bytes(parts(lines), 1)]
                charts.append({"title": title, "tags": tags})
        out.append({"title": words(category, 1), "charts": charts})
    return out
