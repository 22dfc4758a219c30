"""Reading IDX and npz files, damaged ones included, and downloading with checksums (from a server on this machine)."""

import functools
import gzip
import hashlib
import http.server
import struct
import threading

import numpy as np
import pytest

from graphflow.datasets import mnist, mnist_files


def idx(array):
    return b"\x00\x00\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def small_digits():
    rand = np.random.RandomState(0)
    images = rand.randint(0, 256, (7, 28, 28), dtype=np.uint8)
    labels = np.array([3, 1, 4, 1, 5, 9, 2], np.uint8)
    return mnist_files.Digits(images[:5], labels[:5], images[5:], labels[5:])


def write_folder(folder, digits, compress=True):
    for key, name in mnist_files.FILES.items():
        data = idx(getattr(digits, key))
        (folder / (f"{name}.gz" if compress else name)).write_bytes(gzip.compress(data) if compress else data)


def assert_same(a, b):
    for x, y in zip(a, b, strict=True):
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("compress", [True, False])
def test_idx_folder_is_read(tmp_path, compress):
    write_folder(tmp_path, small_digits(), compress)
    assert_same(mnist_files.read_folder(tmp_path), small_digits())
    data = mnist.read_data_sets(tmp_path, validation_size=1, dtype=np.uint8)
    assert [part.num_examples for part in data] == [4, 1, 2]
    assert data.train.labels.tolist() == [1, 4, 1, 5]


def test_npz_folder_and_environment_variable_are_read(tmp_path, monkeypatch):
    np.savez(tmp_path / "mnist.npz", **small_digits()._asdict())
    assert_same(mnist_files.read_folder(tmp_path), small_digits())
    monkeypatch.setenv("GRAPHFLOW_DATA", str(tmp_path))
    assert mnist.read_data_sets(tmp_path / "empty", validation_size=0).train.num_examples == 5


def test_a_folder_without_mnist_gives_none(tmp_path):
    assert mnist_files.read_folder(tmp_path) is None


def test_a_folder_with_some_files_names_the_missing_ones(tmp_path):
    write_folder(tmp_path, small_digits())
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match=r"missing: t10k-labels-idx1-ubyte\.gz$"):
        mnist_files.read_folder(tmp_path)


GOOD = idx(np.zeros((2, 3), np.uint8))


@pytest.mark.parametrize(
    "data, text",
    [
        (b"", "Invalid magic number at byte 0.*found nothing"),
        (b"\x89PNG....", "Invalid magic number.*found 89 50 4e 47"),
        (GOOD[:9], "truncated at byte 9"),
        (GOOD[:-1], "expected 6 values .* found only 5"),
        (GOOD + b"\x00", "expected 6 values .* found more"),
        (b"\x00\x00\x08\x03" + b"\xff" * 12, "MNIST files hold at most"),
    ],
)
def test_damaged_idx_data_is_named(tmp_path, data, text):
    write_folder(tmp_path, small_digits(), compress=False)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(data)
    with pytest.raises(ValueError, match=text) as caught:
        mnist_files.read_folder(tmp_path)
    assert "train-labels-idx1-ubyte" in str(caught.value)


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-20], lambda data: b"no gzip at all", lambda data: data[:15] + b"\xff" * 30 + data[45:]]
)
def test_a_damaged_gzip_file_is_named(tmp_path, damage):
    write_folder(tmp_path, small_digits())
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz"):
        mnist_files.read_folder(tmp_path)


def test_a_damaged_or_foreign_npz_is_named(tmp_path):
    np.savez(tmp_path / "mnist.npz", other=np.zeros(3))
    with pytest.raises(ValueError, match=r"mnist\.npz: not an MNIST archive"):
        mnist_files.read_folder(tmp_path)
    (tmp_path / "mnist.npz").write_bytes(b"PK\x03\x04 but no more")
    with pytest.raises(ValueError, match=r"mnist\.npz: not an MNIST archive"):
        mnist_files.read_folder(tmp_path)


def test_images_and_labels_of_different_length_are_refused(tmp_path):
    digits = small_digits()
    np.savez(tmp_path / "mnist.npz", **digits._replace(y_test=digits.y_test[:1])._asdict())
    with pytest.raises(ValueError, match="expected uint8 images"):
        mnist_files.read_folder(tmp_path)


def test_extract_functions_read_open_gz_files(tmp_path):
    write_folder(tmp_path, small_digits())
    with open(tmp_path / "train-images-idx3-ubyte.gz", "rb") as f:
        np.testing.assert_array_equal(mnist.extract_images(f)[..., 0], small_digits().x_train)
    with open(tmp_path / "train-labels-idx1-ubyte.gz", "rb") as f:
        assert mnist.extract_labels(f, one_hot=True).argmax(1).tolist() == [3, 1, 4, 1, 5]


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path):
    """(folder served, its URL)"""
    folder = tmp_path / "served"
    folder.mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=str(folder))) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{httpd.server_port}/"
        httpd.shutdown()
        thread.join()


def test_download_shows_progress_and_keeps_the_files(server, tmp_path, capsys):
    folder, url = server
    write_folder(folder, small_digits())
    assert_same(mnist_files.download(tmp_path / "new", url), small_digits())
    assert "train-images-idx3-ubyte.gz  100 %" in capsys.readouterr().err
    for path in folder.iterdir():
        path.unlink()
    assert_same(mnist_files.download(tmp_path / "new", url), small_digits())    # nothing is fetched twice


def test_a_wrong_checksum_keeps_nothing(server, tmp_path, monkeypatch):
    folder, url = server
    write_folder(folder, small_digits())
    monkeypatch.setattr(mnist_files, "SOURCE_URL", url)
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz from http.*checksum is [0-9a-f]{64}, expected 741c98"):
        mnist_files.download(tmp_path / "new", url)
    assert list((tmp_path / "new").iterdir()) == []


def test_a_failing_download_falls_back_to_the_shipped_digits(server, tmp_path, monkeypatch, capsys):
    _, url = server
    monkeypatch.delenv("GRAPHFLOW_OFFLINE")
    monkeypatch.delenv("GRAPHFLOW_DATA", raising=False)
    data = mnist.read_data_sets(tmp_path / "new", source_url=url)
    assert data.train.num_examples == 5500
    assert "download failed: " in capsys.readouterr().err


def test_checksums_are_those_of_the_full_set(full_mnist):
    digits = mnist_files.read_folder(full_mnist)
    for key, wanted in mnist_files.SHA256.items():
        assert hashlib.sha256(getattr(digits, key).tobytes()).hexdigest() == wanted
