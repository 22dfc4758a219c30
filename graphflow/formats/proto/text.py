"""Text form of messages (`.pbtxt`, the `checkpoint` state file).

The parser of the protobuf package descends by recursion and lets some damage pass, so the text is looked over first: encoding,
unfinished strings, unknown escapes, braces that nest deeper than a binary message may.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

from graphflow.formats.errors import DataLossError
from graphflow.formats.proto.wire import MAX_DEPTH

M = TypeVar("M")

# A quoted string with sound escapes, a comment, an opening or a closing bracket, or a quote that starts no sound string. Of an octal or
# hexadecimal escape only the first digit is named: the others count as plain characters, so that there is one way to match. Above \377
# an octal escape is no byte.
_ESCAPE = r"\\(?:[abfnrtv?\"'\\0-3]|[4-7](?![0-7][0-7])|[xX][0-9a-fA-F]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})"
_TOKENS = re.compile(rf"""\"(?:[^"\\\n]|{_ESCAPE})*\"|'(?:[^'\\\n]|{_ESCAPE})*'|\#[^\n]*|[{{<]|[}}>]|["']""")
_ANY_ESCAPE = re.compile(r"\\.")


def to_text(message: Any) -> str:
    """The text form as TensorFlow writes it: two spaces a level, map entries sorted by key, shortest floats."""
    from google.protobuf import text_format  # at first use: saves 10 ms; the text form only

    return text_format.MessageToString(message)


def from_text(text: str | bytes, message_type: type[M], source: str = "<text>") -> M:
    """The message that a text holds.

    source: the name of the file, for the error. Raises DataLossError that names it, line and column and what is wrong there.
    """
    from google.protobuf import text_format  # at first use: saves 10 ms; the text form only

    from graphflow.formats.proto.pool import private_pool  # at first use: saves loading protobuf, 25 ms

    text = _decoded(text, source)
    _look_over(text, source)
    if "\\?" in text:  # C's escape for a question mark, which Python does not know
        text = _TOKENS.sub(lambda token: _ANY_ESCAPE.sub(lambda escape: escape.group().replace("\\?", "?"), token.group()), text)
    message: Any = message_type()
    try:
        text_format.Parse(text, message, descriptor_pool=private_pool())
    except text_format.ParseError as error:
        raise DataLossError(f"{source}: Error parsing text of {message.DESCRIPTOR.full_name}: {error}") from None
    except (ValueError, TypeError, KeyError, UnicodeError, RecursionError) as error:
        raise DataLossError(f"{source}: Error parsing text of {message.DESCRIPTOR.full_name}: {error!r}") from None
    return message


def _decoded(text: str | bytes, source: str) -> str:
    if isinstance(text, str):
        return text
    try:
        return bytes(text).decode("utf-8")
    except UnicodeDecodeError as error:
        found = bytes(text)[error.start : error.start + 1]
        raise DataLossError(f"{source}: at byte {error.start}: expected UTF-8 text, found {found!r}. Is it a binary file?") from None


def _look_over(text: str, source: str) -> None:
    depth = 0
    for token in _TOKENS.finditer(text):
        first = token.group()[0]
        if first in "{<":
            depth += 1
            if depth > MAX_DEPTH:
                raise _fault(text, token.start(), source, f"nested deeper than {MAX_DEPTH} messages")
        elif first in "}>":
            depth -= 1
        elif token.group() in ('"', "'"):
            raise _fault(text, token.start(), source, "a string that does not end on its line, or holds an unknown escape")


def _fault(text: str, offset: int, source: str, what: str) -> DataLossError:
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    found = text[offset : offset + 40].split("\n", 1)[0]
    return DataLossError(f"{source}: line {line}, column {column}: {what}: {found}")
