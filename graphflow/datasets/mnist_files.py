"""Where the MNIST digits come from: a folder, the network, or the subset that ships inside this package.

An IDX file is `00 00 08 rank`, one big-endian uint32 per dimension, then the values as bytes (LeCun, Cortes, Burges).
Checksums are those of the pixel and label bytes, so they hold for any container: idx, idx.gz or npz.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import io
import os
import struct
import sys
import urllib.error
import urllib.request
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

SOURCE_URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"
SHIPPED = Path(__file__).parent / "mnist_subset.npz"

FILES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
LARGEST = 60000 * 28 * 28 + 16    # no file of the set is longer; a bigger header is a damaged file


class Digits(NamedTuple):
    """All images, uint8 [n, 28, 28], and labels, uint8 [n]."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def read_idx(stream: BinaryIO, name: str = "idx file") -> np.ndarray:
    """The uint8 array in an open, uncompressed IDX stream. ValueError names the file and what is wrong with it."""
    head = stream.read(4)
    if len(head) < 4 or head[:3] != b"\x00\x00\x08":
        raise ValueError(f"{name}: Invalid magic number at byte 0: expected 00 00 08 and the rank, found {head.hex(' ') or 'nothing'}")
    rank = head[3]
    sizes = stream.read(4 * rank)
    if len(sizes) < 4 * rank:
        raise ValueError(f"{name}: truncated at byte {4 + len(sizes)}: expected {rank} dimensions of 4 bytes each")
    shape = struct.unpack(f">{rank}I", sizes)
    count = int(np.prod(shape, dtype=object))
    if count > LARGEST:
        raise ValueError(f"{name}: header asks for {count} values {shape}; MNIST files hold at most {LARGEST}")
    data = stream.read(count + 1)
    if len(data) != count:
        found = f"only {len(data)}" if len(data) < count else "more"
        raise ValueError(f"{name}: expected {count} values {shape} after byte {4 + 4 * rank}, found {found}")
    return np.frombuffer(data, np.uint8).reshape(shape)


def _read_idx_file(path: Path) -> np.ndarray:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else open(path, "rb") as stream:
            return read_idx(stream, str(path))  # type: ignore[arg-type]
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path}: not a whole gzip file ({error}); delete it and fetch it again") from error


def _read_npz(path: Path) -> Digits:
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as archive:
            digits = Digits(*(archive[key] for key in FILES))
    except (KeyError, EOFError, zipfile.BadZipFile, zlib.error, ValueError) as error:
        raise ValueError(f"{path}: not an MNIST archive with the arrays {', '.join(FILES)} ({error})") from error
    return digits


def read_folder(folder: str | os.PathLike[str]) -> Digits | None:
    """MNIST from `folder`: mnist.npz, or the four IDX files, plain or .gz. None if it holds neither; ValueError if it is damaged."""
    base = Path(folder)
    archive = base if base.suffix == ".npz" else base / "mnist.npz"
    if archive.is_file():
        digits = _read_npz(archive)
    else:
        paths = [next((p for p in (base / f"{name}.gz", base / name) if p.is_file()), None) for name in FILES.values()]
        if all(path is None for path in paths):
            return None
        missing = [name for name, path in zip(FILES.values(), paths, strict=True) if path is None]
        if missing:
            raise FileNotFoundError(f"{base} holds part of MNIST; missing: {', '.join(f'{name}.gz' for name in missing)}")
        digits = Digits(*(_read_idx_file(path) for path in paths if path is not None))
    return check(digits, str(archive if archive.is_file() else base))


def check(digits: Digits, source: str) -> Digits:
    """`digits`, if images and labels fit together; ValueError otherwise."""
    for part in ("train", "test"):
        images, labels = getattr(digits, f"x_{part}"), getattr(digits, f"y_{part}")
        if images.ndim != 3 or images.dtype != np.uint8 or labels.shape != images.shape[:1]:
            raise ValueError(
                f"{source}: expected uint8 images [n, rows, columns] and n labels; "
                f"x_{part} is {images.dtype} {images.shape}, y_{part} is {labels.dtype} {labels.shape}"
            )
        if labels.size and labels.max() > 9:
            raise ValueError(f"{source}: y_{part} holds the label {labels.max()}; digits are 0 to 9")
    return digits


def shipped() -> Digits:
    """The first 6,000 training and 1,000 test digits, from the package itself."""
    return _read_npz(SHIPPED)


def download(folder: str | os.PathLike[str], source_url: str = SOURCE_URL, timeout: float = 10.0) -> Digits:
    """MNIST fetched from `source_url` into `folder` as four .gz files; files already there are kept.

    Each file is checked before it is put in place under its name. OSError where no network is, ValueError for a wrong checksum.
    """
    base = Path(folder)
    base.mkdir(parents=True, exist_ok=True)
    for key, name in FILES.items():
        path = base / f"{name}.gz"
        if path.exists():
            continue
        data = _fetch(f"{source_url.rstrip('/')}/{name}.gz", timeout)
        with gzip.open(io.BytesIO(data)) as stream:
            values = read_idx(stream, path.name)  # type: ignore[arg-type]
        found = hashlib.sha256(values.tobytes()).hexdigest()
        if source_url == SOURCE_URL and found != SHA256[key]:
            raise ValueError(f"{path.name} from {source_url}: checksum is {found}, expected {SHA256[key]}; nothing was kept")
        partial = path.with_suffix(".part")
        partial.write_bytes(data)
        partial.replace(path)
    digits = read_folder(base)
    assert digits is not None
    return digits


def _fetch(url: str, timeout: float) -> bytes:
    """The bytes at `url`, with a progress line on stderr. Every network failure is an OSError."""
    pieces: list[bytes] = []
    try:
        with urllib.request.urlopen(url, timeout=timeout) as reply:
            total = int(reply.headers.get("Content-Length") or 0)
            done = 0
            while piece := reply.read(1 << 16):
                pieces.append(piece)
                done += len(piece)
                share = f"{100 * done // total:3d} %" if total else f"{done >> 10} KB"
                print(f"\r{url.rsplit('/', 1)[-1]}  {share}", end="", file=sys.stderr, flush=True)
            print(file=sys.stderr)
    except http.client.HTTPException as error:
        raise urllib.error.URLError(error) from error
    if total and done < total:
        raise urllib.error.URLError(f"connection ended after {done} of {total} bytes")
    return b"".join(pieces)
