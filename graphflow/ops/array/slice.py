"""tf.slice: the block of an array from a place on, of a size."""
from __future__ import annotations

import builtins
from typing import Any

from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from .basic import shape_internal


class Slice(Op, sig="input: T, begin: Index, size: Index -> output: T", static={"begin": 1, "size": 1}):
    """The block of `size` elements per axis from `begin` on; a size of -1 means all the rest."""
    T: DType
    Index: DType = one_of(int32, int64)

    def infer(self, x: Any, begin: Any, size: Any) -> Spec:
        rank = len(x.shape) if x.shape is not None else (begin.shape or size.shape or (None,))[0]
        if x.shape is not None:
            for one in (begin, size):
                require(not one.shape or one.shape[0] in (None, rank),
                        f"Shape must be rank {rank} but is rank {one.shape and one.shape[0]}")
        if rank is None:
            return Spec(self.T, None)
        sizes = size.partial if size.value is None else [int(s) for s in size.value]
        if sizes is None:
            sizes = [None] * rank
        starts: list[Any] = [None] * rank if begin.value is None else [int(b) for b in begin.value]
        if begin.value is not None and size.value is not None and x.shape is not None:
            for d, b, n in zip(x.shape, starts, sizes):
                require(b >= 0, f"Invalid value in tensor used for shape: {b}")
                require(n >= -1, f"Invalid value in tensor used for shape: {n}")
                require(n != -1 or d is None or b <= d, f"Negative dimension size caused by subtracting {b} from {d}")
            return Spec(self.T, tuple(None if d is None and n == -1 else d - b if n == -1 else n
                                      for d, b, n in zip(x.shape, starts, sizes)))
        known = size.value is not None
        return Spec(self.T, tuple(None if n == -1 or (n is None) else n for n in sizes) if known or size.partial else (None,) * rank)

    def check(self, x: Any, begin: Any, size: Any) -> None:
        if x.shape is None or begin.value is None or size.value is None:
            return
        for i, (d, b, n) in enumerate(zip(x.shape, begin.value, size.value)):
            require(0 <= b <= d, f"Expected begin[{i}] in [0, {d}], but got {b}")
            require(n == -1 or 0 <= n <= d - b, f"Expected size[{i}] in [0, {d - b}], but got {n}")

    def kernel(self, xp: Namespace, x: Any, begin: Any, size: Any) -> Any:
        return x[tuple(builtins.slice(int(b), d if n == -1 else int(b + n)) for d, b, n in zip(x.shape, begin, size))]

    def grad(self, op: Operation, dy: Any) -> Any:
        x, begin, _ = op.inputs
        count = F.rank(x)
        taken = shape_internal(op.outputs[0], out_type=self.Index)
        shape = F.stack([count, 1])
        before = F.reshape(begin, shape)
        after = F.reshape(shape_internal(x, out_type=self.Index) - taken - begin, shape)
        return F.pad(dy, F.concat([before, after], 1)), None, None

    def partial(self, op: Any, index: int, look: Any) -> Any:
        whole, begin, size = look.shape(op.inputs[0]), look.value(op.inputs[1]), look.value(op.inputs[2])
        if whole is None or begin is None or size is None:
            return None
        start, count = int(begin.ravel()[0]), int(size.ravel()[0])
        return whole[start:] if count < 0 else whole[start:start + count]


@export("slice")
def slice(input_: Any, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """The block of `size` elements per axis starting at `begin`; a size of -1 takes all the rest of its axis."""
    return make(Slice, input_, begin, size, name=name)
