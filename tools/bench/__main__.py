"""Measures graphflow's engines beside TensorFlow and hand-written numpy: medians over interleaved rounds, one process per implementation.

    python -m tools.bench                                   everything, a few minutes
    python -m tools.bench --only tiny,mlp --rounds 9
    python -m tools.bench --models                          models that nobody tuned for, with the geometric mean of the ratios
    python -m tools.bench --tensorflow venv/bin/python      where TensorFlow is (or GRAPHFLOW_TF_PYTHON)
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))    # for `python tools/bench`

from tools.bench import imports  # noqa: E402
from tools.bench.workloads import MODELS, WORKLOADS  # noqa: E402

IMPORTS = ("import", "first")
USUAL = [name for name in WORKLOADS if name not in MODELS]
ENGINES = {"graphflow": "numpy", "native": "native"}


class Worker:
    """A process that runs one implementation."""

    def __init__(self, implementation: str, python: str, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [python, "-m", "tools.bench.worker", implementation],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=environment,
        )    # fmt: skip

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        return json.loads(line) if line else {"error": f"the process ended with exit code {self.process.wait()}"}

    def close(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait()


def measure(workers: dict[str, Worker], name: str, args: argparse.Namespace) -> dict[str, Any]:
    """One row: median seconds per unit of every implementation that can do the work."""
    workload = WORKLOADS[name]
    errors: dict[str, str] = {}
    first: dict[str, float] = {}
    for implementation, worker in workers.items():
        reply = worker.ask(build=name, small=args.small)
        if "error" in reply:
            errors[implementation] = reply["error"]
        else:
            first[implementation] = reply["first_ms"]
    times: dict[str, list[float]] = {implementation: [] for implementation in first}
    for _ in range(args.rounds):
        for implementation in times:
            reply = workers[implementation].ask(time=args.seconds)
            if "error" in reply:
                errors[implementation] = reply["error"]
            else:
                times[implementation].append(reply["seconds"] / workload.units)
    medians = {key: statistics.median(values) for key, values in times.items() if values}
    return {"name": name, "about": workload.about, "unit": workload.unit, "seconds": medians, "first_ms": first, "errors": errors}


def show(seconds: float | None) -> str:
    """A time in a unit that fits it."""
    if seconds is None:
        return "-"
    for unit, scale in (("us", 1e-6), ("ms", 1e-3)):
        if seconds < 1000 * scale:
            return f"{seconds / scale:.3g} {unit}" if seconds < 100 * scale else f"{seconds / scale:.0f} {unit}"
    return f"{seconds:.3g} s"


def ratio(a: float | None, b: float | None) -> str:
    return f"{a / b:.2f}" if a and b else "-"


def line(row: dict[str, Any]) -> str:
    t, first = row["seconds"], row["first_ms"]
    ours, native, theirs = t.get("graphflow"), t.get("native"), t.get("tensorflow")
    cells = [show(ours), show(native), show(t.get("numpy")), show(theirs)]
    cells += [ratio(ours, t.get("numpy")), ratio(theirs, ours), ratio(theirs, native)]
    cells += [f"{first[key]:.0f}" if key in first else "-" for key in ("graphflow", "native", "tensorflow")]
    return f"{row['name']:<10}" + "".join(f"{cell:>11}" for cell in cells) + f"   {row['about']} (per {row['unit']})"


HEADER = f"{'work':<10}" + "".join(
    f"{cell:>11}"
    for cell in ("graphflow", "native", "numpy", "tensorflow", "gf/numpy", "tf/gf", "tf/native", "gf 1st", "nat 1st", "tf 1st ms")
)


def arguments() -> argparse.Namespace:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__, formatter_class=formatter)
    parser.add_argument("--only", help="comma-separated rows: " + ", ".join((*IMPORTS, *USUAL)))
    parser.add_argument("--models", action="store_true", help="the rows " + ", ".join(MODELS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="work per implementation and round")
    parser.add_argument("--tensorflow", default=os.environ.get("GRAPHFLOW_TF_PYTHON"), help="a python that has TensorFlow 2.x")
    parser.add_argument("--engines", help="graphflow's: " + ",".join(ENGINES.values()) + " (default: both; the native one needs llvmlite)")
    parser.add_argument("--small", action="store_true", help="tiny sizes: shows that everything runs, measures nothing of use")
    parser.add_argument("--cpu", action="store_true", help="processor time instead of wall time, for a machine with other work")
    parser.add_argument("--json", metavar="FILE", help="write the figures here")
    args = parser.parse_args()
    args.only = args.only.split(",") if args.only else MODELS if args.models else [*IMPORTS, *USUAL]
    if args.engines is None:
        args.engines = "numpy,native" if importlib.util.find_spec("llvmlite") else "numpy"
    unknown = set(args.only) - {*IMPORTS, *WORKLOADS}
    if unknown:
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}")
    return args


def main() -> int:
    args = arguments()
    pythons = {"graphflow": sys.executable, "numpy": sys.executable}
    engines = {name: sys.executable for name, engine in ENGINES.items() if engine in args.engines.split(",")}
    if args.tensorflow:
        pythons["tensorflow"] = shutil.which(args.tensorflow) or sys.exit(f"no program {args.tensorflow}")
    scratch = tempfile.mkdtemp(prefix="bench_")
    environment = os.environ | {"BENCH_TMP": scratch, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1"}
    environment["BENCH_CLOCK"] = "cpu" if args.cpu else "wall"
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    rows: list[dict[str, Any]] = []
    print(HEADER, flush=True)
    try:
        if set(IMPORTS) & set(args.only):
            for row in imports.measure(pythons, max(args.rounds, 2)):
                if row["name"] in args.only:
                    rows.append(row)
                    print(line(row), flush=True)
        del pythons["graphflow"]
        workers = {implementation: Worker(implementation, python, environment | {"GRAPHFLOW_ENGINE": ENGINES.get(implementation, "")})
                   for implementation, python in {**engines, **pythons}.items()}
        for name in args.only:
            if name in WORKLOADS:
                rows.append(measure(workers, name, args))
                print(line(rows[-1]), flush=True)
        for worker in workers.values():
            worker.close()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for name in (name for name in ENGINES if len(rows) > 1):
        found = [row["seconds"]["tensorflow"] / row["seconds"][name] for row in rows if {name, "tensorflow"} <= row["seconds"].keys()]
        if found:
            print(f"TensorFlow's time / {name}'s: geometric mean {statistics.geometric_mean(found):.2f}, least {min(found):.2f}")
    for row in rows:
        for implementation, error in row["errors"].items():
            if error != "NotImplementedError: no numpy version":
                print(f"{row['name']}: {implementation}: {error}")
    if args.json:
        machine = {"system": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count(), "engines": args.engines}
        Path(args.json).write_text(json.dumps({"machine": machine, "rows": rows}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
