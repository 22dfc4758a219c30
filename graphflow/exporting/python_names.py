"""Python identifiers for what a graph calls by paths."""
from __future__ import annotations

import builtins
import keyword
import re

_LONGEST = 36


def identifier(name: str) -> str:
    """An identifier for the name of an operation: as much of the end of its path as stays readable."""
    parts = [re.sub(r"\W+", "_", part).strip("_").lower() for part in name.split(":")[0].split("/")]
    parts = [part for part in parts if part] or ["value"]
    found = parts.pop()
    while parts and len(found) + len(parts[-1]) < _LONGEST:
        found = f"{parts.pop()}_{found}"
    return f"_{found}" if found[0].isdigit() else found


class Names:
    """Gives each value a name of its own. taken: names that no value may have."""

    def __init__(self, taken: set[str]):
        self.used = {*taken, *keyword.kwlist, *keyword.softkwlist, *dir(builtins), "np", "os", "weights", "rng"}
        self.count = 0

    def short(self) -> str:
        """A name for what comes in between: t1, t2, ..."""
        self.count += 1
        return self.new(f"t{self.count}")

    def new(self, name: str) -> str:
        """An identifier like the operation's name that is not in use; numbered where it is."""
        base = found = identifier(name)
        number = 2
        while found in self.used:
            found, number = f"{base}_{number}", number + 1
        self.used.add(found)
        return found
