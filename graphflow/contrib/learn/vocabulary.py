"""tf.contrib.learn.preprocessing: documents to rows of word numbers. No graph is involved."""
from __future__ import annotations

import importlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ...core.export import export, export_values

_HOME = "contrib.learn.preprocessing"
# Words: capitals in a row, a capitalized word in front of another capital (camel case is cut), else letters, digits, ' and -.
_CAPITALS, _CAMEL, _PLAIN = r"[A-Z]{2,}(?![a-z])", r"[A-Z][a-z]+(?=[A-Z])", r"[-'\w]+"
TOKENIZER_RE = re.compile("|".join((_CAPITALS, _CAMEL, _PLAIN)))
export_values(__name__, contrib__learn__preprocessing__TOKENIZER_RE="TOKENIZER_RE")


@export(f"{_HOME}.tokenizer")
def tokenizer(iterator: Iterable[str]) -> Iterator[list[str]]:
    """The words of each text."""
    for text in iterator:
        yield TOKENIZER_RE.findall(text)


@export(f"{_HOME}.CategoricalVocabulary")
class CategoricalVocabulary:
    """Numbers for words: unknown_token is 0, others are counted on as they come until it is frozen."""

    def __init__(self, unknown_token: str = "<UNK>", support_reverse: bool = True):
        self._unknown_token, self._support_reverse = unknown_token, support_reverse
        self._mapping: dict[Any, int] = {unknown_token: 0}
        self._freq: Counter[Any] = Counter()
        self._reverse_mapping: list[Any] = [unknown_token]
        self._freeze = False

    def __len__(self) -> int:
        return len(self._mapping)

    def freeze(self, freeze: bool = True) -> None:
        """From now on new words are unknown; freeze=False: no longer."""
        self._freeze = freeze

    def get(self, category: Any) -> int:
        """A word's number, a new one for a new word unless it is frozen."""
        if category not in self._mapping:
            if self._freeze:
                return 0
            self._mapping[category] = len(self._mapping)
            self._reverse_mapping.append(category)
        return self._mapping[category]

    def add(self, category: Any, count: int = 1) -> None:
        """Counts a word."""
        if self.get(category) > 0:
            self._freq[category] += count

    def trim(self, min_frequency: int, max_frequency: int = -1) -> None:
        """Keeps words that came more than min_frequency times (and fewer than max_frequency), numbered anew: the most frequent first,
        those of one frequency by the alphabet."""
        ranked = sorted(self._freq.items(), key=lambda item: (-item[1], isinstance(item[0], str), item[0]))
        kept = [(word, n) for word, n in ranked if n > min_frequency and (max_frequency <= 0 or n < max_frequency)]
        self._reverse_mapping = [self._unknown_token, *(word for word, _ in kept)]
        self._mapping = {word: i for i, word in enumerate(self._reverse_mapping)}
        self._freq = Counter(dict(kept))

    def reverse(self, class_id: int) -> Any:
        """The word of a number."""
        if not self._support_reverse:
            raise ValueError("This vocabulary wasn't initialized with support_reverse to support reverse() function.")
        return self._reverse_mapping[class_id]


@export(f"{_HOME}.VocabularyProcessor")
class VocabularyProcessor:
    """Rows of max_document_length word numbers, cut or padded with 0.

    min_frequency: words that come so often or less are unknown (number 0). vocabulary: a CategoricalVocabulary to go on with.
    tokenizer_fn: from texts to lists of words. `vocabulary_` is the vocabulary.
    """

    def __init__(self, max_document_length: int, min_frequency: int = 0, vocabulary: CategoricalVocabulary | None = None,
                 tokenizer_fn: Callable[[Iterable[str]], Iterable[Any]] | None = None):
        self.max_document_length, self.min_frequency = max_document_length, min_frequency
        self.vocabulary_ = vocabulary if vocabulary else CategoricalVocabulary()
        self._tokenizer = tokenizer_fn or tokenizer

    def fit(self, raw_documents: Iterable[str], unused_y: Any = None) -> VocabularyProcessor:
        """Learns the words of texts, and no more afterwards; gives itself."""
        for words in self._tokenizer(raw_documents):
            for word in words:
                self.vocabulary_.add(word)
        if self.min_frequency > 0:
            self.vocabulary_.trim(self.min_frequency)
        self.vocabulary_.freeze()
        return self

    def fit_transform(self, raw_documents: Iterable[str], unused_y: Any = None) -> Iterator[Any]:
        """fit, then transform."""
        self.fit(raw_documents)
        return self.transform(raw_documents)

    def transform(self, raw_documents: Iterable[str]) -> Iterator[Any]:
        """An int64 array [max_document_length] for each text."""
        for words in self._tokenizer(raw_documents):
            row = np.zeros(self.max_document_length, np.int64)
            for i, word in zip(range(self.max_document_length), words):
                row[i] = self.vocabulary_.get(word)
            yield row

    def reverse(self, documents: Iterable[Any]) -> Iterator[str]:
        """The words of each row, with a space between them."""
        for row in documents:
            yield " ".join(self.vocabulary_.reverse(number) for number in row)

    def save(self, filename: str) -> None:
        """Writes a JSON file, which `restore` reads. A tokenizer of one's own must be a function of a module: ValueError."""
        own = self._tokenizer
        place = [getattr(own, "__module__", None), getattr(own, "__qualname__", None)]
        if None in place or "<" in str(place[1]):
            raise ValueError(f"The tokenizer {own} has no name to find it again: define it in a module.")
        words = self.vocabulary_
        content = {"max_document_length": self.max_document_length, "min_frequency": self.min_frequency, "tokenizer": place,
                   "words": words._reverse_mapping, "counts": list(words._freq.items()), "frozen": words._freeze}
        Path(filename).write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def restore(cls, filename: str) -> VocabularyProcessor:
        """What `save` wrote. Files that TensorFlow pickled are refused: ValueError."""
        try:
            content = json.loads(Path(filename).read_bytes())
            module, name = content["tokenizer"]
        except (ValueError, KeyError, TypeError):
            raise ValueError(f"{filename} was not written by graphflow's VocabularyProcessor.save; fit the processor anew and save "
                             "it.") from None
        words = CategoricalVocabulary(content["words"][0])
        words._reverse_mapping = content["words"]
        words._mapping = {word: i for i, word in enumerate(content["words"])}
        words._freq, words._freeze = Counter(dict(map(tuple, content["counts"]))), content["frozen"]
        function: Any = importlib.import_module(module)
        for part in name.split("."):
            function = getattr(function, part)
        return cls(content["max_document_length"], content["min_frequency"], words, function)


@export(f"{_HOME}.ByteProcessor")
class ByteProcessor:
    """Rows of max_document_length bytes of texts, cut or padded with 0."""

    def __init__(self, max_document_length: int):
        self.max_document_length = max_document_length

    def fit(self, x: Any) -> ByteProcessor:
        """Nothing is to learn."""
        return self

    def fit_transform(self, x: Iterable[Any]) -> Iterator[Any]:
        """transform."""
        return self.transform(x)

    def transform(self, x: Iterable[Any]) -> Iterator[Any]:
        """A uint8 array [max_document_length] for each text or bytes."""
        for text in x:
            found = np.frombuffer(text.encode("utf-8") if isinstance(text, str) else text, np.uint8)[:self.max_document_length]
            yield np.pad(found, (0, self.max_document_length - len(found)))

    @staticmethod
    def reverse(x: Iterable[Any]) -> Iterator[str]:
        """The text of each row, without zeros at its end."""
        for row in x:
            yield bytes(np.asarray(row, np.uint8)).rstrip(b"\0").decode("utf-8", "ignore")
