"""Image files: what TensorFlow reads and writes (oracle), static shapes, refused files, and a machine without Pillow."""
import sys

import numpy as np
import pytest

import graphflow as tf
from tests.ops import image_codec_programs as programs
from tests.oracle.programs import run_program, tensorflow_results

PROGRAMS = [name for name in sorted(vars(programs)) if name.startswith("program_")]
FILES = {path.name: path.read_bytes() for path in programs.FILES.iterdir()}
image = tf.image


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results(programs.__name__, tensorflow_python, tmp_path_factory.mktemp("images"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_files_are_read_and_written_as_by_tensorflow(name, theirs):
    ours, expected = run_program(getattr(programs, name), tf), theirs[name]
    for got, want in zip(ours["runs"], expected["runs"], strict=True):
        for number, (a, b) in enumerate(zip(got, want, strict=True)):
            assert (a.dtype, a.shape) == (b.dtype, b.shape), number
            if a.dtype.kind == "f":
                np.testing.assert_allclose(a, b, rtol=1e-6)
            else:
                np.testing.assert_array_equal(a, b, str(number))


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def run(fetch, **feed):
    with tf.Session() as session:
        return session.run(fetch)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_files_hold_every_pixel(channels, kind):
    pixels = np.random.default_rng(channels).integers(0, np.iinfo(kind).max, (7, 5, channels), kind, endpoint=True)
    np.testing.assert_array_equal(run(image.decode_png(image.encode_png(pixels), dtype=tf.as_dtype(kind))), pixels)


def test_all_filters_of_16_bit_rows_are_undone():
    import struct
    import zlib

    from graphflow.formats import png

    pixels = np.random.default_rng(0).integers(0, 65536, (5, 6, 3), np.uint16)
    raw = pixels.astype(">u2").view(np.uint8).reshape(5, -1).astype(int)
    above = np.vstack([np.zeros((1, 36), int), raw[:-1]])
    left, corner = (np.hstack([np.zeros((5, 6), int), rows[:, :-6]]) for rows in (raw, above))

    def paeth(a, b, c):
        distances = [abs(b - c), abs(a - c), abs(a + b - 2 * c)]
        return (a, b, c)[distances.index(min(distances))]

    guesses = [0 * raw, left, above, (left + above) // 2, np.vectorize(paeth)(left, above, corner)]
    rows = b"".join(bytes([kind]) + ((raw[kind] - guesses[kind][kind]) % 256).astype(np.uint8).tobytes() for kind in range(5))
    file = (png._SIGNATURE + png._chunk(b"IHDR", struct.pack(">IIBBBBB", 6, 5, 16, 2, 0, 0, 0)) + png._chunk(b"IDAT", zlib.compress(rows))
            + png._chunk(b"IEND", b""))
    np.testing.assert_array_equal(png.decode_png16(file), pixels)


def test_a_jpeg_is_near_what_was_saved_and_nearer_with_more_quality():
    rows, columns = np.mgrid[:32, :40]
    pixels = np.stack([rows * 8, columns * 6, rows + columns], -1).astype(np.uint8)
    errors = [np.abs(run(image.decode_jpeg(image.encode_jpeg(pixels, quality=q))).astype(int) - pixels).mean() for q in (5, 50, 95)]
    assert errors[2] < 2 < errors[0] and errors[2] < errors[1] < errors[0]
    noisy = image.adjust_jpeg_quality(tf.constant(pixels), 10)
    drawn = image.random_jpeg_quality(pixels / np.float32(255), 5, 15, seed=1)
    assert noisy.dtype == tf.uint8 and drawn.dtype == tf.float32
    assert 1 < np.abs(run(noisy).astype(int) - pixels).mean() < 20
    assert 0 < np.abs(run(drawn) - pixels / 255).mean() < 0.1


def test_a_part_of_a_jpeg_is_that_part_of_the_whole():
    whole, part = run([image.decode_jpeg(FILES["colour.jpg"]), image.decode_and_crop_jpeg(FILES["colour.jpg"], [2, 3, 5, 7])])
    np.testing.assert_array_equal(part, whole[2:7, 3:10])


def test_static_shapes():
    data = tf.placeholder(tf.string)
    assert image.decode_jpeg(data).shape.as_list() == [None, None, None]
    assert image.decode_jpeg(data, channels=3).shape.as_list() == [None, None, 3]
    assert image.decode_and_crop_jpeg(data, [1, 2, 3, 4], channels=1).shape.as_list() == [3, 4, 1]
    assert image.decode_gif(data).shape.as_list() == [None, None, None, 3]
    assert image.decode_image(data).shape.ndims is None
    assert image.decode_image(data, channels=3, expand_animations=False).shape.as_list() == [None, None, 3]
    assert image.encode_png(tf.zeros([2, 3, 4, 3], tf.uint8)).shape.as_list() == [2]
    with pytest.raises(ValueError, match="Shape must be rank 0 but is rank 1"):
        image.decode_jpeg([FILES["colour.jpg"]])
    with pytest.raises(ValueError, match="Shape must be rank 3"):
        image.encode_jpeg(np.zeros((2, 2), np.uint8))
    with pytest.raises(ValueError, match='Attr \'format\' of \'EncodeJpeg\' Op passed string \'x\' not in'):
        image.encode_jpeg(np.zeros((2, 2, 3), np.uint8), format="x")


@pytest.mark.parametrize("build, text", [
    (lambda: image.decode_jpeg(b"abc"), "Unknown image file format"),
    (lambda: image.decode_jpeg(b""), "Unknown image file format"),
    (lambda: image.decode_jpeg(FILES["colour.jpg"][:400]), "Invalid JPEG data, size 400"),
    (lambda: image.decode_png(FILES["colour.png"][:60]), "Invalid PNG data, size 60"),
    (lambda: image.decode_png(FILES["grey16.png"][:60]), "Invalid PNG data, size 60"),
    (lambda: image.decode_gif(FILES["three.gif"][:20]), "Invalid GIF data, size 20"),
    (lambda: image.decode_bmp(FILES["colour.bmp"][:100]), "needs .* bytes, there are 100"),
    (lambda: image.decode_bmp(b"BM" + bytes(60)), "of 8, 24 or 32 bits a pixel are read, not of 0"),
    (lambda: image.decode_bmp(FILES["colour.png"]), "Trying to decode PNG format using DecodeBmp op"),
    (lambda: image.decode_png(FILES["colour.bmp"]), "Use `decode_bmp` or `decode_image` instead"),
    (lambda: image.decode_jpeg(FILES["three.gif"]), "Got 3 frames"),
    (lambda: image.decode_jpeg(FILES["colour.jpg"], channels=2), "`channels` must be 0, 1, 3 or 4"),
    (lambda: image.decode_image(FILES["colour.bmp"], channels=1), "`channels` must be 0, 3 or 4 for BMP, but got 1"),
    (lambda: image.decode_image(FILES["one.gif"], channels=1), "`channels` must be 0 or 3 for GIF, but got 1"),
    (lambda: image.decode_jpeg(FILES["colour.jpg"], ratio=3), "ratio must be 1, 2, 4, or 8, got 3"),
    (lambda: image.decode_and_crop_jpeg(FILES["colour.jpg"], [0, 0, 14, 3]), "Invalid crop window: rows 0 to 14"),
    (lambda: image.extract_jpeg_shape(FILES["colour.png"]), "Invalid JPEG data"),
    (lambda: image.encode_jpeg(np.zeros((2, 2, 3), np.uint8), quality=101), "quality must be in .0,100., got 101"),
    (lambda: image.encode_jpeg(np.zeros((2, 2, 4), np.uint8)), "image must have 1 or 3 channels"),
    (lambda: image.encode_jpeg(np.zeros((2, 2, 3), np.uint8), format="grayscale"), "format grayscale expects 1 channels"),
    (lambda: image.encode_jpeg(np.zeros((0, 2, 3), np.uint8)), "image must not be empty"),
    (lambda: image.encode_png(np.zeros((2, 2, 5), np.uint8)), "image must have 1, 2, 3, or 4 channels, got 5"),
    (lambda: image.encode_png(np.zeros((0, 2, 3), np.uint8)), "no side 0"),
    (lambda: image.encode_png(np.zeros((2, 2, 3), np.uint8), compression=11), "compression should be in .-1,9., got 11"),
])
def test_what_is_no_image_is_refused_in_the_run(build, text):
    with pytest.raises(tf.errors.InvalidArgumentError, match=text) as caught:
        run(build())
    assert "[[node " in caught.value.message


@pytest.mark.parametrize("name", sorted(FILES))
def test_damaged_files_give_an_image_or_a_clear_error(name):
    random = np.random.default_rng(len(name))
    data = tf.placeholder(tf.string, [])
    fetch = image.decode_image(data)
    with tf.Session() as session:
        for _ in range(60):
            damaged = bytearray(FILES[name])
            for place in random.integers(0, len(damaged), 3):
                damaged[place] = random.integers(0, 256)
            damaged = bytes(damaged[: random.integers(1, len(damaged) + 1)])
            try:
                assert session.run(fetch, {data: damaged}).dtype == np.uint8
            except tf.errors.InvalidArgumentError:
                continue


def test_without_pillow_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(tf.errors.UnimplementedError, match=r"pip install 'graphflow-tf1\[images\]'"):
        run(image.decode_jpeg(FILES["colour.jpg"]))
    assert run(image.decode_bmp(FILES["colour.bmp"])).shape == (13, 18, 3)


def test_ranges_of_quality_are_checked():
    with pytest.raises(ValueError, match="jpeg encoding range must be between 0 and 100"):
        image.random_jpeg_quality(np.zeros((2, 2, 3), np.uint8), 5, 101)
    with pytest.raises(ValueError, match="`min_jpeg_quality` must be less than"):
        image.random_jpeg_quality(np.zeros((2, 2, 3), np.uint8), 50, 50)
    with pytest.raises(NotImplementedError, match="try_recover_truncated is not there"):
        image.decode_jpeg(b"", try_recover_truncated=True)
