"""Map staging operations: those of one shared name put values under keys into one buffer, piece by piece, and take them out."""
from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import dtypes
from ...core.dtypes import DType
from ...core.errors import InvalidArgumentError, ResourceExhaustedError
from ...core.op import Op, Spec, require, require_rank
from ...core.outcomes import Effect, Several
from ...core.run_context import Context

Element = list[Any]       # one array per component; None for one that has not come yet, or is taken


class MapStagingResource:
    """Complete and incomplete elements by key; at most `capacity` elements and `memory_limit` bytes, 0 for no bound.

    `ordered`: without a key the smallest one leaves, else the one that was complete last.
    """

    def __init__(self, op_def: Any, ordered: bool):
        self.capacity, self.limit, self.ordered = op_def.capacity, op_def.memory_limit, ordered
        self.changed = threading.Condition()
        self.whole: dict[int, Element] = {}
        self.begun: dict[int, Element] = {}

    def _bytes(self) -> int:
        return sum(v.nbytes for kept in (self.whole, self.begun) for element in kept.values() for v in element if v is not None)

    def put(self, ctx: Context, key: int, indices: list[int], values: list[np.ndarray], types: Sequence[DType]) -> None:
        """Gives an element, of components of these types, some of them, as soon as there is room for a new one."""
        size = sum(v.nbytes for v in values)
        if 0 < self.limit < size:
            raise ResourceExhaustedError(None, None, f"Attempted to insert tensors with combined size of '{size}' bytes into Staging Area "
                                                     f"with a memory limit of '{self.limit}'.")
        with self.changed:
            ctx.wait_for(self.changed, lambda: key in self.begun or (not self.capacity or len(self.whole) + len(self.begun) < self.capacity)
                         and (not self.limit or self._bytes() + size <= self.limit))
            element = self.begun.get(key) or [None] * len(types)
            if len(indices) != len(values) or any(not 0 <= i < len(types) for i in indices):
                raise InvalidArgumentError(None, None, f"indices {indices} for {len(values)} values of an element with {len(types)}")
            for i in indices:
                if element[i] is not None:
                    raise InvalidArgumentError(None, None, f"The tensor for index '{i}' for key '{key}' was already initialized "
                                                           f"'{len(types)}'.")
            for i, value in zip(indices, values):
                if value.dtype != types[i].np:
                    raise InvalidArgumentError(None, None, f"Component {i} is {types[i].name}, and got {value.dtype}")
                element[i] = value
            self.begun[key] = element
            if all(v is not None for v in element):
                self.whole[key] = self.begun.pop(key)
            self.changed.notify_all()

    def take(self, ctx: Context, key: int | None, indices: list[int], stays: bool = False) -> tuple[int, list[np.ndarray]]:
        """(key, components) of the complete element of a key, or of any, as soon as there is one. It goes when its last component does."""
        with self.changed:
            ctx.wait_for(self.changed, lambda: self.whole if key is None else key in self.whole)
            if key is None:
                key = min(self.whole) if self.ordered else next(reversed(self.whole))
            element = self.whole[key]
            for i in indices:
                if not 0 <= i < len(element):
                    raise InvalidArgumentError(None, None, f"Index '{i}' for key '{key}' is not in [0, {len(element)}).")
                if element[i] is None:
                    raise InvalidArgumentError(None, None, f"Tensor at index '{i}' for key '{key}' has already been removed.")
            found = [element[i] for i in indices]
            if not stays:
                for i in indices:
                    element[i] = None
                if all(v is None for v in element):
                    del self.whole[key]
                self.changed.notify_all()
            return key, found

    def clear(self) -> None:
        """Drops all elements."""
        with self.changed:
            self.whole.clear()
            self.begun.clear()
            self.changed.notify_all()

    def close_session(self) -> None:
        """Wakes those who wait: their session was closed."""
        with self.changed:
            self.changed.notify_all()


class _MapStaging(Op):
    """Base. shared_name: of the buffer, the operation's own name where it is empty."""
    capacity: int = 0
    memory_limit: int = 0
    dtypes: list[DType]
    container: str = ""
    shared_name: str = ""
    ordered: Any = False

    def buffer(self, ctx: Context) -> MapStagingResource:
        kind = "ordered map" if self.ordered else "map"
        key = f" {kind} staging/{self.container}/{self.shared_name or ctx.operation.name}"
        found: MapStagingResource = ctx.store.resource(key, lambda: MapStagingResource(self, self.ordered))
        return found

    def places(self, indices: Any) -> list[int]:
        return [int(i) for i in np.ravel(indices)]


class MapStage(_MapStaging, Effect, sig="key: int64, indices: int32, values: [fake_dtypes] ->", stateful=True):
    """Gives the element of a key some of its components, as soon as there is room."""
    fake_dtypes: list[DType]
    least = {"dtypes": 1, "fake_dtypes": 1}
    may_wait = True

    def infer(self, key: Spec, indices: Spec, *values: Spec) -> tuple[()]:
        require_rank(key, 0)
        require_rank(indices, 1)
        return ()

    def run(self, ctx: Context, key: Any, indices: Any, *values: Any) -> tuple[()]:
        given = [np.array(value, t.np) for value, t in zip(values, self.fake_dtypes)]
        self.buffer(ctx).put(ctx, int(key), self.places(indices), given, self.dtypes)
        return ()


class _Taking(_MapStaging, Several):
    least = {"dtypes": 1}
    may_wait = True

    def outputs(self, indices: Spec) -> tuple[Spec, ...]:
        require_rank(indices, 1)
        known = indices.shape[0] if indices.shape else None
        require(known is None or known == len(self.dtypes), f"{known} indices for {len(self.dtypes)} dtypes")
        return tuple(Spec(t, None) for t in self.dtypes)

    def fitting(self, values: list[np.ndarray]) -> list[np.ndarray]:
        if [v.dtype for v in values] != [t.np for t in self.dtypes]:
            raise InvalidArgumentError(None, None, f"Expected values of {', '.join(t.name for t in self.dtypes)}; the element has "
                                                   f"{', '.join(str(v.dtype) for v in values)}")
        return [np.array(v) for v in values]


class MapUnstage(_Taking, sig="key: int64, indices: int32 -> values: [dtypes]", stateful=True):
    """Takes components of the element of a key, as soon as it is complete."""

    def infer(self, key: Spec, indices: Spec) -> tuple[Spec, ...]:
        require_rank(key, 0)
        return self.outputs(indices)

    def run(self, ctx: Context, key: Any, indices: Any) -> Any:
        return self.fitting(self.buffer(ctx).take(ctx, int(key), self.places(indices))[1])


class MapPeek(MapUnstage, sig="key: int64, indices: int32 -> values: [dtypes]", stateful=True):
    """Components of the element of a key, as soon as it is complete; it stays."""

    def run(self, ctx: Context, key: Any, indices: Any) -> Any:
        return self.fitting(self.buffer(ctx).take(ctx, int(key), self.places(indices), stays=True)[1])


class MapUnstageNoKey(_Taking, sig="indices: int32 -> key: int64, values: [dtypes]", stateful=True):
    """Takes components of a complete element, as soon as there is one, and gives its key."""

    def infer(self, indices: Spec) -> tuple[Spec, ...]:
        return Spec(dtypes.int64, None), *self.outputs(indices)

    def run(self, ctx: Context, indices: Any) -> Any:
        key, values = self.buffer(ctx).take(ctx, None, self.places(indices))
        return [np.asarray(key, np.int64), *self.fitting(values)]


class MapSize(_MapStaging, sig="-> size: int32", stateful=True):
    """How many complete elements the buffer holds."""

    def infer(self) -> Spec:
        return Spec(dtypes.int32, ())

    def run(self, ctx: Context) -> Any:
        return np.asarray(len(self.buffer(ctx).whole), np.int32)


class MapIncompleteSize(_MapStaging, sig="-> size: int32", stateful=True):
    """How many elements of the buffer still lack components."""

    def infer(self) -> Spec:
        return Spec(dtypes.int32, ())

    def run(self, ctx: Context) -> Any:
        return np.asarray(len(self.buffer(ctx).begun), np.int32)


class MapClear(_MapStaging, Effect, sig="->", stateful=True):
    """Drops all elements of the buffer."""

    def infer(self) -> tuple[()]:
        return ()

    def run(self, ctx: Context) -> tuple[()]:
        self.buffer(ctx).clear()
        return ()


class OrderedMapStage(MapStage, sig="key: int64, indices: int32, values: [fake_dtypes] ->", stateful=True):
    """MapStage for a buffer that is ordered by key."""
    ordered = True


class OrderedMapUnstage(MapUnstage, sig="key: int64, indices: int32 -> values: [dtypes]", stateful=True):
    """MapUnstage of a buffer that is ordered by key."""
    ordered = True


class OrderedMapPeek(MapPeek, sig="key: int64, indices: int32 -> values: [dtypes]", stateful=True):
    """MapPeek of a buffer that is ordered by key."""
    ordered = True


class OrderedMapUnstageNoKey(MapUnstageNoKey, sig="indices: int32 -> key: int64, values: [dtypes]", stateful=True):
    """Takes components of the complete element of the smallest key."""
    ordered = True


class OrderedMapSize(MapSize, sig="-> size: int32", stateful=True):
    """MapSize of a buffer that is ordered by key."""
    ordered = True


class OrderedMapIncompleteSize(MapIncompleteSize, sig="-> size: int32", stateful=True):
    """MapIncompleteSize of a buffer that is ordered by key."""
    ordered = True


class OrderedMapClear(MapClear, sig="->", stateful=True):
    """MapClear of a buffer that is ordered by key."""
    ordered = True
