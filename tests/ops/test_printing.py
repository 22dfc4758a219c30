"""What tf.print and tf.strings.format write, as TensorFlow writes it."""
import collections

import numpy as np
import pytest

import graphflow as tf

LINES = {
    "strings": (lambda: [tf.constant(["a", "b"])], '["a" "b"]'),
    "strings of rank 2": (lambda: [tf.constant([["a"], ['b"c']])], '[["a"]\n ["b\\"c"]]'),
    "escapes": (lambda: [tf.constant(["a\nb\x01\x7f\\c\r\t"])], '["a\\nb\\001\\177\\\\c\\r\\t"]'),
    "accents": (lambda: [tf.constant(["\u00e1", ""])], '["\u00e1" ""]'),
    "braces": (lambda: ["{}6", tf.range(2)], "{}6 [0 1]"),
    "braces alone": (lambda: ["{}"], "{}"),
    "braces in structures": (lambda: [["a{}", tf.range(1)], {"b{}": tf.range(1)}], "['a{}', [0]] {'b{}': [0]}"),
    "two kinds of braces": (lambda: ["{}0 {}", tf.range(1)], "{}0 {} [0]"),
    "sparse": (lambda: [tf.SparseTensor([[0, 1], [1, 0]], [1.5, 2.0], [2, 2])],
               "'SparseTensor(indices=[[0 1]\n [1 0]], values=[1.5 2], shape=[2 2])'"),
    "ordered": (lambda: [collections.OrderedDict([("b", tf.range(1)), ("a", 2)])], "OrderedDict([('b', [0]), ('a', 2)])"),
    "numbers": (lambda: [tf.constant([1.0, 2.5e-8, 3e10, np.nan, np.inf]), tf.constant(True)], "[1 2.5e-08 3e+10 nan inf] 1"),
}


@pytest.mark.parametrize("what", LINES)
def test_tf_print(capfd, what):
    build, text = LINES[what]
    with tf.Session() as s:
        s.run(tf.print(*build()))
    assert capfd.readouterr().err.rstrip("\n") == text


def test_strings_format_of_texts():
    with tf.Session() as s:
        assert s.run(tf.strings.format("{}|{}", [tf.constant(["a", "b"]), tf.constant("q")])) == b'["a" "b"]|"q"'
