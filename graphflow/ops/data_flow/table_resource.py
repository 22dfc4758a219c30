"""What a session keeps for a lookup table: its keys and values, in the order in which they came.

Keys are Python numbers and bytes, values too (rows of arrays where a value is a vector), so a lookup asks a dict for each key.
"""
from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

import numpy as np

from ...core import errors
from ...core.dtypes import DType, string
from ...core.errors import InvalidArgumentError
from ...core.shapes import describe


class TableResource:
    """A table that programs write to. value_shape: () for scalars, else that of each value."""
    key_shape: tuple[int, ...] = ()

    def __init__(self, op_def: Any):
        self.op_def = op_def
        self.key_dtype: DType = op_def.key_dtype
        self.value_dtype: DType = op_def.value_dtype
        self.value_shape: tuple[int, ...] = tuple(getattr(op_def, "value_shape", None) or ())
        self.name = op_def.shared_name
        self.lock = threading.Lock()            # held by those who write, and by those who read all of it
        self.held: dict[Any, Any] = {}
        if not (self.key_dtype is string or self.key_dtype.is_integer):
            raise InvalidArgumentError(None, None, f"No OpKernel was registered to support Op '{type(op_def).__name__}' with keys of dtype "
                                                   f"{self.key_dtype.name}: keys are strings or integers")

    # -- what operations call -----------------------------------------------------------------------------------------
    def find(self, keys: Any, default: Any) -> np.ndarray:
        """The values of keys; where there is none, `default`: one for all, or one for each."""
        shape = self.prefix(keys)
        each = default.shape == (*shape, *self.value_shape) != self.value_shape
        if not each and default.shape != self.value_shape:
            raise InvalidArgumentError(None, None, f"Expected shape {_shown(self.value_shape)} or {_shown((*shape, *self.value_shape))} "
                                                   f"for default value, got {_shown(default.shape)}")
        get = self.held.get
        wanted = self.listed(keys)
        if each:
            found = [get(key, other) for key, other in zip(wanted, self.rows(default))]
        else:
            other = default if self.value_shape else default.item()
            found = [get(key, other) for key in wanted]
        return self.values_array(found).reshape((*shape, *self.value_shape))

    def insert(self, keys: Any, values: Any) -> None:
        """Adds keys, or gives them other values."""
        rows = self.checked(keys, values)
        with self.lock:
            self.held.update(rows)

    def remove(self, keys: Any) -> None:
        """Takes keys out; those that are not there do not matter."""
        wanted = self.listed(keys)
        with self.lock:
            for key in wanted:
                self.held.pop(key, None)

    def initialize(self, keys: Any, values: Any) -> None:
        """Puts keys and values in the place of all that is there."""
        rows = self.checked(keys, values)
        with self.lock:
            self.held = dict(rows)

    def export(self) -> tuple[np.ndarray, np.ndarray]:
        """All keys and all values."""
        with self.lock:
            keys, values = list(self.held), list(self.held.values())
        found = np.empty(len(keys), self.key_dtype.np)
        found[:] = keys
        return found, self.values_array(values)

    def size(self) -> int:
        """How many keys there are."""
        return len(self.held)

    # -- between arrays and Python values -----------------------------------------------------------------------------
    def prefix(self, keys: Any) -> tuple[int, ...]:
        """The shape of an array of keys, without that of a single key."""
        return tuple(keys.shape)

    def listed(self, keys: Any) -> list[Any]:
        """The keys one by one."""
        found: list[Any] = keys.ravel().tolist()
        return found

    def rows(self, values: np.ndarray) -> Iterable[Any]:
        """The values one by one, as they are kept."""
        if self.value_shape:
            return np.array(values).reshape((-1, *self.value_shape))
        return values.ravel().tolist()

    def values_array(self, found: list[Any]) -> np.ndarray:
        if not self.value_shape and self.value_dtype is not string:
            return np.array(found, self.value_dtype.np)
        out = np.empty((len(found), *self.value_shape), self.value_dtype.np)
        if found:
            out[...] = found
        return out

    def checked(self, keys: Any, values: Any) -> Iterable[tuple[Any, Any]]:
        """Pairs of key and value; InvalidArgumentError unless there is a value for each key."""
        expected = (*self.prefix(keys), *self.value_shape)
        if values.shape != expected:
            raise InvalidArgumentError(None, None, f"Expected shape {_shown(expected)} for value, got {_shown(values.shape)}")
        return zip(self.listed(keys), self.rows(values))


class StaticResource(TableResource):
    """A table that is filled once; later initializers leave it alone."""
    initialized = False

    def find(self, keys: Any, default: Any) -> np.ndarray:
        if not self.initialized:
            raise errors.FailedPreconditionError(None, None, "Table not initialized.\n  run tf.tables_initializer() in this session first")
        return super().find(keys, default)

    def insert(self, keys: Any, values: Any) -> None:
        raise errors.UnimplementedError(None, None, "Insert not supported by InitializableLookupTable implementations")

    def remove(self, keys: Any) -> None:
        raise errors.UnimplementedError(None, None, "Remove not supported by InitializableLookupTable implementations")

    def export(self) -> tuple[np.ndarray, np.ndarray]:
        if not self.initialized:
            raise errors.AbortedError(None, None, "HashTable is not initialized.\n  run tf.tables_initializer() in this session first")
        return super().export()

    def initialize(self, keys: Any, values: Any) -> None:
        if not keys.size or not values.size:
            raise InvalidArgumentError(None, None, "keys and values cannot be empty tensors.")
        self.fill(self.checked(keys, values))

    def fill(self, rows: Iterable[tuple[Any, Any]]) -> None:
        """Takes the pairs, unless it was filled before. FailedPreconditionError for a key with two values."""
        with self.lock:
            if self.initialized:
                return
            held: dict[Any, Any] = {}
            for key, value in rows:
                known = held.setdefault(key, value)
                if known != value:
                    raise errors.FailedPreconditionError(None, None, f"HashTable has different value for same key. Key {_text(key)} has "
                                                                     f"{_text(known)} and trying to add value {_text(value)}")
            self.held, self.initialized = held, True


def _shown(shape: Any) -> str:
    return describe(tuple(shape), ",")


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
