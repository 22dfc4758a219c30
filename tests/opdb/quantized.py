"""Rows of the op database: quantized tensors, fake quantization."""

from __future__ import annotations

import numpy as np

from . import error, row, sample, zeros

I = "errors.InvalidArgumentError"
WHOLE = {"qint8": "int8", "quint8": "uint8", "qint16": "int16", "quint16": "uint16", "qint32": "int32"}
NO_GRADIENT = {"dtypes": ("float32",), "gradient": False}


def number(value):
    """A scalar tensor."""
    return np.array(value, "f4")


def as_type(tf, values, name):
    """Integers as a quantized tensor."""
    return tf.bitcast(tf.cast(values, WHOLE[name]), getattr(tf, name))


def parts(tf, result):
    """The output as plain integers, and the range."""
    output, low, high = result
    return tf.bitcast(output, WHOLE[output.dtype.name]), low, high


def fake(x, low=-6, high=6, bits=8, narrow=False):
    """The values in float64: zero moved onto a step."""
    least, most = int(narrow), 2**bits - 1
    step = (high - low) / (most - least)
    zero = np.clip(np.floor(least - low / step + 0.5), least, most)
    inside = np.clip(x, (least - zero) * step, (most - zero) * step)
    return np.floor((inside - (least - zero) * step) / step + 0.5) * step + (least - zero) * step


# ---- fake quantization ----------------------------------------------------------------------------------------------------

# values at the middle of a step may go either way: the samples keep off them; finite differences of steps say nothing
SPOTS = np.array([[-7.013, -2.507, -0.031, 0.033], [0.411, 1.2003, 3.301, 8.013]], "f4")
row("FakeQuantWithMinMaxArgs", "fake_quant_with_min_max_args", **NO_GRADIENT, reference=lambda x, min=-6, max=6, num_bits=8,
    narrow_range=False: fake(x, min, max, num_bits, narrow_range), samples=lambda r: [
        sample(SPOTS), sample(SPOTS, min=-1.5, max=3.2, num_bits=4), sample(SPOTS, min=0.5, max=2, num_bits=3, narrow_range=True)],
    errors=[error(I, "num_bits must be between 2 and 16", SPOTS, num_bits=17), error(I, "min has to be smaller than max", SPOTS, min=2, max=1)])
row("FakeQuantWithMinMaxVars", "fake_quant_with_min_max_vars", **NO_GRADIENT, reference=lambda x, a, b, num_bits=8, narrow_range=False:
    fake(x, a, b, num_bits, narrow_range) if a or b else x * 0, samples=lambda r: [
        sample(SPOTS, number(-2.5), number(4)), sample(SPOTS, number(0), number(0)),
        sample(SPOTS, number(-2), number(1.3), num_bits=5, narrow_range=True)],
    errors=[error(I, "min must be <= max", SPOTS, number(2), number(1)),
            error(ValueError, "must be rank 0 but is rank 1", SPOTS, zeros(1), number(1))])
row("FakeQuantWithMinMaxVarsPerChannel", "fake_quant_with_min_max_vars_per_channel", **NO_GRADIENT, samples=lambda r: [
        sample(SPOTS, np.array([-1.3, -2, 0, 1], "f4"), np.array([1, 0.7, 2, 3], "f4"), num_bits=6),
        sample(SPOTS[0], np.array([-1.3, -2, 0, 1], "f4"), np.array([1, 0.7, 0, 3], "f4"))],
    reference=lambda x, a, b, num_bits=8: np.stack([fake(x[..., i], a[i], b[i], num_bits) if a[i] or b[i] else x[..., i] * 0
                                                    for i in range(4)], -1),
    errors=[error(ValueError, "Dimensions must be equal, but are 4 and 3", SPOTS, zeros(3), zeros(3)),
            error(ValueError, "must be rank 1 but is rank 0", SPOTS, number(0), number(1))])


def inside(dy, x, low=-6.0, high=6.0):
    """What reaches x, low and high from dy; the range's ends lie on steps already."""
    return np.where((x >= low) & (x <= high), dy, 0), np.where(x < low, dy, 0).sum(), np.where(x > high, dy, 0).sum()


row("FakeQuantWithMinMaxArgsGradient", "fake_quant_with_min_max_args_gradient", **NO_GRADIENT, domain=(0.5, 2.0), reference=lambda dy, x: inside(
    dy, x)[0], samples=lambda r: [sample(r(2, 4).astype("f4"), SPOTS)],
    errors=[error(ValueError, "are 4 and 3", SPOTS, zeros(2, 3))])
row("FakeQuantWithMinMaxVarsGradient", "fake_quant_with_min_max_vars_gradient", **NO_GRADIENT, domain=(0.5, 2.0), reference=inside,
    samples=lambda r: [sample(r(2, 4).astype("f4"), SPOTS, number(0), number(5.1))],
    errors=[error(ValueError, "are 4 and 3", SPOTS, zeros(2, 3), number(0), number(1))])
row("FakeQuantWithMinMaxVarsPerChannelGradient", "fake_quant_with_min_max_vars_per_channel_gradient", **NO_GRADIENT, domain=(0.5, 2.0),
    samples=lambda r: [sample(r(2, 4).astype("f4"), SPOTS, np.zeros(4, "f4"), np.array([1, 0.51, 2.55, 0], "f4"))],
    reference=lambda dy, x, a, b: [np.stack(v, -1) for v in zip(*[inside(dy[:, i], x[:, i], a[i], b[i]) for i in range(3)],
                                                                (dy[:, 3], number(0), number(0)))],
    errors=[error(ValueError, "Dimensions must be equal, but are 4 and 3", SPOTS, SPOTS, zeros(3), zeros(3))])
row("FakeQuantWithMinMaxVarsGradient", lambda tf, x, a, b: tf.gradients(tf.fake_quant_with_min_max_vars(x, a, b) * [1.0, 2.0, 3.0, 4.0], [x, a, b]),
    name="gradient of fake_quant_with_min_max_vars", **NO_GRADIENT, samples=lambda r: [sample(SPOTS, number(0), number(5.1))],
    reference=lambda x, a, b: inside(np.float32([[1, 2, 3, 4]] * 2), x, a, b))

# ---- rounded to what integers hold ----------------------------------------------------------------------------------------

row("QuantizeAndDequantizeV4", "quantization.quantize_and_dequantize_v2", dtypes=("float32", "float64"), gradient=False, samples=lambda r: [
        sample(r(3, 4), np.array(-1.0), np.array(1.7), range_given=True), sample(r(3, 4), np.array(0.0), np.array(0.0), num_bits=4),
        sample(r(3, 4), np.array(-1.0), np.array(1.7), False, 5, True, "HALF_UP"),
        sample(r(2, 3), np.zeros(3), np.zeros(3), narrow_range=True, axis=1)],
    errors=[error(I, "Invalid range", zeros(3), number(2), number(1), range_given=True),
            error(I, "num_bits is out of range: 0", zeros(3), number(1), number(2), num_bits=0),
            error(ValueError, "must be rank 0 but is rank 1", zeros(3), zeros(1), zeros(1)),
            error(ValueError, "Dimensions must be equal, but are 2 and 3", zeros(3), zeros(2), zeros(2), axis=0)])
row("QuantizeAndDequantizeV2", lambda tf, x, a, b, **k: tf.raw_ops.QuantizeAndDequantizeV2(input=x, input_min=a, input_max=b, **k),
    name="QuantizeAndDequantizeV2", dtypes=("float32", "float64"), gradient=False, samples=lambda r: [
        sample(r(3, 4), np.array(-1.0), np.array(1.7), range_given=True), sample(r(3, 4), np.array(0.0), np.array(0.0), num_bits=3)],
    reference=lambda x, a, b, range_given=False, num_bits=8: (lambda step: np.rint((np.clip(x, -2**(num_bits - 1) * step, 1.7) if range_given
        else x) / step) * step)(max(abs(x.min() if not range_given else a) / 2**(num_bits - 1),
                                    (x.max() if not range_given else b) / (2**(num_bits - 1) - 1))))
row("QuantizeAndDequantizeV3", lambda tf, x, a, b, n: tf.raw_ops.QuantizeAndDequantizeV3(input=x, input_min=a, input_max=b, num_bits=n),
    name="QuantizeAndDequantizeV3", dtypes=("float32", "float64"), gradient=False,
    samples=lambda r: [sample(r(3, 4), np.array(-1.0), np.array(1.7), np.array(4, "i4"))],
    errors=[error(I, "num_bits is out of range: 0", zeros(3), number(1), number(2), np.array(0, "i4"))])
row("QuantizeAndDequantizeV4Grad", lambda tf, x, a, b: tf.gradients(tf.quantization.quantize_and_dequantize_v2(x, a, b, range_given=True), [x, a, b]),
    name="gradient of quantize_and_dequantize_v2", gradient=False, samples=lambda r: [sample(np.array([[-1.5, 0.2], [1.6, 1.8]]), np.array(-1.0), np.array(1.7))],
    reference=lambda x, a, b: [np.array([[0, 1], [1, 0]], x.dtype), a * 0, b * 0])

# ---- quantized tensors ----------------------------------------------------------------------------------------------------

row("QuantizeV2", lambda tf, x, a, b, name, *args, **k: parts(tf, tf.quantize(x, a, b, getattr(tf, name), *args, **k)), name="quantize",
    **NO_GRADIENT, samples=lambda r: [
        sample(SPOTS, number(a), number(b), name, mode) for mode in ("MIN_COMBINED", "MIN_FIRST", "SCALED")
        for name, a, b in (("quint8", -2.5, 4), ("qint8", 0.3, 5), ("quint16", -3, -1), ("qint16", 0, 0), ("qint32", -3, 9))] + [
        sample(SPOTS, number(-3), number(2), "qint8", "SCALED", "HALF_TO_EVEN", narrow_range=True),
        sample(SPOTS, np.zeros(2, "f4"), np.array([2, 5], "f4"), "quint8", "SCALED", axis=0),
        sample(SPOTS, np.zeros(4, "f4"), np.array([2, 5, 1, 7], "f4"), "qint8", axis=1, ensure_minimum_range=0.5)],
    errors=[error(I, "input_max_range must be larger", SPOTS, number(2), number(1), "qint8"),
            error(I, "only supported for mode 'SCALED'", SPOTS, number(0), number(1), "qint8", "MIN_FIRST", "HALF_TO_EVEN"),
            error("errors.UnimplementedError", "MIN_FIRST mode is not implemented for Quantize", SPOTS, zeros(2), zeros(2), "qint8", "MIN_FIRST", axis=0),
            error(ValueError, "must be rank 0 but is rank 1", SPOTS, zeros(2), zeros(2), "qint8"),
            error(ValueError, "Dimensions must be equal, but are 3 and 2", SPOTS, zeros(3), zeros(3), "qint8", axis=0),
            error(ValueError, "at least rank 3 but is rank 2", SPOTS, zeros(2), zeros(2), "qint8", axis=2)])
row("QuantizeV2", lambda tf, x, a, b: parts(tf, tf.quantize_v2(x, a, b, tf.quint8)), name="quantize_v2", **NO_GRADIENT,
    samples=lambda r: [sample(SPOTS, number(-2.5), number(4))])
CODES = np.array([[0, 1, 5], [100, 126, 127]], "i4")
row("Dequantize", lambda tf, x, a, b, name, *args, **k: tf.dequantize(as_type(tf, x, name), a, b, *args, **k), name="dequantize", **NO_GRADIENT,
    samples=lambda r: [sample(CODES - (0 if name[1] == "u" else 64), number(a), number(b), name, mode)
                       for mode in ("MIN_COMBINED", "MIN_FIRST", "SCALED")
                       for name, a, b in (("quint8", -2.5, 4), ("qint8", 0.3, 5), ("quint16", -3, -1), ("qint16", 0, 0), ("qint32", -3, 9))
                       if (mode, name) != ("SCALED", "qint32")] + [     # TensorFlow looks for its kernel in vain
        sample(CODES, np.zeros(2, "f4"), np.array([2, 5], "f4"), "quint8", "SCALED", axis=0),
        sample(CODES, number(-1), number(1), "qint8", "SCALED", narrow_range=True)],
    errors=[error(ValueError, "must be rank 0 but is rank 1", CODES, zeros(2), zeros(2), "qint8"),
            error(ValueError, "Dimensions must be equal, but are 3 and 2", CODES, zeros(3), zeros(3), "qint8", axis=0)])
row("QuantizedConcat", lambda tf, a, b, axis, lows, highs, name: parts(tf, tf.quantized_concat(
        axis, [as_type(tf, a, name), as_type(tf, b, name)], lows, highs)), name="quantized_concat", **NO_GRADIENT, samples=lambda r: [
        sample(CODES, CODES, 0, [-1.0, -1.0], [2.0, 2.0], "quint8"), sample(CODES, CODES[:, :1], 1, [-1.0, 0.5], [2.0, 4.0], "quint8"),
        sample(CODES, CODES, 0, [-1.0, -2.0], [-0.5, -0.25], "quint8")],
    errors=[error(ValueError, "must be equal", CODES, CODES[:, :1], 0, [0.0, 0.0], [1.0, 1.0], "quint8"),
            error(ValueError, "length 1 must match length 2", CODES, CODES, 0, [0.0], [1.0, 1.0], "quint8")])
