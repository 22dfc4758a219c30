"""What a person should know about a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Note:
    """level: info, warning or error."""

    level: str
    text: str
