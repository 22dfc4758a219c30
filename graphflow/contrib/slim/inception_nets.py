"""Inception networks of tf.contrib.slim.nets: v1 (Szegedy et al., 2014) and v3 (Szegedy et al., 2015), from tables of their parts.

A step is 'KIND_TAG_HxW depth [stride] [V]': its scope is 'KIND_TAG_HxW', H x W its kernel (or the one behind '@'), V the padding VALID. A
part of several branches is a list of them; a branch ends in two steps at once where they stand in a tuple.
"""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import graphflow as tf

from ...core.export import export
from ..framework.arg_scopes import arg_scope
from ..layers.batch_normalization import batch_norm
from ..layers.convolutions import convolution2d as conv2d
from ..layers.fully import fully_connected
from ..layers.penalties import l2_regularizer
from ..layers.pools import avg_pool2d, max_pool2d
from ..layers.random_initializers import variance_scaling_initializer
from ..layers.reshaping import dropout, softmax

_HOME = "contrib.slim.nets"
_STEP = re.compile(r"(?P<scope>\w+?_(?P<h>\d+)x(?P<w>\d+))(@(?P<kh>\d+)x(?P<kw>\d+))?( (?P<depth>\d+))?( s(?P<stride>\d))?(?P<valid> V)?$")
Part = tuple[str, Any]


def _step(text: str, net: Any, depth: Callable[[int], int]) -> Any:
    found = _STEP.match(text)
    if found is None:
        raise ValueError(f"no step: {text}")
    kernel = [int(found["kh"] or found["h"]), int(found["kw"] or found["w"])]
    more: dict[str, Any] = {"scope": found["scope"]}
    if found["stride"]:
        more["stride"] = int(found["stride"])
    if found["valid"]:
        more["padding"] = "VALID"
    if found["depth"]:
        return conv2d(net, depth(int(found["depth"])), kernel, **more)
    return (max_pool2d if found["scope"].startswith("MaxPool_") else avg_pool2d)(net, kernel, **more)


def _branch(steps: list[Any], net: Any, depth: Callable[[int], int]) -> Any:
    for step in steps:
        net = tf.concat([_step(each, net, depth) for each in step], 3) if isinstance(step, tuple) else _step(step, net, depth)
    return net


def _base(parts: list[Part], net: Any, final_endpoint: str, depth: Callable[[int], int], end_points: dict[str, Any]) -> bool:
    """Builds the parts up to final_endpoint into end_points; whether it was reached."""
    for name, part in parts:
        if isinstance(part, str):
            net = _step(f"{name}{part}", net, depth)
        else:
            with tf.variable_scope(name):
                branches = []
                for i, steps in enumerate(part):
                    with tf.variable_scope(f"Branch_{i}"):
                        branches.append(_branch(steps, net, depth))
                net = tf.concat(branches, 3)
        end_points[name] = net
        if name == final_endpoint:
            return True
    return False


def _v1(name: str, a: int, b: tuple[int, int], c: tuple[int, int], d: int, third: str = "0b") -> Part:
    return name, [[f"Conv2d_0a_1x1 {a}"], [f"Conv2d_0a_1x1 {b[0]}", f"Conv2d_0b_3x3 {b[1]}"],
                  [f"Conv2d_0a_1x1 {c[0]}", f"Conv2d_{third}_3x3 {c[1]}"], ["MaxPool_0a_3x3", f"Conv2d_0b_1x1 {d}"]]


_V1: list[Part] = [
    ("Conv2d_1a_7x7", " 64 s2"), ("MaxPool_2a_3x3", " s2"), ("Conv2d_2b_1x1", " 64"), ("Conv2d_2c_3x3", " 192"), ("MaxPool_3a_3x3", " s2"),
    _v1("Mixed_3b", 64, (96, 128), (16, 32), 32), _v1("Mixed_3c", 128, (128, 192), (32, 96), 64), ("MaxPool_4a_3x3", " s2"),
    _v1("Mixed_4b", 192, (96, 208), (16, 48), 64), _v1("Mixed_4c", 160, (112, 224), (24, 64), 64),
    _v1("Mixed_4d", 128, (128, 256), (24, 64), 64), _v1("Mixed_4e", 112, (144, 288), (32, 64), 64),
    _v1("Mixed_4f", 256, (160, 320), (32, 128), 128), ("MaxPool_5a_2x2", " s2"),
    _v1("Mixed_5b", 256, (160, 320), (32, 128), 128, "0a"), _v1("Mixed_5c", 384, (192, 384), (48, 128), 128)]


def _v3_5(name: str, second: list[str], last: int) -> Part:
    return name, [["Conv2d_0a_1x1 64"], second, ["Conv2d_0a_1x1 64", "Conv2d_0b_3x3 96", "Conv2d_0c_3x3 96"],
                  ["AvgPool_0a_3x3", f"Conv2d_0b_1x1 {last}"]]


def _v3_6(name: str, n: int) -> Part:
    return name, [["Conv2d_0a_1x1 192"], [f"Conv2d_0a_1x1 {n}", f"Conv2d_0b_1x7 {n}", "Conv2d_0c_7x1 192"],
                  [f"Conv2d_0a_1x1 {n}", f"Conv2d_0b_7x1 {n}", f"Conv2d_0c_1x7 {n}", f"Conv2d_0d_7x1 {n}", "Conv2d_0e_1x7 192"],
                  ["AvgPool_0a_3x3", "Conv2d_0b_1x1 192"]]


def _v3_7(name: str, second: str) -> Part:
    return name, [["Conv2d_0a_1x1 320"], ["Conv2d_0a_1x1 384", ("Conv2d_0b_1x3 384", f"{second} 384")],
                  ["Conv2d_0a_1x1 448", "Conv2d_0b_3x3 384", ("Conv2d_0c_1x3 384", "Conv2d_0d_3x1 384")],
                  ["AvgPool_0a_3x3", "Conv2d_0b_1x1 192"]]


_V3_STEM: list[Part] = [
    ("Conv2d_1a_3x3", " 32 s2"), ("Conv2d_2a_3x3", " 32"), ("Conv2d_2b_3x3", " 64"), ("MaxPool_3a_3x3", " s2"), ("Conv2d_3b_1x1", " 80"),
    ("Conv2d_4a_3x3", " 192"), ("MaxPool_5a_3x3", " s2")]
_V3: list[Part] = [
    _v3_5("Mixed_5b", ["Conv2d_0a_1x1 48", "Conv2d_0b_5x5 64"], 32), _v3_5("Mixed_5c", ["Conv2d_0b_1x1 48", "Conv_1_0c_5x5 64"], 64),
    _v3_5("Mixed_5d", ["Conv2d_0a_1x1 48", "Conv2d_0b_5x5 64"], 64),
    ("Mixed_6a", [["Conv2d_1a_1x1@3x3 384 s2 V"], ["Conv2d_0a_1x1 64", "Conv2d_0b_3x3 96", "Conv2d_1a_1x1@3x3 96 s2 V"],
                  ["MaxPool_1a_3x3 s2 V"]]),
    _v3_6("Mixed_6b", 128), _v3_6("Mixed_6c", 160), _v3_6("Mixed_6d", 160), _v3_6("Mixed_6e", 192),
    ("Mixed_7a", [["Conv2d_0a_1x1 192", "Conv2d_1a_3x3 320 s2 V"],
                  ["Conv2d_0a_1x1 192", "Conv2d_0b_1x7 192", "Conv2d_0c_7x1 192", "Conv2d_1a_3x3 192 s2 V"], ["MaxPool_1a_3x3 s2 V"]]),
    _v3_7("Mixed_7b", "Conv2d_0b_3x1"), _v3_7("Mixed_7c", "Conv2d_0c_3x1")]


@export(f"{_HOME}.inception_v1.inception_v1_base", f"{_HOME}.inception.inception_v1_base")
def inception_v1_base(inputs: Any, final_endpoint: str = "Mixed_5c", scope: Any = "InceptionV1") -> tuple[Any, dict[str, Any]]:
    """(the network up to final_endpoint, {name: end point}); ValueError for an end point that is not there."""
    found: dict[str, Any] = {}
    with tf.variable_scope(scope, "InceptionV1", [inputs]), \
            arg_scope([conv2d, fully_connected], weights_initializer=tf.truncated_normal_initializer(0.0, 0.01)), \
            arg_scope([conv2d, max_pool2d], stride=1, padding="SAME"):
        if not _base(_V1, inputs, final_endpoint, int, found):
            raise ValueError(f"Unknown final endpoint {final_endpoint}: one of {', '.join(found)}")
    return found[final_endpoint], found


@export(f"{_HOME}.inception_v1.inception_v1", f"{_HOME}.inception.inception_v1")
def inception_v1(inputs: Any, num_classes: int = 1000, is_training: Any = True, dropout_keep_prob: float = 0.8,
                 prediction_fn: Any = softmax, spatial_squeeze: bool = True, reuse: Any = None,
                 scope: Any = "InceptionV1") -> tuple[Any, dict[str, Any]]:
    """(logits, {name: end point}) of GoogLeNet, for images of 224 x 224."""
    with tf.variable_scope(scope, "InceptionV1", [inputs, num_classes], reuse=reuse) as sc, \
            arg_scope([batch_norm, dropout], is_training=is_training):
        net, found = inception_v1_base(inputs, scope=sc)
        with tf.variable_scope("Logits"):
            net = avg_pool2d(net, [7, 7], stride=1, scope="MaxPool_0a_7x7")
            net = dropout(net, dropout_keep_prob, scope="Dropout_0b")
            logits = conv2d(net, num_classes, [1, 1], activation_fn=None, normalizer_fn=None, scope="Conv2d_0c_1x1")
            if spatial_squeeze:
                logits = tf.squeeze(logits, [1, 2], name="SpatialSqueeze")
            found["Logits"] = logits
            found["Predictions"] = prediction_fn(logits, scope="Predictions")
    return logits, found


def _depth(multiplier: float, least: int) -> Callable[[int], int]:
    if multiplier <= 0:
        raise ValueError("depth_multiplier is not greater than zero.")
    return lambda depth: max(int(depth * multiplier), least)


@export(f"{_HOME}.inception_v3.inception_v3_base", f"{_HOME}.inception.inception_v3_base")
def inception_v3_base(inputs: Any, final_endpoint: str = "Mixed_7c", min_depth: int = 16, depth_multiplier: float = 1.0,
                      scope: Any = None) -> tuple[Any, dict[str, Any]]:
    """(the network up to final_endpoint, {name: end point}); each depth is multiplied, but at least min_depth."""
    depth = _depth(depth_multiplier, min_depth)
    found: dict[str, Any] = {}
    with tf.variable_scope(scope, "InceptionV3", [inputs]):
        with arg_scope([conv2d, max_pool2d, avg_pool2d], stride=1, padding="VALID"):
            done = _stem(inputs, final_endpoint, depth, found)
        if not done:
            with arg_scope([conv2d, max_pool2d, avg_pool2d], stride=1, padding="SAME"):
                if not _base(_V3, found["MaxPool_5a_3x3"], final_endpoint, depth, found):
                    raise ValueError(f"Unknown final endpoint {final_endpoint}: one of {', '.join(found)}")
    return found[final_endpoint], found


def _stem(inputs: Any, final_endpoint: str, depth: Callable[[int], int], found: dict[str, Any]) -> bool:
    """The parts without branches, of which one alone is padded."""
    if _base(_V3_STEM[:2], inputs, final_endpoint, depth, found):
        return True
    with arg_scope([conv2d], padding="SAME"):
        if _base(_V3_STEM[2:3], found["Conv2d_2a_3x3"], final_endpoint, depth, found):
            return True
    return _base(_V3_STEM[3:], found["Conv2d_2b_3x3"], final_endpoint, depth, found)


def _fitting(net: Any, kernel: int) -> list[int]:
    """A kernel no larger than the image."""
    sizes = net.shape.as_list()[1:3]
    return [kernel, kernel] if None in sizes else [min(size, kernel) for size in sizes]


@export(f"{_HOME}.inception_v3.inception_v3", f"{_HOME}.inception.inception_v3")
def inception_v3(inputs: Any, num_classes: int = 1000, is_training: Any = True, dropout_keep_prob: float = 0.8, min_depth: int = 16,
                 depth_multiplier: float = 1.0, prediction_fn: Any = softmax, spatial_squeeze: bool = True, reuse: Any = None,
                 create_aux_logits: bool = True, scope: Any = "InceptionV3") -> tuple[Any, dict[str, Any]]:
    """(logits, {name: end point}), for images of 299 x 299; AuxLogits is a second classifier that helps to train."""
    depth = _depth(depth_multiplier, min_depth)
    with tf.variable_scope(scope, "InceptionV3", [inputs, num_classes], reuse=reuse) as sc, \
            arg_scope([batch_norm, dropout], is_training=is_training):
        net, found = inception_v3_base(inputs, scope=sc, min_depth=min_depth, depth_multiplier=depth_multiplier)
        if create_aux_logits and num_classes:
            with arg_scope([conv2d, max_pool2d, avg_pool2d], stride=1, padding="SAME"), tf.variable_scope("AuxLogits"):
                found["AuxLogits"] = _auxiliary(found["Mixed_6e"], num_classes, depth, spatial_squeeze)
        with tf.variable_scope("Logits"):
            kernel = _fitting(net, 8)
            net = avg_pool2d(net, kernel, padding="VALID", scope=f"AvgPool_1a_{kernel[0]}x{kernel[1]}")
            net = found["PreLogits"] = dropout(net, keep_prob=dropout_keep_prob, scope="Dropout_1b")
            logits = conv2d(net, num_classes, [1, 1], activation_fn=None, normalizer_fn=None, scope="Conv2d_1c_1x1")
            if spatial_squeeze:
                logits = tf.squeeze(logits, [1, 2], name="SpatialSqueeze")
        found["Logits"] = logits
        found["Predictions"] = prediction_fn(logits, scope="Predictions")
    return logits, found


def _auxiliary(net: Any, num_classes: int, depth: Callable[[int], int], spatial_squeeze: bool) -> Any:
    net = avg_pool2d(net, [5, 5], stride=3, padding="VALID", scope="AvgPool_1a_5x5")
    net = conv2d(net, depth(128), [1, 1], scope="Conv2d_1b_1x1")
    kernel = _fitting(net, 5)
    net = conv2d(net, depth(768), kernel, weights_initializer=tf.truncated_normal_initializer(0.0, 0.01), padding="VALID",
                 scope=f"Conv2d_2a_{kernel[0]}x{kernel[1]}")
    net = conv2d(net, num_classes, [1, 1], activation_fn=None, normalizer_fn=None,
                 weights_initializer=tf.truncated_normal_initializer(0.0, 0.001), scope="Conv2d_2b_1x1")
    return tf.squeeze(net, [1, 2], name="SpatialSqueeze") if spatial_squeeze else net


def _scope(weight_decay: float, normalizer_fn: Any, normalizer_params: dict[str, Any]) -> Any:
    with arg_scope([conv2d, fully_connected], weights_regularizer=l2_regularizer(weight_decay)), \
            arg_scope([conv2d], weights_initializer=variance_scaling_initializer(), activation_fn=tf.nn.relu, normalizer_fn=normalizer_fn,
                      normalizer_params=normalizer_params) as scope:
        return scope


def _norm(collection: str, decay: float = 0.9997, epsilon: float = 0.001, updates: Any = tf.GraphKeys.UPDATE_OPS) -> dict[str, Any]:
    collections = {"beta": None, "gamma": None, "moving_mean": [collection], "moving_variance": [collection]}
    return {"decay": decay, "epsilon": epsilon, "updates_collections": updates, "variables_collections": collections}


@export(f"{_HOME}.inception_v1.inception_v1_arg_scope", f"{_HOME}.inception.inception_v1_arg_scope")
def inception_v1_arg_scope(weight_decay: float = 0.00004, use_batch_norm: bool = True,
                           batch_norm_var_collection: str = "moving_vars") -> Any:
    """The scope of defaults under which inception_v1 is made."""
    return _scope(weight_decay, batch_norm, _norm(batch_norm_var_collection)) if use_batch_norm else _scope(weight_decay, None, {})


@export(f"{_HOME}.inception_v3.inception_v3_arg_scope", f"{_HOME}.inception.inception_v3_arg_scope")
def inception_v3_arg_scope(weight_decay: float = 0.00004, batch_norm_var_collection: str = "moving_vars", batch_norm_decay: float = 0.9997,
                           batch_norm_epsilon: float = 0.001, updates_collections: Any = tf.GraphKeys.UPDATE_OPS,
                           use_fused_batchnorm: bool = True) -> Any:
    """The scope of defaults under which inception_v3 is made."""
    norm = _norm(batch_norm_var_collection, batch_norm_decay, batch_norm_epsilon, updates_collections)
    return _scope(weight_decay, batch_norm, {**norm, "fused": use_fused_batchnorm})


inception_v1.default_image_size = 224  # type: ignore[attr-defined]
inception_v3.default_image_size = 299  # type: ignore[attr-defined]
