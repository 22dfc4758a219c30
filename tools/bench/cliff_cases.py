"""What the table of cliffs measures: ops over shapes, each as (inputs, function of the module and the input tensors).

An input is a shape, for normal float32 numbers, or an array; it becomes a variable, so that neither feeding nor folding counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Case = tuple[tuple[Any, ...], Callable[..., Any]]
CASES: dict[str, Case] = {}
MILLION = 1_000_000


def case(name: str, function: Callable[..., Any], *inputs: Any) -> None:
    CASES[name] = (inputs, function)


def numbers(count: int, below: int, dtype: str = "int32") -> np.ndarray:
    return np.random.RandomState(1).randint(0, below, count).astype(dtype)


def _with_gradients(name: str, function: Callable[..., Any], *inputs: Any) -> None:
    """The value, and the gradient by each input, as rows of their own."""
    case(name, function, *inputs)
    for i in range(len(inputs)):
        case(f"{name}, gradient {'xwbc'[i]}", lambda tf, *x, i=i: tf.gradients(function(tf, *x), x[i])[0], *inputs)


def _convolutions() -> None:
    for x, w, stride, padding, dilation in [
        ((32, 28, 28, 1), (5, 5, 1, 16), 1, "SAME", 1), ((32, 28, 28, 1), (5, 5, 1, 16), 3, "SAME", 1),
        ((32, 14, 14, 16), (5, 5, 16, 36), 1, "SAME", 1), ((8, 56, 56, 64), (3, 3, 64, 64), 1, "SAME", 1),
        ((8, 56, 56, 64), (1, 1, 64, 128), 1, "SAME", 1), ((8, 56, 56, 64), (1, 1, 64, 128), 2, "VALID", 1),
        ((1, 224, 224, 3), (7, 7, 3, 64), 2, "SAME", 1), ((1, 14, 14, 256), (3, 3, 256, 256), 1, "SAME", 1),
        ((1, 7, 7, 512), (3, 3, 512, 512), 1, "SAME", 1), ((16, 32, 32, 3), (32, 32, 3, 10), 1, "VALID", 1),
        ((16, 32, 32, 3), (31, 31, 3, 10), 1, "SAME", 1), ((16, 1, 256, 32), (1, 9, 32, 32), 1, "SAME", 1),
        ((4, 64, 64, 8), (11, 11, 8, 8), 1, "SAME", 1), ((8, 33, 33, 16), (3, 3, 16, 32), 2, "SAME", 1),
        ((8, 33, 33, 16), (5, 3, 16, 32), (3, 2), "VALID", 1), ((4, 32, 32, 32), (3, 3, 32, 32), 1, "SAME", 4),
        ((64, 8, 8, 128), (3, 3, 128, 4), 1, "SAME", 1), ((1, 512, 512, 1), (3, 3, 1, 1), 1, "SAME", 1),
        ((128, 6, 6, 3), (4, 4, 3, 8), 4, "SAME", 1),
    ]:  # fmt: skip
        strides = [1, stride, stride, 1] if isinstance(stride, int) else [1, *stride, 1]
        _with_gradients(
            f"conv2d {x} {w} /{stride} {padding}" + (f" dilated {dilation}" if dilation > 1 else ""),
            lambda tf, x, w, s=strides, p=padding, d=dilation: tf.nn.conv2d(x, w, strides=s, padding=p, dilations=[1, d, d, 1]),
            x,
            w,
        )
    for x, w, s in [
        ((8, 56, 56, 32), (3, 3, 32, 1), 1),
        ((8, 28, 28, 16), (5, 5, 16, 2), 1),
        ((8, 57, 57, 32), (3, 3, 32, 1), 2),
        ((1, 112, 112, 64), (3, 3, 64, 1), 1),
        ((32, 7, 7, 256), (3, 3, 256, 1), 1),
    ]:
        _with_gradients(f"depthwise {x} {w} /{s}", lambda tf, x, w, s=s: tf.nn.depthwise_conv2d(x, w, [1, s, s, 1], "SAME"), x, w)
    for x, w, out, s in [
        ((8, 14, 14, 64), (4, 4, 32, 64), (8, 28, 28, 32), 2),
        ((4, 7, 7, 128), (5, 5, 64, 128), (4, 14, 14, 64), 2),
        ((16, 1, 1, 100), (4, 4, 64, 100), (16, 4, 4, 64), 1),
        ((4, 32, 32, 16), (3, 3, 3, 16), (4, 96, 96, 3), 3),
    ]:
        padding = "VALID" if x[1] == 1 else "SAME"
        _with_gradients(
            f"conv2d_transpose {x} {w} /{s}",
            lambda tf, x, w, o=out, s=s, p=padding: tf.nn.conv2d_transpose(x, w, list(o), [1, s, s, 1], p),
            x,
            w,
        )
    for x, w, s in [
        ((2, 16, 16, 16, 8), (3, 3, 3, 8, 16), 1),
        ((1, 8, 32, 32, 3), (3, 3, 3, 3, 16), 1),
        ((2, 17, 17, 17, 8), (3, 3, 3, 8, 8), 2),
    ]:
        _with_gradients(f"conv3d {x} {w} /{s}", lambda tf, x, w, s=s: tf.nn.conv3d(x, w, [1, s, s, s, 1], "SAME"), x, w)


def _pools() -> None:
    for name in ("max_pool", "avg_pool"):
        for x, k, s, padding in [
            ((16, 56, 56, 64), 3, 2, "SAME"),
            ((16, 56, 56, 64), 2, 2, "VALID"),
            ((16, 28, 28, 32), 3, 1, "SAME"),
            ((32, 28, 28, 32), 28, 28, "VALID"),
            ((4, 64, 64, 16), 15, 1, "SAME"),
            ((1, 224, 224, 1), 5, 3, "VALID"),
        ]:
            _with_gradients(
                f"{name} {x} {k}x{k} /{s} {padding}",
                lambda tf, x, n=name, k=k, s=s, p=padding: getattr(tf.nn, n)(x, [1, k, k, 1], [1, s, s, 1], p),
                x,
            )
        _with_gradients(
            f"{name}3d (2,16,32,32,8) 2",
            lambda tf, x, n=name: getattr(tf.nn, n + "3d")(x, [1, 2, 2, 2, 1], [1, 2, 2, 2, 1], "VALID"),
            (2, 16, 32, 32, 8),
        )
    case(
        "extract_image_patches (8,32,32,3) 5x5",
        lambda tf, x: tf.extract_image_patches(x, [1, 5, 5, 1], [1, 1, 1, 1], [1] * 4, "SAME"),
        (8, 32, 32, 3),
    )
    case("lrn (8,28,28,64)", lambda tf, x: tf.nn.lrn(x), (8, 28, 28, 64))
    case(
        "dilation2d (4,32,32,8)",
        lambda tf, x, w: tf.nn.dilation2d(x, w, strides=[1] * 4, rates=[1] * 4, padding="SAME"),
        (4, 32, 32, 8),
        (3, 3, 8),
    )
    for method in ("bilinear", "nearest_neighbor", "bicubic", "area"):
        case(
            f"resize_{method} (4,128,128,3) to 256",
            lambda tf, x, m=method: getattr(tf.image, f"resize_{m}")(x, [256, 256]),
            (4, 128, 128, 3),
        )
        case(
            f"resize_{method} (4,256,256,3) to 100",
            lambda tf, x, m=method: getattr(tf.image, f"resize_{m}")(x, [100, 100]),
            (4, 256, 256, 3),
        )
    case("crop_and_resize", lambda tf, x: tf.image.crop_and_resize(x, [[0.1, 0.1, 0.9, 0.9]] * 16, [0] * 16, [64, 64]), (1, 128, 128, 3))
    case("adjust_hue", lambda tf, x: tf.image.adjust_hue(x, 0.1), np.random.RandomState(0).rand(4, 128, 128, 3).astype("f"))
    for n, f in (("space_to_depth", 2), ("depth_to_space", 2)):
        case(f"{n} (8,64,64,16)", lambda tf, x, n=n, f=f: getattr(tf, n)(x, f), (8, 64, 64, 16))
    case("batch_to_space (8,32,32,16)", lambda tf, x: tf.batch_to_space_nd(x, [2, 2], [[0, 0], [0, 0]]), (8, 32, 32, 16))


def _reductions() -> None:
    shapes = [(MILLION,), (1000, 1000), (10, 100_000), (100_000, 10), (100, 100, 100)]
    for shape in shapes:
        axes: list[Any] = [None, *range(len(shape))] + ([(0, 1), (0, 2), (1, 2)] if len(shape) == 3 else [])
        for axis in axes:
            for name in ("reduce_sum", "reduce_max", "reduce_mean", "reduce_prod", "reduce_logsumexp"):
                case(f"{name} {shape} axis {axis}", lambda tf, x, n=name, a=axis: getattr(tf, n)(x, a), shape)
            if isinstance(axis, int):
                case(f"argmax {shape} axis {axis}", lambda tf, x, a=axis: tf.argmax(x, a), shape)
                case(f"softmax {shape} axis {axis}", lambda tf, x, a=axis: tf.nn.softmax(x, a), shape)
                for name in ("cumsum", "cumprod"):
                    case(f"{name} {shape} axis {axis}", lambda tf, x, n=name, a=axis: getattr(tf, n)(x, a), shape)
                case(f"sort {shape} axis {axis}", lambda tf, x, a=axis: tf.sort(x, a), shape)
    for dtype in ("int32", "int64", "float64", "uint8", "float16"):
        values = numbers(MILLION, 100, dtype).reshape(1000, 1000)
        for axis in (None, 0, 1):
            case(f"reduce_sum {dtype} (1000, 1000) axis {axis}", lambda tf, x, a=axis: tf.reduce_sum(x, a), values)
    flags = numbers(MILLION, 2).astype(bool).reshape(1000, 1000)
    for name in ("reduce_all", "reduce_any"):
        case(f"{name} (1000, 1000) axis 0", lambda tf, x, n=name: getattr(tf, n)(x, 0), flags)
        case(f"{name} (1000, 1000) axis 1", lambda tf, x, n=name: getattr(tf, n)(x, 1), flags)
    case("moments (1000, 1000) axis 0", lambda tf, x: tf.nn.moments(x, [0])[1], (1000, 1000))
    case("l2_normalize (1000, 1000) axis 1", lambda tf, x: tf.nn.l2_normalize(x, 1), (1000, 1000))
    case("batch norm (32,28,28,32)", lambda tf, x, s, b: tf.nn.fused_batch_norm(x, s, b)[0], (32, 28, 28, 32), (32,), (32,))
    case(
        "softmax cross entropy (10000, 100)",
        lambda tf, x, y: tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=x),
        (10000, 100),
        (10000, 100),
    )
    case(
        "sparse cross entropy (10000, 100)",
        lambda tf, x, y: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x),
        (10000, 100),
        numbers(10000, 100),
    )


for _family in (_convolutions, _pools, _reductions):
    _family()
