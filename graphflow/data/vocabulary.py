"""Tables from words to ids, with buckets for words that are not in the vocabulary; and from ids to words."""
from __future__ import annotations

import warnings
from typing import Any, NamedTuple

from ..core.convert import convert_to_tensor
from ..core.dtypes import DType, as_dtype, int64, string
from ..core.export import export, export_values
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..core.values import SparseTensor
from ..ops import functions as F
from ..ops.control_flow.flow import no_op
from ..ops.scopes import name_scope
from .tables import (
    KeyValueTensorInitializer,
    LookupInterface,
    StaticHashTable,
    TextFileIdTableInitializer,
    TextFileStringTableInitializer,
    as_keys,
    like,
)


class _Hasher(NamedTuple):
    hasher: str
    key: Any


@export("contrib.lookup.HasherSpec")
class HasherSpec(_Hasher):
    """How words out of the vocabulary are hashed: "fasthash", "stronghash" with a key of two numbers, or "legacy"."""
    __slots__ = ()


FastHashSpec = HasherSpec("fasthash", None)
export_values(__name__, contrib__lookup__FastHashSpec="FastHashSpec")


@export("contrib.lookup.StrongHashSpec")
class StrongHashSpec(HasherSpec):
    """SipHash under a key of two integers."""
    __slots__ = ()

    def __new__(cls, key: Any) -> StrongHashSpec:
        if len(key) != 2:
            raise ValueError(f"`key` must have size 2, received {len(key)}")
        if not all(hasattr(part, "__index__") for part in key):
            raise TypeError(f"Invalid key {key}. Must be unsigned integer values.")
        return super().__new__(cls, "stronghash", key)


@export("contrib.lookup.IdTableWithHashBuckets")
class IdTableWithHashBuckets(LookupInterface):
    """Ids of a table, and for keys that are not in it one of `num_oov_buckets` ids behind those, by the key's hash.

    table: from string or int64 to int64 ids 0, 1, ..., or None: everything is hashed. hasher_spec: FastHashSpec or a StrongHashSpec.
    key_dtype: of what is looked up, any integer for a table of int64.
    """

    def __init__(self, table: Any, num_oov_buckets: int, hasher_spec: Any = FastHashSpec, name: str | None = None, key_dtype: Any = None):
        name = name.rstrip("/") if name else name
        key_dtype = None if key_dtype is None else as_dtype(key_dtype)
        if table is not None:
            key_dtype = table.key_dtype if key_dtype is None else key_dtype
            _check_types(table, key_dtype)
            name = name or table.name
        else:
            if num_oov_buckets <= 0:
                raise ValueError("`oov_buckets` must be > 0 if no `table` is supplied.")
            key_dtype = string if key_dtype is None else key_dtype
            name = name or "hash_bucket"
        if not key_dtype.is_integer and key_dtype is not string:
            raise TypeError(f"Invalid `key_dtype`, expected integer or string, got {key_dtype}.")
        if not isinstance(hasher_spec, HasherSpec):
            raise TypeError(f"`hasher_spec` must be of type HasherSpec, got {type(hasher_spec)}.")
        if hasher_spec.hasher not in ("fasthash", "stronghash", "legacy"):
            raise ValueError(f"Found unknown hasher {hasher_spec.hasher} in `hasher_spec`")
        super().__init__(key_dtype, int64)
        self._table, self._num_oov_buckets, self._hasher_spec = table, num_oov_buckets, hasher_spec
        self._table_name = name.rpartition("/")[2]
        self._resource_handle = None if table is None else table.resource_handle

    @property
    def initializer(self) -> Operation:
        """The operation that fills the table."""
        if self._table is not None:
            found: Operation = self._table.initializer
            return found
        with name_scope(None, "init"):
            return no_op()

    init = initializer

    @property
    def name(self) -> str:
        return self._table_name

    def size(self, name: str | None = None) -> Tensor:
        """How many ids there are, with the buckets."""
        with name_scope(name, f"{self.name}_Size"):
            count: Tensor = (self._table.size() if self._table is not None else convert_to_tensor(0, int64)) + self._num_oov_buckets
            return count

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """int64 ids of keys, of their shape; a SparseTensor of ids for one of keys."""
        keys = as_keys(keys, self._key_dtype)
        values = keys.values if isinstance(keys, SparseTensor) else keys
        if self._table is not None and self._table.key_dtype is int64:
            values = F.cast(values, int64)
        if not self._num_oov_buckets:
            return like(keys, self._table.lookup(values, name=name))
        with name_scope(name, f"{self.name}_Lookup"):
            ids = self._buckets(values if values.dtype.base_dtype is string else F.as_string(values))
            if self._table is not None:
                found = self._table.lookup(values)
                ids = F.add(ids, self._table.size())
                known = F.not_equal(found, self._table.default_value)
                ids = F.where_v2(known, found, ids)
        return like(keys, ids)

    def _buckets(self, words: Tensor) -> Tensor:
        hasher, key = self._hasher_spec
        more = {"key": key} if hasher == "stronghash" else {}
        function = {"fasthash": F.string_to_hash_bucket_fast, "stronghash": F.string_to_hash_bucket_strong,
                    "legacy": F.string_to_hash_bucket}[hasher]
        found: Tensor = function(words, num_buckets=self._num_oov_buckets, name="hash_bucket", **more)
        return found


def _check_types(source: Any, key_dtype: DType) -> None:
    """TypeError unless a table or an initializer leads from strings or int64 to int64, and `key_dtype` fits."""
    if source.key_dtype not in (int64, string):
        raise TypeError(f"Invalid `key_dtype`, expected one of (tf.int64, tf.string), but got {source.key_dtype}.")
    if source.key_dtype.is_integer != key_dtype.is_integer:
        raise TypeError(f"Invalid `key_dtype`, expected {'integer' if key_dtype.is_integer else 'non-integer'} but got {source.key_dtype}.")
    if source.value_dtype is not int64:
        raise TypeError(f"Invalid `value_dtype`, expected {int64} but got {source.value_dtype}.")


@export("lookup.StaticVocabularyTable")
class StaticVocabularyTable(IdTableWithHashBuckets):
    """Ids of an initializer, and `num_oov_buckets` ids behind those for keys that are not in it, by their hash.

    initializer: from string or int64 to int64 ids 0, 1, ...; None: everything is hashed.
    """

    def __init__(self, initializer: Any, num_oov_buckets: int, lookup_key_dtype: Any = None, name: str | None = None,
                 experimental_is_anonymous: bool = False):
        if num_oov_buckets <= 0:
            raise ValueError("`num_oov_buckets` must be > 0; use StaticHashTable.")
        table, key_dtype = None, string
        if initializer is not None:
            key_dtype = initializer.key_dtype if lookup_key_dtype is None else as_dtype(lookup_key_dtype)
            _check_types(initializer, key_dtype)
            table = StaticHashTable(initializer, -1, experimental_is_anonymous=experimental_is_anonymous)
        super().__init__(table, num_oov_buckets, name=name, key_dtype=key_dtype)


# -- functions of tf.contrib.lookup -----------------------------------------------------------------------------------------

def _check_vocabulary(given: Any, what: str, num_oov_buckets: int = 0, vocab_size: int | None = None) -> None:
    if given is None or (isinstance(given, str) and not given):
        raise ValueError(f"`{what}` must be specified and must not be empty.")
    if num_oov_buckets < 0:
        raise ValueError(f"num_oov_buckets must be greater or equal than 0, got {num_oov_buckets}.")
    if vocab_size is not None and vocab_size < 1:
        raise ValueError(f"`vocab_size` must be greater than 0, got {vocab_size}.")


def _with_buckets(table: Any, num_oov_buckets: int, hasher_spec: Any, key_dtype: DType) -> Any:
    return IdTableWithHashBuckets(table, num_oov_buckets, hasher_spec, key_dtype=key_dtype) if num_oov_buckets else table


@export("contrib.lookup.index_table_from_file")
def index_table_from_file(vocabulary_file: Any = None, num_oov_buckets: int = 0, vocab_size: int | None = None, default_value: Any = -1,
                          hasher_spec: Any = FastHashSpec, key_dtype: Any = string, name: str | None = None, key_column_index: int = -2,
                          value_column_index: int = -1, delimiter: str = "\t") -> Any:
    """A table from the words of a file, one per line, to the numbers of their lines.

    num_oov_buckets: other words get one of so many ids behind those; with 0 of them, default_value. vocab_size: how many lines to read.
    """
    _check_vocabulary(vocabulary_file, "vocabulary_file", num_oov_buckets, vocab_size)
    key_dtype = as_dtype(key_dtype)
    if not key_dtype.is_integer and key_dtype is not string:
        raise TypeError("Dtype for `keys` should be either integer or string.")
    with name_scope(name, "string_to_index"):
        with name_scope(None, "hash_table"):
            filler = TextFileIdTableInitializer(vocabulary_file, key_column_index, value_column_index, vocab_size, delimiter,
                                                name="table_init", key_dtype=int64 if key_dtype.is_integer else key_dtype)
            table = StaticHashTable(filler, default_value)
        return _with_buckets(table, num_oov_buckets, hasher_spec, key_dtype)


@export("contrib.lookup.index_table_from_tensor")
def index_table_from_tensor(mapping: Any, num_oov_buckets: int = 0, default_value: Any = -1, hasher_spec: Any = FastHashSpec,
                            dtype: Any = string, name: str | None = None) -> Any:
    """A table from the elements of a vector, words or integers, to their positions. Other arguments: see index_table_from_file."""
    _check_vocabulary(mapping, "mapping", num_oov_buckets)
    dtype = as_dtype(dtype)
    if not dtype.is_integer and dtype is not string:
        raise TypeError("`dtype` must either be integer or string.")
    with name_scope(name, "string_to_index"):
        keys = convert_to_tensor(mapping)
        found = keys.dtype.base_dtype
        if found.is_integer != dtype.is_integer or not (dtype.is_integer or found is dtype):
            raise ValueError(f"Invalid `dtype`: Expected {'integer' if dtype.is_integer else dtype}, got {found}.")
        values = F.cast(F.range(F.size(keys)), int64)
        with name_scope(None, "hash_table"):
            keys = F.cast(keys, int64) if found.is_integer else keys
            table = StaticHashTable(KeyValueTensorInitializer(keys, values, keys.dtype.base_dtype, int64, name="table_init"), default_value)
        return _with_buckets(table, num_oov_buckets, hasher_spec, dtype)


@export("contrib.lookup.index_to_string_table_from_file")
def index_to_string_table_from_file(vocabulary_file: Any, vocab_size: int | None = None, default_value: Any = "UNK",
                                    name: str | None = None, key_column_index: int = -1, value_column_index: int = -2,
                                    delimiter: str = "\t") -> StaticHashTable:
    """A table from the numbers of a file's lines to what is in them; default_value for other numbers."""
    _check_vocabulary(vocabulary_file, "vocabulary_file", 0, vocab_size)
    with name_scope(name, "index_to_string"):
        filler = TextFileStringTableInitializer(vocabulary_file, key_column_index, value_column_index, vocab_size, delimiter,
                                                name="table_init")
        return StaticHashTable(filler, default_value)


@export("contrib.lookup.index_to_string_table_from_tensor")
def index_to_string_table_from_tensor(mapping: Any, default_value: Any = "UNK", name: str | None = None) -> StaticHashTable:
    """A table from positions in a vector of strings to the strings; default_value for other numbers."""
    _check_vocabulary(mapping, "mapping")
    with name_scope(name, "index_to_string"):
        words = convert_to_tensor(mapping, string)
        keys = F.cast(F.range(F.size(words)), int64)
        return StaticHashTable(KeyValueTensorInitializer(keys, words, int64, string, name="table_init"), default_value)


@export("contrib.lookup.string_to_index_table_from_file")
def string_to_index_table_from_file(vocabulary_file: Any = None, num_oov_buckets: int = 0, vocab_size: int | None = None,
                                    default_value: Any = -1, hasher_spec: Any = FastHashSpec, name: str | None = None) -> Any:
    """index_table_from_file, by its older name."""
    return index_table_from_file(vocabulary_file, num_oov_buckets, vocab_size, default_value, hasher_spec, name=name)


@export("contrib.lookup.string_to_index_table_from_tensor")
def string_to_index_table_from_tensor(mapping: Any, num_oov_buckets: int = 0, default_value: Any = -1, hasher_spec: Any = FastHashSpec,
                                      name: str | None = None) -> Any:
    """index_table_from_tensor of strings, by its older name."""
    with name_scope(name, "string_to_index") as scope:
        return index_table_from_tensor(mapping, num_oov_buckets, default_value, hasher_spec, string, scope)


@export("contrib.lookup.string_to_index")
def string_to_index(tensor: Any, mapping: Any, default_value: Any = -1, name: str | None = None) -> Any:
    """The positions of words in a vector of strings. Use index_table_from_tensor, and look up as often as you like."""
    warnings.warn("tf.contrib.lookup.string_to_index makes a table for each call; use index_table_from_tensor", DeprecationWarning,
                  stacklevel=2)
    return index_table_from_tensor(mapping, default_value=default_value, name=name).lookup(convert_to_tensor(tensor, string))


@export("contrib.lookup.index_to_string")
def index_to_string(tensor: Any, mapping: Any, default_value: Any = "UNK", name: str | None = None) -> Any:
    """The strings of a vector at positions. Use index_to_string_table_from_tensor, and look up as often as you like."""
    warnings.warn("tf.contrib.lookup.index_to_string makes a table for each call; use index_to_string_table_from_tensor",
                  DeprecationWarning, stacklevel=2)
    return index_to_string_table_from_tensor(mapping, default_value, name).lookup(convert_to_tensor(tensor, int64))
