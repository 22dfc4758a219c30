"""Programs that test_xla_hosts runs in several processes.

    python -m tests.runtime.hosts_programs cluster FOLDER --job_name=worker --task_index=0 --ps_hosts=... --worker_hosts=... [--dies_at=4]
    python -m graphflow run --coordinator HOST:PORT --process-id 0 --processes 2 tests/runtime/hosts_programs.py plain FOLDER
"""
from __future__ import annotations

import argparse
import os
import sys

import numpy as np

import graphflow as tf

STEPS, ROWS = 8, 12


def batches(part, parts):
    """What one of several hosts feeds, step by step: its rows of batches that are the same however many hosts there are."""
    random, rows = np.random.RandomState(0), ROWS // parts
    for _ in range(STEPS):
        x, y = random.randn(ROWS, 6), random.randint(0, 3, ROWS)
        yield x[part * rows:(part + 1) * rows], y[part * rows:(part + 1) * rows]


def model():
    x, y, rate = tf.placeholder(tf.float32, [None, 6]), tf.placeholder(tf.int64, [None]), tf.placeholder(tf.float32, [], "rate")
    hidden = tf.layers.dropout(tf.layers.dense(x, 8, tf.nn.relu), 0.3, training=True, seed=3)
    hidden = tf.layers.batch_normalization(hidden, training=True)
    loss = tf.losses.sparse_softmax_cross_entropy(y, tf.layers.dense(hidden, 3))
    tf.summary.scalar("loss", loss)
    return x, y, rate, loss


def left(folder, name, values):
    np.savez(os.path.join(folder, name), **{key.replace("/", "."): value for key, value in values.items()})


def cluster(arguments):
    """The distributed program of TensorFlow 1's guide."""
    jobs = tf.train.ClusterSpec({"ps": arguments.ps_hosts.split(","), "worker": arguments.worker_hosts.split(",")})
    server = tf.train.Server(jobs, job_name=arguments.job_name, task_index=arguments.task_index)
    if arguments.job_name == "ps":
        server.join()
        return
    number, count = arguments.task_index, jobs.num_tasks("worker")
    with tf.device(tf.train.replica_device_setter(worker_device=f"/job:worker/task:{number}", cluster=jobs)):
        tf.set_random_seed(1)
        x, y, rate, loss = model()
        global_step = tf.train.get_or_create_global_step()
        optimizer = tf.train.SyncReplicasOptimizer(tf.train.MomentumOptimizer(rate, 0.9), count, count)
        with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
            step = optimizer.minimize(loss, global_step=global_step)
    hooks = [tf.train.StopAtStepHook(last_step=STEPS), optimizer.make_session_run_hook(number == 0)]
    logs = os.path.join(arguments.folder, "logs")
    with tf.train.MonitoredTrainingSession(server.target, number == 0, logs, hooks=hooks, save_checkpoint_steps=4,
                                           save_summaries_steps=2) as session:
        first = session.run_step_fn(lambda step_context: step_context.session.run(global_step))
        for part in batches(number, count):
            if session.should_stop():
                break
            values = session.run([loss, global_step, *tf.global_variables(), step],
                                 {x: part[0], y: part[1], rate: 0.05})[:-1]
            if values[1] == arguments.dies_at:
                os._exit(9)
    left(arguments.folder, f"worker{number}.npz", {"first": first, "loss": values[0], "step": values[1]})


def plain(arguments):
    """A program that knows nothing of hosts but for the rows that it reads."""
    part, parts = (int(os.environ.get(name, value)) for name, value in (("PART", 0), ("PARTS", 1)))
    tf.set_random_seed(1)
    x, y, rate, loss = model()
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        step = tf.train.MomentumOptimizer(rate, 0.9).minimize(loss)
    merged, saver = tf.summary.merge_all(), tf.train.Saver()
    with tf.Session() as session, tf.summary.FileWriter(os.path.join(arguments.folder, "logs"), session.graph) as writer:
        session.run(tf.global_variables_initializer())
        for number, (rows, classes) in enumerate(batches(part, parts)):
            value, text, _ = session.run([loss, merged, step], {x: rows, y: classes, rate: 0.05})
            writer.add_summary(text, number)
            print("loss", value)
        saver.save(session, os.path.join(arguments.folder, "model.ckpt"))
        own = session.run(loss, {x: rows[:1], y: classes[:1]})
        left(arguments.folder, f"plain{part}of{parts}.npz", {"own": own, **{v.name: session.run(v) for v in tf.global_variables()}})
        if parts > 1:
            try:
                session.run(step, {x: rows, y: classes, rate: 0.05 * (1 + part)})
            except tf.errors.InvalidArgumentError as error:
                print(error.message, file=sys.stderr)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", choices=["cluster", "plain"])
    parser.add_argument("folder")
    for name in ("ps_hosts", "worker_hosts", "job_name"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--task_index", type=int)
    parser.add_argument("--dies_at", type=int, default=-1)
    arguments = parser.parse_args()
    {"cluster": cluster, "plain": plain}[arguments.program](arguments)


if __name__ == "__main__":
    main()
