"""Embeddings of tf.contrib.layers: of sequences, bags of words, and ids that repeat."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..framework.model_variables import model_variable
from .random_initializers import XAVIER


@export("contrib.layers.embed_sequence")
def embed_sequence(ids: Any, vocab_size: int | None = None, embed_dim: int | None = None, unique: bool = False, initializer: Any = None,
                   regularizer: Any = None, trainable: bool = True, scope: Any = None, reuse: Any = None) -> Any:
    """A row of the variable `embeddings` [vocab_size, embed_dim] for each id: ids [batch, time] become [batch, time, embed_dim].

    vocab_size, embed_dim: both are needed where the variable is new. unique: rows that repeat are looked up once.
    """
    if not (reuse or (vocab_size and embed_dim)):
        raise ValueError(f"Must specify vocab size and embedding dimension when not reusing. Got vocab_size={vocab_size} and "
                         f"embed_dim={embed_dim}")
    with tf.variable_scope(scope, "EmbedSequence", [ids], reuse=reuse):
        shape = [vocab_size, embed_dim]
        if reuse and (vocab_size is None or embed_dim is None):
            shape = None  # type: ignore[assignment]
        embeddings = model_variable("embeddings", shape=shape, initializer=initializer, regularizer=regularizer, trainable=trainable)
        return embedding_lookup_unique(embeddings, ids) if unique else tf.nn.embedding_lookup(embeddings, ids)


@export("contrib.layers.embedding_lookup_unique")
def embedding_lookup_unique(params: Any, ids: Any, partition_strategy: str = "mod", name: str | None = None) -> Any:
    """tf.nn.embedding_lookup that looks each id up once, however often it is there."""
    with tf.name_scope(name, "EmbeddingLookupUnique", [params, ids]):
        ids = tf.convert_to_tensor(ids)
        distinct, places = tf.unique(tf.reshape(ids, [-1]))
        rows = tf.gather(tf.nn.embedding_lookup(params, distinct, partition_strategy), places)
        found = tf.reshape(rows, tf.concat([tf.shape(ids), tf.shape(rows)[1:]], 0))
        if ids.shape.ndims is not None:
            found.set_shape(ids.shape.concatenate(rows.shape[1:]))
        return found


@export("contrib.layers.bow_encoder")
def bow_encoder(ids: Any, vocab_size: int, embed_dim: int, sparse_lookup: bool = True, initializer: Any = None, regularizer: Any = None,
                trainable: bool = True, scope: Any = None, reuse: Any = None) -> Any:
    """The mean of the embeddings of each row's ids: [batch, embed_dim].

    ids: [batch, time], or a SparseTensor, for which empty rows give zeros. sparse_lookup: rows of ids that repeat are looked up once.
    """
    with tf.variable_scope(scope, "BoW", [ids], reuse=reuse):
        embeddings = model_variable("embeddings", shape=[vocab_size, embed_dim], initializer=initializer or XAVIER, regularizer=regularizer,
                                    trainable=trainable)
        if isinstance(ids, tf.SparseTensor):
            return tf.nn.safe_embedding_lookup_sparse([embeddings], ids, combiner="mean", default_id=0)
        if sparse_lookup:
            return tf.reduce_mean(embedding_lookup_unique(embeddings, ids), axis=1)
        return tf.reduce_mean(tf.nn.embedding_lookup(embeddings, ids), axis=1)


@export("contrib.layers.safe_embedding_lookup_sparse")
def safe_embedding_lookup_sparse(embedding_weights: Any, sparse_ids: Any, sparse_weights: Any = None, combiner: str | None = None,
                                 default_id: int | None = None, name: str | None = None, partition_strategy: str = "div",
                                 max_norm: float | None = None) -> Any:
    """tf.nn.safe_embedding_lookup_sparse: rows without ids give default_id's embedding, or zeros; combiner is 'mean' by default."""
    return tf.nn.safe_embedding_lookup_sparse(embedding_weights, sparse_ids, sparse_weights, combiner or "mean", default_id, name,
                                              partition_strategy, max_norm)


@export("contrib.layers.dense_to_sparse_tensor")
def dense_to_sparse_tensor(dense_tensor: Any, ignore_value: Any = None) -> Any:
    """A SparseTensor of the elements that are not ignore_value (by default '' for strings, else -1 or 0 for unsigned and booleans)."""
    dense = tf.convert_to_tensor(dense_tensor)
    if ignore_value is None:
        ignore_value = "" if dense.dtype.base_dtype == tf.string else False if dense.dtype.base_dtype == tf.bool else -1
    indices = tf.where(tf.not_equal(dense, tf.cast(ignore_value, dense.dtype) if dense.dtype.base_dtype != tf.string else ignore_value),
                       name="where")
    return tf.SparseTensor(indices, tf.gather_nd(dense, indices), tf.shape(dense, out_type=tf.int64))


@export("contrib.layers.bucketize")
def bucketize(input_tensor: Any, boundaries: Any, name: str | None = None) -> Any:
    """The number of the bucket of each element: how many boundaries (increasing) are not above it; int32."""
    return tf.raw_ops.Bucketize(input=tf.convert_to_tensor(input_tensor), boundaries=list(boundaries), name=name)
