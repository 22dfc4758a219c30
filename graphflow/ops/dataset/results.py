"""Operations that go through a whole dataset in one run, and the dataset of a Python generator."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType
from ...core.errors import InvalidArgumentError, OpError
from ...core.op import Shape, Spec
from ...core.outcomes import Several
from ...graphdef.attributes import FunctionName
from .base import DatasetOp, Element, Next, Run, dataset_of, ends_at


class _Result(Several):
    may_wait = True
    output_types: list[DType]
    output_shapes: list[Shape]

    def infer(self, *inputs: Spec) -> tuple[Spec, ...]:
        return tuple([Spec(t, s) for t, s in zip(self.output_types, self.output_shapes)])

    def grad(self, op: Any, *dy: Any) -> Any:
        return [None] * len(op.inputs)


class ReduceDataset(_Result, sig="input_dataset: variant, initial_state: [Tstate], other_arguments: [Targuments] "
                                 "-> components: [output_types]", stateful=True):
    """f(state, element) of all elements in turn; the last state."""
    f: FunctionName
    Tstate: list[DType]
    Targuments: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    use_inter_op_parallelism: bool = True
    metadata: str = ""
    least = {"Tstate": 1, "output_types": 1, "output_shapes": 1}

    def run(self, ctx: Any, input_dataset: Any, *rest: Any) -> Any:
        run, n = Run(ctx), len(self.Tstate)
        state, function = tuple(map(np.asarray, rest[:n])), run.function(self.f, rest[n:])
        source = dataset_of(input_dataset).start(run)
        try:
            while True:
                try:
                    element = source()
                except StopIteration:
                    return tuple(np.array(s) for s in state)
                state = function(*state, *element)
        finally:
            run.close()


class DatasetToSingleElement(_Result, sig="dataset: variant -> components: [output_types]", stateful=True):
    """The element of a dataset that has exactly one."""
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""
    least = {"output_types": 1, "output_shapes": 1}

    def run(self, ctx: Any, dataset: Any) -> Any:
        run = Run(ctx)
        source = dataset_of(dataset).start(run)
        try:
            found = [element for element in (next(iter(source, self), None) for _ in range(2)) if element is not None]
        finally:
            run.close()
        if len(found) != 1:
            raise InvalidArgumentError(None, ctx.operation, "Dataset had more than one element." if found else "Dataset was empty.")
        return tuple(np.array(c) for c in found[0])


class GeneratorDataset(DatasetOp, sig="init_func_other_args: [Tinit_func_args], next_func_other_args: [Tnext_func_args], "
                                      "finalize_func_other_args: [Tfinalize_func_args] -> handle: variant", stateful=True):
    """The elements that next_func gives for the state that init_func made, until it says OutOfRange; then finalize_func of it."""
    init_func: FunctionName
    next_func: FunctionName
    finalize_func: FunctionName
    Tinit_func_args: list[DType]
    Tnext_func_args: list[DType]
    Tfinalize_func_args: list[DType]
    output_types: list[DType]
    output_shapes: list[Shape]
    metadata: str = ""
    least = {"output_types": 1, "output_shapes": 1}

    def start(self, run: Run, *others: Any) -> Next:
        m, n = len(self.Tinit_func_args), len(self.Tinit_func_args) + len(self.Tnext_func_args)
        init, step = run.function(self.init_func, others[:m]), run.function(self.next_func, others[m:n])
        final = run.function(self.finalize_func, others[n:])
        state: Element | None = None
        ended = False

        def following() -> Element:
            nonlocal state, ended
            if ended:
                raise StopIteration
            if state is None:
                state = init()
            try:
                return step(*state)
            except OpError as error:
                if not ends_at(error):
                    raise
                ended = True
                final(*state)
                raise StopIteration from None
        return following
