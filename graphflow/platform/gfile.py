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

Path = str | bytes | os.PathLike[str]
_KINDS: tuple[tuple[type[OSError], Callable[..., errors.OpError]], ...] = (
    (FileNotFoundError, errors.NotFoundError),
    (FileExistsError, errors.AlreadyExistsError),
    (PermissionError, errors.PermissionDeniedError),
    (IsADirectoryError, errors.FailedPreconditionError),
    (NotADirectoryError, errors.FailedPreconditionError),
)


@contextlib.contextmanager
def _tensorflows_errors() -> Iterator[None]:
    """OSErrors as the tf.errors of the same meaning."""
    try:
        yield
    except OSError as error:
        kind: Callable[..., errors.OpError] = next((ours for theirs, ours in _KINDS if isinstance(error, theirs)), errors.UnknownError)
        raise kind(None, None, f"{error.filename}; {error.strerror}") from error


@export("gfile.GFile", "gfile.Open", "gfile.FastGFile", "io.gfile.GFile")
class GFile:
    """A file opened on first use. mode: 'r', 'w', 'a', 'r+', 'w+', 'a+', with 'b' for bytes instead of text."""

    def __init__(self, name: Path, mode: str = "r") -> None:
        if mode.replace("b", "") not in ("r", "w", "a", "r+", "w+", "a+"):
            raise errors.InvalidArgumentError(None, None, f"mode is not 'r' or 'w' or 'a' or one of these with '+' and 'b': {mode!r}")
        self._name = os.fspath(name)
        self._mode = mode
        self._file: IO[Any] | None = None

    @property
    def name(self) -> str | bytes:
        return self._name

    @property
    def mode(self) -> str:
        return self._mode

    def _open(self, wanted: str) -> IO[Any]:
        if self._file is None:
            allowed = "r+" if wanted == "reading" else "wa+"
            if not set(self._mode) & set(allowed):
                raise errors.PermissionDeniedError(None, None, f"File isn't open for {wanted}: {self._name!r} has mode {self._mode!r}")
            with _tensorflows_errors():
                encoding, newline = (None, None) if "b" in self._mode else ("utf-8", "")
                self._file = open(self._name, self._mode, encoding=encoding, newline=newline)    # noqa: SIM115
        return self._file

    def size(self) -> int:
        """Bytes in the file."""
        return stat(self._name).length

    def read(self, n: int = -1) -> Any:
        """The next n characters (bytes in 'b' mode), or all the rest."""
        return self._open("reading").read(n)

    def readline(self) -> Any:
        """The next line with its end; empty at the end of the file."""
        return self._open("reading").readline()

    def readlines(self) -> list[Any]:
        """All further lines."""
        return self._open("reading").readlines()

    def write(self, file_content: Any) -> None:
        """Appends text, or bytes in 'b' mode (a text as UTF-8)."""
        text = isinstance(file_content, str) and "b" in self._mode
        self._open("writing").write(file_content.encode() if text else file_content)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Goes to a byte; `position` is the old name of `offset`."""
        to = position if offset is None else offset
        if to is None:
            raise TypeError("seek(): offset argument required")
        self._open("reading").seek(to, whence)

    def seekable(self) -> bool:
        """True: files of this machine are."""
        return True

    def tell(self) -> int:
        """The byte that is read next."""
        return self._open("reading").tell()

    def flush(self) -> None:
        """Hands written bytes to the system."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Closes the file; a file opened for writing exists afterwards."""
        if self._file is None and self._mode[0] in "wa":
            self._open("writing")
        if self._file is not None:
            self._file.close()
        self._file = None

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
        if getattr(self, "_file", None) is not None:
            self._file.close()    # type: ignore[union-attr]


class FileStatistics(NamedTuple):
    length: int
    mtime_nsec: int
    is_directory: bool


@export("io.gfile.exists")
def exists(path: Path) -> bool:
    """Whether a file or folder is there."""
    return os.path.exists(path)


@export("io.gfile.isdir")
def isdir(path: Path) -> bool:
    """Whether it is a folder."""
    return os.path.isdir(path)


@export("io.gfile.listdir")
def listdir(path: Path) -> list[Any]:
    """Names in a folder, sorted."""
    if not os.path.isdir(path):
        raise errors.NotFoundError(None, None, f"Could not find directory {os.fspath(path)!r}")
    return sorted(os.listdir(path))


@export("io.gfile.makedirs")
def makedirs(path: Path) -> None:
    """Makes a folder and those above it; one that is there stays."""
    with _tensorflows_errors():
        os.makedirs(path, exist_ok=True)


@export("io.gfile.mkdir")
def mkdir(path: Path) -> None:
    """Makes one folder."""
    with _tensorflows_errors():
        os.mkdir(path)


@export("io.gfile.remove")
def remove(path: Path) -> None:
    """Deletes a file."""
    with _tensorflows_errors():
        os.remove(path)


@export("io.gfile.rmtree")
def rmtree(path: Path) -> None:
    """Deletes a folder with all that is in it."""
    with _tensorflows_errors():
        shutil.rmtree(path)


@export("io.gfile.copy")
def copy(src: Path, dst: Path, overwrite: bool = False) -> None:
    """Copies a file; AlreadyExistsError if dst is there and overwrite is false."""
    _refuse_existing(dst, overwrite)
    with _tensorflows_errors():
        shutil.copyfile(src, dst)


@export("io.gfile.rename")
def rename(src: Path, dst: Path, overwrite: bool = False) -> None:
    """Moves a file or folder; AlreadyExistsError if dst is there and overwrite is false."""
    _refuse_existing(dst, overwrite)
    with _tensorflows_errors():
        os.replace(src, dst)


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if not overwrite and os.path.exists(path):
        raise errors.AlreadyExistsError(None, None, f"file already exists: {os.fspath(path)!r}; overwrite=True replaces it")


@export("io.gfile.stat")
def stat(path: Path) -> FileStatistics:
    """Length, time of the last change, and whether it is a folder."""
    with _tensorflows_errors():
        found = os.stat(path)
    return FileStatistics(found.st_size, found.st_mtime_ns, os.path.isdir(path))


@export("io.gfile.glob")
def find(pattern: Any) -> list[Any]:
    """Files that match a pattern or a list of patterns, sorted within each."""
    patterns = pattern if isinstance(pattern, (list, tuple)) else [pattern]
    return [name for one in patterns for name in sorted(glob.glob(os.fspath(one)))]


@export("io.gfile.walk")
def walk(top: Path, topdown: bool = True, onerror: Any = None) -> Iterator[tuple[Any, list[Any], list[Any]]]:
    """(folder, folders in it, files in it) of every folder from `top` on."""
    return os.walk(top, topdown=topdown, onerror=onerror)


@export("io.gfile.join")
def join(path: Any, *paths: Any) -> Any:
    """Parts of a path as one; a part that is absolute drops those before it."""
    return os.path.join(path, *paths)


@export("io.gfile.get_registered_schemes")
def get_registered_schemes() -> list[str]:
    """The kinds of paths that can be opened: plain ones of this machine, which have no scheme."""
    return [""]
