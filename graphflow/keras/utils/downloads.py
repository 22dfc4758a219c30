"""get_file: a file from the network, kept in ~/.keras."""
from __future__ import annotations

import hashlib
import os
import tarfile
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from ...core.export import export
from .progress import Progbar


def _digest(path: Path, algorithm: str) -> str:
    digest = hashlib.new(algorithm)
    with open(path, "rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _fits(path: Path, file_hash: str, algorithm: str) -> bool:
    if algorithm == "auto":
        algorithm = "sha256" if len(file_hash) == 64 else "md5"
    return _digest(path, algorithm) == file_hash


@export("keras.utils.get_file")
def get_file(fname: str, origin: str, untar: bool = False, md5_hash: str | None = None, file_hash: str | None = None,
             cache_subdir: str = "datasets", hash_algorithm: str = "auto", extract: bool = False, archive_format: Any = "auto",
             cache_dir: str | None = None) -> str:
    """The path of a file that was downloaded from `origin`, once. file_hash: checked. untar, extract: an archive is unpacked beside it.

    Raises OSError (naming the address) where it cannot be fetched, ValueError for a wrong checksum.
    """
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    home = Path(cache_dir or os.environ.get("KERAS_HOME", "~/.keras")).expanduser()
    folder = home / cache_subdir
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (f"{fname}.tar.gz" if untar else fname)
    if not path.exists() or file_hash is not None and not _fits(path, file_hash, hash_algorithm):
        print(f"Downloading data from {origin}")
        _download(origin, path)
        if file_hash is not None and not _fits(path, file_hash, hash_algorithm):
            path.unlink()
            raise ValueError(f"{origin}: the checksum of what came is not {file_hash}; nothing was kept.")
    if untar:
        target = folder / fname
        if not target.exists():
            _unpack(path, folder, "tar")
        return str(target)
    if extract:
        _unpack(path, folder, archive_format)
    return str(path)


def _download(origin: str, path: Path) -> None:
    partial = path.with_suffix(path.suffix + ".part")
    try:
        with urllib.request.urlopen(origin) as reply, open(partial, "wb") as stream:
            total = int(reply.headers.get("Content-Length") or 0)
            bar, done = Progbar(total or None), 0
            while piece := reply.read(1 << 16):
                stream.write(piece)
                done += len(piece)
                bar.update(done)
            if total and done < total:
                raise OSError(f"connection ended after {done} of {total} bytes")
    except OSError as error:
        partial.unlink(missing_ok=True)
        reason = getattr(error, "reason", error)
        raise OSError(f"URL fetch failure on {origin}: {reason}; without a network put the file to {path}.") from error
    partial.replace(path)


def _unpack(path: Path, folder: Path, kind: Any) -> None:
    wanted = ("tar", "zip") if kind == "auto" else () if kind is None else (kind,) if isinstance(kind, str) else tuple(kind)
    for one in wanted:
        if one == "tar" and tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                archive.extractall(folder, filter="data")
            return
        if one == "zip" and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as zipped:
                zipped.extractall(folder)
            return

