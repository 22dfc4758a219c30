"""String ops that take some thousand strings at a time: what they give is what each string gives alone, in order, across the borders."""

from __future__ import annotations

import base64
import random
import re

import numpy as np
import pytest

import graphflow as tf
from graphflow.kernels import decimals, packed
from graphflow.ops.string import base, regex, text


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    for module in (packed, base, text):
        monkeypatch.setattr(module, "CHUNK", 7)


def words(count, seed=0):
    """Strings of many kinds: empty ones, bytes that are no text, delimiters at both ends."""
    source = random.Random(seed)
    kinds = [lambda: b"", lambda: source.randbytes(source.randrange(12)),
             lambda: bytes(source.choices(b"ab ,;.xyz", k=source.randrange(14))),
             lambda: "".join(source.choices("aé, €z", k=source.randrange(9))).encode(), lambda: b"\xff" * source.randrange(3)]  # fmt: skip
    found = np.empty(count, object)
    found[:] = [source.choice(kinds)() for _ in range(count)]
    return found


def run(fetch, feeds=None):
    with tf.Session() as session:
        return session.run(fetch, feeds)


COUNTS = [0, 1, 6, 7, 8, 40]


@pytest.mark.parametrize("count", COUNTS)
def test_lengths_parts_and_base64(count):
    texts = words(count)
    with tf.Graph().as_default():
        fed = tf.placeholder(tf.string, [None])
        found = run([tf.strings.length(fed), tf.encode_base64(fed), tf.encode_base64(fed, pad=True), tf.strings.lower(fed)], {fed: texts})
    coded = [base64.urlsafe_b64encode(t) for t in texts]
    assert [v.tolist() for v in found] == [[len(t) for t in texts], [c.rstrip(b"=") for c in coded], coded, [t.lower() for t in texts]]
    assert found[0].dtype == np.int32


@pytest.mark.parametrize(("position", "length"), [(0, 2), (1, 3), (2, 0), (-2, 1), (-2, 2), (-3, 9)])
@pytest.mark.parametrize("count", COUNTS)
def test_parts_at_one_place(count, position, length):
    texts = words(count, 3)
    texts[:] = [b"abc" + t for t in texts]
    with tf.Graph().as_default():
        fed = tf.placeholder(tf.string, [None])
        found = run(tf.substr(fed, position, length), {fed: texts})
    assert found.tolist() == [t[position:][:length] for t in texts]


def test_a_part_beyond_one_of_many_strings_is_named():
    texts = np.array([b"abcd"] * 9 + [b"a"], object)
    with tf.Graph().as_default(), pytest.raises(tf.errors.InvalidArgumentError, match="pos 3 out of range for string b'a'"):
        run(tf.substr(texts, 3, 1))


@pytest.mark.parametrize("marks", [" ", ",;", " .,z", "\xff", ""])
@pytest.mark.parametrize("skip_empty", [True, False])
@pytest.mark.parametrize("count", COUNTS)
def test_splitting_at_bytes(count, marks, skip_empty):
    texts = words(count, 1)
    bytes_of_marks = marks.encode("latin-1")
    with tf.Graph().as_default():
        fed, by = tf.placeholder(tf.string, [None]), tf.placeholder(tf.string, [])
        parts = run(tf.string_split(fed, by, skip_empty=skip_empty), {fed: texts, by: np.array(bytes_of_marks, object)})
    rows = [re.split(b"[" + re.escape(bytes_of_marks) + b"]", t) if marks else [t[i : i + 1] for i in range(len(t))] for t in texts]
    rows = [[piece for piece in row if piece or not skip_empty] for row in rows]
    assert parts.indices.tolist() == [[i, j] for i, row in enumerate(rows) for j in range(len(row))]
    assert parts.values.tolist() == [piece for row in rows for piece in row]
    assert parts.dense_shape.tolist() == [count, max(map(len, rows), default=0)]


@pytest.mark.parametrize("sep", ["", ",", ", "])
@pytest.mark.parametrize("count", COUNTS)
def test_splitting_as_python_does(count, sep):
    texts = words(count, 2)
    with tf.Graph().as_default():
        fed = tf.placeholder(tf.string, [None])
        parts = run(tf.strings.split(fed, sep), {fed: texts})
    rows = [t.split(sep.encode() or None) for t in texts]
    assert parts.indices.tolist() == [[i, j] for i, row in enumerate(rows) for j in range(len(row))]
    assert parts.values.tolist() == [piece for row in rows for piece in row]


NUMBERS = [b"0", b"-0", b"+7", b"007", b"2147483647", b"-2147483648", b"1.5", b"-.25", b"3.", b"1e3", b"inf", b" 4 ", b"16777217", b"0.1",
           b"123456789012345678901", b"9007199254740993", b"3.14159265358979323846",
           b"0.30000000000000004", b"99999999999999999.5"]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_are_those_that_python_reads(dtype):
    with tf.Graph().as_default():
        found = run(tf.string_to_number(NUMBERS, tf.as_dtype(dtype)))
    wanted = np.array([float(t) for t in NUMBERS]).astype(dtype)
    assert np.array_equal(found, wanted)
    assert np.array_equal(np.signbit(found), np.signbit(wanted))


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint32, np.uint64])
def test_integers_at_the_ends_of_their_range(dtype):
    limits = np.iinfo(dtype)
    texts = np.array([b"%d" % v for v in (limits.min, limits.max, 0, 5)], object)
    assert decimals.numbers(texts, np.dtype(dtype), int).tolist() == [limits.min, limits.max, 0, 5]


@pytest.mark.parametrize("wrong", [b"", b"-", b".", b"1.2.3", b"--1", b"1-", b"x", b"1 2", b"1_0"])
@pytest.mark.parametrize("dtype", [tf.float32, tf.int32])
def test_what_is_no_number_is_named(wrong, dtype):
    with tf.Graph().as_default(), pytest.raises(tf.errors.InvalidArgumentError, match="could not correctly convert string: "):
        run(tf.string_to_number([b"12"] * 9 + [wrong], dtype))


def test_an_integer_out_of_range_is_refused():
    with tf.Graph().as_default(), pytest.raises(tf.errors.InvalidArgumentError, match="2147483648"):
        run(tf.string_to_number(["2147483648"], tf.int32))


PATTERNS = [("o.", "X"), ("[ab]*", "-"), ("(a)(b)?", r"\2\1"), ("^a|b$", "<>"), ("x|", r"\\"), (".", "é"), (r"\s+", " "),
            ("(?i)AB", r"\0\0"), ("[^a,]", "_"), (r"\pL", "L"), ("[[:alpha:]]+", r"<\0>"), (r"[x-\x{2000}]", "!"), (r"\\U0000000a|b", "u"),
            (r"[\x{80}-\x{ff}]|z", "-"), ("", "|")]  # fmt: skip


@pytest.mark.parametrize(("pattern", "rewrite"), PATTERNS)
@pytest.mark.parametrize("everywhere", [True, False])
def test_ascii_texts_are_rewritten_as_all_others_are(pattern, rewrite, everywhere):
    texts = words(60, 4)
    plain = [t for t in texts if t.isascii()]
    assert len(plain) > 20
    with tf.Graph().as_default():
        together = run([tf.regex_replace(plain, pattern, rewrite, replace_global=everywhere), tf.strings.regex_full_match(plain, pattern)])
        beside = run([tf.regex_replace([t for p in plain for t in (p, "é")], pattern, rewrite, replace_global=everywhere),
                      tf.strings.regex_full_match([t for p in plain for t in (p, "é")], pattern)])  # fmt: skip
    assert together[0].tolist() == beside[0].tolist()[::2]
    assert together[1].tolist() == beside[1].tolist()[::2]


@pytest.mark.parametrize("count", COUNTS)
def test_characters_of_utf_8(count):
    texts = words(count, 5)
    with tf.Graph().as_default():
        fed = tf.placeholder(tf.string, [None])
        found = run(tf.strings.length(fed, unit="UTF8_CHAR"), {fed: texts})
    assert found.tolist() == [sum(byte & 0xC0 != 0x80 for byte in t) for t in texts]


@pytest.mark.parametrize("unit", ["BYTE", "UTF8_CHAR"])
@pytest.mark.parametrize("letters", ["abc", "aé€"])
def test_parts_at_places_of_their_own(unit, letters):
    source = random.Random(6)
    texts = ["".join(source.choices(letters, k=source.randrange(3, 9))) for _ in range(40)]
    places, sizes = [source.randrange(-2, 3) if i % 2 else 1 for i in range(40)], [source.choice([0, 1, 4, 2**31 - 1]) for _ in range(40)]
    for positions in (places, [abs(p) for p in places]):
        with tf.Graph().as_default():
            found = run(tf.substr(texts, positions, sizes, unit=unit)).tolist()
        whole = texts if unit == "UTF8_CHAR" else [t.encode() for t in texts]
        parts = [t[p:][:n] for t, p, n in zip(whole, positions, sizes, strict=True)]
        assert found == [part if isinstance(part, bytes) else part.encode() for part in parts]


@pytest.mark.parametrize("count", COUNTS)
def test_base64_and_back(count):
    texts = words(count, 8)
    with tf.Graph().as_default():
        fed = tf.placeholder(tf.string, [None])
        found = run([tf.decode_base64(tf.encode_base64(fed, pad=pad)) for pad in (True, False)], {fed: texts})
    assert [v.tolist() for v in found] == [texts.tolist()] * 2


@pytest.mark.parametrize(("wrong", "what"), [("a", "cannot be 1 modulo 4: b'a'"), ("a+bc", "Invalid character"), ("a\nbc", "Invalid")])
def test_what_is_no_base64_is_named(wrong, what):
    with tf.Graph().as_default(), pytest.raises(tf.errors.InvalidArgumentError, match=what):
        run(tf.decode_base64(["YWJj"] * 9 + [wrong]))


@pytest.mark.parametrize("tail", [(), (3,), (0,)])
def test_segments_are_joined_in_order(tail):
    source = np.random.default_rng(0)
    texts = np.array([b"%d" % i for i in range(20 * max(1, *tail, 1))], object)[: 20 * int(np.prod(tail))].reshape(20, *tail)
    ids = source.integers(-1, 4, 20)
    with tf.Graph().as_default():
        found = run(tf.strings.unsorted_segment_join(texts.reshape(4, 5, *tail) if texts.size else np.zeros((4, 5, *tail), "S1"),
                                                     ids.reshape(4, 5), 5, separator="-"))  # fmt: skip
    assert found.shape == (5, *tail)
    for at in np.ndindex(*tail):
        assert [found[(k, *at)] for k in range(5)] == [b"-".join(texts[(i, *at)] for i in range(20) if ids[i] == k) for k in range(5)]


@pytest.mark.parametrize(("pattern", "rewrite"), PATTERNS)
@pytest.mark.parametrize("everywhere", [True, False])
def test_texts_are_rewritten_as_by_one_search_after_the_other(pattern, rewrite, everywhere):
    compiled, by, texts = regex._Regex(pattern.encode()), rewrite.encode(), words(80, 9).tolist()
    assert any(not t.isascii() for t in texts)
    for some in (texts, [t for t in texts if t.isascii()]):
        assert compiled.rewritten(some, by, everywhere) == [compiled.replaced(t, by, everywhere) for t in some]
