"""tf.keras.datasets.imdb and reuters: texts as lists of numbers of words, the most common ones first."""
from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np

from ...core.export import export
from .files import _STORE, fetch
from .pickled import read_arrays


def _shuffled(random: Any, *arrays: Any) -> list[Any]:
    order = np.arange(len(arrays[0]))
    random.shuffle(order)
    return [a[order] for a in arrays]


def _marked(texts: Any, labels: Any, num_words: int | None, skip_top: int, maxlen: int | None, start_char: int | None, oov_char: int | None,
            index_from: int) -> tuple[list[Any], list[Any]]:
    """Texts with a number at their beginning, moved by index_from, those that are too long left out, and rare words marked."""
    start = [] if start_char is None else [start_char]
    rows = [[*start, *(word + index_from for word in text)] if start or index_from else list(text) for text in texts]
    kept = [(row, label) for row, label in zip(rows, labels) if maxlen is None or not maxlen or len(row) < maxlen]
    if not kept:
        raise ValueError(f"After filtering for sequences shorter than maxlen={maxlen}, no sequence was kept. Increase maxlen.")
    rows, labels = [row for row, _ in kept], [label for _, label in kept]
    limit = num_words or max(map(max, rows)) + (0 if num_words else 1)
    common = range(skip_top, limit)
    if oov_char is not None:
        return [[word if word in common else oov_char for word in row] for row in rows], labels
    return [[word for word in row if word in common] for row in rows], labels


def _objects(rows: list[Any]) -> Any:
    found = np.empty(len(rows), object)
    found[:] = rows
    return found


def _old(kwargs: dict[str, Any], num_words: int | None) -> int | None:
    if "nb_words" in kwargs:
        warnings.warn("The `nb_words` argument in `load_data` has been renamed `num_words`.", stacklevel=3)
        num_words = kwargs.pop("nb_words")
    if kwargs:
        raise TypeError(f"Unrecognized keyword arguments: {sorted(kwargs)}")
    return num_words


@export("keras.datasets.imdb.load_data")
def load_imdb(path: str = "imdb.npz", num_words: int | None = None, skip_top: int = 0, maxlen: int | None = None, seed: int = 113,
              start_char: int | None = 1, oov_char: int | None = 2, index_from: int = 3, **kwargs: Any) -> Any:
    """25,000 reviews of films for training and as many for testing, 1 of those that praise: (x_train, y_train), (x_test, y_test).

    num_words, skip_top: words that are rarer or more common become oov_char (None: are left out). maxlen: longer texts are left out.
    start_char: before each text; index_from: added to all words. Looked for in GRAPHFLOW_DATA and ~/.keras/datasets, then downloaded.
    """
    num_words = _old(kwargs, num_words)
    x_train, y_train, x_test, y_test = read_arrays(fetch(path, _STORE + "imdb.npz"), "x_train", "y_train", "x_test", "y_test")
    random = np.random.RandomState(seed)
    x_train, y_train = _shuffled(random, x_train, y_train)
    x_test, y_test = _shuffled(random, x_test, y_test)
    rows, labels = _marked([*x_train, *x_test], [*y_train, *y_test], num_words, skip_top, maxlen, start_char, oov_char, index_from)
    at = len(x_train)
    return (_objects(rows[:at]), np.array(labels[:at])), (_objects(rows[at:]), np.array(labels[at:]))


@export("keras.datasets.reuters.load_data")
def load_reuters(path: str = "reuters.npz", num_words: int | None = None, skip_top: int = 0, maxlen: int | None = None,
                 test_split: float = 0.2, seed: int = 113, start_char: int | None = 1, oov_char: int | None = 2, index_from: int = 3,
                 **kwargs: Any) -> Any:
    """11,228 news of 46 topics: (x_train, y_train), (x_test, y_test); a share test_split for testing. The rest is imdb.load_data's."""
    num_words = _old(kwargs, num_words)
    x, y = _shuffled(np.random.RandomState(seed), *read_arrays(fetch(path, _STORE + "reuters.npz"), "x", "y"))
    rows, labels = _marked(x, y, num_words, skip_top, maxlen, start_char, oov_char, index_from)
    at = int(len(rows) * (1 - test_split))
    return (_objects(rows[:at]), np.array(labels[:at])), (_objects(rows[at:]), np.array(labels[at:]))


@export("keras.datasets.imdb.get_word_index")
def imdb_word_index(path: str = "imdb_word_index.json") -> Any:
    """{word: number} of the reviews, before index_from is added."""
    return _index(path, "imdb_word_index.json")


@export("keras.datasets.reuters.get_word_index")
def reuters_word_index(path: str = "reuters_word_index.json") -> Any:
    """{word: number} of the news, before index_from is added."""
    return _index(path, "reuters_word_index.json")


def _index(path: str, name: str) -> Any:
    with open(fetch(path, _STORE + name), encoding="utf-8") as file:
        return json.load(file)
