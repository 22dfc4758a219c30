"""Several processes train as one does: the same variables, one checkpoint and one log, and an end for all where one dies."""
import os
import socket
import subprocess
import sys

import numpy as np
import pytest

import graphflow as tf

pytest.importorskip("jax")
PLAIN = os.path.join(os.path.dirname(__file__), "hosts_programs.py")
ENV = {**os.environ, "JAX_PLATFORMS": "cpu", "GRAPHFLOW_HEARTBEAT": "20", "TF_CPP_MIN_LOG_LEVEL": "2",
       "PYTHONPATH": os.pathsep.join([os.getcwd(), os.environ.get("PYTHONPATH", "")])}


def addresses(count):
    """Of ports that are free now."""
    listening = [socket.socket() for _ in range(count)]
    for one in listening:
        one.bind(("127.0.0.1", 0))
    found = [f"127.0.0.1:{one.getsockname()[1]}" for one in listening]
    for one in listening:
        one.close()
    return found


def together(*commands, seconds=300):
    """Runs commands at the same time: (exit code, output, errors) of each. All are ended when the time is over."""
    running = [subprocess.Popen([sys.executable, "-m", *command], env={**ENV, **env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True) for command, env in commands]
    try:
        said = [process.communicate(timeout=seconds) for process in running]
    finally:
        for process in running:
            process.kill()
    return [(process.returncode, *texts) for process, texts in zip(running, said, strict=True)]


def values(path):
    with np.load(path) as arrays:
        return dict(arrays)


def test_a_program_run_by_two_processes_trains_as_by_one(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    alone = subprocess.run([sys.executable, PLAIN, "plain", str(tmp_path / "one")], env={**ENV, "GRAPHFLOW_ENGINE": "xla"},
                           capture_output=True, text=True, timeout=300)
    assert alone.returncode == 0, alone.stderr[-3000:]
    coordinator, = addresses(1)
    command = ["graphflow", "run", "--coordinator", coordinator, "--processes", "2"]
    chief, other = together(*[([*command, "--process-id", str(i), PLAIN, "plain", str(tmp_path / "two")], {"PART": str(i), "PARTS": "2"})
                              for i in range(2)])
    assert chief[0] == other[0] == 0, (chief[2][-3000:], other[2][-3000:])
    losses = [float(line.split()[1]) for text in (alone.stdout, chief[1]) for line in text.splitlines() if line.startswith("loss")]
    np.testing.assert_allclose(losses[8:], losses[:8], rtol=2e-5)
    assert "loss" not in other[1]
    one = values(tmp_path / "one" / "plain0of1.npz")
    first, second = (values(tmp_path / "two" / f"plain{i}of2.npz") for i in range(2))
    assert first.pop("own") != second.pop("own")        # a run that changes nothing is the host's own
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)
        np.testing.assert_allclose(first[name], one[name], rtol=2e-4, atol=2e-6, err_msg=name)
    reader = tf.train.NewCheckpointReader(str(tmp_path / "two" / "model.ckpt"))
    np.testing.assert_array_equal(reader.get_tensor("dense/kernel"), first["dense.kernel:0"])
    assert len(os.listdir(tmp_path / "two" / "logs")) == 1
    assert "hosts feed different values to rate of shape []; the chief's was taken" in chief[2] + other[2]


def workers(folder, dies_at):
    """Two workers, of which the second dies, and a parameter server: what `together` gives, and the workers' addresses."""
    ports = addresses(3)
    flags = [str(folder), f"--ps_hosts={ports[2]}", f"--worker_hosts={ports[0]},{ports[1]}"]
    command = ["tests.runtime.hosts_programs", "cluster", *flags]
    return together(*[([*command, f"--job_name={job}", f"--task_index={task}", f"--dies_at={dies}"], {})
                      for job, task, dies in (("worker", 0, -1), ("worker", 1, dies_at), ("ps", 0, -1))]), ports


@pytest.mark.slow
def test_the_distributed_program_ends_where_a_worker_dies_and_goes_on_from_its_checkpoint(tmp_path):
    (chief, worker, server), ports = workers(tmp_path, 6)
    assert server[0] == 0 and "is not needed" in server[2]
    assert worker[0] == 9 and chief[0] == 1
    assert f"worker 1 ({ports[1]}) does not answer any more" in chief[2], chief[2][-2000:]
    assert tf.train.latest_checkpoint(str(tmp_path / "logs")).endswith("model.ckpt-4")
    again, _ = workers(tmp_path, -1)
    assert [code for code, _, _ in again] == [0, 0, 0], "\n".join(text[-2000:] for _, _, text in again)
    first, second = (values(tmp_path / f"worker{i}.npz") for i in range(2))
    assert first["first"] == second["first"] == 4 and first["step"] == second["step"] == 8
    assert first["loss"] == second["loss"]              # of the whole batch
    assert tf.train.latest_checkpoint(str(tmp_path / "logs")).endswith("model.ckpt-8")
