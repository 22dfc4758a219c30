"""The weighted cross entropy of batches of sequences."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.tensor import Tensor
from ...ops.array.basic import cast, reshape, shape
from ...ops.elementwise.division import div_no_nan
from ...ops.nn.cross_entropy import sparse_softmax_cross_entropy_with_logits
from ...ops.reduce.composed import count_nonzero
from ...ops.reduce.reduction import reduce_sum
from ...ops.scopes import name_scope


@export("contrib.seq2seq.sequence_loss")
def sequence_loss(logits: Any, targets: Any, weights: Any, average_across_timesteps: bool = True, average_across_batch: bool = True,
                  sum_over_timesteps: bool = False, sum_over_batch: bool = False, softmax_loss_function: Callable[..., Any] | None = None,
                  name: str | None = None) -> Tensor:
    """Cross entropy, in nats, of logits [batch, time, classes] with class numbers `targets` [batch, time], times `weights` [batch, time].

    Averages divide by the sum of the weights, sums by how many weights are not zero. Over both axes the loss is a scalar; over the batch
    only [time], over the steps only [batch]; over none [batch, time]. softmax_loss_function(labels=..., logits=...): instead of the cross
    entropy, on [batch * time] labels and [batch * time, classes] logits.
    """
    logits, targets, weights = (convert_to_tensor(x) for x in (logits, targets, weights))
    for what, x, wanted in (("Logits", logits, "[batch_size x sequence_length x logits]"), ("Targets", targets,
                            "[batch_size x sequence_length]"), ("Weights", weights, "[batch_size x sequence_length]")):
        if x.static is None or len(x.static) != wanted.count("x ") + 1:
            raise ValueError(f"{what} must be a {wanted} tensor; {x.name} has shape {x.shape}")
    if average_across_timesteps and sum_over_timesteps:
        raise ValueError("average_across_timesteps and sum_over_timesteps cannot be set to True at same time.")
    if average_across_batch and sum_over_batch:
        raise ValueError("average_across_batch and sum_over_batch cannot be set to True at same time.")
    if average_across_batch and sum_over_timesteps:
        raise ValueError("average_across_batch and sum_over_timesteps cannot be set to True at same time because of ambiguous order.")
    if sum_over_batch and average_across_timesteps:
        raise ValueError("sum_over_batch and average_across_timesteps cannot be set to True at same time because of ambiguous order.")
    with name_scope(name, "sequence_loss", [logits, targets, weights]):
        loss = softmax_loss_function or sparse_softmax_cross_entropy_with_logits
        each = loss(labels=reshape(targets, [-1]), logits=reshape(logits, [-1, shape(logits)[2]])) * reshape(weights, [-1])
        over_batch, over_steps = average_across_batch or sum_over_batch, average_across_timesteps or sum_over_timesteps
        if not over_batch and not over_steps:
            return reshape(each, shape(logits)[0:2])
        axis = None if over_batch and over_steps else [0] if over_batch else [1]
        summed = sum_over_batch or sum_over_timesteps
        each = reshape(each, shape(logits)[0:2])
        total = cast(count_nonzero(weights, axis), each.dtype) if summed else reduce_sum(weights, axis)
        return div_no_nan(reduce_sum(each, axis), total)
