"""TensorFlow 1.15's results of the programs beside this file, kept in tests/data/estimator: values, names of variables, files, summaries.

    PYTHON -m tests.estimator.tf1_side custom_programs [PROGRAM ...]

with a python 3.7 that has tensorflow==1.15.* and tensorflow-estimator==1.15.*.

A program is a function `program_NAME(tf, folder)` that trains in `folder` and returns {name: array, number, text or list of texts}. The
checkpoint that its training began with is kept too: graphflow starts from the same numbers.
"""
import gzip
import importlib
import json
import os
import sys
import tempfile

import numpy as np

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "estimator")


def run(function, tf, folder):
    """{'returned', 'variables', 'files', 'tags', 'signatures'} of a program that has run in a folder."""
    returned = function(tf, folder)
    last = tf.train.latest_checkpoint(folder)
    variables = {name: tf.train.load_variable(last, name) for name, _ in tf.train.list_variables(last)} if last else {}
    return {"returned": returned, "variables": variables, "files": files(folder), "tags": tags(tf, folder),
            "signatures": signatures(tf, folder)}


def files(folder):
    """The names of all files, what depends on the time or the machine left out."""
    found = set()
    for path, _, names in os.walk(folder):
        for name in names:
            parts = os.path.relpath(os.path.join(path, name), folder).split(os.sep)
            parts = ["TIME" if part.isdigit() and len(part) == 10 else part for part in parts]
            if parts[-1].startswith("events.out"):
                parts[-1] = "events"
            if ".data-" in parts[-1]:
                parts[-1] = parts[-1].split(".data-")[0] + ".data"      # how many shards there are depends on devices
            found.add("/".join(parts))
    return sorted(found)


def tags(tf, folder):
    """The tags of summaries in the event files of each folder, with their steps."""
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            if name.startswith("events.out"):
                for event in tf.train.summary_iterator(os.path.join(path, name)):
                    for value in event.summary.value:
                        if not value.tag.endswith("/sec"):
                            found.setdefault(os.path.relpath(path, folder), set()).add(f"{value.tag} {event.step}")
    return {path: sorted(seen) for path, seen in found.items()}


def signatures(tf, folder):
    """{folder of exports: {signature: [method, names of inputs, names of outputs with dtypes and ranks]}} of the last export of each."""
    found = {}
    for path, _, names in sorted(os.walk(folder)):
        if "saved_model.pb" in names:
            with tf.Graph().as_default(), tf.Session() as session:
                meta = tf.saved_model.loader.load(session, ["serve"], path)
                found[os.path.relpath(os.path.dirname(path), folder)] = {
                    key: [s.method_name, _infos(s.inputs), _infos(s.outputs)] for key, s in sorted(meta.signature_def.items())}
    return found


def _infos(infos):
    return sorted(f"{name} {info.dtype} {[d.size for d in info.tensor_shape.dim]}" for name, info in infos.items())


def packed(value):
    """A value as JSON has it; arrays with 7 digits."""
    if isinstance(value, dict):
        return {key: packed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [packed(item) for item in value]
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        items = array.ravel().tolist()
        if array.dtype.kind == "f":
            items = [float(f"{item:.7g}") for item in items]
        elif array.dtype.kind in "OSU":
            items = [item.decode() if isinstance(item, bytes) else item for item in items]
        return {"dtype": array.dtype.name if array.dtype.kind not in "OSU" else "object", "shape": list(array.shape), "values": items}
    return value


def main(name, only=()):
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf
    tf.logging.set_verbosity(tf.logging.ERROR)
    programs = importlib.import_module("tests.estimator." + name)
    path = os.path.join(DATA, name + ".json.gz")
    results = {}
    if only and os.path.exists(path):
        with gzip.open(path, "rb") as file:
            results = json.loads(file.read())
    for key, function in sorted(vars(programs).items()):
        if key.startswith("program_") and (not only or key in only):
            with tempfile.TemporaryDirectory() as folder:
                result = run(function, tf, folder)
                first = os.path.join(folder, "model.ckpt-0")
                if os.path.exists(first + ".index"):
                    result["initial"] = {n: tf.train.load_variable(first, n) for n, _ in tf.train.list_variables(first)}
                results[key] = packed(result)
                os.makedirs(DATA, exist_ok=True)
                with gzip.GzipFile(path, "wb", mtime=0) as file:
                    file.write(json.dumps(results, separators=(",", ":"), sort_keys=True).encode())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
