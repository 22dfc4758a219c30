"""Writes one small file of each kind that graphflow writes, for the tests of later releases to read: tests/data/releases/<version>.

    python tools/make_release_fixtures.py            once for each release; its folder is never changed afterwards

What is written has fixed values (`EXPECTED`), so that the reading test needs nothing but this module.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import graphflow as tf  # noqa: E402
from graphflow.commands import tensor_files  # noqa: E402

RELEASES = ROOT / "tests" / "data" / "releases"
EXPECTED: dict[str, Any] = {
    "weights": np.arange(6, dtype=np.float32).reshape(2, 3), "steps": np.int64(7), "words": np.array([b"red", b"\xff\x00"], object),
    "half": np.array([1.5, -2.0], np.float16), "flag": np.array(True), "nothing": np.zeros((0, 4), np.float64),
}  # fmt: skip
X = np.array([[1.0, 2.0]], np.float32)


def model() -> tuple[Any, Any, list[Any]]:
    """(x, y = x weights in a branch and a loop, all variables)."""
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    found = {name: tf.get_variable(name, initializer=value, trainable=name == "weights") for name, value in EXPECTED.items()}
    parts = tf.get_variable("parts", [4, 2], initializer=tf.ones_initializer(), partitioner=tf.fixed_size_partitioner(2))
    y = tf.matmul(x, found["weights"])
    y = tf.cond(tf.reduce_sum(x) > 0.0, lambda: y, lambda: -y)
    y = tf.identity(tf.while_loop(lambda i, _: i < 3, lambda i, v: (i + 1, v * 2.0), [0, y])[1], name="y")
    return x, y, [*found.values(), *parts]


def write(folder: Path) -> None:
    """All kinds of files, in a new folder."""
    folder.mkdir(parents=True)
    with tf.Graph().as_default() as graph, tf.Session() as session:
        x, y, _ = model()
        session.run(tf.global_variables_initializer())
        tf.train.Saver().save(session, str(folder / "v2"))
        tf.train.Saver(write_version=tf.train.SaverDef.V1).save(session, str(folder / "v1"), write_meta_graph=False, write_state=False)
        tf.train.write_graph(graph, str(folder), "graph.pb", as_text=False)
        tf.train.write_graph(graph, str(folder), "graph.pbtxt")
        tf.saved_model.simple_save(session, str(folder / "saved_model"), {"x": x}, {"y": y})
        writer = tf.summary.FileWriter(str(folder / "events"), graph)
        summaries = tf.summary.merge([tf.summary.scalar("mean", tf.reduce_mean(y)), tf.summary.histogram("y", y),
                                      tf.summary.text("t", tf.constant("note"))])
        writer.add_summary(session.run(summaries, {x: X}), 5)
        writer.close()
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("v", initializer=[1.0, 2.0])
        session.run(v.initializer)
        tf.train.Checkpoint(v=v).save(str(folder / "objects"), session=session)
    for ending, options in (("", None), (".gz", tf.python_io.TFRecordOptions(tf.python_io.TFRecordCompressionType.GZIP))):
        with tf.python_io.TFRecordWriter(str(folder / f"records{ending}"), options) as records:
            for i in range(3):
                records.write(b"record %d" % i)
    numbers = folder / "numbers"
    with tf.Graph().as_default(), tf.Session() as session:
        w = tf.get_variable("weights", initializer=EXPECTED["weights"])
        session.run(w.initializer)
        tf.train.Saver().save(session, str(numbers), write_meta_graph=False, write_state=False)
    tensor_files.convert(str(numbers), str(folder / "weights.npz"))
    for file in folder.glob("numbers*"):
        file.unlink()


def main() -> int:
    folder = RELEASES / version()
    if folder.exists():
        print(f"{folder} is there: a release's files stay as they are")
        return 1
    try:
        write(folder)
    except BaseException:
        shutil.rmtree(folder)
        raise
    print(f"wrote {folder}: {sum(file.stat().st_size for file in folder.rglob('*') if file.is_file())} bytes")
    return 0


def version() -> str:
    """The version in pyproject.toml."""
    line = next(line for line in (ROOT / "pyproject.toml").read_text().splitlines() if line.startswith("version"))
    return line.split('"')[1]


if __name__ == "__main__":
    sys.exit(main())
