"""Every checkpoint that TensorFlow wrote reads as it should, and every damaged one fails as it should."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from graphflow.formats import element_types
from graphflow.formats.bundle import BundleReader, BundleWriter, merge
from graphflow.formats.checkpoint_state import read_state
from graphflow.formats.checkpoints import exists, open_checkpoint
from graphflow.formats.errors import FormatError
from graphflow.formats.object_graph import object_graph, object_keys
from graphflow.formats.slices import Slice, parse_spec
from graphflow.formats.sstable import TableReader, table_bytes
from tests.tf_fixtures import array, bad_cases, manifest, path

CHECKPOINTS = {name: entry for name, entry in manifest().items() if entry["kind"] in ("checkpoint", "checkpoint_v1")}
V2 = {name: entry for name, entry in CHECKPOINTS.items() if entry["kind"] == "checkpoint"}
SAME_BYTES = sorted(set(V2) - {"ckpt/big_endian", "ckpt/snappy_index", "ckpt/sharded"})  # big-endian and Snappy are never written


def assert_same(found, expected):
    """Equal types, shapes and bits; `expected` may hold the bits alone."""
    assert found.shape == expected.shape
    if found.dtype == object:
        assert found.tolist() == expected.tolist()
        return
    assert found.dtype.itemsize == expected.dtype.itemsize
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", sorted(name for name in CHECKPOINTS if "tensors" in CHECKPOINTS[name]))
def test_every_tensor_has_the_value_that_tensorflow_stored(name):
    entry = CHECKPOINTS[name]
    with open_checkpoint(str(path(entry["prefix"]))) as reader:
        assert reader.names() == sorted(entry["tensors"], key=str.encode)
        for tensor, described in entry["tensors"].items():
            expected = array(described, entry.get("data"))
            value = reader.read(tensor)
            assert_same(value, expected)
            assert_same(reader.mapped(tensor), expected)
            assert element_types.type_name(reader.type_number(tensor)) == described["dtype"]
            assert list(reader.shape(tensor)) == described["shape"]
            if value.dtype != object and not described.get("stored_as_bits"):
                assert value.dtype == expected.dtype


def test_an_index_of_several_blocks_is_read_whole():
    entry = V2["ckpt/many_keys"]
    with open_checkpoint(str(path(entry["prefix"]))) as reader:
        assert len(reader.names()) == entry["count"]
        for name in reader.names():
            assert reader.read(name) == np.float32(int(name.rpartition("/v")[2]) / 2)


@pytest.mark.parametrize("name", sorted(name for name in V2 if "index" in V2[name]))
def test_the_index_says_what_the_manifest_says(name):
    import base64

    with BundleReader(str(path(V2[name]["prefix"]))) as reader:
        for fact in V2[name]["index"]:
            key = base64.b64decode(fact["key_b64"])
            entry = reader._entry(key, repr(key))
            assert (entry.type_number, list(entry.shape), entry.shard, entry.offset, entry.size, entry.masked_crc) == tuple(
                fact[field] for field in ("dtype", "shape", "shard_id", "offset", "size", "masked_crc32c"))
            slices = [[[start, None if length == -1 else length] for start, length in part.extents] for part in entry.slices]
            assert slices == fact["slices"]


def test_parts_of_a_tensor_are_put_together_from_its_slices():
    entry = V2["ckpt/tiles"]
    with BundleReader(str(path(entry["prefix"]))) as reader:
        for wanted in entry["slice_reads"]:
            _, part = parse_spec(wanted["shape_and_slice"])
            assert_same(reader.read(wanted["name"], part), array(wanted["value"], entry["data"]))


@pytest.mark.parametrize("name", ["ckpt/partitioned"])
def test_each_partition_reads_alone(name):
    entry = V2[name]
    with BundleReader(str(path(entry["prefix"]))) as reader:
        for part in entry["parts"].values():
            wanted = Slice(tuple(zip(part["offset"], part["shape"], strict=True)))
            assert_same(reader.read(part["full_name"], wanted), array(part["value"], entry["data"]))


@pytest.mark.parametrize("name", sorted(V2))
def test_a_table_rebuilt_from_its_pairs_has_the_same_bytes(name):
    index = path(V2[name]["prefix"] + ".index")
    with index.open("rb") as file:
        pairs = list(TableReader(file, str(index)).items())
        file.seek(0)
        same = table_bytes(pairs) == file.read()
    assert same == (name != "ckpt/snappy_index")


@pytest.mark.parametrize("name", SAME_BYTES)
def test_the_files_we_write_are_those_of_tensorflow(name, tmp_path):
    prefix = path(V2[name]["prefix"])
    copy = tmp_path / prefix.name
    with BundleReader(str(prefix)) as reader, BundleWriter(str(copy)) as writer:
        write_again(reader, writer)
    for ending in (".index", ".data-00000-of-00001"):
        assert Path(f"{copy}{ending}").read_bytes() == Path(f"{prefix}{ending}").read_bytes()
    assert sorted(os.listdir(tmp_path)) == [f"{prefix.name}.data-00000-of-00001", f"{prefix.name}.index"]


def write_again(reader, writer):
    """Add the tensors and slices of a checkpoint in the order of their bytes in the data file; equal offsets in that of keys."""
    jobs = []
    for name in reader.names():
        entry = reader.entry(name)
        if not entry.slices:
            jobs.append((entry.offset, bool(entry.size), lambda name=name: writer.add(name, reader.read(name))))
        for number, part in enumerate(entry.slices):
            there = reader.places(name)[number]
            jobs.append((there.offset, bool(there.size), lambda name=name, entry=entry, part=part:
                         writer.add_slice(name, entry.shape, part, reader.read(name, part))))
    for *_, job in sorted(jobs, key=lambda job: job[:2]):
        job()


def test_merging_shards_gives_the_files_of_tensorflow(tmp_path):
    entry = V2["ckpt/sharded"]
    prefix = path(entry["prefix"])
    parts = []
    (tmp_path / "temp").mkdir()
    with BundleReader(str(prefix)) as reader:
        for shard in range(3):
            parts.append(str(tmp_path / "temp" / f"part-{shard}"))
            names = [name for name in reader.names() if reader.entry(name).shard == shard]
            with BundleWriter(parts[-1]) as writer:
                for name in sorted(names, key=lambda name: reader.entry(name).offset):
                    writer.add(name, reader.read(name))
    merge(parts, str(tmp_path / prefix.name))
    written = sorted(os.listdir(tmp_path))
    assert written == [f"{prefix.name}.data-0000{shard}-of-00003" for shard in range(3)] + [f"{prefix.name}.index"]
    for name in written:
        assert (tmp_path / name).read_bytes() == (prefix.parent / name).read_bytes(), name


def test_an_object_based_checkpoint_tells_the_keys_of_variables():
    with open_checkpoint(str(path("ckpt/object_based/obj-1"))) as reader:
        assert object_graph(reader) is not None
        assert object_keys(reader) == {"Variable": "net/w/.ATTRIBUTES/VARIABLE_VALUE", "Variable_1": "step/.ATTRIBUTES/VARIABLE_VALUE",
                                       "save_counter": "save_counter/.ATTRIBUTES/VARIABLE_VALUE"}
    with open_checkpoint(str(path("ckpt/mlp_adam/basalt.ckpt-6"))) as reader:
        assert object_graph(reader) is None
        assert object_keys(reader) == {}


@pytest.mark.parametrize("name", sorted(name for name, entry in manifest().items() if "state" in entry and entry["kind"] != "events"))
def test_state_files_name_their_checkpoints(name):
    for described in (manifest()[name]["state"], manifest()[name].get("other_state")):
        if described:
            file = path(described["state_file"])
            state = read_state(str(file.parent), file.name)
            assert Path(state.model_checkpoint_path) == path(described["model_checkpoint_path"])
            assert [Path(kept) for kept in state.all_model_checkpoint_paths] == [
                path(kept) for kept in described["all_model_checkpoint_paths"]]
            assert exists(state.model_checkpoint_path)


@pytest.mark.parametrize("name, case", [case for case in bad_cases("bundle") if "bundle" in case[1]["path"] or "v1" in case[1]["path"]])
def test_damage_is_told_and_spares_what_is_whole(name, case, tmp_path):
    prefix = str(path(case["path"]))
    outcome, lenient = case["outcome"], case.get("lenient")
    try:
        with open_checkpoint(prefix) as reader:
            results = {tensor: attempt(reader, tensor) for tensor in reader.names()}
    except (FormatError, FileNotFoundError) as error:
        assert outcome == "error" or case.get("or_error"), error
        assert prefix in str(error)
        return
    failed = sorted(tensor for tensor, error in results.items() if error)
    for error in filter(None, results.values()):
        assert prefix in str(error)
    if outcome == "ok":
        assert not failed
    elif outcome == "error_on_read":
        assert failed == sorted(case["tensors"]) or lenient
        assert sorted(set(results) - set(failed)) == sorted(case["others"]) or lenient
    else:
        assert lenient or (case.get("or_on_read") and failed == sorted(results) and results)


def attempt(reader, name):
    try:
        reader.read(name)
    except FormatError as error:
        return error
    return None


def test_a_mapped_tensor_cannot_be_written_through(tmp_path):
    for ending in (".index", ".data-00000-of-00001"):
        shutil.copy(path("ckpt/mlp_adam/basalt.ckpt-6" + ending), tmp_path)
    with BundleReader(str(tmp_path / "basalt.ckpt-6")) as reader:
        mapped = reader.mapped("amber/kernel")
        with pytest.raises(ValueError, match="read-only"):
            mapped[0, 0] = 7
        assert isinstance(mapped.base, np.memmap) or isinstance(mapped, np.memmap)
