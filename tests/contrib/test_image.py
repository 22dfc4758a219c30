"""tf.contrib.image: rotations, shifts, projections; the sums are those of TensorFlow 1.15's results."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.contrib import image

PICTURES = np.random.RandomState(0).rand(2, 5, 7, 3).astype("f4")
SUMS = [19.0755806, 97.7350464]


def values(*tensors):
    with tf.Session() as session:
        return session.run(tensors)


def test_a_quarter_turn_is_counterclockwise():
    square = np.arange(16, dtype=np.uint8).reshape(4, 4)
    turned, = values(image.rotate(square, np.pi / 2))
    assert turned.dtype == np.uint8 and turned.tolist() == np.rot90(square).tolist()


def test_each_picture_has_its_own_angle_and_shift():
    shifted, turned = values(image.translate(PICTURES, [[1, 0], [0, -2]]), image.rotate(PICTURES, [0.0, np.pi], "BILINEAR"))
    np.testing.assert_array_equal(shifted[0, :, 1:], PICTURES[0, :, :-1])
    np.testing.assert_array_equal(shifted[1, :-2], PICTURES[1, 2:])
    assert not shifted[0, :, 0].any()
    np.testing.assert_allclose(turned[0], PICTURES[0])
    np.testing.assert_allclose(turned[1, 1:-1, 1:-1], PICTURES[1, ::-1, ::-1][1:-1, 1:-1], rtol=1e-5)


def test_a_projection_has_its_own_size_and_tensorflows_values():
    made = image.transform(PICTURES[0], [1.1, 0.2, -1, 0.1, 0.9, 0.7, 0.01, -0.02], "bilinear", [4, 4])
    assert made.shape == (4, 4, 3)
    unknown = image.rotate(tf.placeholder_with_default(PICTURES, [None, None, None, 3]), 0.2)
    projected, turned = values(made, unknown)
    np.testing.assert_allclose([projected.sum(), turned.sum()], SUMS, rtol=1e-5)


def test_the_gradient_is_the_inverse_transform():
    x = tf.constant(PICTURES)
    gradient, = values(tf.gradients(image.translate(x, [2, 1]) * 3.0, x)[0])
    expected = np.zeros_like(PICTURES)
    expected[:, :-1, :-2] = 3
    np.testing.assert_array_equal(gradient, expected)


def test_transforms_compose_and_are_matrices_without_their_last_number():
    turn, shift = image.angles_to_projective_transforms(0.3, 5, 7), image.translations_to_projective_transforms([1.0, 2.0])
    both, a, b, back = values(*(image.flat_transforms_to_matrices(t) for t in (image.compose_transforms(turn, shift), turn, shift)),
                              image.matrices_to_flat_transforms(2.0 * np.eye(3, dtype="f4")))
    np.testing.assert_allclose(both[0], a[0] @ b[0], rtol=1e-6)
    assert back.tolist() == [[1, 0, 0, 0, 1, 0, 0, 0]]


@pytest.mark.parametrize(("call", "error", "text"), [
    (lambda: image.rotate(PICTURES, 0.1, "CUBIC"), ValueError, "CUBIC"),
    (lambda: image.rotate(tf.placeholder(tf.float32), 1.0), TypeError, "rank must be statically known"),
    (lambda: image.rotate(np.zeros((3, 3), "i2"), 1.0), TypeError, "Invalid dtype int16"),
    (lambda: image.transform(PICTURES, [1.0, 2.0]), ValueError, "8 numbers"),
    (image.compose_transforms, ValueError, "no transforms")])
def test_what_cannot_be_is_refused(call, error, text):
    with pytest.raises(error, match=text):
        call()
