"""Regular expressions are RE2's, with and without google-re2: rows that TensorFlow wrote (tests/oracle/regex_side.py)."""
import importlib.util
import json
from pathlib import Path

import pytest

import graphflow as tf
from graphflow.ops.string import regex

STORED = json.loads((Path(__file__).parents[1] / "data" / "tensorflow" / "regex.json").read_text())
ENGINES = ["re", pytest.param("re2", marks=pytest.mark.skipif(importlib.util.find_spec("re2") is None, reason="google-re2 is not there"))]


@pytest.fixture
def engine(request, monkeypatch):
    if request.param == "re":
        monkeypatch.setattr(regex, "_re2", None)
    regex._regex.cache_clear()
    yield
    regex._regex.cache_clear()


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_patterns_match_and_replace_as_re2(engine):
    texts, pattern, rewrite = tf.placeholder(tf.string), tf.placeholder(tf.string, []), tf.placeholder(tf.string, [])
    ops = [tf.strings.regex_replace(texts, pattern, rewrite), tf.strings.regex_replace(texts, pattern, rewrite, replace_global=False),
           tf.strings.regex_full_match(texts, pattern)]
    wrong = []
    with tf.Session() as s:
        for given, by, wanted, *whole in STORED["rows"]:
            source = STORED["texts" if by == r"<\0>" and (wanted is None or len(wanted[0]) > 3) else "short"]
            feeds = {texts: [text.encode("latin-1") for text in source], pattern: given, rewrite: by}
            try:
                every, first, matches = s.run(ops, feeds)
                found = [[one.decode("latin-1") for one in texts_] for texts_ in (every, first)], matches.astype(int).tolist()
            except tf.errors.InvalidArgumentError:
                found = (None,)
            if found != (wanted, *whole):
                wrong.append((given, by, found, wanted, whole))
    assert not wrong
    assert len(STORED["rows"]) > 200


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_what_is_no_pattern_is_named(engine):
    for pattern, text in ((r"a(?=B)", r"invalid perl operator: \(\?="), (r"(a)\1", r"invalid escape sequence: \\1"),
                          ("a**", r"bad repetition operator: \*\*"), ("a{1001}", r"invalid repetition size: \{1001\}"),
                          ("*", r"repetition operator: \*"), ("[a", r"missing ]: \[a"), ("(a", r"missing \)"), ("a)", r"unexpected \)"),
                          ("[b-a]", "character class range: b-a")):
        with tf.Session() as s, pytest.raises(tf.errors.InvalidArgumentError, match=f"Invalid pattern: .*{text}"):
            s.run(tf.strings.regex_replace(["a"], pattern, "x"))


def test_scripts_need_google_re2(monkeypatch):
    monkeypatch.setattr(regex, "_re2", None)
    with tf.Session() as s, pytest.raises(tf.errors.InvalidArgumentError, match=r"pip install 'graphflow-tf1\[re2\]'"):
        s.run(tf.strings.regex_full_match(["a"], r"\p{Greek}"))


def test_a_rewrite_with_a_lone_backslash_is_refused():
    with tf.Session() as s, pytest.raises(tf.errors.InvalidArgumentError, match="Invalid rewrite pattern"):
        s.run(tf.strings.regex_replace(["a"], "a", r"\x"))
