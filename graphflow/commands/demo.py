"""Train a digit classifier on images that ship with graphflow.

A convolutional network (5x5x16, 5x5x36, 128 neurons) learns 5,500 MNIST digits and is tested on 1,000 others; about half a minute.
It leaves a log folder for `graphflow view` and a folder with checkpoints.

example:
  graphflow demo
  graphflow demo --epochs 20
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
from typing import Any

import numpy as np

from graphflow.commands.arguments import count
from graphflow.datasets import mnist, mnist_files

SHADES = " .:-=+*#%@"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--epochs", type=count, default=6, help="rounds over the training images (default: 6)")
    parser.add_argument("--batch", type=count, default=64, help="images per step (default: 64)")
    parser.add_argument("--output", default="graphflow-demo", help="folder for logs and checkpoints (default: graphflow-demo)")
    parser.add_argument("--small", action="store_true", help="a short run on few images, to see that everything works")


def network(tf: Any) -> dict[str, Any]:
    """Placeholders, training op, loss, accuracy and predictions of the network, in the default graph."""
    images = tf.placeholder(tf.float32, [None, 784], name="images")
    labels = tf.placeholder(tf.int64, [None], name="labels")
    keep = tf.placeholder_with_default(1.0, [], name="keep")
    h, channels = tf.reshape(images, [-1, 28, 28, 1]), 1
    for layer, filters in enumerate((16, 36), start=1):
        with tf.variable_scope(f"conv{layer}"):
            kernel = tf.get_variable("kernel", [5, 5, channels, filters], initializer=tf.truncated_normal_initializer(stddev=0.05))
            bias = tf.get_variable("bias", [filters], initializer=tf.constant_initializer(0.05))
            h = tf.nn.conv2d(h, kernel, strides=[1, 1, 1, 1], padding="SAME")
            h = tf.nn.max_pool(tf.nn.bias_add(h, bias), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
            h, channels = tf.nn.relu(h), filters
    h = tf.reshape(h, [-1, 7 * 7 * 36])
    h = tf.nn.dropout(tf.nn.relu(dense(tf, "hidden", h, 7 * 7 * 36, 128)), keep_prob=keep)
    logits = dense(tf, "output", h, 128, 10)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits), name="loss")
    predictions = tf.argmax(logits, 1, name="predictions")
    accuracy = tf.reduce_mean(tf.cast(tf.equal(predictions, labels), tf.float32), name="accuracy")
    step = tf.train.get_or_create_global_step()
    train = tf.train.AdamOptimizer(1e-3).minimize(loss, global_step=step)
    return {
        "images": images, "labels": labels, "keep": keep, "loss": loss, "train": train,
        "accuracy": accuracy, "predictions": predictions, "step": step,
    }    # fmt: skip


def dense(tf: Any, name: str, x: Any, n_in: int, n_out: int) -> Any:
    """A fully connected layer without its activation."""
    with tf.variable_scope(name):
        kernel = tf.get_variable("kernel", [n_in, n_out], initializer=tf.truncated_normal_initializer(stddev=0.05))
        bias = tf.get_variable("bias", [n_out], initializer=tf.constant_initializer(0.05))
        return tf.matmul(x, kernel) + bias


def main(args: argparse.Namespace) -> int:
    """Trains, shows progress, accuracy and a few test digits."""
    tf: Any = importlib.import_module("graphflow")

    begin = time.perf_counter()
    digits = mnist_files.shipped()
    cut = 500 if args.small else 5500
    train = mnist.DataSet(digits.x_train[:cut, ..., None], digits.y_train[:cut], seed=1)
    test = mnist.DataSet(digits.x_test[..., None], digits.y_test)
    epochs = 1 if args.small else args.epochs
    print(f"graphflow {tf.__version__}: {train.num_examples} digits to learn, {test.num_examples} to be tested on; {epochs} epochs")
    logs, checkpoints = os.path.join(args.output, "logs"), os.path.join(args.output, "checkpoints")
    os.makedirs(checkpoints, exist_ok=True)
    with tf.Graph().as_default(), tf.Session() as sess:
        tf.set_random_seed(1)
        net = network(tf)
        add_summaries(tf, net)
        saver = tf.train.Saver()
        writer = tf.summary.FileWriter(os.path.join(logs, time.strftime("%Y-%m-%d_%H-%M-%S")), sess.graph)
        sess.run(tf.global_variables_initializer())
        for epoch in range(1, epochs + 1):
            loss = train_epoch(sess, net, train, args.batch, epoch, epochs, writer)
            feed = {net["images"]: test.images, net["labels"]: test.labels}
            accuracy, guesses, summary, step = sess.run([net["accuracy"], net["predictions"], net["test summary"], net["step"]], feed)
            writer.add_summary(summary, step)
            saver.save(sess, os.path.join(checkpoints, "model"), global_step=net["step"])
            seconds = time.perf_counter() - begin
            print(f"\repoch {epoch} of {epochs}: loss {loss:.3f}, accuracy on the test digits {accuracy:.1%}, {seconds:.0f} s", flush=True)
        writer.close()
        show(test, guesses)
    print(f"checkpoints: {checkpoints}\nlogs: {logs}    (look at them with: graphflow view {logs})")
    return 0


def add_summaries(tf: Any, net: dict[str, Any]) -> None:
    """What goes into the log: the loss while training; accuracy, weights and a few images after each epoch."""
    net["train summary"] = tf.summary.scalar("training/loss", net["loss"])
    net["test summary"] = tf.summary.merge([
        tf.summary.scalar("test/accuracy", net["accuracy"]),
        tf.summary.image("test/digits", tf.reshape(net["images"], [-1, 28, 28, 1]), max_outputs=4),
        *(tf.summary.histogram(f"weights/{v.op.name}", v) for v in tf.trainable_variables() if v.op.name.endswith("kernel")),
    ])


def train_epoch(sess: Any, net: dict[str, Any], data: Any, batch: int, epoch: int, epochs: int, writer: Any) -> float:
    """One round over the training images with a progress line; the mean loss."""
    steps = data.num_examples // batch
    losses = []
    for step in range(1, steps + 1):
        images, labels = data.next_batch(batch)
        feed = {net["images"]: images, net["labels"]: labels, net["keep"]: 0.6}
        _, loss, summary, count = sess.run([net["train"], net["loss"], net["train summary"], net["step"]], feed)
        losses.append(loss)
        if step % 5 == 1:
            writer.add_summary(summary, count)
        if sys.stdout.isatty():
            print(f"\repoch {epoch} of {epochs}: step {step} of {steps}, loss {loss:.3f} ", end="", flush=True)
    return float(np.mean(losses))


def show(test: Any, guesses: np.ndarray) -> None:
    """A few digits as text: two that were read right, and up to two that were not."""
    wrong = np.flatnonzero(guesses != test.labels)
    chosen = [*np.flatnonzero(guesses == test.labels)[:2], *wrong[:2]]
    pictures = [test.images[k].reshape(28, 28)[::2].round(1) for k in chosen]
    print(f"{len(wrong)} of {test.num_examples} were misread. Two read right, two that were not:")
    print("   ".join(f"{f'a {test.labels[k]}, read as {guesses[k]}':<28}" for k in chosen))
    for rows in zip(*pictures, strict=True):
        print("   ".join("".join(SHADES[int(value * 9)] for value in row) for row in rows))
