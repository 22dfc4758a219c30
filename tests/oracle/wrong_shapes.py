"""What TensorFlow makes of inputs of wrong shapes, for every row of the op database: writes tests/data/opdb_wrong_shapes.json.

    python -m tests.oracle.wrong_shapes [ROW ...]      with an interpreter that has tensorflow 2.x; some rows only, or all

The file holds the shapes of what TensorFlow accepts, gradients included where the row has them; "!" marks cases in which its process
dies, after which another one goes on. All others it refuses.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tests import opdb
from tests.opdb import wrong_shapes
from tests.oracle.opdb_results import flatten

DATA = Path(__file__).parents[1] / "data" / "opdb_wrong_shapes.json"
SECONDS = 60        # for one case


def shapes_of(outputs: Any) -> list[list[int]]:
    return [list(np.shape(value)) for value in outputs]


def report(names: list[str], known: dict[str, dict[str, Any]], sender: Any) -> None:
    import tensorflow.compat.v1 as tf

    rows = {row.name: row for row in opdb.load()}
    for name in names:
        for case, example in wrong_shapes.cases(rows[name]):
            if case in known.get(name, ()):
                continue
            sender.send((name, case, "!"))
            try:
                found: Any = shapes_of(wrong_shapes.Call(tf, rows[name], example, flatten).run())
            except Exception:       # refused
                found = None
            sender.send((name, case, found))
    sender.close()


def answers(names: list[str]) -> dict[str, dict[str, Any]]:
    """{row: {case: shapes, "!" or None}}, from as many processes as it takes."""
    found: dict[str, dict[str, Any]] = {}
    fork = multiprocessing.get_context("fork")
    while True:
        receiver, sender = fork.Pipe(duplex=False)
        process = fork.Process(target=report, args=(names, found, sender))
        process.start()
        sender.close()
        before = sum(map(len, found.values()))
        while receiver.poll(SECONDS):
            try:
                name, case, result = receiver.recv()
            except EOFError:
                break
            found.setdefault(name, {})[case] = result
        process.kill()
        process.join()
        if sum(map(len, found.values())) == before:
            return found
        names = names[names.index(name):]


def main() -> None:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    warnings.simplefilter("ignore")
    import tensorflow.compat.v1 as tf

    tf.disable_v2_behavior()
    some = sys.argv[1:]
    found = answers(some or [row.name for row in opdb.load()])
    kept = {name: cases for name, cases in json.loads(DATA.read_text()).items() if name not in found} if some else {}
    kept |= {name: {case: result for case, result in cases.items() if result is not None} for name, cases in found.items()}
    lines = [f"  {json.dumps(name)}: {json.dumps(cases, separators=(',', ':'))}" for name, cases in sorted(kept.items()) if cases]
    DATA.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
