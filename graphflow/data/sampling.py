"""Datasets that are drawn from: several at once, one by its classes, and random numbers themselves."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import dtypes
from ..core.convert import convert_to_tensor
from ..core.export import export
from ..core.make import make
from ..core.tensor import Tensor
from ..ops import functions as F
from ..ops.dataset import sampling as ops
from ..ops.random.stateless import stateless_multinomial
from . import structure
from .dataset import Dataset
from .seeds import seed_tensors
from .transformations import Transformation, scan


@export("data.experimental.RandomDataset", "contrib.data.RandomDataset")
class RandomDataset(Dataset):
    """Random int64 numbers in [0, 2^32), without end; TensorFlow's for the same seeds."""

    def __init__(self, seed: Any = None):
        form = structure.Leaf(dtypes.int64, ())
        super().__init__(make(ops.RandomDataset, *seed_tensors(seed), name=None, **structure.flat_attributes(form)), form)


@export("data.experimental.Counter", "contrib.data.Counter")
def Counter(start: Any = 0, step: Any = 1, dtype: Any = dtypes.int64) -> Dataset:
    """start, start + step, start + 2 step, ... without end, as `dtype`."""
    dtype = dtypes.as_dtype(dtype)
    first, apart = convert_to_tensor(start, dtype, "start"), convert_to_tensor(step, dtype, "step")
    return Dataset.from_tensors(0).repeat().apply(scan(first, lambda state, _: (state + apart, state)))


@export("data.experimental.unique", "contrib.data.unique")
def unique() -> Transformation:
    """Each element once: its first time. Elements are single int32, int64 or string tensors."""
    def apply(dataset: Dataset) -> Dataset:
        form = dataset._structure
        if not (isinstance(form, structure.Leaf) and form.dtype in (dtypes.int32, dtypes.int64, dtypes.string)):
            raise TypeError("`tf.data.Dataset.unique` is only supported for datasets with elements of one tensor of `tf.int32`, "
                            f"`tf.int64` or `tf.string`, not {dataset.output_types}.")
        return dataset._with(ops.UniqueDataset)
    return apply


@export("data.experimental.choose_from_datasets", "contrib.data.choose_from_datasets")
def choose_from_datasets(datasets: Any, choice_dataset: Dataset, stop_on_empty_dataset: bool = False) -> Dataset:
    """Elements of several datasets, the next one from that of which choice_dataset, int64 scalars, gives the number.

    A dataset that has ended is passed over; with stop_on_empty_dataset the first that ends is the end.
    """
    datasets = list(datasets)
    if not datasets:
        raise ValueError("Invalid `datasets`. `datasets` should not be empty.")
    if not (choice_dataset.output_types == dtypes.int64 and choice_dataset.output_shapes.ndims == 0):
        raise TypeError("Elements of `choice_dataset` must be scalar `tf.int64` tensors, not "
                        f"{choice_dataset.output_types} {choice_dataset.output_shapes}.")
    form = datasets[0]._structure
    for dataset in datasets[1:]:
        form = structure.merged(form, dataset._structure)
    more = {"stop_on_empty_dataset": True} if stop_on_empty_dataset else {}
    return Dataset(make(ops.DirectedInterleaveDataset, choice_dataset._variant, [d._variant for d in datasets], name=None,
                        **structure.flat_attributes(form), **more), form)


@export("data.experimental.sample_from_datasets", "contrib.data.sample_from_datasets")
def sample_from_datasets(datasets: Any, weights: Any = None, seed: Any = None, stop_on_empty_dataset: bool = False) -> Dataset:
    """Elements of several datasets at random, without replacement, until all have ended.

    weights: a number or probability for each (a list, a floating tensor), or a dataset of such vectors; equal ones unless given.
    """
    datasets = list(datasets)
    if not datasets:
        raise ValueError("Invalid `datasets`. `datasets` should not be empty.")
    if isinstance(weights, Dataset):
        logits = weights.map(lambda p: F.log(p, name="logits"))
        choice = Dataset.zip((logits, RandomDataset(seed).batch(2))).map(lambda logit, pair: _drawn(F.expand_dims(logit, 0), pair))
    else:
        if weights is None:
            constant: Any = [[1.0] * len(datasets)]
        else:
            if isinstance(weights, Tensor):
                if not weights.get_shape().is_compatible_with([len(datasets)]):
                    raise ValueError(f"Invalid `weights`: its shape {weights.get_shape()} is not [{len(datasets)}].")
            else:
                if len(weights) != len(datasets):
                    raise ValueError(f"Invalid `weights`: there are {len(weights)} for {len(datasets)} datasets.")
                pairs = [(d, w) for d, w in zip(datasets, weights) if w > 0] or [(datasets[0].take(0), 1.0)]
                datasets, weights = [d for d, _ in pairs], [w for _, w in pairs]
            weights = convert_to_tensor(weights, name="weights")
            if weights.dtype not in (dtypes.float32, dtypes.float64):
                raise TypeError(f"Invalid `weights`: they must be float32 or float64, not {weights.dtype.name}.")
            constant = F.expand_dims(F.log(weights, name="logits"), 0)
        if len(datasets) == 1:
            only: Dataset = datasets[0]
            return only
        choice = RandomDataset(seed).batch(2).map(lambda pair: _drawn(constant, pair))
    return choose_from_datasets(datasets, choice, stop_on_empty_dataset)


def _drawn(logits: Any, pair: Any) -> Any:
    return F.squeeze(stateless_multinomial(logits, 1, seed=pair), [0, 1])


@export("data.experimental.rejection_resample", "contrib.data.rejection_resample")
def rejection_resample(class_func: Callable[..., Any], target_dist: Any, initial_dist: Any = None, seed: Any = None) -> Transformation:
    """(class, element) pairs of which the classes, class_func(*element) in [0, n), come as often as target_dist says.

    Elements of classes that are too frequent are left out at random. initial_dist: how frequent they are; counted on the way where it is
    None: each element is kept with the chance that the counts so far give.
    """
    def apply(dataset: Dataset) -> Dataset:
        target = convert_to_tensor(target_dist, name="target_dist")
        classes = dataset.map(class_func)
        pairs = Dataset.zip((classes, dataset))
        if initial_dist is not None:
            chances = _chances(convert_to_tensor(initial_dist, name="initial_dist"), target)
            kept = pairs.map(lambda c, e: (F.gather(chances, c), c, e))
        else:
            kept = pairs.apply(_counted(target))
        draws = RandomDataset(seed).map(lambda word: F.cast(word, target.dtype) / 2.0**32)
        chosen = Dataset.zip((draws, kept)).filter(lambda draw, one: draw < one[0])
        return chosen.map(lambda draw, one: (one[1], one[2]))
    return apply


def _chances(initial: Any, target: Any) -> Any:
    """With which chance an element of each class is kept: in proportion to target / initial, the greatest one 1."""
    tiny = np.finfo(initial.dtype.np).tiny
    ratio = F.cast(target, initial.dtype) / F.maximum(initial, tiny)
    return F.cast(ratio / F.reduce_max(ratio), target.dtype)


def _counted(target: Any) -> Transformation:
    """(chance, class, element), the chances by counts of the classes so far."""
    def apply(pairs: Dataset) -> Dataset:
        count = target.get_shape()[0].value

        def step(state: Any, pair: Any) -> Any:
            one, element = pair
            counts = state + F.one_hot(one, count, 1, 0, dtype=dtypes.int64)
            shares = F.cast(counts, dtypes.float64) / F.cast(F.reduce_sum(counts), dtypes.float64)
            return counts, (F.gather(_chances(shares, target), one), one, element)
        return pairs.apply(scan(np.zeros(count, np.int64), step))
    return apply
