"""Meshes of devices: eight virtual ones give what one gives; texts that are no mesh are refused."""
import os
import subprocess
import sys

import pytest

import graphflow as tf

pytest.importorskip("jax")
EIGHT = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=8"}


def test_eight_devices_train_as_one_does():
    done = subprocess.run([sys.executable, "-m", "tests.runtime.mesh_programs"], env=EIGHT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("agrees") == 6


def test_run_takes_engine_and_mesh(tmp_path):
    program = tmp_path / "train.py"
    program.write_text("import tensorflow as tf\nx = tf.placeholder(tf.float32, [None])\nv = tf.Variable(1.0)\n"
                       "with tf.Session() as s:\n    s.run(v.initializer)\n"
                       "    print(s.run(tf.reduce_sum(x * v), {x: [1.0] * 8}), s._store.engine.placement.mesh.size)\n")
    done = subprocess.run([sys.executable, "-m", "graphflow", "run", "--engine", "xla", "--mesh", "data=4", str(program)], env=EIGHT,
                          capture_output=True, text=True, timeout=300)
    assert done.stdout.split() == ["8.0", "4"], done.stderr[-2000:]


@pytest.mark.parametrize(("mesh", "sharding", "message"), [
    ("eight", [], "not a list of name=size"), ("data=0", [], "not a list of name=size"), ("data=1,data=1", [], "names an axis twice"),
    ("data=4096", [], "needs 4096 devices, JAX has"), ("data=1", ["w.*=model"], r"with axes of the mesh \(data\)"),
    ("data=1", ["w"], "not 'regular expression=axis,axis'"), ("", ["w=data"], "need a mesh")])
def test_what_is_no_mesh(mesh, sharding, message):
    with tf.Graph().as_default(), pytest.raises(ValueError, match=message):
        tf.Session(config=tf.ConfigProto(engine="xla", mesh=mesh, sharding=sharding))


def test_a_mesh_needs_the_engine():
    with tf.Graph().as_default(), pytest.raises(ValueError, match="needs the xla engine, not 'numpy'"):
        tf.Session(config=tf.ConfigProto(engine="numpy", mesh="data=1"))
