"""History, progress bar, and callbacks that watch the training."""
from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from ...core.export import export
from ..utils.progress import Progbar
from .base import Callback


@export("keras.callbacks.History")
class History(Callback):
    """What `fit` returns: `history`, {metric: its value after each epoch}, and `epoch`."""

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value.item() if hasattr(value, "item") else value)
        self.model.history = self


@export("keras.callbacks.BaseLogger")
class BaseLogger(Callback):
    """Puts the means over an epoch of what batches logged into the epoch's logs; stateful_metrics: names logged as they are."""

    def __init__(self, stateful_metrics: Any = None):
        super().__init__()
        self.stateful_metrics = set(stateful_metrics or [])
        self.seen, self.totals = 0, {}    # type: int, dict[str, Any]

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.seen, self.totals = 0, {}

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        size = (logs or {}).get("size", 0) * (logs or {}).get("num_steps", 1)
        self.seen += size
        for name, value in (logs or {}).items():
            self.totals[name] = value if name in self.stateful_metrics else self.totals.get(name, 0) + value * size

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for name in self.params["metrics"]:
            if name in self.totals and logs is not None:
                logs[name] = self.totals[name] if name in self.stateful_metrics else self.totals[name] / self.seen


@export("keras.callbacks.ProgbarLogger")
class ProgbarLogger(Callback):
    """Prints the progress of training and evaluation. count_mode: 'samples' or 'steps'."""

    def __init__(self, count_mode: str = "samples", stateful_metrics: Any = None):
        super().__init__()
        if count_mode not in ("samples", "steps"):
            raise ValueError(f"Unknown `count_mode`: {count_mode}. Expected values are ['samples', 'steps']")
        self.use_steps = count_mode == "steps"
        self.stateful_metrics = set(stateful_metrics or [])
        self.verbose, self.seen, self.target = 0, 0, None    # type: int, int, int | None
        self.progbar: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        self.verbose, self.epochs = self.params["verbose"], self.params["epochs"]

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self.verbose and self.epochs > 1:
            print(f"Epoch {epoch + 1}/{self.epochs}")
        self._start()

    def _start(self) -> None:
        self.target = self.params["steps" if self.use_steps else "samples"]
        self.seen = 0
        self.progbar = Progbar(self.target, verbose=self.verbose, stateful_metrics=self.stateful_metrics,
                               unit_name="step" if self.use_steps else "sample")

    def on_test_begin(self, logs: Any = None) -> None:
        if self.params.get("evaluating"):         # else it is the validation of a training
            self.verbose = self.params["verbose"]
            self._start()

    on_predict_begin = on_test_begin

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        logs = logs or {}
        self.seen += 1 if self.use_steps else logs.get("size", 0) * logs.get("num_steps", 1)
        if self.verbose and (self.target is None or self.seen < self.target):
            self.progbar.update(self.seen, [(n, logs[n]) for n in self.params["metrics"] if n in logs])

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.params.get("evaluating"):
            self.on_batch_end(batch, logs)

    on_predict_batch_end = on_test_batch_end

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._finish(logs)

    def on_test_end(self, logs: Any = None) -> None:
        if self.params.get("evaluating"):
            self._finish(logs)

    on_predict_end = on_test_end

    def _finish(self, logs: Any) -> None:
        if not self.verbose:
            return
        if self.target is None:
            self.progbar.target = self.seen
        names = [*self.params["metrics"], *(n for n in logs or {} if n.startswith("val_") and n not in self.params["metrics"])]
        self.progbar.stateful_metrics |= set(names)       # at the end the values are those of the whole epoch
        self.progbar.update(self.seen, [(n, logs[n]) for n in names if n in (logs or {})], finalize=True)


@export("keras.callbacks.TerminateOnNaN")
class TerminateOnNaN(Callback):
    """Ends training when the loss is no finite number."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is not None and not np.isfinite(loss):
            print(f"Batch {batch}: Invalid loss, terminating training")
            self.model.stop_training = True


@export("keras.callbacks.LambdaCallback")
class LambdaCallback(Callback):
    """A callback of functions given as arguments: on_epoch_end=lambda epoch, logs: ..."""

    def __init__(self, on_epoch_begin: Any = None, on_epoch_end: Any = None, on_batch_begin: Any = None, on_batch_end: Any = None,
                 on_train_begin: Any = None, on_train_end: Any = None, **kwargs: Any):
        super().__init__()
        given = {"on_epoch_begin": on_epoch_begin, "on_epoch_end": on_epoch_end, "on_batch_begin": on_batch_begin,
                 "on_batch_end": on_batch_end, "on_train_begin": on_train_begin, "on_train_end": on_train_end, **kwargs}
        for name, function in given.items():
            if function is not None:
                setattr(self, name, function)


class _Watch(Callback):
    """What callbacks that watch a metric share. mode: 'min', 'max', or 'auto', by the metric's name."""

    def __init__(self, monitor: str, mode: str = "auto", min_delta: float = 0.0):
        super().__init__()
        self.monitor, self.mode = monitor, mode if mode in ("min", "max") else "auto"
        upwards = mode == "max" or self.mode == "auto" and ("acc" in monitor or monitor.startswith("fmeasure"))
        self.monitor_op: Any = np.greater if upwards else np.less
        self.min_delta = abs(min_delta) * (1 if upwards else -1)
        self.worst = -np.inf if upwards else np.inf

    def value(self, logs: Any) -> Any:
        """The watched value; None, with a warning, where it was not logged."""
        found = (logs or {}).get(self.monitor)
        if found is None:
            warnings.warn(f"{type(self).__name__} conditioned on metric `{self.monitor}` which is not available. Available metrics are: "
                          f"{','.join(logs or {})}", RuntimeWarning, stacklevel=2)
        return found

    def better(self, value: Any, best: Any) -> bool:
        return bool(self.monitor_op(value - self.min_delta, best))


@export("keras.callbacks.EarlyStopping")
class EarlyStopping(_Watch):
    """Ends training when a metric has not improved by min_delta for `patience` epochs. baseline: what it has to beat."""

    def __init__(self, monitor: str = "val_loss", min_delta: float = 0, patience: int = 0, verbose: int = 0, mode: str = "auto",
                 baseline: float | None = None, restore_best_weights: bool = False):
        super().__init__(monitor, mode, min_delta)
        self.patience, self.verbose, self.baseline, self.restore_best_weights = patience, verbose, baseline, restore_best_weights
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best: Any = None
        self.best_weights: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best, self.best_weights = self.worst, None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        current = self.value(logs)
        if current is None:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights = self.model.get_weights()
        self.wait += 1
        if self.better(current, self.best):
            self.best, self.best_epoch = current, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.better(current, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.stopped_epoch > 0 and self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                print(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)


@export("keras.callbacks.LearningRateScheduler")
class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch to schedule(epoch), or schedule(epoch, rate)."""

    def __init__(self, schedule: Any, verbose: int = 0):
        super().__init__()
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if not hasattr(self.model.optimizer, "lr"):
            raise ValueError('Optimizer must have a "lr" attribute.')
        now = float(get_rate(self.model.optimizer))
        try:
            rate = self.schedule(epoch, now)
        except TypeError:
            rate = self.schedule(epoch)
        if not isinstance(rate, (float, np.float32, np.float64)):
            raise ValueError(f'The output of the "schedule" function should be float. Got: {rate}')
        self.model.optimizer.lr = rate
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler setting learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None:
            logs["lr"] = get_rate(self.model.optimizer)


@export("keras.callbacks.ReduceLROnPlateau")
class ReduceLROnPlateau(_Watch):
    """Multiplies the learning rate by `factor` when a metric has not improved for `patience` epochs; not below min_lr.

    cooldown: how many epochs it waits after that.
    """

    def __init__(self, monitor: str = "val_loss", factor: float = 0.1, patience: int = 10, verbose: int = 0, mode: str = "auto",
                 min_delta: float = 1e-4, cooldown: int = 0, min_lr: float = 0, **kwargs: Any):
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau does not support a factor >= 1.0. Got {factor}")
        super().__init__(monitor, mode, kwargs.pop("epsilon", min_delta))
        self.factor, self.patience, self.verbose, self.cooldown, self.min_lr = factor, patience, verbose, cooldown, min_lr
        self.wait = self.cooldown_counter = 0
        self.best: Any = self.worst

    def on_train_begin(self, logs: Any = None) -> None:
        self.wait = self.cooldown_counter = 0
        self.best = self.worst

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs is not None:
            logs["lr"] = get_rate(self.model.optimizer)
        current = self.value(logs)
        if current is None:
            return
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.better(current, self.best):
            self.best, self.wait = current, 0
        elif self.cooldown_counter <= 0:
            self.wait += 1
            old = get_rate(self.model.optimizer)
            if self.wait >= self.patience and old > np.float32(self.min_lr):
                new = max(old * self.factor, self.min_lr)
                self.model.optimizer.lr = new
                if self.verbose > 0:
                    print(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {new}.")
                self.cooldown_counter, self.wait = self.cooldown, 0


def get_rate(optimizer: Any) -> Any:
    """The learning rate of an optimizer, a number."""
    return optimizer._number("learning_rate")

