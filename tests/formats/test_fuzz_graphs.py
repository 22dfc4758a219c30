"""Damage anywhere in graphs, texts, tensors, event and record files gives clean errors only: no crash, no foreign exception.

A few hundred mutations in the default run; `-m slow` goes on for GRAPHFLOW_FUZZ_SECONDS (default 60) per reader.
"""

import os
import random
import time

import numpy as np
import pytest

import graphflow as tf
from graphflow.formats.errors import FormatError
from graphflow.formats.event_file import read_events
from graphflow.formats.proto import GraphDef, TensorProto, from_text, parse
from graphflow.formats.record import read_records
from graphflow.formats.tensor_proto import array_from_proto
from graphflow.train.saved_model.loader import load
from tests import tf_fixtures

CLEAN = (FormatError, ValueError, NotImplementedError, tf.errors.OpError)


def mutated(data, rand):
    """A copy with a few bytes changed, cut, doubled or replaced by numbers that lengths should not be."""
    out = bytearray(data)
    for _ in range(rand.randint(1, 4)):
        if not out:
            break
        at = rand.randrange(len(out))
        what = rand.randrange(6)
        if what == 0:
            out[at] ^= 1 << rand.randrange(8)
        elif what == 1:
            out[at] = rand.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif what == 2:
            del out[at : at + rand.randint(1, 8)]
        elif what == 3:
            out[at:at] = out[at : at + rand.randint(1, 16)]
        elif what == 4:
            out[at:at] = rand.choice((b"\xff" * 9 + b"\x01", b"\x80\x80\x80\x80\x08", b"\x00", b"{", b'"'))
        elif rand.random() < 0.2:
            del out[at:]
    return bytes(out)


def read_graph(data, tmp_path):
    message = parse(data, GraphDef, "graph.pb")
    with tf.Graph().as_default():
        tf.import_graph_def(message, name="")
        tf.get_default_graph().as_graph_def()


def read_text(data, tmp_path):
    message = from_text(data, GraphDef, "graph.pbtxt")
    with tf.Graph().as_default():
        tf.import_graph_def(message, name="")


def read_tensor(data, tmp_path):
    array = array_from_proto(parse(data, TensorProto, "t"))
    assert isinstance(array, np.ndarray) and (array.nbytes < 1 << 27 or 0 in array.strides)


def read_event_file(data, tmp_path):
    (tmp_path / "f").write_bytes(data)
    for _ in read_events(tmp_path / "f"):
        pass


def read_record_file(data, tmp_path):
    (tmp_path / "f").write_bytes(data)
    for compression in ("", "GZIP", "ZLIB"):
        try:
            for _ in read_records(tmp_path / "f", compression):
                pass
        except FormatError:
            pass


def read_meta(data, tmp_path):
    (tmp_path / "f.meta").write_bytes(data)
    with tf.Graph().as_default():
        tf.train.import_meta_graph(str(tmp_path / "f.meta"))


def read_model(data, tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(data)
    with tf.Graph().as_default(), tf.Session() as session:
        load(session, ["serve"], tmp_path)


def fixture(name):
    return tf_fixtures.path(name).read_bytes()


def tensors():
    graph = parse(fixture("graphs/consts/graph.pb"), GraphDef)
    return [node.attr["value"].tensor.SerializeToString() for node in graph.node]


GRAPHS = ("bad/graph/undamaged", "graphs/frozen_mlp/graph", "graphs/control_v1/graph")
READERS = {
    "graph": (read_graph, lambda: [fixture(f"{name}.pb") for name in GRAPHS]),
    "text": (read_text, lambda: [fixture("graphs/consts_python/graph.pbtxt")]),
    "tensor": (read_tensor, tensors),
    "events": (read_event_file, lambda: [fixture("bad/events/events.out.tfevents.1700000115.undamaged")]),
    "records": (read_record_file, lambda: [fixture("tfrecord/yarrow.tfrecord"), fixture("tfrecord/tulip_gzip.tfrecord")]),
    "meta": (read_meta, lambda: [fixture("ckpt/partitioned/tulip.ckpt-11.meta")]),
    "saved_model": (read_model, lambda: [fixture("bad/saved_model/undamaged/saved_model.pb")]),
}


def fuzz(name, tmp_path, seed, seconds, least):
    read, samples = READERS[name]
    rand, sources = random.Random(seed), samples()
    end, count = time.monotonic() + seconds, 0
    while count < least or time.monotonic() < end:
        data = mutated(rand.choice(sources), rand)
        count += 1
        try:
            read(data, tmp_path)
        except CLEAN as error:
            assert str(error)
        except (OSError, RuntimeError, KeyError) as error:  # a tag set that is not there, names that a collection lacks
            assert name in ("meta", "saved_model") and not isinstance(error, RecursionError), error
        except BaseException:
            (tmp_path / "found").write_bytes(data)
            print(f"the input that did it: {tmp_path / 'found'}")
            raise


@pytest.mark.parametrize("name", READERS)
def test_damage_gives_clean_errors(name, tmp_path):
    fuzz(name, tmp_path, seed=7, seconds=0, least={"meta": 12, "saved_model": 25, "graph": 60, "text": 40}.get(name, 150))


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_much_damage_gives_clean_errors(name, tmp_path):
    fuzz(name, tmp_path, seed=time.time_ns(), seconds=float(os.environ.get("GRAPHFLOW_FUZZ_SECONDS", "60")), least=1)
