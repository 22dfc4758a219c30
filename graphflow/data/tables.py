"""tf.lookup: tables that are filled once, by tf.tables_initializer(), and what fills them."""
from __future__ import annotations

import uuid
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ..core import context
from ..core.collections import GraphKeys
from ..core.constant import Const
from ..core.convert import convert_to_tensor
from ..core.dtypes import DType, as_dtype, int64, string
from ..core.export import export
from ..core.make import make
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..core.tensor_shape import TensorShape
from ..core.values import SparseTensor
from ..ops.data_flow import table_ops as ops
from ..ops.data_flow.table_files import LINE_NUMBER, WHOLE_LINE
from ..ops.scopes import init_scope, name_scope


@export("contrib.lookup.LookupInterface")
class LookupInterface:
    """Base of lookup tables: `lookup(keys)`, `size()`, `key_dtype`, `value_dtype`."""

    def __init__(self, key_dtype: Any, value_dtype: Any):
        self._key_dtype, self._value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)
        self._resource_handle: Tensor | None = None

    key_dtype = property(lambda self: self._key_dtype)
    value_dtype = property(lambda self: self._value_dtype)
    resource_handle = property(lambda self: self._resource_handle)

    @property
    def name(self) -> Any:
        """The name of the table, without scopes."""
        raise NotImplementedError(f"{type(self).__name__}.name")

    def size(self, name: str | None = None) -> Tensor:
        """How many keys the table holds."""
        raise NotImplementedError(f"{type(self).__name__}.size")

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys."""
        raise NotImplementedError(f"{type(self).__name__}.lookup")

    def __getitem__(self, keys: Any) -> Any:
        return self.lookup(keys)


@export("contrib.lookup.InitializableLookupTableBase")
class InitializableLookupTableBase(LookupInterface):
    """Base of tables that an initializer fills. default_value: a scalar, the value of keys that are not in the table."""

    def __init__(self, default_value: Any, initializer: Any):
        super().__init__(initializer.key_dtype, initializer.value_dtype)
        self._default_value = convert_to_tensor(default_value, self._value_dtype)
        self._default_value.shape.merge_with(TensorShape([]))
        with init_scope():
            self._resource_handle = self._create_resource()
        with out_of_bodies():
            self._init_op = initializer.initialize(self)

    default_value = property(lambda self: self._default_value)

    @property
    def initializer(self) -> Operation:
        """The operation that fills the table; `tf.tables_initializer()` runs those of all tables."""
        return self._init_op

    def _create_resource(self) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__}._create_resource")

    def size(self, name: str | None = None) -> Tensor:
        with name_scope(name, f"{self.name}_Size", [self._resource_handle]):
            return make(ops.LookupTableSizeV2, self._resource_handle)

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys, of their shape; a SparseTensor of values for one of keys.

        FailedPreconditionError at run before the table is initialized.
        """
        keys = as_keys(keys, self._key_dtype)
        values = keys.values if isinstance(keys, SparseTensor) else keys
        with name_scope(name, f"{self.name}_Lookup", (self._resource_handle, values, self._default_value)):
            found = make(ops.LookupTableFindV2, self._resource_handle, values, self._default_value)
        found.set_shape(values.shape)
        return like(keys, found)


def out_of_bodies() -> AbstractContextManager[Any]:
    """Context manager: what is made inside belongs to no branch or loop."""
    return init_scope() if context.default_graph().building_function else nullcontext()


def as_keys(keys: Any, dtype: DType) -> Any:
    """Keys as a tensor or SparseTensor; TypeError if they are of another dtype."""
    if not isinstance(keys, SparseTensor) and not isinstance(getattr(keys, "dtype", None), DType):
        keys = convert_to_tensor(keys, dtype, name="keys")
    if keys.dtype.base_dtype is not dtype.base_dtype:
        raise TypeError(f"Dtype of argument `keys` must be {dtype}, received: {keys.dtype}")
    return keys if isinstance(keys, SparseTensor) else convert_to_tensor(keys)


def like(keys: Any, values: Tensor) -> Any:
    """Values in the places of keys."""
    return SparseTensor(keys.indices, values, keys.dense_shape) if isinstance(keys, SparseTensor) else values


@export("lookup.StaticHashTable")
class StaticHashTable(InitializableLookupTableBase):
    """A table from an initializer. default_value: the value of keys that are not in it; of the initializer's value dtype."""

    def __init__(self, initializer: Any, default_value: Any, name: str | None = None, experimental_is_anonymous: bool = False):
        if experimental_is_anonymous:
            raise NotImplementedError("StaticHashTable(experimental_is_anonymous=True): graphflow has tables of graphs only; leave it out")
        self._initializer, self._name = initializer, name or "hash_table"
        self._shared_name = getattr(initializer, "_shared_name", "") or f"hash_table_{uuid.uuid4()}"
        super().__init__(default_value, initializer)

    def _create_resource(self) -> Tensor:
        found: Tensor = make(ops.HashTableV2, shared_name=self._shared_name, key_dtype=self._initializer.key_dtype,
                             value_dtype=self._initializer.value_dtype, name=self._name)
        self._table_name = found.op.name.rpartition("/")[2]
        return found

    @property
    def name(self) -> str:
        return self._table_name

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """(keys, values), in the order in which they were given."""
        with name_scope(name, f"{self.name}_Export", [self._resource_handle]):
            keys, values = make(ops.LookupTableExportV2, self._resource_handle, Tkeys=self._key_dtype, Tvalues=self._value_dtype)
        return keys, values


@export("contrib.lookup.HashTable")
class HashTable(StaticHashTable):
    """TF1's StaticHashTable: of a name under which sessions share it."""

    def __init__(self, initializer: Any, default_value: Any, shared_name: str | None = None, name: str | None = None):
        if shared_name:
            initializer = _Shared(initializer, shared_name)
        super().__init__(initializer, default_value, name)

    @property
    def init(self) -> Operation:
        """`initializer`, by its older name."""
        return self.initializer


class _Shared:
    """An initializer whose table has another name."""

    def __init__(self, initializer: Any, shared_name: str):
        self._initializer, self._shared_name = initializer, shared_name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._initializer, name)


@export("contrib.lookup.TableInitializerBase")
class TableInitializerBase:
    """Base of what fills tables: `initialize(table)` makes the operation and notes it in GraphKeys.TABLE_INITIALIZERS."""
    _shared_name: Any = ""

    def __init__(self, key_dtype: Any, value_dtype: Any):
        self._key_dtype, self._value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)

    key_dtype = property(lambda self: self._key_dtype)
    value_dtype = property(lambda self: self._value_dtype)

    def initialize(self, table: Any) -> Operation:
        """The operation that fills the table."""
        raise NotImplementedError(f"{type(self).__name__}.initialize")


def check_table_dtypes(table: Any, key_dtype: DType, value_dtype: DType) -> None:
    """TypeError unless the table is of these dtypes."""
    if key_dtype.base_dtype is not table.key_dtype:
        raise TypeError(f"Invalid key dtype for table, expected {table.key_dtype} but got {key_dtype}.")
    if value_dtype.base_dtype is not table.value_dtype:
        raise TypeError(f"Invalid value dtype for table, expected {table.value_dtype} but got {value_dtype}.")


@export("lookup.KeyValueTensorInitializer", "contrib.lookup.KeyValueTensorInitializer")
class KeyValueTensorInitializer(TableInitializerBase):
    """Fills a table with a vector of keys and one of values, of equal length."""

    def __init__(self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None, name: str | None = None):
        with out_of_bodies():
            self._keys = convert_to_tensor(keys, key_dtype, name="keys")
            self._values = convert_to_tensor(values, value_dtype, name="values")
        self._name = name if name is not None else "key_value_init"
        super().__init__(self._keys.dtype.base_dtype, self._values.dtype.base_dtype)

    def initialize(self, table: Any) -> Operation:
        check_table_dtypes(table, self._keys.dtype, self._values.dtype)
        if self._keys.shape.rank not in (None, 1):
            raise ValueError(f"Shape must be rank 1 but is rank {self._keys.shape.rank}: {self._keys} holds the keys of a table")
        with name_scope(self._name, values=(table.resource_handle, self._keys, self._values)):
            op: Operation = make(ops.LookupTableImportV2, table.resource_handle, self._keys, self._values)
        context.default_graph().add_to_collection(GraphKeys.TABLE_INITIALIZERS, op)
        return op


@export("lookup.TextFileIndex", "contrib.lookup.TextFileIndex")
class TextFileIndex:
    """What of a line is a key or value, besides the number of a column: all of it, or its number from 0."""
    WHOLE_LINE = WHOLE_LINE
    LINE_NUMBER = LINE_NUMBER


@export("lookup.TextFileInitializer", "contrib.lookup.TextFileInitializer")
class TextFileInitializer(TableInitializerBase):
    """Fills a table with an entry per line of a text file.

    key_index, value_index: a column, or TextFileIndex.WHOLE_LINE (strings and integers) or LINE_NUMBER (int64). vocab_size: how many
    lines to read; the file must have them. The file is an asset of saved models.
    """

    def __init__(self, filename: Any, key_dtype: Any, key_index: int, value_dtype: Any, value_index: int, vocab_size: int | None = None,
                 delimiter: str = "\t", name: str | None = None, value_index_offset: int = 0):
        if not isinstance(filename, Tensor) and not filename:
            raise ValueError("`filename` argument required for tf.lookup.TextFileInitializer")
        for what, index, dtype in (("key", key_index, as_dtype(key_dtype)), ("value", value_index, as_dtype(value_dtype))):
            if index < WHOLE_LINE:
                raise ValueError(f"`{what}_index` should be >= -2, received: {index}.")
            if index == LINE_NUMBER and dtype is not int64:
                raise ValueError(f"`{what}_dtype` must be int64 if `{what}_index` is {LINE_NUMBER}, received: {dtype}")
            if index == WHOLE_LINE and not dtype.is_integer and dtype is not string:
                raise ValueError(f"`{what}_dtype` should be either integer or string for `{what}_index` {WHOLE_LINE}, received: {dtype}")
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError(f"`vocab_size` should be > 0, received: {vocab_size}")
        self._given, self._key_index, self._value_index = filename, key_index, value_index
        self._vocab_size, self._delimiter, self._name, self._offset = vocab_size, delimiter, name, value_index_offset
        with init_scope(), context.default_graph().device("/device:CPU:*"):
            self._filename = convert_to_tensor(filename, string, name="asset_path")
        super().__init__(key_dtype, value_dtype)

    def initialize(self, table: Any) -> Operation:
        check_table_dtypes(table, self._key_dtype, self._value_dtype)
        with name_scope(self._name, "text_file_init", (table.resource_handle,)):
            op: Operation = make(ops.InitializeTableFromTextFileV2, table.resource_handle, self._filename, key_index=self._key_index,
                                 value_index=self._value_index, vocab_size=-1 if self._vocab_size is None else self._vocab_size,
                                 delimiter=self._delimiter, offset=self._offset)
        graph = context.default_graph()
        graph.add_to_collection(GraphKeys.TABLE_INITIALIZERS, op)
        if isinstance(self._filename.op._op_def, Const):
            graph.add_to_collection(GraphKeys.ASSET_FILEPATHS, self._filename)
        return op

    @property
    def _shared_name(self) -> str:
        """Tables of one file are one table."""
        parts = [self._given, *([self._vocab_size] if self._vocab_size else []), self._key_index, self._value_index,
                 *([self._offset] if self._offset else [])]
        return "_".join(["hash_table", *map(str, parts)])


@export("contrib.lookup.TextFileStringTableInitializer")
class TextFileStringTableInitializer(TextFileInitializer):
    """Strings by the numbers of their lines."""

    def __init__(self, filename: Any, key_column_index: int = LINE_NUMBER, value_column_index: int = WHOLE_LINE,
                 vocab_size: int | None = None, delimiter: str = "\t", name: str | None = "text_file_string_table_init"):
        super().__init__(filename, int64, key_column_index, string, value_column_index, vocab_size, delimiter, name)


@export("contrib.lookup.TextFileIdTableInitializer")
class TextFileIdTableInitializer(TextFileInitializer):
    """The numbers of lines by what is in them."""

    def __init__(self, filename: Any, key_column_index: int = WHOLE_LINE, value_column_index: int = LINE_NUMBER,
                 vocab_size: int | None = None, delimiter: str = "\t", name: str | None = "text_file_id_table_init",
                 key_dtype: Any = string):
        super().__init__(filename, key_dtype, key_column_index, int64, value_column_index, vocab_size, delimiter, name)
