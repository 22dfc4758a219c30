"""Fake quantization: floating point numbers rounded to the values that an integer type would have between min and max.

The range is moved a little so that zero is one of the values (Jacob et al. 2018, section 3). Gradients go straight through inside of the
range; what lies below or above it gives its gradient to min or max.
"""
from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ...core import shapes
from ...core.dtypes import float32
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, require, require_rank
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels.contract import Namespace


class FakeQuantized(Op):
    """What the ops share: the attributes, their checks, the moved range."""
    num_bits: int = 8
    narrow_range: bool = False

    def _require_bits(self) -> None:
        require(2 <= self.num_bits <= 16, f"num_bits must be between 2 and 16, inclusive, not {self.num_bits}")

    def _moved(self, xp: Namespace, low: Any, high: Any) -> tuple[Any, Any, Any]:
        """(least value, greatest value, step), such that zero is a whole number of steps from each."""
        least, most = int(self.narrow_range), (1 << self.num_bits) - 1
        step = (high - low) / np.float32(most - least)
        zero = np.float32(least) - low / step
        below = xp.floor(zero)
        whole = below + xp.astype(zero - below >= 0.5, np.float32)
        zero = xp.where(zero < least, np.float32(least), xp.where(zero > most, np.float32(most), whole))
        return (np.float32(least) - zero) * step, (np.float32(most) - zero) * step, step

    def _rounded(self, xp: Namespace, x: Any, low: Any, high: Any) -> Any:
        least, most, step = self._moved(xp, low, high)
        inside = xp.maximum(xp.minimum(x, most), least) - least
        return xp.floor(inside * (np.float32(1) / step) + np.float32(0.5)) * step + least

    def _parts(self, xp: Namespace, dy: Any, x: Any, low: Any, high: Any) -> tuple[Any, Any, Any]:
        """dy where x is inside of the range, below and above it; zeros elsewhere."""
        least, most, _ = self._moved(xp, low, high)
        none = np.float32(0)
        return (xp.where((x >= least) & (x <= most), dy, none), xp.where(x < least, dy, none), xp.where(x > most, dy, none))


class FakeQuantWithMinMaxArgs(FakeQuantized, sig="inputs: float32 -> outputs: float32"):
    """Rounded to the values between two constants."""
    elementwise = True
    min: float = -6.0
    max: float = 6.0

    def infer(self, x: Spec) -> Spec:
        return x

    def check(self, *inputs: Spec) -> None:
        self._require_bits()
        require(self.min < self.max, f"min has to be smaller than max, was: {self.min} >= {self.max}")

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return self._rounded(xp, x, np.float32(self.min), np.float32(self.max))

    def grad(self, op: Operation, dy: Any) -> Any:
        return (fake_quant_with_min_max_args_gradient(dy, op.inputs[0], self.min, self.max, self.num_bits, self.narrow_range),)


class FakeQuantWithMinMaxArgsGradient(FakeQuantWithMinMaxArgs, sig="gradients: float32, inputs: float32 -> backprops: float32"):
    """The gradient of FakeQuantWithMinMaxArgs: dy where its input is inside of the range."""
    differentiable = False

    def infer(self, dy: Spec, x: Spec) -> Spec:  # type: ignore[override]
        return Spec(float32, shapes.merge(dy.shape, x.shape))

    def kernel(self, xp: Namespace, dy: Any, x: Any) -> Any:  # type: ignore[override]
        return self._parts(xp, dy, x, np.float32(self.min), np.float32(self.max))[0]


class FakeQuantWithMinMaxVars(FakeQuantized, sig="inputs: float32, min: float32, max: float32 -> outputs: float32"):
    """Rounded to the values between two scalars."""

    def infer(self, x: Spec, low: Spec, high: Spec) -> Spec:
        require_rank(low, 0)
        require_rank(high, 0)
        return x

    def check(self, *inputs: Spec) -> None:
        self._require_bits()

    def kernel(self, xp: Namespace, x: Any, low: Any, high: Any) -> Any:
        xp.check(low > high, "min must be <= max, but min = {value} is greater", low)
        empty = (low == 0) & (high == 0)
        return xp.where(empty, np.float32(0), self._rounded(xp, x, low, xp.where(empty, np.float32(1), high)))

    def grad(self, op: Operation, dy: Any) -> Any:
        x, low, high = op.inputs
        return tuple(fake_quant_with_min_max_vars_gradient(dy, x, low, high, self.num_bits, self.narrow_range))


class FakeQuantGradient(FakeQuantized, Several):
    """The gradients of the input and of both ends of the range."""
    per_channel: ClassVar[bool] = False
    differentiable = False

    def infer(self, dy: Spec, x: Spec, low: Spec, high: Spec) -> list[Spec]:
        shape = shapes.merge(dy.shape, x.shape)
        if not self.per_channel:
            require_rank(low, 0)
            require_rank(high, 0)
            return [Spec(float32, shape), Spec(float32, ()), Spec(float32, ())]
        channels = (_channels(Spec(float32, shape), low, high),)
        return [Spec(float32, shape if shape is None else shape[:-1] + channels), Spec(float32, channels), Spec(float32, channels)]

    def check(self, *inputs: Spec) -> None:
        self._require_bits()

    def kernel(self, xp: Namespace, dy: Any, x: Any, low: Any, high: Any) -> Any:
        xp.check(low > high, "min must be <= max, but min{place} = {value} is greater", low)
        empty = (low == 0) & (high == 0)
        inside, below, above = self._parts(xp, dy, x, low, xp.where(empty, np.float32(1), high))
        axes = tuple(range(len(x.shape) - 1 if self.per_channel else len(x.shape)))
        none = np.float32(0)
        return [xp.where(empty, dy, inside), xp.where(empty, none, xp.sum(below, axes)), xp.where(empty, none, xp.sum(above, axes))]


class FakeQuantWithMinMaxVarsGradient(FakeQuantGradient, sig="""gradients: float32, inputs: float32, min: float32, max: float32 ->
                                      backprops_wrt_input: float32, backprop_wrt_min: float32, backprop_wrt_max: float32"""):
    """The gradients of FakeQuantWithMinMaxVars."""


class FakeQuantWithMinMaxVarsPerChannelGradient(FakeQuantGradient, sig="""gradients: float32, inputs: float32, min: float32, max: float32 ->
                                                backprops_wrt_input: float32, backprop_wrt_min: float32, backprop_wrt_max: float32"""):
    """The gradients of FakeQuantWithMinMaxVarsPerChannel."""
    per_channel = True


def _channels(x: Spec, low: Spec, high: Spec) -> int | None:
    """The size of the last axis, which both vectors share."""
    require_rank(low, 1)
    require_rank(high, 1)
    require(x.shape is None or len(x.shape) > 0, "Shape must be at least rank 1 but is rank 0")
    count = None if x.shape is None else x.shape[-1]
    for ends in (low, high):
        other = None if ends.shape is None else ends.shape[0]
        require(count is None or other is None or count == other, f"Dimensions must be equal, but are {count} and {other}")
        count = other if count is None else count
    return count


class FakeQuantWithMinMaxVarsPerChannel(FakeQuantized, sig="inputs: float32, min: float32, max: float32 -> outputs: float32"):
    """Rounded to the values of a range for each channel, the last axis."""

    def infer(self, x: Spec, low: Spec, high: Spec) -> Spec:
        count = _channels(x, low, high)
        return x if x.shape is None else Spec(float32, (*x.shape[:-1], count))

    def check(self, *inputs: Spec) -> None:
        self._require_bits()

    def kernel(self, xp: Namespace, x: Any, low: Any, high: Any) -> Any:
        xp.check(low > high, "min must be <= max, but min{place} = {value} is greater", low)
        empty = (low == 0) & (high == 0)
        return xp.where(empty, np.float32(0), self._rounded(xp, x, low, xp.where(empty, np.float32(1), high)))

    def grad(self, op: Operation, dy: Any) -> Any:
        x, low, high = op.inputs
        return tuple(fake_quant_with_min_max_vars_per_channel_gradient(dy, x, low, high, self.num_bits, self.narrow_range))


@export("fake_quant_with_min_max_args", "quantization.fake_quant_with_min_max_args")
def fake_quant_with_min_max_args(inputs: Any, min: Any = -6, max: Any = 6, num_bits: int = 8, narrow_range: bool = False,
                                 name: str | None = None) -> Tensor:
    """`inputs` (float32, any shape) rounded to one of the 2**num_bits values (one less with narrow_range) between the numbers min and max.

    The range is moved so that 0 is one of the values. A gradient passes where `inputs` lies in the range. num_bits: 2 to 16.
    """
    return make(FakeQuantWithMinMaxArgs, inputs, name=name, min=min, max=max, num_bits=num_bits, narrow_range=narrow_range)


@export("fake_quant_with_min_max_args_gradient", "quantization.fake_quant_with_min_max_args_gradient")
def fake_quant_with_min_max_args_gradient(gradients: Any, inputs: Any, min: Any = -6, max: Any = 6, num_bits: int = 8,
                                          narrow_range: bool = False, name: str | None = None) -> Tensor:
    """The gradient of `tf.fake_quant_with_min_max_args`: `gradients` where `inputs` lies in the moved range, 0 elsewhere."""
    return make(FakeQuantWithMinMaxArgsGradient, gradients, inputs, name=name, min=min, max=max, num_bits=num_bits,
                narrow_range=narrow_range)


@export("fake_quant_with_min_max_vars", "quantization.fake_quant_with_min_max_vars")
def fake_quant_with_min_max_vars(inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False,
                                 name: str | None = None) -> Tensor:
    """As `tf.fake_quant_with_min_max_args`, between scalar tensors min and max, which get gradients: the sums of those of the values
    below and above the range. InvalidArgumentError at run where min > max."""
    return make(FakeQuantWithMinMaxVars, inputs, min, max, name=name, num_bits=num_bits, narrow_range=narrow_range)


@export("fake_quant_with_min_max_vars_gradient", "quantization.fake_quant_with_min_max_vars_gradient")
def fake_quant_with_min_max_vars_gradient(gradients: Any, inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False,
                                          name: str | None = None) -> Any:
    """The gradients of `tf.fake_quant_with_min_max_vars` for its inputs, min and max, as a named tuple."""
    return make(FakeQuantWithMinMaxVarsGradient, gradients, inputs, min, max, name=name, num_bits=num_bits, narrow_range=narrow_range)


@export("fake_quant_with_min_max_vars_per_channel", "quantization.fake_quant_with_min_max_vars_per_channel")
def fake_quant_with_min_max_vars_per_channel(inputs: Any, min: Any, max: Any, num_bits: int = 8, narrow_range: bool = False,
                                             name: str | None = None) -> Tensor:
    """As `tf.fake_quant_with_min_max_vars`, with a range of its own for each channel: inputs [..., d], min and max [d]."""
    return make(FakeQuantWithMinMaxVarsPerChannel, inputs, min, max, name=name, num_bits=num_bits, narrow_range=narrow_range)


@export("fake_quant_with_min_max_vars_per_channel_gradient", "quantization.fake_quant_with_min_max_vars_per_channel_gradient")
def fake_quant_with_min_max_vars_per_channel_gradient(gradients: Any, inputs: Any, min: Any, max: Any, num_bits: int = 8,
                                                      narrow_range: bool = False, name: str | None = None) -> Any:
    """The gradients of `tf.fake_quant_with_min_max_vars_per_channel` for its inputs, min and max, as a named tuple."""
    return make(FakeQuantWithMinMaxVarsPerChannelGradient, gradients, inputs, min, max, name=name, num_bits=num_bits,
                narrow_range=narrow_range)
