"""Layers of several inputs: sums, products, concatenation."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..engine.layer import Layer


class _Merge(Layer):
    """Elementwise functions of several inputs, which may be broadcast."""
    supports_masking = True

    def build(self, input_shape: Any) -> None:
        if not isinstance(input_shape, list) or len(input_shape) < self.least:
            raise ValueError(f"A merge layer should be called on a list of at least {self.least} input{'s' if self.least > 1 else ''}. "
                             f"Got {1 if not isinstance(input_shape, list) else len(input_shape)} inputs.")
        self.compute_output_shape(input_shape)
        self.built = True

    least = 2

    def merge(self, inputs: list[Any]) -> Any:
        """The result for inputs of one rank."""
        raise NotImplementedError

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(f"A merge layer should be called on a list of inputs. Received: inputs={inputs} (not a list of tensors)")
        ranks = [len(x.static) for x in inputs]
        inputs = list(inputs)
        for i, x in enumerate(inputs):
            for _ in range(max(ranks) - ranks[i]):
                x = tf.expand_dims(x, axis=1)
            inputs[i] = x
        return self.merge(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shapes = [list(tf.TensorShape(s).as_list()) for s in input_shape]
        found: list[Any] = shapes[0][1:]
        for shape in shapes[1:]:
            found = _broadcast(found, shape[1:], shapes)
        batches = {s[0] for s in shapes} - {None}
        return tf.TensorShape([batches.pop() if len(batches) == 1 else None, *found])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None or all(m is None for m in mask):
            return None
        found = [tf.expand_dims(m, 0) for m in mask if m is not None]
        return tf.reduce_all(tf.concat(found, axis=0), axis=0)


def _broadcast(a: list[Any], b: list[Any], shapes: Any) -> list[Any]:
    if len(a) < len(b):
        a, b = b, a
    if not b:
        return a
    found = a[:-len(b)]
    for i, j in zip(a[-len(b):], b):
        if i is None or j is None:
            found.append(None)
        elif i == 1 or j == 1 or i == j:
            found.append(j if i == 1 else i)
        else:
            raise ValueError(f"Inputs have incompatible shapes. Received shapes {tuple(shapes[0][1:])} and {tuple(shapes[1][1:])}")
    return found


@export("keras.layers.Add")
class Add(_Merge):
    """The sum of the inputs."""

    def merge(self, inputs: list[Any]) -> Any:
        output = inputs[0]
        for x in inputs[1:]:
            output = output + x
        return output


@export("keras.layers.Subtract")
class Subtract(_Merge):
    """The first input minus the second."""

    def merge(self, inputs: list[Any]) -> Any:
        if len(inputs) != 2:
            raise ValueError("A `Subtract` layer should be called on exactly 2 inputs.")
        return inputs[0] - inputs[1]


@export("keras.layers.Multiply")
class Multiply(_Merge):
    """The product of the inputs."""

    def merge(self, inputs: list[Any]) -> Any:
        output = inputs[0]
        for x in inputs[1:]:
            output = output * x
        return output


@export("keras.layers.Average")
class Average(_Merge):
    """The mean of the inputs."""

    def merge(self, inputs: list[Any]) -> Any:
        output = inputs[0]
        for x in inputs[1:]:
            output = output + x
        return output / len(inputs)


@export("keras.layers.Maximum")
class Maximum(_Merge):
    """The largest of the inputs, element by element."""

    def merge(self, inputs: list[Any]) -> Any:
        output = inputs[0]
        for x in inputs[1:]:
            output = tf.maximum(output, x)
        return output


@export("keras.layers.Minimum")
class Minimum(_Merge):
    """The smallest of the inputs, element by element."""

    def merge(self, inputs: list[Any]) -> Any:
        output = inputs[0]
        for x in inputs[1:]:
            output = tf.minimum(output, x)
        return output


@export("keras.layers.Concatenate")
class Concatenate(_Merge):
    """The inputs one after the other along an axis."""
    least = 1

    def __init__(self, axis: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Any:
        return tf.concat(list(inputs), axis=self.axis)

    def compute_output_shape(self, input_shape: Any) -> Any:
        shapes = [list(tf.TensorShape(s).as_list()) for s in input_shape]
        found = shapes[0]
        axis = self.axis % len(found)
        others = [[n for i, n in enumerate(s) if i != axis] for s in shapes]
        if any(len(o) != len(others[0]) or any(a is not None and b is not None and a != b for a, b in zip(o, others[0])) for o in others):
            raise ValueError("A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. Received: "
                             f"input_shape={[tuple(s) for s in shapes]}")
        sizes: list[Any] = [s[axis] for s in shapes]
        found[axis] = None if None in sizes else sum(sizes)
        return tf.TensorShape(found)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None or all(m is None for m in mask):
            return None
        found = []
        for x, m in zip(inputs, mask):
            if m is None:
                found.append(tf.cast(tf.ones_like(x), tf.bool))
            elif len(m.static) < len(x.static):
                found.append(tf.expand_dims(m, axis=-1))
            else:
                found.append(m)
        return tf.reduce_all(tf.concat(found, axis=self.axis), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


@export("keras.layers.Dot")
class Dot(_Merge):
    """The dot products of two inputs along axes; normalize: of their directions, so that they are cosines."""

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.axes, self.normalize = axes, normalize

    def _pair(self, ranks: Any) -> list[int]:
        pair = [self.axes, self.axes] if isinstance(self.axes, int) else list(self.axes)
        return [a % r for a, r in zip(pair, ranks)]

    def call(self, inputs: Any) -> Any:
        if len(inputs) != 2:
            raise ValueError("A `Dot` layer should be called on exactly 2 inputs.")
        x, y = inputs
        axes = self._pair([len(x.static), len(y.static)])
        if self.normalize:
            x, y = tf.nn.l2_normalize(x, axis=axes[0]), tf.nn.l2_normalize(y, axis=axes[1])
        return tf.keras.backend.batch_dot(x, y, axes)

    def compute_output_shape(self, input_shape: Any) -> Any:
        first, second = (list(tf.TensorShape(s).as_list()) for s in input_shape)
        axes = self._pair([len(first), len(second)])
        if first[axes[0]] is not None and second[axes[1]] is not None and first[axes[0]] != second[axes[1]]:
            raise ValueError(f"Incompatible input shapes: axis values {first[axes[0]]} (at axis {axes[0]}) != {second[axes[1]]} (at axis "
                             f"{axes[1]}). Full input shapes: {first}, {second}")
        del first[axes[0]], second[axes[1]]
        found = [*first, *second[1:]]
        return tf.TensorShape(found if len(found) > 1 else [*found, 1])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: there is no time left."""

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}


@export("keras.layers.add")
def add(inputs: Any, **kwargs: Any) -> Any:
    """The sum of the inputs."""
    return Add(**kwargs)(inputs)


@export("keras.layers.subtract")
def subtract(inputs: Any, **kwargs: Any) -> Any:
    """The first input minus the second."""
    return Subtract(**kwargs)(inputs)


@export("keras.layers.multiply")
def multiply(inputs: Any, **kwargs: Any) -> Any:
    """The product of the inputs."""
    return Multiply(**kwargs)(inputs)


@export("keras.layers.average")
def average(inputs: Any, **kwargs: Any) -> Any:
    """The mean of the inputs."""
    return Average(**kwargs)(inputs)


@export("keras.layers.maximum")
def maximum(inputs: Any, **kwargs: Any) -> Any:
    """The largest of the inputs."""
    return Maximum(**kwargs)(inputs)


@export("keras.layers.minimum")
def minimum(inputs: Any, **kwargs: Any) -> Any:
    """The smallest of the inputs."""
    return Minimum(**kwargs)(inputs)


@export("keras.layers.concatenate")
def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """The inputs one after the other along an axis."""
    return Concatenate(axis=axis, **kwargs)(inputs)


@export("keras.layers.dot")
def dot(inputs: Any, axes: Any, normalize: bool = False, **kwargs: Any) -> Any:
    """The dot products of two inputs along axes."""
    return Dot(axes=axes, normalize=normalize, **kwargs)(inputs)
