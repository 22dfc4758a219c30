"""tf.contrib.layers.summarize_*: summaries of tensors and of what is in collections."""
from __future__ import annotations

import functools
import re
from typing import Any

import graphflow as tf

from ...core.export import export, export_values


def _share(tensor: Any, compare: Any, bound: float) -> Any:
    """The share of a tensor's elements that are below or above a bound."""
    return tf.reduce_mean(tf.cast(compare(tensor, tf.cast(bound, tensor.dtype)), tf.float32, name="ToFloat"))


@export("contrib.layers.summarize_activation")
def summarize_activation(op: Any) -> Any:
    """A histogram `name/activation`; for Relu, Softplus and Relu6 the share of negative inputs too (`zeros`), for Relu6 that above 6."""
    if op.op.type in ("Relu", "Softplus", "Relu6"):
        tf.summary.scalar(f"{op.op.name}/zeros", _share(op.op.inputs[0], tf.less, 0.0))
    if op.op.type == "Relu6":
        tf.summary.scalar(f"{op.op.name}/sixes", _share(op.op.inputs[0], tf.greater, 6.0))
    return tf.summary.histogram(f"{op.op.name}/activation", op)


@export("contrib.layers.summarize_tensor")
def summarize_tensor(tensor: Any, tag: str | None = None) -> Any:
    """A scalar summary for rank 0, else a histogram, tagged `name_summary`; None for strings and booleans."""
    if tensor.dtype.base_dtype in (tf.string, tf.bool):
        return None
    kind = tf.summary.scalar if tensor.shape.ndims == 0 else tf.summary.histogram
    return kind(tag or f"{tensor.op.name}_summary", tensor)


@export("contrib.layers.summarize_tensors")
def summarize_tensors(tensors: Any, summarizer: Any = summarize_tensor) -> list[Any]:
    """The summarizer of each tensor."""
    return [summarizer(tensor) for tensor in tensors]


@export("contrib.layers.summarize_collection")
def summarize_collection(collection: Any, name_filter: str | None = None, summarizer: Any = summarize_tensor) -> list[Any]:
    """Summaries of the tensors of a collection whose names match name_filter (a regular expression)."""
    found = [item for item in tf.get_collection(collection) if name_filter is None or re.match(name_filter, item.op.name)]
    return summarize_tensors(found, summarizer)


@export("contrib.layers.summarize_activations")
def summarize_activations(name_filter: str | None = None, summarizer: Any = summarize_activation) -> list[Any]:
    """Summaries of what is in GraphKeys.ACTIVATIONS."""
    return summarize_collection(tf.GraphKeys.ACTIVATIONS, name_filter, summarizer)


summarize_variables = functools.partial(summarize_collection, tf.GraphKeys.GLOBAL_VARIABLES)
summarize_weights = functools.partial(summarize_collection, tf.GraphKeys.WEIGHTS)
summarize_biases = functools.partial(summarize_collection, tf.GraphKeys.BIASES)
export_values(__name__, **{f"contrib__layers__{name}": name for name in ("summarize_variables", "summarize_weights", "summarize_biases")})
