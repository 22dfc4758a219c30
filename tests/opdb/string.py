"""Rows of graphflow/ops/string."""

from __future__ import annotations

import re

import numpy as np

from . import error, row, sample

I = "errors.InvalidArgumentError"
ONCE = {"dtypes": ("float32",), "gradient": False}


def text(*values, shape=None):
    out = np.empty(len(values), object)
    out[:] = [v.encode() if isinstance(v, str) else v for v in values]
    return out if shape is None else out.reshape(shape)


def each(function, dtype=object):
    return lambda x, *rest, **attrs: np.array([function(v, *rest, **attrs) for v in x.ravel()] + [None], object)[:-1].reshape(x.shape).astype(dtype)


row("StringJoin", "string_join", samples=lambda r: [sample([text("a", "b"), "x", text("c", "d")], "-")], **ONCE,
    reference=lambda xs, sep: text("a-x-c", "b-x-d"))
row("Substr", "substr", samples=lambda r: [sample(text("hello", "world!"), 1, 3), sample(text("hello", "world!"), -3, 2)], **ONCE,
    reference=lambda x, p, n: text(*[(t[p:] if p >= 0 else t[len(t) + p:])[:n] for t in x]),
    errors=[error(I, "pos 9 out of range for string", text("abc"), 9, 1)])
row("StringSplit", "string_split", samples=lambda r: [sample(text("a b c", " d  e", "")), sample(text("a,b;c", "d"), ",;")], **ONCE)
row("StringSplitV2", "strings.split", samples=lambda r: [sample(text("a b c", " d  e", "")), sample(text("a,b,c", "d"), ","),
                                                         sample(text("a,b,c", "d"), ",", maxsplit=1)], **ONCE)
row("StringLower", "strings.lower", samples=lambda r: [sample(text("Ab", "cD"))], **ONCE, reference=each(bytes.lower))
row("StringUpper", "strings.upper", samples=lambda r: [sample(text("Ab", "cD"))], **ONCE, reference=each(bytes.upper))
row("StringStrip", "string_strip", samples=lambda r: [sample(text(" Ab\n", "cD "))], **ONCE, reference=each(bytes.strip))
row("StringLength", "strings.length", samples=lambda r: [sample(text("abc", "", "é")), sample(text("abc", "", "é"), unit="UTF8_CHAR")], **ONCE,
    reference=each(lambda v, unit="BYTE": len(v if unit == "BYTE" else v.decode()), "int32"))
row("StaticRegexReplace", "regex_replace", samples=lambda r: [sample(text("abcab", "xyz"), "a(b)", r"<\1\0>"),
                                                             sample(text("aaa"), "a", "b", replace_global=False)], **ONCE,
    reference=lambda x, p, w, replace_global=True: text(*[re.sub(p.encode(), w.replace(r"\0", r"\g<0>").encode(), t, count=0 if replace_global else 1)
                                                         for t in x]),
    errors=[error(I, "Invalid pattern: (", text("a"), "(", "b")])
row("RegexReplace", lambda tf, x, p: tf.regex_replace(x, p, tf.constant("-")), name="regex_replace at run time", **ONCE,
    samples=lambda r: [sample(text("abcab", "xyz"), text("[ab]", shape=()))], reference=lambda x, p: text("--c--", "xyz"))
row("StaticRegexFullMatch", "strings.regex_full_match", samples=lambda r: [sample(text("abc", "xabc"), "a.*")], **ONCE,
    reference=lambda x, p: np.array([True, False]))
row("RegexFullMatch", "strings.regex_full_match", name="regex_full_match at run time", **ONCE,
    samples=lambda r: [sample(text("abc", "xabc"), text("a.*", shape=()))], reference=lambda x, p: np.array([True, False]))
row("EncodeBase64", "encode_base64", samples=lambda r: [sample(text("hello", b"\xff\xfe")), sample(text("hello"), pad=True)], **ONCE,
    reference=lambda x, pad=False: text("aGVsbG8=") if pad else text("aGVsbG8", "__4"))
row("DecodeBase64", "decode_base64", samples=lambda r: [sample(text("aGVsbG8", "__4="))], **ONCE, reference=lambda x: text("hello", b"\xff\xfe"),
    errors=[error(I, "Invalid character found in base64", text("a+b/"))])
row("ReduceJoin", "reduce_join", samples=lambda r: [sample(text("a", "b", "c", "d", shape=(2, 2)), 0, separator="+"),
                                                    sample(text("a", "b", "c", "d", shape=(2, 2)), [0, 1]),
                                                    sample(text("a", "b", "c", "d", shape=(2, 2)), 1, keepdims=True)], **ONCE,
    reference=lambda x, a, separator="", keepdims=False: text("a+c", "b+d") if separator else text("ab", "cd", shape=(2, 1)) if keepdims
    else text("acbd", shape=()))
row("UnsortedSegmentJoin", "strings.unsorted_segment_join", samples=lambda r: [sample(text("a", "b", "c"), np.array([1, 0, 1], "i4"), 3)], **ONCE,
    reference=lambda x, i, n: text("b", "ac", ""))
row("AsString", "as_string", samples=lambda r: [sample(np.array([1, -2, 30], "i4")), sample(np.array([True, False])),
                                                sample(np.array([1.5, -2.25], "f4")), sample(np.array([1.5, -2.25], "f4"), precision=2),
                                                sample(np.array([1.5], "f4"), scientific=True), sample(np.array([1.5], "f4"), shortest=True),
                                                sample(np.array([7], "i4"), width=4, fill="0")], **ONCE,
    errors=[error("errors.InvalidArgumentError", "precision not supported for datatype int64", np.array([1]), precision=2)])
row("StringToNumber", "string_to_number", samples=lambda r: [sample(text("1.5", "-2e3"))], **ONCE,
    reference=lambda x: np.array([1.5, -2000], "f4"), errors=[error(I, "could not correctly convert string: abc", text("abc"))])
row("StringToNumber", lambda tf, x: tf.string_to_number(x, tf.int64), name="string_to_number int64", samples=lambda r: [sample(text("15", "-2"))],
    **ONCE, reference=lambda x: np.array([15, -2]))
row("DecodeRaw", lambda tf, x, little_endian=True: tf.decode_raw(x, tf.int16, little_endian), name="decode_raw", **ONCE,
    samples=lambda r: [sample(text(b"\x01\x00\x02\x00", b"\x03\x00\x04\x01")), sample(text(b"\x01\x00"), little_endian=False)],
    reference=lambda x, little_endian=True: np.array([[1, 2], [3, 260]], "i2") if little_endian else np.array([[256]], "i2"),
    errors=[error(I, "not a multiple of 2", text(b"abc")), error(I, "all be the same size", text(b"ab", b"abcd"))])
row("StringFormat", lambda tf, x, n: tf.strings.format("x = {}, n = {}", (x, n)), name="strings.format", **ONCE,
    samples=lambda r: [sample(np.arange(8, dtype="f4") / 2, np.array(3)), sample(np.arange(4, dtype="i4").reshape(2, 2), np.array(3))])
LONG = text("", "a", "abc", "abcd", "hello world", "x" * 17, "abcdefgh" * 5, "0123456789" * 7, "lorem ipsum dolor " * 20, "y" * 64, "z" * 65, "w" * 128)
row("StringToHashBucketFast", "string_to_hash_bucket_fast", samples=lambda r: [sample(LONG, 1000003)], **ONCE)
row("StringToHashBucket", "string_to_hash_bucket", samples=lambda r: [sample(LONG, 1000003)], **ONCE)
row("StringToHashBucketStrong", "string_to_hash_bucket_strong", samples=lambda r: [sample(LONG, 1000003, [123, 456])], **ONCE)
