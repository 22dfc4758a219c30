"""What TensorFlow reads from the checkpoints and meta graphs that graphflow wrote is equal, and its own files have the same bytes."""

import json
import os
import subprocess

import numpy as np
import pytest

import graphflow as tf
from graphflow.formats.bundle import BundleReader, BundleWriter
from graphflow.formats.element_types import numpy_type, type_name
from graphflow.formats.slices import Slice
from tests.oracle.checkpoint_side import plain
from tests.oracle.programs import ROOT, node_differences, run_program, tensorflow_results
from tests.train import saver_programs

pytestmark = [pytest.mark.oracle, pytest.mark.slow]

QUANTIZED = {11, 12, 13, 15, 16}
SAVED_BY_TENSORFLOW = [number for number in range(1, 26) if numpy_type(number) is not None and number not in QUANTIZED]
PROGRAMS = sorted(name for name in vars(saver_programs) if name.startswith("program_"))


def tensors_of_every_type():
    """Two tensors and a scalar of every type that both sides store, and an empty one."""
    made, bits = {}, np.random.default_rng(3)
    for number in SAVED_BY_TENSORFLOW:
        dtype, name = numpy_type(number), type_name(number)
        if dtype.kind == "O":
            made[name] = np.array([b"", b"\x00\xff", b"x" * 300, "größe".encode()], object).reshape(2, 2)
            continue
        for ending, shape in (("", (3, 5)), ("_scalar", ()), ("_none", (0, 2))):
            raw = bits.integers(0, 256, int(np.prod(shape)) * dtype.itemsize, np.uint8)
            made[name + ending] = (raw & 1 if dtype.kind == "b" else raw).view(dtype).reshape(shape)
    return made


def save_models(folder):
    """Checkpoints of a small model: as one file, sharded, and of the first version."""
    with tf.Graph().as_default(), tf.device("/cpu:0"):
        v = tf.get_variable("v", [2, 3])
        tf.get_variable("r", [2], use_resource=True)
        tf.get_variable("p", [4, 3], partitioner=tf.fixed_size_partitioner(2))
        tf.Variable(7, name="global_step", trainable=False, dtype=tf.int64)
        tf.reduce_sum(v * 2.0, name="total")
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            values = {variable.name: plain(session.run(variable)) for variable in tf.global_variables()}
            for name, arguments in (("sharded", {"sharded": True}), ("first", {"write_version": tf.train.SaverDef.V1}), ("model", {})):
                tf.train.Saver(**arguments).save(session, str(folder / name))
    return values


@pytest.fixture(scope="module")
def exchange(tensorflow_python, tmp_path_factory):
    """The folder of files, what TensorFlow found in them, and what was put in."""
    folder = tmp_path_factory.mktemp("exchange")
    tensors = tensors_of_every_type()
    with BundleWriter(str(folder / "types")) as writer:
        for name, value in tensors.items():
            writer.add(name, value)
    (folder / "order.json").write_text(json.dumps(list(tensors)))
    grid = np.arange(63, dtype=np.float32).reshape(9, 7)
    with BundleWriter(str(folder / "slices")) as writer:
        for start, size in ((4, 5), (0, 4)):
            writer.add_slice("grid", grid.shape, Slice(((start, size), (0, -1))), grid[start:start + size])
    with BundleWriter(str(folder / "many")) as writer:
        for number in range(3000):
            writer.add(f"layer_{number % 7}/{'long_name_' * 9}{number}", np.float32(number))
    values = save_models(folder)
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "TF_USE_LEGACY_KERAS": "1"}
    finished = subprocess.run([tensorflow_python, "-m", "tests.oracle.checkpoint_side", str(folder)], cwd=ROOT, env=environment,
                              capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-4000:]
    return folder, json.loads((folder / "found.json").read_text()), tensors, grid, values


def as_json(value):
    return json.loads(json.dumps(plain(value)))


def test_tensorflow_reads_every_type(exchange):
    _, found, tensors, grid, _ = exchange
    assert found["read"]["types"] == {name: as_json(value) for name, value in tensors.items()}
    assert found["read"]["slices"] == {"grid": as_json(grid)}
    assert len(found["read"]["many"]) == 3000


def test_tensorflow_writes_the_same_bytes(exchange):
    folder = exchange[0]
    for ending in ("index", "data-00000-of-00001"):
        assert (folder / f"theirs.{ending}").read_bytes() == (folder / f"types.{ending}").read_bytes()


@pytest.mark.parametrize("name", ["model", "sharded", "first"])
def test_tensorflow_imports_and_restores_our_models(exchange, name):
    folder, found, _, _, values = exchange
    assert found[name] == json.loads(json.dumps(values))
    assert found[f"{name}_trainable"] == ["v:0", "r:0", "p/part_0:0", "p/part_1:0"]
    written = sorted(file.name for file in folder.glob(f"{name}_again*") if not file.name.endswith(".meta"))
    assert written
    for again in written:
        assert (folder / again).read_bytes() == (folder / again.replace("_again", "")).read_bytes(), again


def test_tensorflow_follows_our_state_file(exchange):
    folder, found, *_ = exchange
    assert found["latest"] == str(folder / "model")


def test_we_read_what_tensorflow_wrote(exchange):
    folder, _, tensors, _, _ = exchange
    with BundleReader(str(folder / "theirs")) as reader:
        for name, value in tensors.items():
            assert as_json(reader.read(name)) == as_json(value)


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results("tests.train.saver_programs", tensorflow_python, tmp_path_factory.mktemp("savers"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_savers_make_the_nodes_of_tensorflow(name, theirs):
    ours = run_program(getattr(saver_programs, name), tf)
    assert not node_differences(ours["nodes"], theirs[name]["nodes"])
