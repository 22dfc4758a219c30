"""Losses of tf.contrib.losses that learn distances: examples of one class come near each other, others far.

labels: integers, shape [n]. embeddings: float, shape [n, width], of unit length where a loss says so.
"""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ..homes import home

_named = home("losses", "losses.metric_learning", "slim.losses")


@_named("pairwise_distance")
def pairwise_distance(feature: Any, squared: bool = False) -> Any:
    """[n, n] Euclidean distances between the rows, squared or not; exactly 0 on the diagonal."""
    squares = tf.reduce_sum(tf.square(feature), axis=[1], keepdims=True)
    found = tf.maximum(squares + tf.transpose(squares) - 2.0 * tf.matmul(feature, tf.transpose(feature)), 0.0)
    if not squared:
        zero = tf.less_equal(found, 0.0)
        # a gradient of sqrt at 0 would be infinite
        found = tf.sqrt(found + tf.cast(zero, tf.float32) * 1e-16) * tf.cast(tf.logical_not(zero), tf.float32)
    rows = tf.shape(feature)[0]
    return found * (tf.ones_like(found) - tf.diag(tf.ones([rows])))


@_named("contrastive_loss")
def contrastive_loss(labels: Any, embeddings_anchor: Any, embeddings_positive: Any, margin: float = 1.0) -> Any:
    """Mean of d^2 for pairs with label 1 and max(0, margin - d)^2 for those with label 0 (Hadsell et al., 2006)."""
    distances = tf.sqrt(tf.reduce_sum(tf.squared_difference(embeddings_anchor, embeddings_positive), 1))
    same = tf.cast(labels, tf.float32)
    return tf.reduce_mean(same * tf.square(distances) + (1.0 - same) * tf.square(tf.maximum(margin - distances, 0.0)),
                          name="contrastive_loss")


@_named("masked_maximum")
def masked_maximum(data: Any, mask: Any, dim: int = 1) -> Any:
    """The largest element along dim among those with mask 1; the smallest of all where there is none. Shape with dim of size 1."""
    least = tf.reduce_min(data, dim, keepdims=True)
    return tf.reduce_max(tf.multiply(data - least, mask), dim, keepdims=True) + least


@_named("masked_minimum")
def masked_minimum(data: Any, mask: Any, dim: int = 1) -> Any:
    """The smallest element along dim among those with mask 1; the largest of all where there is none."""
    most = tf.reduce_max(data, dim, keepdims=True)
    return tf.reduce_min(tf.multiply(data - most, mask), dim, keepdims=True) + most


def _same(labels: Any) -> tuple[Any, Any]:
    """[n, n] booleans of equal labels, and n."""
    column = tf.reshape(labels, [tf.shape(labels)[0], 1])
    return tf.equal(column, tf.transpose(column)), tf.size(labels)


@_named("triplet_semihard_loss")
def triplet_semihard_loss(labels: Any, embeddings: Any, margin: float = 1.0) -> Any:
    """max(0, d(a, p) - d(a, n) + margin), mean over all pairs (a, p) of one class (Schroff et al., 2015).

    n is the nearest example of another class that is farther than p, else the farthest. embeddings: of unit length.
    """
    distances = pairwise_distance(embeddings, squared=True)
    same, count = _same(labels)
    other = tf.cast(tf.logical_not(same), tf.float32)
    # [a, p, n]: the distances from a to all n, and which n are of another class and farther than p
    to_all = tf.tile(tf.expand_dims(distances, 1), [1, count, 1])
    farther = tf.cast(tf.greater(to_all, tf.expand_dims(distances, 2)), tf.float32) * tf.expand_dims(other, 1)
    nearest = tf.squeeze(masked_minimum(to_all, farther, 2), [2])
    farthest = tf.tile(masked_maximum(distances, other), [1, count])
    negative = tf.where(tf.greater(tf.reduce_sum(farther, 2), 0.0), nearest, farthest)
    positives = tf.cast(same, tf.float32) - tf.diag(tf.ones([count]))
    losses = tf.maximum((margin + (distances - negative)) * positives, 0.0)
    return tf.truediv(tf.reduce_sum(losses), tf.reduce_sum(positives), name="triplet_semihard_loss")


@_named("npairs_loss")
def npairs_loss(labels: Any, embeddings_anchor: Any, embeddings_positive: Any, reg_lambda: float = 0.002,
                print_losses: bool = False) -> Any:
    """Softmax cross entropy of inner products between anchors and positives, plus a penalty of lengths (Sohn, 2016)."""
    lengths = (tf.reduce_mean(tf.reduce_sum(tf.square(embeddings), 1)) for embeddings in (embeddings_anchor, embeddings_positive))
    penalty = tf.multiply(0.25 * reg_lambda, sum(lengths), name="l2loss")
    similarity = tf.matmul(embeddings_anchor, embeddings_positive, transpose_a=False, transpose_b=True)
    same, _ = _same(labels)
    wanted = tf.cast(same, tf.float32)
    wanted = wanted / tf.reduce_sum(wanted, 1, keepdims=True)
    entropy = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=similarity, labels=wanted), name="xentropy")
    if print_losses:
        entropy = tf.Print(entropy, ["cross entropy:", entropy, "l2loss:", penalty])
    return penalty + entropy


@_named("lifted_struct_loss")
def lifted_struct_loss(labels: Any, embeddings: Any, margin: float = 1.0) -> Any:
    """Lifted structured loss (Song et al., 2016): each pair of one class against all others of both its ends."""
    distances = pairwise_distance(embeddings)
    same, count = _same(labels)
    other = tf.cast(tf.logical_not(same), tf.float32)
    gaps = margin - distances
    most = masked_maximum(gaps, other)
    most = tf.maximum(most, tf.transpose(most))     # of both ends of a pair, so that no exponential overflows
    sums = tf.reduce_sum(tf.exp(tf.expand_dims(gaps, 0) - tf.expand_dims(most, 2)) * tf.expand_dims(other, 0), 2)
    losses = most + tf.log(sums + tf.transpose(sums)) + distances
    positives = tf.cast(same, tf.float32) - tf.diag(tf.ones([count]))
    squares = tf.square(tf.maximum(losses * positives, 0.0))
    return tf.truediv(0.25 * tf.reduce_sum(squares), tf.reduce_sum(positives) / 2.0, name="liftedstruct_loss")
