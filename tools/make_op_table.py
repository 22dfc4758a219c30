"""Writes graphflow/graphdef/op_table.bin: the definitions of TensorFlow's ops (arguments, attributes, defaults), an OpList, deflated.

Run it with a python that has TensorFlow 2: `python tools/make_op_table.py`. Texts are left out; only names, types, numbers and defaults
are kept. `graphflow.graphdef.op_table` reads the file.
"""

from __future__ import annotations

import zlib
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "graphflow" / "graphdef" / "op_table.bin"
INTERNAL = ("_Mkl", "Mkl", "_Xla", "Xla", "_TPU", "RiscV", "Risc")


def main() -> None:
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.client import pywrap_tf_session as session

    ops = op_def_pb2.OpList.FromString(session.TF_GetBuffer(session.TF_GetAllOpList()))
    table = op_def_pb2.OpList()
    for op in sorted(ops.op, key=lambda op: op.name):
        if op.name.startswith(INTERNAL):
            continue
        op.summary = op.description = ""
        if op.HasField("deprecation"):
            op.deprecation.explanation = ""
        for argument in [*op.input_arg, *op.output_arg]:
            argument.description = ""
            argument.ClearField("experimental_full_type")
        for attribute in op.attr:
            attribute.description = ""
        table.op.add().CopyFrom(op)
    TARGET.write_bytes(zlib.compress(table.SerializeToString(deterministic=True), 9))
    print(f"{len(table.op)} ops, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
