"""Record files: framing, compression, TensorFlow's own files, damage that ends in a clean error."""

import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphflow.formats import crc
from graphflow.formats.errors import DataLossError, FormatError, TruncatedError
from graphflow.formats.proto import Event, Example, parse
from graphflow.formats.record import RecordReader, RecordWriter, frame, read_records
from tests import tf_fixtures

ENTRY = tf_fixtures.manifest()["tfrecord"]
RECORDS = [base64.b64decode(text) for text in ENTRY["records_b64"]]
COMPRESSIONS = ["", "GZIP", "ZLIB"]


def read_until_error(path, compression="", decode=lambda record: record):
    """(records, the error that ended reading, or None)."""
    records = []
    try:
        for record in read_records(path, compression):
            records.append(decode(record))
    except FormatError as error:
        return records, error
    return records, None


def test_crc32c_check_values():
    assert crc.crc32c(b"123456789") == 0xE3069283
    assert crc.crc32c(b"") == 0
    assert crc.crc32c(b"6789", crc.crc32c(b"12345")) == 0xE3069283
    assert crc.masked_crc32c(b"") == 0xA282EAD8
    assert crc.unmask(crc.mask(0xE3069283)) == 0xE3069283


@pytest.mark.parametrize("name", ["GZIP", "ZLIB", "none"])
def test_tensorflow_records_read(name):
    path = tf_fixtures.path(ENTRY["files"][name])
    assert list(read_records(path, "" if name == "none" else name)) == RECORDS


def test_tensorflow_record_files_are_written_byte_for_byte(tmp_path):
    with RecordWriter(tmp_path / "r") as writer:
        for record in RECORDS:
            writer.write(record)
    assert (tmp_path / "r").read_bytes() == tf_fixtures.path(ENTRY["files"]["none"]).read_bytes()


def test_examples_decode():
    for index, expected in zip(ENTRY["examples_at"], ENTRY["examples"], strict=True):
        features = parse(RECORDS[index], Example).features.feature
        wanted = expected["features"]["feature"]
        assert set(features) == set(wanted)
        assert [str(v) for v in features["ids"].int64_list.value] == wanted["ids"]["int64_list"]["value"]
        assert base64.b64encode(features["image"].bytes_list.value[0]).decode() == wanted["image"]["bytes_list"]["value"][0]
        assert features["weights"].float_list.value == pytest.approx(wanted["weights"]["float_list"]["value"])
        assert features["nothing"].WhichOneof("kind") is None


def test_an_empty_file_has_no_records(tmp_path):
    assert list(read_records(tf_fixtures.path(ENTRY["empty_file"]))) == []
    assert list(read_records(tf_fixtures.path(ENTRY["empty_file"]), "GZIP")) == []


@pytest.mark.parametrize("compression", COMPRESSIONS)
@given(records=st.lists(st.binary(max_size=300), max_size=8))
def test_what_is_written_is_read(tmp_path_factory, compression, records):
    path = tmp_path_factory.mktemp("records") / "r"
    with RecordWriter(path, compression) as writer:
        for record in records:
            writer.write(record)
    assert list(read_records(path, compression)) == records


def test_appending_continues_a_file(tmp_path):
    for text in (b"one", b"two"):
        with RecordWriter(tmp_path / "r", append=True) as writer:
            writer.write(text)
    assert list(read_records(tmp_path / "r")) == [b"one", b"two"]
    with pytest.raises(FormatError, match="compressed"):
        RecordWriter(tmp_path / "r", "GZIP", append=True)


def test_a_live_file_is_followed(tmp_path):
    whole = frame(b"one") + frame(b"two")
    path = tmp_path / "r"
    path.write_bytes(whole[:30])
    with RecordReader(path) as reader:
        assert reader.next_record() == b"one"
        with pytest.raises(TruncatedError, match="truncated record at 19: record 1"):
            reader.next_record()
        path.write_bytes(whole)
        assert reader.next_record() == b"two"
        assert reader.next_record() is None
        assert (reader.offset, reader.count) == (38, 2)
    with RecordReader(path, offset=19) as reader:
        assert list(reader) == [b"two"]


def test_gzip_members_follow_one_another(tmp_path):
    one = zlib.compressobj(wbits=31)
    two = zlib.compressobj(wbits=31)
    path = tmp_path / "r"
    path.write_bytes(one.compress(frame(b"one")) + one.flush() + two.compress(frame(b"two")) + two.flush())
    assert list(read_records(path, "GZIP")) == [b"one", b"two"]


def test_unknown_compression_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Unknown compression 'SNAPPY'"):
        RecordWriter(tmp_path / "r", "SNAPPY")


@pytest.mark.parametrize("name, case", tf_fixtures.bad_cases("events", "tfrecord_gzip", "tfrecord_zlib"))
def test_damaged_files_give_the_good_records_then_a_clean_error(name, case):
    path = tf_fixtures.path(case["path"])
    compression = {"tfrecord_gzip": "GZIP", "tfrecord_zlib": "ZLIB"}.get(case["probe"], "")
    decode = (lambda record: parse(record, Event, str(path))) if case["probe"] == "events" else (lambda record: record)
    records, error = read_until_error(path, compression, decode)
    if case["good_records"] is not None:
        assert len(records) == case["good_records"]
    if case["outcome"] == "ok":
        assert error is None
    else:
        assert isinstance(error, DataLossError)
        assert str(path) in str(error)


def test_an_absurd_length_takes_no_memory(tmp_path):
    import tracemalloc

    length = struct.pack("<Q", 1 << 40)
    data = length + struct.pack("<I", crc.masked_crc32c(length)) + bytes(100)
    deflate = zlib.compressobj(wbits=31)
    (tmp_path / "plain").write_bytes(data)
    (tmp_path / "gzip").write_bytes(deflate.compress(data) + deflate.flush())
    for name, compression in (("plain", ""), ("gzip", "GZIP")):
        tracemalloc.start()
        records, error = read_until_error(tmp_path / name, compression)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert records == [] and isinstance(error, TruncatedError)
        assert peak < 4 << 20


@pytest.mark.parametrize("compression", COMPRESSIONS)
@given(data=st.data())
def test_damage_anywhere_gives_only_clean_errors(tmp_path_factory, compression, data):
    path = tmp_path_factory.mktemp("records") / "r"
    with RecordWriter(path, compression) as writer:
        for record in RECORDS[:4]:
            writer.write(record[:500])
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw)))])
    records, error = read_until_error(path, compression)
    whole = [record[:500] for record in RECORDS[:4]]
    assert records == whole[: len(records)]
    assert error is None or str(path) in str(error)
