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


@pytest.mark.parametrize("options", ["", "GZIP"])
def test_a_closed_writer_says_so(tmp_path, options):
    writer = TFRecordWriter(str(tmp_path / "r"), options)
    writer.write(bytearray(b"ab"))
    writer.close()
    writer.close()
    for work in (lambda: writer.write(b"c"), writer.flush):
        with pytest.raises(errors.FailedPreconditionError, match="Writer is closed."):
            work()
    assert list(tf_record_iterator(str(tmp_path / "r"), options)) == [b"ab"]


@pytest.mark.parametrize("record", [3, 2.5, None, ["a"]])
def test_what_is_no_record_is_refused(tmp_path, record):
    with TFRecordWriter(str(tmp_path / "r")) as writer, pytest.raises(TypeError, match="a record is bytes or text"):
        writer.write(record)


def test_a_missing_file_is_told_in_tensorflows_words(tmp_path):
    with pytest.raises(errors.NotFoundError, match="none; No such file or directory"):
        list(tf_record_iterator(str(tmp_path / "none")))
    with pytest.raises(errors.NotFoundError, match="r; No such file or directory"):
        TFRecordWriter(str(tmp_path / "none" / "r"))
