"""DropoutWrapper: dropout of what a cell reads, gives and keeps, anew in each step or by one mask for all steps."""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from ..core import nest
from ..core.convert import convert_to_tensor
from ..core.export import export
from ..core.known import constant_value
from ..core.tensor_shape import TensorShape
from ..ops.data_flow.tensor_array import TensorArray
from ..ops.elementwise.unary import floor
from ..ops.nn.dropout import dropout
from ..ops.random.distributions import random_uniform
from ..ops.scopes import name_scope
from .cell import LSTMStateTuple
from .wrappers import CellWrapper


@export("nn.rnn_cell.DropoutWrapper", "contrib.rnn.DropoutWrapper")
class DropoutWrapper(CellWrapper):
    """Dropout of a cell's inputs, outputs and states, anew in each step; the memory c of an LSTM is left alone.

    The keep_prob arguments are numbers in [0, 1] or scalar tensors. variational_recurrent: one mask for all steps and examples, drawn in
    each run (Gal and Ghahramani 2016, arXiv:1512.05287); it needs `dtype`, and `input_size` where inputs are dropped.
    dropout_state_filter_visitor(part): asked of the state from the whole down, says whether a part is dropped; of a nested part its
    answer may be one for each of its own parts.
    """

    unlisted = frozenset(("dropout_state_filter_visitor",))

    def __init__(self, cell: Any, input_keep_prob: Any = 1.0, output_keep_prob: Any = 1.0, state_keep_prob: Any = 1.0,
                 variational_recurrent: bool = False, input_size: Any = None, dtype: Any = None, seed: int | None = None,
                 dropout_state_filter_visitor: Callable[[Any], Any] | None = None, **kwargs: Any):
        super().__init__(cell, dtype=dtype, **kwargs)
        if dropout_state_filter_visitor is not None and not callable(dropout_state_filter_visitor):
            raise TypeError(f"dropout_state_filter_visitor must be callable. Received: {dropout_state_filter_visitor}")
        self._seed, self._filter = seed, dropout_state_filter_visitor or _all_but_the_memory
        self._variational_recurrent, self._input_size = variational_recurrent, input_size
        with name_scope("DropoutWrapperInit"):
            self._input_keep_prob = self._probability("input_keep_prob", input_keep_prob)
            self._state_keep_prob = self._probability("state_keep_prob", state_keep_prob)
            self._output_keep_prob = self._probability("output_keep_prob", output_keep_prob)
            self._noises = self._drawn(input_size, dtype) if variational_recurrent else None

    @staticmethod
    def _probability(name: str, given: Any) -> Any:
        tensor = convert_to_tensor(given)
        value = constant_value(tensor)
        if value is None:
            return tensor
        if not 0 <= value <= 1:
            raise ValueError(f"Parameter {name} must be between 0 and 1. Received {value}")
        return float(value)

    def _drawn(self, input_size: Any, dtype: Any) -> dict[str, list[Any]]:
        """Uniform numbers [1, size...] for each tensor, the same in all steps of a run."""
        if dtype is None:
            raise ValueError("When variational_recurrent=True, dtype must be provided")
        sizes = {"state": self.cell.state_size, "output": self.cell.output_size}
        if not _keeps_all(self._input_keep_prob):
            if input_size is None:
                raise ValueError("When variational_recurrent=True and input_keep_prob < 1.0 or is unknown, input_size must be provided")
            sizes = {"input": input_size, **sizes}

        def noise(size: Any, seed: int | None) -> Any:
            return random_uniform([1, *TensorShape([size] if isinstance(size, int) else size).as_list()], seed=seed, dtype=dtype)

        return {what: [noise(leaf, self._seed_of(what, i)) for i, leaf in enumerate(nest.flatten(size))] for what, size in sizes.items()}

    def _seed_of(self, what: str, number: int) -> int | None:
        """A seed of its own for each tensor, made of the one given by TensorFlow's rule."""
        if self._seed is None:
            return None
        return int(hashlib.md5(f"{self._seed}{what}_{number}".encode()).hexdigest()[:8], 16) & 0x7FFFFFFF

    def _dropped(self, values: Any, what: str, keep: Any) -> Any:
        if _keeps_all(keep):
            return values
        chosen = _chosen(self._filter, values) if what == "state" else True
        return self._walk(values, chosen, what, keep, iter(range(len(nest.flatten(values)))))

    def _walk(self, part: Any, chosen: Any, what: str, keep: Any, numbers: Iterator[int]) -> Any:
        if nest.is_nested(part) and chosen is not False:
            names = list(part) if isinstance(part, dict) else range(len(part))
            found = [self._walk(part[i], chosen[i] if nest.is_nested(chosen) else chosen, what, keep, numbers) for i in names]
            return nest.pack_sequence_as(part, [leaf for one in found for leaf in nest.flatten(one)])
        number = next(numbers)
        if chosen is False:
            return part
        if self._noises is None:
            return dropout(part, rate=1.0 - keep, seed=self._seed_of(what, number))
        kept = part / keep * floor(keep + self._noises[what][number])
        kept.set_shape(part.shape)
        return kept

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        inputs = self._dropped(inputs, "input", self._input_keep_prob)
        output, new = self.cell(inputs, state, scope=scope)
        new = self._dropped(new, "state", self._state_keep_prob)
        return self._dropped(output, "output", self._output_keep_prob), new


def _keeps_all(keep: Any) -> bool:
    return isinstance(keep, float) and keep >= 1


def _all_but_the_memory(part: Any) -> Any:
    if isinstance(part, LSTMStateTuple):
        return LSTMStateTuple(c=False, h=True)
    return not isinstance(part, TensorArray)


def _chosen(visitor: Callable[[Any], Any], part: Any) -> Any:
    """The visitor's answers for the leaves of a part, or False for the whole of it."""
    answer = visitor(part)
    if not nest.is_nested(part):
        if not isinstance(answer, bool):
            raise TypeError(f"dropout_state_filter_visitor must return a bool for a tensor; it returned {answer!r}")
        return answer
    if answer is False:
        return False
    parts = list(part.values()) if isinstance(part, dict) else list(part)
    answers = [True] * len(parts) if answer is True else list(answer)
    found = [_chosen(visitor, one) if own else False for one, own in zip(parts, answers, strict=True)]
    return dict(zip(part, found, strict=True)) if isinstance(part, dict) else found
