"""tf.image in programs: input pipelines of unknown sizes, images of unknown rank, what is refused and how."""

from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf

IMAGE = np.arange(4 * 6 * 3, dtype=np.float32).reshape(4, 6, 3)


def run(fetches, feeds=None):
    with tf.Session() as session:
        return session.run(fetches, feeds)


def test_a_training_pipeline_distorts_an_image_of_any_size():
    tf.set_random_seed(7)
    image = tf.placeholder(tf.uint8, [None, None, 3])
    floats = tf.image.convert_image_dtype(image, tf.float32)
    whole = tf.constant([[[0.0, 0.0, 1.0, 1.0]]])
    box = tf.image.sample_distorted_bounding_box(tf.shape(floats), whole, min_object_covered=0.1)
    part = tf.image.resize_images(tf.slice(floats, box.begin, box.size), [32, 24])
    part.set_shape([32, 24, 3])
    part = tf.image.random_flip_left_right(part)
    part = tf.image.random_saturation(tf.image.random_brightness(part, 0.1), 0.5, 1.5)
    part = tf.image.random_contrast(tf.image.random_hue(part, 0.2), 0.5, 1.5)
    ready = tf.image.per_image_standardization(part)
    assert ready.shape.as_list() == [32, 24, 3]
    generator = np.random.default_rng(0)
    with tf.Session() as session:
        for size in ((50, 40, 3), (33, 90, 3)):
            feeds = {image: generator.integers(0, 256, size, dtype=np.uint8)}
            first, second = session.run(ready, feeds), session.run(ready, feeds)
            assert abs(first.mean()) < 1e-4 and abs(first.std() - 1) < 1e-3
            assert not np.array_equal(first, second)


def test_an_evaluation_pipeline_takes_the_middle_of_an_image():
    image = tf.placeholder(tf.float32, [None, None, 3])
    middle = tf.image.resize_bilinear(tf.expand_dims(tf.image.central_crop(image, 0.5), 0), [4, 4])
    found = run(middle, {image: np.tile(np.arange(8, dtype=np.float32)[:, None, None], (1, 8, 3))})
    np.testing.assert_array_equal(found[0, :, 0, 0], [2, 3, 4, 5])


@pytest.mark.parametrize("image", [IMAGE, np.stack([IMAGE, -IMAGE])], ids=["one", "batch"])
def test_images_of_unknown_rank_are_turned_by_their_last_axes(image):
    unknown = tf.placeholder(tf.float32, None)
    found = run([tf.image.flip_left_right(unknown), tf.image.flip_up_down(unknown), tf.image.transpose_image(unknown),
                 tf.image.rot90(unknown), tf.image.rot90(unknown, 2)], {unknown: image})
    turn = {"axes": (image.ndim - 3, image.ndim - 2)}
    for ours, wanted in zip(found, [image[..., ::-1, :], image[..., ::-1, :, :], np.swapaxes(image, -3, -2),
                                    np.rot90(image, 1, **turn), np.rot90(image, 2, **turn)], strict=True):
        np.testing.assert_array_equal(ours, wanted)


def test_four_turns_are_none():
    turned = tf.constant(IMAGE)
    for _ in range(4):
        turned = tf.image.rot90(turned)
    assert turned.shape.as_list() == [4, 6, 3]
    np.testing.assert_array_equal(run(turned), IMAGE)


def test_checks_that_wait_for_the_run_name_what_is_wrong():
    image, offset = tf.placeholder(tf.float32, [None, None, 3]), tf.placeholder(tf.int32, [])
    cropped = tf.image.crop_to_bounding_box(image, offset, 2, 3, 3)
    assert run(cropped, {image: IMAGE, offset: 1}).tolist() == IMAGE[1:4, 2:5].tolist()
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"height must be >= target \+ offset"):
        run(cropped, {image: IMAGE, offset: 2})
    gray = tf.image.grayscale_to_rgb(tf.placeholder_with_default(IMAGE, None))
    with pytest.raises(tf.errors.InvalidArgumentError, match="should be size 1"):
        run(gray)


@pytest.mark.parametrize("image", [IMAGE, np.stack([IMAGE, -IMAGE, IMAGE + 1, IMAGE * 2])], ids=["one", "batch"])
def test_random_flips_of_unknown_rank_are_those_of_the_rank_that_a_run_finds(image):
    unknown, known = tf.placeholder(tf.float32, None), tf.placeholder(tf.float32, image.shape)
    for flip in (tf.image.random_flip_left_right, tf.image.random_flip_up_down):
        found = [run(flip(unknown, seed=seed), {unknown: image}) for seed in range(4)]
        wanted = [run(flip(known, seed=seed), {known: image}) for seed in range(4)]
        np.testing.assert_array_equal(found, wanted)
        assert any((f != image).any() for f in found) and any((f[:1] == image[:1]).all() for f in found)


def test_suppression_of_batches_is_that_of_each_image():
    corners = np.random.default_rng(3).uniform(0, 1, (2, 3, 9, 2)).astype(np.float32)
    boxes, scores = np.concatenate([corners, corners + 0.4], -1), corners[..., 0]
    found = tf.image.non_max_suppression_padded(tf.constant(boxes), scores, 5, 0.3, 0.2, pad_to_max_output_size=True)
    assert [t.shape.as_list() for t in found] == [[2, 3, 5], [2, 3]]
    each = [tf.image.non_max_suppression_padded(boxes[i, j], scores[i, j], 5, 0.3, 0.2, pad_to_max_output_size=True)
            for i in range(2) for j in range(3)]
    indices, counts = run(found)
    np.testing.assert_array_equal(indices.reshape(6, 5), [i for i, _ in run(each)])
    np.testing.assert_array_equal(counts.ravel(), [n for _, n in run(each)])
    assert counts.min() < counts.max()
    with pytest.raises(ValueError, match="must be True for batched input"):
        tf.image.non_max_suppression_padded(boxes, scores, 5)


def test_suppression_of_boxes_of_unknown_rank():
    boxes, scores = np.float32([[[0, 0, 1, 1], [0, 0, 1, 0.9], [0, 2, 1, 3]]] * 2), np.float32([[0.9, 0.8, 0.7], [0.1, 0.2, 0.3]])
    b, s = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    padded = tf.image.non_max_suppression_padded(b, s, 3, 0.5, 0.15, pad_to_max_output_size=True)
    assert [v.tolist() for v in run(padded, {b: boxes, s: scores})] == [[[0, 2, 0], [2, 1, 0]], [2, 2]]
    assert [v.tolist() for v in run(padded, {b: boxes[0], s: scores[0]})] == [[0, 2, 0], 2]
    assert [v.tolist() for v in run(padded, {b: boxes[:0], s: scores[:0]})] == [[], []]


def test_what_has_no_gradient_in_tensorflow_has_none_here():
    image = tf.constant(IMAGE)
    for made in (tf.image.adjust_contrast(image, 0.5), tf.image.adjust_hue(image, 0.1), tf.image.adjust_saturation(image, 2.0),
                 tf.image.resize_images(image, [2, 2], tf.image.ResizeMethod.AREA)):
        with pytest.raises(LookupError, match="No gradient defined for operation"):
            tf.gradients(made, image)
    assert tf.gradients(tf.image.hsv_to_rgb(image), image) == [None]


def test_sampled_parts_move_on_from_run_to_run_and_start_anew_in_each_session():
    box = tf.image.sample_distorted_bounding_box([40, 60, 3], [[[0.2, 0.2, 0.6, 0.7]]], seed=3)

    def four():
        with tf.Session() as session:
            return [session.run(box.begin).tolist() for _ in range(4)]
    first = four()
    assert first == four()
    assert len({tuple(begin) for begin in first}) > 1


def test_drawing_leaves_the_fed_images_alone():
    images = tf.placeholder(tf.float32, [1, 4, 6, 3])
    fed = np.zeros((1, 4, 6, 3), np.float32)
    drawn = run(tf.image.draw_bounding_boxes(images, [[[0.0, 0.0, 1.0, 1.0]]]), {images: fed})
    assert drawn.any() and not fed.any()


def test_spellings_of_tensorflow_0_work_and_warn():
    with pytest.warns(DeprecationWarning, match="per_image_standardization"):
        white = tf.image.per_image_whitening(tf.constant(IMAGE))
    np.testing.assert_allclose(run(white).std(), 1, rtol=1e-5)
    with pytest.warns(DeprecationWarning, match="height, width"):
        small = tf.image.resize_images(tf.constant(IMAGE), 2, 3, tf.image.ResizeMethod.NEAREST_NEIGHBOR)
    np.testing.assert_array_equal(run(small), IMAGE[::2, ::2])


def test_colors_too_narrow_for_the_images_are_refused():
    drawn = tf.image.draw_bounding_boxes(tf.zeros([1, 4, 6, 3]), [[[0.0, 0.0, 1.0, 1.0]]], colors=[[1.0, 0.0]])
    with pytest.raises(tf.errors.InvalidArgumentError, match="at least 3 channels"):
        run(drawn)
