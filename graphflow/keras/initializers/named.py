"""tf.keras.initializers: those of tf.initializers, with Keras's names and defaults."""
from __future__ import annotations

import inspect
from typing import Any

from ...core.dtypes import float32
from ...core.export import export
from ...variables import initializers as plain
from ...variables import matrix_initializers as matrices
from ..utils.objects import deserialize_keras_object, objects_of, serialize_keras_object

export("keras.initializers.zeros", "keras.initializers.Zeros")(plain.Zeros)
export("keras.initializers.ones", "keras.initializers.Ones")(plain.Ones)
export("keras.initializers.constant", "keras.initializers.Constant")(plain.Constant)
export("keras.initializers.VarianceScaling")(plain.VarianceScaling)
export("keras.initializers.GlorotUniform", "keras.initializers.glorot_uniform")(plain.GlorotUniform)
export("keras.initializers.GlorotNormal", "keras.initializers.glorot_normal")(plain.GlorotNormal)
export("keras.initializers.Orthogonal", "keras.initializers.orthogonal")(matrices.Orthogonal)
export("keras.initializers.Identity", "keras.initializers.identity")(matrices.Identity)


@export("keras.initializers.RandomNormal", "keras.initializers.random_normal", "keras.initializers.normal")
class RandomNormal(plain.RandomNormal):
    """Normal numbers, of standard deviation 0.05 by default."""

    def __init__(self, mean: Any = 0.0, stddev: Any = 0.05, seed: int | None = None, dtype: Any = float32):
        super().__init__(mean, stddev, seed, dtype)


@export("keras.initializers.RandomUniform", "keras.initializers.random_uniform", "keras.initializers.uniform")
class RandomUniform(plain.RandomUniform):
    """Uniform numbers in [-0.05, 0.05) by default."""

    def __init__(self, minval: Any = -0.05, maxval: Any = 0.05, seed: int | None = None, dtype: Any = float32):
        super().__init__(minval, maxval, seed, dtype)


@export("keras.initializers.TruncatedNormal", "keras.initializers.truncated_normal")
class TruncatedNormal(plain.TruncatedNormal):
    """Normal numbers of standard deviation 0.05 by default, those beyond two of them drawn again."""

    def __init__(self, mean: Any = 0.0, stddev: Any = 0.05, seed: int | None = None, dtype: Any = float32):
        super().__init__(mean, stddev, seed, dtype)


class _Scaled(plain.VarianceScaling):
    """A VarianceScaling whose only argument is the seed."""
    arguments: tuple[float, str, str]

    def __init__(self, seed: int | None = None):
        super().__init__(*self.arguments, seed)

    def get_config(self) -> dict[str, Any]:
        return {"seed": self.seed}


@export("keras.initializers.he_normal", "keras.initializers.HeNormal")
class HeNormal(_Scaled):
    """Truncated normal numbers of variance 2 / inputs."""
    arguments = (2.0, "fan_in", "truncated_normal")


@export("keras.initializers.he_uniform", "keras.initializers.HeUniform")
class HeUniform(_Scaled):
    """Uniform numbers of variance 2 / inputs."""
    arguments = (2.0, "fan_in", "uniform")


@export("keras.initializers.lecun_normal", "keras.initializers.LecunNormal")
class LecunNormal(_Scaled):
    """Truncated normal numbers of variance 1 / inputs."""
    arguments = (1.0, "fan_in", "truncated_normal")


@export("keras.initializers.lecun_uniform", "keras.initializers.LecunUniform")
class LecunUniform(_Scaled):
    """Uniform numbers of variance 1 / inputs."""
    arguments = (1.0, "fan_in", "uniform")


_OLD = {"one": "ones", "zero": "zeros"}


@export("keras.initializers.serialize")
def serialize(initializer: Any) -> Any:
    """The initializer as plain values."""
    return serialize_keras_object(initializer)


@export("keras.initializers.deserialize")
def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The initializer of what `serialize` gave."""
    return deserialize_keras_object(config, objects_of("initializers"), custom_objects, "initializer")


@export("keras.initializers.get")
def get(identifier: Any) -> Any:
    """An initializer for a name, a config, a class or a function of (shape, dtype); None for None."""
    if identifier is None:
        return None
    if isinstance(identifier, (str, dict)):
        return deserialize(_OLD.get(identifier, identifier) if isinstance(identifier, str) else identifier)
    if callable(identifier):
        return identifier() if inspect.isclass(identifier) else identifier
    raise ValueError(f"Could not interpret initializer identifier: {identifier}")
