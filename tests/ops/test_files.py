"""Whole files, patterns of names, compressed strings and JSON examples: as TensorFlow 2.21's compat.v1 answers."""

from __future__ import annotations

import gzip
import os
import zlib

import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as fresh:
        yield fresh


@pytest.fixture
def folder(tmp_path):
    for name in ("b.txt", "a.txt", "c.dat"):
        (tmp_path / name).write_text(name)
    return tmp_path


def run(fetch):
    with tf.Session() as session:
        return session.run(fetch)


def names(found):
    return [os.path.basename(path).decode() for path in found.tolist()]


def test_a_file_is_read_each_time_it_is_run(folder):
    contents = tf.read_file(str(folder / "a.txt"))
    assert (contents.dtype, contents.shape.as_list(), contents.op.name) == (tf.string, [], "ReadFile")
    with tf.Session() as session:
        assert session.run(contents) == b"a.txt"
        (folder / "a.txt").write_bytes(b"\0new")
        assert session.run(contents) == b"\0new"


def test_a_file_is_written_with_the_folders_it_needs(folder):
    target = folder / "x" / "y" / "z"
    write = tf.write_file(str(target), tf.strings.join(["hel", "lo"]))
    assert isinstance(write, tf.Operation) and not target.exists()
    run(write)
    assert target.read_text() == "hello"
    with tf.control_dependencies([tf.io.write_file(str(target), "again")]):
        later = tf.io.read_file(str(target))
    assert run(later) == b"again"


@pytest.mark.parametrize("name, error, what", [
    ("none", tf.errors.NotFoundError, "none"),
    ("", (tf.errors.FailedPreconditionError, tf.errors.PermissionDeniedError), "."),  # Windows denies it
])
def test_what_is_no_file_is_told(folder, name, error, what):
    with pytest.raises(error, match=what):
        run(tf.read_file(str(folder / name)))


def test_one_file_at_a_time(folder):
    with pytest.raises(ValueError, match="Shape must be rank 0 but is rank 1"):
        tf.read_file(["a", "b"])
    with pytest.raises(ValueError, match="Shape must be rank 0 but is rank 1"):
        tf.write_file("a", ["b"])


def test_files_are_found_by_pattern(folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "a.txt").write_text("")
    assert names(run(tf.matching_files(f"{folder}/*.txt"))) == ["a.txt", "b.txt"]
    several = tf.matching_files([f"{folder}/*.dat", f"{folder}/[ab].txt", f"{folder}/a.txt", f"{folder}/zz*"])
    assert names(run(several)) == ["a.txt", "a.txt", "b.txt", "c.dat"]
    assert names(run(tf.io.matching_files(f"{folder}/s*/?.txt"))) == ["a.txt"]
    assert run(tf.matching_files(f"{folder}/none/*")).tolist() == []
    assert several.shape.as_list() == [None]


def test_names_are_found_once(folder):
    found = tf.train.match_filenames_once(f"{folder}/*.txt")
    assert (found.op.name, found.shape.dims) == ("matching_filenames", None)
    assert tf.local_variables() == [found] and tf.global_variables() == []
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        (folder / "a.txt").unlink()
        assert names(session.run(found)) == ["a.txt", "b.txt"]


@pytest.mark.parametrize("kind, pack", [("", bytes), ("GZIP", gzip.compress), ("ZLIB", zlib.compress)])
def test_strings_are_decompressed(kind, pack):
    texts = [b"", b"abc", b"x" * 100_000]
    assert run(tf.decode_compressed([pack(text) for text in texts], kind)).tolist() == texts
    assert run(tf.io.decode_compressed(pack(b"one"), compression_type=kind)) == b"one"


def test_a_gzip_string_may_be_several_streams():
    assert run(tf.decode_compressed(gzip.compress(b"a") + gzip.compress(b"b"), "GZIP")) == b"ab"


@pytest.mark.parametrize("data, what", [(b"abc", "inflate.. failed"), (gzip.compress(b"abc" * 99)[:-9], "cut off"), (b"\x1f", "cut off")],
                         ids=["no stream", "cut", "one byte"])
def test_damaged_compression_is_told(data, what):
    with pytest.raises(tf.errors.DataLossError, match=what):
        run(tf.decode_compressed(data, "GZIP"))


def test_an_unknown_compression_is_refused():
    with pytest.raises(ValueError, match="Only ZLIB, GZIP or NONE are supported compressions"):
        tf.decode_compressed(b"", "LZ4")


def test_json_becomes_examples():
    texts = ['{"features": {"feature": {"b": {"bytesList": {"value": ["YWI="]}}, "i": {"int64List": {"value": ["1", 2]}}}}}', "{}"]
    first, second = run(tf.decode_json_example(texts))
    features = tf.train.Example.FromString(first).features.feature
    assert list(features["b"].bytes_list.value) == [b"ab"] and list(features["i"].int64_list.value) == [1, 2]
    assert second == b""
    for broken in ('{"x":', '{"x": 1}', "[]", "[" * 5000):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Error while parsing JSON"):
            run(tf.decode_json_example(broken))
