"""fit, evaluate and predict on batches that come from elsewhere: generators, Sequences, datasets."""
from __future__ import annotations

import warnings
from typing import Any

from ..callbacks.base import PREDICT, TEST, TRAIN, CallbackList
from .batches import Source, is_source
from .looping import Looping, validation_of
from .loops import run_batches, run_steps, unpack


class Streaming(Looping):
    """A compiled network with loops over batches of others."""

    def _fit_source(self, x: Any, y: Any, epochs: int, verbose: int, callbacks: Any, validation_data: Any, shuffle: Any, class_weight: Any,
                    initial_epoch: int, steps_per_epoch: int | None, validation_steps: int | None, validation_freq: Any,
                    validation_split: float) -> Any:
        if y is not None:
            raise ValueError("You passed batches as `x` (a dataset, a generator or a Sequence). In that case, you should not specify a "
                             "target "
                             "`y`: the batches hold it.")
        if validation_split:
            raise ValueError("`validation_split` argument is not supported when input `x` is a dataset or a dataset iterator or a "
                             "generator.")
        source = Source(x, shuffle)
        steps = steps_per_epoch if steps_per_epoch is not None else source.length
        if steps is None and not source.is_dataset and not source.is_sequence:
            raise ValueError("`steps_per_epoch` must be given for a generator, which may have no end: fit(generator, steps_per_epoch=100).")
        first = self._first_batch(source) if not self._outputs else None
        if first is not None:
            self._ensure_inputs(unpack(first, TRAIN)[0])
        done = self._callbacks(callbacks, "steps", {"batch_size": None, "epochs": epochs, "steps": steps, "samples": steps,
                                                    "verbose": verbose,
                                                    "do_validation": validation_data is not None}, TRAIN)
        known = [steps]
        self._class_weight = class_weight
        validation = Source(validation_data) if is_source(validation_data) else None
        running: list[Any] = []

        def epoch() -> list[Any]:
            if not running or source.is_sequence or source.is_dataset and steps_per_epoch is None:
                running[:] = [source.begin(steps_per_epoch is not None)]
            batches = running[0]
            if first is not None and not getattr(source, "replayed", False) and not source.is_sequence and not source.is_dataset:
                batches = running[0] = _after(first, batches)
                source.replayed = True  # type: ignore[attr-defined]
            results, count = run_steps(self, TRAIN, batches, known[0], done)
            if steps is not None and count < steps and not self.stop_training:
                self._warn_of_end(count, steps)
            if known[0] is None:
                known[0] = count
                done.params["steps"] = done.params["samples"] = count
            source.end()
            return results

        def validate() -> list[Any]:
            if validation is None:
                return self._validate_arrays(validation_data, done)
            return self._evaluate_source(validation, validation_steps, done)[0]

        try:
            return self._train(done, range(initial_epoch, epochs), epoch, validate if validation_data is not None else None,
                               validation_freq)
        finally:
            self._class_weight = None

    def _first_batch(self, source: Source) -> Any:
        """A batch that tells a model without inputs what they are; it is trained on too."""
        if source.is_sequence:
            return source.x[0]
        return next(source.begin(False), None)

    def _warn_of_end(self, count: int, steps: int) -> None:
        warnings.warn(f"Your input ran out of data after {count} of {steps} steps; interrupting training. Make sure that your dataset or "
                      "generator can generate at least `steps_per_epoch * epochs` batches. You may need to use the repeat() function when "
                      "building your dataset.", RuntimeWarning, stacklevel=4)
        self.stop_training = True

    def _validate_arrays(self, data: Any, callbacks: CallbackList) -> list[Any]:
        arrays = self._standardize(*validation_of(data), None)
        return run_batches(self, TEST, self._step(TEST).bind(), arrays, 32, callbacks)

    def _evaluate_source(self, x: Any, steps: int | None, callbacks: CallbackList) -> tuple[list[Any], int]:
        source = x if isinstance(x, Source) else Source(x)
        wanted = steps if steps is not None else source.length
        if wanted is None and not source.is_dataset:
            raise ValueError("`steps` (for validation: `validation_steps`) must be given for a generator, which may have no end.")
        return run_steps(self, TEST, source.begin(steps is not None and source.is_dataset), wanted, callbacks)

    def _evaluate_alone(self, x: Any, steps: int | None, verbose: int, callbacks: Any) -> Any:
        source = Source(x)
        wanted = steps if steps is not None else source.length
        done = self._callbacks(callbacks, "steps", {"batch_size": None, "epochs": 1, "steps": wanted, "samples": wanted, "verbose": verbose,
                                                    "do_validation": False, "evaluating": True}, TEST)
        if not self._outputs:
            first = self._first_batch(source)
            self._ensure_inputs(unpack(first, TEST)[0])
            if not source.is_sequence and not source.is_dataset:
                source.x = _after(first, iter(source.x))
        self.reset_metrics()
        done.call("on_test_begin", {})
        results, _ = self._evaluate_source(source, steps, done)
        done.call("on_test_end", dict(zip(self.metrics_names, results)))
        return results[0] if len(results) == 1 else results

    def _predict_source(self, x: Any, steps: int | None, verbose: int, callbacks: Any) -> Any:
        source = Source(x)
        wanted = steps if steps is not None else source.length
        if wanted is None and not source.is_dataset:
            raise ValueError("`steps` must be given for a generator, which may have no end: predict(generator, steps=10).")
        done = self._callbacks(callbacks, "steps", {"batch_size": None, "epochs": 1, "steps": wanted, "samples": wanted, "verbose": verbose,
                                                    "do_validation": False, "evaluating": True, "metrics": []}, PREDICT)
        done.call("on_predict_begin", {})
        results, _ = run_steps(self, PREDICT, source.begin(False), wanted, done)
        done.call("on_predict_end", {})
        return results[0] if len(results) == 1 else results

    # -- the older names ----------------------------------------------------------------------------------------------
    def fit_generator(self, generator: Any, steps_per_epoch: int | None = None, epochs: int = 1, verbose: int = 1, callbacks: Any = None,
                      validation_data: Any = None, validation_steps: int | None = None, validation_freq: Any = 1, class_weight: Any = None,
                      max_queue_size: int = 10, workers: int = 1, use_multiprocessing: bool = False, shuffle: bool = True,
                      initial_epoch: int = 0) -> Any:
        """fit on a generator or a Sequence."""
        return self._fit_source(generator, None, epochs, verbose, callbacks, validation_data, shuffle, class_weight, initial_epoch,
                                steps_per_epoch, validation_steps, validation_freq, 0.0)

    def evaluate_generator(self, generator: Any, steps: int | None = None, callbacks: Any = None, max_queue_size: int = 10,
                           workers: int = 1, use_multiprocessing: bool = False, verbose: int = 0) -> Any:
        """evaluate on a generator or a Sequence."""
        self._check_compiled()
        return self._evaluate_alone(generator, steps, verbose, callbacks)

    def predict_generator(self, generator: Any, steps: int | None = None, callbacks: Any = None, max_queue_size: int = 10,
                          workers: int = 1, use_multiprocessing: bool = False, verbose: int = 0) -> Any:
        """predict on a generator or a Sequence."""
        return self._predict_source(generator, steps, verbose, callbacks)


def _after(first: Any, rest: Any) -> Any:
    yield first
    yield from rest
