"""A training by `fit` that is interrupted at random moments; run by test_interrupts.

usage: interrupted_fit.py COUNT. Prints one line of counts; every name but `interrupts` is a fault. All weights get the same gradients, so
that those of one step are equal in all places.
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

count = int(sys.argv[1])
random.seed(count)
signal.signal(signal.SIGINT, signal.default_int_handler)
layers = [tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", input_shape=(50,)) for _ in range(3)]
x = tf.keras.Input((50,))
model = tf.keras.Model(x, tf.keras.layers.add([layer(x) for layer in layers]))
model.compile(tf.keras.optimizers.SGD(0.001, momentum=0.5), "mse", metrics=["mae"])
pixels, targets = np.ones((256, 50), "float32"), np.ones((256, 1), "float32")
model.fit(pixels, targets, batch_size=8, verbose=0)
main, found = threading.main_thread().ident, collections.Counter()
graph = tf.get_default_graph()


def interrupt_soon():
    """Ctrl-C from outside after a random moment."""
    pause = random.random() * 0.005
    return threading.Thread(target=lambda: (time.sleep(pause), os.kill(os.getpid(), signal.SIGINT)), daemon=True)


for _ in range(count):
    thread = interrupt_soon()
    try:
        thread.start()
        while True:
            model.fit(pixels, targets, batch_size=8, verbose=0, validation_split=0.1)
    except KeyboardInterrupt:
        found["interrupts"] += 1
    thread.join()
    if len({float(v) for w in model.get_weights() for v in w.ravel()}) != 1:
        found["torn weights or mixed steps"] += 1
    if tf.get_default_graph() is not graph or tf.get_default_session() is not None or graph.get_name_scope() or graph._controllers:
        found["scopes left"] += 1
before = model.evaluate(pixels, targets, verbose=0)[0]
model.fit(pixels, targets, batch_size=8, epochs=2, verbose=0)
if not model.evaluate(pixels, targets, verbose=0)[0] <= before:
    found["does not train any more"] += 1
print(dict(found))
