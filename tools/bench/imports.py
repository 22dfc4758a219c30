"""Import times, each measured inside a fresh process, from the bytecode cache."""

from __future__ import annotations

import os
import statistics
import subprocess

NUMPY = "import numpy"
CODE = {
    "graphflow": "import graphflow as tf",
    "tensorflow": "import tensorflow.compat.v1 as tf",
}
FIRST_RUN = "; x = tf.placeholder(tf.float32); y = x * 2; sess = tf.Session(); sess.run(y, feed_dict={x: 3.0})"


def seconds(python: str, code: str) -> float:
    """Time that `code` takes in a fresh `python`."""
    program = f"import time; t = time.perf_counter(); {code}; print('took', time.perf_counter() - t)"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, env=environment)
    if done.returncode:
        raise NotImplementedError(done.stderr.strip().splitlines()[-1])
    return float(done.stdout.split("took")[-1])


def measure(pythons: dict[str, str], rounds: int) -> list[dict[str, object]]:
    """Rows `import` and `first run`; numpy's number is that of `import numpy` in both."""
    rows: list[dict[str, object]] = []
    for name, suffix, about in (("import", "", "import"), ("first", FIRST_RUN, "import, first placeholder, first run")):
        codes = {"numpy": (pythons["numpy"], NUMPY)}
        for implementation, python in pythons.items():
            if implementation != "numpy":
                prefix = "tf.disable_v2_behavior(); " if implementation == "tensorflow" and suffix else ""
                codes[implementation] = (python, CODE[implementation] + ("; " + prefix + suffix[2:] if suffix else ""))
        times: dict[str, list[float]] = {implementation: [] for implementation in codes}
        errors: dict[str, str] = {}
        for _ in range(rounds + 1):    # the first round fills the caches
            for implementation, (python, code) in codes.items():
                if implementation not in errors:
                    try:
                        times[implementation].append(seconds(python, code))
                    except NotImplementedError as error:
                        errors[implementation] = str(error)
        medians = {key: statistics.median(values[1:]) for key, values in times.items() if key not in errors}
        rows.append({"name": name, "about": about, "unit": "process", "seconds": medians, "first_ms": {}, "errors": errors})
    return rows
