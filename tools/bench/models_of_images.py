"""Models of images that nobody tuned for: a training step each, on batches of numbers. The loss is the first of what a step gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.bench.common import Step, Workload, rand, trained


def images(tf: Any, small: bool, side: int = 32, channels: int = 3, batch: int = 32) -> tuple[Any, dict[Any, Any], int]:
    """A placeholder for images, what it is fed, and how many images that are."""
    count = 2 if small else batch
    x = tf.placeholder(tf.float32, [None, side, side, channels])
    return x, {x: rand(count, side, side, channels)}, count


def classified(tf: Any, features: Any, feed: dict[Any, Any], count: int, optimizer: Any) -> Step:
    """A step of a classifier of ten classes on features [batch, n]."""
    labels = tf.placeholder(tf.int32, [None])
    logits = tf.layers.dense(features, 10)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
    return trained(tf, loss, optimizer, {**feed, labels: np.arange(count) % 10})


def normed(tf: Any, x: Any, activation: Any = None) -> Any:
    x = tf.layers.batch_normalization(x, training=True)
    return x if activation is None else activation(x)


def residual(tf: Any, small: bool) -> Step:
    """ResNet for 32 x 32 images: three stages of two blocks with batch normalisation (He et al., 2015)."""
    x, feed, count = images(tf, small)
    h = normed(tf, tf.layers.conv2d(x, 16, 3, padding="same", use_bias=False), tf.nn.relu)
    for stage in range(3):
        for block in range(2):
            stride, width = 2 if stage and not block else 1, 16 << stage
            y = normed(tf, tf.layers.conv2d(h, width, 3, stride, "same", use_bias=False), tf.nn.relu)
            y = normed(tf, tf.layers.conv2d(y, width, 3, padding="same", use_bias=False))
            h = tf.nn.relu(y + (tf.layers.conv2d(h, width, 1, stride, "same", use_bias=False) if stride == 2 else h))
    return classified(tf, tf.reduce_mean(h, [1, 2]), feed, count, tf.train.MomentumOptimizer(0.01, 0.9))


def autoencoder(tf: Any, small: bool) -> Step:
    """Convolutions down to 7 x 7 x 16 and transposed ones back."""
    x, feed, _ = images(tf, small, 28, 1, 64)
    h = tf.layers.conv2d(x, 16, 3, 2, "same", activation=tf.nn.relu)
    h = tf.layers.conv2d(h, 16, 3, 2, "same", activation=tf.nn.relu)
    h = tf.layers.conv2d_transpose(h, 16, 3, 2, "same", activation=tf.nn.relu)
    return trained(tf, tf.reduce_mean(tf.square(tf.layers.conv2d_transpose(h, 1, 3, 2, "same") - x)), tf.train.AdamOptimizer(1e-3), feed)


def dcgan(tf: Any, small: bool) -> Step:
    """Both networks of a GAN for 28 x 28 images, a step each (Radford et al., 2015)."""
    x, feed, count = images(tf, small, 28, 1, 32)
    z = tf.placeholder(tf.float32, [None, 100])
    with tf.variable_scope("g"):
        h = tf.nn.relu(normed(tf, tf.reshape(tf.layers.dense(z, 7 * 7 * 64), [-1, 7, 7, 64])))
        h = normed(tf, tf.layers.conv2d_transpose(h, 32, 5, 2, "same"), tf.nn.relu)
        made = tf.tanh(tf.layers.conv2d_transpose(h, 1, 5, 2, "same"))

    def judged(picture: Any) -> Any:
        with tf.variable_scope("d", reuse=tf.AUTO_REUSE):
            h = tf.nn.leaky_relu(tf.layers.conv2d(picture, 32, 5, 2, "same", name="a"))
            h = tf.nn.leaky_relu(tf.layers.conv2d(h, 64, 5, 2, "same", name="b"))
            return tf.layers.dense(tf.layers.flatten(h), 1, name="c")

    def wanted(logits: Any, real: float) -> Any:
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=tf.zeros_like(logits) + real))

    true, false = judged(x), judged(made)
    losses = {"d": wanted(true, 1.0) + wanted(false, 0.0), "g": wanted(false, 1.0)}
    steps = [tf.train.AdamOptimizer(2e-4, 0.5).minimize(loss, var_list=tf.trainable_variables(name)) for name, loss in losses.items()]
    return trained(tf, losses["d"], steps, {**feed, z: rand(count, 100)})


def vae(tf: Any, small: bool) -> Step:
    """A variational autoencoder 784-256-20-256-784 (Kingma and Welling, 2013)."""
    x = tf.placeholder(tf.float32, [None, 784])
    h = tf.layers.dense(x, 256, tf.nn.relu)
    mean, log_variance = tf.layers.dense(h, 20), tf.layers.dense(h, 20)
    z = mean + tf.exp(log_variance / 2) * tf.random_normal(tf.shape(mean), seed=3)
    logits = tf.layers.dense(tf.layers.dense(z, 256, tf.nn.relu), 784)
    seen = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits), 1)
    told = 0.5 * tf.reduce_sum(tf.square(mean) + tf.exp(log_variance) - log_variance - 1, 1)
    return trained(tf, tf.reduce_mean(seen + told), tf.train.AdamOptimizer(1e-3), {x: abs(rand(4 if small else 100, 784)) % 1})


def unet(tf: Any, small: bool) -> Step:
    """Two levels down and up, with what was seen on the way down beside (Ronneberger et al., 2015)."""
    x, feed, count = images(tf, small, 32, 3, 16)
    mask, kept, h = tf.placeholder(tf.float32, [None, 32, 32, 1]), [], x
    for width in (16, 32):
        h = tf.layers.conv2d(tf.layers.conv2d(h, width, 3, padding="same", activation=tf.nn.relu), width, 3, padding="same",
                             activation=tf.nn.relu)
        kept.append(h)
        h = tf.layers.max_pooling2d(h, 2, 2)
    h = tf.layers.conv2d(h, 64, 3, padding="same", activation=tf.nn.relu)
    for width in (32, 16):
        h = tf.concat([tf.layers.conv2d_transpose(h, width, 2, 2), kept.pop()], 3)
        h = tf.layers.conv2d(h, width, 3, padding="same", activation=tf.nn.relu)
    loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=mask, logits=tf.layers.conv2d(h, 1, 1)))
    return trained(tf, loss, tf.train.AdamOptimizer(1e-3), {**feed, mask: (rand(count, 32, 32, 1) > 0).astype(np.float32)})


def depthwise(tf: Any, x: Any, size: int, stride: int = 1) -> Any:
    name = f"depthwise_{len(tf.global_variables())}"
    return tf.nn.depthwise_conv2d(x, tf.get_variable(name, [size, size, x.shape[3], 1]), [1, stride, stride, 1], "SAME")


def mobilenet(tf: Any, small: bool) -> Step:
    """Four blocks of a depthwise and a 1 x 1 convolution (Howard et al., 2017)."""
    x, feed, count = images(tf, small)
    h = normed(tf, tf.layers.conv2d(x, 16, 3, 2, "same", use_bias=False), tf.nn.relu6)
    for width, stride in ((32, 1), (64, 2), (64, 1), (128, 2)):
        h = normed(tf, depthwise(tf, h, 3, stride), tf.nn.relu6)
        h = normed(tf, tf.layers.conv2d(h, width, 1, use_bias=False), tf.nn.relu6)
    return classified(tf, tf.reduce_mean(h, [1, 2]), feed, count, tf.train.RMSPropOptimizer(1e-3))


def efficientnet(tf: Any, small: bool) -> Step:
    """Two inverted bottlenecks with squeeze and excitation (Tan and Le, 2019)."""
    x, feed, count = images(tf, small)
    h = tf.nn.swish(normed(tf, tf.layers.conv2d(x, 16, 3, 2, "same", use_bias=False)))
    for _ in range(2):
        y = tf.nn.swish(normed(tf, tf.layers.conv2d(h, 64, 1, use_bias=False)))
        y = tf.nn.swish(normed(tf, depthwise(tf, y, 5)))
        gate = tf.layers.conv2d(tf.reduce_mean(y, [1, 2], keepdims=True), 4, 1, activation=tf.nn.swish)
        h = h + normed(tf, tf.layers.conv2d(y * tf.layers.conv2d(gate, 64, 1, activation=tf.sigmoid), 16, 1, use_bias=False))
    return classified(tf, tf.reduce_mean(h, [1, 2]), feed, count, tf.train.RMSPropOptimizer(1e-3))


def inception(tf: Any, small: bool) -> Step:
    """Two blocks of four branches side by side (Szegedy et al., 2014)."""
    x, feed, count = images(tf, small, 28, 1)
    h = tf.layers.max_pooling2d(tf.layers.conv2d(x, 32, 5, padding="same", activation=tf.nn.relu), 2, 2)
    for _ in range(2):
        branches = [tf.layers.conv2d(h, 16, 1, activation=tf.nn.relu)]
        for width, size in ((24, 3), (8, 5)):
            inner = tf.layers.conv2d(h, 16, 1, activation=tf.nn.relu)
            branches.append(tf.layers.conv2d(inner, width, size, padding="same", activation=tf.nn.relu))
        branches.append(tf.layers.conv2d(tf.layers.max_pooling2d(h, 3, 1, "same"), 16, 1, activation=tf.nn.relu))
        h = tf.concat(branches, 3)
    return classified(tf, tf.reduce_mean(h, [1, 2]), feed, count, tf.train.AdamOptimizer(1e-3))


def capsules(tf: Any, small: bool) -> Step:
    """Capsules with three rounds of routing by agreement, margin loss (Sabour et al., 2017)."""
    x, feed, count = images(tf, small, 28, 1, 16)

    def squashed(s: Any) -> Any:
        square = tf.reduce_sum(tf.square(s), -1, keepdims=True)
        return s * tf.sqrt(square + 1e-9) / (1 + square)

    h = tf.layers.conv2d(x, 32, 9, 2, activation=tf.nn.relu)
    u = squashed(tf.reshape(tf.layers.conv2d(h, 32, 5, 2), [-1, 36, 1, 8, 1]))
    w = tf.get_variable("w", [1, 36, 10, 16, 8], initializer=tf.truncated_normal_initializer(stddev=0.1, seed=5))
    said = tf.reduce_sum(w * tf.transpose(u, [0, 1, 2, 4, 3]), 4)
    logits, v = tf.zeros([tf.shape(x)[0], 36, 10, 1]), None
    for turn in range(3):
        votes = said if turn == 2 else tf.stop_gradient(said)
        v = squashed(tf.reduce_sum(tf.nn.softmax(logits, 2) * votes, 1, keepdims=True))
        logits += tf.reduce_sum(votes * v, 3, keepdims=True)
    length = tf.sqrt(tf.reduce_sum(tf.square(v), [1, 3]) + 1e-9)
    labels = tf.one_hot(np.arange(count) % 10, 10)
    margin = labels * tf.square(tf.maximum(0.0, 0.9 - length)) + 0.5 * (1 - labels) * tf.square(tf.maximum(0.0, length - 0.1))
    return trained(tf, tf.reduce_mean(tf.reduce_sum(margin, 1)), tf.train.AdamOptimizer(1e-3), feed)


IMAGES = (
    Workload("residual", residual, "residual blocks with batch normalisation, 32 images of 32 x 32"),
    Workload("autoencoder", autoencoder, "convolutions and transposed ones, 64 images of 28 x 28"),
    Workload("dcgan", dcgan, "both networks of a GAN, 32 images of 28 x 28"),
    Workload("vae", vae, "784-256-20-256-784, batch 100"),
    Workload("unet", unet, "two levels, 16 images of 32 x 32"),
    Workload("mobilenet", mobilenet, "four depthwise blocks, 32 images of 32 x 32"),
    Workload("efficientnet", efficientnet, "two bottlenecks with squeeze and excitation, 32 images"),
    Workload("inception", inception, "two blocks of four branches, 32 images of 28 x 28"),
    Workload("capsules", capsules, "36 capsules to 10, three rounds of routing, 16 images"),
)
