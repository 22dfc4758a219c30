"""One TensorFlow process that answers for many programs: a line of JSON in (text, whether nudged), a line of results out."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from .running import difference, run_text, spreads

ROOT = Path(__file__).resolve().parents[2]


class TensorFlow:
    """A running interpreter that has TensorFlow; use as a context manager."""

    def __init__(self, python: str):
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1", "TF_ENABLE_ONEDNN_OPTS": "0",
                       "CUDA_VISIBLE_DEVICES": "-1", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        self.refused = False    # whether TensorFlow could not build the last program
        self.process = subprocess.Popen([python, "-m", "tests.random_graphs.server"], cwd=ROOT, env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def __enter__(self) -> TensorFlow:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self.process:              # closes both pipes
            pass

    def run(self, text: str) -> dict[str, Any]:
        """What `running.run_text` gives there."""
        return dict(self._ask(text, False))

    def differs(self, tf: Any, text: str) -> str:
        """How the program's results in the module `tf` differ from TensorFlow's, beyond what rounding explains; '' if they do not."""
        ours, theirs = run_text(tf, text), self.run(text)
        self.refused = "refused" in theirs
        if not difference(ours, theirs):
            return ""
        both_ran = "runs" in ours and "runs" in theirs
        return difference(ours, theirs, *([self._ask(text, True), spreads(tf, text)] if both_ran else []))

    def _ask(self, text: str, nudged: bool) -> Any:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps([text, nudged]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"TensorFlow's process ended (exit code {self.process.wait(30)}) in this program:\n{text}")
        return decoded(json.loads(answer))


def encoded(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        file = io.BytesIO()
        np.save(file, value, allow_pickle=False)
        return {"npy": base64.b64encode(file.getvalue()).decode()}
    if isinstance(value, dict):
        return {k: encoded(v) for k, v in value.items()}
    return [encoded(v) for v in value] if isinstance(value, list) else value


def decoded(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {"npy"}:
            return np.load(io.BytesIO(base64.b64decode(value["npy"])), allow_pickle=False)
        return {k: decoded(v) for k, v in value.items()}
    return [decoded(v) for v in value] if isinstance(value, list) else value


def answer(tf: Any, text: str, nudged: bool) -> Any:
    """The results, or how far each moves when the program's data moves a little."""
    return spreads(tf, text) if nudged else run_text(tf, text)


def main() -> None:
    import tensorflow.compat.v1 as tf
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)    # what TensorFlow prints is not part of the answers
    for line in sys.stdin:
        out.write(json.dumps(encoded(answer(tf, *json.loads(line)))) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
