"""tf.gfile and tf.io.gfile: files of this machine, with TF1's names and errors.

Problems are tf.errors: NotFoundError, AlreadyExistsError, PermissionDeniedError, FailedPreconditionError.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
from collections.abc import Callable, Iterator
from typing import IO, Any, NamedTuple

from graphflow.core import errors
from graphflow.core.export import export
from graphflow.formats.local_path import local_path, scheme_of

Path = str | bytes | os.PathLike[str]
_KINDS: tuple[tuple[type[OSError], Callable[..., errors.OpError]], ...] = (
    (FileNotFoundError, errors.NotFoundError),
    (FileExistsError, errors.AlreadyExistsError),
    (PermissionError, errors.PermissionDeniedError),
    (IsADirectoryError, errors.FailedPreconditionError),
    (NotADirectoryError, errors.FailedPreconditionError),
)


@contextlib.contextmanager
def _tensorflows_errors(name: Any = None) -> Iterator[None]:
    """OSErrors as the tf.errors of the same meaning. name: what the user calls the file."""
    try:
        yield
    except OSError as error:
        kind: Callable[..., errors.OpError] = next((ours for theirs, ours in _KINDS if isinstance(error, theirs)), errors.UnknownError)
        raise kind(None, None, f"{error.filename if name is None else name}; {error.strerror}") from error


@export("gfile.GFile", "gfile.Open", "gfile.FastGFile", "io.gfile.GFile")
class GFile:
    """A file opened on first use. mode: 'r', 'w', 'a', 'r+', 'w+', 'a+', with 'b' for bytes instead of text.

    As in TF1 reading and writing go their own ways: reading begins at the start of the file, writing at its end in the modes with 'a' and
    with an empty file in all others, 'r+' included. What was written can be read after `flush`.
    """

    def __init__(self, name: Path, mode: str = "r") -> None:
        plain = mode.replace("b", "")
        if plain not in ("r", "w", "a", "r+", "w+", "a+"):
            raise errors.InvalidArgumentError(None, None, f"mode is not 'r' or 'w' or 'a' or one of these with '+' and 'b': {mode!r}")
        self._name = os.fspath(name)
        self._mode, self._plain = mode, plain
        self._reader: IO[bytes] | None = None
        self._writer: IO[bytes] | None = None

    @property
    def name(self) -> str | bytes:
        return self._name

    @property
    def mode(self) -> str:
        return self._mode

    def _reading(self) -> IO[bytes]:
        if self._reader is None:
            self._allow("reading", self._plain not in ("w", "a"))
            self._reader = self._open("rb")
        return self._reader

    def _writing(self) -> IO[bytes]:
        if self._writer is None:
            self._allow("writing", self._plain != "r")
            self._writer = self._open("ab" if "a" in self._plain else "wb")
        return self._writer

    def _allow(self, what: str, allowed: bool) -> None:
        if not allowed:
            raise errors.PermissionDeniedError(None, None, f"File isn't open for {what}: {self._name!r} has mode {self._mode!r}")

    def _open(self, mode: str) -> IO[bytes]:
        with _tensorflows_errors(self._name):
            return open(local_path(self._name), mode)

    def _given(self, data: bytes) -> Any:
        return data if "b" in self._mode else data.decode("utf-8")

    def size(self) -> int:
        """Bytes in the file."""
        return stat(self._name).length

    def read(self, n: int = -1) -> Any:
        """The next n bytes, or all the rest; as text, a character that n would cut is whole."""
        file = self._reading()
        data = file.read(n)
        while "b" not in self._mode and n > 0 and _ends_inside_a_character(data):
            more = file.read(1)
            if not more:
                break
            data += more
        return self._given(data)

    def readline(self) -> Any:
        """The next line with its end; empty at the end of the file."""
        return self._given(self._reading().readline())

    def readlines(self) -> list[Any]:
        """All further lines."""
        return [self._given(line) for line in self._reading().readlines()]

    def write(self, file_content: Any) -> None:
        """Appends text as UTF-8, or bytes."""
        self._writing().write(file_content.encode() if isinstance(file_content, str) else file_content)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Goes on reading at a byte; `position` is the old name of `offset`."""
        to = position if offset is None else offset
        if to is None:
            raise TypeError("seek(): offset argument required")
        self._reading().seek(to, whence)

    def seekable(self) -> bool:
        """True: files of this machine are."""
        return True

    def tell(self) -> int:
        """The byte that is read next; that is written next in the modes that cannot read."""
        return (self._writing() if self._plain in ("w", "a") else self._reading()).tell()

    def flush(self) -> None:
        """Hands written bytes to the system."""
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """Closes the file; a file opened for writing exists afterwards."""
        if self._writer is None and self._reader is None and self._plain[0] in "wa":
            self._writing()
        self._shut()

    def _shut(self) -> None:
        for file in (self._reader, self._writer):
            if file is not None:
                file.close()
        self._reader = self._writer = None

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def __enter__(self) -> GFile:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_writer"):
            self._shut()


def _ends_inside_a_character(data: bytes) -> bool:
    """Whether the last bytes begin a character of UTF-8 that goes on."""
    for back, byte in enumerate(reversed(data[-3:]), 1):
        if byte >= 0xC0:
            return back < 2 + (byte >= 0xE0) + (byte >= 0xF0)
        if byte < 0x80:
            break
    return False


class FileStatistics(NamedTuple):
    length: int
    mtime_nsec: int
    is_directory: bool


@export("io.gfile.exists")
def exists(path: Path) -> bool:
    """Whether a file or folder is there."""
    return os.path.exists(local_path(path))


@export("io.gfile.isdir")
def isdir(path: Path) -> bool:
    """Whether it is a folder."""
    return os.path.isdir(local_path(path))


@export("io.gfile.listdir")
def listdir(path: Path) -> list[Any]:
    """Names in a folder, sorted."""
    if not os.path.isdir(local_path(path)):
        raise errors.NotFoundError(None, None, f"Could not find directory {os.fspath(path)!r}")
    return sorted(os.listdir(local_path(path)))


@export("io.gfile.makedirs")
def makedirs(path: Path) -> None:
    """Makes a folder and those above it; one that is there stays."""
    with _tensorflows_errors():
        os.makedirs(local_path(path), exist_ok=True)


@export("io.gfile.mkdir")
def mkdir(path: Path) -> None:
    """Makes one folder."""
    with _tensorflows_errors():
        os.mkdir(local_path(path))


@export("io.gfile.remove")
def remove(path: Path) -> None:
    """Deletes a file."""
    with _tensorflows_errors():
        os.remove(local_path(path))


@export("io.gfile.rmtree")
def rmtree(path: Path) -> None:
    """Deletes a folder with all that is in it."""
    with _tensorflows_errors():
        shutil.rmtree(local_path(path))


@export("io.gfile.copy")
def copy(src: Path, dst: Path, overwrite: bool = False) -> None:
    """Copies a file; AlreadyExistsError if dst is there and overwrite is false."""
    _refuse_existing(dst, overwrite)
    with _tensorflows_errors():
        shutil.copyfile(local_path(src), local_path(dst))


@export("io.gfile.rename")
def rename(src: Path, dst: Path, overwrite: bool = False) -> None:
    """Moves a file or folder; AlreadyExistsError if dst is there and overwrite is false."""
    _refuse_existing(dst, overwrite)
    with _tensorflows_errors():
        os.replace(local_path(src), local_path(dst))


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if not overwrite and os.path.exists(local_path(path)):
        raise errors.AlreadyExistsError(None, None, f"file already exists: {os.fspath(path)!r}; overwrite=True replaces it")


@export("io.gfile.stat")
def stat(path: Path) -> FileStatistics:
    """Length, time of the last change, and whether it is a folder."""
    with _tensorflows_errors():
        found = os.stat(local_path(path))
    return FileStatistics(found.st_size, found.st_mtime_ns, os.path.isdir(local_path(path)))


@export("io.gfile.glob")
def find(pattern: Any) -> list[Any]:
    """Files that match a pattern or a list of patterns, sorted within each."""
    patterns = pattern if isinstance(pattern, (list, tuple)) else [pattern]
    return [scheme_of(one) + name for one in patterns for name in sorted(glob.glob(local_path(one)))]


@export("io.gfile.walk")
def walk(top: Path, topdown: bool = True, onerror: Any = None) -> Iterator[tuple[Any, list[Any], list[Any]]]:
    """(folder, folders in it, files in it) of every folder from `top` on."""
    scheme = scheme_of(top)
    for folder, folders, files in os.walk(local_path(top), topdown=topdown, onerror=onerror):
        yield scheme + folder, folders, files


@export("io.gfile.join")
def join(path: Any, *paths: Any) -> Any:
    """Parts of a path as one; a part that is absolute drops those before it."""
    return os.path.join(path, *paths)


@export("io.gfile.get_registered_schemes")
def get_registered_schemes() -> list[str]:
    """The kinds of paths that can be opened: plain ones of this machine, which have no scheme, and `file://`."""
    return ["", "file"]
