"""A training loop with fetches, saves and restores that is interrupted at random moments; run by test_interrupts.

usage: interrupted_training.py COUNT SIZE FOLDER. Prints one line of counts; every name but `interrupts` is a fault.
"""
import collections
import os
import random
import signal
import sys
import threading
import time

import numpy as np

import graphflow as tf

count, size, folder = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
random.seed(count + size)
signal.signal(signal.SIGINT, signal.default_int_handler)     # in the background of a shell it would be ignored, and the loop wait for ever
weights = [tf.get_variable(f"w{i}", initializer=np.zeros(size, "f"), use_resource=bool(i % 2)) for i in range(4)]
x = tf.placeholder(tf.float32, [size])
step = tf.group(*[w.assign_add(x).op for w in weights])
reads = [w.read_value() for w in weights]
total = tf.add_n([tf.reduce_sum(w.read_value()) for w in weights])
saver = tf.train.Saver(max_to_keep=2)
session = tf.Session()
session.run(tf.global_variables_initializer())
one, prefix, found = np.ones(size, "f"), os.path.join(folder, "model"), collections.Counter()
saver.save(session, prefix)
lock = session._store.lock
names = set()
main = threading.main_thread().ident


def interrupt_soon():
    """Ctrl-C from outside after a random moment."""
    pause = random.random() * 0.004
    return threading.Thread(target=lambda: (time.sleep(pause), os.kill(os.getpid(), signal.SIGINT)), daemon=True)


def work(kind):
    if kind == 0:
        session.run(step, {x: one})
    elif kind == 1:
        session.run([total, *reads])
    elif kind == 2:
        saver.save(session, prefix)
    elif kind == 3:
        saver.restore(session, prefix)
    else:
        with tf.Graph().as_default() as graph, tf.name_scope("a"), tf.variable_scope("b"), tf.control_dependencies([]), tf.device("/cpu:0"):
            tf.constant(1.0)
        names.add((tf.get_default_graph().get_name_scope(), tf.get_variable_scope().name, tf.get_default_graph() is graph))


for _ in range(count):
    thread = interrupt_soon()
    kinds = random.choice([(0,), (0, 1), (0, 2), (0, 3), (4,), (0, 1, 2, 3)])
    try:
        thread.start()
        while True:
            for kind in kinds:
                work(kind)
    except KeyboardInterrupt:
        found["interrupts"] += 1
    thread.join()
    values = session.run(reads)
    if any(v.min() != v.max() for v in values):
        found["torn variables"] += 1
    if len({v[0] for v in values}) > 1:
        found["mixed steps"] += 1
    if lock._holders or lock._queue or lock._state.locked():
        found["locks left"] += 1
    if tf.get_default_graph().get_name_scope() or tf.get_variable_scope().name or tf.get_default_graph()._controllers \
            or tf.get_default_graph() is not weights[0].graph or tf.get_default_session() is not None:
        found["scopes left"] += 1
other = []
thread = threading.Thread(target=lambda: other.append(session.run(total)), daemon=True)
thread.start()
thread.join(20)
if not other:
    found["another thread hangs"] += 1
if names - {("", "", False)}:
    found["scopes left after a whole block"] += 1
print(dict(found))
