"""The same work written by hand in numpy, as a good programmer would who has no framework: forward, backward and update spelled out.

Names are those of workloads.py. Checkpoints have the plain form "write and flush the bytes", which is the disk's speed.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np

from tools.bench.common import rand
from tools.bench.workloads import one_hot

F = np.float32
Step = Callable[[], Any]


def normal(*shape: int) -> np.ndarray:
    return np.clip(rand(*shape), -2, 2) * F(0.05)


def adam(values: list[np.ndarray], rate: float) -> Callable[[list[np.ndarray]], None]:
    """Adam (Kingma & Ba 2015, section 2, last paragraph) in place."""
    m, v = [np.zeros_like(x) for x in values], [np.zeros_like(x) for x in values]
    powers = [1.0, 1.0]

    def update(grads: list[np.ndarray]) -> None:
        powers[0] *= 0.9
        powers[1] *= 0.999
        alpha = F(rate * np.sqrt(1 - powers[1]) / (1 - powers[0]))
        for x, g, mi, vi in zip(values, grads, m, v, strict=True):
            mi += (g - mi) * F(0.1)
            vi += (g * g - vi) * F(0.001)
            x -= alpha * mi / (np.sqrt(vi) + F(1e-8))

    return update


def softmax_gradient(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """d(mean cross entropy) / d(logits)"""
    e = np.exp(logits - logits.max(1, keepdims=True))
    return (e / e.sum(1, keepdims=True) - labels) / F(len(labels))


def tiny(small: bool) -> Step:
    a, b, x, y, rate = F(-1.55), F(0.68), F(2), F(3), F(0.01)

    def step() -> None:
        nonlocal a, b
        error = F(2) * (a * x + b - y)
        a, b = a - rate * (error * x), b - rate * error

    return step


def layers(sizes: list[int]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    pairs = list(itertools.pairwise(sizes))
    return [normal(*pair) for pair in pairs], [np.zeros(n, F) for _, n in pairs]


def forward(x: np.ndarray, w: list[np.ndarray], b: list[np.ndarray], last_relu: bool = False) -> list[np.ndarray]:
    """Activations of every layer, the input first."""
    h = [x]
    for k in range(len(w)):
        z = h[-1] @ w[k] + b[k]
        h.append(np.maximum(z, 0) if last_relu or k + 1 < len(w) else z)
    return h


def backward(d: np.ndarray, h: list[np.ndarray], w: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Gradients of weights and biases from the gradient of the last layer before its activation."""
    dw: list[np.ndarray] = []
    db: list[np.ndarray] = []
    for k in reversed(range(len(w))):
        dw.insert(0, h[k].T @ d)
        db.insert(0, d.sum(0))
        if k:
            d = (d @ w[k].T) * (h[k] > 0)
    return dw, db


def painter(small: bool) -> Step:
    w, b = layers([2, 64, 64, 64, 64, 64, 64, 3])
    x, y = rand(50, 2), rand(50, 3)
    update = adam(w + b, 0.001)

    def step() -> None:
        h = forward(x, w, b)
        dw, db = backward(np.sign(h[-1] - y) / F(50), h, w)
        update(dw + db)

    return step


def descend(values: list[np.ndarray], grads: list[np.ndarray], rate: float) -> None:
    for x, g in zip(values, grads, strict=True):
        x -= F(rate) * g


def mlp(small: bool) -> Step:
    w, b = layers([784, 512, 10])
    x, y = rand(128, 784), one_hot(128)

    def step() -> None:
        h = forward(x, w, b)
        dw, db = backward(softmax_gradient(h[-1], y), h, w)
        descend(w + b, dw + db, 0.1)

    return step


def wide(small: bool) -> Step:
    n = 64 if small else 1024
    w, b = layers([n] * 4)
    x = rand(n, n)

    def step() -> None:
        h = forward(x, w, b, last_relu=True)
        dw, db = backward(h[-1] * F(2 / h[-1].size) * (h[-1] > 0), h, w)
        descend(w + b, dw + db, 0.01)

    return step


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def chain(small: bool) -> Step:
    x = rand(1 << 10 if small else 1 << 22)

    def step() -> np.ndarray:
        t, e, s = np.tanh(x * F(0.5) + F(1)), np.exp(-np.square(x)), sigmoid(x)
        return ((1 - t * t) * F(0.5) * e - t * e * F(2) * x + s * (1 - s) * F(3)).sum()

    return step


def columns(x: np.ndarray) -> np.ndarray:
    """Patches 5x5 of a padded NHWC image as rows of a matrix: plain im2col, the whole of it at once."""
    n, rows, cols, channels = x.shape
    padded = np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), axis=(1, 2))
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(n * rows * cols, 25 * channels)


def uncolumns(d: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The gradient of `columns`: patches added back into the image."""
    n, rows, cols, channels = shape
    d = d.reshape(n, rows, cols, 5, 5, channels)
    padded = np.zeros((n, rows + 4, cols + 4, channels), F)
    for i in range(5):
        for j in range(5):
            padded[:, i : i + rows, j : j + cols] += d[:, :, :, i, j]
    return padded[:, 2:-2, 2:-2]


def pool(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """2x2 maxima and the place of each in its window."""
    n, rows, cols, channels = x.shape
    windows = x.reshape(n, rows // 2, 2, cols // 2, 2, channels).transpose(0, 1, 3, 5, 2, 4).reshape(n, rows // 2, cols // 2, channels, 4)
    place = windows.argmax(-1)
    return np.take_along_axis(windows, place[..., None], -1)[..., 0], place


def unpool(d: np.ndarray, place: np.ndarray) -> np.ndarray:
    n, rows, cols, channels = d.shape
    windows = np.zeros((*d.shape, 4), F)
    np.put_along_axis(windows, place[..., None], d[..., None], -1)
    return windows.reshape(n, rows, cols, channels, 2, 2).transpose(0, 1, 4, 2, 5, 3).reshape(n, rows * 2, cols * 2, channels)


def cnn(small: bool) -> Step:
    k1, k2, c1, c2 = normal(25, 16), normal(25 * 16, 36), np.zeros(16, F), np.zeros(36, F)
    w, b = layers([7 * 7 * 36, 128, 10])
    x, y = rand(64, 28, 28, 1), one_hot(64)
    update = adam([k1, k2, c1, c2, *w, *b], 1e-4)

    def step() -> None:
        p1 = columns(x)
        h1, place1 = pool((p1 @ k1 + c1).reshape(64, 28, 28, 16))
        r1 = np.maximum(h1, 0)
        p2 = columns(r1)
        h2, place2 = pool((p2 @ k2 + c2).reshape(64, 14, 14, 36))
        r2 = np.maximum(h2, 0)
        h = forward(r2.reshape(64, -1), w, b)
        d = softmax_gradient(h[-1], y)
        dw, db = backward(d, h, w)
        d = (d @ w[1].T) * (h[1] > 0) @ w[0].T
        d2 = unpool(d.reshape(h2.shape) * (h2 > 0), place2).reshape(-1, 36)
        d1 = uncolumns(d2 @ k2.T, r1.shape)
        d1 = unpool(d1 * (h1 > 0), place1).reshape(-1, 16)
        update([p1.T @ d1, p2.T @ d2, d1.sum(0), d2.sum(0), *dw, *db])

    return step


def lstm(small: bool) -> Step:
    units, steps = 128, 3 if small else 28
    kernel, bias = normal(28 + units, 4 * units), np.zeros(4 * units, F)
    w, b = normal(units, 10), np.zeros(10, F)
    x, y = rand(64, 28, 28), one_hot(64)
    update = adam([kernel, bias, w, b], 0.001)

    def step() -> None:
        c = h = np.zeros((64, units), F)
        tape = []
        for t in range(steps):
            inputs = np.concatenate([x[:, t], h], 1)
            i, j, f, o = np.split(inputs @ kernel + bias, 4, 1)
            i, j, f, o = sigmoid(i), np.tanh(j), sigmoid(f + 1), sigmoid(o)
            before, c = c, c * f + i * j
            tc = np.tanh(c)
            h = tc * o
            tape.append((inputs, i, j, f, o, before, tc))
        d = softmax_gradient(h @ w + b, y)
        dw, db, dh, dc = h.T @ d, d.sum(0), d @ w.T, np.zeros((64, units), F)
        dkernel, dbias = np.zeros_like(kernel), np.zeros_like(bias)
        for inputs, i, j, f, o, before, tc in reversed(tape):
            dc = dc + dh * o * (1 - tc * tc)
            gates = [dc * j * i * (1 - i), dc * i * (1 - j * j), dc * before * f * (1 - f), dh * tc * o * (1 - o)]
            dz = np.concatenate(gates, 1)
            dkernel += inputs.T @ dz
            dbias += dz.sum(0)
            dh, dc = (dz @ kernel.T)[:, 28:], dc * f
        update([dkernel, dbias, dw, db])

    return step


def _arrays(small: bool) -> tuple[np.ndarray, str]:
    rows = 1 << 10 if small else 1 << 18
    return np.ones((rows, 1024), F), os.path.join(tempfile.mkdtemp(prefix="bench_", dir=os.environ.get("BENCH_TMP")), "raw")


def save(small: bool) -> Step:
    values, path = _arrays(small)

    def step() -> None:
        with open(path, "wb") as f:
            values.tofile(f)
            f.flush()
            os.fsync(f.fileno())

    return step


def restore(small: bool) -> Step:
    values, path = _arrays(small)
    values.tofile(path)
    return lambda: np.fromfile(path, F)


VERSIONS = {
    "tiny": tiny,
    "painter": painter,
    "mlp": mlp,
    "cnn": cnn,
    "chain": chain,
    "lstm": lstm,
    "wide": wide,
    "save": save,
    "restore": restore,
}
