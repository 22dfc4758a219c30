"""A dataset that gathers elements of one key into windows, and gives what a function makes of each window."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType
from ...core.errors import InvalidArgumentError
from ...core.op import Shape
from ...graphdef.attributes import FunctionName
from .base import DatasetOp, Element, Next, Run, dataset_of, number
from .batches import held


class GroupByWindowDataset(DatasetOp, sig="input_dataset: variant, key_func_other_arguments: [Tkey_func_other_arguments], "
                                          "reduce_func_other_arguments: [Treduce_func_other_arguments], window_size_func_other_arguments: "
                                          "[Twindow_size_func_other_arguments] -> handle: variant"):
    """The elements of the datasets reduce_func(key, window), for windows of elements of one key, as soon as they are full.

    At the end come the windows that are not, by their keys.
    """
    key_func: FunctionName
    reduce_func: FunctionName
    window_size_func: FunctionName
    Tkey_func_other_arguments: list[DType]
    Treduce_func_other_arguments: list[DType]
    Twindow_size_func_other_arguments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""
    least = {"output_types": 1, "output_shapes": 1}

    def start(self, run: Run, input_dataset: Any, *others: Any) -> Next:
        m = len(self.Tkey_func_other_arguments)
        n = m + len(self.Treduce_func_other_arguments)
        key_of, size_of = run.function(self.key_func, others[:m]), run.function(self.window_size_func, others[n:])
        reduce, source = run.function(self.reduce_func, others[m:n]), dataset_of(input_dataset).start(run)
        groups, sizes = dict[int, list[Element]](), dict[int, int]()
        window: Next | None = None
        ended = False

        def flush(key: int) -> Next:
            return dataset_of(reduce(np.array(key, np.int64), held(groups.pop(key)))[0]).start(run)

        def gather() -> int:
            """The key of the next window that is full; StopIteration at the end."""
            while True:
                element = source()
                key = number(key_of(*element)[0])
                if key not in sizes:
                    sizes[key] = number(size_of(np.array(key, np.int64))[0])
                    if sizes[key] <= 0:
                        raise InvalidArgumentError(None, None, f"Window size must be greater than zero, but got {sizes.pop(key)}.")
                groups.setdefault(key, []).append(element)
                if len(groups[key]) == sizes[key]:
                    return key

        def following() -> Element:
            nonlocal window, ended
            while True:
                if window is not None:
                    try:
                        return window()
                    except StopIteration:
                        window = None
                if not ended:
                    try:
                        window = flush(gather())
                        continue
                    except StopIteration:
                        ended = True
                if not groups:
                    raise StopIteration
                window = flush(min(groups))
        return following
