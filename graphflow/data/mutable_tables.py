"""Tables that programs write to, and that savers save: tf.lookup.experimental, tf.contrib.lookup.MutableHashTable."""
from __future__ import annotations

from typing import Any

from ..core import context
from ..core.collections import GraphKeys
from ..core.convert import convert_to_tensor
from ..core.export import export
from ..core.make import make
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..ops.data_flow import table_ops as ops
from ..ops.scopes import colocate_with, name_scope
from ..train.saveable import SaveableObject, SaveSpec
from .tables import LookupInterface


class _Saveable(SaveableObject):
    """A table in checkpoints: two tensors, `name-keys` and `name-values`."""

    def __init__(self, table: _Mutable, name: str):
        keys, values = table.export()
        super().__init__(table, [SaveSpec(keys, "", f"{name}-keys"), SaveSpec(values, "", f"{name}-values")], name)

    def restore(self, restored_tensors: Any, restored_shapes: Any) -> Any:
        with name_scope(f"{self.name}_table_restore"), colocate_with(self.op.resource_handle):
            return make(ops.LookupTableImportV2, self.op.resource_handle, *restored_tensors)


class _Mutable(LookupInterface):
    """What tables share that programs write to."""

    def __init__(self, key_dtype: Any, value_dtype: Any, default_value: Any, name: str, checkpoint: bool, default_name: str | None = None):
        super().__init__(key_dtype, value_dtype)
        self._default_value = convert_to_tensor(default_value, self._value_dtype, name=default_name)
        self._value_shape, self._key_rank = self._default_value.shape, 0
        handle = self._resource_handle = self._create(name, checkpoint)
        self._table_name = handle.op.name.rpartition("/")[2]
        if checkpoint:
            context.default_graph().add_to_collection(GraphKeys.SAVEABLE_OBJECTS, _Saveable(self, name))

    def _create(self, name: str, checkpoint: bool) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__}._create")

    @property
    def name(self) -> str:
        return self._table_name

    @property
    def op(self) -> Any:
        """The operation that stands for the table."""
        return self._resource_handle.op  # type: ignore[union-attr]

    def size(self, name: str | None = None) -> Tensor:
        with name_scope(name, f"{self.name}_Size", [self._resource_handle]), colocate_with(self._resource_handle):
            return make(ops.LookupTableSizeV2, self._resource_handle)

    def lookup(self, keys: Any, dynamic_default_values: Any = None, name: str | None = None) -> Any:  # type: ignore[override]
        """The values of keys. dynamic_default_values: one for each key that is not there; the table's default value when None."""
        with name_scope(name, f"{self.name}_lookup_table_find", (self._resource_handle, keys, self._default_value)):
            keys = convert_to_tensor(keys, self._key_dtype, name="keys")
            default = self._default_value if dynamic_default_values is None else dynamic_default_values
            with colocate_with(self._resource_handle):
                found = make(ops.LookupTableFindV2, self._resource_handle, keys, default)
        if keys.shape.rank is not None:
            found.set_shape(keys.shape[:keys.shape.rank - self._key_rank].concatenate(self._value_shape))
        return found

    def insert(self, keys: Any, values: Any, name: str | None = None) -> Operation:
        """An operation that gives keys their values, also those that had others. values: of the shape of `keys` and then of a value."""
        with name_scope(name, f"{self.name}_lookup_table_insert", [self._resource_handle, keys, values]):
            keys = convert_to_tensor(keys, self._key_dtype, name="keys")
            values = convert_to_tensor(values, self._value_dtype, name="values")
            with colocate_with(self._resource_handle):
                op: Operation = make(ops.LookupTableInsertV2, self._resource_handle, keys, values)
        return op

    def remove(self, keys: Any, name: str | None = None) -> Operation:
        """An operation that takes keys out; those that are not there do not matter."""
        if not isinstance(keys, Tensor):
            keys = convert_to_tensor(keys, self._key_dtype, name="keys")
        if keys.dtype.base_dtype is not self._key_dtype:
            raise TypeError(f"Dtype of argument `keys` must be {self._key_dtype}, received: {keys.dtype}")
        with name_scope(name, f"{self.name}_lookup_table_remove", (self._resource_handle, keys, self._default_value)):
            op: Operation = make(ops.LookupTableRemoveV2, self._resource_handle, keys)
        return op

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """(keys, values) of all that is in the table."""
        with name_scope(name, f"{self.name}_lookup_table_export_values", [self._resource_handle]), colocate_with(self._resource_handle):
            keys, values = make(ops.LookupTableExportV2, self._resource_handle, Tkeys=self._key_dtype, Tvalues=self._value_dtype)
        return keys, values


@export("lookup.experimental.MutableHashTable")
class MutableHashTable(_Mutable):
    """A table to write to.

    default_value: the value of keys that are not there, a scalar or a vector: all values are of its shape. checkpoint: savers save it.
    """
    _shared_name: str | None = None

    def __init__(self, key_dtype: Any, value_dtype: Any, default_value: Any, name: str = "MutableHashTable", checkpoint: bool = True,
                 experimental_is_anonymous: bool = False):
        _no_anonymous(experimental_is_anonymous)
        super().__init__(key_dtype, value_dtype, default_value, name, checkpoint)

    def _create(self, name: str, checkpoint: bool) -> Tensor:
        attrs: dict[str, Any] = {"shared_name": self._shared_name or "", "use_node_name_sharing": checkpoint and not self._shared_name,
                                 "key_dtype": self._key_dtype, "value_dtype": self._value_dtype}
        found: Tensor = make(ops.MutableHashTableV2, name=name, **attrs) if self._value_shape.rank == 0 else \
            make(ops.MutableHashTableOfTensorsV2, name=name, value_shape=self._default_value.static, **attrs)
        return found


@export("contrib.lookup.MutableHashTable")
class ContribMutableHashTable(MutableHashTable):
    """MutableHashTable with TF 1's arguments. shared_name: tables of one name are one table, in each session."""

    def __init__(self, key_dtype: Any, value_dtype: Any, default_value: Any, shared_name: str | None = None, name: str = "MutableHashTable",
                 checkpoint: bool = True):
        self._shared_name = shared_name
        super().__init__(key_dtype, value_dtype, default_value, name, checkpoint)


@export("lookup.experimental.DenseHashTable")
class DenseHashTable(_Mutable):
    """A table to write to, in one array of buckets, which `export` gives whole. Keys may be vectors.

    empty_key, deleted_key: two different keys that are never used. initial_num_buckets: a power of 2, 131072 when None; doubles when
    80% are in use.
    """
    _shared_name: str | None = None

    def __init__(self, key_dtype: Any, value_dtype: Any, default_value: Any, empty_key: Any, deleted_key: Any,
                 initial_num_buckets: int | None = None, name: str = "MutableDenseHashTable", checkpoint: bool = True,
                 experimental_is_anonymous: bool = False):
        _no_anonymous(experimental_is_anonymous)
        self._empty_key, self._deleted_key, self._buckets = empty_key, deleted_key, initial_num_buckets
        super().__init__(key_dtype, value_dtype, default_value, name, checkpoint, "default_value")

    def _create(self, name: str, checkpoint: bool) -> Tensor:
        empty = convert_to_tensor(self._empty_key, self._key_dtype, name="empty_key")
        deleted = convert_to_tensor(self._deleted_key, self._key_dtype, name="deleted_key")
        self._key_rank = empty.shape.rank or 0
        more = {} if self._buckets is None else {"initial_num_buckets": self._buckets}
        found: Tensor = make(ops.MutableDenseHashTableV2, empty, deleted, name=name, shared_name=self._shared_name or "",
                             use_node_name_sharing=checkpoint and not self._shared_name, value_dtype=self._value_dtype,
                             value_shape=self._default_value.static, **more)
        return found

    def lookup(self, keys: Any, name: str | None = None) -> Any:  # type: ignore[override]
        """The values of keys; the default value for those that are not there."""
        return super().lookup(keys, name=name)

    def insert_or_assign(self, keys: Any, values: Any, name: str | None = None) -> Operation:
        """`insert`, by its longer name."""
        return self.insert(keys, values, name)

    def erase(self, keys: Any, name: str | None = None) -> Operation:
        """`remove`, by its other name."""
        return self.remove(keys, name)


@export("contrib.lookup.MutableDenseHashTable")
class MutableDenseHashTable(DenseHashTable):
    """DenseHashTable with TF 1's arguments. shared_name: tables of one name are one table, in each session."""

    def __init__(self, key_dtype: Any, value_dtype: Any, default_value: Any, empty_key: Any, deleted_key: Any,
                 initial_num_buckets: int | None = None, shared_name: str | None = None, name: str = "MutableDenseHashTable",
                 checkpoint: bool = True):
        self._shared_name = shared_name
        super().__init__(key_dtype, value_dtype, default_value, empty_key, deleted_key, initial_num_buckets, name, checkpoint)


def _no_anonymous(wanted: bool) -> None:
    if wanted:
        raise NotImplementedError("experimental_is_anonymous=True: graphflow has tables of graphs only; leave it out")
