"""Ctrl-C in `fit`: weights of whole steps, no scope left, and training goes on. Many models one after the other leave nothing behind."""
import ast
import gc
import pathlib
import subprocess
import sys
import threading

import numpy as np
import pytest

import graphflow as tf

PROGRAM = pathlib.Path(__file__).with_name("interrupted_fit.py")


def interrupted(count):
    done = subprocess.run([sys.executable, str(PROGRAM), str(count)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return ast.literal_eval(done.stdout.splitlines()[-1])


def test_forty_interrupts_of_a_training():
    assert interrupted(40) == {"interrupts": 40}


@pytest.mark.slow
def test_a_thousand_interrupts_of_a_training():
    assert interrupted(1000) == {"interrupts": 1000}


def small_model(units=3):
    model = tf.keras.Sequential([tf.keras.layers.Dense(units, activation="tanh", input_shape=(4,)), tf.keras.layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def alive():
    """How many graphs and sessions there are."""
    gc.collect()
    return sum(isinstance(x, (tf.Graph, tf.Session)) for x in gc.get_objects())


def after_models(count):
    for _ in range(count):
        tf.keras.backend.clear_session()
        small_model().fit(np.ones((4, 4), "float32"), np.ones(4, "float32"), verbose=0)
    tf.keras.backend.clear_session()
    return alive()


def test_models_leave_no_graphs_behind():
    assert after_models(3) >= after_models(8)


@pytest.mark.slow
def test_two_hundred_models_leave_no_graphs_behind():
    assert after_models(3) >= after_models(200)


def test_models_train_in_threads_of_their_own():
    results = {}

    def work(number):
        with tf.Graph().as_default(), tf.Session().as_default() as session:
            tf.keras.backend.set_session(session)
            model = small_model()
            model.set_weights([np.full(w.shape, 0.1 * number, "float32") for w in model.get_weights()])
            history = model.fit(np.ones((8, 4), "float32"), np.ones(8, "float32"), epochs=3, verbose=0, shuffle=False)
            results[number] = history.history["loss"]

    threads = [threading.Thread(target=work, args=(n,)) for n in (1, 1.5, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    parallel = dict(results)
    for number in (1, 1.5, 2):
        work(number)
    assert parallel == results and len(results) == 3
