"""Values passed on: identity_n, placeholder_with_default, prevent_gradient, bitcast."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...core import context, shapes
from ...core.dtypes import DType, as_dtype
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Shape, Spec, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .basic import identity


class IdentityN(Several, sig="input: [T] -> output: [T]"):
    """The same values, all of them."""
    least = {"T": 1}
    T: list[DType]

    def infer(self, *inputs: Spec) -> Any:
        return inputs

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        return inputs

    def grad(self, op: Operation, *dy: Any) -> Any:
        return dy


@export("identity_n")
def identity_n(input: Any, name: str | None = None) -> list[Tensor]:
    """A list of tensors with the same values, none of which is there before all are."""
    return make(IdentityN, list(input), name=name)


def with_gradient(outputs: Sequence[Tensor], arguments: Sequence[Tensor], gradient: Callable[..., list[Any]]) -> list[Tensor]:
    """The outputs, behind an IdentityN of them and the arguments whose gradient is `gradient(operation, *dy)`: one per input."""
    graph = context.default_graph()
    for y in outputs:
        identity(y)  # TensorFlow looks for variables behind these; nothing reads them
    name = f"CustomGradient-{graph._last_id}"
    with graph._attr_scope({"_gradient_op_type": name.encode()}):
        marked: Any = make(IdentityN, [*outputs, *arguments])
    graph._gradient_functions[name] = gradient
    return list(marked[:len(outputs)])


class PlaceholderWithDefault(Op, sig="input: dtype -> output: dtype"):
    """A value that may be fed; if it is not, the input."""
    folds = False    # another value may be fed
    dtype: DType
    shape: Shape

    def infer(self, x: Spec) -> Spec:
        shapes.merge(x.shape, self.shape)
        return Spec(self.dtype, self.shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return x

    def grad(self, op: Operation, dy: Any) -> Any:
        return (dy,)


@export("placeholder_with_default")
def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """A placeholder that gives `input` where nothing is fed. shape: what is known of what may be fed."""
    return make(PlaceholderWithDefault, input, name=name, shape=shapes.as_tuple(shape))


class PreventGradient(Op, sig="input: T -> output: T"):
    """The same value; asking for a gradient through it is an error."""
    T: DType
    message: str = ""

    def infer(self, x: Spec) -> Spec:
        return x

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return x

    def grad(self, op: Operation, dy: Any) -> Any:
        raise LookupError(f"Gradient explicitly disabled. Reason: {self.message!r}")


def prevent_gradient(input: Any, message: str = "", name: str | None = None) -> Tensor:
    """The same value; `tf.gradients` through it raises LookupError with the message."""
    return make(PreventGradient, input, name=name, message=message)


class GuaranteeConst(Op, sig="input: T -> output: T"):
    """The same value, promised not to change."""
    T: DType

    def infer(self, x: Spec) -> Spec:
        return x

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return x

    def grad(self, op: Operation, dy: Any) -> Any:
        return (dy,)


@export("guarantee_const")
def guarantee_const(input: Any, name: str | None = None) -> Tensor:
    """The same value, promised not to change between runs."""
    return make(GuaranteeConst, input, name=name)


class Bitcast(Op, sig="input: T -> output: type"):
    """The bytes of a tensor read as another dtype."""
    T: DType
    type: DType

    def infer(self, x: Spec) -> Spec:
        if x.shape is None:
            return Spec(self.type, None)
        old, new = self.T.size, self.type.size
        if old >= new:
            return Spec(self.type, x.shape if old == new else (*x.shape, old // new))
        require(len(x.shape) > 0 and x.shape[-1] in (None, new // old),
                f"Cannot bitcast from {self.T.name} to {self.type.name} due to shape: the last dimension must be {new // old}")
        return Spec(self.type, x.shape[:-1])

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.bitcast(x, self.T.np, self.type.np)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


@export("bitcast")
def bitcast(input: Any, type: Any, name: str | None = None) -> Tensor:
    """The bytes of `input` as another dtype; between sizes the last axis appears or vanishes."""
    return make(Bitcast, input, name=name, type=as_dtype(type).base_dtype)
