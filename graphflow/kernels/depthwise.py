"""Depthwise convolution: each channel with its own filters. x [N, H, W, C], filters [kh, kw, C, M], result [N, H', W', C M].

With one input channel per product there is nothing for a matrix product to do, so taps are multiplied and added in blocks that stay in
the cache. float16 and bfloat16 are computed in float32.
"""
from __future__ import annotations

import math

import numpy as np

from .patches import accumulator
from .pool import _each_block
from .windows import Window, tap_slices, taps


def depthwise_conv(x: np.ndarray, filters: np.ndarray, win: Window) -> np.ndarray:
    """out[n, h, w, c M + m] = sum over taps of x[n, ., ., c] filters[tap, c, m]."""
    channels, many = filters.shape[-2:]
    kind, outputs = accumulator(x.dtype), win.outputs(x.shape[1:-1])
    weights = np.asarray(filters, kind)
    out = np.empty((x.shape[0], *outputs, channels * many), x.dtype)

    def work(block: slice) -> None:
        source = np.asarray(x[block], kind)
        total = np.zeros((source.shape[0], *outputs, channels, many), kind)
        for tap in taps(win):
            here, place = tap_slices(win, tap, x.shape[1:-1], outputs)
            total[(slice(None), *here)] += source[(slice(None), *place)][..., None] * weights[tap]
        out[block] = total.reshape(out[block].shape)

    if out.size:
        _each_block(out.shape, 2 * kind.itemsize, work)
    return out


def depthwise_input_gradient(filters: np.ndarray, dy: np.ndarray, input_shape: tuple[int, ...], win: Window) -> np.ndarray:
    """Gradient by x of sum(depthwise_conv(x, filters) * dy)."""
    channels, many = filters.shape[-2:]
    kind = accumulator(dy.dtype)
    weights = np.asarray(filters, kind)
    input_shape = tuple(int(n) for n in input_shape)
    dx = np.zeros(input_shape, dy.dtype)

    def work(block: slice) -> None:
        grad = np.asarray(dy[block], kind).reshape(-1, *dy.shape[1:-1], channels, many)
        total = np.zeros((grad.shape[0], *input_shape[1:]), kind)
        for tap in taps(win):
            here, place = tap_slices(win, tap, input_shape[1:-1], dy.shape[1:-1])
            part = grad[(slice(None), *here)] * weights[tap]
            total[(slice(None), *place)] += part[..., 0] if many == 1 else part.sum(-1)
        dx[block] = total

    if dy.size:
        _each_block(input_shape, 2 * kind.itemsize, work)
    return dx


def depthwise_filter_gradient(x: np.ndarray, dy: np.ndarray, filter_shape: tuple[int, ...], win: Window) -> np.ndarray:
    """Gradient by filters of sum(depthwise_conv(x, filters) * dy)."""
    filter_shape = tuple(int(n) for n in filter_shape)
    channels, many = filter_shape[-2:]
    kind = accumulator(x.dtype)
    total = np.zeros(filter_shape, kind)
    if dy.size:
        step = max(1, (512 << 10) // max(1, math.prod(dy.shape[1:]) * kind.itemsize))
        for a in range(0, x.shape[0], step):
            source = np.asarray(x[a:a + step], kind)
            grad = np.asarray(dy[a:a + step], kind).reshape(-1, *dy.shape[1:-1], channels, many)
            for tap in taps(win):
                here, place = tap_slices(win, tap, x.shape[1:-1], dy.shape[1:-1])
                product = source[(slice(None), *place)][..., None] * grad[(slice(None), *here)]
                total[tap] += product.reshape(-1, channels, many).sum(0)
    return total.astype(dy.dtype, copy=False)
