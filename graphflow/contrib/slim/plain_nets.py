"""Networks of tf.contrib.slim.nets that are one chain of convolutions: AlexNet, OverFeat and those of VGG (Simonyan and Zisserman, 2014).

Their fully connected layers are convolutions, so that larger images give maps of logits (with spatial_squeeze=False).
"""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..framework.arg_scopes import arg_scope
from ..layers.collecting import convert_collection_to_dict
from ..layers.convolutions import convolution2d as conv2d
from ..layers.fully import fully_connected
from ..layers.penalties import l2_regularizer
from ..layers.pools import max_pool2d
from ..layers.reshaping import dropout, repeat

_HOME = "contrib.slim.nets"


def _ending(net: Any, sizes: Any, num_classes: int, kernel: int, dropout_keep_prob: float, is_training: Any, last: dict[str, Any]) -> Any:
    """Three convolutions that are fully connected layers, with dropout between them."""
    net = conv2d(net, sizes[0], [kernel, kernel], padding="VALID", scope="fc6")
    net = dropout(net, dropout_keep_prob, is_training=is_training, scope="dropout6")
    net = conv2d(net, sizes[1], [1, 1], scope="fc7")
    net = dropout(net, dropout_keep_prob, is_training=is_training, scope="dropout7")
    return conv2d(net, num_classes, [1, 1], activation_fn=None, normalizer_fn=None, scope="fc8", **last)


def _finished(net: Any, scope: Any, collection: str, spatial_squeeze: bool) -> tuple[Any, Any]:
    end_points = convert_collection_to_dict(collection)
    if spatial_squeeze:
        net = tf.squeeze(net, [1, 2], name="fc8/squeezed")
        end_points[f"{scope.name}/fc8"] = net
    return net, end_points


@export(f"{_HOME}.vgg.vgg_arg_scope")
def vgg_arg_scope(weight_decay: float = 0.0005) -> Any:
    """The scope of defaults under which VGG networks are made."""
    with arg_scope([conv2d, fully_connected], activation_fn=tf.nn.relu, weights_regularizer=l2_regularizer(weight_decay),
                   biases_initializer=tf.zeros_initializer()), arg_scope([conv2d], padding="SAME") as scope:
        return scope


def _vgg(repeats: tuple[int, ...], inputs: Any, num_classes: int, is_training: Any, dropout_keep_prob: float, spatial_squeeze: bool,
         scope: Any, default: str) -> tuple[Any, Any]:
    with tf.variable_scope(scope, default, [inputs]) as sc:
        ends = f"{sc.original_name_scope}_end_points"
        with arg_scope([conv2d, fully_connected, max_pool2d], outputs_collections=ends):
            net = inputs
            for i, (times, depth) in enumerate(zip(repeats, (64, 128, 256, 512, 512))):
                net = repeat(net, times, conv2d, depth, [3, 3], scope=f"conv{i + 1}")
                net = max_pool2d(net, [2, 2], scope=f"pool{i + 1}")
            net = _ending(net, (4096, 4096), num_classes, 7, dropout_keep_prob, is_training, {})
            return _finished(net, sc, ends, spatial_squeeze)


@export(f"{_HOME}.vgg.vgg_a")
def vgg_a(inputs: Any, num_classes: int = 1000, is_training: Any = True, dropout_keep_prob: float = 0.5, spatial_squeeze: bool = True,
          scope: Any = "vgg_a") -> tuple[Any, Any]:
    """(logits, {name: end point}) of the network with 11 layers."""
    return _vgg((1, 1, 2, 2, 2), inputs, num_classes, is_training, dropout_keep_prob, spatial_squeeze, scope, "vgg_a")


@export(f"{_HOME}.vgg.vgg_16", f"{_HOME}.vgg.vgg_d")
def vgg_16(inputs: Any, num_classes: int = 1000, is_training: Any = True, dropout_keep_prob: float = 0.5, spatial_squeeze: bool = True,
           scope: Any = "vgg_16") -> tuple[Any, Any]:
    """(logits, {name: end point}) of the network with 16 layers; images of 224 x 224 give one row of logits each."""
    return _vgg((2, 2, 3, 3, 3), inputs, num_classes, is_training, dropout_keep_prob, spatial_squeeze, scope, "vgg_16")


@export(f"{_HOME}.vgg.vgg_19", f"{_HOME}.vgg.vgg_e")
def vgg_19(inputs: Any, num_classes: int = 1000, is_training: Any = True, dropout_keep_prob: float = 0.5, spatial_squeeze: bool = True,
           scope: Any = "vgg_19") -> tuple[Any, Any]:
    """(logits, {name: end point}) of the network with 19 layers."""
    return _vgg((2, 2, 4, 4, 4), inputs, num_classes, is_training, dropout_keep_prob, spatial_squeeze, scope, "vgg_19")


@export(f"{_HOME}.alexnet.alexnet_v2_arg_scope")
def alexnet_v2_arg_scope(weight_decay: float = 0.0005) -> Any:
    """The scope of defaults under which alexnet_v2 is made."""
    with arg_scope([conv2d, fully_connected], activation_fn=tf.nn.relu, biases_initializer=tf.constant_initializer(0.1),
                   weights_regularizer=l2_regularizer(weight_decay)), \
            arg_scope([conv2d], padding="SAME"), arg_scope([max_pool2d], padding="VALID") as scope:
        return scope


@export(f"{_HOME}.alexnet.alexnet_v2")
def alexnet_v2(inputs: Any, num_classes: int = 1000, is_training: Any = True, dropout_keep_prob: float = 0.5, spatial_squeeze: bool = True,
               scope: Any = "alexnet_v2") -> tuple[Any, Any]:
    """(logits, {name: end point}) of AlexNet in the form of Krizhevsky, 2014."""
    with tf.variable_scope(scope, "alexnet_v2", [inputs]) as sc:
        ends = f"{sc.original_name_scope}_end_points"
        with arg_scope([conv2d, fully_connected, max_pool2d], outputs_collections=[ends]):
            net = conv2d(inputs, 64, [11, 11], 4, padding="VALID", scope="conv1")
            net = max_pool2d(net, [3, 3], 2, scope="pool1")
            net = conv2d(net, 192, [5, 5], scope="conv2")
            net = max_pool2d(net, [3, 3], 2, scope="pool2")
            net = conv2d(net, 384, [3, 3], scope="conv3")
            net = conv2d(net, 384, [3, 3], scope="conv4")
            net = conv2d(net, 256, [3, 3], scope="conv5")
            net = max_pool2d(net, [3, 3], 2, scope="pool5")
            with arg_scope([conv2d], weights_initializer=tf.truncated_normal_initializer(0.0, 0.005),
                           biases_initializer=tf.constant_initializer(0.1)):
                net = _ending(net, (4096, 4096), num_classes, 5, dropout_keep_prob, is_training,
                              {"biases_initializer": tf.zeros_initializer()})
            return _finished(net, sc, ends, spatial_squeeze)


@export(f"{_HOME}.overfeat.overfeat_arg_scope")
def overfeat_arg_scope(weight_decay: float = 0.0005) -> Any:
    """The scope of defaults under which overfeat is made."""
    with arg_scope([conv2d, fully_connected], activation_fn=tf.nn.relu, weights_regularizer=l2_regularizer(weight_decay),
                   biases_initializer=tf.zeros_initializer()), \
            arg_scope([conv2d], padding="SAME"), arg_scope([max_pool2d], padding="VALID") as scope:
        return scope


@export(f"{_HOME}.overfeat.overfeat")
def overfeat(inputs: Any, num_classes: int = 1000, is_training: Any = True, dropout_keep_prob: float = 0.5, spatial_squeeze: bool = True,
             scope: Any = "overfeat") -> tuple[Any, Any]:
    """(logits, {name: end point}) of OverFeat's fast model (Sermanet et al., 2013), for images of 231 x 231."""
    with tf.variable_scope(scope, "overfeat", [inputs]) as sc:
        ends = f"{sc.name}_end_points"
        with arg_scope([conv2d, fully_connected, max_pool2d], outputs_collections=ends):
            net = conv2d(inputs, 64, [11, 11], 4, padding="VALID", scope="conv1")
            net = max_pool2d(net, [2, 2], scope="pool1")
            net = conv2d(net, 256, [5, 5], padding="VALID", scope="conv2")
            net = max_pool2d(net, [2, 2], scope="pool2")
            net = conv2d(net, 512, [3, 3], scope="conv3")
            net = conv2d(net, 1024, [3, 3], scope="conv4")
            net = conv2d(net, 1024, [3, 3], scope="conv5")
            net = max_pool2d(net, [2, 2], scope="pool5")
            with arg_scope([conv2d], weights_initializer=tf.truncated_normal_initializer(0.0, 0.005),
                           biases_initializer=tf.constant_initializer(0.1)):
                net = _ending(net, (3072, 4096), num_classes, 6, dropout_keep_prob, is_training,
                              {"biases_initializer": tf.zeros_initializer()})
            return _finished(net, sc, ends, spatial_squeeze)


for _net in (vgg_a, vgg_16, vgg_19, alexnet_v2):
    _net.default_image_size = 224  # type: ignore[attr-defined]
overfeat.default_image_size = 231  # type: ignore[attr-defined]
