"""tf.estimator.export: where a served model takes its input from."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import graphflow as tf

from ..core.export import export

FEATURE, RECEIVER = "feature", "input"      # names of the only tensor where no dict is given


def _named(tensors: Any, label: str, default: str, integers: bool = False) -> dict[Any, Any]:
    """{name: tensor}, from that or from one tensor; ValueError for other names and values."""
    if tensors is None:
        raise ValueError(f"{label}s must be defined.")
    found = tensors if isinstance(tensors, dict) else {default: tensors}
    for name, tensor in found.items():
        if not isinstance(name, str) and not (integers and isinstance(name, int)):
            raise ValueError(f"{label} keys must be strings{' or ints' if integers else ''}: {name}.")
        if not isinstance(tensor, (tf.Tensor, tf.SparseTensor)):
            raise ValueError(f"{label} {name} must be a Tensor or SparseTensor.")
    return found


class _Receiver(NamedTuple):
    features: Any
    receiver_tensors: Any
    receiver_tensors_alternatives: Any = None


def _receivers(receiver_tensors: Any, alternatives: Any) -> tuple[dict[str, Any], Any]:
    if alternatives is not None and not isinstance(alternatives, dict):
        raise ValueError(f"receiver_tensors_alternatives must be a dict: {alternatives}.")
    more = {name: _named(group, "receiver_tensors_alternative", RECEIVER) for name, group in (alternatives or {}).items()}
    return _named(receiver_tensors, "receiver_tensor", RECEIVER), None if alternatives is None else more


@export("estimator.export.ServingInputReceiver")
class ServingInputReceiver(_Receiver):
    """What a serving_input_receiver_fn returns.

    features: {name: tensor} for the model function; one tensor becomes {'feature': tensor}. receiver_tensors: the tensors to feed.
    receiver_tensors_alternatives: {name: other tensors to feed}, each of which gives signatures of its own.
    """
    __slots__ = ()

    def __new__(cls, features: Any, receiver_tensors: Any, receiver_tensors_alternatives: Any = None) -> Any:
        features = _named(features, "feature", FEATURE, integers=True)
        return super().__new__(cls, features, *_receivers(receiver_tensors, receiver_tensors_alternatives))


@export("estimator.export.TensorServingInputReceiver")
class TensorServingInputReceiver(_Receiver):
    """A ServingInputReceiver for a model function that takes one tensor, not a dict, as its features."""
    __slots__ = ()

    def __new__(cls, features: Any, receiver_tensors: Any, receiver_tensors_alternatives: Any = None) -> Any:
        if features is None:
            raise ValueError("features must be defined.")
        if not isinstance(features, (tf.Tensor, tf.SparseTensor)):
            raise ValueError("feature must be a Tensor or SparseTensor.")
        return super().__new__(cls, features, *_receivers(receiver_tensors, receiver_tensors_alternatives))


class SupervisedInputReceiver(NamedTuple):
    """As ServingInputReceiver, with labels: for the export of the graphs of training and evaluation."""
    features: Any
    labels: Any
    receiver_tensors: dict[str, Any]
    receiver_tensors_alternatives: Any = None


@export("estimator.export.build_parsing_serving_input_receiver_fn")
def build_parsing_serving_input_receiver_fn(feature_spec: dict[str, Any], default_batch_size: int | None = None) -> Callable[[], Any]:
    """A serving_input_receiver_fn that takes serialized tf.train.Examples, strings of shape [batch], and parses them by feature_spec."""
    def serving_input_receiver_fn() -> ServingInputReceiver:
        examples = tf.placeholder(tf.string, [default_batch_size], "input_example_tensor")
        return ServingInputReceiver(tf.parse_example(examples, feature_spec), {"examples": examples})
    return serving_input_receiver_fn


def _placeholder_like(tensor: Any, batch: int | None) -> Any:
    shape = tf.TensorShape([batch]).concatenate(tensor.get_shape()[1:])
    return tf.placeholder(tensor.dtype, shape, tensor.op.name)


@export("estimator.export.build_raw_serving_input_receiver_fn")
def build_raw_serving_input_receiver_fn(features: dict[str, Any], default_batch_size: int | None = None) -> Callable[[], Any]:
    """A serving_input_receiver_fn of placeholders like the tensors of `features`, fed as they are."""
    def serving_input_receiver_fn() -> ServingInputReceiver:
        tensors = {name: _placeholder_like(tensor, default_batch_size) for name, tensor in features.items()}
        return ServingInputReceiver(tensors, tensors)
    return serving_input_receiver_fn


@export("estimator.experimental.build_raw_supervised_input_receiver_fn")
def build_raw_supervised_input_receiver_fn(features: Any, labels: Any, default_batch_size: int | None = None) -> Callable[[], Any]:
    """A function that gives placeholders like `features` and `labels`, for the export of training and evaluation graphs."""
    names = [set(given) if isinstance(given, dict) else {alone} for given, alone in ((features, RECEIVER), (labels, "label"))]
    if names[0] & names[1]:
        raise ValueError(f"Features and labels must have distinct keys, as both are fed by name: {names[0] & names[1]}")

    def like(given: Any, alone: str) -> tuple[Any, dict[str, Any]]:
        if isinstance(given, dict):
            made = {name: _placeholder_like(tensor, default_batch_size) for name, tensor in given.items()}
            return made, made
        tensor = _placeholder_like(given, default_batch_size)
        return tensor, {alone: tensor}

    def supervised_input_receiver_fn() -> SupervisedInputReceiver:
        (inputs, fed), (targets, more) = like(features, RECEIVER), like(labels, "label")
        return SupervisedInputReceiver(inputs, targets, {**fed, **more})
    return supervised_input_receiver_fn
