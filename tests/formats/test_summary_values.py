"""Histograms, images and sounds against the summaries that TensorFlow made of the same arrays."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy
from PIL import Image

from graphflow.formats import histogram as histograms
from graphflow.formats.event_file import event_files, read_events, read_events_with_offsets
from graphflow.formats.png import encode_png
from graphflow.formats.summary_values import (
    audio_summary,
    histogram_summary,
    image_summary,
    merged_summary,
    scalar_summary,
    tensor_summary,
)
from graphflow.formats.wav import encode_wav
from tests import tf_fixtures

ENTRY = tf_fixtures.manifest()["events/full"]
EVENTS = list(read_events(tf_fixtures.path(ENTRY["file"])))


def given_input(name):
    return tf_fixtures.array(ENTRY["inputs"][name], ENTRY["data"])


def values(kind):
    return [value for event in EVENTS for value in event.summary.value if value.WhichOneof("value") == kind]


def decoded(png):
    return np.array(Image.open(io.BytesIO(png)))


def test_events_are_read_in_order_with_their_offsets():
    found = list(read_events_with_offsets(tf_fixtures.path(ENTRY["file"])))
    assert [offset for _, offset in found] == [e["offset"] for e in ENTRY["events"]]
    for (event, _), expected in zip(found, ENTRY["events"], strict=True):
        assert event.WhichOneof("what") == expected["what"]
        assert (event.step, event.wall_time) == (expected["step"], expected["wall_time"])
        assert [v.tag for v in event.summary.value] == [v["tag"] for v in expected.get("values", [])]
        for value, wanted in zip(event.summary.value, expected.get("values", []), strict=True):
            assert value.WhichOneof("value") == wanted["kind"]
            if wanted["kind"] == "simple_value":
                number = tf_fixtures.array(wanted["simple_value"], ENTRY["data"])
                assert np.array_equal(np.float32(value.simple_value), number, equal_nan=True)


def test_files_of_a_restarted_run_come_in_order():
    entry = tf_fixtures.manifest()["events/restarted"]
    files = event_files(tf_fixtures.path(entry["directory"]))
    assert [f"{entry['directory']}/{f.name}" for f in files] == entry["files"]
    for file, expected in zip(files, entry["events"], strict=True):
        assert [(e.step, e.WhichOneof("what")) for e in read_events(file)] == [(e["step"], e["what"]) for e in expected]


def test_histograms_equal_those_of_tensorflow():
    for description, expected in zip(ENTRY["inputs"]["histograms"], values("histo"), strict=True):
        array = tf_fixtures.array(description, ENTRY["data"])
        assert histogram_summary(b"spread", array).value[0] == expected


def test_histogram_limits():
    limits = histograms.limits()
    assert len(limits) == 1551 and limits[775] == 0 and (np.diff(limits) > 0).all()


@given(hypothesis_numpy.arrays(np.float64, st.integers(0, 30), elements=st.floats(allow_nan=False, allow_infinity=False, width=32)))
def test_every_value_is_counted_once_in_its_bucket(array):
    histo = histograms.histogram(array)
    assert histo.num == sum(histo.bucket) == array.size
    edges = [-np.inf, *histo.bucket_limit]
    for low, high, count in zip(edges, edges[1:], histo.bucket, strict=False):
        assert ((array >= low) & (array < high)).sum() == count


@pytest.mark.parametrize("bad, what", [(np.nan, "Nan in summary histogram for: h"), (np.inf, "Infinity in summary histogram for: h")])
def test_histograms_of_numbers_that_are_none_are_refused(bad, what):
    with pytest.raises(ValueError, match=what):
        histogram_summary("h", np.array([1, bad]))


@pytest.mark.parametrize("name, most", [("grey", 3), ("colour", 3), ("alpha", 1)])
def test_images_have_the_pixels_of_tensorflow(name, most):
    expected = [value for value in values("image") if value.tag.startswith(name)]
    found = image_summary(name.encode(), given_input(name), most).value
    assert [v.tag for v in found] == [v.tag for v in expected]
    for ours, theirs in zip(found, expected, strict=True):
        sizes = [(image.height, image.width, image.colorspace) for image in (ours.image, theirs.image)]
        assert sizes[0] == sizes[1]
        assert np.array_equal(decoded(ours.image.encoded_image_string), decoded(theirs.image.encoded_image_string))


# Pixels that TensorFlow 2.21 made of these images.
@pytest.mark.parametrize(
    "image, pixels",
    [
        ([[np.nan, 1.0], [2.0, np.inf]], [[255, 127], [255, 255]]),
        ([[np.nan, -0.5], [0.5, np.inf]], [[255, 1], [255, 255]]),
        ([[0.0, 0.0]], [[0, 0]]),
        ([[1.1e-6, 0.0]], [[255, 0]]),
        ([[0.9e-6, 0.0]], [[0, 0]]),
        ([[-1e-30, 0.0]], [[128, 128]]),
    ],
)
def test_floating_images_are_scaled_as_tensorflow_does(image, pixels):
    summary = image_summary("i", np.array(image, np.float32)[None, :, :, None])
    assert decoded(summary.value[0].image.encoded_image_string).tolist() == pixels


def test_bad_pixels_take_the_bad_color():
    summary = image_summary("i", np.full((1, 1, 1, 3), np.nan, np.float32))
    assert decoded(summary.value[0].image.encoded_image_string).tolist() == [[[255, 0, 0]]]


def test_images_of_a_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r"Tensor must be 4-D with last dim 1, 3, or 4, not \[1,2,2,5\]"):
        image_summary("i", np.zeros((1, 2, 2, 5), np.float32))


@pytest.mark.parametrize("channels, mode", [(1, "L"), (2, "LA"), (3, "RGB"), (4, "RGBA")])
def test_png_files_read_back(channels, mode):
    pixels = np.random.default_rng(2).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    image = Image.open(io.BytesIO(encode_png(pixels)))
    assert image.mode == mode
    assert np.array_equal(np.array(image).reshape(pixels.shape), pixels)
    deep = np.random.default_rng(2).integers(0, 1 << 16, (5, 7, 1), dtype=np.uint16)
    assert np.array_equal(np.array(Image.open(io.BytesIO(encode_png(deep)))), deep[..., 0])


def test_sounds_are_those_of_tensorflow():
    expected = values("audio")[0]
    samples = np.frombuffer(expected.audio.encoded_audio_string[44:], "<i2").astype(np.float32)[None, :, None] / 32768
    assert audio_summary("tone", samples, 8000.0).value[0] == expected


def test_samples_are_rounded_and_clipped_as_tensorflow_does():
    samples = np.array([0.1, -0.1, 0.99999, 1.0, -1.0, 1.5, -2.0, 0.000015, 0.00002, 0.5 / 32768, 1.5 / 32768], np.float32)
    found = np.frombuffer(encode_wav(samples[:, None], 8000)[44:], "<i2")
    assert found.tolist() == [3277, -3277, 32767, 32767, -32768, 32767, -32768, 0, 1, 1, 2]


def test_tags_are_numbered_when_there_may_be_several():
    assert [v.tag for v in audio_summary("y", np.zeros((2, 3, 2)), 8.0, 3).value] == ["y/audio/0", "y/audio/1"]
    assert [v.tag for v in audio_summary("y", np.zeros((2, 3)), 8.0, 1).value] == ["y/audio"]


def test_scalars_tensors_and_merging():
    tags = np.array([b"a", b"b"], object)
    both = scalar_summary(tags, np.float32([1, 2]))
    assert [(v.tag, v.simple_value) for v in both.value] == [("a", 1), ("b", 2)]
    with pytest.raises(ValueError, match=r"tags and values are not the same shape: \[\] != \[2\] \(tag 's'\)"):
        scalar_summary(np.array(b"s", object), np.float32([1, 2]))
    raw = values("tensor")[1]
    again = tensor_summary("raw", np.frombuffer(raw.tensor.tensor_content, np.float32).reshape(2, 3), raw.metadata.SerializeToString())
    assert again.value[0] == raw
    with pytest.raises(ValueError, match="Duplicate tag a found"):
        merged_summary([both.SerializeToString(), both.SerializeToString()])
    assert merged_summary([both.SerializeToString(), again.SerializeToString()]).value[2] == raw
