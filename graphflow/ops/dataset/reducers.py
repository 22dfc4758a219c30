"""A dataset that reduces the elements of each key to one."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType
from ...core.op import Shape
from ...graphdef.attributes import FunctionName
from .base import DatasetOp, Element, Next, Run, dataset_of, number


class GroupByReducerDataset(DatasetOp, sig="input_dataset: variant, key_func_other_arguments: [Tkey_func_other_arguments], "
                                           "init_func_other_arguments: [Tinit_func_other_arguments], reduce_func_other_arguments: "
                                           "[Treduce_func_other_arguments], finalize_func_other_arguments: "
                                           "[Tfinalize_func_other_arguments] -> handle: variant", stateful=True):
    """finalize_func(state) of each key, by the keys: init_func(key), changed by reduce_func(state, element) for each of its elements."""
    key_func: FunctionName
    init_func: FunctionName
    reduce_func: FunctionName
    finalize_func: FunctionName
    Tkey_func_other_arguments: list[DType]
    Tinit_func_other_arguments: list[DType]
    Treduce_func_other_arguments: list[DType]
    Tfinalize_func_other_arguments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    least = {"output_types": 1, "output_shapes": 1}

    def start(self, run: Run, input_dataset: Any, *others: Any) -> Next:
        rest, functions = list(others), []
        for name, kinds in ((self.key_func, self.Tkey_func_other_arguments), (self.init_func, self.Tinit_func_other_arguments),
                            (self.reduce_func, self.Treduce_func_other_arguments),
                            (self.finalize_func, self.Tfinalize_func_other_arguments)):
            functions.append(run.function(name, tuple(rest[:len(kinds)])))
            del rest[:len(kinds)]
        key_of, begin, reduce, finish = functions
        source = dataset_of(input_dataset).start(run)
        states: dict[int, Element] = {}
        keys: list[int] | None = None

        def following() -> Element:
            nonlocal keys
            while keys is None:
                try:
                    element = source()
                except StopIteration:
                    keys = sorted(states, reverse=True)
                    break
                key = number(key_of(*element)[0])
                state = states[key] if key in states else begin(np.array(key, np.int64))
                states[key] = reduce(*state, *element)
            if not keys:
                raise StopIteration
            return finish(*states.pop(keys.pop()))
        return following
