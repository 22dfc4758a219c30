"""Makes one checkpoint of several, as a sharded Saver does: each device writes its own, then they are merged."""
from __future__ import annotations

import os
from typing import Any

from graphflow.formats import durable

from . import files
from .reader import raw_entries
from .writer import write_index


def merge(parts: list[str], prefix: str, remove_folders: bool = True) -> None:
    """Make one checkpoint of several: their data files become its shards, in that order; the parts are gone afterwards.

    remove_folders: remove the parts' folders where nothing else is in them.
    parts: prefixes of complete checkpoints on the same file system. ValueError when two of them hold the same tensor.
    """
    token = durable.new_token()
    files.settle(prefix)
    entries: dict[bytes, Any] = {}
    sources: list[str] = []
    for part in parts:
        files.settle(part)
        sources += _merge_entries(entries, part, len(sources))
    try:
        for shard, source in enumerate(sources):
            durable.replace(source, durable.temporary_name(files.data_name(prefix, shard, len(sources)), token))
        write_index(files.index_name(prefix), token, entries, len(sources))
    except BaseException:
        for shard in range(len(sources)):
            durable.remove_if_there(durable.temporary_name(files.data_name(prefix, shard, len(sources)), token))
        durable.remove_if_there(durable.temporary_name(files.index_name(prefix), token))
        durable.release(token)
        raise
    try:
        files.commit(prefix, token, len(sources))
    finally:
        durable.release(token)
    for part in parts:
        durable.remove_if_there(files.index_name(part))
    for directory in {os.path.dirname(part) for part in parts} if remove_folders else ():
        _remove_if_empty(directory)


def _merge_entries(entries: dict[bytes, Any], part: str, first_shard: int) -> list[str]:
    """Add a part's entries, its shards counted from `first_shard`; the part's data files."""
    shards, found = raw_entries(part)
    for key, entry in found.items():
        if not entry.slices:
            entry.shard_id += first_shard
        known = entries.get(key)
        if known is None:
            entries[key] = entry
        elif known.slices and entry.slices and known.shape == entry.shape and known.dtype == entry.dtype:
            known.slices.extend(entry.slices)
        else:
            raise ValueError(f"Duplicate tensor keyed by {key.decode('utf-8', 'replace')} encountered, when merging prefix: {part}")
    return [files.data_name(part, shard, shards) for shard in range(shards)]


def _remove_if_empty(directory: str) -> None:
    try:
        os.rmdir(directory)
    except OSError:
        return  # something else is in it, or it is gone
