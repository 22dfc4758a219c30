"""Features and labels from what an input function returns."""
from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import graphflow as tf

from ..ops.dataset.iterators import IteratorGetNext
from ..train.session_run_hook import SessionRunHook


def arguments_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's arguments: those of functools.partial that are given by name are left out, as is self; classes that are
    called as functions have those of __call__."""
    given = set()
    while hasattr(function, "func") and hasattr(function, "keywords"):        # functools.partial
        given |= set(function.keywords)
        function = function.func
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return tuple(p.name for p in parameters if p.kind in kinds and p.name != "self" and p.name not in given)


class DatasetInitializer(SessionRunHook):
    """Starts the iterator of a dataset that an input function returned."""

    def __init__(self, iterator: Any):
        self._iterator = iterator

    def begin(self) -> None:
        """Makes the initializer, while the graph may still grow."""
        self._initializer = self._iterator.initializer

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Starts it."""
        session.run(self._initializer)


def features_and_labels(result: Any) -> tuple[Any, Any, list[Any]]:
    """(features, labels or None, hooks) from a Dataset, an Iterator's element, a pair, or features alone."""
    hooks: list[Any] = []
    if isinstance(result, tf.data.Dataset):
        iterator = tf.data.make_initializable_iterator(result)
        hooks.append(DatasetInitializer(iterator))
        result = iterator.get_next()
    if isinstance(result, (list, tuple)):
        if len(result) != 2:
            raise ValueError("input_fn should return (features, labels) as a len 2 tuple.")
        return result[0], result[1], hooks
    return result, None, hooks


def features_only(result: Any) -> tuple[Any, list[Any]]:
    """(features, hooks) for a prediction: labels are dropped. Warns where the input has no end."""
    features, _, hooks = features_and_labels(result)
    if not hooks and not tf.get_collection(tf.GraphKeys.QUEUE_RUNNERS) and not _has_iterator():
        tf.logging.warning("This input never ends, as it has neither a dataset nor a queue: predict yields forever. Give a Dataset, "
                           "or tf.estimator.inputs.numpy_input_fn(num_epochs=1).")
    return features, hooks


def _has_iterator() -> bool:
    return any(isinstance(op._op_def, IteratorGetNext) for op in tf.get_default_graph().get_operations())
