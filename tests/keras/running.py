"""Runs small Keras programs in graphflow and in TensorFlow (tf_keras, graph mode and eagerly) and compares what they give.

A module of programs has functions `program_*(tf)` that return what JSON can hold, arrays aside. Each runs in a graph of its own with
numpy's generator seeded; what it prints is part of its result. tests/keras/golden holds what TensorFlow gave:

    python -m tests.keras.running PYTHON [MODULE ...]      writes it, with a python that has tensorflow-cpu==2.21.* and tf_keras
"""
import contextlib
import importlib
import io
import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"
MODULES = ("model_programs", "training_programs", "random_layers", "tutorial_programs")      # in graph mode
EAGER = ("eager_programs", "more_layer_programs", "preprocessing_programs")     # with TensorFlow 2's names, eagerly
RTOL, ATOL = 2e-5, 2e-6


def programs(module):
    """{name: function} of the programs of a module of this folder."""
    found = vars(importlib.import_module(f"tests.keras.{module}"))
    return {name: function for name, function in sorted(found.items()) if name.startswith("program_")}


def run_program(function, tf):
    """{'result': ..., 'printed': [lines]}, plain values; times in what was printed are left out."""
    tf.keras.backend.clear_session()
    (tf.set_random_seed if hasattr(tf, "set_random_seed") else tf.random.set_seed)(7)
    np.random.seed(3)
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = function(tf)
    return {"result": plain(result), "printed": lines(out.getvalue())}


def lines(text):
    """The lines as they stand in the end, without times."""
    found = []
    for line in text.split("\n"):
        line = line.rpartition("\r")[2].replace("\b", "").rstrip()
        line = re.sub(r" - \d+s\b(?!/)| \d+[smu]*s?/(sample|step|epoch)| - ETA: [\d:]+s?", "", line)
        found.append(re.sub(r"( -)+( - |$)", r"\2", line))
    return found[:-1] if found and not found[-1] else found


def plain(value):
    """Arrays as nested lists, tuples as lists, numbers of numpy as numbers."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        return plain(value.item())
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def differences(ours, theirs, path=""):
    """Where two plain values differ: lines 'path: ours, theirs'."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = [f"{path}: keys {list(ours)}, {list(theirs)}"] if set(ours) != set(theirs) else []
        return found + [d for key in ours if key in theirs for d in differences(ours[key], theirs[key], f"{path}.{key}")]
    if isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            return [f"{path}: {len(ours)} items {str(ours)[:300]}, {len(theirs)} items {str(theirs)[:300]}"]
        return [d for i, pair in enumerate(zip(ours, theirs)) for d in differences(*pair, f"{path}[{i}]")]
    if isinstance(ours, float) or isinstance(theirs, float):
        same = isinstance(ours, (int, float)) and isinstance(theirs, (int, float)) and np.allclose(ours, theirs, RTOL, ATOL, True)
        return [] if same else [f"{path}: {ours!r}, {theirs!r}"]
    return [] if ours == theirs and type(ours) is type(theirs) else [f"{path}: {ours!r}, {theirs!r}"]


def golden(module):
    """{program: what TensorFlow gave}."""
    return json.loads((GOLDEN / f"{module}.json").read_text(encoding="utf-8"))


def tensorflow_results(module, python):
    """{program: what TensorFlow gives now}, from one process of that python."""
    return asked(python, "tests.keras.running", "--tensorflow", module)


def asked(python, *arguments):
    """The JSON object that a module of the tests prints in a python that has TensorFlow."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1", "CUDA_VISIBLE_DEVICES": "-1",
                   "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    finished = subprocess.run([python, "-m", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-4000:]
    return json.loads(finished.stdout[finished.stdout.index("{"):])


def _main(arguments):
    if arguments[0] == "--tensorflow":
        import tensorflow.compat.v1 as tf
        tf.logging.set_verbosity(tf.logging.ERROR)
        if arguments[1] in EAGER:
            import tensorflow as tf
        else:
            tf.disable_v2_behavior()
        print(json.dumps({name: run_program(function, tf) for name, function in programs(arguments[1]).items()}))
        return
    GOLDEN.mkdir(exist_ok=True)
    for module in arguments[1:] or (*MODULES, *EAGER):
        results = tensorflow_results(module, arguments[0])
        text = ",\n".join(f"{json.dumps(name)}: {json.dumps(result)}" for name, result in results.items())
        (GOLDEN / f"{module}.json").write_text("{\n" + text + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    _main(sys.argv[1:])
