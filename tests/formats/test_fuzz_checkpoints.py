"""Damage anywhere in checkpoints, their tables and state files, and in serialized examples and lines of text, gives clean errors only.

A few hundred mutations in the default run; `-m slow` goes on for GRAPHFLOW_FUZZ_SECONDS (default 60) per reader.
"""

import contextlib
import io
import os
import time

import numpy as np
import pytest

import graphflow as tf
from graphflow.formats import snappy
from graphflow.formats.bundle import BundleWriter, strings
from graphflow.formats.checkpoint_state import read_state
from graphflow.formats.checkpoints import open_checkpoint
from graphflow.formats.crc import masked_crc32c
from graphflow.formats.errors import FormatError
from graphflow.formats.examples import Dense, Sparse, parse_examples
from graphflow.formats.object_graph import OBJECT_GRAPH_KEY
from graphflow.formats.sequence_examples import DenseList, parse_sequences
from graphflow.formats.sstable import TableReader, table_bytes
from graphflow.formats.sstable.blocks import read_entries
from graphflow.formats.sstable.framing import TRAILER_SIZE, Handle, footer_bytes, read_footer, read_handle
from graphflow.kernels.csv_records import columns
from tests import tf_fixtures
from tests.formats.fuzzing import fuzz, mutated

BUNDLES = ("bad/bundle/undamaged/model", "ckpt/tiles/tiles", "ckpt/snappy_index/sn", "ckpt/dtypes/haven", "ckpt/partitioned/tulip.ckpt-11",
           "ckpt/big_endian/be")


def fixture(name):
    return tf_fixtures.path(name).read_bytes()


def pairs(table):
    return list(TableReader(io.BytesIO(table), "t").items())


def with_damaged_value(table, rand):
    """A sound table one of whose values is damaged, so that the damage reaches the messages."""
    entries = pairs(table)
    at = rand.randrange(len(entries))
    entries[at] = entries[at][0], mutated(entries[at][1], rand)
    return table_bytes(entries)


def with_damaged_block(table, rand):
    """A table with one damaged block whose checksum is right, so that the damage reaches the entries; Snappy blocks too."""
    index = read_footer(table[-48:], "t", len(table))
    handles = [read_handle(value)[0] for _, value in read_entries(block(table, index)[:-1])]
    victim = rand.choice([*handles, index])
    damaged = mutated(block(table, victim), rand)
    # behind everything else, so that the other handles stay right; then a new index if the block is not itself the index
    body = table[: index.offset]
    place = Handle(len(body), len(damaged) - 1)
    body += sealed(damaged)
    if victim != index:
        entries = list(read_entries(block(table, index)[:-1]))
        fixed = [(key, (place if read_handle(value)[0] == victim else read_handle(value)[0]).to_bytes()) for key, value in entries]
        rows = table_bytes(fixed)
        listing = block(rows, read_handle(next(read_entries(block(rows, read_footer(rows[-48:], "t", len(rows)))[:-1]))[1])[0])
        place = Handle(len(body), len(listing) - 1)
        body += sealed(listing)
    return body + footer_bytes(place, place)


def block(table, handle):
    """The stored bytes of a block and its compression byte."""
    return table[handle.offset : handle.offset + handle.size + TRAILER_SIZE - 4]


def sealed(stored):
    return stored + masked_crc32c(stored).to_bytes(4, "little")


def read_all(prefix):
    """Read everything there is; only clean errors may come."""
    with open_checkpoint(str(prefix)) as reader:
        for name in reader.names():
            with contextlib.suppress(FormatError):
                reader.read(name)


def damaged_table(table, rand):
    return rand.choice((mutated, with_damaged_value, with_damaged_block))(table, rand)


def read_bundle(rand, folder):
    for file in folder.iterdir():
        file.unlink()
    prefix = rand.choice(BUNDLES)
    source = tf_fixtures.path(f"{prefix}.index")
    for data in source.parent.glob(f"{source.stem}.data-*"):
        stored = data.read_bytes()
        (folder / f"p{data.suffix}").write_bytes(mutated(stored, rand) if rand.random() < 0.3 else stored)
    (folder / "p.index").write_bytes(damaged_table(source.read_bytes(), rand))
    read_all(folder / "p")


def read_v1(rand, folder):
    (folder / "v1").write_bytes(damaged_table(fixture("ckpt/v1/maple.v1-84"), rand))
    read_all(folder / "v1")


def read_checkpoint_state(rand, folder):
    (folder / "checkpoint").write_bytes(mutated(fixture("ckpt/keep/checkpoint"), rand))
    read_state(str(folder))


def read_objects(rand, folder):
    """An object-based checkpoint whose graph of objects is damaged, below its checksum."""
    prefix = str(tf_fixtures.path("ckpt/object_based/obj-1"))
    with open_checkpoint(prefix) as reader, BundleWriter(str(folder / "o")) as writer:
        for name in reader.names():
            value = reader.read(name)
            if name == OBJECT_GRAPH_KEY:
                value = np.array(mutated(value.item(), rand), object)
            writer.add(name, value)
    with tf.Graph().as_default(), tf.Session() as session:
        net = tf.train.Checkpoint(w=tf.get_variable("w", [2, 3]))
        status = tf.train.Checkpoint(net=net, step=tf.get_variable("s", [], tf.int64)).restore(str(folder / "o"))
        with contextlib.suppress(AssertionError):
            status.assert_consumed()
        status.initialize_or_restore(session)


def read_strings(rand, folder):
    """The parts below the checksums: string tensors and Snappy blocks."""
    elements = [rand.randbytes(rand.choice((0, 1, 5, 200))) for _ in range(rand.randrange(6))]
    stored, _ = strings.encode(elements)
    with contextlib.suppress(ValueError):
        strings.decode(mutated(stored, rand), rand.choice((len(elements), 0, 1, 1 << 40)))
    table = fixture("ckpt/snappy_index/sn.index")
    packed = block(table, read_footer(table[-48:], "t", len(table)))[:-1]
    assert len(snappy.decompress(mutated(packed, rand))) <= 64 * len(packed) + 4096


KINDS = ("float", "int64", "string")


def read_example(rand, folder):
    records = list(tf.python_io.tf_record_iterator(str(tf_fixtures.path("tfrecord/yarrow.tfrecord"))))
    batch = [mutated(rand.choice(records), rand) for _ in range(rand.randint(1, 3))]
    example = tf.train.Example()
    with contextlib.suppress(Exception):
        example.ParseFromString(batch[0])
    keys = [*sorted(example.features.feature), "absent"]
    types = {"float": np.float32, "int64": np.int64, "string": object}
    dense = []
    for key in rand.sample(keys, min(2, len(keys))):
        kind, shape = rand.choice(KINDS), rand.choice(((), (1,), (2, 2), (None,), (None, 0), (0,), (None, 2)))
        default = np.empty(0, types[kind]) if rand.random() < 0.5 else np.zeros([d or 0 for d in shape], types[kind])
        dense.append(Dense(key, kind, shape, default))
    parse_examples(batch, [], dense, [Sparse(rand.choice(keys), rand.choice(KINDS))], single=len(batch) == 1 and rand.random() < 0.5)


def read_sequence_example(rand, folder):
    made = tf.train.SequenceExample()
    made.context.feature["c"].int64_list.value.extend([1, 2])
    for key in ("f", "g"):
        for step in range(3):
            made.feature_lists.feature_list[key].feature.add().float_list.value.extend([0.5] * (step if key == "f" else 2))
    batch = [mutated(made.SerializeToString(), rand) for _ in range(rand.randint(1, 3))]
    dense = [DenseList(key, rand.choice(KINDS), rand.choice(((), (2,), (0,), (1, 2))), rand.random() < 0.5) for key in ("g", "absent")]
    parse_sequences(batch, [], [Dense("c", "int64", (2,), np.empty(0, np.int64))], [Sparse("c", rand.choice(KINDS))],
                    dense[:rand.randint(0, 2)], [Sparse("f", rand.choice(KINDS))], single=len(batch) == 1 and rand.random() < 0.5)


def read_lines(rand, folder):
    """One damaged line among sound ones, so that damage is met at every field."""
    lines = [b'1,2.5,"a ""b"" c",-7', b",nan,,9223372036854775807", b'7,-7e30,"x,y",00012', b"-3,inf,z w,0"]
    at = rand.randrange(len(lines))
    lines[at] = mutated(lines[at], rand)
    defaults = [0, 0.5, b"", None]
    columns(lines, ["int32", "float32", "string", "int64"], defaults, b",", rand.random() < 0.8, rand.choice((b"", b"nan")),
            rand.choice(((), (0, 1, 2, 3))))


READERS = {  # reader, cases in the default run
    "bundle": (read_bundle, 150),
    "v1": (read_v1, 100),
    "state": (read_checkpoint_state, 100),
    "objects": (read_objects, 15),
    "strings and Snappy": (read_strings, 150),
    "examples": (read_example, 150),
    "sequence examples": (read_sequence_example, 150),
    "csv": (read_lines, 150),
}


@pytest.mark.parametrize("name", READERS)
def test_damage_gives_clean_errors(name, tmp_path):
    read, least = READERS[name]
    fuzz(name, read, tmp_path, 7, 0, least, FileNotFoundError)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_much_damage_gives_clean_errors(name, tmp_path):
    read, _ = READERS[name]
    fuzz(name, read, tmp_path, time.time_ns(), float(os.environ.get("GRAPHFLOW_FUZZ_SECONDS", "60")), 1, FileNotFoundError)
