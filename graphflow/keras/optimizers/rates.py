"""Learning rates that depend on the step: tf.keras.optimizers.schedules, by the arithmetic of tf.train's decays."""
from __future__ import annotations

import math
from typing import Any

import graphflow as tf

from ...core.export import export
from ..utils.objects import deserialize_keras_object, objects_of, serialize_keras_object


@export("keras.optimizers.schedules.LearningRateSchedule")
class LearningRateSchedule:
    """Base class: `__call__(step)` gives the rate of a step; a subclass lists its constructor's arguments in `arguments`."""
    arguments: tuple[str, ...] = ()

    def __call__(self, step: Any) -> Any:
        raise NotImplementedError("Learning rate schedule must override __call__")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {name: getattr(self, name) for name in self.arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A schedule from what `get_config` gave."""
        return cls(**config)

    @staticmethod
    def deserialize(config: Any, custom_objects: Any = None) -> Any:
        """The schedule of what `serialize_rate` gave."""
        return deserialize(config, custom_objects)


def _floats(step: Any, *values: Any) -> list[Any]:
    rate = tf.convert_to_tensor(values[0], name="initial_learning_rate")
    dtype = rate.dtype.base_dtype
    return [tf.cast(step, dtype), rate, *(tf.cast(v, dtype) for v in values[1:])]


@export("keras.optimizers.schedules.ExponentialDecay")
class ExponentialDecay(LearningRateSchedule):
    """initial_learning_rate decay_rate^(step / decay_steps); staircase: the power is a whole number."""
    arguments = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")

    def __init__(self, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False, name: str | None = None):
        self.initial_learning_rate, self.decay_steps, self.decay_rate = initial_learning_rate, decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step: Any) -> Any:
        step, rate, steps, decay = _floats(step, self.initial_learning_rate, self.decay_steps, self.decay_rate)
        power = step / steps
        return rate * tf.pow(decay, tf.floor(power) if self.staircase else power)


@export("keras.optimizers.schedules.PiecewiseConstantDecay")
class PiecewiseConstantDecay(LearningRateSchedule):
    """values[i] from boundaries[i - 1] to boundaries[i]."""
    arguments = ("boundaries", "values", "name")

    def __init__(self, boundaries: Any, values: Any, name: str | None = None):
        if len(boundaries) != len(values) - 1:
            raise ValueError("The length of boundaries should be 1 less than the length of values. Received: "
                             f"boundaries={boundaries} of length {len(boundaries)}, and values={values} of length {len(values)}.")
        self.boundaries, self.values, self.name = boundaries, values, name

    def __call__(self, step: Any) -> Any:
        step = tf.convert_to_tensor(step)
        return tf.train.piecewise_constant(step, [type(b)(b) if step.dtype.is_integer else float(b) for b in self.boundaries], self.values)


@export("keras.optimizers.schedules.PolynomialDecay")
class PolynomialDecay(LearningRateSchedule):
    """From initial_learning_rate to end_learning_rate in decay_steps, by a power of what is left; cycle: then again."""
    arguments = ("initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle", "name")

    def __init__(self, initial_learning_rate: Any, decay_steps: Any, end_learning_rate: Any = 0.0001, power: Any = 1.0,
                 cycle: bool = False, name: str | None = None):
        self.initial_learning_rate, self.decay_steps, self.end_learning_rate = initial_learning_rate, decay_steps, end_learning_rate
        self.power, self.cycle, self.name = power, cycle, name

    def __call__(self, step: Any) -> Any:
        step, rate, end, power, steps = _floats(step, self.initial_learning_rate, self.end_learning_rate, self.power, self.decay_steps)
        if self.cycle:
            times = tf.where(tf.equal(step, 0), tf.ones_like(steps), tf.ceil(step / steps))
            steps = steps * times
        else:
            step = tf.minimum(step, steps)
        return (rate - end) * tf.pow(1 - step / steps, power) + end


@export("keras.optimizers.schedules.InverseTimeDecay")
class InverseTimeDecay(LearningRateSchedule):
    """initial_learning_rate / (1 + decay_rate step / decay_steps)."""
    arguments = ("initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name")

    def __init__(self, initial_learning_rate: Any, decay_steps: Any, decay_rate: Any, staircase: bool = False, name: str | None = None):
        self.initial_learning_rate, self.decay_steps, self.decay_rate = initial_learning_rate, decay_steps, decay_rate
        self.staircase, self.name = staircase, name

    def __call__(self, step: Any) -> Any:
        step, rate, steps, decay = _floats(step, self.initial_learning_rate, self.decay_steps, self.decay_rate)
        power = step / steps
        return rate / (1 + decay * (tf.floor(power) if self.staircase else power))


@export("keras.experimental.CosineDecay", "keras.optimizers.schedules.CosineDecay")
class CosineDecay(LearningRateSchedule):
    """Half a cosine from initial_learning_rate to alpha of it (Loshchilov and Hutter, 2016)."""
    arguments = ("initial_learning_rate", "decay_steps", "alpha", "name")

    def __init__(self, initial_learning_rate: Any, decay_steps: Any, alpha: float = 0.0, name: str | None = None):
        self.initial_learning_rate, self.decay_steps, self.alpha, self.name = initial_learning_rate, decay_steps, alpha, name

    def __call__(self, step: Any) -> Any:
        step, rate, steps = _floats(step, self.initial_learning_rate, self.decay_steps)
        share = tf.minimum(step, steps) / steps
        cosine = 0.5 * (1.0 + tf.cos(tf.constant(math.pi, rate.dtype.base_dtype) * share))
        return rate * ((1 - self.alpha) * cosine + self.alpha)


@export("keras.optimizers.schedules.serialize")
def serialize_rate(schedule: Any) -> Any:
    """The schedule as plain values."""
    return serialize_keras_object(schedule)


@export("keras.optimizers.schedules.deserialize")
def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The schedule of what `serialize` gave."""
    return deserialize_keras_object(config, objects_of("optimizers.schedules"), custom_objects, "decay")
