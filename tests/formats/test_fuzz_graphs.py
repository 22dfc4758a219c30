"""Damage anywhere in graphs, texts, tensors, event and record files gives clean errors only: no crash, no foreign exception.

A few hundred mutations in the default run; `-m slow` goes on for GRAPHFLOW_FUZZ_SECONDS (default 60) per reader.
"""

import os
import shutil
import time

import numpy as np
import pytest

import graphflow as tf
from graphflow.formats.errors import FormatError
from graphflow.formats.event_file import read_events
from graphflow.formats.proto import GraphDef, TensorProto, from_text, parse
from graphflow.formats.record import frame, read_records
from graphflow.formats.tensor_proto import array_from_proto
from graphflow.train.saved_model.loader import load
from tests import tf_fixtures
from tests.formats.fuzzing import fuzz, mutated

GRAPHS = ("bad/graph/undamaged", "graphs/frozen_mlp/graph", "graphs/control_v1/graph")
EVENTS = "bad/events/events.out.tfevents.1700000115.undamaged"


def fixture(name):
    return tf_fixtures.path(name).read_bytes()


def read_graph(rand, folder):
    message = parse(mutated(fixture(f"{rand.choice(GRAPHS)}.pb"), rand), GraphDef, "graph.pb")
    with tf.Graph().as_default():
        tf.import_graph_def(message, name="")
        tf.get_default_graph().as_graph_def()


def read_text(rand, folder):
    message = from_text(mutated(fixture("graphs/consts_python/graph.pbtxt"), rand), GraphDef, "graph.pbtxt")
    with tf.Graph().as_default():
        tf.import_graph_def(message, name="")


def read_tensor(rand, folder):
    nodes = parse(fixture("graphs/consts/graph.pb"), GraphDef).node
    data = mutated(rand.choice(nodes).attr["value"].tensor.SerializeToString(), rand)
    array = array_from_proto(parse(data, TensorProto, "t"))
    assert isinstance(array, np.ndarray) and (array.nbytes < 1 << 27 or 0 in array.strides)


def read_event_file(rand, folder):
    """Damage in the file, or in an event whose record is sound."""
    data = fixture(EVENTS)
    if rand.random() < 0.5:
        payloads = list(read_records(tf_fixtures.path(EVENTS)))
        at = rand.randrange(len(payloads))
        payloads[at] = mutated(payloads[at], rand)
        data = b"".join(map(frame, payloads))
    else:
        data = mutated(data, rand)
    (folder / "f").write_bytes(data)
    for _ in read_events(folder / "f"):
        pass


def read_record_file(rand, folder):
    data = mutated(fixture(rand.choice(("tfrecord/yarrow.tfrecord", "tfrecord/tulip_gzip.tfrecord"))), rand)
    (folder / "f").write_bytes(data)
    for compression in ("", "GZIP", "ZLIB"):
        try:
            for _ in read_records(folder / "f", compression):
                pass
        except FormatError:
            pass


def read_meta(rand, folder):
    (folder / "f.meta").write_bytes(mutated(fixture("ckpt/partitioned/tulip.ckpt-11.meta"), rand))
    with tf.Graph().as_default():
        tf.train.import_meta_graph(str(folder / "f.meta"))


def read_model(rand, folder):
    if not (folder / "variables").exists():
        shutil.copytree(tf_fixtures.path("bad/saved_model/undamaged/variables"), folder / "variables")
    (folder / "saved_model.pb").write_bytes(mutated(fixture("bad/saved_model/undamaged/saved_model.pb"), rand))
    with tf.Graph().as_default(), tf.Session() as session:
        load(session, ["serve"], folder)


NAMES_GONE = (OSError, RuntimeError, KeyError)  # a tag set that is not there, names that a collection lacks
READERS = {  # reader, cases in the default run, what else counts as clean
    "graph": (read_graph, 60, ()),
    "text": (read_text, 40, ()),
    "tensor": (read_tensor, 150, ()),
    "events": (read_event_file, 150, ()),
    "records": (read_record_file, 150, ()),
    "meta": (read_meta, 12, NAMES_GONE),
    "saved_model": (read_model, 25, NAMES_GONE),
}


@pytest.mark.parametrize("name", READERS)
def test_damage_gives_clean_errors(name, tmp_path):
    read, least, also_clean = READERS[name]
    fuzz(name, read, tmp_path, 7, 0, least, also_clean)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_much_damage_gives_clean_errors(name, tmp_path):
    read, _, also_clean = READERS[name]
    fuzz(name, read, tmp_path, time.time_ns(), float(os.environ.get("GRAPHFLOW_FUZZ_SECONDS", "60")), 1, also_clean)
