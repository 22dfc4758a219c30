"""How many floating-point operations an operation takes, from its static shapes; TensorFlow's count, in which a fused multiply and add are
two and moving data is none. None where a shape is not known or nobody counts the op.
"""
from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

_PER_ELEMENT = {
    "Add": 1, "AddV2": 1, "Sub": 1, "Mul": 1, "RealDiv": 1, "Maximum": 1, "Minimum": 1, "Pow": 1, "Neg": 1, "Reciprocal": 1, "Square": 1,
    "Log": 1, "Rsqrt": 2, "RsqrtGrad": 4, "SquaredDifference": 2, "Softmax": 5, "Equal": 1, "NotEqual": 1, "Greater": 1, "GreaterEqual": 1,
    "Less": 1, "LessEqual": 1, "AssignAdd": 1, "AssignSub": 1, "BiasAdd": 1,
}  # fmt: skip


class _UnknownError(Exception):
    """A shape is not known."""


def float_operations(op: Any) -> int | None:
    """The count for an operation, or None."""
    try:
        if op.type in _PER_ELEMENT:
            return _PER_ELEMENT[op.type] * _out(op)
        rule = _RULES.get(op.type)
        return None if rule is None else rule(op)
    except _UnknownError:
        return None


def _shape(tensor: Any) -> tuple[int, ...]:
    shape = tensor.static
    if shape is None or None in shape:
        raise _UnknownError
    return shape


def _out(op: Any) -> int:
    return prod(_shape(op.outputs[0]))


def _in(op: Any, index: int = 0) -> int:
    return prod(_shape(op.inputs[index]))


def _reduction(op: Any) -> int:
    return _in(op) - _out(op)


def _matmul(op: Any) -> int:
    transposed = getattr(op._op_def, "transpose_a", None) or getattr(op._op_def, "adj_x", False)
    return 2 * _out(op) * _shape(op.inputs[0])[-2 if transposed else -1]


def _filter(kernel: tuple[int, ...]) -> int:
    """Products per output element: the kernel without its last axis, the output channels."""
    return prod(kernel[:-1])


def _depthwise(op: Any) -> int:
    kernel = _shape(op.inputs[1])
    return 2 * _out(op) * kernel[0] * kernel[1]


def _window(op: Any) -> int:
    return prod(op._op_def.ksize)


_RULES: dict[str, Callable[[Any], int]] = {
    "L2Loss": lambda op: 3 * _in(op) - 1,
    "AddN": lambda op: _out(op) * (len(op.inputs) - 1),
    "Sum": _reduction,
    "Mean": lambda op: _reduction(op) + _out(op),
    "ArgMax": _reduction,
    "ArgMin": _reduction,
    "BiasAddGrad": _reduction,
    "MatMul": _matmul,
    "BatchMatMul": _matmul,
    "BatchMatMulV2": _matmul,
    "BatchMatMulV3": _matmul,
    "Conv2D": lambda op: 2 * _out(op) * _filter(_shape(op.inputs[1])),
    "Conv3D": lambda op: 2 * _out(op) * _filter(_shape(op.inputs[1])),
    "Conv2DBackpropInput": lambda op: 2 * _in(op, 2) * _filter(_shape(op.inputs[1])),
    "Conv2DBackpropFilter": lambda op: 2 * _in(op, 2) * _filter(_shape(op.outputs[0])),
    "DepthwiseConv2dNative": _depthwise,
    "Dilation2D": _depthwise,
    "MaxPool": lambda op: _out(op) * _window(op),
    "AvgPool": lambda op: _out(op) * _window(op),
    "MaxPoolGrad": lambda op: _in(op, 1) * (_window(op) + 1),
    "AvgPoolGrad": lambda op: 2 * _in(op, 1) * _window(op),
}
