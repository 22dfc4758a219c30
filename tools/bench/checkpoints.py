"""Saving and restoring 1 GB: time with and without a flush to the disk, and extra memory, beside TensorFlow.

    python -m tools.bench.checkpoints                               one process per implementation, rounds in turns
    python -m tools.bench.checkpoints --megabytes 200 --variables 4 --tensorflow venv/bin/python

graphflow flushes its files before it renames them; TensorFlow leaves that to the system. So `save` of both is compared with `save + flush`.
Extra memory is the rise of the resident set's high-water mark during the work (Linux only), in multiples of the largest tensor; that
of `restore_fresh`, the first work of a new process, includes the variables themselves.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WORK = ("save", "save_and_flush", "restore")


def flush(folder: str) -> None:
    """Hand the bytes of all files to the disk."""
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb+") as file:
            os.fsync(file.fileno())


def reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def memory(field: str) -> int:
    """A field of /proc/self/status in bytes: VmRSS now, VmHWM at most."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def worker(implementation: str, megabytes: int, variables: int, folder: str, fresh: bool) -> None:
    """Does one piece of work for each line of input; writes its seconds and extra bytes. fresh: only restores, once."""
    if implementation == "tensorflow":
        import tensorflow.compat.v1 as tf  # type: ignore[import-not-found]

        tf.disable_v2_behavior()
    else:
        import graphflow as tf  # type: ignore[no-redef]
    size = megabytes * 250_000 // variables
    made = [tf.get_variable(f"v{number}", [size // 1000, 1000], initializer=tf.ones_initializer()) for number in range(variables)]
    saver = tf.train.Saver(made)
    session = tf.Session()
    path = os.path.join(folder, "model")
    if fresh:
        timed(lambda: saver.restore(session, path))
        return
    session.run(tf.global_variables_initializer())
    saver.save(session, path, write_meta_graph=False)
    flush(folder)
    for line in sys.stdin:
        if line.strip() == "restore":
            timed(lambda: saver.restore(session, path))
        elif line.strip() == "save":
            timed(lambda: saver.save(session, path, write_meta_graph=False))
        else:
            timed(lambda: (saver.save(session, path, write_meta_graph=False), flush(folder)))
        flush(folder)


def timed(work: Any) -> None:
    before = memory("VmRSS")
    reset_peak()
    begin = time.perf_counter()
    work()
    seconds = time.perf_counter() - begin
    print(json.dumps({"seconds": seconds, "extra": memory("VmHWM") - before}), flush=True)


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """Medians of all work of all implementations."""
    pythons = {"graphflow": sys.executable}
    if args.tensorflow:
        pythons["tensorflow"] = args.tensorflow
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        processes = {}

        def start(name: str, *options: str) -> subprocess.Popen[str]:
            environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
            return subprocess.Popen(
                [pythons[name], "-m", "tools.bench.checkpoints", "--worker", name, "--megabytes", str(args.megabytes), "--variables",
                 str(args.variables), "--folder", os.path.join(folder, name), *options],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=environment)

        for name in pythons:
            os.mkdir(os.path.join(folder, name))
            processes[name] = start(name)
        results: dict[str, list[dict[str, float]]] = {f"{name} {work}": [] for work in (*WORK, "restore_fresh") for name in processes}
        for _ in range(args.rounds):
            for work in WORK:
                for name, process in processes.items():
                    assert process.stdin and process.stdout
                    process.stdin.write(work + "\n")
                    process.stdin.flush()
                    results[f"{name} {work}"].append(json.loads(process.stdout.readline()))
        for process in processes.values():
            process.communicate()
        for _ in range(args.rounds):
            for name in processes:
                results[f"{name} restore_fresh"].append(json.loads(start(name, "--fresh").communicate()[0]))
    largest = args.megabytes * 1_000_000 / args.variables
    for key, runs in results.items():
        found[key] = {"seconds": statistics.median(run["seconds"] for run in runs),
                      "extra_in_largest_tensors": round(max(run["extra"] for run in runs) / largest, 2)}
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--variables", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where to write; a temporary folder by default")
    parser.add_argument("--tensorflow", default=os.environ.get("GRAPHFLOW_TF_PYTHON"), metavar="PYTHON")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--fresh", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--worker", choices=["graphflow", "tensorflow"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        worker(args.worker, args.megabytes, args.variables, args.folder, args.fresh)
        return 0
    found = measure(args)
    if args.json:
        print(json.dumps(found, indent=1))
        return 0
    for key, row in found.items():
        print(f"{key:<28} {row['seconds']:7.3f} s   extra memory {row['extra_in_largest_tensors']:5.2f} of the largest tensor")
    return 0


if __name__ == "__main__":
    sys.exit(main())
