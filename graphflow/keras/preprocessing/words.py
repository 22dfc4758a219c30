"""tf.keras.preprocessing.text: words of texts as numbers."""
from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...core.export import export

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_TABLES = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")


@export("keras.preprocessing.text.text_to_word_sequence")
def text_to_word_sequence(text: str, filters: str = FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """The words of a text, apart at `split`; the characters in `filters` are left out, and count as it."""
    if lower:
        text = text.lower()
    return [word for word in text.translate({ord(c): split for c in filters}).split(split) if word]


@export("keras.preprocessing.text.one_hot")
def one_hot(text: str, n: int, filters: str = FILTERS, lower: bool = True, split: str = " ") -> list[int]:
    """A number in [1, n) for each word: Python's hash, which differs from run to run; see hashing_trick for another."""
    return hashing_trick(text, n, hash, filters, lower, split)


@export("keras.preprocessing.text.hashing_trick")
def hashing_trick(text: str, n: int, hash_function: Any = None, filters: str = FILTERS, lower: bool = True, split: str = " ") -> list[int]:
    """A number in [1, n) for each word, by a hash: Python's, 'md5' (the same in each run), or a function of a word."""
    if hash_function == "md5":
        hash_function = _md5
    number: Callable[[str], int] = hash_function or hash
    return [1 + number(word) % (n - 1) for word in text_to_word_sequence(text, filters, lower, split)]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


@export("keras.preprocessing.text.Tokenizer")
class Tokenizer:
    """Numbers words by how often texts have them, from 1; 0 stands for none.

    num_words: only the num_words - 1 most common count. char_level: characters are words. oov_token: stands for words that are not known;
    without it they are left out. word_index {word: number}, word_counts {word: times}, word_docs {word: texts that have it}.
    """

    def __init__(self, num_words: int | None = None, filters: str = FILTERS, lower: bool = True, split: str = " ",
                 char_level: bool = False, oov_token: str | None = None, document_count: int = 0, **kwargs: Any):
        kwargs.pop("nb_words", None)
        if kwargs:
            raise TypeError(f"Unrecognized keyword arguments: {kwargs}")
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.document_count = char_level, oov_token, document_count
        self.word_counts: Counter[Any] = Counter()
        self.word_docs: Counter[Any] = Counter()
        self.index_docs: Counter[int] = Counter()
        self.word_index: dict[Any, int] = {}
        self.index_word: dict[int, Any] = {}

    def _words(self, text: Any) -> list[Any]:
        if self.char_level or isinstance(text, list):
            if not self.lower:
                return list(text)
            return [item.lower() for item in text] if isinstance(text, list) else list(text.lower())
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Any) -> None:
        """Counts the words of texts (strings, or lists of words), and numbers them."""
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            self.word_counts.update(words)
            self.word_docs.update(dict.fromkeys(words, 1))
        by_count = sorted(self.word_counts.items(), key=lambda pair: -pair[1])
        vocabulary = [*([self.oov_token] if self.oov_token is not None else []), *(word for word, _ in by_count)]
        self.word_index = dict(zip(vocabulary, range(1, len(vocabulary) + 1)))
        self.index_word = {number: word for word, number in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Any) -> None:
        """Counts numbers in sequences; for sequences_to_matrix without texts."""
        self.document_count += len(sequences)
        for sequence in sequences:
            self.index_docs.update(dict.fromkeys(sequence, 1))

    def texts_to_sequences(self, texts: Any) -> list[list[int]]:
        """The numbers of the words of each text."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Any) -> Iterator[list[int]]:
        """The same, one after the other."""
        unknown = self.word_index.get(self.oov_token)
        for text in texts:
            numbers = [self.word_index.get(word) for word in self._words(text)]
            kept = [unknown if n is None or self.num_words and n >= self.num_words else n for n in numbers]
            yield [n for n in kept if n is not None]

    def sequences_to_texts(self, sequences: Any) -> list[str]:
        """The words of numbers, apart by blanks."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Any) -> Iterator[str]:
        """The same, one after the other."""
        unknown = self.index_word.get(self.word_index.get(self.oov_token, 0))
        for sequence in sequences:
            words = [self.index_word.get(n) if not (self.num_words and n >= self.num_words) else None for n in sequence]
            yield " ".join(word for word in (unknown if w is None else w for w in words) if word is not None)

    def texts_to_matrix(self, texts: Any, mode: str = "binary") -> Any:
        """An array [texts, words]: whether words occur ('binary'), how often ('count'), which share ('freq'), how tellingly ('tfidf')."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Any, mode: str = "binary") -> Any:
        """The same of sequences of numbers. ValueError where the number of words is not known."""
        if not self.num_words and not self.word_index:
            raise ValueError("Specify a dimension (`num_words` argument), or fit on some text data first.")
        if mode == "tfidf" and not self.document_count:
            raise ValueError("Fit the Tokenizer on some data before using tfidf mode.")
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ValueError(f"Unknown vectorization mode: {mode}")
        size = self.num_words or len(self.word_index) + 1
        found = np.zeros((len(sequences), size))
        for row, sequence in zip(found, sequences):
            for number, count in Counter(n for n in sequence if n < size).items():
                if mode == "binary":
                    row[number] = 1
                elif mode == "count":
                    row[number] = count
                elif mode == "freq":
                    row[number] = count / len(sequence)
                else:
                    rarity = np.log(1 + self.document_count / (1 + self.index_docs[number]))
                    row[number] = (1 + np.log(count)) * rarity
        return found

    def get_config(self) -> dict[str, Any]:
        """All that it knows, as plain values; its tables as JSON."""
        tables = {name: json.dumps(dict(getattr(self, name))) for name in _TABLES}
        return {"num_words": self.num_words, "filters": self.filters, "lower": self.lower, "split": self.split,
                "char_level": self.char_level, "oov_token": self.oov_token, "document_count": self.document_count, **tables}

    def to_json(self, **kwargs: Any) -> str:
        """The config as JSON: tokenizer_from_json reads it."""
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


@export("keras.preprocessing.text.tokenizer_from_json")
def tokenizer_from_json(json_string: str) -> Tokenizer:
    """A Tokenizer from what its to_json gave."""
    config = json.loads(json_string)["config"]
    tables = {name: json.loads(config.pop(name)) for name in _TABLES}
    found = Tokenizer(**config)
    found.word_counts, found.word_docs = Counter(tables["word_counts"]), Counter(tables["word_docs"])
    found.index_docs = Counter({int(k): v for k, v in tables["index_docs"].items()})
    found.index_word = {int(k): v for k, v in tables["index_word"].items()}
    found.word_index = tables["word_index"]
    return found
