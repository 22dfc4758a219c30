"""Lookup table operations: those that stand for a table, those that fill and read it. Each exists by handle and, of old, by reference."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes, errors
from ...core.dtypes import DType, c_name
from ...core.effects import HANDLE, by_signature
from ...core.known import constant_value
from ...core.op import Op, Shape, Spec, require, require_rank
from ...core.operation import Operation
from ...core.outcomes import Effect, Several
from ...core.run_context import Context
from ...core.shapes import describe
from ..io.checkpoint import file_errors
from .dense_table import DenseResource
from .resource_ops import ResourceOp, behind
from .table_files import pairs_of_file
from .table_resource import StaticResource, TableResource


class _Table(ResourceOp):
    """Base of what stands for a table. use_node_name_sharing: the operation's name is the shared name of one that has none."""
    container: str = ""
    shared_name: str = ""
    use_node_name_sharing: bool = False
    key_dtype: DType
    value_dtype: DType
    resource: Any = TableResource

    def resource_key(self, operation: Operation) -> str:
        if self.use_node_name_sharing and not self.shared_name:
            return f"{self.container}/{operation.name}"
        return super().resource_key(operation)

    def made(self, operation: Operation) -> TableResource:
        """What a session keeps for the operation."""
        table: TableResource = self.resource(self)
        return table


class _Static(_Table):
    resource = StaticResource


class HashTableV2(_Static, sig="-> table_handle: resource", stateful=True):
    """A table that is filled once, by an initializer."""


class HashTable(_Static, sig="-> table_handle: &string", stateful=True):
    """HashTableV2 by reference."""


class MutableHashTableV2(_Table, sig="-> table_handle: resource", stateful=True):
    """A table to write to; its values are scalars."""


class MutableHashTable(_Table, sig="-> table_handle: &string", stateful=True):
    """MutableHashTableV2 by reference."""


class _OfTensors(_Table):
    container: str = ""
    shared_name: str = ""
    use_node_name_sharing: bool = False
    key_dtype: DType
    value_dtype: DType
    value_shape: Shape = ()

    def made(self, operation: Operation) -> TableResource:
        if self.value_shape is None or len(self.value_shape) != 1 or None in self.value_shape:
            raise errors.InvalidArgumentError(None, None, f"Default value must be a vector, got shape {describe(self.value_shape)}")
        return super().made(operation)


class MutableHashTableOfTensorsV2(_OfTensors, sig="-> table_handle: resource", stateful=True):
    """A table to write to; its values are vectors of one length."""


class MutableHashTableOfTensors(_OfTensors, sig="-> table_handle: &string", stateful=True):
    """MutableHashTableOfTensorsV2 by reference."""


class _Dense(_Table):
    container: str = ""
    shared_name: str = ""
    use_node_name_sharing: bool = False
    key_dtype: DType
    value_dtype: DType
    value_shape: Shape = ()
    initial_num_buckets: int = 131072
    max_load_factor: float = 0.8

    def infer(self, *keys: Spec) -> Spec:
        return super().infer()

    def made(self, operation: Operation) -> TableResource:
        keys = [constant_value(t) for t in operation.inputs]
        if any(key is None for key in keys):
            raise NotImplementedError(f"{operation.name}: graphflow takes the empty and deleted keys from the graph; give constants")
        keys += [None] * (2 - len(keys))
        return DenseResource(self, *keys)


class MutableDenseHashTableV2(_Dense, sig="empty_key: key_dtype, deleted_key: key_dtype -> table_handle: resource", stateful=True):
    """A table to write to, in one array; keys may be vectors."""


class MutableDenseHashTable(_Dense, sig="empty_key: key_dtype -> table_handle: &string", stateful=True):
    """MutableDenseHashTableV2 by reference, from which nothing is taken out."""


# -- what is done with a table --------------------------------------------------------------------------------------------

class _OnTable(Op):
    """Base of what is done with a table. form: how messages write its inputs."""
    form: Any = "{0}"

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, table_handle=HANDLE)

    def table(self, ctx: Context, handle: Any, *types: DType) -> Any:
        """The table behind the first input; InvalidArgumentError if it is of other dtypes than these, of keys and values."""
        stand = behind(ctx.operation, 0, handle)
        wanted = stand._op_def
        if not isinstance(wanted, _Table):
            raise errors.InvalidArgumentError(None, None, f"Trying to access a handle's resource using the wrong type: {stand.name} is a "
                                                          f"{stand.type}, no lookup table")
        found = ctx.resource(handle, lambda: wanted.made(stand))
        if not isinstance(found, TableResource):
            raise errors.InvalidArgumentError(None, None, f"Shared name '{wanted.shared_name}' is that of a {type(found.op_def).__name__}, "
                                                          "not of a lookup table")
        own = found.key_dtype, found.value_dtype
        if own != (wanted.key_dtype, wanted.value_dtype):
            key, value = map(c_name, (wanted.key_dtype, wanted.value_dtype))
            raise errors.InvalidArgumentError(None, None, f"Conflicting key/value dtypes {key}->{value} with {c_name(own[0])}-"
                                                          f"{c_name(own[1])} for table {found.name}")
        if types != own[:len(types)]:
            kind = "string_ref" if ctx.operation.inputs[0].dtype.is_ref else "resource"
            have, expected = (self.form.format(*map(c_name, pair)) for pair in (types, own))
            raise errors.InvalidArgumentError(None, None, f"Signature mismatch, have: {kind}, {have} expected: {kind}, {expected}")
        return found


class _Find(_OnTable):
    Tin: DType
    Tout: DType
    form = "{0}, {1}->{1}"

    def infer(self, table_handle: Spec, keys: Spec, default_value: Spec) -> Spec:
        return Spec(self.Tout, None)

    def run(self, ctx: Context, table_handle: Any, keys: Any, default_value: Any) -> Any:
        table = self.table(ctx, table_handle, self.Tin, self.Tout)
        return table.find(np.asarray(keys, self.Tin.np), np.asarray(default_value, self.Tout.np))

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None, None


class LookupTableFindV2(_Find, sig="table_handle: @, keys: Tin, default_value: Tout -> values: Tout", stateful=True):
    """The values of keys; where there is none, the default value."""


class LookupTableFind(_Find, sig="table_handle: &string, keys: Tin, default_value: Tout -> values: Tout", stateful=True):
    """LookupTableFindV2 by reference."""


class _Insert(_OnTable, Effect):
    Tin: DType
    Tout: DType
    form = "{0}, {1}"

    def infer(self, table_handle: Spec, keys: Spec, values: Spec) -> tuple[()]:
        return ()

    def run(self, ctx: Context, table_handle: Any, keys: Any, values: Any) -> tuple[()]:
        self.table(ctx, table_handle, self.Tin, self.Tout).insert(np.asarray(keys, self.Tin.np), np.asarray(values, self.Tout.np))
        return ()


class LookupTableInsertV2(_Insert, sig="table_handle: @, keys: Tin, values: Tout ->", stateful=True):
    """Gives keys their values, also those that had others."""


class LookupTableInsert(_Insert, sig="table_handle: &string, keys: Tin, values: Tout ->", stateful=True):
    """LookupTableInsertV2 by reference."""


class LookupTableRemoveV2(_OnTable, Effect, sig="table_handle: @, keys: Tin ->", stateful=True):
    """Takes keys out."""
    Tin: DType

    def infer(self, table_handle: Spec, keys: Spec) -> tuple[()]:
        return ()

    def run(self, ctx: Context, table_handle: Any, keys: Any) -> tuple[()]:
        self.table(ctx, table_handle, self.Tin).remove(np.asarray(keys, self.Tin.np))
        return ()


def _one_value_each(keys: Spec, values: Spec) -> tuple[()]:
    if keys.shape and values.shape:
        m, n = keys.shape[0], values.shape[0]
        require(None in (m, n) or m == n, f"Dimensions must be equal, but are {m} and {n}")
    return ()


class _Import(_OnTable, Effect):
    Tin: DType
    Tout: DType
    form = "{0}, {1}"

    def infer(self, table_handle: Spec, keys: Spec, values: Spec) -> tuple[()]:
        return _one_value_each(keys, values)

    def run(self, ctx: Context, table_handle: Any, keys: Any, values: Any) -> tuple[()]:
        self.table(ctx, table_handle, self.Tin, self.Tout).initialize(np.asarray(keys, self.Tin.np), np.asarray(values, self.Tout.np))
        return ()


class LookupTableImportV2(_Import, sig="table_handle: @, keys: Tin, values: Tout ->", stateful=True):
    """Puts keys and values in the place of all that a table holds; fills one that is filled once."""


class LookupTableImport(_Import, sig="table_handle: &string, keys: Tin, values: Tout ->", stateful=True):
    """LookupTableImportV2 by reference."""


class _Initialize(_OnTable, Effect):
    Tkey: DType
    Tval: DType
    form = "{0}, {1}"

    def infer(self, table_handle: Spec, keys: Spec, values: Spec) -> tuple[()]:
        require_rank(keys, 1)
        return _one_value_each(keys, values)

    def run(self, ctx: Context, table_handle: Any, keys: Any, values: Any) -> tuple[()]:
        self.table(ctx, table_handle, self.Tkey, self.Tval).initialize(np.asarray(keys, self.Tkey.np), np.asarray(values, self.Tval.np))
        return ()


class InitializeTableV2(_Initialize, sig="table_handle: @, keys: Tkey, values: Tval ->", stateful=True):
    """Fills a table with keys and values."""


class InitializeTable(_Initialize, sig="table_handle: &string, keys: Tkey, values: Tval ->", stateful=True):
    """InitializeTableV2 by reference."""


class _FromTextFile(_OnTable, Effect):
    key_index: int
    value_index: int
    vocab_size: int = -1
    delimiter: str = "\t"
    offset: int = 0

    def infer(self, table_handle: Spec, filename: Spec) -> tuple[()]:
        require_rank(filename, 0)
        return ()

    def run(self, ctx: Context, table_handle: Any, filename: Any) -> tuple[()]:
        table = self.table(ctx, table_handle)
        if not isinstance(table, StaticResource):
            raise errors.InvalidArgumentError(None, None, f"Table {table.name} is not initializable")
        if not table.initialized:
            with file_errors(ctx.operation):
                table.fill(pairs_of_file(np.asarray(filename, object).item(), table.key_dtype, table.value_dtype, self))
        return ()


class InitializeTableFromTextFileV2(_FromTextFile, sig="table_handle: @, filename: string ->", stateful=True):
    """Fills a table with columns of a text file, its lines or their numbers."""


class InitializeTableFromTextFile(_FromTextFile, sig="table_handle: &string, filename: string ->", stateful=True):
    """InitializeTableFromTextFileV2 by reference."""


class _Size(_OnTable):
    def infer(self, table_handle: Spec) -> Spec:
        return Spec(dtypes.int64, ())

    def run(self, ctx: Context, table_handle: Any) -> Any:
        return np.asarray(self.table(ctx, table_handle).size(), np.int64)


class LookupTableSizeV2(_Size, sig="table_handle: @ -> size: int64", stateful=True):
    """How many keys a table holds."""


class LookupTableSize(_Size, sig="table_handle: &string -> size: int64", stateful=True):
    """LookupTableSizeV2 by reference."""


class _Export(_OnTable, Several):
    Tkeys: DType
    Tvalues: DType
    form = "{0}, {1}"

    def infer(self, table_handle: Spec) -> tuple[Spec, Spec]:
        return Spec(self.Tkeys, None), Spec(self.Tvalues, None)

    def run(self, ctx: Context, table_handle: Any) -> Any:
        return self.table(ctx, table_handle, self.Tkeys, self.Tvalues).export()


class LookupTableExportV2(_Export, sig="table_handle: @ -> keys: Tkeys, values: Tvalues", stateful=True):
    """All keys and all values, in the order in which they came."""


class LookupTableExport(_Export, sig="table_handle: &string -> keys: Tkeys, values: Tvalues", stateful=True):
    """LookupTableExportV2 by reference."""
