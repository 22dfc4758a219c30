"""`tf.python_io`: record files through the public functions."""

import base64

import pytest

from graphflow.core import errors
from graphflow.data.records import TFRecordCompressionType, TFRecordOptions, TFRecordWriter, tf_record_iterator
from tests import tf_fixtures

ENTRY = tf_fixtures.manifest()["tfrecord"]
RECORDS = [base64.b64decode(text) for text in ENTRY["records_b64"]]


OPTIONS = [None, "", "GZIP", TFRecordCompressionType.ZLIB, TFRecordOptions("ZLIB"), TFRecordOptions("GZIP", compression_level=9)]


@pytest.mark.parametrize("options", OPTIONS)
def test_records_are_written_and_read(tmp_path, options):
    path = str(tmp_path / "r")
    with TFRecordWriter(path, options) as writer:
        for record in RECORDS:
            writer.write(record)
        writer.write("text")
        writer.flush()
    assert list(tf_record_iterator(path, options)) == [*RECORDS, b"text"]


@pytest.mark.parametrize("name", ["GZIP", "ZLIB", "none"])
def test_files_of_tensorflow(name):
    path = tf_fixtures.path(ENTRY["files"][name])
    assert list(tf_record_iterator(path, TFRecordOptions("" if name == "none" else name))) == RECORDS


def test_options_and_their_names():
    name = TFRecordOptions.get_compression_type_string
    assert [name(None), name(2), name("ZLIB"), name(TFRecordOptions(1))] == ["", "GZIP", "ZLIB", "ZLIB"]
    with pytest.raises(ValueError, match='Not a valid compression_type: "LZ4"'):
        TFRecordOptions("LZ4")


def test_errors_are_those_of_tf(tmp_path):
    with pytest.raises(errors.NotFoundError, match="missing"):
        next(tf_record_iterator(tmp_path / "missing"))
    with pytest.raises(errors.NotFoundError, match="no_folder"):
        TFRecordWriter(tmp_path / "no_folder" / "r")


@pytest.mark.parametrize("name, case", tf_fixtures.bad_cases("tfrecord_gzip", "tfrecord_zlib"))
def test_damaged_files(name, case):
    with pytest.raises(errors.DataLossError, match=r"tfrecord"):
        list(tf_record_iterator(tf_fixtures.path(case["path"]), case["probe"].removeprefix("tfrecord_").upper()))
