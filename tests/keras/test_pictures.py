"""tf.keras.preprocessing.image: pictures in files and arrays."""
import numpy as np
import pytest

import graphflow as tf

pytest.importorskip("PIL")
image = tf.keras.preprocessing.image


def colors(height=4, width=3, channels=3):
    return np.random.RandomState(0).randint(0, 256, (height, width, channels)).astype("float32")


@pytest.mark.parametrize("channels, mode", [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_arrays_come_back_from_pictures_and_files(tmp_path, channels, mode):
    pixels = colors(channels=channels)
    picture = image.array_to_img(pixels, scale=False)
    assert picture.mode == mode and picture.size == (3, 4)
    back = image.img_to_array(picture)
    assert back.dtype == np.float32 and np.array_equal(back, pixels)
    path = str(tmp_path / "picture.png")
    image.save_img(path, pixels, scale=False)
    names = {"L": "grayscale", "RGB": "rgb", "RGBA": "rgba"}
    assert np.array_equal(image.img_to_array(image.load_img(path, color_mode=names[mode])), pixels)


def test_values_are_stretched():
    picture = image.array_to_img(np.array([[[-1.0], [1.0]]]))
    assert np.asarray(picture).tolist() == [[0, 255]]
    assert np.asarray(image.array_to_img(np.full((1, 1, 1), 4.0))).tolist() == [[255]]
    assert np.asarray(image.array_to_img(np.zeros((1, 2, 3)))).tolist() == [[[0] * 3] * 2]
    assert image.array_to_img(np.full((1, 1, 1), 300.0), scale=False).mode == "I"


def test_channels_may_stand_first():
    pixels = colors()
    picture = image.array_to_img(pixels.transpose(2, 0, 1), "channels_first", scale=False)
    assert np.array_equal(image.img_to_array(picture, "channels_first"), pixels.transpose(2, 0, 1))


def test_pictures_are_loaded_in_other_sizes_and_colors(tmp_path):
    path = str(tmp_path / "picture.png")
    image.save_img(path, np.repeat(np.repeat(colors(2, 2), 2, 0), 2, 1), scale=False)
    small = image.load_img(path, target_size=(2, 2))
    assert np.array_equal(image.img_to_array(small), colors(2, 2))
    assert image.load_img(path, color_mode="grayscale", target_size=(3, 5), interpolation="bilinear").size == (5, 3)
    assert tf.keras.utils.load_img(path).size == (4, 4)


def test_what_does_not_fit_is_said(tmp_path):
    with pytest.raises(ValueError, match="rank 3"):
        image.array_to_img(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="Unsupported channel number: 2"):
        image.array_to_img(np.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match="Unsupported image shape"):
        image.img_to_array(np.zeros((1, 2, 2, 3)))
    with pytest.raises(ValueError, match="color_mode must be"):
        image.load_img(tmp_path / "a.png", color_mode="cmyk")
    with pytest.raises(ValueError, match="Invalid interpolation method"):
        image.load_img(tmp_path / "a.png", interpolation="cubic")
    with pytest.warns(UserWarning, match="does not support RGBA"):
        image.save_img(tmp_path / "a.jpg", colors(channels=4))
