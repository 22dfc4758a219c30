"""Whatever is written reads back equal; whatever bytes a file holds, a reader raises a clean error or reads."""

import contextlib
import io
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphflow.formats import slice_keys, snappy, varint
from graphflow.formats.bundle import BundleReader, BundleWriter
from graphflow.formats.checkpoint_state import make_state, read_state, write_state
from graphflow.formats.checkpoint_v1 import V1Reader
from graphflow.formats.checkpoints import open_checkpoint
from graphflow.formats.element_types import numpy_type, type_name
from graphflow.formats.errors import DataLossError, FormatError, InvalidFileError
from graphflow.formats.slices import Slice, parse_spec
from graphflow.formats.sstable import TableReader, TableWriter, table_bytes
from graphflow.formats.sstable.writer import separator, successor
from tests.tf_fixtures import path

STORABLE = [number for number in range(1, 34) if numpy_type(number) is not None and number != 7]
pairs = st.dictionaries(st.binary(max_size=30), st.binary(max_size=60), max_size=60).map(lambda entries: sorted(entries.items()))


@given(pairs, st.integers(20, 400))
def test_a_table_gives_back_its_pairs(entries, block_size):
    file = io.BytesIO(table_bytes(entries, block_size))
    reader = TableReader(file, "table")
    assert list(reader.items()) == entries
    for key, value in entries:
        assert reader.get(key) == value
    assert reader.get(b"\xff" * 31) is None


@given(st.binary(min_size=1), st.binary(min_size=1))
def test_index_keys_lie_between_the_blocks(one, other):
    low, high = sorted((one, other))
    if low != high:
        assert low <= separator(low, high) < high
    assert successor(high) >= high


def test_keys_that_do_not_rise_are_refused():
    writer = TableWriter(io.BytesIO())
    writer.add(b"b", b"")
    with pytest.raises(ValueError, match="keys must rise"):
        writer.add(b"b", b"")


@given(st.integers(-2**63, 2**63 - 1), st.integers(-2**63, 2**63 - 1))
def test_signed_numbers_in_keys_sort_as_numbers(a, b):
    assert (slice_keys.signed_bytes(a) < slice_keys.signed_bytes(b)) == (a < b)


@pytest.mark.parametrize("number, coded", [(0, "80"), (3, "83"), (-1, "7f"), (64, "c040"), (8192, "e02000"), (-65, "3fbf")])
def test_signed_numbers_in_keys(number, coded):
    assert slice_keys.signed_bytes(number).hex() == coded


def test_names_in_slice_keys_are_escaped():
    assert slice_keys.encode(b"a\x00\x01\xff", Slice(())) == b"\x00a\x00\xff\x01\xff\x00\x00\x01\x00"


@given(st.integers(0, 2**64 - 1))
def test_varints_come_back(number):
    coded = varint.encode(number)
    assert varint.decode(coded, 0) == (number, len(coded))
    with pytest.raises(ValueError, match="varint"):
        varint.decode(coded[:-1], 0)


@pytest.mark.parametrize("spec", ["", "4", "4 5,1", "4 -1,2", "4 1,9", "4 5 -", "x -", "4 1,2,3"])
def test_wrong_specs_are_refused(spec):
    if spec == "":
        assert parse_spec(spec) == ((), Slice(()))
        return
    with pytest.raises(ValueError):
        parse_spec(spec)


@given(st.data())
def test_arrays_of_every_type_come_back(data):
    tensors = {}
    for name in data.draw(st.lists(st.text(min_size=1), unique=True, max_size=5)):
        if name.startswith("\0"):
            continue
        dtype = numpy_type(data.draw(st.sampled_from(STORABLE)))
        shape = tuple(data.draw(st.lists(st.integers(0, 4), max_size=3)))
        size = int(np.prod(shape)) * dtype.itemsize
        raw = np.frombuffer(data.draw(st.binary(min_size=size, max_size=size)), np.uint8)
        tensors[name] = (raw & 1 if dtype == np.bool_ else raw).view(dtype).reshape(shape)
    with tempfile.TemporaryDirectory() as folder:
        prefix = os.path.join(folder, "p")
        with BundleWriter(prefix) as writer:
            for name, value in tensors.items():
                writer.add(name, value)
        with BundleReader(prefix) as reader:
            assert set(reader.names()) == set(tensors)
            for name, value in tensors.items():
                read = reader.read(name)
                assert read.dtype == value.dtype and read.shape == value.shape and read.tobytes() == value.tobytes()


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_strings_come_back(elements):
    array = np.empty(len(elements), object)
    array[:] = elements
    with tempfile.TemporaryDirectory() as folder:
        with BundleWriter(os.path.join(folder, "p")) as writer:
            writer.add("s", array)
        with BundleReader(os.path.join(folder, "p")) as reader:
            assert reader.read("s").tolist() == elements


@given(st.data())
def test_a_tensor_in_tiles_reads_whole_and_in_any_part(data):
    shape = (data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6)))
    cuts = [sorted({0, size, *data.draw(st.lists(st.integers(0, size), max_size=2))}) for size in shape]
    tiles = [Slice(((a, b - a), (c, d - c))) for a, b in zip(cuts[0], cuts[0][1:], strict=False)
             for c, d in zip(cuts[1], cuts[1][1:], strict=False)]
    value = np.arange(shape[0] * shape[1], dtype=np.float32).reshape(shape)
    part = Slice(tuple((start, data.draw(st.integers(0, size - start))) for size in shape
                       for start in [data.draw(st.integers(0, size))]))
    with tempfile.TemporaryDirectory() as folder:
        with BundleWriter(os.path.join(folder, "p")) as writer:
            for tile in data.draw(st.permutations(tiles)):
                writer.add_slice("v", shape, tile, value[tile.resolved(shape).within(Slice.whole(2).resolved(shape))])
        with BundleReader(os.path.join(folder, "p")) as reader:
            assert (reader.read("v") == value).all()
            assert (reader.read("v", part) == value[part.resolved(shape).within(Slice.whole(2).resolved(shape))]).all()


def test_what_cannot_be_stored_is_refused(tmp_path):
    with BundleWriter(str(tmp_path / "p")) as writer:
        writer.add("a", 1.0)
        with pytest.raises(ValueError, match="duplicate"):
            writer.add("a", 1.0)
        with pytest.raises(ValueError, match="empty"):
            writer.add("", 1.0)
        with pytest.raises(TypeError, match="cannot hold"):
            writer.add("t", np.array(["2020-01-01"], "datetime64[D]"))
        writer.add("c", np.ones(2))
        with pytest.raises(ValueError, match="was added whole"):
            writer.add_slice("c", (2,), Slice(((0, 1),)), np.ones(1))
        writer.add_slice("d", (2,), Slice(((0, 1),)), np.ones(1))
        with pytest.raises(ValueError, match="disagree"):
            writer.add_slice("d", (3,), Slice(((1, 1),)), np.ones(1))
    assert type_name(250) == "type 250"


@pytest.mark.parametrize("data, plain", [
    (b"\x00", b""), (b"\x05\x10hello", b"hello"), (b"\x0a\x00a\x22\x01\x00", b"a" * 10), (b"\x08\x04ab\x09\x02", b"abababab")])
def test_snappy_blocks(data, plain):
    assert snappy.decompress(data) == plain


@given(st.binary(max_size=200))
def test_snappy_of_any_bytes_ends_well(data):
    with contextlib.suppress(ValueError):
        assert len(snappy.decompress(data)) <= 64 * len(data)


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_state_files_come_back(names):
    with tempfile.TemporaryDirectory() as folder:
        kept = [os.path.join(folder, name) for name in names]
        write_state(os.path.join(folder, "checkpoint"), make_state(folder, kept[-1], kept))
        state = read_state(folder)
        assert list(state.all_model_checkpoint_paths) == kept and state.model_checkpoint_path == kept[-1]


def damage(original, data):
    """The bytes with a few places changed, cut or doubled."""
    changed = bytearray(original)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(changed) - 1)))
        match data.draw(st.sampled_from(["set", "cut", "drop", "insert"])):
            case "set" if changed:
                changed[at] = data.draw(st.integers(0, 255))
            case "cut":
                del changed[at:]
            case "drop":
                del changed[at:at + data.draw(st.integers(1, 8))]
            case "insert":
                changed[at:at] = data.draw(st.binary(max_size=8))
    return bytes(changed)


def reseal(table):
    """The pairs of a table as a sound table, so that damage below reaches the messages."""
    return list(TableReader(io.BytesIO(table), "t").items())


def read_all(prefix):
    """Read everything there is; only clean errors may come."""
    try:
        with open_checkpoint(prefix) as reader:
            for name in reader.names():
                with contextlib.suppress(FormatError):
                    reader.read(name)
    except (FormatError, FileNotFoundError):
        pass


FUZZ = settings(max_examples=int(os.environ.get("GRAPHFLOW_FUZZ", "60")),
                suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
SEEDS = ["bad/bundle/undamaged/model", "ckpt/tiles/tiles", "ckpt/snappy_index/sn", "ckpt/dtypes/haven"]


@FUZZ
@given(data=st.data())
def test_damaged_bytes_give_clean_errors(data, tmp_path):
    prefix = path(data.draw(st.sampled_from(SEEDS)))
    for ending in (".index", ".data-00000-of-00001"):
        (tmp_path / f"p{ending}").write_bytes(damage(Path(f"{prefix}{ending}").read_bytes(), data))
    read_all(str(tmp_path / "p"))


@FUZZ
@given(data=st.data())
def test_damaged_entries_in_a_sound_table_give_clean_errors(data, tmp_path):
    prefix = path(data.draw(st.sampled_from(SEEDS)))
    entries = reseal(Path(f"{prefix}.index").read_bytes())
    at = data.draw(st.integers(0, len(entries) - 1))
    entries[at] = entries[at][0], damage(entries[at][1], data)
    (tmp_path / "p.index").write_bytes(table_bytes(entries))
    (tmp_path / "p.data-00000-of-00001").write_bytes(Path(f"{prefix}.data-00000-of-00001").read_bytes())
    read_all(str(tmp_path / "p"))


@FUZZ
@given(data=st.data())
def test_damaged_v1_files_give_clean_errors(data, tmp_path):
    whole = path("ckpt/v1/maple.v1-84").read_bytes()
    if data.draw(st.booleans()):
        (tmp_path / "v1").write_bytes(damage(whole, data))
    else:
        entries = reseal(whole)
        at = data.draw(st.integers(0, len(entries) - 1))
        entries[at] = entries[at][0], damage(entries[at][1], data)
        (tmp_path / "v1").write_bytes(table_bytes(entries))
    read_all(str(tmp_path / "v1"))


@FUZZ
@given(data=st.data())
def test_damaged_state_files_give_clean_errors(data, tmp_path):
    (tmp_path / "checkpoint").write_bytes(damage(path("ckpt/keep/checkpoint").read_bytes(), data))
    with contextlib.suppress(DataLossError, InvalidFileError):
        read_state(str(tmp_path))


def test_a_v1_file_that_is_none_is_told(tmp_path):
    (tmp_path / "text").write_text("hello " * 20)
    with pytest.raises(DataLossError, match="bad magic number"):
        V1Reader(str(tmp_path / "text"))
