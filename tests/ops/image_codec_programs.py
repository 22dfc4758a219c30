"""Image files read and written, compared with TensorFlow's: tests/data/images holds small files of each kind, made by Pillow.

JPEG files are decoded with dct_method='INTEGER_ACCURATE', the transform that Pillow's library makes.
"""
from pathlib import Path

import numpy as np

FILES = Path(__file__).parents[1] / "data" / "images"
ACCURATE = "INTEGER_ACCURATE"


def _file(tf, name):
    return tf.read_file(str(FILES / name))


def _image(channels, kind=np.uint8):
    rows, columns, number = np.mgrid[:9, :11, :channels]
    return ((rows * 29 + columns * 17 + number * 61 + rows * columns) % 256).astype(kind) * kind(257 if kind is np.uint16 else 1)


def program_jpeg(tf):
    found = []
    for name in ("colour.jpg", "grey.jpg", "progressive.jpg"):
        found += [tf.image.decode_jpeg(_file(tf, name), channels=c, dct_method=ACCURATE) for c in (0, 1, 3)]
        found.append(tf.image.extract_jpeg_shape(_file(tf, name), tf.int64))
    found += [tf.image.decode_and_crop_jpeg(_file(tf, "grey.jpg"), [2, 3, 5, 7], dct_method=ACCURATE),
              tf.image.decode_jpeg(_file(tf, "colour.jpg"), ratio=4, dct_method=ACCURATE),
              tf.image.decode_jpeg(_file(tf, "colour.jpg"), ratio=8, dct_method=ACCURATE),
              tf.image.is_jpeg(_file(tf, "colour.jpg")), tf.image.is_jpeg(_file(tf, "colour.png"))]
    return found


def program_png(tf):
    found = []
    for name in ("colour", "grey", "alpha", "grey_alpha", "grey16", "palette", "palette_clear", "bits"):
        channels = (0, 1, 3) if name == "bits" else (0, 1, 3, 4)        # TensorFlow's alpha of black and white is 1 of 255
        found += [tf.image.decode_png(_file(tf, name + ".png"), channels=c, dtype=t) for c in channels for t in (tf.uint8, tf.uint16)]
    return found


def program_png_of_16_bits(tf):
    found = []
    for channels in (1, 2, 3, 4):
        data = tf.image.encode_png(_image(channels, np.uint16) + np.uint16(5))
        found += [tf.image.decode_png(data, channels=c, dtype=t) for c in (0, 1, 3, 4) for t in (tf.uint8, tf.uint16)]
        found.append(tf.image.decode_image(data, dtype=tf.float32))
    return found


def program_gif_and_bmp(tf):
    found = [tf.image.decode_gif(_file(tf, name)) for name in ("one.gif", "three.gif", "colour.png", "grey.png")]
    found += [tf.image.decode_png(_file(tf, "one.gif")), tf.image.decode_png(_file(tf, "one.gif"), dtype=tf.uint16)]
    for name in ("colour", "grey", "alpha", "palette", "down"):
        found += [tf.image.decode_bmp(_file(tf, name + ".bmp"), channels=c) for c in (0, 3, 4)]
    return found


def program_any_kind(tf):
    found = []
    for name in ("colour.png", "alpha.png", "palette_clear.png", "one.gif", "three.gif", "colour.bmp", "grey.bmp"):
        data = _file(tf, name)
        found += [tf.image.decode_image(data), tf.image.decode_image(data, channels=3), tf.io.decode_image(data, expand_animations=False),
                  tf.image.decode_image(data, dtype=tf.uint16), tf.image.decode_image(data, dtype=tf.float32)]
    return found


def program_written(tf):
    jpeg = [tf.image.encode_jpeg(_image(3), quality=q, chroma_downsampling=c) for q, c in ((95, True), (30, True), (90, False))]
    jpeg += [tf.image.encode_jpeg(_image(1)), tf.image.encode_jpeg(_image(3), progressive=True, optimize_size=True),
             tf.image.encode_jpeg(_image(3), format="rgb"), tf.image.encode_jpeg(_image(1), format="grayscale")]
    png = [tf.image.decode_png(tf.image.encode_png(_image(c), compression=n)) for c in (1, 2, 3, 4) for n in (-1, 0, 9)]
    return [tf.decode_raw(data, tf.uint8) for data in jpeg] + png + [tf.shape(tf.image.encode_png(np.zeros((2, 5, 4, 3), np.uint8)))]


def program_quality(tf):
    image = tf.constant(_image(3))
    return [tf.image.adjust_jpeg_quality(image, 60, dct_method=ACCURATE),
            tf.image.adjust_jpeg_quality(tf.image.convert_image_dtype(image, tf.float32), tf.constant(60), dct_method=ACCURATE),
            tf.shape(tf.image.random_jpeg_quality(image, 20, 90, seed=3))]
