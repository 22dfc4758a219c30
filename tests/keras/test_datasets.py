"""tf.keras.datasets from files in GRAPHFLOW_DATA: small ones of the same form, made here."""
import pickle

import numpy as np
import pytest

import graphflow as tf


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHFLOW_DATA", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GRAPHFLOW_OFFLINE", "1")
    return tmp_path


def objects(*rows):
    found = np.empty(len(rows), object)
    found[:] = [list(row) for row in rows]
    return found


def reviews(folder):
    rows = objects([5, 1, 9], [2, 2], [7, 3, 4, 8])
    np.savez(folder / "imdb.npz", x_train=rows, y_train=np.array([0, 1, 1]), x_test=rows[::-1], y_test=np.array([1, 0, 1]))


def test_reviews_are_marked_and_moved(folder):
    reviews(folder)
    (x, y), (x_test, y_test) = tf.keras.datasets.imdb.load_data()
    assert sorted(map(tuple, x)) == [(1, 5, 5), (1, 8, 4, 12), (1, 10, 6, 7, 11)] and len(y) == len(x_test) == len(y_test) == 3
    assert dict(zip(map(tuple, x), y)) == {(1, 5, 5): 1, (1, 8, 4, 12): 0, (1, 10, 6, 7, 11): 1}
    assert all(isinstance(row, list) for row in x)


def test_rare_words_and_long_texts_go(folder):
    reviews(folder)
    load = tf.keras.datasets.imdb.load_data
    (x, _), _ = load(num_words=9)
    assert sorted(map(tuple, x)) == [(1, 2, 6, 7, 2), (1, 5, 5), (1, 8, 4, 2)]
    (x, _), (x_test, _) = load(num_words=9, oov_char=None, skip_top=5)
    assert sorted(map(tuple, x)) == [(5, 5), (6, 7), (8,)]
    (x, _), (x_test, _) = load(maxlen=4, start_char=None, index_from=0)
    assert sorted(map(tuple, [*x, *x_test])) == [(2, 2), (2, 2), (5, 1, 9), (5, 1, 9)]
    with pytest.raises(ValueError, match="maxlen=1"):
        load(maxlen=1)


def test_news_are_split(folder):
    np.savez(folder / "reuters.npz", x=objects(*[[i + 1] for i in range(10)]), y=np.arange(10))
    (x, y), (x_test, y_test) = tf.keras.datasets.reuters.load_data(test_split=0.3)
    assert len(x) == 7 and len(x_test) == 3
    assert all(row == [1, label + 4] for row, label in zip([*x, *x_test], [*y, *y_test]))


def test_photographs_are_read(folder):
    batches = folder / "cifar-10-batches-py"
    batches.mkdir()
    pixels = np.arange(2 * 3072, dtype=np.int64).reshape(2, 3072).astype(np.uint8)
    for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
        (batches / name).write_bytes(pickle.dumps({b"data": pixels, b"labels": [3, 7]}, protocol=2))
    (x, y), (x_test, y_test) = tf.keras.datasets.cifar10.load_data()
    assert x.shape == (10, 32, 32, 3) and y.tolist() == [[3], [7]] * 5 and x_test.shape == (2, 32, 32, 3) and y_test.shape == (2, 1)
    assert x[1, 2, 5].tolist() == [int(pixels[1, c * 1024 + 2 * 32 + 5]) for c in range(3)]
    hundred = folder / "cifar-100-python"
    hundred.mkdir()
    for name in ("train", "test"):
        (hundred / name).write_bytes(pickle.dumps({b"data": pixels, b"fine_labels": [3, 70], b"coarse_labels": [1, 2]}, protocol=2))
    assert [tf.keras.datasets.cifar100.load_data(mode)[0][1].tolist() for mode in ("fine", "coarse")] == [[[3], [70]], [[1], [2]]]


class _Evil:
    def __reduce__(self):
        return print, ("run",)


def test_a_file_runs_nothing(folder, capsys):
    np.savez(folder / "imdb.npz", **{n: np.array([_Evil()], object) for n in ("x_train", "y_train", "x_test", "y_test")})
    with pytest.raises(OSError, match=r"imdb.npz is not the file of data.*print is not allowed"):
        tf.keras.datasets.imdb.load_data()
    assert capsys.readouterr().out == ""


def test_a_set_that_is_nowhere_is_said(folder):
    with pytest.raises(OSError, match="reuters.npz is neither in"):
        tf.keras.datasets.reuters.load_data()
