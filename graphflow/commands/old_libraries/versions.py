"""distutils.version, which Python 3.12 dropped."""
from __future__ import annotations

import functools
import re
from typing import Any


@functools.total_ordering
class LooseVersion:
    """A version that is compared part by part, numbers as numbers: LooseVersion('1.10') > LooseVersion('1.9')."""

    def __init__(self, vstring: str = "") -> None:
        self.vstring = str(vstring)
        self.version = [int(part) if part.isdigit() else part for part in re.findall(r"\d+|[a-z]+", self.vstring, re.IGNORECASE)]

    def _key(self) -> list[Any]:
        return [(isinstance(part, int), part) for part in self.version]

    def _other(self, other: Any) -> LooseVersion:
        return other if isinstance(other, LooseVersion) else type(self)(other)

    def __eq__(self, other: object) -> bool:
        return self._key() == self._other(other)._key()

    def __lt__(self, other: Any) -> bool:
        return self._key() < self._other(other)._key()

    __hash__ = None    # type: ignore[assignment]

    def __str__(self) -> str:
        return self.vstring

    def __repr__(self) -> str:
        return f"{type(self).__name__} ('{self}')"


class StrictVersion(LooseVersion):
    """A version of two or three numbers, and a letter a or b with a number for those before: '1.2b1' < '1.2'."""

    def __init__(self, vstring: str = "") -> None:
        if vstring and not re.fullmatch(r"\d+\.\d+(\.\d+)?([ab]\d+)?", str(vstring)):
            raise ValueError(f"invalid version number '{vstring}'")
        super().__init__(vstring)

    def _key(self) -> list[Any]:
        numbers = [int(n) for n in re.findall(r"\d+", re.split("[ab]", self.vstring)[0])]
        early = re.search(r"([ab])(\d+)", self.vstring)
        return [*numbers, *[0] * (3 - len(numbers)), (early[1], int(early[2])) if early else ("c", 0)]
