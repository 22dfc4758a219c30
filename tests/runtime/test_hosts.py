"""Which hosts there are, as clusters, TF_CONFIG and options say; nothing here connects them."""
import json
import subprocess
import sys

import pytest

import graphflow as tf
from graphflow.runtime import hosts

CLUSTER = {"ps": ["p:1"], "worker": ["a:1", "b:2"], "chief": ["c:3"], "evaluator": ["e:1"]}


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    monkeypatch.setattr(hosts, "_entered", {})


def test_the_chief_is_first_and_servers_take_no_part():
    found = hosts.members(CLUSTER, "worker", 1)
    assert found.coordinator == "c:3" and found.rank == 2 and found.me == "worker 1 (b:2)"
    assert found.names == ("chief 0 (c:3)", "worker 0 (a:1)", "worker 1 (b:2)")


def test_tf_config_says_who_this_is():
    def config(job, index, cluster=CLUSTER):
        return json.dumps({"cluster": cluster, "task": {"type": job, "index": index}})

    assert hosts.of_tf_config("") == ("", None) == hosts.of_tf_config("{}")
    assert hosts.of_tf_config(config("ps", 0)) == ("ps", None) and hosts.of_tf_config(config("evaluator", 0)) == ("evaluator", None)
    job, found = hosts.of_tf_config(config("chief", 0))
    assert job == "chief" and found.rank == 0 and len(found.names) == 3
    assert hosts.of_tf_config(config("worker", 0, {"worker": ["a:1"]})) == ("worker", None)
    with pytest.raises(ValueError, match="task 'worker' 2 is not in its cluster"):
        hosts.of_tf_config(config("worker", 2))


def test_sessions_of_the_servers_target_are_shared_and_others_are_not():
    mine = hosts.members(CLUSTER, "worker", 0)
    hosts.enter(mine, "grpc://localhost:1")
    assert hosts.of("grpc://localhost:1") is mine is hosts.of(b"grpc://localhost:1") is hosts.entered()
    assert hosts.of("") is None and hosts.program_wide() is None and hosts.writes()
    assert not hosts.is_chief("grpc://localhost:1") and hosts.is_chief("")
    with pytest.raises(RuntimeError, match="it cannot be chief 0"):
        hosts.enter(hosts.members(CLUSTER, "chief", 0), "grpc://localhost:1")


def test_all_sessions_of_a_program_that_many_processes_run_are_shared():
    hosts.enter(hosts.numbered("here:80", 1, 4))
    assert hosts.of("").names[3] == "process 3" and not hosts.writes()


@pytest.mark.parametrize(("arguments", "text"), [
    (("here:80", 4, 4), "process id 4 is not one of 0 to 3"), (("here", 0, 2), "is not HOST:PORT"), ((":80", 0, 2), "is not HOST:PORT")])
def test_what_is_no_process(arguments, text):
    with pytest.raises(ValueError, match=text):
        hosts.numbered(*arguments)


@pytest.mark.parametrize(("options", "text"), [
    (["--coordinator", "a:1"], "--coordinator, --process-id and --processes go together"),
    (["--coordinator", "a:1", "--process-id", "0", "--processes", "2", "--engine", "numpy"], "several hosts need --engine xla, not numpy"),
    (["--coordinator", "a", "--process-id", "0", "--processes", "2"], "coordinator 'a' is not HOST:PORT")])
def test_options_that_make_no_hosts(options, text, tmp_path):
    program = tmp_path / "empty.py"
    program.write_text("")
    done = subprocess.run([sys.executable, "-m", "graphflow", "run", *options, str(program)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and text in done.stderr


def test_several_workers_need_jax(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NotImplementedError, match=r"a cluster of 2 workers needs JAX: python -m pip install 'graphflow-tf1\[xla\]'"):
        tf.train.Server({"worker": ["a:1", "b:2"]}, job_name="worker", task_index=1)


def test_a_parameter_server_is_not_needed_and_ends():
    server = tf.train.Server({"ps": ["a:1"], "worker": ["b:2"]}, job_name="ps", task_index=0)
    assert server.join() is None
    assert hosts.entered() is None


def test_in_a_cluster_synchronous_replicas_apply_their_gradients():
    hosts.enter(hosts.members({"worker": ["a:1", "b:2"]}, "worker", 0), "grpc://localhost:1")
    with tf.Graph().as_default():
        w = tf.Variable(2.0)
        optimizer = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.5), 2)
        step = optimizer.minimize(w * w, global_step=tf.train.get_or_create_global_step())
        with tf.train.MonitoredSession(hooks=[optimizer.make_session_run_hook(True)]) as session:     # "" is a session of its own
            session.run(step)
            assert session.run([w, tf.train.get_global_step()]) == [0.0, 1]
