"""`tf.decode_csv`: lines of comma-separated values as one tensor per column."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from graphflow.core.dtypes import DType, float32, float64, int32, int64, string
from graphflow.core.errors import InvalidArgumentError
from graphflow.core.export import export
from graphflow.core.make import make
from graphflow.core.op import Spec, one_of, require
from graphflow.kernels.csv_records import columns

from ...core.outcomes import Several
from ...kernels.contract import Namespace


class DecodeCSV(Several, sig="records: string, record_defaults: [OUT_TYPE] -> output: [OUT_TYPE]", host=True):
    """A column for each default, of its type and the shape of the records."""
    least = {"OUT_TYPE": 1}

    OUT_TYPE: list[DType] = one_of(float32, float64, int32, int64, string)
    field_delim: str = ","
    use_quote_delim: bool = True
    na_value: str = ""
    select_cols: list[int] = ()  # type: ignore[assignment]

    def infer(self, records: Spec, *defaults: Spec) -> tuple[Spec, ...]:
        for default in defaults:
            fits = default.shape is None or len(default.shape) == 0 or (len(default.shape) == 1 and default.shape[0] in (None, 0, 1))
            require(fits, "Shape of a default must be a length-0 or length-1 vector, or a scalar.")
        return tuple(Spec(t, records.shape) for t in self.OUT_TYPE)

    def kernel(self, xp: Namespace, records: Any, *defaults: Any) -> Any:
        lines = np.asarray(records, object)
        values = [np.asarray(d).ravel().tolist() for d in defaults]
        try:
            found = columns(
                lines.ravel().tolist(),
                [t.name for t in self.OUT_TYPE],
                [v[0] if v else None for v in values],
                _bytes(self.field_delim),
                self.use_quote_delim,
                _bytes(self.na_value),
                tuple(self.select_cols),
            )
        except ValueError as error:
            raise InvalidArgumentError(None, None, str(error)) from None
        return tuple(column.reshape(lines.shape) for column in found)


def _bytes(text: Any) -> bytes:
    return text.encode("utf-8") if isinstance(text, str) else bytes(text)


@export("decode_csv", "io.decode_csv")
def decode_csv(
    records: Any,
    record_defaults: Any,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    name: str | None = None,
    na_value: str = "",
    select_cols: Any = None,
) -> Any:
    """A list of tensors, one per column, of the shape of `records` (strings, a line each).

    record_defaults: a list of values that say the types of the columns and stand for missing fields; an empty tensor where a
    field is required. use_quote_delim: whether `"` encloses fields. na_value: another text for a missing field. select_cols: the
    columns to read, ascending. What cannot be read raises InvalidArgumentError with the field and the record.
    """
    if select_cols is not None and any(a >= b for a, b in pairwise(select_cols)):
        raise ValueError("select_cols is not strictly increasing.")
    if select_cols is not None and select_cols and select_cols[0] < 0:
        raise ValueError("select_cols contains negative values.")
    if select_cols is not None and len(select_cols) != len(record_defaults):
        raise ValueError("Length of select_cols and record_defaults do not match.")
    if len(field_delim.encode("utf-8")) != 1:
        raise ValueError(f"field_delim should be only 1 character, got {field_delim!r}")
    found = make(
        DecodeCSV,
        records,
        list(record_defaults),
        field_delim=field_delim,
        use_quote_delim=use_quote_delim,
        na_value=na_value,
        select_cols=tuple(select_cols or ()),
        name=name,
    )
    return list(found) if isinstance(found, (list, tuple)) else [found]
