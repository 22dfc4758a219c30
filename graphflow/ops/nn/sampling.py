"""Losses over a sample of the classes: noise-contrastive estimation and sampled softmax.

Gutmann and Hyvarinen, "Noise-contrastive estimation", 2010; Jean et al., "On Using Very Large Target Vocabulary", 2014.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import float32, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Spec
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..array.axes import expand_dims
from ..array.basic import cast, reshape, shape_internal, stop_gradient
from ..array.fill import ones, ones_like, zeros_like
from ..array.joining import concat
from ..array.slice import slice as slice_
from ..array.stacking import stack
from ..elementwise import binary as two
from ..elementwise import unary as one
from ..linalg.matmul import matmul
from ..random.candidates import log_uniform_candidate_sampler
from ..random.seeds import seed_attributes
from ..sparse.dense import sparse_to_dense
from .cross_entropy import sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits_v2
from .embedding import embedding_lookup


class ComputeAccidentalHits(Several, sig="true_classes: int64, sampled_candidates: int64 -> indices: int32, ids: int64, weights: float32"):
    """Where a sampled class is one of a row's true classes."""
    num_true: int
    seed: int = 0
    seed2: int = 0
    host = True         # how many hits there are depends on the classes

    def infer(self, true: Spec, sampled: Spec) -> Any:
        return Spec(int32, (None,)), Spec(int64, (None,)), Spec(float32, (None,))

    def kernel(self, xp: Namespace, true: Any, sampled: Any) -> Any:
        row, _, place = np.nonzero(true[:, :, None] == sampled)
        order = np.lexsort((place, row))
        return (row[order].astype(np.int32), place[order].astype(np.int64),
                np.full(len(row), -np.finfo(np.float32).max, np.float32))


@export("nn.compute_accidental_hits")
def compute_accidental_hits(true_classes: Any, sampled_candidates: Any, num_true: int, seed: int | None = None,
                            name: str | None = None) -> Any:
    """(row, place in the sample, -largest float) for every sampled class that is one of that row's true classes."""
    return make(ComputeAccidentalHits, true_classes, sampled_candidates, name=name, num_true=num_true, **seed_attributes(seed))


def _sum_rows(x: Tensor) -> Tensor:
    """Row sums as a product with ones, a vector."""
    columns = shape_internal(x)[1]
    return reshape(matmul(x, ones(stack([columns, 1]), x.dtype.base_dtype)), [-1])


def _sampled_logits(weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int,
                    sampled_values: Any, remove_hits: bool, strategy: str, name: str | None, seed: int | None = None) -> Any:
    """(logits, labels) of [batch, num_true + num_sampled]."""
    with context.default_graph().name_scope(name or "compute_sampled_logits"):
        labels = cast(labels, int64)
        flat = reshape(labels, [-1])
        if sampled_values is None:
            sampled_values = log_uniform_candidate_sampler(labels, num_true, num_sampled, True, num_classes, seed)
        sampled, true_count, sampled_count = (stop_gradient(s) for s in sampled_values)
        sampled = cast(sampled, int64)
        ids = concat([flat, sampled], 0)
        rows = embedding_lookup(weights, ids, partition_strategy=strategy)
        true_rows = slice_(rows, [0, 0], stack([shape_internal(flat)[0], -1]))
        sampled_rows = slice_(rows, stack([shape_internal(flat)[0], 0]), [-1, -1])
        sampled_logits = matmul(inputs, sampled_rows, transpose_b=True)
        shifts = embedding_lookup(biases, ids, partition_strategy=strategy)
        true_shift = slice_(shifts, [0], shape_internal(flat))
        sampled_shift = slice_(shifts, shape_internal(flat), [-1])
        width = shape_internal(true_rows)[1:2]
        expanded = concat([[-1, num_true], width], 0)
        products = two.multiply(expand_dims(inputs, 1), reshape(true_rows, expanded))
        true_logits = reshape(_sum_rows(reshape(products, concat([[-1], width], 0))), [-1, num_true])
        true_shift = reshape(true_shift, [-1, num_true])
        true_logits += true_shift
        sampled_logits += sampled_shift
        if remove_hits:
            sampled_logits += _hits(labels, sampled, num_true, num_sampled, sampled_logits)
        true_logits -= one.log(true_count)
        sampled_logits -= one.log(sampled_count)
        logits = concat([true_logits, sampled_logits], 1)
        return logits, concat([ones_like(true_logits) / num_true, zeros_like(sampled_logits)], 1)


def _hits(labels: Tensor, sampled: Tensor, num_true: int, num_sampled: int, like: Tensor) -> Tensor:
    """[batch, num_sampled]: the lowest number where a sampled class is true, else 0."""
    rows, ids, weights = compute_accidental_hits(labels, sampled, num_true=num_true)
    places = concat([reshape(rows, [-1, 1]), reshape(cast(ids, int32), [-1, 1])], 1, "sparse_indices")
    shape = concat([shape_internal(labels)[:1], expand_dims(num_sampled, 0)], 0)
    weights = cast(weights, like.dtype.base_dtype)
    return sparse_to_dense(places, shape, weights, default_value=0.0, validate_indices=False)


@export("nn.nce_loss")
def nce_loss(weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int = 1,
             sampled_values: Any = None, remove_accidental_hits: bool = False, partition_strategy: str = "mod",
             name: str | None = "nce_loss") -> Tensor:
    """Noise-contrastive loss of each row: sigmoid cross entropy of its true and of num_sampled other classes.

    weights [classes, dim] (or a list of partitions), biases [classes], labels int64 [batch, num_true], inputs [batch, dim].
    sampled_values: what a candidate sampler gave; a log-uniform one is made for None. Returns [batch].
    """
    inputs = convert_to_tensor(inputs)
    logits, targets = _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values,
                                      remove_accidental_hits, partition_strategy, name)
    return _sum_rows(sigmoid_cross_entropy_with_logits(labels=targets, logits=logits, name="sampled_losses"))


@export("nn.sampled_softmax_loss")
def sampled_softmax_loss(weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int = 1,
                         sampled_values: Any = None, remove_accidental_hits: bool = True, partition_strategy: str = "mod",
                         name: str | None = "sampled_softmax_loss", seed: int | None = None) -> Tensor:
    """Softmax cross entropy of each row over its true and num_sampled other classes; arguments as nce_loss. For training only."""
    inputs = convert_to_tensor(inputs)
    logits, targets = _sampled_logits(weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values,
                                      remove_accidental_hits, partition_strategy, name, seed)
    targets = stop_gradient(targets, name="labels_stop_gradient")
    return softmax_cross_entropy_with_logits_v2(labels=targets, logits=logits)
