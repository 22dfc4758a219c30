"""What dataset operations share.

A dataset's value is a description, `DatasetValue`: the op with the values of its inputs. Nothing is read until an iterator starts it:
`start(run)` gives a function of no arguments, each call of which returns the next element, a tuple of arrays, or raises StopIteration.
An error is that of one element: the next call goes on behind it. Arrays that are not the caller's own to keep are not writeable.
"""
from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from ...core import dtypes
from ...core.dtypes import DType
from ...core.effects import HANDLE, Access
from ...core.errors import CancelledError, InvalidArgumentError, OpError, OutOfRangeError
from ...core.func_graph import FuncGraph
from ...core.op import Op, Shape, Spec
from ...graphdef.attributes import FunctionName
from ..control_flow.bodies import body_of

Element = tuple[Any, ...]
Next = Callable[[], Element]


class DatasetValue:
    """A dataset: an op and the values of its inputs, of which some may be datasets."""
    __slots__ = ("inputs", "op_def")

    def __init__(self, op_def: DatasetOp, inputs: tuple[Any, ...]):
        self.op_def, self.inputs = op_def, inputs

    def start(self, run: Run) -> Next:
        """A new way through the elements, from the first on."""
        found: Next = self.op_def.start(run, self, *self.inputs) if self.op_def.remembers else self.op_def.start(run, *self.inputs)
        return found

    def __repr__(self) -> str:
        return f"<{type(self.op_def).__name__}>"


class Run:
    """What an iterator gives the datasets that it goes through: the session's functions, a way to wait, and notice of its end."""

    def __init__(self, ctx: Any):
        self.ctx, self._root, self._ended = ctx, self, False
        self.place: tuple[int, ...] = ()        # in which inputs, of datasets with several ones, what is started lies
        self.closers: list[Callable[[], None]] = []
        self.memory: dict[Any, Any] = {}        # what datasets keep from one start to the next: elements, seeds
        self.scope = ctx.session._function_scope() if ctx.session is not None else None

    closed = property(lambda self: self._root._ended, doc="Whether nothing more is wanted.")

    def within(self, index: int) -> Run:
        """The same run as one of several inputs of a dataset gets it."""
        found = copy.copy(self)
        found.place = (*self.place, index)
        return found

    def body(self, function: FunctionName) -> FuncGraph:
        """The body that an attribute names."""
        return body_of(self.ctx.operation.graph.shared, function)

    def function(self, function: FunctionName, captured: tuple[Any, ...]) -> Callable[..., Element]:
        """The function that an attribute names, of as many arrays as it has inputs before those that are captured."""
        call: Callable[..., Element] = self.ctx.session._function(self.body(function), captured, self.scope)
        return call

    def close(self) -> None:
        """Ends the threads that were started for this iterator."""
        self._ended = True
        for close in self.closers:
            close()


class DatasetOp(Op):
    """Base of what stands for a dataset; `start(run, *inputs)` is what it does."""
    host = True      # makes a Python object that elements come from
    remembers: ClassVar[bool] = False       # `start` gets the dataset before its inputs, as a key in `run.memory`

    def infer(self, *inputs: Spec) -> Spec:
        return Spec(dtypes.variant, ())

    def kernel(self, xp: Any, *inputs: Any) -> Any:
        return DatasetValue(self, tuple([unwrapped(v) for v in inputs]))

    def run(self, ctx: Any, *inputs: Any) -> Any:
        return self.kernel(None, *inputs)

    def start(self, run: Run, *inputs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} can be built, loaded and saved, but graphflow cannot run it yet")

    def accesses(self, operation: Any) -> Any:
        return [Access(i, HANDLE) for i, t in enumerate(operation._inputs) if t.dtype is dtypes.resource]

    def grad(self, op: Any, *dy: Any) -> Any:
        return [None] * len(op.inputs)


class SameElements(DatasetOp):
    """Base of those that give the elements of other datasets."""
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""
    least = {"output_types": 1, "output_shapes": 1}


def unwrapped(value: Any) -> Any:
    """The dataset of a variant, which may come as an array of one object; other values as they are."""
    if isinstance(value, np.ndarray) and value.dtype == object and value.shape == () and isinstance(value[()], DatasetValue):
        return value[()]
    return value


def dataset_of(value: Any) -> DatasetValue:
    """The dataset that a variant holds; InvalidArgumentError where it holds none."""
    found = unwrapped(value)
    if not isinstance(found, DatasetValue):
        raise InvalidArgumentError(None, None, "The given variant tensor does not hold a dataset.")
    return found


def number(value: Any) -> int:
    """A scalar input as a Python int."""
    return int(np.asarray(value)[()])


def text(value: Any) -> str:
    """A scalar string input as Python's text."""
    found = np.asarray(value, object)[()]
    return found.decode("utf-8", "surrogateescape") if isinstance(found, bytes) else str(found)


def kept(array: Any) -> np.ndarray:
    """An array that is given away more than once, and so not writeable."""
    found = np.asarray(array).view()
    found.flags.writeable = False
    return found


def ends_at(error: OpError) -> bool:
    """Whether an error of a dataset's function means that the dataset ends here, as in TensorFlow."""
    return isinstance(error, OutOfRangeError)


def ends_all(error: BaseException) -> bool:
    """Whether an error is none of an element: the session is closed, the run given up, the user pressed Ctrl-C."""
    return isinstance(error, CancelledError) or not isinstance(error, Exception)


def nothing() -> Element:
    """The way through an empty dataset."""
    raise StopIteration
