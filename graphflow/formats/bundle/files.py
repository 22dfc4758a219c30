"""The files of a V2 checkpoint with prefix P, and how a save makes them appear all at once.

    P.index                      the table of entries
    P.data-SSSSS-of-NNNNN        the bytes of shard S of N

Two files cannot be renamed in one step, so a save that is killed between them would leave new data under an old index when
it writes over a checkpoint. Therefore:

    1. each data file is written as  P.data-SSSSS-of-NNNNN.tempstate<token>, the index as P.index.tempstate<token>, all flushed, names too
    2. the index is renamed to       P.index.pending<token>     from here on the new checkpoint is the valid one
    3. data files, then the index, are renamed to their names

Steps 2 and 3 hold the folder's lock; readers hold it, shared, while they read the index and open the data files, so that they see old
or new files, whole, whoever writes. A reader that finds a pending index (its writer was killed) uses it, and takes each data file from
its temporary name while that still exists. So a save killed at any moment leaves the last complete checkpoint readable; the next save
with this prefix clears away what it left.
"""
from __future__ import annotations

import glob
import os
import re
from typing import NamedTuple

from graphflow.formats import durable

PENDING_MARK = ".pending"


def index_name(prefix: str) -> str:
    return f"{prefix}.index"


def data_name(prefix: str, shard: int, shards: int) -> str:
    return f"{prefix}.data-{shard:05d}-of-{shards:05d}"


class Files(NamedTuple):
    """Where to read a checkpoint: its index, and the token of the save that was cut short, if one was."""

    prefix: str
    index: str  # type: ignore[assignment]
    token: str | None

    def data(self, shard: int, shards: int) -> str:
        name = data_name(self.prefix, shard, shards)
        waiting = durable.temporary_name(name, self.token) if self.token else name
        return waiting if os.path.exists(waiting) else name


def find(prefix: str) -> Files | None:
    """The files of the checkpoint with this prefix, or None if there is no index."""
    pending = _pending(prefix)
    if pending:
        return Files(prefix, pending, pending.rpartition(PENDING_MARK)[2])
    index = index_name(prefix)
    return Files(prefix, index, None) if os.path.isfile(index) else None


def commit(prefix: str, token: str, shards: int) -> None:
    """Steps 2 and 3: the files of this save are complete under their temporary names; give them their places."""
    directory = os.path.dirname(prefix)
    with durable.folder_lock(directory):
        _commit(prefix, token, shards, directory)


def is_decided(prefix: str, token: str) -> bool:
    """Whether step 2 of this save is done, but not the last one: it is the valid checkpoint, and its temporaries must stay."""
    return os.path.exists(f"{index_name(prefix)}{PENDING_MARK}{token}")


def _commit(prefix: str, token: str, shards: int, directory: str) -> None:
    index = index_name(prefix)
    pending = f"{index}{PENDING_MARK}{token}"
    durable.flush_directory(directory)      # a disk may keep a later name and lose an earlier one: the data's must be there first
    durable.replace(durable.temporary_name(index, token), pending)
    durable.flush_directory(directory)
    for shard in range(shards):
        data = data_name(prefix, shard, shards)
        durable.replace(durable.temporary_name(data, token), data)
    durable.flush_directory(directory)
    durable.replace(pending, index)
    durable.flush_directory(directory)


def settle(prefix: str) -> None:
    """Finish or clear away what killed saves with this prefix left, so that the next one starts from a plain checkpoint.

    What others are writing stays.
    """
    with durable.folder_lock(os.path.dirname(prefix)):      # so that a pending index is none that somebody is about to rename
        _settle(prefix)


def _settle(prefix: str) -> None:
    files = find(prefix)
    keep = files.token if files else None
    for path in left_overs(prefix):
        if keep and path.endswith(f"{durable.TEMPORARY_MARK}{keep}"):
            durable.replace(path, path[:-len(durable.TEMPORARY_MARK + keep)])
        elif durable.is_abandoned(path.rpartition(durable.TEMPORARY_MARK)[2]):
            durable.remove_if_there(path)
    if keep and files:
        durable.replace(files.index, index_name(prefix))
    if keep:
        durable.flush_directory(os.path.dirname(prefix))


def left_overs(prefix: str) -> list[str]:
    """Temporary files of saves with this prefix."""
    found = glob.glob(f"{glob.escape(prefix)}.index{durable.TEMPORARY_MARK}*")
    found += glob.glob(f"{glob.escape(prefix)}.data-*-of-*{durable.TEMPORARY_MARK}*")
    return [path for path in found if re.fullmatch(r"[0-9a-f]+", path.rpartition(durable.TEMPORARY_MARK)[2])]


def all_files(prefix: str) -> list[str]:
    """Every file that belongs to this prefix, `.meta` aside."""
    found = [index_name(prefix), *glob.glob(f"{glob.escape(index_name(prefix))}{PENDING_MARK}*"), *left_overs(prefix)]
    found += glob.glob(f"{glob.escape(prefix)}.data-[0-9][0-9][0-9][0-9][0-9]-of-[0-9][0-9][0-9][0-9][0-9]")
    return [path for path in found if os.path.isfile(path)]


def _pending(prefix: str) -> str | None:
    """The pending index; of several (a save over a save that was cut short, cut short too) the newest."""
    found = glob.glob(f"{glob.escape(index_name(prefix))}{PENDING_MARK}*")
    return max(found, key=lambda path: os.stat(path).st_mtime_ns) if found else None
