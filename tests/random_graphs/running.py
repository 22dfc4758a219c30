"""Runs a program's text in a module: TensorFlow's or graphflow's."""

from __future__ import annotations

from typing import Any

import numpy as np

# How much data is changed by to see how much a result depends on rounding, relative to the data.
NUDGE = 1e-6
NUDGES = 3


class Nudged:
    """Makes the program's arrays, each floating number changed by a random rounding-sized amount."""

    def __init__(self, seed: int):
        self.generator = np.random.default_rng(seed)

    def __call__(self, values: Any, dtype: str) -> np.ndarray:
        array = np.array(values, dtype)
        if array.dtype.kind != "f":
            return array
        return np.asarray(array * (1 + NUDGE * self.generator.choice([-1.0, 1.0], array.shape))).astype(dtype)


def as_written(tf: Any) -> Any:
    """A session's settings without rewrites of the graph: TensorFlow's go through fed tensors (`transpose(x * x)` with `x * x` fed)."""
    config = tf.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    config.graph_options.optimizer_options.opt_level = tf.OptimizerOptions.L0
    return config


def run_text(tf: Any, text: str, data: Any = np.array) -> dict[str, Any]:
    """{'runs': [[array, ...] or 'NameOfError: text', ...]}, or {'refused': text} where the graph cannot be built."""
    space: dict[str, Any] = {"np": np}
    exec(text, space)
    with tf.Graph().as_default() as graph:
        try:
            runs = space["program"](tf, data)
        except Exception as error:  # whatever either module thinks of the program is its answer
            return {"refused": f"{type(error).__name__}: {str(error)[:400]}"}
        with tf.Session(graph=graph, config=as_written(tf)) as session:
            session.run(tf.global_variables_initializer())
            found: list[Any] = []
            for fetches, feeds in runs:
                try:
                    found.append([np.asarray(v) for v in session.run(fetches, feeds) if v is not None])
                except Exception as error:
                    found.append(f"{type(error).__name__}: {str(error)[:400]}")
    return {"runs": found}


def difference(ours: dict[str, Any], theirs: dict[str, Any], *excuses: Any) -> str:
    """'' where both agree, or where TensorFlow refuses the program; else what differs, first of all.

    excuses: what `spreads` says of either's results; elements that move by rounding alone may differ.
    """
    if "refused" in theirs:
        return ""
    if "refused" in ours:
        return f"graphflow refuses: {ours['refused']}"
    for number, (mine, other) in enumerate(zip(ours["runs"], theirs["runs"], strict=True)):
        if isinstance(mine, str) or isinstance(other, str):
            if not (isinstance(mine, str) and isinstance(other, str) and mine.split(":")[0] == other.split(":")[0]):
                return f"run {number}: graphflow {_said(mine)}, TensorFlow {_said(other)}"
            continue
        for place, (a, b) in enumerate(zip(mine, other, strict=True)):
            wrong = _differs(a, b, sum((spread[number][place] for spread in excuses), np.zeros(b.shape)))
            if wrong:
                return f"run {number}, fetch {place}: {wrong}"
    return ""


def _said(result: Any) -> str:
    return f"fails with {result}" if isinstance(result, str) else "gives values"


def _differs(a: np.ndarray, b: np.ndarray, spread: np.ndarray) -> str:
    """spread: how far each element of b moves when the data is nudged; NaN where it turns from finite to not."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return f"{a.dtype} {a.shape}, TensorFlow {b.dtype} {b.shape}"
    if b.dtype.kind not in "fc":
        wrong = (a != b) & (spread == 0)
    else:
        precision = 1e-4 if b.dtype.itemsize == 4 else 1e-9
        scale = precision * max(1.0, float(np.max(np.abs(b[np.isfinite(b)]), initial=0.0)))
        with np.errstate(invalid="ignore"):
            near = (np.abs(a - b) <= scale + precision / NUDGE * spread) | (a == b) | (np.isnan(a) & np.isnan(b))
        wrong = ~near & ~np.isnan(spread)
    if not wrong.any():
        return ""
    at = tuple(int(i) for i in np.argwhere(wrong)[0])
    return f"{a[at]!r} at {at}, TensorFlow {b[at]!r}; {int(wrong.sum())} of {a.size} elements of {b.dtype} {b.shape}"


def spreads(tf: Any, text: str) -> list[Any]:
    """For each run and fetch, how far its elements move when the program's data moves by about its rounding."""
    base, *nudged = [run_text(tf, text, data)["runs"] for data in (np.array, *map(Nudged, range(NUDGES)))]
    result: list[Any] = []
    for number, values in enumerate(base):
        others = [other[number] for other in nudged]
        if isinstance(values, str) or any(isinstance(other, str) for other in others):
            result.append([np.full(np.shape(v), np.nan) for v in values] if not isinstance(values, str) else [])
        else:
            result.append([_spread(v, [other[i] for other in others]) for i, v in enumerate(values)])
    return result


def _spread(value: np.ndarray, others: list[np.ndarray]) -> np.ndarray:
    moved = np.zeros(value.shape)
    for other in others:
        if other.shape != value.shape:
            return np.full(value.shape, np.nan)
        with np.errstate(invalid="ignore", over="ignore"):
            same = (value == other) | ((value != value) & (other != other))
            moved = np.maximum(moved, np.where(same, 0.0, np.abs(value.astype(np.float64) - other.astype(np.float64))))
    return np.where(np.isfinite(moved), moved, np.nan)
