"""Batches of elements of different sizes, as sparse tensors."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType
from ...core.errors import DataLossError, InvalidArgumentError
from ...core.op import Shape
from ...core.shapes import describe
from .base import DatasetOp, Element, Next, Run, dataset_of
from .batches import batch_size_of, gathered


class DenseToSparseBatchDataset(DatasetOp, sig="input_dataset: variant, batch_size: int64, row_shape: int64 -> handle: variant"):
    """Consecutive elements side by side in a sparse tensor, all their values in it; row_shape (-1: as large as the largest) has room for
    each of them."""
    output_types: list[DType]
    output_shapes: list[Shape]
    least = {"output_types": 1, "output_shapes": 1}

    def start(self, run: Run, input_dataset: Any, batch_size: Any, row_shape: Any) -> Next:
        source, size, wanted = dataset_of(input_dataset).start(run), batch_size_of(batch_size), [int(d) for d in row_shape]

        def following() -> Element:
            rows = [element[0] for element in gathered(source, size, False)]
            sizes = list(wanted)
            for row in rows:
                if row.ndim != len(wanted):
                    raise InvalidArgumentError(None, None, f"Input element had shape {describe(row.shape)} that is incompatible with the "
                                                           f"row shape {describe(tuple(wanted))}.")
                for axis, (room, has) in enumerate(zip(wanted, row.shape)):
                    if 0 <= room < has:
                        raise DataLossError(None, None, f"Input element had shape {describe(row.shape)} that is larger than the row "
                                                               f"shape {describe(tuple(wanted))}.")
                    sizes[axis] = max(sizes[axis], has)
            indices = [np.insert(np.indices(row.shape, np.int64).reshape(row.ndim, -1).T, 0, i, axis=1) for i, row in enumerate(rows)]
            parts = np.empty(3, object)
            parts[0], parts[1] = np.concatenate(indices), np.concatenate([row.ravel() for row in rows])
            parts[2] = np.array([len(rows), *sizes], np.int64)
            return (parts,)
        return following
