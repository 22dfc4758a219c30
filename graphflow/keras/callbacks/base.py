"""Callback, and the list of them that a training loop calls."""
from __future__ import annotations

from typing import Any

from ...core.export import export

TRAIN, TEST, PREDICT = "train", "test", "predict"


@export("keras.callbacks.Callback")
class Callback:
    """Base class: functions that a model's loops call. `self.model` and `self.params` are set before."""

    def __init__(self) -> None:
        self.validation_data: Any = None
        self.model: Any = None
        self.params: dict[str, Any] = {}

    def set_params(self, params: dict[str, Any]) -> None:
        """What the loop was asked for."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """The model that the loop runs."""
        self.model = model

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a batch of training."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a batch of training."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Before an epoch."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """After an epoch; logs: its metrics, those of validation under `val_`."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a batch of training."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a batch of training."""
        self.on_batch_end(batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a batch of evaluation."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a batch of evaluation."""

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Before a batch of prediction."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """After a batch of prediction."""

    def on_train_begin(self, logs: Any = None) -> None:
        """Before training."""

    def on_train_end(self, logs: Any = None) -> None:
        """After training."""

    def on_test_begin(self, logs: Any = None) -> None:
        """Before evaluation."""

    def on_test_end(self, logs: Any = None) -> None:
        """After evaluation."""

    def on_predict_begin(self, logs: Any = None) -> None:
        """Before prediction."""

    def on_predict_end(self, logs: Any = None) -> None:
        """After prediction."""


class CallbackList:
    """Calls all of them in order. Those of Keras's other lines, which are no Callback, need only the functions they define."""

    def __init__(self, callbacks: Any, model: Any, params: dict[str, Any]):
        self.callbacks, self.model, self.params = list(callbacks), model, params
        for callback in self.callbacks:
            callback.set_params(params)
            callback.set_model(model)
        self._batch_ends = {(mode, when): [getattr(c, f"on_{mode}_batch_{when}") for c in self.callbacks
                                           if _defines(c, mode, when)] for mode in (TRAIN, TEST, PREDICT) for when in ("begin", "end")}

    def append(self, callback: Any) -> None:
        self.__init__([*self.callbacks, callback], self.model, self.params)  # type: ignore[misc]

    def __iter__(self) -> Any:
        return iter(self.callbacks)

    def call(self, name: str, *args: Any) -> None:
        """callback.<name>(*args) of each."""
        for callback in self.callbacks:
            function = getattr(callback, name, None)
            if function is not None:
                function(*args)

    def batch(self, mode: str, when: str, batch: int, logs: Any) -> None:
        """Before or after a batch."""
        for function in self._batch_ends[mode, when]:
            function(batch, logs)


def _defines(callback: Any, mode: str, when: str) -> bool:
    """Whether it does anything there, so that a loop need not call what does nothing."""
    names = [f"on_{mode}_batch_{when}", *([f"on_batch_{when}"] if mode == TRAIN else [])]
    return any(getattr(type(callback), name, None) is not getattr(Callback, name) or name in callback.__dict__ for name in names
               if hasattr(callback, name))
