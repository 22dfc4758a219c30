"""Print nodes: values on stderr (or another stream) whenever they are computed."""
from __future__ import annotations

import logging
import os
import pprint
import sys
from collections import OrderedDict
from typing import Any

import numpy as np

from ...core import dtypes
from ...core.deprecation import warn_once
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, load
from ...core.operation import Operation
from ...core.outcomes import Effect
from ...core.run_context import Context
from ...core.tensor import Tensor, is_tensor
from ...kernels.summarize import summarize as summary


class Print(Op, sig="input: T, data: [U] -> output: T"):
    """The input; prints the data on stderr."""
    T: dtypes.DType
    U: list[dtypes.DType]
    message: str = ""
    first_n: int = -1
    summarize: int = 3
    stateful = True

    def infer(self, x: Spec, *data: Spec) -> Spec:
        return x

    def run(self, ctx: Context, x: Any, *data: Any) -> Any:
        if self.first_n >= 0:
            count = ctx.state(lambda: [0])
            count[0] += 1
            if count[0] > self.first_n:
                return x
        message = self.message.decode() if isinstance(self.message, bytes) else self.message
        print(message + "".join(f"[{summary(d, self.summarize)}]" for d in data), file=sys.stderr, flush=True)
        return x

    def grad(self, op: Operation, dy: Any) -> Any:
        return (dy, *[None] * (len(op.inputs) - 1))


@export("Print")
def print_(input_: Any, data: Any, message: str | None = None, first_n: int | None = None, summarize: int | None = None,
           name: str | None = None) -> Tensor:
    """`input_`, which prints `data` (a list of tensors) on stderr each time it is computed.

    message: printed before; first_n: print only that often; summarize: entries of each tensor (3 by default, -1 all).
    """
    warn_once("tf.Print is deprecated in later TensorFlow: tf.print makes an operation to run or to wait for")
    return make(Print, input_, list(data), name=name, message=message or "",
                first_n=-1 if first_n is None else first_n, summarize=3 if summarize is None else summarize)


_LOG_LEVELS = {"log(info)": logging.INFO, "log(warning)": logging.WARNING, "log(error)": logging.ERROR}


class PrintV2(Effect, sig="input: string ->"):
    """Writes a string to a stream."""
    output_stream: str = "stderr"
    end: str = "\n"
    stateful = True

    def infer(self, x: Spec) -> tuple[()]:
        return ()

    def run(self, ctx: Context, x: Any) -> tuple[()]:
        text = bytes(np.asarray(x, object)[()]).decode("utf-8", "replace")
        stream, end = (v.decode() if isinstance(v, bytes) else v for v in (self.output_stream, self.end))
        if stream.startswith("file://"):
            with open(stream[len("file://"):], "a", encoding="utf-8") as file:
                file.write(text + end)
        elif stream in _LOG_LEVELS:
            logging.getLogger("graphflow").log(_LOG_LEVELS[stream], text)
        else:
            print(text, end=end, file=sys.stdout if stream == "stdout" else sys.stderr, flush=True)
        return ()

    def grad(self, op: Operation, *dy: Any) -> Any:
        return (None,)


def _stream_name(stream: Any) -> str:
    if isinstance(stream, str) and stream.startswith("file://"):
        return stream
    known: dict[Any, str] = {sys.stdout: "stdout", sys.stderr: "stderr"}
    for level, names in (("info", ("INFO", "info")), ("warning", ("WARNING", "warning", "warn")), ("error", ("ERROR", "error"))):
        for name in names:
            known[getattr(logging, name, None)] = f"log({level})"
    if stream in known:
        return known[stream]
    label = getattr(stream, "__name__", "")
    if label in ("info", "warning", "warn", "error"):
        return f"log({'warning' if label == 'warn' else label})"
    raise ValueError(f"Unsupported output stream, logging level, or file.{stream}. Supported streams are sys.stdout, sys.stderr, "
                     "tf.logging.info, tf.logging.warning, tf.logging.error. File needs to be in the form of 'file://<filepath>'.")


class _Placeholder:
    """Stands for a tensor, or a sparse one, in a structure that is pretty-printed."""

    def __init__(self, text: str = "{}") -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text.replace("{}", _GAP)


_GAP = "\0{}\0"        # a mark for tensors while a template is made, which no text of the user holds


def _gap(template: str) -> str:
    """What stands for a tensor in a template: `{}`, numbered where the user's own text has that."""
    found, number = "{}", 0
    while found in template.replace(_GAP, ""):
        found, number = f"{{}}{number}", number + 1
    return found


def _template(item: Any, tensors: list[Tensor]) -> Any:
    """The structure with placeholders for tensors, which are collected in order."""
    if isinstance(item, OrderedDict):
        return OrderedDict((k, _template(v, tensors)) for k, v in item.items())
    if isinstance(item, dict):
        return {k: _template(item[k], tensors) for k in sorted(item)}
    if isinstance(item, (list, tuple)) and not hasattr(item, "_fields"):
        return type(item)(_template(v, tensors) for v in item)
    if isinstance(item, tuple):
        return type(item)(*[_template(v, tensors) for v in item])
    if hasattr(item, "dense_shape") and hasattr(item, "indices"):
        tensors.extend([item.indices, item.values, item.dense_shape])
        return _Placeholder("'SparseTensor(indices={}, values={}, shape={})'")
    if is_tensor(item):
        tensors.append(item)
        return _Placeholder()
    return item


@export("print")
def print_v2(*inputs: Any, **kwargs: Any) -> Operation:
    """An operation that prints its inputs (tensors, strings, structures of them) when it runs.

    output_stream (sys.stderr; sys.stdout, tf.logging.info, ..., "file://path"), summarize (3 first and last entries per axis; -1 all),
    sep, end, name.
    """
    stream = kwargs.pop("output_stream", sys.stderr)
    name = kwargs.pop("name", None)
    summarize = kwargs.pop("summarize", 3)
    sep, end = kwargs.pop("sep", " "), kwargs.pop("end", os.linesep)
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments for tf.print: {kwargs}")
    where = _stream_name(stream)
    if len(inputs) == 1 and isinstance(inputs[0], Tensor) and inputs[0].static == () and inputs[0].dtype == dtypes.string:
        text = inputs[0]
    else:
        tensors: list[Tensor] = []
        parts = [_template(item, tensors) for item in inputs]
        template = sep.join(p if isinstance(p, str) else pprint.pformat(p) for p in parts)
        gap = _gap(template)
        text = make(load("StringFormat"), tensors, name=f"{name}_format" if name else None, template=template.replace(_GAP, gap),
                    placeholder=gap, summarize=summarize)
    return make(PrintV2, text, name=name, output_stream=where, end=end)
