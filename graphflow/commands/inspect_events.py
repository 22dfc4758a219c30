"""What `graphflow inspect` tells of event files and other record files."""
from __future__ import annotations

import os
import time
from collections import Counter
from typing import Any

from graphflow.commands.columns import table
from graphflow.formats.crc import masked_crc32c
from graphflow.formats.errors import FormatError, TruncatedError
from graphflow.formats.event_file import event_files, read_events
from graphflow.formats.record import RecordReader


def looks_like_records(path: str) -> bool:
    """Whether a file is one of records: by its name, or because its first length has the right checksum."""
    if "tfevents" in os.path.basename(path) or path.endswith((".tfrecord", ".tfrecords")):
        return True
    with open(path, "rb") as file:
        head = file.read(12)
    return len(head) == 12 and masked_crc32c(head[:8]) == int.from_bytes(head[8:], "little")


def files(folder: str) -> list[str]:
    """The event files of a folder."""
    return [str(path) for path in event_files(folder)]


def examine(path: str) -> dict[str, Any]:
    """Counts, steps and tags of an event file; number and sizes of the records of any other."""
    if "tfevents" not in os.path.basename(path):
        return _records(path)
    found: dict[str, Any] = {"kind": "events", "path": path, "bytes": os.path.getsize(path), "events": 0, "problems": []}
    kinds: Counter[str] = Counter()
    tags: dict[str, dict[str, Any]] = {}
    times, steps = [], []
    try:
        for event in read_events(path):
            found["events"] += 1
            kind = event.WhichOneof("what") or "empty"
            kinds[kind] += 1
            times.append(event.wall_time)
            if kind == "file_version":
                found["file_version"] = event.file_version
            if kind == "summary":
                steps.append(event.step)
                for value in event.summary.value:
                    _add_value(tags, value, event.step)
    except FormatError as error:
        ending = " Is it still being written?" if isinstance(error, TruncatedError) else ""
        found["problems"].append(f"{error} {found['events']} events before it are whole.{ending}")
    found["kinds"], found["tags"] = dict(kinds), list(tags.values())
    if steps:
        found["steps"] = [min(steps), max(steps)]
    if times:
        found["times"] = [min(times), max(times)]
    return found


def _add_value(tags: dict[str, dict[str, Any]], value: Any, step: int) -> None:
    known = tags.setdefault(value.tag, {"tag": value.tag, "kind": value.WhichOneof("value") or "empty", "count": 0})
    known["count"] += 1
    known["last_step"] = step
    if known["kind"] == "simple_value":
        known["last"] = value.simple_value


def _records(path: str) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": "records", "path": path, "bytes": os.path.getsize(path), "records": 0, "problems": []}
    sizes = []
    reader = RecordReader(path)
    try:
        while (record := reader.next_record()) is not None:
            sizes.append(len(record))
    except FormatError as error:
        found["problems"].append(str(error))
    finally:
        reader.close()
    found["records"] = len(sizes)
    if sizes:
        found["smallest"], found["largest"] = min(sizes), max(sizes)
    return found


def lines(found: dict[str, Any]) -> list[str]:
    """The text form."""
    if "files" in found:
        return [line for file in found["files"] for line in (*lines(file), "")][:-1]
    if found["kind"] == "records":
        sizes = f", {found['smallest']} to {found['largest']} bytes each" if "smallest" in found else ""
        return [f"record file {found['path']}", f"{found['records']} records{sizes}"]
    text = [f"event file {found['path']}"]
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found["kinds"].items()))
    text.append(f"{found['events']} events: {kinds}" + (f"; steps {found['steps'][0]} to {found['steps'][1]}" if "steps" in found else ""))
    if "times" in found:
        first, last = (time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment)) for moment in found["times"])
        text.append(f"from {first} to {last}")
    rows = [(f"  {tag['tag']}", tag["kind"], f"{tag['count']} times", f"step {tag['last_step']}",
             f"{tag['last']:.6g}" if "last" in tag else "") for tag in found["tags"]]
    return text + table(rows, numbers=(2,))
