"""The exceptions of running a graph: one class per status code, as in TF1.

Constructors take (node_def, op, message), so programs that raise or pickle them keep working. `op` is the operation that
failed, when known; its user lines are in the message already.
"""

from __future__ import annotations

import errno
import os
import warnings
from typing import Any

from graphflow.formats import errors as format_errors

from .export import export, export_values

OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16

_CODES = [
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
    "UNAUTHENTICATED",
]
export_values(__name__, **{f"errors__{code}": code for code in _CODES})


@export("errors.OpError", "OpError")
class OpError(Exception):
    """What running a graph may raise. `message` tells, `op` is the operation that failed (or None), `error_code` its kind."""

    def __init__(self, node_def: Any, op: Any, message: str, error_code: int, *args: Any):
        super().__init__()
        self._arguments = (node_def, op, message, error_code, *args)
        self._node_def, self._op, self._message, self._error_code = node_def, op, message, error_code
        self._payloads = args[0] if args and isinstance(args[0], dict) else {}

    def __reduce__(self) -> Any:
        """Without the operation, whose graph does not travel."""
        node_def, _, *rest = self._arguments
        return type(self), (node_def, None, *rest)

    @property
    def message(self) -> str:
        return self._message

    @property
    def op(self) -> Any:
        """The Operation that failed, or None."""
        return self._op

    @property
    def node_def(self) -> Any:
        """The NodeDef of the operation that failed, or None."""
        return self._op.node_def if self._node_def is None and self._op is not None else self._node_def

    @property
    def error_code(self) -> int:
        return self._error_code

    @property
    def experimental_payloads(self) -> dict[Any, Any]:
        return self._payloads

    def __str__(self) -> str:
        return self._message


class CodedError(OpError):
    """An OpError whose class fixes the code."""

    code: int

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any):
        super().__init__(node_def, op, message, self.code, *args)

    def __reduce__(self) -> Any:
        node_def, _, message, _, *rest = self._arguments
        return type(self), (node_def, None, message, *rest)


@export("errors.CancelledError")
class CancelledError(CodedError):
    """The run or the queue operation was cancelled, for instance because its queue was closed."""
    code = CANCELLED


@export("errors.UnknownError")
class UnknownError(CodedError):
    """Something failed that has no code of its own, such as an exception inside a `py_func`."""
    code = UNKNOWN

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any):
        """A fourth argument may give another code, for codes that have no class."""
        super().__init__(node_def, op, message, *args)
        if args and isinstance(args[0], int):
            self._error_code = args[0]


@export("errors.InvalidArgumentError")
class InvalidArgumentError(CodedError):
    """An operation got a value that it cannot take: a shape that does not fit, an index out of range, a placeholder not fed."""
    code = INVALID_ARGUMENT


@export("errors.DeadlineExceededError")
class DeadlineExceededError(CodedError):
    """A time limit ran out."""
    code = DEADLINE_EXCEEDED


@export("errors.NotFoundError")
class NotFoundError(CodedError):
    """A file, directory or checkpoint entry is not there."""
    code = NOT_FOUND


@export("errors.AlreadyExistsError")
class AlreadyExistsError(CodedError):
    """What should be made is there already."""
    code = ALREADY_EXISTS


@export("errors.PermissionDeniedError")
class PermissionDeniedError(CodedError):
    """The system does not allow it."""
    code = PERMISSION_DENIED


@export("errors.UnauthenticatedError")
class UnauthenticatedError(CodedError):
    """The request has no valid credentials."""
    code = UNAUTHENTICATED


@export("errors.ResourceExhaustedError")
class ResourceExhaustedError(CodedError):
    """Memory, disk or a quota ran out."""
    code = RESOURCE_EXHAUSTED


@export("errors.FailedPreconditionError")
class FailedPreconditionError(CodedError):
    """The state is not fit for the operation; above all, a variable was read before it was initialized."""
    code = FAILED_PRECONDITION


@export("errors.AbortedError")
class AbortedError(CodedError):
    """The operation was given up, for instance because of another at the same time."""
    code = ABORTED


@export("errors.OutOfRangeError")
class OutOfRangeError(CodedError):
    """The input is at its end: a closed queue is empty, a data set exhausted, a record file read to its last byte."""
    code = OUT_OF_RANGE


@export("errors.UnimplementedError")
class UnimplementedError(CodedError):
    """The operation has no implementation for this case."""
    code = UNIMPLEMENTED


@export("errors.InternalError")
class InternalError(CodedError):
    """A mistake inside graphflow."""
    code = INTERNAL


@export("errors.UnavailableError")
class UnavailableError(CodedError):
    """A service cannot be reached now."""
    code = UNAVAILABLE


@export("errors.DataLossError")
class DataLossError(CodedError, format_errors.DataLossError):
    """A file is damaged: a checksum or a length does not fit."""
    code = DATA_LOSS


_CLASSES: dict[int, type[OpError]] = {cls.code: cls for cls in CodedError.__subclasses__()}


@export("errors.exception_type_from_error_code")
def exception_type_from_error_code(error_code: int) -> type[OpError]:
    """The exception class of a status code; KeyError if there is none."""
    return _CLASSES[error_code]


@export("errors.error_code_from_exception_type")
def error_code_from_exception_type(cls: type[BaseException]) -> int | OpError:
    """The status code of an exception class; for a class without one an UnknownError object and a warning, as TF1 does."""
    for code, known in _CLASSES.items():
        if known is cls:
            return code
    warnings.warn("Unknown class exception", stacklevel=2)
    return UnknownError(None, None, "Unknown class exception")


def make(error_code: int, message: str, op: Any = None) -> OpError:
    """The exception for a status code, UnknownError if the code is no known one."""
    known = _CLASSES.get(error_code)
    return UnknownError(None, op, message, error_code) if known is None else known(None, op, message)  # type: ignore[call-arg]


_EXHAUSTED = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)


def of_file_error(error: Exception, op: Any = None) -> OpError:
    """The tf.errors exception for one that reading or writing a file raised, text kept."""
    if isinstance(error, OpError):
        return error
    if isinstance(error, format_errors.DataLossError):
        return DataLossError(None, op, str(error))
    kinds: list[tuple[type[Exception], type[CodedError]]] = [
        (format_errors.TensorNotFoundError, NotFoundError), (format_errors.FormatError, InvalidArgumentError),
        (FileNotFoundError, NotFoundError), (FileExistsError, AlreadyExistsError),
        (PermissionError, PermissionDeniedError), (IsADirectoryError, FailedPreconditionError),
        (NotADirectoryError, FailedPreconditionError), (EOFError, OutOfRangeError), (MemoryError, ResourceExhaustedError)]
    words = str(error)
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        words = f"{os.fsdecode(error.filename)}; {error.strerror}"  # TensorFlow's form
    if isinstance(error, OSError) and error.errno in _EXHAUSTED:
        return ResourceExhaustedError(None, op, words)
    if isinstance(error, OSError) and error.errno == errno.EROFS:
        return PermissionDeniedError(None, op, words)
    for kind, coded in kinds:
        if isinstance(error, kind):
            return coded(None, op, words)
    return UnknownError(None, op, words if isinstance(error, OSError) else f"{type(error).__name__}: {words}")


class Status:
    """Code and message that a call reports; what `raise_exception_on_not_ok_status` hands out."""

    def __init__(self) -> None:
        self.code, self.message = OK, ""


@export("errors.raise_exception_on_not_ok_status")
class raise_exception_on_not_ok_status:
    """Context manager: gives a status object and raises its exception at the end if the code is not OK."""

    def __enter__(self) -> Status:
        self.status = Status()
        return self.status

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        if kind is None and self.status.code != OK:
            raise make(self.status.code, self.status.message)
