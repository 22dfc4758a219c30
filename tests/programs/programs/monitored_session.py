# A monitored session with hooks, checkpoints and a global step; it goes on where it stopped.
import os
import numpy as np
import tensorflow as tf


class Losses(tf.train.SessionRunHook):
    def __init__(self, loss):
        self.loss, self.seen = loss, []

    def before_run(self, run_context):
        return tf.train.SessionRunArgs(self.loss)

    def after_run(self, run_context, run_values):
        self.seen.append(float(run_values.results))

    def end(self, session):
        print("hook saw", len(self.seen), "last %.4f" % self.seen[-1])


def run(last_step):
    with tf.Graph().as_default():
        step = tf.train.get_or_create_global_step()
        w = tf.get_variable("w", initializer=5.0)
        loss = tf.square(w - 1.0)
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss, global_step=step)
        hooks = [tf.train.StopAtStepHook(last_step=last_step), tf.train.NanTensorHook(loss), Losses(loss)]
        with tf.train.MonitoredTrainingSession(checkpoint_dir="checkpoints", hooks=hooks, save_checkpoint_secs=None, save_checkpoint_steps=4,
                                               log_step_count_steps=None, save_summaries_steps=None) as sess:
            while not sess.should_stop():
                _, now = sess.run([train, step])
        print("stopped after", now)


run(6)
run(10)
print(tf.train.latest_checkpoint("checkpoints"), sorted(n for n in os.listdir("checkpoints") if n.endswith(".index")))
print(np.round(tf.train.load_variable("checkpoints", "w"), 4))
