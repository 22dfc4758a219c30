"""Rows of the op database: text in its encodings."""

from __future__ import annotations

import numpy as np

from . import error, row, sample

I = "errors.InvalidArgumentError"
NO_SHAPES = {"dtypes": ("float32",), "gradient": False, "shapes": False}
TEXTS = [b"abc", "h\u00e9\u20ac\U0001f601".encode(), b"\xff\xfeab", b"a\xe2\x82z", b"\xed\xa0\x80", b"", b"a\x01\x7f\x85\nb", b"\xf0\x9f\x98"]


def text(value):
    return np.array(value, object)


row("UnicodeDecode", "strings.unicode_decode", **NO_SHAPES, nodes="no ragged tensors", samples=lambda r: [
        *[sample(text(t), "UTF-8", errors) for t in TEXTS for errors in ("replace", "ignore")],
        sample(text(b"a\x01\nb"), "UTF-8", replace_control_characters=True), sample(text(b"\x00a\xd8=\xde\x01"), "UTF-16-BE"),
        sample(text(b"\xff"), "UTF-8", "replace", 65)],
    errors=[error(I, "Invalid formatting on input string", text(b"\xff"), "UTF-8", "strict"),
            error(I, "Could not create converter for input encoding: nope", text(b"a"), "nope"),
            error(I, "replacement_char out of unicode codepoint range", text(b"a"), "UTF-8", "replace", 0x110000)])
row("UnicodeDecodeWithOffsets", "strings.unicode_decode_with_offsets", **NO_SHAPES, nodes="no ragged tensors",
    samples=lambda r: [sample(text(t), "UTF-8", errors) for t in TEXTS for errors in ("replace", "ignore")])
row("UnicodeDecode", lambda tf, x: list(tf.raw_ops.UnicodeDecode(input=x, input_encoding="UTF-8")), name="UnicodeDecode", **NO_SHAPES,
    samples=lambda r: [sample(text([[b"ab", b""], [b"c", "\u00e9".encode()]]))],
    reference=lambda x: [np.array([0, 2, 2, 3, 4]), np.array([97, 98, 99, 233], "i4")])
row("UnicodeTranscode", "strings.unicode_transcode", dtypes=("float32",), gradient=False, samples=lambda r: [
        sample(text(TEXTS).reshape(2, 4), source, target, errors) for source in ("UTF-8", "latin1", "US-ASCII", "UTF-16-LE", "UTF-32-BE")
        for target in ("UTF-8", "UTF-16-BE", "UTF-32-BE") for errors in ("replace", "ignore")] + [
            sample(text([t]), "UTF-16", "UTF-8") for t in TEXTS],      # alone: TensorFlow's converter keeps the byte order of the string before
    errors=[error(I, "Invalid formatting on input string", text([b"\xff"]), "UTF-8", "UTF-8", "strict"),
            error(ValueError, "output_encoding", text(b"a"), "UTF-8", "latin1")])
row("UnicodeEncode", "strings.unicode_encode", **NO_SHAPES, nodes="no ragged tensors", samples=lambda r: [
        sample(np.array([[97, 233], [0x1F601, 0x20AC]], "i4"), encoding, errors) for encoding in ("UTF-8", "UTF-16-BE", "UTF-32-BE")
        for errors in ("replace", "strict")] + [sample(np.array([97, 0xD800, -1, 0x110000], "i4"), "UTF-8", "ignore"),
                                                sample(np.array([97, 0xD800, -1, 0xFFFE], "i4"), "UTF-8"), sample(np.zeros(0, "i4"), "UTF-8")],
    errors=[error(I, "Code point is out of range for Unicode", np.array([0xD800], "i4"), "UTF-8", "strict"),
            error(ValueError, "rank must be at least 1", np.array(97, "i4"), "UTF-8")])
row(("UnicodeDecode", "UnicodeEncode"), "strings.unicode_split", **NO_SHAPES, nodes="no ragged tensors",
    samples=lambda r: [sample(text(t), "UTF-8") for t in TEXTS])
