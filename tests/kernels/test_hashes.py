"""Hashes of strings: TensorFlow's numbers, and the same for one string as for many."""

from __future__ import annotations

import random

import numpy as np
import pytest

from graphflow.kernels import hashes, packed

BUCKETS = 2**62
# the length of a string (see `text`), and its bucket among 2^62 in TensorFlow 2.21: fast, plain, strong under the key [3, -4]
KNOWN = [
    (0, 1936946117179621455, 105434511174508091, 2331314543081083028),
    (1, 766514606110392582, 4045568313951375072, 826455605780773866),
    (3, 1581086610867725355, 4437946586480981674, 3626307194297679642),
    (4, 3233621468140544677, 635888649319363746, 3576759813939848761),
    (7, 2196999743622797114, 4503300253280806293, 3862634981979032832),
    (8, 3346625888356809136, 2261390593865629672, 3072718355779811553),
    (16, 3066597064894063956, 45256932775346495, 4285079866701540123),
    (17, 396961511053815665, 2097703626269683347, 3985558763312463563),
    (32, 3808446312527302143, 2697883755581689108, 1423886038914388239),
    (33, 546613098574598977, 3117134584738108044, 973605067803254407),
    (64, 1859692024977922284, 2817797733315875061, 3216610728524608654),
    (65, 3041498187743114328, 4287563157186951377, 447808413192564917),
    (128, 2003798058489048521, 2197624490377029079, 2421069044345320807),
    (200, 4234603992024388429, 1327505915259400520, 3459222130921914367),
    (1000, 3591724531320950946, 3196852269076931443, 517180503885124425),
]
KEY = (3, -4)


def text(length: int) -> bytes:
    return bytes((i * 7 + length * 13) % 256 for i in range(length))


def array(texts: list[bytes]) -> np.ndarray:
    found = np.empty(len(texts), object)
    found[:] = texts
    return found


@pytest.mark.parametrize(("length", "fast", "plain", "strong"), KNOWN)
def test_hashes_of_one_string_are_those_of_tensorflow(length, fast, plain, strong):
    found = [hashes.fingerprint64(text(length)), hashes.murmur64(text(length)), hashes.siphash(text(length), KEY)]
    assert [number % BUCKETS for number in found] == [fast, plain, strong]


def test_hashes_of_many_strings_are_those_of_tensorflow():
    texts = array([text(row[0]) for row in KNOWN])
    for column, found in enumerate((hashes.fingerprints64(texts), hashes.murmurs64(texts), hashes.siphashes(texts, KEY)), 1):
        assert (found % BUCKETS).tolist() == [row[column] for row in KNOWN]


def _mixed() -> list[bytes]:
    source = random.Random(5)
    texts = [source.randbytes(n) for n in [*range(150), *(source.randrange(1500) for _ in range(60))]]
    source.shuffle(texts)
    return texts


@pytest.mark.parametrize("texts", [_mixed(), [b"a"] * 20, [b""] * 20, [b"\xff"] * 20, [text(70)] * 20, []],
                         ids=["mixed", "equal", "empty", "marks", "long", "none"])  # fmt: skip
def test_many_strings_hash_as_each_does_alone(texts, monkeypatch):
    monkeypatch.setattr(packed, "CHUNK", 32)
    given = array(texts)
    assert hashes.fingerprints64(given).tolist() == [hashes.fingerprint64(t) for t in texts]
    assert hashes.murmurs64(given).tolist() == [hashes.murmur64(t) for t in texts]
    assert hashes.siphashes(given, KEY).tolist() == [hashes.siphash(t, KEY) for t in texts]


def test_hashes_keep_the_shape_of_the_strings():
    grid = array([b"%d" % i for i in range(60)]).reshape(5, 12)
    assert hashes.fingerprints64(grid)[2, 3] == hashes.fingerprint64(b"27")
    assert hashes.fingerprints64(grid[:2, :2]).tolist() == [[hashes.fingerprint64(b"%d" % i) for i in row] for row in ([0, 1], [12, 13])]


@pytest.mark.parametrize("shape", [(20, 1), (40, 3), (9, 17), (3, 300), (5, 0), (0, 4), (1, 8)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.int64])
def test_rows_of_numbers_hash_as_their_bytes(shape, dtype, monkeypatch):
    monkeypatch.setattr(hashes, "CHUNK", 7)
    rows = np.random.default_rng(2).integers(0, 200, shape).astype(dtype)
    assert hashes.fingerprints64_of_rows(rows).tolist() == [hashes.fingerprint64(row.tobytes()) for row in rows]
    assert hashes.fingerprints64_of_rows(rows[:, ::-1]).tolist() == [hashes.fingerprint64(row.tobytes()) for row in rows[:, ::-1]]
