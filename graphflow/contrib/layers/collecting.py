"""What layers of tf.contrib share: collections of outputs and variables, the names of their variables, and flags that may be tensors.

`variables_collections` of a layer is a list of collections for all its variables, or a dict of a list for each kind of them.
"""
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import graphflow as tf

from ...core.export import export
from ..framework.model_variables import model_variable


def _aliases() -> dict[str, list[str]]:
    return tf.get_default_graph().extension("tensor_aliases", dict[str, list[str]], shared=True)


@export("contrib.layers.append_tensor_alias")
def append_tensor_alias(tensor: Any, alias: str) -> Any:
    """The tensor, under one more name for `convert_collection_to_dict`."""
    _aliases().setdefault(tensor.name, []).append(alias.removesuffix("/"))
    return tensor


@export("contrib.layers.get_tensor_aliases")
def get_tensor_aliases(tensor: Any) -> list[str]:
    """The names that a tensor was given, else that of its operation (of the tensor where it is not the first output)."""
    return _aliases().get(tensor.name) or [tensor.op.name if tensor.name.endswith(":0") else tensor.name]


@export("contrib.layers.gather_tensors_aliases")
def gather_tensors_aliases(tensors: Any) -> list[str]:
    """The aliases of all tensors, in one list."""
    return [alias for tensor in tensors for alias in get_tensor_aliases(tensor)]


@export("contrib.layers.collect_named_outputs")
def collect_named_outputs(collections: Any, alias: str, outputs: Any) -> Any:
    """The outputs; where there are collections they are put in each, under the name `alias`."""
    if collections:
        append_tensor_alias(outputs, alias)
        tf.add_to_collections(collections, outputs)
    return outputs


@export("contrib.layers.convert_collection_to_dict")
def convert_collection_to_dict(collection: Any, clear_collection: bool = False) -> OrderedDict[str, Any]:
    """{name: tensor} of a collection, in its order; clear_collection: and the collection is empty afterwards."""
    found = OrderedDict((alias, tensor) for tensor in tf.get_collection(collection) for alias in get_tensor_aliases(tensor))
    if clear_collection:
        tf.get_default_graph().clear_collection(collection)
    return found


@export("contrib.layers.get_variable_collections")
def get_variable_collections(variables_collections: Any, name: str) -> Any:
    """The collections for variables of one kind ('weights', 'biases', ...)."""
    return variables_collections.get(name) if isinstance(variables_collections, dict) else variables_collections


def add_variable(variable: Any, variables_collections: Any, name: str) -> None:
    """Puts a variable, or the slices of a partitioned one, in the collections for its kind, once."""
    for collection in get_variable_collections(variables_collections, name) or ():
        there = {id(v) for v in tf.get_collection(collection)}
        for part in [variable] if isinstance(variable, tf.Variable) else list(variable):
            if id(part) not in there:
                tf.add_to_collection(collection, part)


def run_layer(layer: Any, inputs: Any, variables_collections: Any, *kernels: str) -> Any:
    """layer(inputs); its kernels (by default the one called `kernel`) and its biases go into the collections for weights and biases."""
    outputs = layer(inputs)
    for kernel in kernels or ("kernel",):
        add_variable(getattr(layer, kernel), variables_collections, "weights")
    if layer.bias is not None:
        add_variable(layer.bias, variables_collections, "biases")
    return outputs


def variable_getter(rename: dict[str, str] | None = None) -> Callable[..., Any]:
    """A custom getter that makes model variables, under other last names where `rename` has one for theirs."""
    names = rename or {}

    def getter(getter: Any, name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
               trainable: bool = True, collections: Any = None, caching_device: Any = None, partitioner: Any = None,
               use_resource: Any = None, synchronization: Any = tf.VariableSynchronization.AUTO,
               aggregation: Any = tf.VariableAggregation.NONE, **_: Any) -> Any:
        scope, slash, last = name.rpartition("/")
        return model_variable(scope + slash + names.get(last, last), shape=shape, dtype=dtype, initializer=initializer,
                              regularizer=regularizer, collections=collections, trainable=trainable, caching_device=caching_device,
                              partitioner=partitioner, custom_getter=getter, use_resource=use_resource, synchronization=synchronization,
                              aggregation=aggregation)

    return getter


def finish(outputs: Any, scope: Any, outputs_collections: Any = None, activation_fn: Any = None, normalizer_fn: Any = None,
           normalizer_params: Any = None) -> Any:
    """What ends a layer: normalization, activation, collections. scope: a variable scope, or the name of a name scope."""
    if normalizer_fn is not None:
        outputs = normalizer_fn(outputs, **(normalizer_params or {}))
    if activation_fn is not None:
        outputs = activation_fn(outputs)
    return collect_named_outputs(outputs_collections, scope if isinstance(scope, str) else scope.name, outputs)


def channels_of(data_format: str | None, allowed: tuple[str, ...] = ("NCHW", "NHWC")) -> str:
    """'channels_first' or 'channels_last', the words of tf.layers; ValueError for a format that is not allowed."""
    if data_format not in allowed:
        raise ValueError(f"data_format has to be either {' or '.join(allowed)}. Received: {data_format!r}")
    return "channels_first" if data_format.startswith("NC") else "channels_last"


@export("contrib.layers.constant_value")
def constant_value(value_or_tensor_or_var: Any, dtype: Any = None) -> Any:
    """The value where it is known now, None for variables and for tensors that only a run knows; ValueError for None and another dtype."""
    value = value_or_tensor_or_var
    if value is None:
        raise ValueError("value_or_tensor_or_var cannot be None")
    if not isinstance(value, (tf.Tensor, tf.Variable)):
        return value
    if dtype and value.dtype != dtype:
        raise ValueError(f"It has the wrong type {value.dtype} instead of {dtype}")
    return None if isinstance(value, tf.Variable) else tf.get_static_value(value)


@export("contrib.layers.static_cond")
def static_cond(pred: Any, fn1: Any, fn2: Any) -> Any:
    """fn1() if pred else fn2()."""
    for name, function in (("fn1", fn1), ("fn2", fn2)):
        if not callable(function):
            raise TypeError(f"{name} must be callable.")
    return fn1() if pred else fn2()


@export("contrib.layers.smart_cond")
def smart_cond(pred: Any, fn1: Any, fn2: Any, name: str | None = None) -> Any:
    """fn1() or fn2() where pred is known now, else a tf.cond of both."""
    known = constant_value(pred)
    return tf.cond(pred, fn1, fn2, name=name) if known is None else static_cond(known, fn1, fn2)
