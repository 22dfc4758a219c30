"""An epoch of `fit` of three models for MNIST (MLP, CNN, LSTM) beside tf.keras, in graph mode and eagerly.

    python -m tools.bench.keras_fit --tensorflow venv/bin/python          two minutes
    python -m tools.bench.keras_fit --engine numpy --only cnn
    python -m tools.bench.keras_fit --profile mlp                         where graphflow's time goes

Times are processor time per step, the least of several interleaved rounds. The pictures are noise.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from tools.bench.cliffs import Process, measure, profile, serve

MODULES = {"graph": ("graphflow", "tensorflow.compat.v1"), "eager": ("graphflow.compat.v2", "tensorflow")}
STEPS = 20


def _mlp(layers: Any) -> list[Any]:
    return [layers.Flatten(input_shape=(28, 28)), layers.Dense(512, activation="relu"), layers.Dropout(0.2),
            layers.Dense(10, activation="softmax")]


def _cnn(layers: Any) -> list[Any]:
    return [layers.Reshape((28, 28, 1), input_shape=(28, 28)), layers.Conv2D(16, 5, activation="relu"), layers.MaxPooling2D(),
            layers.Conv2D(36, 5, activation="relu"), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax")]


def _lstm(layers: Any) -> list[Any]:
    return [layers.LSTM(64, input_shape=(28, 28)), layers.Dense(10, activation="softmax")]


MODELS: dict[str, tuple[Callable[[Any], list[Any]], int]] = {"mlp": (_mlp, 128), "cnn": (_cnn, 64), "lstm": (_lstm, 64)}     # layers, batch


class Timer:
    """Builds a model in one module and trains it."""

    def __init__(self, implementation: str) -> None:
        module, _, mode = implementation.partition("-")
        self.tf = importlib.import_module(MODULES[mode][module == "tensorflow"])
        if implementation == "tensorflow-graph":
            self.tf.disable_v2_behavior()
        self.epoch: Callable[[], Any] = lambda: None

    def build(self, name: str) -> None:
        make, batch = MODELS[name]
        model = self.tf.keras.Sequential(make(self.tf.keras.layers))
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        random = np.random.RandomState(0)
        x, y = random.rand(batch * STEPS, 28, 28).astype("float32"), random.randint(0, 10, batch * STEPS)
        self.epoch = lambda: model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
        self.epoch()

    def time(self, seconds: float) -> float:
        """Processor seconds of one step, the least of the epochs that fit into `seconds`."""
        found, end = [], time.process_time() + seconds
        while not found or time.process_time() < end:
            begin = time.process_time()
            self.epoch()
            found.append(time.process_time() - begin)
        return min(found) / STEPS


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench.keras_fit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=re.compile, default=re.compile(""), metavar="REGEX", help="models whose names match anywhere")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.5, help="of each round and module")
    parser.add_argument("--engine", default="native", choices=["native", "numpy"])
    parser.add_argument("--tensorflow", default=os.environ.get("GRAPHFLOW_TF_PYTHON"), help="a python that has TensorFlow 2.x and tf_keras")
    parser.add_argument("--profile", choices=MODELS, help="profile one model in graphflow alone")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(Timer(args.serve))
        return 0
    if args.profile:
        profile(Timer("graphflow-graph"), args.profile)
        return 0
    pythons = {"graphflow": sys.executable, **({"tensorflow": args.tensorflow} if args.tensorflow else {})}
    print("| model | mode | graphflow ms | TensorFlow ms | TensorFlow's time / graphflow's |\n|---|---|---|---|---|")
    for mode in MODULES:
        names = {f"{key}-{mode}": python for key, python in pythons.items()}
        processes = {name: Process(name, python, "tools.bench.keras_fit", args.engine) for name, python in names.items()}
        for name in filter(args.only.search, MODELS):
            times, problem = measure(processes, name, args.rounds, args.seconds)
            if problem:
                print(f"{name}: {problem}", flush=True)
                continue
            ours, theirs = times[f"graphflow-{mode}"] * 1e3, times.get(f"tensorflow-{mode}", float("nan")) * 1e3
            print(f"| {name} | {mode} | {ours:.3g} | {theirs:.3g} | {theirs / ours:.2f} |", flush=True)
        for process in processes.values():
            process.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
