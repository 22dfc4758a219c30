"""Where a value came from: the innermost line of the user's program on the stack.

Capturing runs once per operation, so it stores the code object and the bytecode offset only; file, line and text are
looked up when somebody asks. Frames of this package are skipped, as are frames of modules named by `skip_module`.
"""
import linecache
import os
import sys
from types import CodeType
from typing import Any, NamedTuple

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_internal: dict[int, tuple[bool, CodeType]] = {}      # by id: hashing a code object takes long. It is kept, so that its id stays its own


class Line(NamedTuple):
    """One line of a user's program."""
    file: str
    number: int
    text: str

    def __str__(self) -> str:
        return f"{os.path.basename(self.file)}:{self.number}"


def _look(code: CodeType) -> tuple[bool, CodeType]:
    """Whether a frame of this code is skipped."""
    file = code.co_filename
    inside = file.startswith(_PACKAGE) or file in ("<frozen runpy>", "<string>", "<plan>")
    inside = inside or os.path.basename(file) in ("contextlib.py", "runpy.py", "functools.py")
    found = _internal[id(code)] = inside, code
    return found


def capture(depth: int = 1) -> tuple[CodeType, int] | None:
    """(code, bytecode offset) of the nearest frame outside of this package, or None."""
    frame = sys._getframe(depth)
    while frame is not None:
        code = frame.f_code
        inside, _ = _internal.get(id(code)) or _look(code)
        if not inside:
            return code, frame.f_lasti
        frame = frame.f_back  # type: ignore[assignment]
    return None


def resolve(captured: tuple[CodeType, int] | None) -> Line | None:
    """File, line number and text of what `capture` kept."""
    if captured is None:
        return None
    code, offset = captured
    number = code.co_firstlineno
    for start, end, line in code.co_lines():
        if start <= offset < end and line is not None:
            number = line
            break
    text = linecache.getline(code.co_filename, number).strip()
    return Line(code.co_filename, number, text)


def made_at(tensor: Any) -> str:
    """A line of a message that tells where the user made a tensor; '' when that is not known."""
    line = tensor.op.line
    return f"\n  {tensor.name} was made at {line}: {line.text}" if line else ""
