"""tf.contrib.learn.preprocessing: words to numbers."""
import pickle

import numpy as np
import pytest

import graphflow as tf

preprocessing = tf.contrib.learn.preprocessing
TEXTS = ["the cat sat", "the dog's mat, the end", "camelCase HTTPServer x-ray 42"]


def split(texts):
    """A tokenizer of one's own."""
    return (text.split() for text in texts)


def test_words_are_numbered_as_they_come():
    processor = preprocessing.VocabularyProcessor(4)
    rows = np.array(list(processor.fit_transform(TEXTS)))
    assert rows.dtype == np.int64
    assert rows.tolist() == [[1, 2, 3, 0], [1, 4, 5, 1], [7, 8, 9, 10]]
    assert list(processor.reverse(rows[:1])) == ["the cat sat <UNK>"]
    assert len(processor.vocabulary_) == 12
    assert [r.tolist() for r in processor.transform(["the unheard mat"])] == [[1, 0, 5, 0]]


def test_texts_are_cut_into_words():
    assert list(preprocessing.tokenizer(TEXTS))[2] == ["camelCase", "HTTP", "Server", "x-ray", "42"]
    assert list(preprocessing.tokenizer(["It's FooBar, NASA!"])) == [["It's", "Foo", "Bar", "NASA"]]


def test_rare_words_are_unknown_and_frequent_ones_come_first():
    processor = preprocessing.VocabularyProcessor(3, min_frequency=1).fit(["b a a", "c b c a", "d"])
    assert processor.vocabulary_._mapping == {"<UNK>": 0, "a": 1, "b": 2, "c": 3}
    assert [r.tolist() for r in processor.transform(["d c b"])] == [[0, 3, 2]]
    processor.vocabulary_.trim(1, max_frequency=3)
    assert processor.vocabulary_._mapping == {"<UNK>": 0, "b": 1, "c": 2}


def test_processors_are_saved_and_restored(tmp_path):
    path = str(tmp_path / "vocab")
    processor = preprocessing.VocabularyProcessor(4, tokenizer_fn=split)
    rows = [r.tolist() for r in processor.fit_transform(TEXTS)]
    processor.save(path)
    restored = preprocessing.VocabularyProcessor.restore(path)
    assert [r.tolist() for r in restored.transform([*TEXTS])] == rows and len(restored.vocabulary_) == len(processor.vocabulary_)
    assert [r.tolist() for r in restored.transform(["new the"])] == [[0, 1, 0, 0]]
    with pytest.raises(ValueError, match="has no name to find it again"):
        preprocessing.VocabularyProcessor(4, tokenizer_fn=lambda texts: split(texts)).save(path)
    (tmp_path / "old").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ValueError, match=r"was not written by graphflow's VocabularyProcessor\.save"):
        preprocessing.VocabularyProcessor.restore(str(tmp_path / "old"))


def test_bytes_of_texts():
    processor = preprocessing.ByteProcessor(5)
    rows = list(processor.fit_transform(["hé", b"longer text"]))
    assert [r.tolist() for r in rows] == [[104, 195, 169, 0, 0], [*b"longe"]]
    assert list(processor.reverse(rows)) == ["hé", "longe"]


def test_digits_are_read_by_their_old_names():
    from graphflow.datasets import mnist
    assert tf.contrib.learn.datasets.mnist.read_data_sets is mnist.read_data_sets
    assert tf.contrib.learn.python.learn.datasets.mnist.read_data_sets is mnist.read_data_sets
