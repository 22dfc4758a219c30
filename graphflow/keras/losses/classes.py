"""Losses as objects, and what names of losses stand for."""
from __future__ import annotations

from typing import Any

from ...core.export import export
from ..utils.objects import deserialize_keras_object, interpreted, objects_of, serialize_keras_object
from ..utils.signatures import bound, constructor
from . import functions as F
from .base import LossFunctionWrapper, Reduction


def _loss(public: str, name: str, function: Any, **arguments: Any) -> Any:
    """A class of tf.keras.losses for a function; arguments: those of its constructor, with their defaults."""
    defaults = {**arguments, "reduction": Reduction.AUTO, "name": name}
    signature = constructor(defaults)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        given = {**defaults, **bound(signature, self, args, kwargs)}
        LossFunctionWrapper.__init__(self, function, given.pop("reduction"), given.pop("name"), **given)
    __init__.__signature__ = signature    # type: ignore[attr-defined]
    found = type(public, (LossFunctionWrapper,), {"__init__": __init__, "__module__": __name__, "__doc__": function.__doc__})
    return export(f"keras.losses.{public}")(found)


MeanSquaredError = _loss("MeanSquaredError", "mean_squared_error", F.mean_squared_error)
MeanAbsoluteError = _loss("MeanAbsoluteError", "mean_absolute_error", F.mean_absolute_error)
MeanAbsolutePercentageError = _loss("MeanAbsolutePercentageError", "mean_absolute_percentage_error", F.mean_absolute_percentage_error)
MeanSquaredLogarithmicError = _loss("MeanSquaredLogarithmicError", "mean_squared_logarithmic_error", F.mean_squared_logarithmic_error)
BinaryCrossentropy = _loss("BinaryCrossentropy", "binary_crossentropy", F.binary_crossentropy, from_logits=False, label_smoothing=0)
CategoricalCrossentropy = _loss("CategoricalCrossentropy", "categorical_crossentropy", F.categorical_crossentropy, from_logits=False,
                                label_smoothing=0)
SparseCategoricalCrossentropy = _loss("SparseCategoricalCrossentropy", "sparse_categorical_crossentropy",
                                      F.sparse_categorical_crossentropy, from_logits=False)
Hinge = _loss("Hinge", "hinge", F.hinge)
SquaredHinge = _loss("SquaredHinge", "squared_hinge", F.squared_hinge)
CategoricalHinge = _loss("CategoricalHinge", "categorical_hinge", F.categorical_hinge)
Poisson = _loss("Poisson", "poisson", F.poisson)
LogCosh = _loss("LogCosh", "logcosh", F.logcosh)
KLDivergence = _loss("KLDivergence", "kullback_leibler_divergence", F.kullback_leibler_divergence)
Huber = _loss("Huber", "huber_loss", F.huber, delta=1.0)
CosineSimilarity = _loss("CosineSimilarity", "cosine_similarity", F.cosine_similarity, axis=-1)


@export("keras.losses.serialize")
def serialize(loss: Any) -> Any:
    """The loss as plain values: a function's name, an object's class and config."""
    return serialize_keras_object(loss)


@export("keras.losses.deserialize")
def deserialize(name: Any, custom_objects: Any = None) -> Any:
    """The loss of that name or config."""
    return deserialize_keras_object(name, objects_of("losses"), custom_objects, "loss function")


@export("keras.losses.get")
def get(identifier: Any) -> Any:
    """A loss for a name, a config or a function; None for None."""
    return interpreted(identifier, deserialize, "loss function")
