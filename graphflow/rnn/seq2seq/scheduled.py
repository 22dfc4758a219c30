"""Helpers for scheduled sampling (Bengio et al. 2015, arXiv:1506.03099): now and then a step reads what the model said, not the truth."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core import nest
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.export import export
from ...ops.array.basic import cast, fill
from ...ops.array.indexing import gather_nd
from ...ops.array.joining import concat
from ...ops.array.scattering import tensor_scatter_nd_update
from ...ops.array.select import where
from ...ops.control_flow.cond import cond
from ...ops.elementwise.comparison import logical_not, logical_or
from ...ops.random.distributions import random_uniform
from ...ops.reduce.reduction import reduce_all, reduce_any
from ...ops.scopes import name_scope
from ..dynamic import swapped
from .embedding_helpers import drawn, lookup, single
from .helpers import TrainingHelper, array_of


def _checked(probability: Any, kinds: str, most: int) -> Any:
    probability = convert_to_tensor(probability, name="sampling_probability")
    if probability.static is None or len(probability.static) > most:
        raise ValueError(f"sampling_probability must be a {kinds}. saw shape: {probability.shape}")
    return probability


def _chosen(probability: Any, batch: Any, seed: int | None) -> Any:
    """True with that probability, for each of the batch."""
    return random_uniform([batch], dtype=probability.dtype, seed=seed) < probability


@export("contrib.seq2seq.ScheduledEmbeddingTrainingHelper")
class ScheduledEmbeddingTrainingHelper(TrainingHelper):
    """A TrainingHelper whose next step reads, with `sampling_probability` (a scalar, or one for each of the batch), the embedding of a
    symbol drawn from the outputs. Ids are the drawn symbols, -1 where the truth is read."""

    def __init__(self, inputs: Any, sequence_length: Any, embedding: Any, sampling_probability: Any, time_major: bool = False,
                 seed: int | None = None, scheduling_seed: int | None = None, name: str | None = None):
        with name_scope(name, "ScheduledEmbeddingSamplingWrapper", [sampling_probability]):
            self._embedding, self._seed, self._scheduling_seed = lookup(embedding), seed, scheduling_seed
            self._probability = _checked(sampling_probability, "scalar or vector", 1)
            super().__init__(inputs, sequence_length, time_major, name)

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:  # type: ignore[override]
        with name_scope(name, "ScheduledEmbeddingTrainingHelperSample", [time, outputs, state]):
            chosen = _chosen(self._probability, self.batch_size, self._scheduling_seed)
            return where(chosen, drawn(single(outputs), self._seed), fill([self.batch_size], -1))

    def next_inputs(  # type: ignore[override]
            self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        with name_scope(name, "ScheduledEmbeddingTrainingHelperNextInputs", [time, outputs, state, sample_ids]):
            finished, truth, state = super().next_inputs(time, outputs, state)

            def mixed() -> Any:
                places = where(sample_ids > -1)
                return tensor_scatter_nd_update(truth, places, self._embedding(gather_nd(sample_ids, places)))

            return finished, _shaped(cond(reduce_all(finished), lambda: truth, mixed), truth), state


@export("contrib.seq2seq.ScheduledOutputTrainingHelper")
class ScheduledOutputTrainingHelper(TrainingHelper):
    """A TrainingHelper whose next step reads, with `sampling_probability`, a scalar, the outputs of the step before.

    next_inputs_fn(outputs): makes them inputs; auxiliary_inputs [batch, time, ...]: joined to them at the end. Ids are 1 where outputs are
    read.
    """

    def __init__(self, inputs: Any, sequence_length: Any, sampling_probability: Any, time_major: bool = False, seed: int | None = None,
                 next_inputs_fn: Callable[[Any], Any] | None = None, auxiliary_inputs: Any = None, name: str | None = None):
        with name_scope(name, "ScheduledOutputTrainingHelper", [inputs, auxiliary_inputs, sampling_probability]):
            self._probability, self._seed, self._next_inputs_fn = _checked(sampling_probability, "scalar", 0), seed, next_inputs_fn
            self._auxiliary = None
            if auxiliary_inputs is not None:
                if nest.is_nested(inputs):
                    raise ValueError("auxiliary_inputs need inputs that are one tensor")
                auxiliary = convert_to_tensor(auxiliary_inputs, name="auxiliary_inputs")
                self._auxiliary = array_of(auxiliary if time_major else swapped(auxiliary))
            super().__init__(inputs, sequence_length, time_major, name)

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:  # type: ignore[override]
        with name_scope(name, "ScheduledOutputTrainingHelperSample", [time, outputs, state]):
            return cast(_chosen(self._probability, self.batch_size, self._seed), int32)

    def next_inputs(  # type: ignore[override]
            self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        with name_scope(name, "ScheduledOutputTrainingHelperNextInputs", [time, outputs, state, sample_ids]):
            finished, truth, state = super().next_inputs(time, outputs, state)
            chosen = cast(sample_ids, bool)

            def mixed() -> Any:
                made = outputs if self._next_inputs_fn is None else self._next_inputs_fn(outputs)
                if self._auxiliary is not None:
                    made = concat([made, self._auxiliary.read(time + 1)], -1)
                return nest.map_structure(lambda own, true: where(chosen, own, true), made, truth)

            none = logical_or(reduce_all(finished), logical_not(reduce_any(chosen)))
            return finished, _shaped(cond(none, lambda: truth, mixed), truth), state


def _shaped(found: Any, like: Any) -> Any:
    for one, other in zip(nest.flatten(found), nest.flatten(like), strict=True):
        one.set_shape(other.shape)
    return found
