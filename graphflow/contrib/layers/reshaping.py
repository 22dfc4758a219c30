"""Layers of tf.contrib without weights, or nearly so: flatten, dropout, one_hot_encoding, softmax, repeat, stack and more."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..framework.arg_scopes import add_arg_scope
from ..framework.model_variables import model_variable
from ..homes import layers_and_slim
from .collecting import channels_of, collect_named_outputs, get_variable_collections, variable_getter
from .measures import last_dimension


@layers_and_slim("flatten")
@add_arg_scope
def flatten(inputs: Any, outputs_collections: Any = None, scope: Any = None) -> Any:
    """inputs [n, ...] as [n, all the rest]."""
    with tf.name_scope(scope, "Flatten", [inputs]) as sc:
        return collect_named_outputs(outputs_collections, sc, tf.layers.flatten(tf.convert_to_tensor(inputs)))


@layers_and_slim("dropout")
@add_arg_scope
def dropout(inputs: Any, keep_prob: Any = 0.5, noise_shape: Any = None, is_training: Any = True, outputs_collections: Any = None,
            scope: Any = None, seed: int | None = None) -> Any:
    """Where is_training (a bool or a tensor): each element is kept with that probability and divided by it, else 0."""
    with tf.variable_scope(scope, "Dropout", [inputs], custom_getter=variable_getter()) as sc:
        inputs = tf.convert_to_tensor(inputs)
        layer = tf.layers.Dropout(rate=1 - keep_prob, noise_shape=noise_shape, seed=seed, name=sc.name, _scope=sc)
        return collect_named_outputs(outputs_collections, sc.name, layer(inputs, training=is_training))


@layers_and_slim("one_hot_encoding")
@add_arg_scope
def one_hot_encoding(labels: Any, num_classes: int, on_value: float = 1.0, off_value: float = 0.0, outputs_collections: Any = None,
                     scope: Any = None) -> Any:
    """tf.one_hot of integers: shape [..., num_classes]."""
    with tf.name_scope(scope, "OneHotEncoding", [labels, num_classes]) as sc:
        labels = tf.convert_to_tensor(labels)
        if labels.dtype == tf.int32:
            labels = tf.cast(labels, tf.int64, name="ToInt64")
        return collect_named_outputs(outputs_collections, sc, tf.one_hot(labels, num_classes, on_value=on_value, off_value=off_value))


@layers_and_slim("softmax")
@add_arg_scope
def softmax(logits: Any, scope: Any = None) -> Any:
    """Softmax along the last axis, whose size must be known, of logits of rank 2 or more."""
    with tf.variable_scope(scope, "softmax", [logits]):
        rows = tf.nn.softmax(tf.reshape(logits, [-1, last_dimension(logits.shape, min_rank=2)]))
        predictions = tf.reshape(rows, tf.shape(logits))
        predictions.set_shape(logits.shape)
        return predictions


def _label(layer: Any, scope: str | None, default: str) -> str:
    """What layers that are made several times are called: as the scope, else as the function."""
    return scope or getattr(layer, "__name__", None) or getattr(getattr(layer, "func", None), "__name__", None) or default


@layers_and_slim("repeat")
def repeat(inputs: Any, repetitions: int, layer: Any, *args: Any, **kwargs: Any) -> Any:
    """The layer applied `repetitions` times, each time with weights of its own: scopes Repeat/conv2d_1, Repeat/conv2d_2, ..."""
    scope = kwargs.pop("scope", None)
    with tf.variable_scope(scope, "Repeat", [inputs]):
        outputs = tf.convert_to_tensor(inputs)
        for i in range(repetitions):
            outputs = layer(outputs, *args, **{**kwargs, "scope": f"{_label(layer, scope, 'repeat')}_{i + 1}"})
        return outputs


@layers_and_slim("stack")
def stack(inputs: Any, layer: Any, stack_args: Any, **kwargs: Any) -> Any:
    """The layer applied once for each entry of stack_args (an argument, or a list of them), each time with weights of its own."""
    scope = kwargs.pop("scope", None)
    if not isinstance(stack_args, (list, tuple)):
        raise ValueError("stack_args need to be a list or tuple")
    with tf.variable_scope(scope, "Stack", [inputs]):
        outputs = tf.convert_to_tensor(inputs)
        for i, given in enumerate(stack_args):
            own = given if isinstance(given, (list, tuple)) else [given]
            outputs = layer(outputs, *own, **{**kwargs, "scope": f"{_label(layer, scope, 'stack')}_{i + 1}"})
        return outputs


@layers_and_slim("unit_norm")
@add_arg_scope
def unit_norm(inputs: Any, dim: int, epsilon: float = 1e-7, scope: Any = None) -> Any:
    """inputs divided by their lengths along the axis `dim`, sqrt(epsilon + sum of squares)."""
    with tf.variable_scope(scope, "UnitNorm", [inputs]):
        rank = inputs.shape.ndims
        if not rank:
            raise ValueError("The input rank must be known.")
        if not 0 <= dim < rank:
            raise ValueError("dim must be positive but smaller than the input rank.")
        lengths = tf.sqrt(epsilon + tf.reduce_sum(tf.square(inputs), dim, True))
        multiples = [tf.ones([dim], tf.int32)] if dim > 0 else []
        multiples.append(tf.strided_slice(tf.shape(inputs), [dim], [dim + 1]))
        if dim < rank - 1:
            multiples.append(tf.ones([rank - 1 - dim], tf.int32))
        return tf.realdiv(inputs, tf.tile(lengths, tf.concat(multiples, 0)), name="div")


@layers_and_slim("maxout")
@add_arg_scope
def maxout(inputs: Any, num_units: int, axis: int = -1, scope: Any = None) -> Any:
    """The largest of each of num_units equal groups of features along `axis` (Goodfellow et al., 2013); ValueError for unequal ones."""
    with tf.variable_scope(scope, "MaxOut", [inputs]):
        inputs = tf.convert_to_tensor(inputs)
        sizes: list[Any] = inputs.shape.as_list()
        channels = sizes[axis]
        if channels % num_units:
            raise ValueError(f"number of features({channels}) is not a multiple of num_units({num_units})")
        sizes[axis] = num_units
        known = [tf.shape(inputs)[i] if size is None else size for i, size in enumerate([*sizes, channels // num_units])]
        return tf.reduce_max(tf.reshape(inputs, known), -1, keepdims=False)


@layers_and_slim("dense_to_sparse")
@add_arg_scope
def dense_to_sparse(tensor: Any, eos_token: Any = 0, outputs_collections: Any = None, scope: Any = None) -> Any:
    """A SparseTensor of the elements that are not eos_token."""
    with tf.variable_scope(scope, "dense_to_sparse", [tensor]) as sc:
        tensor = tf.convert_to_tensor(tensor)
        indices = tf.where(tf.not_equal(tensor, tf.constant(eos_token, tensor.dtype)))
        found = tf.SparseTensor(indices, tf.gather_nd(tensor, indices), tf.shape(tensor, out_type=tf.int64))
        return collect_named_outputs(outputs_collections, sc.name, found)


@export("contrib.layers.poincare_normalize")
def poincare_normalize(x: Any, axis: Any = 1, epsilon: float = 1e-5, name: str | None = None) -> Any:
    """x with norms along `axis` of at most 1 - epsilon: points of the Poincare ball."""
    with tf.name_scope(name, "poincare_normalize", [x]) as name:
        x = tf.convert_to_tensor(x, name="x")
        inverse = tf.rsqrt(tf.reduce_sum(tf.square(x), axis, keepdims=True))
        return tf.multiply(x, tf.minimum((1.0 - epsilon) * inverse, 1.0), name=name)


@layers_and_slim("images_to_sequence")
@add_arg_scope
def images_to_sequence(inputs: Any, data_format: str = "NHWC", outputs_collections: Any = None, scope: Any = None) -> Any:
    """Images as sequences of their columns: [width, batch height, channels]."""
    order = channels_of(data_format)
    with tf.name_scope(scope, "ImagesToSequence", [inputs]) as sc:
        inputs = tf.convert_to_tensor(inputs)
        if order == "channels_first":
            inputs = tf.transpose(inputs, [0, 2, 3, 1])
        _, _, width, depth = inputs.shape.as_list()
        sizes = tf.shape(inputs)
        batch, height = sizes[0], sizes[1]
        return collect_named_outputs(outputs_collections, sc,
                                     tf.reshape(tf.transpose(inputs, [2, 0, 1, 3]), [width, batch * height, depth]))


@layers_and_slim("sequence_to_images")
@add_arg_scope
def sequence_to_images(inputs: Any, height: int, output_data_format: str = "channels_last", outputs_collections: Any = None,
                       scope: Any = None) -> Any:
    """images_to_sequence the other way round."""
    with tf.name_scope(scope, "SequenceToImages", [inputs]) as sc:
        inputs = tf.convert_to_tensor(inputs)
        width, rows, depth = inputs.shape.as_list()
        columns = tf.reshape(inputs, [width, -1 if rows is None else rows // height, height, depth])
        order = [1, 3, 2, 0] if output_data_format == "channels_first" else [1, 2, 0, 3]
        return collect_named_outputs(outputs_collections, sc, tf.transpose(columns, order))


@export("contrib.layers.spatial_softmax")
@add_arg_scope
def spatial_softmax(features: Any, temperature: Any = None, name: str | None = None, variables_collections: Any = None,
                    trainable: bool = True, data_format: str = "NHWC") -> Any:
    """The mean place of each channel's activation, x and y in [-1, 1]: [batch, 2 channels] (Finn et al., 2016).

    temperature: initial value of the variable `temperature` by which features are divided; None means 1.
    """
    first = channels_of(data_format) == "channels_first"
    with tf.variable_scope(name, "spatial_softmax"):
        sizes = tf.shape(features)
        height, width = (sizes[2], sizes[3]) if first else (sizes[1], sizes[2])
        channels = features.shape.as_list()[1 if first else 3]
        if channels is None:
            raise ValueError("The num_channels dimension of the inputs to `spatial_softmax` should be defined. Found `None`.")
        with tf.name_scope("spatial_softmax_op", "spatial_softmax_op", [features]):
            places = tf.meshgrid(tf.lin_space(-1.0, 1.0, num=height), tf.lin_space(-1.0, 1.0, num=width), indexing="ij")
            places = [tf.reshape(place, [height * width]) for place in places]
            start = tf.ones_initializer() if temperature is None else tf.constant_initializer(temperature)
            collections = get_variable_collections(variables_collections, "temperature") if trainable else None
            divisor = model_variable("temperature", shape=(), dtype=tf.float32, initializer=start, collections=collections,
                                     trainable=trainable)
            rows = tf.reshape(features if first else tf.transpose(features, [0, 3, 1, 2]), [-1, height * width])
            attention = tf.nn.softmax(rows / divisor)
            means = [tf.reduce_sum(place * attention, [1], keepdims=True) for place in places]
            found = tf.reshape(tf.concat(means, 1), [-1, channels * 2])
            found.set_shape([None, channels * 2])
    return found


@export("contrib.layers.scale_gradient")
@tf.custom_gradient
def scale_gradient(inputs: Any, gradient_multiplier: Any) -> Any:
    """inputs, whose gradient is multiplied by gradient_multiplier."""
    return inputs, lambda dy: [dy * gradient_multiplier, None]
