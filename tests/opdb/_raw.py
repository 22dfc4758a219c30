"""Making a node of an op type that no public function makes, in graphflow and in TensorFlow."""

from __future__ import annotations

from typing import Any


def raw(tf: Any, op: str, **arguments: Any) -> Any:
    """The outputs of a new node of type `op`; arguments by their names in the op table, attributes among them."""
    if hasattr(tf, "raw_ops"):
        return getattr(tf.raw_ops, op)(**arguments)
    from graphflow.core.dtypes import as_dtype
    from graphflow.core.make import make
    from graphflow.core.op import load
    cls = load(op)
    inputs = [arguments.pop(arg.name) for arg in cls.signature().inputs]
    attributes = {k: as_dtype(v) if cls.annotations[k] == "DType" else tuple(v) if isinstance(v, list) else v for k, v in arguments.items()}
    return make(cls, *inputs, **attributes)
