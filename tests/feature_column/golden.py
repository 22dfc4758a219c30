"""What TensorFlow 1.15 makes of the programs beside this file: tests/data/feature_column.json.gz.

    PYTHON -m tests.feature_column.golden     with a python 3.7 that has tensorflow==1.15.*
"""
import gzip
import json
import os
from pathlib import Path

from tests.estimator.tf1_side import packed
from tests.oracle.programs import run_programs

FILE = Path(__file__).parents[1] / "data" / "feature_column.json.gz"


def stored():
    """{program: packed results of the second run}"""
    with gzip.open(str(FILE), "rb") as file:
        return json.loads(file.read())


def write():
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import tensorflow as tf

    from tests.feature_column import column_programs
    tf.logging.set_verbosity(tf.logging.ERROR)
    results = run_programs(column_programs, tf)
    with gzip.GzipFile(str(FILE), "wb", mtime=0) as file:
        file.write(json.dumps({name: packed(result["runs"][1]) for name, result in results.items()}, separators=(",", ":")).encode())


if __name__ == "__main__":
    write()
