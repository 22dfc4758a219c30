"""tf.get_session_handle and its relatives: values that stay in a session between its runs, and go from one to the next by handle."""
from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from ...core import context, errors
from ...core.device import DeviceSpec
from ...core.dtypes import DType, as_dtype, c_name, resource, string
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, load, require_rank
from ...core.operation import Operation
from ...core.outcomes import Effect
from ...core.run_context import Context
from ...core.tensor import Tensor

_DEVICE = "/job:localhost/replica:0/task:0/device:CPU:0"
_DEAD = 10          # so many values whose TensorHandles are gone are kept, in case that their strings are still in use


class _Kept:
    """The values that one session keeps, by handle."""

    def __init__(self) -> None:
        self.values: dict[str, np.ndarray] = {}
        self.dead: list[str] = []
        self.numbers = itertools.count()

    def keep(self, name: str, value: Any) -> str:
        handle = f"{name};{next(self.numbers)};{_DEVICE}"
        self.values[handle] = np.array(value)
        return handle

    def bury(self, handle: str) -> None:
        """Drops the values of handles that are gone, some time after they went."""
        self.dead.append(handle)
        if len(self.dead) > _DEAD:
            gone, self.dead = self.dead, []
            for name in gone:
                self.values.pop(name, None)


def _kept(store: Any) -> _Kept:
    found: _Kept = store.state(" session tensors", _Kept)
    return found


def _text(handle: Any) -> str:
    value = np.asarray(handle, object).item()
    return value.decode() if isinstance(value, bytes) else str(value)


class GetSessionHandle(Op, sig="value: T -> handle: string", stateful=True):
    """Keeps a value in the session; a fetch of it gives a TensorHandle."""
    T: DType

    def infer(self, value: Spec) -> Spec:
        return Spec(string, ())

    def run(self, ctx: Context, value: Any) -> Any:
        return np.asarray(_kept(ctx.store).keep(ctx.operation.name.rpartition("/")[2], value).encode(), object)

    def fetched(self, session: Any, value: Any) -> TensorHandle:
        return TensorHandle(_text(value), self.T, session)


class GetSessionHandleV2(GetSessionHandle, sig="value: T -> handle: resource", stateful=True):
    """GetSessionHandle whose output is a resource; a fetch of it gives a TensorHandle too."""

    def infer(self, value: Spec) -> Spec:
        return Spec(resource, ())


class GetSessionTensor(Op, sig="handle: string -> value: dtype", stateful=True):
    """A value that the session keeps."""
    dtype: DType

    def infer(self, handle: Spec) -> Spec:
        require_rank(handle, 0)
        return Spec(self.dtype, None)

    def run(self, ctx: Context, handle: Any) -> Any:
        name = _text(handle)
        found = _kept(ctx.store).values.get(name)
        if found is None:
            raise errors.InvalidArgumentError(None, None, f"The tensor with handle '{name}' is not in the session store.")
        if found.dtype != self.dtype.np:
            raise errors.InternalError(None, None, f"Output 0 of type {c_name(found.dtype)} does not match declared output type "
                                                   f"{c_name(self.dtype)} for node {ctx.operation.name}")
        return np.array(found)


class DeleteSessionTensor(Effect, sig="handle: string ->", stateful=True):
    """Drops a value that the session keeps."""

    def infer(self, handle: Spec) -> tuple[()]:
        require_rank(handle, 0)
        return ()

    def run(self, ctx: Context, handle: Any) -> tuple[()]:
        name = _text(handle)
        if _kept(ctx.store).values.pop(name, None) is None:
            raise errors.InvalidArgumentError(None, None, f"Failed to delete a tensor with handle '{name}' in the session store.")
        return ()


class TensorHandle:
    """A value that a session keeps, as `session.run(tf.get_session_handle(x))` gives it. May be fed where the value could be.

    The value goes a while after the handle does, or by `delete()`; `handle`, a string, names it for tf.get_session_tensor.
    """

    def __init__(self, handle: str, dtype: DType, session: Any):
        self._handle, self._dtype, self._session = handle, dtype, session
        self._collect, self._deleted = True, False

    @property
    def handle(self) -> str:
        """The name of the value in the session."""
        return self._handle

    def get_raw_handle(self) -> str:
        """`handle`; the value then stays until it is deleted."""
        self._collect = False
        return self._handle

    def eval(self) -> Any:
        """The value."""
        return self.to_numpy_array()

    def to_numpy_array(self) -> np.ndarray:
        """The value, as an array of its own. TypeError after `delete`."""
        self._check_kept()
        found = _kept(self._session._store).values.get(self._handle)
        if found is None or self._session._closed:
            raise errors.InvalidArgumentError(None, None, f"The tensor with handle '{self._handle}' is not in the session store.")
        return np.array(found)

    def delete(self) -> None:
        """Drops the value; TypeError where that was done before."""
        self._check_kept()
        self._collect, self._deleted = False, True
        if not self._session._closed:
            _kept(self._session._store).values.pop(self._handle, None)

    def _check_kept(self) -> None:
        if self._deleted:
            raise TypeError(f"Persistent tensor {self._handle} may have already been deleted.")

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        if dtype is not None and np.dtype(dtype) != self._dtype.np:
            raise TypeError(f"the handle's value is {self._dtype.name}")
        return self.to_numpy_array()

    def __str__(self) -> str:
        return self._handle

    def __del__(self) -> None:
        if getattr(self, "_collect", False):
            _kept(self._session._store).bury(self._handle)


@export("get_session_handle")
def get_session_handle(data: Any, name: str | None = None) -> Tensor:
    """An operation that keeps a tensor's value in the session; fetched, it gives a TensorHandle, to be fed or used in later runs."""
    if not isinstance(data, Tensor):
        raise TypeError("`data` must be of type Tensor.")
    found: Tensor = make(GetSessionHandle, data, name=name)
    return found


def _holder(handle: Any) -> Tensor:
    """A placeholder for the handle, beside where its value is."""
    device = DeviceSpec.from_string(str(handle).rpartition(";")[2]).to_string()
    with context.default_graph().device(device):
        found: Tensor = make(load("Placeholder"), dtype=string, shape=None)
    return found


@export("get_session_tensor")
def get_session_tensor(handle: Any, dtype: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(placeholder, tensor): the value that a session keeps under the handle which is fed to the placeholder.

    handle: a TensorHandle or its string. dtype: of the value.
    """
    holder = _holder(handle)
    with context.default_graph().device(holder.op.device):
        return holder, make(GetSessionTensor, holder, dtype=as_dtype(dtype), name=name)


@export("delete_session_tensor")
def delete_session_tensor(handle: Any, name: str | None = None) -> tuple[Tensor, Operation]:
    """(placeholder, operation): drops the value that a session keeps under the handle which is fed to the placeholder."""
    holder = _holder(handle)
    with context.default_graph().device(holder.op.device):
        return holder, make(DeleteSessionTensor, holder, name=name)
