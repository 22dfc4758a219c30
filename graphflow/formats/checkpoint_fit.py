"""Whether a checkpoint has what is asked of it: every missing, mis-shaped and superfluous tensor at once."""
from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple

from .checkpoints import CheckpointReader
from .element_types import type_name
from .slices import parse_spec

_SHOWN = 8


class Wanted(NamedTuple):
    """A tensor that a graph asks for: name, spec of the slice ("" for all), element type; shape of the variable, if it is known."""

    name: str
    spec: str
    type_number: int
    shape: tuple[int, ...] | None = None
    where: str = ""

    def __str__(self) -> str:
        shape = "" if self.shape is None else f" {list(self.shape)}"
        return f"{self.name} {type_name(self.type_number)}{shape}{' slice ' + self.spec if self.spec else ''}"


class Fit(NamedTuple):
    """What does not fit, as lines of text; and the tensors that nobody asked for."""

    missing: list[str]
    types: list[str]
    shapes: list[str]
    extra: list[str]

    def __bool__(self) -> bool:
        return not (self.missing or self.types or self.shapes)


def fit(reader: CheckpointReader, wanted: Iterable[Wanted], reshape: bool = False) -> Fit:
    """Compare a checkpoint with what is asked. reshape: only the number of elements must agree."""
    names, wanted = reader.names(), list(wanted)
    asked = {item.name for item in wanted}
    extra = [name for name in names if name not in asked]
    missing, types, shapes = [], [], []
    for item in wanted:
        if item.name not in reader:
            missing.append(f"{item}{near_names(item.name, extra)}{_at(item)}")
            continue
        stored, number = reader.shape(item.name), reader.type_number(item.name)
        if number != item.type_number:
            types.append(f"{item.name}; expected dtype {type_name(item.type_number)} does not equal original dtype {type_name(number)}"
                         f"{_at(item)}")
        full = parse_spec(item.spec)[0] if item.spec else item.shape
        if full is not None and (_count(full) != _count(stored) if reshape and not item.spec else full != stored):
            shapes.append(f"{item.name}: lhs shape= {_shape_text(full)} rhs shape= {_shape_text(stored)}{_at(item)}")
    return Fit(missing, types, shapes, extra)


def explain(found: Fit, prefix: str, count: int) -> str:
    """Lines that name all that does not fit."""
    lines = [f"  checkpoint  {prefix}, {count} tensors"]
    for title, items in (("missing", found.missing), ("type", found.types), ("shape", found.shapes), ("not used", found.extra)):
        lines += [f"  {title:<11} {item}" for item in items[:_SHOWN]]
        if len(items) > _SHOWN:
            lines.append(f"  {title:<11} and {len(items) - _SHOWN} more")
    return "\n".join(lines)


def near_names(name: str, names: Iterable[str]) -> str:
    """What a message adds about names like a missing one; empty if none is alike."""
    names = list(names)
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    ending = "/" + name.rpartition("/")[2]
    close += [other for other in names if other.endswith(ending) and other not in close][:3 - len(close)]
    return f"; near names: {', '.join(close)}" if close else ""


def _at(item: Wanted) -> str:
    return f"  {item.where}" if item.where else ""


def _shape_text(shape: tuple[int, ...]) -> str:
    """[2,3], as TensorFlow writes it; left the graph's variable, right the checkpoint's tensor."""
    return f"[{','.join(map(str, shape))}]"


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count
