"""Keras models as estimators of scikit-learn: for its grid searches, pipelines and cross validation. scikit-learn itself is not needed."""
from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from ...core.export import export
from ..engine.sequential import Sequential
from ..utils.numbers import to_categorical


class _Wrapped:
    """build_fn: a function (or an object that is called, or None for a subclass that is) that gives a compiled model.

    sk_params: arguments of build_fn, and of fit, predict and evaluate.
    """

    def __init__(self, build_fn: Any = None, **sk_params: Any):
        self.build_fn, self.sk_params = build_fn, sk_params
        self.model: Any = None
        self.check_params(sk_params)

    @property
    def _builder(self) -> Any:
        if self.build_fn is None:
            return self.__call__  # type: ignore[operator]
        plain = inspect.isfunction(self.build_fn) or inspect.ismethod(self.build_fn)
        return self.build_fn if plain else self.build_fn.__call__

    def check_params(self, params: dict[str, Any]) -> None:
        """ValueError for an argument that neither build_fn nor fit, predict or evaluate has."""
        users = [Sequential.fit, Sequential.predict, Sequential.predict_classes, Sequential.evaluate, self._builder]
        for name in params:
            if name != "nb_epoch" and not any(name in inspect.signature(user).parameters for user in users):
                raise ValueError(f"{name} is not a legal parameter: neither build_fn nor fit, predict or evaluate has it")

    def get_params(self, **params: Any) -> dict[str, Any]:
        """All arguments, as scikit-learn wants them."""
        return {**self.sk_params, "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> Any:
        """Other arguments; this object."""
        self.check_params(params)
        self.sk_params.update(params)
        return self

    def filter_sk_params(self, fn: Any, override: Any = None) -> dict[str, Any]:
        """Those of the arguments that a function has, and `override`."""
        known = inspect.signature(fn).parameters
        return {**{name: value for name, value in self.sk_params.items() if name in known}, **(override or {})}

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Builds the model and trains it; its History."""
        self.model = self._builder(**self.filter_sk_params(self._builder))
        loss = getattr(self.model.loss, "__name__", self.model.loss)
        if loss == "categorical_crossentropy" and np.ndim(y) != 2:
            y = to_categorical(y)
        return self.model.fit(x, y, **self.filter_sk_params(Sequential.fit, kwargs))


@export("keras.wrappers.scikit_learn.KerasClassifier")
class KerasClassifier(_Wrapped):
    """A classifier. y: classes [samples], of any kind, or rows of ones and zeros; `classes_` are those seen."""

    classes_: Any
    n_classes_: int

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Builds the model and trains it; its History. ValueError for y of other shapes."""
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
        elif y.ndim == 1 or y.ndim == 2:
            self.classes_ = np.unique(y)
            y = np.searchsorted(self.classes_, y)
        else:
            raise ValueError(f"Invalid shape for y: {y.shape}")
        self.n_classes_ = len(self.classes_)
        return super().fit(x, y, **kwargs)

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """The class of each sample."""
        return self.classes_[self.model.predict_classes(x, **self.filter_sk_params(Sequential.predict_classes, kwargs))]

    def predict_proba(self, x: Any, **kwargs: Any) -> Any:
        """[samples, classes]: the probability of each."""
        found = self.model.predict(x, **self.filter_sk_params(Sequential.predict, kwargs))
        return np.hstack([1 - found, found]) if found.shape[1] == 1 else found

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """The accuracy. ValueError where the model was compiled without it."""
        y = np.searchsorted(self.classes_, y)
        if getattr(self.model.loss, "__name__", self.model.loss) == "categorical_crossentropy" and y.ndim != 2:
            y = to_categorical(y)
        found = self.model.evaluate(x, y, **self.filter_sk_params(Sequential.evaluate, kwargs))
        for name, value in zip(self.model.metrics_names, found if isinstance(found, list) else [found]):
            if name in ("accuracy", "acc"):
                return value
        raise ValueError('The model is not configured to compute accuracy. You should pass `metrics=["accuracy"]` to the '
                         "`model.compile()` method.")


@export("keras.wrappers.scikit_learn.KerasRegressor")
class KerasRegressor(_Wrapped):
    """A regressor; its score is the loss, negative, so that a greater one is better."""

    def predict(self, x: Any, **kwargs: Any) -> Any:
        """A number for each sample, or a row of them."""
        return np.squeeze(self.model.predict(x, **self.filter_sk_params(Sequential.predict, kwargs)), axis=-1)

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """The loss, negative."""
        found = self.model.evaluate(x, y, **self.filter_sk_params(Sequential.evaluate, kwargs))
        return -(found[0] if isinstance(found, list) else found)
