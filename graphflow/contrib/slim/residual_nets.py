"""Residual networks of tf.contrib.slim.nets: resnet_v1 (He et al., 2015) and resnet_v2, with normalization first (He et al., 2016)."""
from __future__ import annotations

from collections import namedtuple
from typing import Any

import graphflow as tf

from ...core.export import export
from ..framework.arg_scopes import add_arg_scope, arg_scope
from ..layers.batch_normalization import batch_norm
from ..layers.collecting import collect_named_outputs, convert_collection_to_dict
from ..layers.convolutions import convolution2d as conv2d
from ..layers.measures import last_dimension
from ..layers.penalties import l2_regularizer
from ..layers.pools import max_pool2d
from ..layers.random_initializers import variance_scaling_initializer
from ..layers.reshaping import softmax

_HOME = "contrib.slim.nets"


@export(f"{_HOME}.resnet_utils.Block")
class Block(namedtuple("Block", ["scope", "unit_fn", "args"])):
    """Units of one size: the scope's name, the function that makes a unit, and a dict of arguments for each."""


@export(f"{_HOME}.resnet_utils.subsample")
def subsample(inputs: Any, factor: int, scope: Any = None) -> Any:
    """Every factor-th pixel."""
    return inputs if factor == 1 else max_pool2d(inputs, [1, 1], stride=factor, scope=scope)


@export(f"{_HOME}.resnet_utils.conv2d_same")
def conv2d_same(inputs: Any, num_outputs: int, kernel_size: int, stride: int, rate: int = 1, scope: Any = None) -> Any:
    """A convolution whose padding does not depend on the size of the image: the same pixels for each of its strides."""
    if stride == 1:
        return conv2d(inputs, num_outputs, kernel_size, stride=1, rate=rate, padding="SAME", scope=scope)
    total = kernel_size + (kernel_size - 1) * (rate - 1) - 1
    edge = [total // 2, total - total // 2]
    inputs = tf.pad(inputs, [[0, 0], edge, edge, [0, 0]])
    return conv2d(inputs, num_outputs, kernel_size, stride=stride, rate=rate, padding="VALID", scope=scope)


@export(f"{_HOME}.resnet_utils.stack_blocks_dense")
@add_arg_scope
def stack_blocks_dense(net: Any, blocks: Any, output_stride: Any = None, outputs_collections: Any = None) -> Any:
    """All units of all blocks in turn. output_stride: where the strides have come so far, dilation takes their place.

    ValueError for an output_stride that no product of the strides is.
    """
    stride, rate = 1, 1
    for block in blocks:
        with tf.variable_scope(block.scope, "block", [net]) as sc:
            for i, unit in enumerate(block.args):
                if output_stride is not None and stride > output_stride:
                    raise ValueError("The target output_stride cannot be reached.")
                with tf.variable_scope(f"unit_{i + 1}", values=[net]):
                    own = unit.get("stride", 1)
                    if output_stride is not None and stride == output_stride:
                        net = block.unit_fn(net, rate=rate, **{**unit, "stride": 1})
                        rate *= own
                    else:
                        net = block.unit_fn(net, rate=1, **unit)
                        stride *= own
            net = collect_named_outputs(outputs_collections, sc.name, net)
    if output_stride is not None and stride != output_stride:
        raise ValueError("The target output_stride cannot be reached.")
    return net


@export(*(f"{_HOME}.{module}.resnet_arg_scope" for module in ("resnet_utils", "resnet_v1", "resnet_v2")))
def resnet_arg_scope(weight_decay: float = 0.0001, batch_norm_decay: float = 0.997, batch_norm_epsilon: float = 1e-5,
                     batch_norm_scale: bool = True) -> Any:
    """The scope of defaults under which residual networks are made."""
    norm = {"decay": batch_norm_decay, "epsilon": batch_norm_epsilon, "scale": batch_norm_scale,
            "updates_collections": tf.GraphKeys.UPDATE_OPS}
    with arg_scope([conv2d], weights_regularizer=l2_regularizer(weight_decay), weights_initializer=variance_scaling_initializer(),
                   activation_fn=tf.nn.relu, normalizer_fn=batch_norm, normalizer_params=norm), \
            arg_scope([batch_norm], **norm), arg_scope([max_pool2d], padding="SAME") as scope:
        return scope


@export(f"{_HOME}.resnet_v1.bottleneck")
@add_arg_scope
def bottleneck_v1(inputs: Any, depth: int, depth_bottleneck: int, stride: int, rate: int = 1, outputs_collections: Any = None,
                  scope: Any = None) -> Any:
    """relu(shortcut + convolutions 1 x 1, 3 x 3, 1 x 1)."""
    with tf.variable_scope(scope, "bottleneck_v1", [inputs]) as sc:
        if depth == last_dimension(inputs.shape, min_rank=4):
            shortcut = subsample(inputs, stride, "shortcut")
        else:
            shortcut = conv2d(inputs, depth, [1, 1], stride=stride, activation_fn=None, scope="shortcut")
        net = conv2d(inputs, depth_bottleneck, [1, 1], stride=1, scope="conv1")
        net = conv2d_same(net, depth_bottleneck, 3, stride, rate=rate, scope="conv2")
        net = conv2d(net, depth, [1, 1], stride=1, activation_fn=None, scope="conv3")
        return collect_named_outputs(outputs_collections, sc.name, tf.nn.relu(shortcut + net))


@export(f"{_HOME}.resnet_v2.bottleneck")
@add_arg_scope
def bottleneck_v2(inputs: Any, depth: int, depth_bottleneck: int, stride: int, rate: int = 1, outputs_collections: Any = None,
                  scope: Any = None) -> Any:
    """shortcut + convolutions 1 x 1, 3 x 3, 1 x 1 of normalized inputs."""
    with tf.variable_scope(scope, "bottleneck_v2", [inputs]) as sc:
        first = batch_norm(inputs, activation_fn=tf.nn.relu, scope="preact")
        if depth == last_dimension(inputs.shape, min_rank=4):
            shortcut = subsample(inputs, stride, "shortcut")
        else:
            shortcut = conv2d(first, depth, [1, 1], stride=stride, normalizer_fn=None, activation_fn=None, scope="shortcut")
        net = conv2d(first, depth_bottleneck, [1, 1], stride=1, scope="conv1")
        net = conv2d_same(net, depth_bottleneck, 3, stride, rate=rate, scope="conv2")
        net = conv2d(net, depth, [1, 1], stride=1, normalizer_fn=None, activation_fn=None, scope="conv3")
        return collect_named_outputs(outputs_collections, sc.name, shortcut + net)


def _resnet(version: int, inputs: Any, blocks: Any, num_classes: int | None, is_training: Any, global_pool: bool, output_stride: Any,
            include_root_block: bool, reuse: Any, scope: Any) -> tuple[Any, Any]:
    with tf.variable_scope(scope, f"resnet_v{version}", [inputs], reuse=reuse) as sc:
        ends = f"{sc.original_name_scope}_end_points"
        unit = bottleneck_v1 if version == 1 else bottleneck_v2
        with arg_scope([conv2d, unit, stack_blocks_dense], outputs_collections=ends), arg_scope([batch_norm], is_training=is_training):
            net = inputs
            if include_root_block:
                if output_stride is not None:
                    if output_stride % 4 != 0:
                        raise ValueError("The output_stride needs to be a multiple of 4.")
                    output_stride = output_stride // 4
                with arg_scope([conv2d], **({} if version == 1 else {"activation_fn": None, "normalizer_fn": None})):
                    net = conv2d_same(net, 64, 7, stride=2, scope="conv1")
                net = max_pool2d(net, [3, 3], stride=2, scope="pool1")
            net = stack_blocks_dense(net, blocks, output_stride)
            if version == 2:
                net = batch_norm(net, activation_fn=tf.nn.relu, scope="postnorm")
            if global_pool:
                net = tf.reduce_mean(net, [1, 2], name="pool5", keepdims=True)
            if num_classes is not None:
                net = conv2d(net, num_classes, [1, 1], activation_fn=None, normalizer_fn=None, scope="logits")
            end_points = convert_collection_to_dict(ends)
            if num_classes is not None:
                end_points["predictions"] = softmax(net, scope="predictions")
            return net, end_points


@export(f"{_HOME}.resnet_v1.resnet_v1")
def resnet_v1(inputs: Any, blocks: Any, num_classes: int | None = None, is_training: Any = True, global_pool: bool = True,
              output_stride: Any = None, include_root_block: bool = True, reuse: Any = None, scope: Any = None) -> tuple[Any, Any]:
    """(the network of these blocks, {name: end point}). num_classes None: without logits. output_stride: see stack_blocks_dense."""
    return _resnet(1, inputs, blocks, num_classes, is_training, global_pool, output_stride, include_root_block, reuse, scope)


@export(f"{_HOME}.resnet_v2.resnet_v2")
def resnet_v2(inputs: Any, blocks: Any, num_classes: int | None = None, is_training: Any = True, global_pool: bool = True,
              output_stride: Any = None, include_root_block: bool = True, reuse: Any = None, scope: Any = None) -> tuple[Any, Any]:
    """resnet_v1 with normalization in front of each convolution."""
    return _resnet(2, inputs, blocks, num_classes, is_training, global_pool, output_stride, include_root_block, reuse, scope)


def _block(unit: Any, scope: str, base_depth: int, num_units: int, stride: int) -> Block:
    sizes = {"depth": base_depth * 4, "depth_bottleneck": base_depth}
    return Block(scope, unit, [{**sizes, "stride": 1}] * (num_units - 1) + [{**sizes, "stride": stride}])


@export(f"{_HOME}.resnet_v1.resnet_v1_block")
def resnet_v1_block(scope: str, base_depth: int, num_units: int, stride: int) -> Block:
    """num_units units of depth 4 base_depth, the last one with the stride."""
    return _block(bottleneck_v1, scope, base_depth, num_units, stride)


@export(f"{_HOME}.resnet_v2.resnet_v2_block")
def resnet_v2_block(scope: str, base_depth: int, num_units: int, stride: int) -> Block:
    """num_units units of depth 4 base_depth, the last one with the stride."""
    return _block(bottleneck_v2, scope, base_depth, num_units, stride)


def _blocks(make: Any, *units: int) -> list[Block]:
    return [make(f"block{i + 1}", 64 * 2 ** i, count, 1 if i == 3 else 2) for i, count in enumerate(units)]


@export(f"{_HOME}.resnet_v1.resnet_v1_50")
def resnet_v1_50(inputs: Any, num_classes: int | None = None, is_training: Any = True, global_pool: bool = True,
                 output_stride: Any = None, reuse: Any = None, scope: Any = "resnet_v1_50") -> tuple[Any, Any]:
    """resnet_v1 of 50 layers: units 3, 4, 6, 3."""
    blocks = _blocks(resnet_v1_block, 3, 4, 6, 3)
    return resnet_v1(inputs, blocks, num_classes, is_training, global_pool, output_stride, True, reuse, scope)


@export(f"{_HOME}.resnet_v1.resnet_v1_101")
def resnet_v1_101(inputs: Any, num_classes: int | None = None, is_training: Any = True, global_pool: bool = True,
                  output_stride: Any = None, reuse: Any = None, scope: Any = "resnet_v1_101") -> tuple[Any, Any]:
    """resnet_v1 of 101 layers: units 3, 4, 23, 3."""
    blocks = _blocks(resnet_v1_block, 3, 4, 23, 3)
    return resnet_v1(inputs, blocks, num_classes, is_training, global_pool, output_stride, True, reuse, scope)


@export(f"{_HOME}.resnet_v1.resnet_v1_152")
def resnet_v1_152(inputs: Any, num_classes: int | None = None, is_training: Any = True, global_pool: bool = True,
                  output_stride: Any = None, reuse: Any = None, scope: Any = "resnet_v1_152") -> tuple[Any, Any]:
    """resnet_v1 of 152 layers: units 3, 8, 36, 3."""
    blocks = _blocks(resnet_v1_block, 3, 8, 36, 3)
    return resnet_v1(inputs, blocks, num_classes, is_training, global_pool, output_stride, True, reuse, scope)


@export(f"{_HOME}.resnet_v1.resnet_v1_200")
def resnet_v1_200(inputs: Any, num_classes: int | None = None, is_training: Any = True, global_pool: bool = True,
                  output_stride: Any = None, reuse: Any = None, scope: Any = "resnet_v1_200") -> tuple[Any, Any]:
    """resnet_v1 of 200 layers: units 3, 24, 36, 3."""
    blocks = _blocks(resnet_v1_block, 3, 24, 36, 3)
    return resnet_v1(inputs, blocks, num_classes, is_training, global_pool, output_stride, True, reuse, scope)


@export(f"{_HOME}.resnet_v2.resnet_v2_50")
def resnet_v2_50(inputs: Any, num_classes: int | None = None, is_training: Any = True, global_pool: bool = True,
                 output_stride: Any = None, reuse: Any = None, scope: Any = "resnet_v2_50") -> tuple[Any, Any]:
    """resnet_v2 of 50 layers: units 3, 4, 6, 3."""
    blocks = _blocks(resnet_v2_block, 3, 4, 6, 3)
    return resnet_v2(inputs, blocks, num_classes, is_training, global_pool, output_stride, True, reuse, scope)


@export(f"{_HOME}.resnet_v2.resnet_v2_101")
def resnet_v2_101(inputs: Any, num_classes: int | None = None, is_training: Any = True, global_pool: bool = True,
                  output_stride: Any = None, reuse: Any = None, scope: Any = "resnet_v2_101") -> tuple[Any, Any]:
    """resnet_v2 of 101 layers: units 3, 4, 23, 3."""
    blocks = _blocks(resnet_v2_block, 3, 4, 23, 3)
    return resnet_v2(inputs, blocks, num_classes, is_training, global_pool, output_stride, True, reuse, scope)


@export(f"{_HOME}.resnet_v2.resnet_v2_152")
def resnet_v2_152(inputs: Any, num_classes: int | None = None, is_training: Any = True, global_pool: bool = True,
                  output_stride: Any = None, reuse: Any = None, scope: Any = "resnet_v2_152") -> tuple[Any, Any]:
    """resnet_v2 of 152 layers: units 3, 8, 36, 3."""
    blocks = _blocks(resnet_v2_block, 3, 8, 36, 3)
    return resnet_v2(inputs, blocks, num_classes, is_training, global_pool, output_stride, True, reuse, scope)


@export(f"{_HOME}.resnet_v2.resnet_v2_200")
def resnet_v2_200(inputs: Any, num_classes: int | None = None, is_training: Any = True, global_pool: bool = True,
                  output_stride: Any = None, reuse: Any = None, scope: Any = "resnet_v2_200") -> tuple[Any, Any]:
    """resnet_v2 of 200 layers: units 3, 24, 36, 3."""
    blocks = _blocks(resnet_v2_block, 3, 24, 36, 3)
    return resnet_v2(inputs, blocks, num_classes, is_training, global_pool, output_stride, True, reuse, scope)


_NETS: list[Any] = [resnet_v1, resnet_v1_50, resnet_v1_101, resnet_v1_152, resnet_v1_200, resnet_v2, resnet_v2_50, resnet_v2_101,
                    resnet_v2_152, resnet_v2_200]
for _net in _NETS:
    _net.default_image_size = 224
