"""Supervisors, clusters and devices of variables: programs of TF1, beside TensorFlow's graphs (oracle)."""
import os
import threading

import numpy as np
import pytest

import graphflow as tf
from tests.oracle.programs import run_program, tensorflow_results
from tests.train import cluster_programs as programs

PROGRAMS = [name for name in sorted(vars(programs)) if name.startswith("program_")]


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results(programs.__name__, tensorflow_python, tmp_path_factory.mktemp("clusters"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_devices_clusters_and_graphs_are_tensorflows(name, theirs):
    ours, expected = run_program(getattr(programs, name), tf), theirs[name]
    assert bytes(ours["runs"][0][0]).decode().split("\n") == bytes(expected["runs"][0][0]).decode().split("\n")


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default() as graph:
        yield graph


def model():
    step = tf.train.create_global_step()
    w = tf.get_variable("w", [], initializer=tf.zeros_initializer())
    tf.summary.scalar("s", w)
    return step, tf.group(w.assign_add(1.0), step.assign_add(1))


def events(folder):
    names = sorted(name for name in os.listdir(folder) if "tfevents" in name)
    return [event for name in names for event in tf.train.summary_iterator(os.path.join(folder, name))]


def test_training_is_saved_summed_up_and_goes_on(tmp_path):
    logdir = str(tmp_path)
    for run in range(2):
        with tf.Graph().as_default():
            step, train = model()
            sv = tf.train.Supervisor(logdir=logdir, save_summaries_secs=3600, save_model_secs=3600)
            saved = threading.Event()
            save = sv.saver.save
            sv.saver.save = lambda *args, save=save, saved=saved, **kwargs: (save(*args, **kwargs), saved.set())
            with sv.managed_session() as session:
                assert session.run(step) == 3 * run
                assert saved.wait(60)       # the thread saves at once, then every hour
                for _ in range(3):
                    session.run(train)
                sv.saver.save(session, sv.save_path, global_step=step)
                assert not sv.should_stop()
            assert sv.should_stop()
            with pytest.raises(RuntimeError, match="closed"):
                session.run(step)
    assert os.path.basename(tf.train.latest_checkpoint(logdir)) == "model.ckpt-6"
    assert "node {" in (tmp_path / "graph.pbtxt").read_text()
    found = events(logdir)
    logs = [event.session_log.status for event in found if event.HasField("session_log")]
    assert logs.count(tf.SessionLog.START) == logs.count(tf.SessionLog.STOP) == 2
    assert any(event.graph_def for event in found) and any(event.meta_graph_def for event in found)
    assert "s" in {value.tag for event in found for value in event.summary.value}


def test_what_fails_in_the_body_or_in_a_thread_is_raised_after_all_threads_have_stopped(tmp_path):
    _, train = model()
    sv = tf.train.Supervisor(logdir=str(tmp_path), save_model_secs=0, save_summaries_secs=0)
    with pytest.raises(ZeroDivisionError), sv.managed_session() as session:
        session.run(train)
        raise ZeroDivisionError
    with pytest.raises(KeyError), sv.managed_session():
        sv.loop(0.01, lambda: {}["nothing"])
        sv.wait_for_stop()
    with sv.managed_session():
        raise tf.errors.OutOfRangeError(None, None, "the end of the input is no error")


def test_queue_runners_run_and_init_functions_are_called():
    queue = tf.FIFOQueue(4, tf.float32, [[]])
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [queue.enqueue(2.0)]))
    item = queue.dequeue()
    w = tf.get_variable("w", [], initializer=tf.zeros_initializer())
    value = tf.placeholder(tf.float32, [])
    change = w.assign(value)
    sv = tf.train.Supervisor(init_fn=lambda session: session.run(change, {value: 7.0}), init_op=None, local_init_op=None)
    with sv.managed_session() as session:
        assert session.run([item, w]) == [2.0, 7.0]
    with pytest.raises(RuntimeError, match="Graph is finalized"):
        tf.constant(1)


def test_summaries_of_the_programs_own(tmp_path):
    model()
    merged = tf.summary.merge_all()
    sv = tf.train.Supervisor(logdir=str(tmp_path), summary_op=None, save_model_secs=0)
    with sv.managed_session() as session:
        sv.summary_computed(session, session.run(merged))
        sv.summary_computed(session, session.run(merged), global_step=9)
    steps = [event.step for event in events(tmp_path) for value in event.summary.value if value.tag == "s"]
    assert steps == [0, 9]
    with tf.Graph().as_default():
        model()
        without = tf.train.Supervisor()
        with pytest.raises(RuntimeError, match="Writing a summary requires a summary writer"):
            without.summary_computed(None, b"")
        assert without.start_standard_services(None) is None


def test_who_is_not_the_chief_needs_devices_and_starts_no_services():
    with tf.device("/job:ps/task:0"):
        model()
    sv = tf.train.Supervisor(is_chief=False, logdir="/nowhere")
    assert sv.save_path is None and sv.summary_writer is None
    with pytest.raises(RuntimeError, match="Only chief supervisor can start standard services"):
        sv.start_standard_services(None)
    with pytest.raises(tf.errors.DeadlineExceededError):
        sv.prepare_or_wait_for_session(max_wait_secs=0)
    with tf.Graph().as_default():
        model()
        with pytest.raises(ValueError, match="all Variables must have their device set: global_step"):
            tf.train.Supervisor(is_chief=False)


def test_a_server_of_one_worker_trains_here():
    cluster = tf.train.ClusterSpec({"ps": ["localhost:2222"], "worker": ["localhost:2223"]})
    server = tf.train.Server(cluster, job_name="worker", task_index=0)
    with tf.device(tf.train.replica_device_setter(cluster=cluster)):
        step, train = model()
    assert step.device == "/job:ps/task:0"
    sv = tf.train.Supervisor()
    with sv.managed_session(server.target) as session:
        session.run(train)
        assert session.run(step) == 1
    assert server.target == "grpc://localhost:2223" and server.server_def.job_name == "worker"
    assert tf.train.Server(server.server_def).target == server.target
    assert tf.train.Server.create_local_server().target.startswith("grpc://localhost:")
    with tf.Session(tf.train.Server.create_local_server().target, graph=tf.Graph()) as session:
        assert session.graph is not None


def test_clusters_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="Must specify an explicit `job_name`"):
        tf.train.Server({"ps": ["a:1"], "worker": ["b:2"]})
    with pytest.raises(ValueError, match="Must specify an explicit `task_index`"):
        tf.train.Server({"ps": ["a:1", "c:1"], "worker": ["b:2"]}, job_name="ps")
    with pytest.raises(TypeError, match="Could not convert `server_or_cluster_def`"):
        tf.train.Server(5)
    with pytest.raises(TypeError, match="must be a list or dictionary of addresses"):
        tf.train.ClusterSpec({"worker": 5})
    with pytest.raises(TypeError, match="must be integers"):
        tf.train.ClusterSpec({"worker": {"a": "h:1"}})
    spec = tf.train.ClusterSpec({"worker": ["a:1"]})
    for ask in (lambda: spec.num_tasks("ps"), lambda: spec.task_address("ps", 0)):
        with pytest.raises(ValueError, match="No such job in cluster: 'ps'"):
            ask()
    with pytest.raises(ValueError, match="No task with index 4 in job 'worker'"):
        spec.task_address("worker", 4)
    with pytest.raises(TypeError, match="ps_strategy must be callable"):
        tf.train.replica_device_setter(1, ps_strategy=3)


def test_values_of_arrays_are_whole_after_training_with_threads(tmp_path):
    step = tf.train.create_global_step()
    v = tf.get_variable("v", [1000], initializer=tf.zeros_initializer())
    train = tf.group(v.assign_add(tf.ones([1000])), step.assign_add(1))
    sv = tf.train.Supervisor(logdir=str(tmp_path), save_model_secs=0.01, save_summaries_secs=0.01)
    with sv.managed_session() as session:
        for _ in range(200):
            session.run(train)
    reader = tf.train.NewCheckpointReader(tf.train.latest_checkpoint(str(tmp_path)))
    saved = reader.get_tensor("v")
    assert np.ptp(saved) == 0
