"""fit, evaluate and predict on arrays; the same on single batches."""
from __future__ import annotations

from typing import Any

from ..callbacks.base import PREDICT, TEST, TRAIN, CallbackList
from . import batches as sources
from .arrays import split
from .looping import samples, validation_of
from .loops import run_batches
from .streaming import Streaming


class Trained(Streaming):
    """A compiled network with the loops that train it."""

    def fit(self, x: Any = None, y: Any = None, batch_size: int | None = None, epochs: int = 1, verbose: int = 1, callbacks: Any = None,
            validation_split: float = 0.0, validation_data: Any = None, shuffle: Any = True, class_weight: Any = None,
            sample_weight: Any = None, initial_epoch: int = 0, steps_per_epoch: int | None = None, validation_steps: int | None = None,
            validation_freq: Any = 1, max_queue_size: int = 10, workers: int = 1, use_multiprocessing: bool = False,
            **kwargs: Any) -> Any:
        """Trains for epochs; a History. x, y: arrays, lists or dicts of them; x may be a generator, a Sequence or a tf.data.Dataset.

        validation_split: the share of the arrays' end that is kept for validation; validation_data: (x, y) or (x, y, weights).
        verbose: 0 silent, 1 a bar, 2 a line for each epoch. shuffle: before each epoch, by numpy's global generator; 'batch': whole
        batches. class_weight: {class: weight}. sample_weight: [samples]. Raises RuntimeError before compile(), ValueError for
        arrays that do not fit.
        """
        epochs = kwargs.pop("nb_epoch", epochs)
        if kwargs:
            raise TypeError(f"Unrecognized keyword arguments: {kwargs}")
        self._check_compiled()
        if sources.is_source(x):
            return self._fit_source(x, y, epochs, verbose, callbacks, validation_data, shuffle, class_weight, initial_epoch,
                                    steps_per_epoch, validation_steps, validation_freq, validation_split)
        if x is None and steps_per_epoch is not None:
            return self._fit_source(sources.nothing(), None, epochs, verbose, callbacks, validation_data, shuffle, class_weight,
                                    initial_epoch, steps_per_epoch, validation_steps, validation_freq, validation_split)
        arrays = self._standardize(x, y, sample_weight, class_weight)
        size = samples(arrays)
        validation: Any = None
        if validation_data is not None and not sources.is_source(validation_data):
            validation = self._standardize(*validation_of(validation_data), None)
        elif validation_data is None and validation_split:
            at = int(size * (1.0 - validation_split))
            if not 0.0 < validation_split < 1.0:
                raise ValueError(f"`validation_split` must be between 0 and 1. Received: {validation_split}")
            arrays, validation = split(arrays, at)
            size = samples(arrays)
        batch_size = 32 if batch_size is None else batch_size
        if steps_per_epoch is not None:
            batch_size = -(-size // steps_per_epoch)
        held = len(validation and [a for a in validation if a is not None] or [])
        if verbose:
            more = f", validate on {samples(validation)} samples" if held else ""
            print(f"Train on {size} samples{more}")
        done = self._callbacks(callbacks, "samples", {
            "batch_size": batch_size, "epochs": epochs, "steps": None, "samples": size, "verbose": verbose,
            "do_validation": validation is not None or validation_data is not None}, TRAIN)

        def epoch() -> list[Any]:
            return run_batches(self, TRAIN, self._step(TRAIN).bind(), arrays, batch_size, done, shuffle)

        def validate() -> list[Any]:
            if validation is None:
                return self._evaluate_source(validation_data, validation_steps, done)[0]
            return self._test_arrays(validation, batch_size, done, shuffle=True)      # as TensorFlow: the next epoch's order shows it

        return self._train(done, range(initial_epoch, epochs), epoch,
                           validate if validation is not None or validation_data is not None else None, validation_freq)

    def evaluate(self, x: Any = None, y: Any = None, batch_size: int | None = None, verbose: int = 1, sample_weight: Any = None,
                 steps: int | None = None, callbacks: Any = None, max_queue_size: int = 10, workers: int = 1,
                 use_multiprocessing: bool = False) -> Any:
        """The loss, or the list of loss and metrics (`metrics_names` names them), over all samples."""
        self._check_compiled()
        if sources.is_source(x) or x is None and steps is not None:
            return self._evaluate_alone(sources.nothing() if x is None else x, steps, verbose, callbacks)
        arrays = self._standardize(x, y, sample_weight, None)
        batch_size = 32 if batch_size is None else batch_size
        done = self._callbacks(callbacks, "samples", {"batch_size": batch_size, "epochs": 1, "steps": None, "samples": samples(arrays),
                                                      "verbose": verbose, "do_validation": False, "evaluating": True}, TEST)
        self.reset_metrics()
        done.call("on_test_begin", {})
        results = self._test_arrays(arrays, batch_size, done)
        done.call("on_test_end", dict(zip(self.metrics_names, results)))
        return results[0] if len(results) == 1 else results

    def _test_arrays(self, arrays: list[Any], batch_size: int, callbacks: CallbackList, shuffle: bool = False) -> list[Any]:
        return run_batches(self, TEST, self._step(TEST).bind(), arrays, batch_size, callbacks, shuffle)

    def predict(self, x: Any, batch_size: int | None = None, verbose: int = 0, steps: int | None = None, callbacks: Any = None,
                max_queue_size: int = 10, workers: int = 1, use_multiprocessing: bool = False) -> Any:
        """The outputs for inputs: an array, or a list of them where the model has several outputs."""
        if sources.is_source(x):
            return self._predict_source(x, steps, verbose, callbacks)
        self._ensure_inputs(x)
        arrays = self._input_arrays(x)
        batch_size = 32 if batch_size is None else batch_size
        done = self._callbacks(callbacks, "samples", {"batch_size": batch_size, "epochs": 1, "steps": steps, "samples": samples(arrays),
                                                      "verbose": verbose, "do_validation": False, "evaluating": True, "metrics": []},
                                                      PREDICT)
        done.call("on_predict_begin", {})
        results = run_batches(self, PREDICT, self._step(PREDICT).bind(), arrays, batch_size, done)
        done.call("on_predict_end", {})
        return results[0] if len(results) == 1 else results

    # -- one batch ----------------------------------------------------------------------------------------------------
    def train_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, reset_metrics: bool = True) -> Any:
        """One step of training; the loss, or the list of loss and metrics."""
        return self._one(TRAIN, x, y, sample_weight, class_weight, reset_metrics)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, reset_metrics: bool = True) -> Any:
        """The loss, or the list of loss and metrics, of one batch."""
        return self._one(TEST, x, y, sample_weight, None, reset_metrics)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch."""
        found = self._on_batch(PREDICT, x, None, None)
        return found[0] if len(found) == 1 else found

    def _one(self, mode: str, x: Any, y: Any, sample_weight: Any, class_weight: Any, reset: bool) -> Any:
        self._check_compiled()
        found = self._on_batch(mode, x, y, sample_weight, class_weight)
        if reset:
            self.reset_metrics()
        return found[0] if len(found) == 1 else found
