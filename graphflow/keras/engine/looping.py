"""What all training loops share: data in the order of placeholders, callbacks, and the loop over epochs."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ..backend.settings import floatx
from ..callbacks.base import PREDICT, TRAIN, CallbackList
from ..callbacks.plain import BaseLogger, History, ProgbarLogger
from .arrays import as_list, same_length, weights_for, weights_of
from .compiling import Compiled
from .node import shape_of


class Looping(Compiled):
    """A compiled network with the parts of loops."""
    _class_weight: Any = None      # that of a training on batches, while it goes on

    def _train(self, callbacks: CallbackList, epochs: Any, run: Any, validate: Any, frequency: Any) -> Any:
        """The loop over epochs."""
        self.stop_training = False
        callbacks.call("on_train_begin", {})
        for epoch in epochs:
            if self.stop_training:
                break
            self.reset_metrics()
            callbacks.call("on_epoch_begin", epoch, {})
            found = run()
            logs: dict[str, Any] = dict(zip(self.metrics_names, found))
            if validate is not None and _is_due(frequency, epoch):
                self.reset_metrics()
                callbacks.call("on_test_begin", {})
                results = validate()
                callbacks.call("on_test_end", {})
                logs.update((f"val_{name}", value) for name, value in zip(self.metrics_names, results))
            callbacks.call("on_epoch_end", epoch, logs)
        callbacks.call("on_train_end", {})
        return self.history

    def _on_batch(self, mode: str, x: Any, y: Any, sample_weight: Any, class_weight: Any = None) -> list[Any]:
        if mode == PREDICT:
            self._ensure_inputs(x)
            return self._step(mode)(self._input_arrays(x))
        if class_weight is None and mode == TRAIN:
            class_weight = self._class_weight
        arrays = self._standardize(x, y, sample_weight, class_weight)
        return self._step(mode)(arrays)

    # -- data ---------------------------------------------------------------------------------------------------------
    def _standardize(self, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> list[Any]:
        """The arrays for the placeholders of inputs, targets and weights."""
        if self._is_free:
            return self._free_arrays(x, y, sample_weight, class_weight)
        self._ensure_inputs(x)
        inputs = self._input_arrays(x)
        fed = [o for o in self._outputs if o.fed_target]
        if y is None and fed and not (isinstance(x, dict) and all(o.name in x for o in fed)):
            raise ValueError(f"No targets given: the model has a loss for {[o.name for o in fed]}; pass y.")
        if isinstance(y, dict):
            unknown = [name for name in y if name not in self.output_names]
            if unknown:
                raise ValueError(f"Unknown entries in target dictionary: {unknown}. Only expected following keys: {self.output_names}")
        targets = as_list(y, [o.name for o in fed], "target", [o.target_shape for o in fed],
                          [o.target.dtype.base_dtype.as_numpy_dtype for o in fed])
        by_name = dict(zip([o.name for o in fed], targets))
        given, classes = weights_of(sample_weight, self.output_names, "sample_weight"), class_weight
        classes = [class_weight] * len(self.output_names) if not _is_by_output(class_weight, self.output_names) else \
            weights_of(class_weight, self.output_names, "class_weight")
        weights = [weights_for(by_name.get(o.name), w, c, o.mode) if o.loss is not None else None
                   for o, w, c in zip(self._outputs, given, classes)]
        self._use_weights(weights)
        kept = [w for w, o in zip(weights, self._outputs) if o.sample_weight is not None]
        same_length(inputs, targets, kept)
        return [*inputs, *targets, *kept]

    def _free_arrays(self, x: Any, y: Any, sample_weight: Any, class_weight: Any) -> list[Any]:
        """The arrays of a batch in a row; how they are nested is noted."""
        if class_weight is not None:
            sample_weight = weights_for(np.asarray(y), sample_weight, class_weight, None)
        form: tuple[Any, ...] = (x,) if y is None and sample_weight is None else (x, y) if sample_weight is None else (x, y, sample_weight)
        form = tuple(np.asarray(part) if isinstance(part, list) and not any(hasattr(v, "shape") for v in part) else part for part in form)
        arrays = [None if a is None else narrowed(np.asarray(a)) for a in tf.nest.flatten(form)]
        self._form = form
        if len({len(a) for a in arrays if a is not None}) > 1:
            raise ValueError("Data cardinality is ambiguous: make sure all arrays contain the same number of samples; they have "
                             f"{[len(a) for a in arrays if a is not None]}.")
        return arrays

    def _input_arrays(self, x: Any) -> list[Any]:
        if self._is_free:
            return self._free_arrays(x, None, None, None)
        names = [name for name, tensor in zip(self.input_names, self.inputs) if any(tensor is t for t in self._feed_inputs)]
        shapes = [shape_of(t) for t in self._feed_inputs] if self._map is not None else None
        if isinstance(x, np.ndarray) and len(names) == 1 and shapes and shapes[0] is not None and len(shapes[0]) == 1:
            return [x]
        return as_list(x, names, "input", shapes, [t.dtype.base_dtype.as_numpy_dtype for t in self._feed_inputs])

    def _callbacks(self, callbacks: Any, count_mode: str, params: dict[str, Any], mode: str) -> CallbackList:
        """The callbacks of a loop: those given between the two of our own and the history."""
        if isinstance(callbacks, CallbackList):
            return callbacks
        given = list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks is not None else []
        stateful = self.metrics_names[0 if self._is_free else 1:] if mode != PREDICT and self._compiled else []
        before: list[Any] = [BaseLogger(stateful)] if mode == TRAIN else []
        bar = [ProgbarLogger(count_mode, stateful)] if params["verbose"] else []
        if mode == TRAIN:
            self.history = History()
        names = self.metrics_names if mode != PREDICT and self._compiled else []
        everything = [*before, *given, *([self.history] if mode == TRAIN else []), *bar]
        return CallbackList(everything, self, {"metrics": names, **params})


def narrowed(array: Any) -> Any:
    """An array of other floats in Keras's float type; a vector as a column."""
    if array.dtype.kind == "f" and array.dtype != floatx():
        array = array.astype(floatx())
    return array[:, None] if array.ndim == 1 else array


def samples(arrays: Any) -> int:
    return next((len(a) for a in arrays or () if a is not None), 0)


def _is_due(frequency: Any, epoch: int) -> bool:
    """Whether an epoch is followed by validation: every so many, or those in a list (counted from 1)."""
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency


def _is_by_output(value: Any, names: list[str]) -> bool:
    return isinstance(value, (list, tuple)) or isinstance(value, dict) and any(key in names for key in value)


def validation_of(data: Any) -> tuple[Any, Any, Any]:
    if not isinstance(data, (list, tuple)) or len(data) not in (2, 3):
        raise ValueError("When passing a `validation_data` argument, it must contain either 2 items (x_val, y_val), or 3 items (x_val, "
                         "y_val, "
                         "val_sample_weights), or alternatively it could be a dataset or a dataset or a dataset iterator. However we "
                         "received "
                         f"`validation_data={str(data)[:100]}`")
    return (*data, None) if len(data) == 2 else tuple(data)
