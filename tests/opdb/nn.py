"""Rows of graphflow/ops/nn."""

from __future__ import annotations

import numpy as np

from . import FLOATING, HALF, error, row, sample, zeros
from ._raw import raw

I = "errors.InvalidArgumentError"
ALPHA = float(np.float32(0.2))      # attributes are float32
SCALE, SCALE_ALPHA = 1.0507009873554805, 1.7580993408473766
FLOAT32 = ("float32",)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def _places(n, k, s, d, padding):
    """Input index of the first tap of each window, for one axis."""
    reach = (k - 1) * d + 1
    if padding == "SAME":
        count = -(-n // s)
        return [i * s - max(0, (count - 1) * s + reach - n) // 2 for i in range(count)]
    return list(range(0, n - reach + 1, s))


def _windows(x, size, strides, padding, dilations=None):
    """(place of the output, [(tap, place in the input)...]) of every window, without batch and channels."""
    space = x.shape[1:-1]
    dilations = dilations or (1,) * len(size)
    starts = [_places(*each, padding) for each in zip(space, size, strides, dilations)]
    for out in np.ndindex(*[len(s) for s in starts]):
        inside = []
        for tap in np.ndindex(*size):
            at = tuple(s[o] + t * d for s, o, t, d in zip(starts, out, tap, dilations))
            if all(0 <= a < n for a, n in zip(at, space)):
                inside.append((tap, at))
        yield out, inside


def _outputs(x, size, strides, padding, dilations=None):
    return tuple(len(_places(*each, padding)) for each in zip(x.shape[1:-1], size, strides, dilations or (1,) * len(size)))


def _conv(x, w, strides, padding, dilations=None):
    size = w.shape[:-2]
    y = np.zeros((len(x), *_outputs(x, size, strides, padding, dilations), w.shape[-1]), x.dtype)
    for out, inside in _windows(x, size, strides, padding, dilations):
        for tap, at in inside:
            y[(slice(None), *out)] += x[(slice(None), *at)] @ w[tap]
    return y


def _depthwise(x, w, strides, padding):
    channels, many = w.shape[2:]
    y = np.zeros((len(x), *_outputs(x, w.shape[:2], strides, padding), channels * many), x.dtype)
    for out, inside in _windows(x, w.shape[:2], strides, padding):
        for tap, at in inside:
            y[(slice(None), *out)] += (x[(slice(None), *at)][:, :, None] * w[tap]).reshape(len(x), -1)
    return y


def _pool(x, size, strides, padding, function):
    y = np.zeros((len(x), *_outputs(x, size, strides, padding), x.shape[-1]), x.dtype)
    for out, inside in _windows(x, size, strides, padding):
        y[(slice(None), *out)] = function([x[(slice(None), *at)] for _, at in inside], axis=0)
    return y


def _linear_in(function, like, dy):
    """The gradient by an argument in which `function` is linear: its values at every unit array."""
    found = np.zeros(like.shape)
    for place in np.ndindex(*like.shape):
        unit = np.zeros(like.shape)
        unit[place] = 1
        found[place] = (function(unit) * dy).sum()
    return found


# ---- activations ------------------------------------------------------------------------------------------------------------

for name, op, reference, kinks in (
        ("relu", "Relu", lambda x: np.maximum(x, 0), (0.0,)), ("relu6", "Relu6", lambda x: np.clip(x, 0, 6), (0.0, 6.0)),
        ("elu", "Elu", lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), (0.0,)),
        ("selu", "Selu", lambda x: np.where(x > 0, SCALE * x, SCALE_ALPHA * np.expm1(np.minimum(x, 0))), (0.0,)),
        ("softplus", "Softplus", lambda x: np.log1p(np.exp(x)), ()),
        ("leaky_relu", "LeakyRelu", lambda x: np.where(x > 0, x, ALPHA * x), (0.0,)),
        ("softsign", "Softsign", lambda x: x / (1 + np.abs(x)), (0.0,))):
    row(op, f"nn.{name}", samples=lambda r: [sample(3 * r(3, 4)), sample(r())], reference=reference, kinks=kinks, second=op != "Softsign")
for op, reference in (("ReluGrad", lambda dy, x: dy * (x > 0)), ("Relu6Grad", lambda dy, x: dy * ((x > 0) & (x < 6))),
                      ("LeakyReluGrad", lambda dy, x: np.where(x > 0, dy, ALPHA * dy)), ("SoftplusGrad", lambda dy, x: dy * _sigmoid(x)),
                      ("SoftsignGrad", lambda dy, x: dy / (1 + np.abs(x)) ** 2)):
    row(op, lambda tf, dy, x, op=op: raw(tf, op, gradients=dy, features=x), name=op, samples=lambda r: [sample(r(3, 4), r(3, 4))],
        reference=reference, gradient=False)
for op, reference in (("EluGrad", lambda dy, y: np.where(y < 0, dy * (y + 1), dy)),
                      ("SeluGrad", lambda dy, y: np.where(y < 0, dy * (y + SCALE_ALPHA), dy * SCALE))):
    row(op, lambda tf, dy, y, op=op: raw(tf, op, gradients=dy, outputs=y), name=op, samples=lambda r: [sample(r(3, 4), r(3, 4))],
        reference=reference, gradient=False)
row("Relu", "nn.crelu", samples=lambda r: [sample(r(2, 3))], kinks=(0.0,), reference=lambda x: np.maximum(np.concatenate([x, -x], -1), 0))
row("Sigmoid", "nn.swish", samples=lambda r: [sample(r(2, 3))], reference=lambda x: x * _sigmoid(x),
    nodes="the nodes are those of TensorFlow 1.15; TensorFlow 2 adds beta")

# ---- softmax and cross entropies ---------------------------------------------------------------------------------------------

row("Softmax", "nn.softmax", samples=lambda r: [sample(r(3, 4)), sample(r(2, 3, 2), axis=1)], reference=lambda x, axis=-1: _softmax(x, axis),
    errors=[error(ValueError, "rank", np.float32(1.0))])
row("LogSoftmax", "nn.log_softmax", samples=lambda r: [sample(r(3, 4)), sample(r(2, 3, 2), axis=0)],
    reference=lambda x, axis=-1: np.log(_softmax(x, axis)))
row("SoftmaxCrossEntropyWithLogits", lambda tf, z, x: tf.nn.softmax_cross_entropy_with_logits_v2(tf.nn.softmax(z), x), second=False,
    name="softmax_cross_entropy_with_logits_v2", samples=lambda r: [sample(r(3, 4), r(3, 4))],
    reference=lambda z, x: -(_softmax(z) * np.log(_softmax(x))).sum(-1))
row("SoftmaxCrossEntropyWithLogits", lambda tf, z, x: tf.nn.softmax_cross_entropy_with_logits(labels=z, logits=x),
    name="softmax_cross_entropy_with_logits", gradient=False, samples=lambda r: [sample(r(3, 4), r(3, 4))],
    reference=lambda z, x: -(z * np.log(_softmax(x))).sum(-1))
row("SparseSoftmaxCrossEntropyWithLogits", lambda tf, x, z: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=z, logits=x),
    name="sparse_softmax_cross_entropy_with_logits", samples=lambda r: [sample(r(3, 4), np.int32([0, 3, 1]))],
    reference=lambda x, z: -np.log(_softmax(x))[np.arange(3), z],
    errors=[error(I, "outside the valid range", zeros(1, 2), np.int32([2]))])
row("Log1p", lambda tf, x, z: tf.nn.sigmoid_cross_entropy_with_logits(labels=z, logits=x), name="sigmoid_cross_entropy_with_logits",
    samples=lambda r: [sample(r(3, 4), r(3, 4))], reference=lambda x, z: np.log1p(np.exp(x)) - x * z, kinks=(0.0,))
row("Log1p", lambda tf, x, z: tf.nn.weighted_cross_entropy_with_logits(labels=z, logits=x, pos_weight=3.0), second=False, kinks=(0.0,),
    name="weighted_cross_entropy_with_logits", samples=lambda r: [sample(r(3, 4), r(3, 4))],
    reference=lambda x, z: 3 * z * np.log1p(np.exp(-x)) + (1 - z) * np.log1p(np.exp(x)))
row("Exp", "nn.log_poisson_loss", samples=lambda r: [sample(r(3), r(3))], reference=lambda z, c: np.exp(c) - c * z)

# ---- bias, norms -------------------------------------------------------------------------------------------------------------

row("BiasAdd", "nn.bias_add", samples=lambda r: [sample(r(2, 3), r(3)), sample(r(2, 2, 2, 3), r(3))], reference=lambda x, b: x + b,
    errors=[error(ValueError, "must be equal, but are 3 and 2", zeros(2, 3), zeros(2))])
row("BiasAddV1", lambda tf, x, b: raw(tf, "BiasAddV1", value=x, bias=b), name="BiasAddV1", samples=lambda r: [sample(r(2, 3), r(3))],
    reference=lambda x, b: x + b, gradient=False)
row("BiasAddGrad", lambda tf, dy: raw(tf, "BiasAddGrad", out_backprop=dy, data_format="NHWC"), name="BiasAddGrad",
    samples=lambda r: [sample(r(2, 3, 4))], reference=lambda dy: dy.sum((0, 1)))
row("L2Loss", "nn.l2_loss", samples=lambda r: [sample(r(3, 4))], reference=lambda x: (x ** 2).sum() / 2)
row("LRN", "nn.lrn", dtypes=FLOAT32, gradient=False, samples=lambda r: [sample(r(1, 2, 2, 5), 1, 1.0, 0.5, 0.75)],
    reference=lambda x, n, b, a, e: x * np.stack([b + a * (x[..., max(0, i - n):i + n + 1] ** 2).sum(-1) for i in range(5)], -1) ** -e,
    errors=[error(ValueError, "rank 4", zeros(2, 2))])
row("LRNGrad", lambda tf, dy, x: raw(tf, "LRNGrad", input_grads=dy, input_image=x, output_image=tf.nn.lrn(x, 1, 1.0, 0.5, 0.5), depth_radius=1,
                                     bias=1.0, alpha=0.5, beta=0.5), name="LRNGrad", dtypes=FLOAT32, gradient=False,
    samples=lambda r: [sample(r(1, 1, 2, 4), r(1, 1, 2, 4))], reference=None)


def _normalized(x, scale, offset, mean, variance, epsilon=0.001):
    return (x - mean) / np.sqrt(variance + epsilon) * scale + offset


def _trained(x, scale, offset):
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    count = x[..., 0].size
    return [_normalized(x, scale, offset, mean, variance), mean, variance * count / (count - 1)]


row("FusedBatchNormV3", lambda tf, x, s, o: list(tf.nn.fused_batch_norm(x, s, o)), name="fused_batch_norm in training", dtypes=FLOAT32,
    gradient=False, samples=lambda r: [sample(r(2, 3, 2, 4), r(4), r(4))], reference=_trained)
row("FusedBatchNormV3", lambda tf, x, s, o, m, v: tf.nn.fused_batch_norm(x, s, o, m, v, is_training=False)[0], dtypes=FLOAT32, gradient=False,
    name="fused_batch_norm in use", domain=(0.5, 2.0), samples=lambda r: [sample(r(2, 3, 2, 4), r(4), r(4), r(4), r(4))], reference=_normalized)
for op in ("FusedBatchNorm", "FusedBatchNormV2"):
    row(op, lambda tf, x, s, o, op=op: list(raw(tf, op, x=x, scale=s, offset=o, mean=tf.constant([], tf.float32), variance=tf.constant([], tf.float32),
                                               epsilon=0.001, exponential_avg_factor=1.0, data_format="NHWC", is_training=True))[:3],
        name=op, dtypes=FLOAT32, gradient=False, samples=lambda r: [sample(r(2, 3, 2, 4), r(4), r(4))], reference=_trained, nodes=False)


def _norm_gradient(dy, x, scale, mean, variance):
    root = 1 / np.sqrt(variance + 0.001)
    normal = (x - mean) * root
    count = x[..., 0].size
    dscale, doffset = (dy * normal).sum((0, 1, 2)), dy.sum((0, 1, 2))
    return [(dy - doffset / count - normal * dscale / count) * scale * root, dscale, doffset]


for op in ("FusedBatchNormGrad", "FusedBatchNormGradV2", "FusedBatchNormGradV3"):
    row(op, lambda tf, dy, x, s, m, v, op=op: list(raw(tf, op, y_backprop=dy, x=x, scale=s, reserve_space_1=m, reserve_space_2=v, epsilon=0.001,
                                                       data_format="NHWC", is_training=True,
                                                       **({"reserve_space_3": tf.constant(0.0)} if op[-1] == "3" else {})))[:3],
        name=op, dtypes=FLOAT32, gradient=False, domain=(0.5, 2.0), reference=_norm_gradient, nodes=False,
        samples=lambda r: [sample(r(2, 2, 2, 3), r(2, 2, 2, 3), r(3), r(3), r(3))])
row("Rsqrt", lambda tf, x, m, v, o, s: tf.nn.batch_normalization(x, m, v, o, s, 0.001), name="batch_normalization", domain=(0.5, 2.0),
    samples=lambda r: [sample(r(3, 4), r(4), r(4), r(4), r(4))], reference=lambda x, m, v, o, s: _normalized(x, s, o, m, v))
row("Mean", lambda tf, x: list(tf.nn.moments(x, [0])), name="moments", second=False, samples=lambda r: [sample(r(3, 4))],
    reference=lambda x: [x.mean(0), x.var(0)])
row("Rsqrt", "nn.l2_normalize", samples=lambda r: [sample(r(3, 4), 1)], reference=lambda x, a: x / np.sqrt((x ** 2).sum(a, keepdims=True)))

# ---- convolutions ------------------------------------------------------------------------------------------------------------

row("Conv2D", lambda tf, x, w, s, p: tf.nn.conv2d(x, w, [1, *s, 1], p), name="conv2d", dtypes=FLOATING + HALF,
    samples=lambda r: [sample(r(2, 5, 4, 3), r(3, 2, 3, 2), s, p) for s, p in (((1, 1), "SAME"), ((2, 1), "VALID"), ((2, 3), "SAME"))],
    reference=_conv, tolerance=8.0,
    errors=[error(ValueError, "is not a multiple of input depth of filter", zeros(1, 4, 4, 3), zeros(2, 2, 2, 1), (1, 1), "SAME"),
            error(ValueError, "Negative dimension size", zeros(1, 2, 2, 1), zeros(3, 3, 1, 1), (1, 1), "VALID")])
row("Conv2DBackpropInput", lambda tf, w, dy: tf.nn.conv2d_transpose(dy, w, [1, 4, 4, 2], [1, 2, 2, 1]), name="conv2d_transpose", tolerance=4.0,
    samples=lambda r: [sample(r(3, 3, 2, 3), r(1, 2, 2, 3))],
    reference=lambda w, dy: _linear_in(lambda x: _conv(x, w.astype(float), (2, 2), "SAME"), np.zeros((1, 4, 4, 2)), dy))
row("Conv2DBackpropFilter", lambda tf, x, dy: tf.nn.conv2d_backprop_filter(x, [2, 2, 2, 3], dy, [1, 1, 1, 1], "VALID"), tolerance=4.0,
    name="conv2d_backprop_filter", samples=lambda r: [sample(r(1, 3, 3, 2), r(1, 2, 2, 3))],
    reference=lambda x, dy: _linear_in(lambda w: _conv(x.astype(float), w, (1, 1), "VALID"), np.zeros((2, 2, 2, 3)), dy))
row("Conv3D", lambda tf, x, w, s, p: tf.nn.conv3d(x, w, [1, *s, 1], p), name="conv3d", tolerance=4.0, reference=_conv,
    samples=lambda r: [sample(r(1, 3, 4, 3, 2), r(2, 2, 1, 2, 2), (1, 2, 1), "SAME")])
row("Conv3DBackpropInputV2", lambda tf, w, dy: tf.nn.conv3d_transpose(dy, w, [1, 2, 4, 2, 2], [1, 1, 2, 1, 1]), name="conv3d_transpose",
    tolerance=4.0, samples=lambda r: [sample(r(2, 2, 1, 2, 2), r(1, 2, 2, 2, 2))],
    reference=lambda w, dy: _linear_in(lambda x: _conv(x, w.astype(float), (1, 2, 1), "SAME"), np.zeros((1, 2, 4, 2, 2)), dy))
row("Conv3DBackpropFilterV2", lambda tf, x, dy: tf.nn.conv3d_backprop_filter_v2(x, [2, 2, 1, 1, 2], dy, [1, 1, 1, 1, 1], "VALID"), tolerance=4.0,
    name="conv3d_backprop_filter_v2", samples=lambda r: [sample(r(1, 2, 3, 2, 1), r(1, 1, 2, 2, 2))],
    reference=lambda x, dy: _linear_in(lambda w: _conv(x.astype(float), w, (1, 1, 1), "VALID"), np.zeros((2, 2, 1, 1, 2)), dy))
row("DepthwiseConv2dNative", lambda tf, x, w, s, p: tf.nn.depthwise_conv2d_native(x, w, [1, *s, 1], p), name="depthwise_conv2d_native",
    samples=lambda r: [sample(r(2, 4, 5, 3), r(2, 3, 3, 2), (1, 1), "SAME"), sample(r(1, 5, 5, 2), r(3, 3, 2, 1), (2, 2), "VALID")],
    reference=_depthwise, tolerance=4.0)
row("DepthwiseConv2dNativeBackpropInput", lambda tf, w, dy: tf.nn.depthwise_conv2d_native_backprop_input([1, 3, 3, 2], w, dy, [1, 1, 1, 1], "SAME"),
    name="depthwise_conv2d_native_backprop_input", samples=lambda r: [sample(r(2, 2, 2, 2), r(1, 3, 3, 4))], tolerance=4.0,
    reference=lambda w, dy: _linear_in(lambda x: _depthwise(x, w.astype(float), (1, 1), "SAME"), np.zeros((1, 3, 3, 2)), dy))
row("DepthwiseConv2dNativeBackpropFilter", lambda tf, x, dy: tf.nn.depthwise_conv2d_native_backprop_filter(x, [2, 2, 2, 2], dy, [1, 1, 1, 1], "SAME"),
    name="depthwise_conv2d_native_backprop_filter", samples=lambda r: [sample(r(1, 3, 3, 2), r(1, 3, 3, 4))], tolerance=4.0,
    reference=lambda x, dy: _linear_in(lambda w: _depthwise(x.astype(float), w, (1, 1), "SAME"), np.zeros((2, 2, 2, 2)), dy))
row("Conv2D", "nn.conv1d", samples=lambda r: [sample(r(2, 5, 3), r(3, 3, 2), 2, "SAME")], tolerance=4.0,
    reference=lambda x, w, s, p: _conv(x, w, (s,), p))

# ---- pools -------------------------------------------------------------------------------------------------------------------

POOLS = (((2, 2), (2, 2), "SAME"), ((3, 2), (1, 2), "VALID"))
for name, op, function in (("max_pool", "MaxPool", np.max), ("avg_pool", "AvgPool", np.mean)):
    row(op, lambda tf, x, k, s, p, name=name: getattr(tf.nn, name)(x, [1, *k, 1], [1, *s, 1], p), name=name,
        samples=lambda r: [sample(r(2, 5, 4, 2), *each) for each in POOLS], reference=lambda x, k, s, p, f=function: _pool(x, k, s, p, f))
    row(f"{op}3D", lambda tf, x, k, name=name: getattr(tf.nn, name + "3d")(x, k, k, "SAME"), name=f"{name}3d", dtypes=FLOAT32, gradient=False,
        samples=lambda r: [sample(r(1, 3, 4, 3, 2), 2)], reference=lambda x, k, f=function: _pool(x, (k,) * 3, (k,) * 3, "SAME", f))
row("MaxPoolWithArgmax", lambda tf, x: list(tf.nn.max_pool_with_argmax(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")), name="max_pool_with_argmax",
    dtypes=FLOAT32, gradient=False, samples=lambda r: [sample(r(1, 2, 2, 1))],
    reference=lambda x: [x.max((1, 2), keepdims=True), np.int64(x.argmax()).reshape(1, 1, 1, 1)])


def _max_gradient(x, dy):
    dx = np.zeros(x.shape, dy.dtype)
    for out, inside in _windows(x, (2,) * (x.ndim - 2), (2,) * (x.ndim - 2), "VALID"):
        for n in range(len(x)):
            for c in range(x.shape[-1]):
                best = max((at for _, at in inside), key=lambda at: x[(n, *at, c)])
                dx[(n, *best, c)] += dy[(n, *out, c)]
    return dx


def _two(tf, op, axes, x, dy, **more):
    """A gradient op of a max pool with windows of 2 along each axis."""
    y = (tf.nn.max_pool if axes == 2 else tf.nn.max_pool3d)(x, [1, *[2] * axes, 1], [1, *[2] * axes, 1], "VALID")
    return raw(tf, op, orig_input=x, orig_output=y, grad=dy, ksize=[1, *[2] * axes, 1], strides=[1, *[2] * axes, 1], padding="VALID",
               data_format="NHWC" if axes == 2 else "NDHWC", **more)


row("MaxPoolGrad", lambda tf, x, dy: _two(tf, "MaxPoolGrad", 2, x, dy, explicit_paddings=[]), name="MaxPoolGrad", gradient=False, dtypes=FLOAT32,
    samples=lambda r: [sample(r(2, 4, 4, 2), r(2, 2, 2, 2))], reference=_max_gradient)
row("MaxPoolGradGrad", lambda tf, x, dx: _two(tf, "MaxPoolGradGrad", 2, x, dx), name="MaxPoolGradGrad", gradient=False, dtypes=FLOAT32,
    samples=lambda r: [sample(r(1, 4, 2, 2), r(1, 4, 2, 2))],
    reference=lambda x, dx: _linear_in(lambda dy: _max_gradient(x, dy), np.zeros((1, 2, 1, 2)), dx))
row("MaxPool3DGrad", lambda tf, x, dy: _two(tf, "MaxPool3DGrad", 3, x, dy), name="MaxPool3DGrad", gradient=False, dtypes=FLOAT32,
    samples=lambda r: [sample(r(1, 2, 4, 2, 2), r(1, 1, 2, 1, 2))], reference=_max_gradient)
row("MaxPool3DGradGrad", lambda tf, x, dx: _two(tf, "MaxPool3DGradGrad", 3, x, dx), name="MaxPool3DGradGrad", gradient=False, dtypes=FLOAT32,
    samples=lambda r: [sample(r(1, 2, 4, 2, 2), r(1, 2, 4, 2, 2))],
    reference=lambda x, dx: _linear_in(lambda dy: _max_gradient(x, dy), np.zeros((1, 1, 2, 1, 2)), dx))
for op, shape, out in (("AvgPoolGrad", (1, 4, 4, 2), (1, 2, 2, 2)), ("AvgPool3DGrad", (1, 2, 2, 4, 1), (1, 1, 1, 2, 1))):
    row(op, lambda tf, dy, op=op, shape=shape: raw(tf, op, orig_input_shape=list(shape), grad=dy, ksize=[1, *[2] * (len(shape) - 2), 1],
                                                   strides=[1, *[2] * (len(shape) - 2), 1], padding="VALID",
                                                   data_format="NHWC" if len(shape) == 4 else "NDHWC"),
        name=op, dtypes=FLOAT32, gradient=False, samples=lambda r, out=out: [sample(r(*out))],
        reference=lambda dy, shape=shape: _linear_in(
            lambda x: _pool(x, (2,) * (x.ndim - 2), (2,) * (x.ndim - 2), "VALID", np.mean), np.zeros(shape), dy))
row("MaxPoolGradWithArgmax", lambda tf, x, dy: raw(tf, "MaxPoolGradWithArgmax", input=x, grad=dy, argmax=np.int64([[[[3]]]]), ksize=[1, 2, 2, 1],
                                                   strides=[1, 2, 2, 1], padding="VALID", include_batch_in_index=False),
    name="MaxPoolGradWithArgmax", dtypes=FLOAT32, gradient=False, samples=lambda r: [sample(r(1, 2, 2, 1), r(1, 1, 1, 1))],
    reference=lambda x, dy: np.concatenate([np.zeros(3), dy.ravel()]).reshape(1, 2, 2, 1))

# ---- space, depth, morphology ------------------------------------------------------------------------------------------------

row("SpaceToDepth", "space_to_depth", samples=lambda r: [sample(r(1, 4, 2, 3), 2)],
    reference=lambda x, b: x.reshape(1, 2, 2, 1, 2, 3).transpose(0, 1, 3, 2, 4, 5).reshape(1, 2, 1, 12),
    errors=[error(ValueError, "evenly divisible by 2", zeros(1, 3, 2, 1), 2)])
row("DepthToSpace", "depth_to_space", samples=lambda r: [sample(r(1, 2, 1, 8), 2)],
    reference=lambda x, b: x.reshape(1, 2, 1, 2, 2, 2).transpose(0, 1, 3, 2, 4, 5).reshape(1, 4, 2, 2))
row("SpaceToBatchND", "space_to_batch_nd", samples=lambda r: [sample(r(1, 3, 2), [2], [[0, 1]])],
    reference=lambda x, b, p: np.pad(x, [(0, 0), (0, 1), (0, 0)]).reshape(2, 2, 2).transpose(1, 0, 2))
row("BatchToSpaceND", "batch_to_space_nd", samples=lambda r: [sample(r(2, 2, 2), [2], [[0, 1]])],
    reference=lambda x, b, c: x.transpose(1, 0, 2).reshape(1, 4, 2)[:, :3])


def _dilated(x, f):
    y = np.zeros((1, x.shape[1] - 1, x.shape[2] - 1, x.shape[3]))
    for out, inside in _windows(x, (2, 2), (1, 1), "VALID"):
        y[(slice(None), *out)] = np.max([x[(slice(None), *at)] + f[tap] for tap, at in inside], axis=0)
    return y


def _dilation_gradient(x, f, dy, which):
    found = np.zeros((x, f)[which].shape)
    for out, inside in _windows(x, (2, 2), (1, 1), "VALID"):
        for c in range(x.shape[-1]):
            tap, at = max(inside, key=lambda each: x[(0, *each[1], c)] + f[(*each[0], c)])
            found[(0, *at, c) if which == 0 else (*tap, c)] += dy[(0, *out, c)]
    return found


MORPH = {"strides": [1, 1, 1, 1], "rates": [1, 1, 1, 1], "padding": "VALID"}
row("Dilation2D", lambda tf, x, f: tf.nn.dilation2d(x, f, **MORPH), name="dilation2d", samples=lambda r: [sample(r(1, 3, 4, 2), r(2, 2, 2))],
    reference=_dilated, gradient=False)
for which, op in enumerate(("Dilation2DBackpropInput", "Dilation2DBackpropFilter")):
    row(op, lambda tf, x, f, dy, op=op: raw(tf, op, input=x, filter=f, out_backprop=dy, **MORPH), name=op, gradient=False,
        samples=lambda r: [sample(r(1, 3, 4, 2), r(2, 2, 2), r(1, 2, 3, 2))],
        reference=lambda x, f, dy, which=which: _dilation_gradient(x, f, dy, which))

# ---- choices and lookups -----------------------------------------------------------------------------------------------------

row("TopKV2", lambda tf, x, k: list(tf.nn.top_k(x, k)), name="top_k", gradient=False, samples=lambda r: [sample(r(3, 5), 2)],
    reference=lambda x, k: [-np.sort(-x, -1)[:, :k], np.argsort(-x, -1, kind="stable")[:, :k].astype(np.int32)],
    errors=[error(ValueError, "last dimension >= k = 3", zeros(2), 3)])
row("TopK", lambda tf, x, k: list(raw(tf, "TopK", input=x, k=k, sorted=True)), name="TopK", gradient=False, oracle="TensorFlow removed the op",
    samples=lambda r: [sample(r(3, 5), 2)],
    reference=lambda x, k: [-np.sort(-x, -1)[:, :k], np.argsort(-x, -1, kind="stable")[:, :k].astype(np.int32)], nodes=False)
IN_TOP = np.float32([[0.1, 0.5, 0.4], [0.7, 0.1, 0.2], [0.3, 0.3, 0.4]])
row("InTopKV2", "nn.in_top_k", dtypes=FLOAT32, gradient=False, samples=lambda r: [sample(IN_TOP, np.int32([2, 1, 0]), 2)],
    reference=lambda p, t, k: np.array([True, False, True]))
row("InTopK", lambda tf, p, t, k: raw(tf, "InTopK", predictions=p, targets=t, k=k), name="InTopK", dtypes=FLOAT32, gradient=False, nodes=False,
    samples=lambda r: [sample(IN_TOP, np.int32([2, 1, 0]), 2)], reference=lambda p, t, k: np.array([True, False, True]))
row("GatherV2", lambda tf, x: tf.nn.embedding_lookup(x, [2, 0, 2]), name="embedding_lookup", gradient=False, samples=lambda r: [sample(r(3, 2))],
    reference=lambda x: x[[2, 0, 2]])
row("ComputeAccidentalHits", lambda tf: list(tf.nn.compute_accidental_hits(np.int64([[3], [5]]), np.int64([5, 7, 3]), 1)), dtypes=FLOAT32,
    name="compute_accidental_hits", gradient=False, samples=lambda r: [sample()], nodes="the op's own seed is drawn by TensorFlow",
    reference=lambda: [np.int32([0, 1]), np.int64([2, 0]), np.full(2, -np.finfo(np.float32).max, np.float32)])

row("RealDiv", "nn.zero_fraction", dtypes=FLOAT32, gradient=False, samples=lambda r: [sample(np.float32([0.0, 1.0, 0.0, 2.0]))],
    reference=lambda x: np.float32(0.5), nodes="conds are Switch and Merge there; compared under control flow v2 (tests/ops/control_flow)")
