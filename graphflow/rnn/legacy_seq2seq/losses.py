"""Losses of lists of steps, and one model for several lengths."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...core.export import export
from ...core.tensor import Tensor
from ...ops.array.basic import cast, reshape, shape
from ...ops.elementwise.aggregate import add_n
from ...ops.nn.cross_entropy import sparse_softmax_cross_entropy_with_logits
from ...ops.reduce.reduction import reduce_sum
from ...ops.scopes import name_scope
from ...variables.scope import get_variable_scope, variable_scope

Loss = Callable[..., Any] | None


@export("nn.seq2seq.sequence_loss_by_example", "contrib.legacy_seq2seq.sequence_loss_by_example")
def sequence_loss_by_example(logits: Sequence[Any], targets: Sequence[Any], weights: Sequence[Any], average_across_timesteps: bool = True,
                             softmax_loss_function: Loss = None, name: str | None = None) -> Tensor:
    """The weighted cross entropy of each sequence of a batch, [batch], in nats.

    logits: a list, one [batch, classes] for each step; targets: class numbers [batch]; weights: [batch]. average_across_timesteps: the
    sum is divided by the sum of the weights. softmax_loss_function(labels=..., logits=...): instead of the cross entropy.
    """
    if not len(logits) == len(targets) == len(weights):
        raise ValueError(f"Lengths of logits, weights, and targets must be the same {len(logits)}, {len(weights)}, {len(targets)}.")
    with name_scope(name, "sequence_loss_by_example", [*logits, *targets, *weights]):
        loss = softmax_loss_function or sparse_softmax_cross_entropy_with_logits
        losses = [loss(labels=reshape(target, [-1]), logits=logit) * weight for logit, target, weight in zip(logits, targets, weights)]
        total = add_n(losses)
        return total / (add_n(list(weights)) + 1e-12) if average_across_timesteps else total     # where all weights are 0


@export("nn.seq2seq.sequence_loss", "contrib.legacy_seq2seq.sequence_loss")
def sequence_loss(logits: Sequence[Any], targets: Sequence[Any], weights: Sequence[Any], average_across_timesteps: bool = True,
                  average_across_batch: bool = True, softmax_loss_function: Loss = None, name: str | None = None) -> Tensor:
    """The weighted cross entropy of a batch of sequences, a scalar: the sum, or with average_across_batch the mean, over the examples of
    `sequence_loss_by_example`."""
    with name_scope(name, "sequence_loss", [*logits, *targets, *weights]):
        total = reduce_sum(sequence_loss_by_example(logits, targets, weights, average_across_timesteps, softmax_loss_function))
        return total / cast(shape(targets[0])[0], total.dtype) if average_across_batch else total


@export("nn.seq2seq.model_with_buckets", "contrib.legacy_seq2seq.model_with_buckets")
def model_with_buckets(encoder_inputs: Sequence[Any], decoder_inputs: Sequence[Any], targets: Sequence[Any], weights: Sequence[Any],
                       buckets: Sequence[tuple[int, int]], seq2seq: Callable[..., Any], softmax_loss_function: Loss = None,
                       per_example_loss: bool = False, name: str | None = None) -> tuple[list[Any], list[Any]]:
    """(outputs, losses) of one model for each bucket (steps of the encoder, steps of the decoder), all with the same variables.

    seq2seq(encoder_inputs, decoder_inputs): (outputs, state) of the model. per_example_loss: losses [batch] in place of scalars.
    """
    most = buckets[-1]
    for what, given, least in (("encoder_inputs", encoder_inputs, most[0]), ("targets", targets, most[1]), ("weights", weights, most[1])):
        if len(given) < least:
            raise ValueError(f"Length of {what} ({len(given)}) must be at least that of last bucket ({least}).")
    outputs, losses = list[Any](), list[Any]()
    loss = sequence_loss_by_example if per_example_loss else sequence_loss
    with name_scope(name, "model_with_buckets", [*encoder_inputs, *decoder_inputs, *targets, *weights]):
        for i, (steps, answers) in enumerate(buckets):
            with variable_scope(get_variable_scope(), reuse=True if i else None):
                outputs.append(seq2seq(encoder_inputs[:steps], decoder_inputs[:answers])[0])
                losses.append(loss(outputs[-1], targets[:answers], weights[:answers], softmax_loss_function=softmax_loss_function))
    return outputs, losses
