"""A program as lines of Python: what the generator makes, the shrinker cuts and both modules run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Value:
    """What a name of a program stands for: its shape and dtype in every run, and a bound on its magnitude."""
    name: str
    shape: tuple[int, ...]
    dtype: str
    bound: float = 2.0

    @property
    def floating(self) -> bool:
        return self.dtype.startswith("float")

    @property
    def rank(self) -> int:
        return len(self.shape)


@dataclass(frozen=True)
class Line:
    """`targets = code`; `uses` are the names that it reads. A line with `within` stands under control dependencies on that name."""
    targets: tuple[Value, ...]
    code: str
    uses: frozenset[str]
    within: str = ""

    def text(self) -> str:
        left = ", ".join(t.name for t in self.targets)
        body = f"{left} = {self.code}"
        return f"with tf.control_dependencies([{self.within}]):\n    {body}" if self.within else body

    def needs(self) -> frozenset[str]:
        return self.uses | {self.within} if self.within else self.uses

    def narrowed(self, needed: set[str]) -> Line:
        """With fewer targets, where the line can do with those."""
        return self


@dataclass(frozen=True)
class Gradients(Line):
    """Gradients of a sum by `xs`, a target for each; `terms` are the parts of the sum, each of one name. Zeros where there is none."""
    terms: tuple[str, ...] = ()
    xs: tuple[str, ...] = ()

    def narrowed(self, needed: set[str]) -> Line:
        pairs = [(t, x) for t, x in zip(self.targets, self.xs) if t.name in needed]
        return self if len(pairs) in (0, len(self.xs)) else gradients_line([t for t, _ in pairs], self.terms, [x for _, x in pairs])

    def shorter(self) -> list[Line]:
        """With one of the terms."""
        return [gradients_line(self.targets, [term], self.xs) for term in self.terms] if len(self.terms) > 1 else []


def gradients_line(targets: Sequence[Value], terms: Sequence[str], xs: Sequence[str]) -> Gradients:
    names = ", ".join(xs)
    found = f"zip([{names}], tf.gradients({' + '.join(terms)}, [{names}]))"
    code = f"[tf.zeros_like(x) if d is None else tf.convert_to_tensor(d) for x, d in {found}]"
    uses = {name for term in terms for name in re.findall(r"\b[a-z]\d+\b", term)}
    return Gradients(tuple(targets), code if len(xs) > 1 else f"({code})[0]", frozenset([*uses, *xs]), "", tuple(terms), tuple(xs))


@dataclass(frozen=True)
class Run:
    """One Session.run: names fetched, and the text of the array for each name fed."""
    fetches: tuple[str, ...]
    feeds: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Program:
    """Lines in order, then runs in one session after all variables are initialized."""
    lines: tuple[Line, ...]
    runs: tuple[Run, ...]

    def text(self) -> str:
        """The program as Python: a function of the module that returns [(fetches, feed_dict), ...]."""
        lines = [part for line in self.lines for part in line.text().split("\n")]
        runs = [f"([{', '.join(run.fetches)}], {{{', '.join(f'{name}: {text}' for name, text in run.feeds)}}})," for run in self.runs]
        body = "\n".join(f"    {part}" for part in [*lines, "return [", *(f"    {run}" for run in runs), "]"])
        return f"def program(tf, data=np.array):\n{body}\n"

    def pruned(self) -> Program:
        """Without the lines and feeds that no fetch needs, and without runs that fetch nothing."""
        known = {t.name for line in self.lines for t in line.targets}
        runs = [replace(run, fetches=tuple(f for f in run.fetches if f in known)) for run in self.runs]
        runs = [run for run in runs if run.fetches]
        needed = {name for run in runs for name in run.fetches}
        kept: list[Line] = []
        fed_inside = {name for run in runs for name, _ in run.feeds}
        needed |= fed_inside & {t.name for line in self.lines if "placeholder" not in line.code for t in line.targets}
        for line in reversed(self.lines):
            if any(t.name in needed for t in line.targets):
                kept.append(line.narrowed(needed))
                needed |= kept[-1].needs()
        runs = [replace(run, feeds=tuple(f for f in run.feeds if f[0] in needed)) for run in runs]
        return Program(tuple(reversed(kept)), tuple(runs))

    def without(self, names: set[str]) -> Program:
        """Without the lines that make these names and all that reads them."""
        gone = set(names)
        lines = []
        for line in self.lines:
            if gone & line.needs() or gone & {t.name for t in line.targets}:
                gone |= {t.name for t in line.targets}
            else:
                lines.append(line)
        runs = [Run(tuple(f for f in run.fetches if f not in gone), tuple(f for f in run.feeds if f[0] not in gone)) for run in self.runs]
        return Program(tuple(lines), tuple(runs)).pruned()


def literal(array: np.ndarray) -> str:
    """`data([...], 'float32')`, which gives the array again; sizes of 0 keep their shape."""
    if array.size == 0 and array.ndim > 1:
        return f"data([], {array.dtype.name!r}).reshape({array.shape})"
    values = np.round(array.astype(np.float64), 6) if array.dtype == np.float32 else array    # 0.1, not 0.10000000149
    return f"data({values.tolist()}, {array.dtype.name!r})"
