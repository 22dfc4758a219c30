"""The classic input_data interface: sources, shapes, shuffling."""

import subprocess
import sys

import numpy as np
import pytest

import graphflow as tf
from graphflow.datasets import mnist, mnist_files


def toy(n=10, **options):
    """A DataSet whose image k holds the pixel value k and has the label k."""
    images = np.broadcast_to(np.arange(n, dtype=np.uint8)[:, None, None, None], (n, 2, 3, 1))
    return mnist.DataSet(images, np.arange(n), dtype=np.uint8, **options)


@pytest.fixture
def no_local_data(monkeypatch):
    monkeypatch.delenv("GRAPHFLOW_DATA", raising=False)


def test_shipped_images_are_the_first_of_the_full_set(full_mnist):
    full, part = mnist_files.read_folder(full_mnist), mnist_files.shipped()
    assert full.x_train.shape == (60000, 28, 28) and full.x_test.shape == (10000, 28, 28)
    for key in mnist_files.FILES:
        small = getattr(part, key)
        np.testing.assert_array_equal(small, getattr(full, key)[: len(small)])


def test_shipped_digits_have_every_class_and_known_first_labels():
    digits = mnist_files.shipped()
    assert digits.x_train.shape == (6000, 28, 28) and digits.x_test.shape == (1000, 28, 28)
    assert digits.y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]    # the well-known opening of MNIST
    assert digits.y_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(digits.y_train, minlength=10).min() > 400
    assert digits.x_train.max() == 255 and digits.x_train[0].sum() > 0


def test_read_data_sets_without_files_uses_shipped_digits_and_says_so(tmp_path, no_local_data, capsys):
    data = mnist.read_data_sets(tmp_path / "MNIST_data", one_hot=True)
    assert [part.num_examples for part in data] == [5500, 500, 1000]
    assert data.train.images.shape == (5500, 784) and data.train.images.dtype == np.float32
    assert data.test.labels.shape == (1000, 10) and data.test.labels.dtype == np.float64
    assert data.test.labels.argmax(1)[:5].tolist() == [7, 2, 1, 0, 4]
    assert 0 <= data.train.images.min() and data.train.images.max() == np.float32(1)
    assert "6,000 training and 1,000 test digits" in capsys.readouterr().err


def test_reshape_false_keeps_rows_columns_and_channel(no_local_data):
    data = mnist.read_data_sets(None, reshape=False, dtype=np.uint8, validation_size=100)
    assert data.train.images.shape == (5900, 28, 28, 1) and data.train.images.dtype == np.uint8
    assert data.validation.num_examples == 100
    assert data.validation.labels[0] == 5     # validation takes the first training images
    assert data.train.labels.dtype == np.uint8 and data.train.labels.ndim == 1


def test_validation_size_out_of_range(no_local_data):
    with pytest.raises(ValueError, match=r"Validation size should be between 0 and 6000\. Received: 6001\."):
        mnist.read_data_sets(None, validation_size=6001)


def test_a_wrong_image_dtype_is_refused():
    with pytest.raises(TypeError, match="Invalid image dtype .*float64.*expected uint8 or float32"):
        mnist.DataSet(np.zeros((1, 2, 2, 1)), np.zeros(1), dtype=np.float64)


def test_fake_data_has_fixed_batches():
    data = mnist.read_data_sets("nowhere", fake_data=True, one_hot=True)
    images, labels = data.train.next_batch(3, fake_data=True)
    assert images == [[1] * 784] * 3 and labels == [[1] + [0] * 9] * 3
    assert mnist.DataSet([], [], fake_data=True).next_batch(2, fake_data=True)[1] == [0, 0]
    assert data.test.num_examples == 10000


def test_batches_in_order_wrap_around_the_epoch():
    data = toy(10)
    labels = [data.next_batch(4, shuffle=False)[1].tolist() for _ in range(4)]
    assert labels == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 0, 1], [2, 3, 4, 5]]
    assert data.epochs_completed == 1


def test_the_last_whole_batch_does_not_end_the_epoch_early():
    data = toy(8)
    data.next_batch(4, shuffle=False), data.next_batch(4, shuffle=False)
    assert data.epochs_completed == 0
    assert data.next_batch(4, shuffle=False)[1].tolist() == [0, 1, 2, 3]
    assert data.epochs_completed == 1


def test_shuffling_permutes_with_numpys_global_generator_as_tf1_does():
    data = toy(10, seed=7)
    got = [data.next_batch(4) for _ in range(3)]
    np.random.seed(7)
    first, second = np.arange(10), np.arange(10)
    np.random.shuffle(first)
    np.random.shuffle(second)
    second = first[second]                     # an epoch permutes the order of the one before
    expected = [first[:4], first[4:8], np.concatenate([first[8:], second[:2]])]
    for (images, labels), wanted in zip(got, expected, strict=True):
        assert labels.tolist() == wanted.tolist()
        assert images[:, 0].tolist() == wanted.tolist()    # images move with their labels


def test_every_image_comes_once_per_epoch():
    data = toy(12)
    seen = np.concatenate([data.next_batch(3)[1] for _ in range(8)])
    assert sorted(seen[:12]) == sorted(seen[12:]) == list(range(12))


def test_a_batch_is_not_changed_by_later_shuffles():
    data = toy(6, seed=1)
    batch = data.next_batch(6)[1]
    before = batch.copy()
    data.next_batch(6)
    np.testing.assert_array_equal(batch, before)


def test_without_any_seed_the_programs_own_numpy_seed_holds():
    def labels():
        np.random.seed(3)
        return toy(10).next_batch(10)[1].tolist()

    assert labels() == labels()


def test_attributes_can_be_added_as_the_workshop_does():
    data = toy(3)
    data.cls = data.labels
    assert data.cls.tolist() == [0, 1, 2]


def test_importing_the_data_set_does_not_load_the_framework():
    code = "import sys, graphflow.datasets.mnist; print('graphflow.core' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "False"


def test_the_graphs_seed_is_used_where_none_is_given():
    def labels(graph_seed, seed=None):
        with tf.Graph().as_default():
            tf.set_random_seed(graph_seed)
            return toy(10, seed=seed).next_batch(10)[1].tolist()

    np.random.seed(7)
    expected = np.arange(10)
    np.random.shuffle(expected)
    assert labels(7) == labels(3, seed=7) == expected.tolist()
    assert labels(8) != expected.tolist()
