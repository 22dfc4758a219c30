"""Layers that act while training only: dropout and noise."""
from __future__ import annotations

import math
from typing import Any

import graphflow as tf

from ...core.export import export
from ...layers.arguments import choose
from ..backend.settings import data_format_of
from ..backend.state import learning_phase
from ..engine.layer import Layer


class Training(Layer):
    """While training `noisy(inputs)`, else inputs."""
    supports_masking = True

    def noisy(self, inputs: Any) -> Any:
        """The outputs while training."""
        raise NotImplementedError

    def call(self, inputs: Any, training: Any = None) -> Any:
        training = learning_phase() if training is None else training
        return choose(training, lambda: self.noisy(inputs), lambda: tf.identity(inputs))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tf.TensorShape(input_shape)


@export("keras.layers.Dropout")
class Dropout(Training):
    """Sets a share `rate` of the inputs to 0 while training and multiplies the others by 1 / (1 - rate).

    noise_shape: sizes 1 where one draw holds for a whole axis.
    """

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        if isinstance(rate, (int, float)) and not 0 <= rate <= 1:
            raise ValueError(f"Invalid value {rate} received for `rate`, expected a value between 0 and 1.")
        self.rate, self.noise_shape, self.seed = rate, noise_shape, seed

    def call(self, inputs: Any, training: Any = None) -> Any:
        if self.rate == 0:
            return tf.identity(inputs)
        return super().call(inputs, training)

    def _get_noise_shape(self, inputs: Any) -> Any:
        if self.noise_shape is None:
            return None
        sizes = tf.shape(inputs)
        return tf.stack([sizes[i] if n is None else n for i, n in enumerate(self.noise_shape)])

    def noisy(self, inputs: Any) -> Any:
        return tf.nn.dropout(inputs, noise_shape=self._get_noise_shape(inputs), seed=self.seed, rate=self.rate)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape, "seed": self.seed}


class SpatialDropout(Dropout):
    """Dropout of whole channels."""

    def __init__(self, rate: float, **kwargs: Any):
        super().__init__(rate, **kwargs)


@export("keras.layers.SpatialDropout1D")
class SpatialDropout1D(SpatialDropout):
    """Dropout of whole channels of inputs [batch, time, channels]."""

    def _get_noise_shape(self, inputs: Any) -> Any:
        sizes = tf.shape(inputs)
        return tf.stack([sizes[0], 1, sizes[2]])


class _SpatialImages(SpatialDropout):
    rank = 2

    def __init__(self, rate: float, data_format: Any = None, **kwargs: Any):
        super().__init__(rate, **kwargs)
        self.data_format = data_format_of(data_format)

    def _get_noise_shape(self, inputs: Any) -> Any:
        sizes, ones = tf.shape(inputs), [1] * self.rank
        return tf.stack([sizes[0], sizes[1], *ones] if self.data_format == "channels_first" else [sizes[0], *ones, sizes[self.rank + 1]])


@export("keras.layers.SpatialDropout2D")
class SpatialDropout2D(_SpatialImages):
    """Dropout of whole channels of images."""
    rank = 2


@export("keras.layers.SpatialDropout3D")
class SpatialDropout3D(_SpatialImages):
    """Dropout of whole channels of volumes."""
    rank = 3


@export("keras.layers.GaussianNoise")
class GaussianNoise(Training):
    """Adds normal numbers of a standard deviation while training."""

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.stddev, self.seed = stddev, seed

    def noisy(self, inputs: Any) -> Any:
        return inputs + tf.random.normal(tf.shape(inputs), 0.0, self.stddev, inputs.dtype.base_dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stddev": self.stddev, "seed": self.seed}


@export("keras.layers.GaussianDropout")
class GaussianDropout(Training):
    """Multiplies by normal numbers around 1, of variance rate / (1 - rate), while training."""

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate, self.seed = rate, seed

    def call(self, inputs: Any, training: Any = None) -> Any:
        return super().call(inputs, training) if 0 < self.rate < 1 else tf.identity(inputs)

    def noisy(self, inputs: Any) -> Any:
        return inputs * tf.random.normal(tf.shape(inputs), 1.0, math.sqrt(self.rate / (1.0 - self.rate)), inputs.dtype.base_dtype,
                                         self.seed)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}


@export("keras.layers.AlphaDropout")
class AlphaDropout(Training):
    """Dropout that keeps mean and variance of what selu gives (Klambauer and others, 2017)."""

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate, self.noise_shape, self.seed = rate, noise_shape, seed

    def call(self, inputs: Any, training: Any = None) -> Any:
        return super().call(inputs, training) if 0 < self.rate < 1 else tf.identity(inputs)

    def noisy(self, inputs: Any) -> Any:
        low = -1.6732632423543772 * 1.0507009873554805
        sizes = tf.shape(inputs) if self.noise_shape is None else self.noise_shape
        dtype = inputs.dtype.base_dtype
        kept = tf.cast(tf.random.uniform(sizes, seed=self.seed) >= self.rate, dtype)
        a = ((1 - self.rate) * (1 + self.rate * low ** 2)) ** -0.5
        return a * (inputs * kept + low * (1 - kept)) - a * low * self.rate

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
