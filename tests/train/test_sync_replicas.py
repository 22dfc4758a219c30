"""tf.train.SyncReplicasOptimizer: TensorFlow's nodes, the steps that it takes, workers as threads, what is refused."""
import json
import os
import subprocess
import threading
import time

import numpy as np
import pytest

import graphflow as tf
from tests.oracle.programs import ROOT, node_differences


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


def model(tf, replicas=1, total=None, average=False, optimizer=None):
    """A loss with a dense and a sparse gradient and one variable without; the train op."""
    w = tf.get_variable("w", initializer=[1.0, 2.0, 3.0])
    e = tf.get_variable("e", initializer=np.arange(8, dtype=np.float32).reshape(4, 2))
    tf.get_variable("unused", [1])
    loss = tf.reduce_sum(w * w) + tf.reduce_sum(tf.nn.embedding_lookup(e, [1, 1, 2]) ** 2)
    step = tf.train.get_or_create_global_step()
    opt = tf.train.GradientDescentOptimizer(0.1) if optimizer is None else optimizer
    if replicas:
        more = {"variable_averages": tf.train.ExponentialMovingAverage(0.5, step), "variables_to_average": [w]} if average else {}
        opt = tf.train.SyncReplicasOptimizer(opt, replicas, total, **more)
    return opt, opt.minimize(loss, global_step=step), (w, e, step)


def nodes(tf):
    """What the program makes, for several settings."""
    found = []
    for settings in ({"replicas": 2, "total": 3}, {"replicas": 1, "average": True}):
        tf.reset_default_graph()
        opt = model(tf, **settings)[0]
        opt.get_init_tokens_op()
        found.append([[op.name, op.type, [t.name for t in op.inputs], sorted(c.name for c in op.control_inputs)]
                      for op in tf.get_default_graph().get_operations()])
    return found


@pytest.mark.oracle
def test_the_nodes_are_tensorflows(tensorflow_python):
    program = ("import json\nimport tensorflow.compat.v1 as tf\ntf.disable_v2_behavior()\ntf.enable_control_flow_v2()\n"
               "from tests.train.test_sync_replicas import nodes\nprint(json.dumps(nodes(tf)))\n")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1", "PYTHONPATH": f"{ROOT}{os.pathsep}{site()}"}
    finished = subprocess.run([tensorflow_python, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-3000:]
    for ours, theirs in zip(nodes(tf), json.loads(finished.stdout.splitlines()[-1]), strict=True):
        assert not node_differences(ours, theirs)


def site():
    """Where pytest is, which TensorFlow's python may lack."""
    return os.path.dirname(os.path.dirname(pytest.__file__))




@pytest.mark.parametrize("optimizer", [lambda: tf.train.GradientDescentOptimizer(0.1), lambda: tf.train.AdamOptimizer(0.1)])
def test_one_worker_takes_the_steps_of_the_plain_optimizer(optimizer):
    opt, train, (w, e, step) = model(tf, 1, optimizer=optimizer())
    with tf.train.SingularMonitoredSession(hooks=[opt.make_session_run_hook(True, num_tokens=0)]) as session:
        for _ in range(4):
            session.run(train)
        ours = [x.tolist() for x in session.raw_session().run([w, e, step])]
    tf.reset_default_graph()
    _, train, (w, e, step) = model(tf, 0, optimizer=optimizer())
    with tf.train.SingularMonitoredSession() as session:
        for _ in range(4):
            session.run(train)
        plain = session.raw_session().run([w, e, step])
    for a, b in zip(ours, plain):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_gradients_of_several_workers_make_one_step():
    opt, train, (w, _, step) = model(tf, 2)
    ended, wrong = [], []
    with tf.train.SingularMonitoredSession(hooks=[opt.make_session_run_hook(True)]) as session:
        raw = session.raw_session()

        def work():
            try:
                while True:
                    raw.run(train)
            except (tf.errors.CancelledError, tf.errors.OutOfRangeError, RuntimeError):        # the session was closed
                ended.append(True)
            except Exception as error:
                wrong.append(error)
        threads = [threading.Thread(target=work, daemon=True) for _ in range(2)]
        for thread in threads:
            thread.start()
        end, taken = time.monotonic() + 30, 0
        while taken < 10 and time.monotonic() < end:
            taken, values = raw.run([step, w])
            time.sleep(0.005)
            np.testing.assert_allclose(values, np.array([1, 2, 3]) * 0.8 ** taken, rtol=1e-5)
    for thread in threads:
        thread.join(30)
    assert taken >= 10 and not wrong and len(ended) == 2


def test_averages_are_kept_by_the_chief():
    opt, train, (w, _, _) = model(tf, 1, average=True)
    with tf.train.SingularMonitoredSession(hooks=[opt.make_session_run_hook(True, num_tokens=0)]) as session:
        for _ in range(3):
            session.run(train)
        shadow = next(v for v in tf.global_variables() if v.op.name == "w/ExponentialMovingAverage")
        found, now = session.raw_session().run([shadow, w])
    assert (found > now).all()


@pytest.mark.parametrize("use, message", [
    (lambda opt, w: opt.get_init_tokens_op(), "should be called after apply_gradients"),
    (lambda opt, w: opt.get_chief_queue_runner(), "Should be called after apply_gradients"),
    (lambda opt, w: opt.apply_gradients([(tf.constant([1.0]), w)]), "Global step is required"),
    (lambda opt, w: opt.apply_gradients([], tf.train.get_or_create_global_step()), "at least one variable"),
    (lambda opt, w: opt.make_session_run_hook(True).begin(), "should be called before using the hook"),
])
def test_what_is_refused(use, message):
    opt = tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.1), 2)
    with pytest.raises(ValueError, match=message):
        use(opt, tf.get_variable("w", [1]))


def test_too_few_tokens_are_refused():
    opt, _, _ = model(tf, 3, 1)
    with pytest.raises(ValueError, match="Too few tokens"):
        opt.get_init_tokens_op(1)
    assert opt.get_slot_names() == [] and opt.variables() == []
