"""Writes tests/data/opdb/references.npz: what TensorFlow gives for the rows of the op database that have no reference of their own.

    python -m tests.oracle.store_references        with an interpreter that has tensorflow-cpu 2.21
"""

from __future__ import annotations

import numpy as np

from tests import opdb
from tests.opdb import stored

from .opdb_results import run_case


def main() -> None:
    import tensorflow.compat.v1 as tf
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    found: dict[str, tuple[int, list[np.ndarray]]] = {}
    for row in opdb.load():
        if row.reference is not None or row.oracle is not True:
            continue
        for dtype in row.dtypes:
            for number, example in enumerate(row.cases(dtype)):
                name = stored.label(row, dtype, number)
                try:
                    values = run_case(tf, row, dtype, example)["values"]
                except Exception as error:  # TensorFlow has no kernel for this dtype
                    if dtype == row.dtypes[0]:
                        raise
                    print(f"{name}: {type(error).__name__}: {str(error).splitlines()[0][:120]}")
                    continue
                found[name] = stored.digest(example), values
    stored.write(found)
    print(f"{stored.FILE.name}: {len(found)} samples, {stored.FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
